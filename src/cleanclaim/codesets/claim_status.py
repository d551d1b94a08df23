"""Claim status codes of the 277CA and 277: category (where the claim is) and status (why)."""

from __future__ import annotations

import msgspec

from cleanclaim.codesets.table import CodeNotKnown, load


class StatusCategory(msgspec.Struct, frozen=True):
    """STC01-1. `phase` is ack, pending, finalized, error, …; `work_queue` where staff find it."""

    code: str
    meaning: str
    phase: str
    for_staff: str
    work_queue: str
    source: str
    confidence: str


class Status(msgspec.Struct, frozen=True):
    """STC01-2."""

    code: str
    meaning: str
    work_queue: str
    source: str
    confidence: str


def _build_category(row: dict[str, str]) -> StatusCategory:
    return StatusCategory(
        row["code"],
        row["meaning_own_words"],
        row["phase"],
        row["what_it_means_for_staff"],
        row["work_queue"],
        row["source"],
        row["confidence"],
    )


def _build_status(row: dict[str, str]) -> Status:
    return Status(row["code"], row["meaning_own_words"], row["work_queue"], row["source"], row["confidence"])


def category(code: str) -> StatusCategory:
    """The meaning of a claim status category.

    Raises:
        CodeNotKnown: Not in our copy of the list.
    """
    rows = load("claim_status_category", _build_category).get(code)
    if not rows:
        raise CodeNotKnown("claim_status_category", code)
    return rows[-1]


def status(code: str) -> Status:
    """The meaning of a claim status code.

    Raises:
        CodeNotKnown: Not in our copy of the list (it holds those met in behavioral health).
    """
    rows = load("claim_status", _build_status).get(code)
    if not rows:
        raise CodeNotKnown("claim_status", code)
    return rows[-1]
