"""Which claim of ours a payer's answer is about. Pure, over candidate rows; never a guess.

Rules in order; the first that names exactly one claim decides. A rule that names several says so and
stops the search: what two candidates share, a weaker rule may not settle.

1. ``line_control``    REF*6R of a line is the control number of one of our lines.
2. ``claim_number``    CLP01 is our claim number (trimmed, case ignored).
3. ``claim_number_altered``  CLP01 without leading zeros, punctuation and the payer's suffix is ours.
4. ``payer_control``   CLP07 is a payer control number that we know for a claim.
5. ``facts``           member number, date of service, code and charge are those of one claim.

Rules 3 to 5 also need the charge to agree (or, for a claim answered in parts, not to exceed ours).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from cleanclaim.x12.sets.records import RemitClaim, RemitLine

SUFFIX_MAX = 4
"""Most characters that a payer is known to append to a claim number."""

CLAIM_NUMBER_MIN = 4
"""Shorter claim numbers are never matched by prefix."""


class MatchRule(StrEnum):
    """How a match was made; stored beside it."""

    LINE_CONTROL = "line_control"
    CLAIM_NUMBER = "claim_number"
    CLAIM_NUMBER_ALTERED = "claim_number_altered"
    PAYER_CONTROL = "payer_control"
    FACTS = "facts"
    HINT = "hint"
    NONE = ""


class CandidateLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One service line of ours."""

    line_id: str
    control_number: str
    code: str
    charge_cents: int
    date_of_service: date | None = None
    modifiers: tuple[str, ...] = ()


class Candidate(msgspec.Struct, frozen=True, omit_defaults=True):
    """One claim of ours that may be meant. `key` is what the caller wants back."""

    key: str
    claim_number: str
    charge_cents: int
    member_id: str = ""
    payer_control_numbers: tuple[str, ...] = ()
    lines: tuple[CandidateLine, ...] = ()


