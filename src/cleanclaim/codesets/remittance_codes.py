"""What payers write in remittances: adjustment reasons (CARC), remarks (RARC), provider adjustments (PLB).

Meanings are in our own plain words. What to do about a denial is decided by `cleanclaim.denials`;
`default_action` here is only its starting point.
"""

from __future__ import annotations

import msgspec

from cleanclaim.codesets.table import CodeNotKnown, load


class Carc(msgspec.Struct, frozen=True):
    """One claim adjustment reason code.

    Attributes:
        active: False when the code was deactivated; payers still send some of these.
        usual_groups: Group codes it usually comes with: CO, PR, OA, PI.
        denial_category: authorization, eligibility, timely_filing, contractual, …
        default_action: Starting point of the work: CORRECT_FREQ7, APPEAL_AUTH, WRITE_OFF_CONTRACT, …
    """

    code: str
    meaning: str
    active: bool
    usual_groups: tuple[str, ...]
    group_rule: str
    denial_category: str
    default_action: str
    source: str
    confidence: str


class Rarc(msgspec.Struct, frozen=True):
    """One remittance advice remark code. `kind` is supplemental or informational."""

    code: str
    meaning: str
    kind: str
    category: str
    usual_next_step: str
    source: str
    confidence: str


class ProviderAdjustment(msgspec.Struct, frozen=True):
    """One PLB reason. A positive PLB amount lowers the payment."""

    code: str
    meaning: str
    sign_effect: str
    note: str
    ledger_class: str
    posting_type: str
    source: str
    confidence: str


def _build_carc(row: dict[str, str]) -> Carc:
    groups = row["usual_groups"].replace(";", " ").replace("/", " ").replace(",", " ").split()
    return Carc(
        row["code"],
        row["meaning_own_words"],
        row["status"] == "active",
        tuple(groups),
        row["group_rule"],
        row["denial_category"],
        row["default_action"],
        row["source"],
        row["confidence"],
    )


def _build_rarc(row: dict[str, str]) -> Rarc:
    return Rarc(
        row["code"],
        row["meaning_own_words"],
        row["kind"],
        row["category"],
        row["usual_next_step"],
        row["source"],
        row["confidence"],
    )


def _build_plb(row: dict[str, str]) -> ProviderAdjustment:
    return ProviderAdjustment(
        row["code"],
        row["meaning_own_words"],
        row["sign_effect_on_payment"],
        row["note"],
        row["ledger_class"],
        row["posting_type"],
        row["source"],
        row["confidence"],
    )


def carc(code: str) -> Carc:
    """The meaning of an adjustment reason code.

    Raises:
        CodeNotKnown: Not in our copy of the list.

    Examples:
        >>> carc("45").denial_category
        'contractual'
    """
    rows = load("carc", _build_carc).get(code)
    if not rows:
        raise CodeNotKnown("carc", code)
    return rows[-1]


def rarc(code: str) -> Rarc:
    """The meaning of a remark code.

    Raises:
        CodeNotKnown: Not in our copy of the list.
    """
    rows = load("rarc", _build_rarc).get(code)
    if not rows:
        raise CodeNotKnown("rarc", code)
    return rows[-1]


def plb(code: str) -> ProviderAdjustment:
    """The meaning of a provider-level adjustment reason.

    Raises:
        CodeNotKnown: Not in our copy of the list.
    """
    rows = load("plb", _build_plb).get(code)
    if not rows:
        raise CodeNotKnown("plb", code)
    return rows[-1]
