"""The codes of a claim status, as a result and in our own words."""

from __future__ import annotations

from cleanclaim.codesets.claim_status import category as status_category
from cleanclaim.codesets.claim_status import status as status_meaning
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.x12.sets.records import ClaimStatus

REJECTING_CATEGORIES = frozenset({"A3", "A4", "A5", "A6", "A7", "A8"})
ACCEPTING_CATEGORIES = frozenset({"A1", "A2"})


def spellings(number: str) -> list[str]:
    """A control number as it may be written: as sent, without zeros, padded to nine."""
    bare = number.strip().lstrip("0")
    return sorted({number.strip(), bare, bare.rjust(9, "0"), bare.rjust(4, "0")} - {""})


def result_of(one: ClaimStatus) -> str:
    categories = {info.category for info in one.statuses}
    if one.action == "U" or categories & REJECTING_CATEGORIES:
        return "rejected"
    if categories & ACCEPTING_CATEGORIES or one.action == "WQ":
        return "accepted"
    if any(code[:1] in "PR" for code in categories if code):
        return "pending"
    return "information"


def codes_of(one: ClaimStatus) -> str:
    parts = (
        ":".join(part for part in (info.category, info.status, info.entity) if part) for info in one.statuses
    )
    return " ".join(parts)


def meaning_of(one: ClaimStatus) -> str:
    """The codes in our words; the sender's free text is left out, since it may name a patient."""
    words: list[str] = []
    for info in one.statuses:
        for look_up, code in ((status_category, info.category), (status_meaning, info.status)):
            try:
                words.append(look_up(code).meaning.rstrip("."))
            except CodeNotKnown:
                words.append(f"code {code}") if code else None
    return "; ".join(dict.fromkeys(words))
