"""The tables of 835 transactions in a slice."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from cleanclaim.x12.columns.parts import (
    Problems,
    adjustments,
    amounts,
    parties,
    provider_adjustments,
    references,
    remarks,
)
from cleanclaim.x12.columns.places import REMITTANCE, Places, spread
from cleanclaim.x12.columns.segments import cents, days
from cleanclaim.x12.columns.tables import shaped

_SET = "835"


def _payments(places: Places, problems: Problems) -> pl.DataFrame:
    segments = places.segments
    rows = places.of_kind(segments.rows("BPR"), REMITTANCE)
    transactions = places.transaction(rows)
    keep = transactions.is_first_distinct()
    rows, transactions = rows.filter(keep), transactions.filter(keep)
    height = len(rows)
    bpr = segments.texts(rows, {"handling": 1, "amount": 2, "sign": 3, "method": 4, "paid_on": 16})
    paid = problems.cents(_SET, rows, 2, bpr["amount"])
    paid = (-paid).zip_with((bpr["sign"] == "D").fill_null(False), paid)
    index = {number: at for at, number in enumerate(transactions)}

    def of_payment(name: str, wanted: dict[str, int], qualifier: str = "") -> dict[str, pl.Series]:
        found = places.of_kind(segments.rows(name), REMITTANCE)
        found = found.filter(~places.in_claim(found))
        if qualifier:
            found = found.filter(segments.equal(found, 1, qualifier))
        texts = segments.texts(found, wanted)
        at = pl.Series([index.get(one) for one in places.transaction(found)], dtype=pl.Int64)
        known = at.is_not_null()
        return {key: spread(texts[key].filter(known), at.filter(known), height) for key in wanted}

    return shaped(
        "payments",
        {
            **places.columns(rows, _SET),
            "texts": bpr.select("handling", "method"),
            "paid_cents": paid,
            "paid_on": days(bpr["paid_on"]),
            **of_payment("ST", {"control_number": 2}),
            **of_payment("TRN", {"trace_number": 2, "trace_payer_id": 3}),
            "production_date": days(of_payment("DTM", {"day": 2}, "405")["day"]),
            **of_payment("N1", {"payer_name": 2, "payer_id": 4}, "PR"),
            **of_payment("N1", {"payee_name": 2, "payee_id": 4}, "PE"),
        },
        height,
    )


def _claims(places: Places, problems: Problems) -> pl.DataFrame:
    segments = places.segments
    rows = places.of_kind(places.claim_rows, REMITTANCE)
    texts = segments.texts(
        rows, {"claim_number": 1, "charge": 3, "paid": 4, "patient": 5, "payer_control_number": 7}
    )
    codes = {"status": 2, "filing_code": 6, "facility_code": 8, "frequency": 9}
    height = len(places.claim_rows)
    index = places.claim_index(rows)
    dates = _dates(places, lines=False)
    day = _Days(places, dates, places.claim_index(dates), height, index)
    return shaped(
        "claims",
        {
            **places.columns(rows, _SET),
            "claim": places.claim(rows),
            "texts": texts.select("claim_number", "payer_control_number"),
            **{name: segments.codes(rows, at) for name, at in codes.items()},
            "charge_cents": problems.cents(_SET, rows, 3, texts["charge"]),
            "paid_cents": problems.cents(_SET, rows, 4, texts["paid"]),
            "patient_cents": problems.cents(_SET, rows, 5, texts["patient"]),
            "service_from": day("232"),
            "service_to": day("233"),
            "received_on": day("050"),
        },
        len(rows),
    )


def _lines(places: Places, problems: Problems) -> pl.DataFrame:
    segments = places.segments
    rows = places.of_kind(places.line_rows, REMITTANCE)
    height = len(places.line_rows)
    index = places.line_index(rows)
    texts = segments.texts(rows, {"service": 1, "charge": 2, "paid": 3, "submitted": 6})
    codes = {"revenue_code": 4, "units_paid": 5, "units": 7}
    service = segments.components(
        texts["service"], ("qualifier", "code", "modifier_1", "modifier_2", "modifier_3", "modifier_4")
    )
    submitted = segments.components(texts["submitted"], ("qualifier", "submitted_code"))
    dates = _dates(places, lines=True)
    day = _Days(places, dates, places.line_index(dates), height, index)

    def of_line(name: str, qualifier: str) -> tuple[pl.Series, pl.Series]:
        found = places.of_kind(segments.rows(name), REMITTANCE)
        found = found.filter(segments.equal(found, 1, qualifier) & places.in_line(found))
        return found, segments.text(found, 2)

    controls, control = of_line("REF", "6R")
    allows, allowed = of_line("AMT", "B6")
    return shaped(
        "lines",
        {
            **places.columns(rows, _SET),
            "claim": places.claim(rows),
            "line": places.line(rows),
            "service": service,
            **{name: segments.codes(rows, at) for name, at in codes.items()},
            "submitted_code": submitted["submitted_code"],
            "charge_cents": problems.cents(_SET, rows, 2, texts["charge"]),
            "paid_cents": problems.cents(_SET, rows, 3, texts["paid"]),
            "allowed_cents": spread(cents(allowed), places.line_index(allows), height).gather(index),
            "line_control": spread(control, places.line_index(controls), height).gather(index),
            "service_from": day("472", "150"),
            "service_to": day("472", "151"),
        },
        len(rows),
    )


def _dates(places: Places, *, lines: bool) -> pl.Series:
    """The DTM segments of lines, or those of claims outside of lines."""
    rows = places.of_kind(places.segments.rows("DTM"), REMITTANCE)
    inside = places.in_line(rows)
    return rows.filter(inside if lines else places.in_claim(rows) & ~inside)


class _Days:
    """Dates of claims or lines by qualifier; one that serves two columns is read once."""

    def __init__(
        self, places: Places, rows: pl.Series, index: pl.Series, height: int, wanted: pl.Series
    ) -> None:
        self.segments = places.segments
        self.rows, self.index, self.height, self.wanted = rows, index, height, wanted
        self.read: dict[str, pl.Series] = {}

    def __call__(self, *qualifiers: str) -> pl.Series:
        """The first date with the first of the qualifiers that a claim or line has."""
        found = self.of(qualifiers[0])
        for qualifier in qualifiers[1:]:
            found = found.zip_with(found.is_not_null(), self.of(qualifier))
        return found.gather(self.wanted)

    def of(self, qualifier: str) -> pl.Series:
        found = self.read.get(qualifier)
        if found is None:
            chosen = self.segments.equal(self.rows, 1, qualifier)
            texts = self.segments.text(self.rows.filter(chosen), 2)
            found = self.read[qualifier] = spread(days(texts), self.index.filter(chosen), self.height)
        return found


MAKERS: dict[str, Callable[[Places, Problems], pl.DataFrame]] = {
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