class Match(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer: `key` is None when nothing matched, or when candidates tie (`tied` lists their keys).

    `safe` says that a posting may follow without a person: the rule is 1 to 4 and the charge agrees.
    """

    key: str | None
    rule: MatchRule
    why: str
    tied: tuple[str, ...] = ()
    safe: bool = False


class CandidateIndex:
    """Candidates indexed once for all claims of a remittance.

    Keys are unique: of two rows with one key the first stands.
    """

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.by_key: dict[str, Candidate] = {}
        self._by_number: dict[str, list[Candidate]] = {}
        self._by_altered: dict[str, list[Candidate]] = {}
        self._by_line: dict[str, list[Candidate]] = {}
        self._by_control: dict[str, list[Candidate]] = {}
        self._by_facts: dict[tuple[str, date, str], list[Candidate]] = {}
        for candidate in candidates:
            if candidate.key in self.by_key:
                continue
            self.by_key[candidate.key] = candidate
            _add(self._by_number, _folded(candidate.claim_number), candidate)
            _add(self._by_altered, _bare(candidate.claim_number), candidate)
            for number in candidate.payer_control_numbers:
                _add(self._by_control, _folded(number), candidate)
            for line in candidate.lines:
                _add(self._by_line, _folded(line.control_number), candidate)
                if candidate.member_id and line.date_of_service:
                    facts = (_bare(candidate.member_id), line.date_of_service, line.code)
                    _add(self._by_facts, facts, candidate)

    def match(self, claim: RemitClaim) -> Match:
        """Find the claim that one CLP answers. See the module for the rules."""
        for rule in (self._by_lines, self._exact, self._altered, self._payer_control, self._facts):
            found = rule(claim)
            if found is not None:
                return found
        return Match(None, MatchRule.NONE, "no claim of ours has this number, control number or facts")

    def _by_lines(self, claim: RemitClaim) -> Match | None:
        """A line control number decides when it is one claim's alone ("1" may be everybody's)."""
        named = self._by_number.get(_folded(claim.claim_number), [])
        hits: list[Candidate] = []
        for line in claim.lines:
            holders = self._by_line.get(_folded(line.line_control), []) if line.line_control else []
            if len(holders) == 1:
                hits.append(holders[0])
        hits = _unique(hits)
        if not hits:
            return None
        if named and any(hit.key not in {own.key for own in named} for hit in hits):
            # The claim number names one claim and a line of it another.
            return self._tie([*named, *hits], MatchRule.LINE_CONTROL)
        if not named and len(hits) == 1 and not _charge_fits(claim, hits[0]):
            return None
        return self._decide(claim, hits, MatchRule.LINE_CONTROL, "line control number is equal")

    def _exact(self, claim: RemitClaim) -> Match | None:
        hits = self._by_number.get(_folded(claim.claim_number), [])
        return self._decide(claim, hits, MatchRule.CLAIM_NUMBER, "claim number is equal")

    def _altered(self, claim: RemitClaim) -> Match | None:
        bare = _bare(claim.claim_number)
        if len(bare) < CLAIM_NUMBER_MIN:
            return None
        hits = list(self._by_altered.get(bare, ()))
        why = "claim number is equal without leading zeros and punctuation"
        if not hits:
            why = "claim number is equal without the payer's suffix"
            for cut in range(1, SUFFIX_MAX + 1):
                stem = bare[:-cut]
                if len(stem) < CLAIM_NUMBER_MIN:
                    break
                hits += self._by_altered.get(stem, ())
        return self._decide(
            claim, [hit for hit in hits if _charge_fits(claim, hit)], MatchRule.CLAIM_NUMBER_ALTERED, why
        )

    def _payer_control(self, claim: RemitClaim) -> Match | None:
        if not claim.payer_control_number.strip():
            return None
        hits = [
            hit
            for hit in self._by_control.get(_folded(claim.payer_control_number), ())
            if _charge_fits(claim, hit)
        ]
        return self._decide(
            claim, hits, MatchRule.PAYER_CONTROL, "payer control number is known for the claim"
        )

    def _facts(self, claim: RemitClaim) -> Match | None:
        members = {_bare(party.id) for party in (claim.patient, claim.subscriber) if party.id}
        if not members or not claim.lines:
            return None
        remaining: list[Candidate] | None = None
        for line in claim.lines:
            day = line.service_from or claim.service_from
            code = line.submitted_code or line.code
            if day is None:
                return None
            hits = _unique(hit for member in members for hit in self._by_facts.get((member, day, code), ()))
            hits = [hit for hit in hits if any(_line_equal(line, own, day) for own in hit.lines)]
            keys = {hit.key for hit in hits}
            remaining = hits if remaining is None else [hit for hit in remaining if hit.key in keys]
        hits = [hit for hit in remaining or () if _charge_fits(claim, hit)]
        return self._decide(
            claim, hits, MatchRule.FACTS, "member, date of service, code and charge are equal"
        )

    def _decide(
        self, claim: RemitClaim, hits: Sequence[Candidate], rule: MatchRule, why: str
    ) -> Match | None:
        hits = _unique(hits)
        if not hits:
            return None
        if len(hits) > 1:
            return self._tie(hits, rule)
        agrees = _charge_fits(claim, hits[0])
        if not agrees:
            why += "; the charge differs"
        return Match(hits[0].key, rule, why, safe=agrees and rule is not MatchRule.FACTS)

    def _tie(self, hits: Sequence[Candidate], rule: MatchRule) -> Match:
        keys = tuple(hit.key for hit in _unique(hits))
        return Match(
            None, rule, f"{len(keys)} claims fit by {rule.replace('_', ' ')}; a person decides", keys
        )


def match_claims(claims: Sequence[RemitClaim], candidates: Iterable[Candidate]) -> list[Match]:
    """Match every CLP of a remittance; one answer per claim, in file order."""
    index = CandidateIndex(candidates)
    return [index.match(claim) for claim in claims]


def match_lines(claim: RemitClaim, lines: Sequence[CandidateLine]) -> dict[int, str]:
    """Which of our lines each answered line is about.

    Order: line control number; then code as sent (SVC06, else SVC01), date, charge and modifiers; then
    code, date and charge. Never by order alone, and each of our lines is used once, except that lines
    with one control number (a line that the payer split) share theirs.

    Returns:
        Place of the line in its CLP, from 1 -> our line id. Lines that fit nothing, or several equally,
        are left out.
    """
    found: dict[int, str] = {}
    by_control: dict[str, list[CandidateLine]] = {}
    for own in lines:
        by_control.setdefault(_folded(own.control_number), []).append(own)
    for number, line in enumerate(claim.lines, start=1):
        same = by_control.get(_folded(line.line_control), []) if line.line_control else []
        if len(same) == 1:
            found[number] = same[0].line_id
    for with_modifiers in (True, False):
        used = set(found.values())
        free = [own for own in lines if own.line_id not in used]
        wanted: dict[int, list[str]] = {}
        for number, line in enumerate(claim.lines, start=1):
            if number in found:
                continue
            day = line.service_from or claim.service_from
            modifiers = line.submitted_modifiers if line.submitted_code else line.modifiers
            fits = [
                own.line_id
                for own in free
                if _line_equal(line, own, day) and (not with_modifiers or own.modifiers == modifiers)
            ]
            if len(fits) == 1:
                wanted[number] = fits
        for number, fits in wanted.items():
            if sum(other == fits for other in wanted.values()) == 1:
                found[number] = fits[0]
    return found


def _add(table: dict[Any, list[Candidate]], key: object, candidate: Candidate) -> None:
    rows = table.setdefault(key, []) if key else [candidate]
    if not rows or rows[-1] is not candidate:
        rows.append(candidate)


def _unique(hits: Iterable[Candidate]) -> list[Candidate]:
    return list({hit.key: hit for hit in hits}.values())


def _folded(text: str) -> str:
    return text.strip().upper()


_PUNCTUATION = re.compile(r"[^A-Z0-9]")


def _bare(text: str) -> str:
    """Upper case, letters and digits only, no leading zeros."""
    return _PUNCTUATION.sub("", text.upper()).lstrip("0")


def _charge_fits(claim: RemitClaim, candidate: Candidate) -> bool:
    """The charge agrees, or the payer answers a part of it."""
    return (
        0 < abs(claim.charge_cents) <= candidate.charge_cents or claim.charge_cents == candidate.charge_cents
    )


def _line_equal(line: RemitLine, own: CandidateLine, day: date | None) -> bool:
    return (
        own.code == (line.submitted_code or line.code)
        and abs(line.charge_cents) == own.charge_cents
        and (day is None or own.date_of_service is None or own.date_of_service == day)
    )
