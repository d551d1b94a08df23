"""The tables and their columns: one definition for frames, files, SQL and documentation.

Keys: `transaction`, `claim`, `line` and `level` count from 1 within a file, over all its interchanges.
`segment` counts from ST = 1 inside its transaction, `offset` is the byte of the segment in the file.
Amounts end in ``_cents``. A value that is absent, or cannot be read, is null; what could not be read is
in the table `problems`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from cleanclaim.x12.arrays import Field, Numbers
from cleanclaim.x12.columns.segments import Segments

Columns = dict[str, pl.Series | Field | Numbers]
"""Columns on their way into a table: elements become text, days since 1970 become dates."""

_TEXT, _CENTS, _DAY, _KEY, _SMALL = pl.String, pl.Int64, pl.Date, pl.Int64, pl.Int32

_PLACE = {"file": _TEXT, "set_id": _TEXT, "transaction": _KEY, "segment": _KEY, "offset": _KEY}


def _table(**columns: type[pl.DataType]) -> dict[str, type[pl.DataType]]:
    return {**_PLACE, **columns}


SCHEMAS: dict[str, dict[str, type[pl.DataType]]] = {
    "payments": _table(
        control_number=_TEXT, handling=_TEXT, paid_cents=_CENTS, method=_TEXT, paid_on=_DAY,
        trace_number=_TEXT, trace_payer_id=_TEXT, production_date=_DAY,
        payer_name=_TEXT, payer_id=_TEXT, payee_name=_TEXT, payee_id=_TEXT,
    ),
    "claims": _table(
        claim=_KEY, claim_number=_TEXT, charge_cents=_CENTS, facility_code=_TEXT, frequency=_TEXT,
        status=_TEXT, paid_cents=_CENTS, patient_cents=_CENTS, filing_code=_TEXT,
        payer_control_number=_TEXT, service_from=_DAY, service_to=_DAY, received_on=_DAY,
        sequence=_TEXT, member_id=_TEXT, payer_id=_TEXT, billing_id=_TEXT,
        billing_level=_KEY, subscriber_level=_KEY, patient_level=_KEY,
    ),
    "lines": _table(
        claim=_KEY, line=_KEY, number=_TEXT, qualifier=_TEXT, code=_TEXT,
        modifier_1=_TEXT, modifier_2=_TEXT, modifier_3=_TEXT, modifier_4=_TEXT,
        charge_cents=_CENTS, paid_cents=_CENTS, allowed_cents=_CENTS, revenue_code=_TEXT,
        unit=_TEXT, units=_TEXT, units_paid=_TEXT, submitted_code=_TEXT, place_of_service=_TEXT,
        diagnosis_pointers=_TEXT, service_from=_DAY, service_to=_DAY, line_control=_TEXT,
    ),
    "adjustments": _table(
        claim=_KEY, line=_KEY, payer_id=_TEXT, group_code=_TEXT, reason=_TEXT, amount_cents=_CENTS,
        quantity=_TEXT,
    ),
    "remarks": _table(claim=_KEY, line=_KEY, kind=_TEXT, code=_TEXT),
    "references": _table(claim=_KEY, line=_KEY, qualifier=_TEXT, value=_TEXT),
    "amounts": _table(claim=_KEY, line=_KEY, qualifier=_TEXT, amount_cents=_CENTS),
    "provider_adjustments": _table(
        provider_id=_TEXT, period_end=_DAY, code=_TEXT, reference=_TEXT, amount_cents=_CENTS,
    ),
    "diagnoses": _table(claim=_KEY, number=_SMALL, qualifier=_TEXT, code=_TEXT),
    "other_payers": _table(
        claim=_KEY, sequence=_TEXT, relationship=_TEXT, filing_code=_TEXT, payer_id=_TEXT,
        paid_cents=_CENTS,
    ),
    "adjudications": _table(
        claim=_KEY, line=_KEY, payer_id=_TEXT, paid_cents=_CENTS, qualifier=_TEXT, code=_TEXT,
        units=_TEXT, paid_on=_DAY,
    ),
    "parties": _table(
        claim=_KEY, line=_KEY, level=_KEY, role=_TEXT, kind=_TEXT, name=_TEXT, first_name=_TEXT,
        id_qualifier=_TEXT, id=_TEXT, street=_TEXT, city=_TEXT, state=_TEXT, postal_code=_TEXT,
    ),
    "problems": _table(element=_TEXT, code=_TEXT),
}  # fmt: skip
"""Column types by table. `claim` and `line` are null where a row belongs to none."""


_NULLS = {kind: pl.Series([None], dtype=kind) for schema in SCHEMAS.values() for kind in schema.values()}


def empty(name: str) -> pl.DataFrame:
    """A table without rows."""
    return pl.DataFrame(schema=SCHEMAS[name])


class Draft(NamedTuple):
    """A table whose texts are still places in the bytes."""

    name: str
    columns: Columns
    height: int


def finished(segments: Segments, drafts: Sequence[Draft]) -> list[pl.DataFrame]:
    """Tables of their schemas; columns that a draft has not are null. All texts are cut out in one go."""
    fields = [value for draft in drafts for value in draft.columns.values() if isinstance(value, Field)]
    texts = iter(segments.cut(fields))
    return [_finished(draft, texts) for draft in drafts]


def _finished(draft: Draft, texts: Iterator[pl.Series]) -> pl.DataFrame:
    found: dict[str, pl.Series] = {}
    for key, value in draft.columns.items():
        if isinstance(value, Field):
            found[key] = next(texts)
        elif isinstance(value, Numbers):
            numbers = pl.Series(key, value.values)
            found[key] = numbers if value.known.all() else numbers.set(pl.Series(~value.known), None)
        else:
            found[key] = value
    series = []
    for column, kind in SCHEMAS[draft.name].items():
        one = found.get(column)
        if one is None:
            one = _NULLS[kind].new_from_index(0, draft.height)
        series.append((one.cast(kind) if one.dtype != kind else one).alias(column))
    return pl.DataFrame(series)
