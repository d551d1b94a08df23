"""The tables of 837 transactions in a slice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from cleanclaim.x12.arrays import Array, Field, Numbers, Rows, code, spread_field, spread_numbers
from cleanclaim.x12.columns.parts import (
    Problems,
    adjustments,
    amounts,
    groups,
    other_payer_ids,
    parties,
    references,
    remarks,
    service,
)
from cleanclaim.x12.columns.places import CLAIMS, Places
from cleanclaim.x12.columns.tables import Columns, Draft

_SET = "837"
_DIAGNOSES_PER_SEGMENT = 12

_ABOVE = (  # column, segment, its first element, element of the value, level
    ("sequence", "SBR", None, 1, "subscriber"),
    ("filing_code", "SBR", None, 9, "subscriber"),
    ("member_id", "NM1", "IL", 9, "subscriber"),
    ("payer_id", "NM1", "PR", 9, "subscriber"),
    ("billing_id", "NM1", "85", 9, "billing"),
)
_LEVELS = (("billing", ()), ("subscriber", ("billing",)), ("patient", ("subscriber", "billing")))
"""Each level, and the levels whose begin ends it."""


class Context:
    """The columns of claims that come from above them, and what the next slice needs of that."""

    def __init__(self, places: Places) -> None:
        self.places = places
        segments = places.segments
        hl = np.flatnonzero(segments.mask("HL") & (places.kind == CLAIMS))
        self.levels = {
            name: places.last(self._marked(hl[segments.equal(hl, 3, kind)]))
            for name, kind in (("billing", "20"), ("subscriber", "22"), ("patient", "23"))
        }
        self._new_set = places.last(segments.mask("ST"))
        rows = places.of_kind(places.claim_rows, CLAIMS)
        # The last row is asked too: it is what the next slice begins with.
        asked = np.concatenate((rows, [segments.count - 1])).astype(np.int64)
        self.columns: Columns = {}
        self.texts: dict[str, str | None] = {}
        self.level_of: dict[str, int | None] = {}
        found_of: dict[tuple[str, str | None], Array] = {}
        for column, name, role, element, level in _ABOVE:
            if (name, role) not in found_of:
                found = places.of_kind(segments.rows(name), CLAIMS)
                found = found[~places.in_claim(found)]
                if role:
                    found = found[segments.equal(found, 1, role)]
                found_of[name, role] = places.last(self._marked(found))
            texts = self._text(asked, column, found_of[name, role], element, level)
            self.columns[column] = texts.head(len(rows))
            self.texts[column] = texts[-1]
        for level, below in _LEVELS:
            numbers = self._level(asked, level, below)
            self.columns[f"{level}_level"] = Numbers(numbers.values[:-1], numbers.known[:-1])
            self.level_of[level] = int(numbers.values[-1]) if numbers.known[-1] else None

    def _marked(self, rows: Rows) -> Array:
        mark = np.zeros(self.places.segments.count, bool)
        mark[rows] = True
        return mark

    def _level(self, rows: Rows, name: str, below: tuple[str, ...]) -> Numbers:
        """The number of the level above each claim; unknown when a level of kind `below` came after it."""
        at, begun = self.levels[name][rows], self._new_set[rows]
        known, untouched = at > begun, (at == 0) & (begun == 0)
        for other in below:
            known &= at > self.levels[other][rows]
            untouched &= self.levels[other][rows] == 0
        values = self.places.levels[np.maximum(at, 1) - 1]
        carried = self.places.carried.level_of.get(name)
        if carried is not None:
            values, known = np.where(untouched, carried, values), known | untouched
        return Numbers(values, known)

    def _text(self, rows: Rows, key: str, last: Array, element: int, level: str) -> pl.Series:
        """An element of the last segment of a kind above each claim, if it belongs to that level."""
        places = self.places
        at, guard = last[rows], self.levels[level][rows]
        field = places.segments.field(np.maximum(at, 1) - 1, element)
        there = (at > 0) & (at >= guard)
        texts = places.segments.codes(Field(field.begin, np.where(there, field.stop, field.begin)))
        carried = places.carried.texts.get(key)
        if carried is None:
            return texts
        untouched = (at == 0) & (guard == 0) & (self._new_set[rows] == 0)
        old = pl.Series([carried], dtype=pl.String).new_from_index(0, len(rows))
        return texts.zip_with(pl.Series(~untouched), old)


def context(places: Places) -> Context:
    """The context of a slice, made once."""
    if places.above is None:
        places.above = Context(places)
    found: Context = places.above
    return found


def _claims(places: Places, problems: Problems) -> Draft:
    segments = places.segments
    rows = places.of_kind(places.claim_rows, CLAIMS)
    index, height = places.claim_index(rows), len(places.claim_rows)
    place = segments.components(segments.field(rows, 5), 3)
    statements, first, last = _dtp(places, "434", lines=False)
    at = places.claim_index(statements)
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "claim_number": segments.field(rows, 1),
        "charge_cents": problems.cents(_SET, rows, 2),
        "facility_code": segments.codes(place[0]),
        "frequency": segments.codes(place[2]),
        "service_from": spread_numbers(height, at, first).at(index),
        "service_to": spread_numbers(height, at, last).at(index),
        "payer_control_number": _claim_reference(places, "F8", height).at(index),
        **context(places).columns,
    }
    return Draft("claims", columns, len(rows))


def _claim_reference(places: Places, qualifier: str, height: int) -> Field:
    segments = places.segments
    found = places.of_kind(segments.rows("REF"), CLAIMS)
    found = found[places.in_claim(found) & ~places.in_line(found)]
    found = found[segments.equal(found, 1, qualifier)]
    # A REF of another payer (2330B) belongs to that payer.
    found = found[places.last(segments.mask("SBR"))[found] < places.last(segments.mask("CLM"))[found]]
    return spread_field(height, places.claim_index(found), segments.field(found, 2))


def _dtp(places: Places, qualifier: str, *, lines: bool) -> tuple[Rows, Numbers, Numbers]:
    """DTP segments of a kind: rows, first and last day."""
    segments = places.segments
    rows = places.of_kind(segments.rows("DTP"), CLAIMS)
    inside = places.in_line(rows)
    rows = rows[inside if lines else places.in_claim(rows) & ~inside]
    rows = rows[segments.equal(rows, 1, qualifier)]
    field = segments.field(rows, 3)
    first, last = segments.days(field), segments.days(field, 9)
    span = segments.equal(rows, 2, "RD8")
    values = np.where(span, last.values, first.values)
    return rows, first, Numbers(values, np.where(span, last.known, first.known))


def _lines(places: Places, problems: Problems) -> Draft:
    segments = places.segments
    rows = places.of_kind(places.line_rows, CLAIMS)
    height = len(places.line_rows)
    index = places.line_index(rows)
    services = places.of_kind(segments.rows("SV1", "SV2"), CLAIMS)
    services = services[places.in_line(services)]
    at = places.line_index(services)
    professional = segments.ids[services] == code("SV1")

    def either(one: int | None, two: int | None) -> Field:
        """An element of SV1, or that of SV2 with the same meaning, by line."""
        nothing = np.zeros(len(services), np.int32)
        first = segments.field(services, one) if one else Field(nothing, nothing)
        second = segments.field(services, two) if two else Field(nothing, nothing)
        field = Field(
            np.where(professional, first.begin, second.begin), np.where(professional, first.stop, second.stop)
        )
        return spread_field(height, at, field).at(index)

    charge = segments.field(services, 2)
    if not professional.all():
        three = segments.field(services, 3)
        charge = Field(
            np.where(professional, charge.begin, three.begin), np.where(professional, charge.stop, three.stop)
        )
    charges = problems.cents(_SET, services, 2, charge)
    dates, first, last = _dtp(places, "472", lines=True)
    dates_at = places.line_index(dates)
    refs = places.of_kind(segments.rows("REF"), CLAIMS)
    refs = refs[places.in_line(refs)]
    refs = refs[segments.equal(refs, 1, "6R")]
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "number": segments.codes(segments.field(rows, 1)),
        **service(segments, either(1, 2)),
        "charge_cents": spread_numbers(height, at, charges).at(index),
        "unit": segments.codes(either(3, 4)),
        "units": segments.codes(either(4, 5)),
        "revenue_code": segments.codes(either(None, 1)),
        "place_of_service": segments.codes(either(5, None)),
        "diagnosis_pointers": segments.codes(either(7, None)),
        "service_from": spread_numbers(height, dates_at, first).at(index),
        "service_to": spread_numbers(height, dates_at, last).at(index),
        "line_control": spread_field(height, places.line_index(refs), segments.field(refs, 2)).at(index),
    }
    return Draft("lines", columns, len(rows))


def _diagnoses(places: Places, problems: Problems) -> Draft:
    segments = places.segments
    all_rows = places.of_kind(segments.rows("HI"), CLAIMS)
    all_rows = all_rows[places.in_claim(all_rows)]
    rows, numbers = groups(places, all_rows, 1, 1, _DIAGNOSES_PER_SEGMENT)
    field = Field(np.zeros(len(rows), np.int32), np.zeros(len(rows), np.int32))
    for number in np.unique(numbers):
        chosen = numbers == number
        field.begin[chosen], field.stop[chosen] = segments.field(rows[chosen], int(number))
    qualifier, value = segments.components(field, 2)
    kept = value.stop > value.begin
    rows, numbers = rows[kept], numbers[kept]
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "number": Numbers(numbers, np.ones(len(rows), bool)),
        "qualifier": segments.codes(qualifier.at(kept)),
        "code": segments.codes(value.at(kept)),
    }
    return Draft("diagnoses", columns, len(rows))


def _other_payers(places: Places, problems: Problems) -> Draft:
    segments = places.segments
    rows = places.of_kind(segments.rows("SBR"), CLAIMS)
    rows = rows[places.in_claim(rows)]
    height = len(rows)
    paid = places.of_kind(segments.rows("AMT"), CLAIMS)
    paid = paid[places.in_claim(paid) & ~places.in_line(paid)]
    paid = paid[segments.equal(paid, 1, "D")]
    numbers, ids = other_payer_ids(places)
    at, known = _matched(rows, numbers)
    paid_at, paid_known = _matched(rows, places.last(segments.mask("SBR"))[paid])
    cents, _ = segments.cents(segments.field(paid[paid_known], 2))
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "sequence": segments.codes(segments.field(rows, 1)),
        "relationship": segments.codes(segments.field(rows, 2)),
        "filing_code": segments.codes(segments.field(rows, 9)),
        "payer_id": spread_field(height, at[known], ids.at(known)),
        "paid_cents": spread_numbers(height, paid_at[paid_known], cents),
    }
    return Draft("other_payers", columns, height)


def _matched(rows: Rows, numbers: Array) -> tuple[Array, Array]:
    """Where segments with these numbers (from 1) stand among the rows, and whether they do."""
    if not len(rows):
        return np.zeros(len(numbers), np.int64), np.zeros(len(numbers), bool)
    at = np.minimum(np.searchsorted(rows, numbers - 1), len(rows) - 1)
    return at, rows[at] == numbers - 1


def _adjudications(places: Places, problems: Problems) -> Draft:
    segments = places.segments
    rows = places.of_kind(segments.rows("SVD"), CLAIMS)
    rows = rows[places.in_line(rows)]
    dates, day, _ = _dtp(places, "573", lines=True)
    at, known = _matched(rows, places.last(segments.mask("SVD"))[dates])
    qualifier, value = segments.components(segments.field(rows, 3), 2)
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "payer_id": segments.field(rows, 1),
        "paid_cents": problems.cents(_SET, rows, 2),
        "qualifier": segments.codes(qualifier),
        "code": segments.codes(value),
        "units": segments.codes(segments.field(rows, 5)),
        "paid_on": spread_numbers(len(rows), at[known], day.at(known)),
    }
    return Draft("adjudications", columns, len(rows))


MAKERS: dict[str, Callable[[Places, Problems], Draft]] = {
    "claims": _claims,
    "lines": _lines,
    "diagnoses": _diagnoses,
    "other_payers": _other_payers,
    "adjudications": _adjudications,
    "adjustments": lambda places, problems: adjustments(places, problems, CLAIMS, _SET),
    "remarks": lambda places, problems: remarks(places, CLAIMS, _SET),
    "references": lambda places, problems: references(places, CLAIMS, _SET),
    "amounts": lambda places, problems: amounts(places, problems, CLAIMS, _SET),
    "parties": lambda places, problems: parties(places, CLAIMS, _SET),
}
"""How each table is made from a slice."""
