"""What payers write in eligibility and authorization answers (271, 278): rejections, benefit codes.

Meanings and actions are in our own plain words.
"""

from __future__ import annotations

import msgspec

from cleanclaim.codesets.table import CodeNotKnown, load


class EligibilityRejection(msgspec.Struct, frozen=True):
    """One reason of AAA03: what was wrong and what to do about it."""

    code: str
    meaning: str
    action: str
    levels: tuple[str, ...]
    """The loops of a 271 where the guide has it."""


class FollowUp(msgspec.Struct, frozen=True):
    """One code of AAA04: whether the payer wants the question again."""

    code: str
    meaning: str
    may_ask_again: bool | None
    """None when the payer does not say, or says it with a code that we do not know."""


class EligibilityCode(msgspec.Struct, frozen=True):
    """One code of a benefit, such as EB01 = C or EB03 = MH."""

    element: str
    code: str
    meaning: str
    use: str
    """What it is good for in billing."""


UNKNOWN_ACTION = "Look the code up at the payer; our list does not have it."


def _build_rejection(row: dict[str, str]) -> EligibilityRejection:
    return EligibilityRejection(
        row["code"], row["meaning_own_words"], row["action"], tuple(row["levels"].split())
    )


def _build_follow_up(row: dict[str, str]) -> FollowUp:
    return FollowUp(row["code"], row["meaning_own_words"], row["ask_again"] == "yes")


def _build_code(row: dict[str, str]) -> EligibilityCode:
    return EligibilityCode(row["element"], row["code"], row["meaning_own_words"], row["use"])


def _build_reason(row: dict[str, str]) -> str:
    return row["meaning_own_words"]


def rejection(code: str) -> EligibilityRejection:
    """A rejection reason. A code that our list lacks is said to be unknown; nothing is assumed.

    Examples:
        >>> rejection("75").meaning, rejection("75").action
        ('Subscriber not found', 'Check payer and member id; then search other payers.')
        >>> rejection("??").meaning
        'Unknown reason'
    """
    found = load("eligibility_rejections", _build_rejection).get(code)
    return found[0] if found else EligibilityRejection(code, "Unknown reason", UNKNOWN_ACTION, ())


def follow_up(code: str) -> FollowUp:
    """What the payer wants next (AAA04).

    Examples:
        >>> follow_up("N").may_ask_again, follow_up("").may_ask_again
        (False, None)
    """
    found = load("eligibility_follow_up", _build_follow_up).get(code)
    return found[0] if found else FollowUp(code, "Not said" if not code else "Unknown", None)


def decision_reason(code: str) -> str:
    """A reason of an authorization decision (HCR03) in our own words; `''` for none.

    Raises:
        CodeNotKnown: Our list does not have it. Nothing is assumed.

    Examples:
        >>> decision_reason("0G"), decision_reason("")
        ('Level of care does not fit', '')
    """
    if not code:
        return ""
    rows = load("authorization_reasons", _build_reason).get(code)
    if not rows:
        raise CodeNotKnown("authorization_reasons", code)
    return rows[0]


def meaning(element: str, code: str) -> EligibilityCode:
    """A code of a benefit in plain words.

    Args:
        element: EB01 information, EB02 coverage level, EB03 service type, EB04 insurance type, EB06 period,
            EB09 quantity, EB11 authorization, EB12 network, HSD01, HSD03, DTP01.
        code: As sent.

    Raises:
        CodeNotKnown: Our list does not have it. Nothing is assumed.

    Examples:
        >>> meaning("EB03", "MH").meaning
        'Mental health'
    """
    for one in load("eligibility_codes", _build_code).get(code, ()):
        if one.element == element:
            return one
    raise CodeNotKnown(f"eligibility_codes {element}", code)
