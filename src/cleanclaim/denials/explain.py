"""Why money was denied and what to do about it, in plain words.

Steps are the playbook's action, led by what the facts of the claim make likeliest: with an
authorization on file, "no authorization" is a correction and not an appeal. Guards say what must not
happen meanwhile. Deadlines are the rule book's business; only the name of the rule is given here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from cleanclaim.claim import PayerKind
from cleanclaim.codesets.remittance_codes import carc as carc_row
from cleanclaim.codesets.remittance_codes import rarc as rarc_row
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.denials.playbook import PLAYBOOK, Classification, classify_denial
from cleanclaim_data.loader import read_yaml

STEPS_FILE = "playbooks/denial_steps.yaml"
LEADING_STEPS = 2
CAUSE_LENGTH = 300
"""Most characters of a cause."""

# Reason codes that must come with a remark that is no mere alert (CARC list of 2025-11-01).
REMARK_REQUIRED = frozenset(
    {"16", "96", "129", "148", "201", "226", "227", "234", "237", "250", "251", "252", "267", "307", "A1"}
)


class ClaimFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What we know of the denied claim. None means unknown: nothing is concluded from it."""

    payer_kind: PayerKind | None = None
    in_network: bool | None = None
    has_authorization: bool | None = None
    has_filing_proof: bool | None = None
    coverage_active: bool | None = None
    other_payer_known: bool | None = None
    first_claim_paid: bool | None = None
    first_claim_denied: bool | None = None
    capitated: bool | None = None
    never_bill_patient: bool | None = None
    care_ongoing: bool | None = None


class DenialExplanation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A denial, explained.

    Attributes:
        cause: At most 300 characters.
        steps: Likeliest first; the first two are fit to be buttons.
        guards: What must not happen while it is worked.
        deadline_rule: Name of the limit that runs; the rule book knows its days.
        matched_by: How the playbook was read: ``remark``, ``default``, ``carc_table``, ``unknown``.
    """

    category: str
    cause: str
    steps: tuple[str, ...]
    owner: str
    action_code: str
    guards: tuple[str, ...] = ()
    evidence: str = ""
    prevention: str = ""
    deadline_rule: str = ""
    sources: tuple[str, ...] = ()
    confidence: str = ""
    matched_by: str = ""


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    when: dict[str, list[str] | bool]
    step: str = ""
    say: str = ""
    id: str = ""


class _Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    confidence: str
    steps: tuple[_Rule, ...]
    guards: tuple[_Rule, ...]


@cache
def _rules() -> _Steps:
    return msgspec.convert(read_yaml(STEPS_FILE), _Steps)


def explain(
    group: str, carc: str, remarks: Sequence[str] = (), facts: ClaimFacts | None = None
) -> DenialExplanation:
    """Explain one denied adjustment.

    Args:
        group: CO, PR, OA or PI.
        carc: Reason code without its group.
        remarks: Line and claim remarks.
        facts: What is known of the claim; left out, the playbook alone answers.

    Examples:
        >>> explain("CO", "197", ["M62"], ClaimFacts(has_authorization=True)).steps[0][:41]
        'Put the authorization number on the claim'
    """
    remarks = tuple(dict.fromkeys(remarks))
    known = classify_denial(carc, remarks)
    seen = _seen(group, carc, remarks, known, facts or ClaimFacts())
    rules = _rules()
    leading = [rule.step for rule in rules.steps if _fits(rule.when, seen)][:LEADING_STEPS]
    steps = tuple(dict.fromkeys(leading + _own_steps(known, remarks)))
    row = known.row
    sources = [f"{PLAYBOOK} row {row.number}: {row.source}"] if row else []
    carc_source, carc_confidence = _carc_source(carc)
    if carc_source:
        sources.append(f"CARC {carc}: {carc_source}")
    if leading:
        sources.append(f"{STEPS_FILE}: {rules.source}")
    return DenialExplanation(
        known.category,
        _cause(known, remarks),
        steps,
        known.owner or "biller",
        known.action_code,
        tuple(rule.say for rule in rules.guards if _fits(rule.when, seen)),
        row.evidence if row else "",
        row.prevention if row else "",
        row.deadline_rule if row else "",
        tuple(sources),
        row.confidence if row else carc_confidence,
        known.matched_by,
    )


def _seen(
    group: str, carc: str, remarks: tuple[str, ...], known: Classification, facts: ClaimFacts
) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(facts, name) for name in facts.__struct_fields__}
    values.update(
        group=(group,),
        carc=(carc,),
        remark=remarks,
        category=(known.category,),
        action_code=(known.action_code,),
        payer_kind=(facts.payer_kind,) if facts.payer_kind else (),
        remark_missing=carc in REMARK_REQUIRED and not remarks,
    )
    return values


def _fits(when: Mapping[str, list[str] | bool], seen: Mapping[str, object]) -> bool:
    """Every condition holds. ``not_x`` excludes; an unknown fact (None) fits neither true nor false."""
    for name, wanted in when.items():
        if isinstance(wanted, bool):
            if seen[name] is not wanted:
                return False
            continue
        values = seen[name.removeprefix("not_")]
        if any(value in wanted for value in values) is name.startswith("not_"):  # type: ignore[attr-defined]
            return False
    return True


_SENTENCE = re.compile(r"(?<=[.;])\s+")


def _own_steps(known: Classification, remarks: tuple[str, ...]) -> list[str]:
    """The playbook's action in sentences; without a row, the usual next step of a remark."""
    text = known.row.action if known.row else ""
    if not text:
        for remark in remarks:
            try:
                text = rarc_row(remark).usual_next_step
                break
            except CodeNotKnown:
                continue
    text = text or "Read the payer's policy and call when the reason is not clear"
    steps = (part.strip(" ;.") for part in _SENTENCE.split(text))
    return [step[0].upper() + step[1:] + "." for step in steps if step]


def _cause(known: Classification, remarks: tuple[str, ...]) -> str:
    cause = known.cause.rstrip(".")
    for remark in remarks:
        try:
            meaning = rarc_row(remark).meaning.rstrip(".")
        except CodeNotKnown:
            continue
        more = f"{cause}. {remark}: {meaning}"
        if len(more) < CAUSE_LENGTH:
            cause = more
    return f"{cause[: CAUSE_LENGTH - 1]}."


def _carc_source(carc: str) -> tuple[str, str]:
    try:
        row = carc_row(carc)
    except CodeNotKnown:
        return "", "unknown"
    return row.source, row.confidence
