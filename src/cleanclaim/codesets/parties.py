"""Provider taxonomy and payers, as published lists."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.codesets.table import CodeNotKnown, day, load, number, pick


class Taxonomy(msgspec.Struct, frozen=True):
    """One provider taxonomy code. `medicare_direct` says whether Medicare enrolls the kind to bill."""

    code: str
    label: str
    credential: str
    role: str
    medicare_direct: str
    effective_from: date | None
    effective_to: date | None
    source: str
    confidence: str


class PayerListing(msgspec.Struct, frozen=True):
    """A payer as its public material names it. Days are calendar days; None when not known.

    Limits here are for display; deadlines come from the rule book.
    """

    name: str
    payer_id: str
    kind: str
    states: str
    behavioral_delegate: str
    timely_filing_days: int | None
    appeal_days: int | None
    effective_from: date | None
    effective_to: date | None
    source: str
    confidence: str
    notes: str


def _build_taxonomy(row: dict[str, str]) -> Taxonomy:
    return Taxonomy(
        row["taxonomy"],
        row["plain_label"],
        row["credential"],
        row["role"],
        row["medicare_direct_billing"],
        day(row["effective_from"]),
        day(row["effective_to"]),
        row["source"],
        row["confidence"],
    )


def _build_payer(row: dict[str, str]) -> PayerListing:
    days = row["timely_filing_days"], row["appeal_days"]
    return PayerListing(
        row["payer_name"],
        row["payer_id"],
        row["kind"],
        row["states"],
        row["behavioral_delegate"],
        number(days[0]) if days[0].isdecimal() else None,
        number(days[1]) if days[1].isdecimal() else None,
        day(row["effective_from"]),
        day(row["effective_to"]),
        row["source"],
        row["confidence"],
        row["notes"],
    )


def taxonomy(code: str, on: date) -> Taxonomy:
    """The taxonomy code in force on a date.

    Raises:
        CodeNotKnown: Not among the behavioral kinds that we list.
    """
    found = pick(load("taxonomy", _build_taxonomy, "taxonomy"), code, on)
    if found is None:
        raise CodeNotKnown("taxonomy", code, on)
    return found


def payers(payer_id: str) -> tuple[PayerListing, ...]:
    """Payers that share an electronic payer id, in file order; empty when we list none."""
    return load("payers", _build_payer, "payer_id").get(payer_id, ())
