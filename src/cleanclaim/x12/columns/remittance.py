"""The tables of 835 transactions in a slice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cleanclaim.x12.arrays import Array, Field, Numbers, Rows, spread_field, spread_numbers
from cleanclaim.x12.columns.parts import (
    Problems,
    adjustments,
    amounts,
    parties,
    provider_adjustments,
    references,
    remarks,
    service,
)
from cleanclaim.x12.columns.places import REMITTANCE, Places
from cleanclaim.x12.columns.tables import Columns, Draft

_SET = "835"


def _payments(places: Places, problems: Problems) -> Draft:
    segments = places.segments
    rows = places.of_kind(segments.rows("BPR"), REMITTANCE)
    transactions, keep = np.unique(places.transaction(rows), return_index=True)
    rows = rows[keep]
    height = len(rows)
    paid = problems.cents(_SET, rows, 2)
    debit = segments.equal(rows, 3, "D")
    paid = Numbers(np.where(debit, -paid.values, paid.values), paid.known)

    def of_payment(name: str, element: int, qualifier: str = "") -> Field:
        found = places.of_kind(segments.rows(name), REMITTANCE)
        found = found[~places.in_claim(found)]
        if qualifier:
            found = found[segments.equal(found, 1, qualifier)]
        numbers = places.transaction(found)
        at = np.searchsorted(transactions, numbers)
        known = transactions[np.minimum(at, height - 1)] == numbers if height else np.zeros(len(found), bool)
        return spread_field(height, at[known], segments.field(found[known], element))

    columns: Columns = {
        **places.columns(rows, _SET),
        "control_number": of_payment("ST", 2),
        "handling": segments.field(rows, 1),
        "paid_cents": paid,
        "method": segments.field(rows, 4),
        "paid_on": segments.days(segments.field(rows, 16)),
        "trace_number": of_payment("TRN", 2),
        "trace_payer_id": of_payment("TRN", 3),
        "production_date": segments.days(of_payment("DTM", 2, "405")),
        "payer_name": of_payment("N1", 2, "PR"),
        "payer_id": of_payment("N1", 4, "PR"),
        "payee_name": of_payment("N1", 2, "PE"),
        "payee_id": of_payment("N1", 4, "PE"),
    }
    return Draft("payments", columns, height)


def _claims(places: Places, problems: Problems) -> Draft:
    segments = places.segments
    rows = places.of_kind(places.claim_rows, REMITTANCE)
    day = _Days(places, places.claim_index, len(places.claim_rows), places.claim_index(rows), lines=False)
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "claim_number": segments.field(rows, 1),
        "status": segments.codes(segments.field(rows, 2)),
        "charge_cents": problems.cents(_SET, rows, 3),
        "paid_cents": problems.cents(_SET, rows, 4),
        "patient_cents": problems.cents(_SET, rows, 5),
        "filing_code": segments.codes(segments.field(rows, 6)),
        "payer_control_number": segments.field(rows, 7),
        "facility_code": segments.codes(segments.field(rows, 8)),
        "frequency": segments.codes(segments.field(rows, 9)),
        "service_from": day("232"),
        "service_to": day("233"),
        "received_on": day("050"),
    }
    return Draft("claims", columns, len(rows))


def _lines(places: Places, problems: Problems) -> Draft:
    segments = places.segments
    rows = places.of_kind(places.line_rows, REMITTANCE)
    height = len(places.line_rows)
    index = places.line_index(rows)
    day = _Days(places, places.line_index, height, index, lines=True)

    def of_line(name: str, qualifier: str) -> tuple[Rows, Array]:
        found = places.of_kind(segments.beginning(name, qualifier), REMITTANCE)
        inside = places.in_line(found)
        found = found if inside.all() else found[inside]
        return found, places.line_index(found)

    controls, control_at = of_line("REF", "6R")
    allowed, allowed_at = of_line("AMT", "B6")
    allowed_cents, _ = segments.cents(segments.field(allowed, 2))
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "line": places.line(rows),
        **service(segments, segments.field(rows, 1)),
        "charge_cents": problems.cents(_SET, rows, 2),
        "paid_cents": problems.cents(_SET, rows, 3),
        "allowed_cents": spread_numbers(height, allowed_at, allowed_cents).at(index),
        "revenue_code": segments.codes(segments.field(rows, 4)),
        "units": segments.codes(segments.field(rows, 7)),
        "units_paid": segments.codes(segments.field(rows, 5)),
        "submitted_code": segments.composites(segments.field(rows, 6), 2)[1],
        "service_from": day("472", "150"),
        "service_to": day("472", "151"),
        "line_control": spread_field(height, control_at, segments.field(controls, 2)).at(index),
    }
    return Draft("lines", columns, len(rows))


class _Days:
    """The dates (DTM) of lines, or those of claims outside of lines; each is read once."""

    def __init__(
        self, places: Places, index: Callable[[Rows], Array], height: int, wanted: Array, *, lines: bool
    ) -> None:
        self.segments, self.index, self.height, self.wanted = places.segments, index, height, wanted
        self.places, self.lines = places, lines
        self.read: dict[str, Numbers] = {}

    def __call__(self, *qualifiers: str) -> Numbers:
        """The first date with the first of the qualifiers that a claim or line has."""
        found = self.of(qualifiers[0])
        for qualifier in qualifiers[1:]:
            if not found.known.all():
                other = self.of(qualifier)
                values = np.where(found.known, found.values, other.values)
                found = Numbers(values, found.known | other.known)
        return found if len(self.wanted) == self.height else found.at(self.wanted)

    def of(self, qualifier: str) -> Numbers:
        found = self.read.get(qualifier)
        if found is None:
            rows = self.places.of_kind(self.segments.beginning("DTM", qualifier), REMITTANCE)
            inside = self.places.in_line(rows)
            if not self.lines:
                inside = self.places.in_claim(rows) & ~inside
            rows = rows if inside.all() else rows[inside]
            days = self.segments.days(self.segments.field(rows, 2))
            found = self.read[qualifier] = spread_numbers(self.height, self.index(rows), days)
        return found


MAKERS: dict[str, Callable[[Places, Problems], Draft]] = {
    "payments": _payments,
    "claims": _claims,
    "lines": _lines,
    "adjustments": lambda places, problems: adjustments(places, problems, REMITTANCE, _SET),
    "remarks": lambda places, problems: remarks(places, REMITTANCE, _SET),
    "references": lambda places, problems: references(places, REMITTANCE, _SET),
    "amounts": lambda places, problems: amounts(places, problems, REMITTANCE, _SET),
    "provider_adjustments": lambda places, problems: provider_adjustments(places, problems, _SET),
    "parties": lambda places, problems: parties(places, REMITTANCE, _SET),
}
"""How each table is made from a slice."""
