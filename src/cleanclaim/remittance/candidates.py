"""Scored candidates for an answer that no number settles, each with the why in words.

`match_claims` decides by numbers. What is left goes to a person, and this module puts the likeliest claims
of ours in front of them: names that nearly agree, the day, the code, the amount. A score never posts
anything. What the person decides is remembered in `hints`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import msgspec
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from cleanclaim.money import dollars
from cleanclaim.remittance.matching import Candidate
from cleanclaim.x12.sets.records import RemitClaim

WEIGHTS = {"member": 30, "name": 25, "date": 20, "charge": 15, "code": 10, "number": 25}
"""Points that each fact can give; the score is their share of what could be compared, 0 to 100."""

LIKELY, POSSIBLE = 85, 55
"""From here a candidate is called likely; below the second it is not shown."""


class KnownClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """A claim of ours with what a person would compare. Names stay inside: no text repeats them."""

    candidate: Candidate
    last_name: str = ""
    first_name: str = ""
    birth_date: date | None = None
    payer_id: str = ""
    is_answered: bool = False
    """This payer has answered it before (in full)."""


class Reason(msgspec.Struct, frozen=True):
    """One fact compared. `points` of `most`; `text` is fit for a biller and names nobody."""

    fact: str
    points: int
    most: int
    text: str


class ScoredCandidate(msgspec.Struct, frozen=True):
    """One claim that may be meant."""

    key: str
    score: int
    """0 to 100."""
    reasons: tuple[Reason, ...]

    @property
    def is_likely(self) -> bool:
        """Good enough to stand first; still for a person to decide."""
        return self.score >= LIKELY

    @property
    def why(self) -> str:
        """The reasons in one sentence."""
        return "; ".join(reason.text for reason in self.reasons)


def score_candidates(
    claim: RemitClaim, known: Iterable[KnownClaim], *, most: int = 10, payer_ids: Sequence[str] = ()
) -> list[ScoredCandidate]:
    """The claims of ours that an answer may be about, best first.

    Args:
        known: Claims of the practice near the answer's dates; the caller narrows them down.
        payer_ids: Numbers of the payer; a claim that was sent to another payer loses points.

    Returns:
        At most `most`, by falling score, then by key. Scores of equals do not depend on the order given.

    Source:
        transactions.md 4.9, rules 4 and 5; the weights are ours.
    """
    found = [_score(claim, one, tuple(payer_ids)) for one in known]
    kept = [one for one in found if one.score >= POSSIBLE]
    return sorted(kept, key=lambda one: (-one.score, one.key))[:most]


def _score(claim: RemitClaim, known: KnownClaim, payer_ids: tuple[str, ...]) -> ScoredCandidate:
    own = known.candidate
    reasons = [
        reason
        for reason in (
            _number(claim, own),
            _member(claim, own),
            _name(claim, known),
            _date(claim, own),
            _code(claim, own),
            _charge(claim, own),
        )
        if reason is not None
    ]
    possible = sum(reason.most for reason in reasons)
    score = round(Decimal(100 * sum(reason.points for reason in reasons)) / possible) if possible else 0
    if possible < WEIGHTS["name"] + WEIGHTS["date"]:
        score = min(score, POSSIBLE)
    if known.payer_id and payer_ids and known.payer_id not in payer_ids:
        score = max(0, score - 20)
        reasons.append(Reason("payer", 0, 0, "the claim went to another payer"))
    if known.is_answered and claim.status != "22":
        score = max(0, score - 10)
        reasons.append(Reason("answered", 0, 0, "this payer has answered the claim before"))
    return ScoredCandidate(own.key, score, tuple(reasons))


_PUNCTUATION = re.compile(r"[^A-Z0-9]")


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", text.upper())


def _number(claim: RemitClaim, own: Candidate) -> Reason | None:
    """CLP01 nearly ours: a digit read wrongly from paper, two turned. Compared only when it resembles."""
    theirs, ours = _bare(claim.claim_number), _bare(own.claim_number)
    if len(theirs) < 5 or len(ours) < 5:
        return None
    distance = Levenshtein.distance(theirs, ours, score_cutoff=2)
    if distance > 2:
        return None
    most = WEIGHTS["number"]
    points = {0: most, 1: most - 5, 2: most - 12}[distance]
    text = "claim number is equal" if not distance else f"claim number differs in {distance} characters"
    return Reason("number", points, most, text)


def _member(claim: RemitClaim, own: Candidate) -> Reason | None:
    theirs = {
        _bare(party.id) for party in (claim.patient, claim.subscriber, claim.corrected_patient) if party.id
    }
    ours = _bare(own.member_id)
    if not theirs or not ours:
        return None
    most = WEIGHTS["member"]
    if ours in theirs:
        return Reason("member", most, most, "member number is equal")
    stems = {number[:9] for number in theirs if len(number) >= 9}
    if len(ours) >= 9 and ours[:9] in stems:
        return Reason("member", most - 8, most, "member number is equal but for its ending")
    if any(Levenshtein.distance(ours, number, score_cutoff=1) == 1 for number in theirs):
        return Reason("member", most - 12, most, "member number differs in one character")
    return Reason("member", 0, most, "member number differs")


def _name(claim: RemitClaim, known: KnownClaim) -> Reason | None:
    """Likeness of last and first name, order and accents aside; a middle name does no harm."""
    parties = [party for party in (claim.patient, claim.corrected_patient, claim.subscriber) if party.name]
    if not parties or not known.last_name:
        return None
    ours_last, ours_first = _folded(known.last_name), _folded(known.first_name)
    best = 0
    for party in parties:
        last, first = _folded(party.name), _folded(party.first_name)
        whole = fuzz.token_set_ratio(f"{last} {first}", f"{ours_last} {ours_first}")
        turned = fuzz.ratio(f"{first} {last}", f"{ours_last} {ours_first}")
        parts = fuzz.ratio(last, ours_last) * 6 // 10
        parts += (fuzz.partial_ratio(first, ours_first) if first and ours_first else 60) * 4 // 10
        best = max(best, min(100, int(max(turned, parts, min(whole, parts + 10)))))
    most = WEIGHTS["name"]
    if best >= 97:
        return Reason("name", most, most, "patient's name is equal")
    if best >= 85:
        return Reason("name", most * best // 100, most, "patient's name is nearly equal")
    if best >= 70:
        return Reason("name", most * (best - 30) // 100, most, "patient's name is similar")
    return Reason("name", 0, most, "patient's name differs")


def _folded(text: str) -> str:
    """Upper case, letters only, words kept."""
    return " ".join(re.sub(r"[^A-Z ]", "", text.upper().replace("-", " ")).split())


def _days(claim: RemitClaim) -> set[date]:
    days = {line.service_from for line in claim.lines if line.service_from}
    if not days and claim.service_from:
        days = {claim.service_from}
    return days


def _date(claim: RemitClaim, own: Candidate) -> Reason | None:
    theirs = _days(claim)
    ours = {line.date_of_service for line in own.lines if line.date_of_service}
    if not theirs or not ours:
        return None
    most = WEIGHTS["date"]
    if theirs <= ours:
        return Reason("date", most, most, "date of service is equal")
    if theirs & ours:
        return Reason("date", most // 2, most, "some dates of service are equal")
    apart = min(abs((one - other).days) for one in theirs for other in ours)
    if apart <= 1:
        return Reason("date", most // 4, most, "date of service is one day apart")
    return Reason("date", 0, most, f"date of service is {apart} days apart")


def _code(claim: RemitClaim, own: Candidate) -> Reason | None:
    theirs = {line.submitted_code or line.code for line in claim.lines} - {""}
    ours = {line.code for line in own.lines}
    if not theirs or not ours:
        return None
    most = WEIGHTS["code"]
    if theirs <= ours:
        return Reason("code", most, most, "codes are equal")
    if theirs & ours:
        return Reason("code", most // 2, most, "some codes are equal")
    return Reason("code", 0, most, "codes differ")


def _charge(claim: RemitClaim, own: Candidate) -> Reason | None:
    charge = abs(claim.charge_cents)
    if not charge:
        return None
    most = WEIGHTS["charge"]
    if charge == own.charge_cents:
        return Reason("charge", most, most, "charge is equal")
    sent = {line.charge_cents for line in own.lines}
    if all(abs(line.charge_cents) in sent for line in claim.lines) and claim.lines:
        return Reason("charge", most * 2 // 3, most, "charges of its lines are equal, the answer is a part")
    apart = abs(charge - own.charge_cents)
    return Reason("charge", 0, most, f"charge differs by {dollars(apart)}")
