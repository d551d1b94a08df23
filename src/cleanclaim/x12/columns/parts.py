"""Tables that remittances and claims make alike: adjustments, remarks, references, amounts, parties."""

from __future__ import annotations

import numpy as np
import polars as pl

from cleanclaim.x12.arrays import Array, Field, Numbers, Rows, code
from cleanclaim.x12.columns.places import CLAIMS, REMITTANCE, Places
from cleanclaim.x12.columns.segments import Segments
from cleanclaim.x12.columns.tables import Columns, Draft, empty, finished

_MOST_PROBLEMS = 10_000
"""For each element of a slice: a hostile file must not fill the memory."""

_SERVICE = ("qualifier", "code", "modifier_1", "modifier_2", "modifier_3", "modifier_4")


class Problems:
    """Collects what could not be read, as rows of the table `problems`."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.frames: list[pl.DataFrame] = []

    def cents(self, set_id: str, rows: Rows, element: int, field: Field | None = None) -> Numbers:
        """Amounts in cents; a text that is none becomes unknown and a problem."""
        segments = self.places.segments
        amounts, bad = segments.cents(segments.field(rows, element) if field is None else field)
        if bad.any():
            self.tell(set_id, rows[bad], element, "x12.columns.amount_unreadable")
        return amounts

    def tell(self, set_id: str, rows: Rows, element: int, what: str) -> None:
        rows = rows[:_MOST_PROBLEMS]
        names = [_name(int(number)) for number in self.places.segments.ids[rows]]
        elements = pl.Series([f"{name}{element:02d}" for name in names], dtype=pl.String)
        codes = pl.Series([what], dtype=pl.String).new_from_index(0, len(rows))
        columns: Columns = {**self.places.columns(rows, set_id), "element": elements, "code": codes}
        self.frames += finished(self.places.segments, [Draft("problems", columns, len(rows))])

    def table(self) -> pl.DataFrame:
        return pl.concat(self.frames) if self.frames else empty("problems")


def _name(number: int) -> str:
    return number.to_bytes(4, "little").rstrip(b"\0").decode("latin-1")


def service(segments: Segments, field: Field) -> dict[str, pl.Series]:
    """The components of a procedure: qualifier, code, modifiers."""
    return dict(zip(_SERVICE, segments.composites(field, len(_SERVICE)), strict=True))


def groups(places: Places, rows: Rows, first: int, step: int, most: int) -> tuple[Rows, Array]:
    """The repeating groups of elements in a segment, such as the triples of CAS: rows and first elements.

    A group with neither of its first two elements is none.
    """
    segments = places.segments
    sizes = segments.sizes(rows)
    found_rows, found_elements = [], []
    for group in range(most):
        element = first + step * group
        chosen = rows if not group and (sizes >= element).all() else rows[sizes >= element]
        if not len(chosen):
            break
        one, two = segments.field(chosen, element), segments.field(chosen, element + 1)
        filled = (one.stop > one.begin) | (two.stop > two.begin)
        chosen = chosen if filled.all() else chosen[filled]
        found_rows.append(chosen)
        found_elements.append(np.full(len(chosen), element, np.int32))
    if not found_rows:
        return rows[:0], np.zeros(0, np.int32)
    if len(found_rows) == 1:
        return found_rows[0], found_elements[0]
    all_rows, elements = np.concatenate(found_rows), np.concatenate(found_elements)
    order = np.lexsort((elements, all_rows))
    return all_rows[order], elements[order]


def _element_of(segments: Segments, rows: Rows, elements: Array, step: int) -> Field:
    """An element whose number differs by row."""
    if not len(rows) or (elements == elements[0]).all():
        return segments.field(rows, int(elements[0]) + step if len(rows) else 1)
    field = Field(np.zeros(len(rows), np.int32), np.zeros(len(rows), np.int32))
    for element in np.unique(elements):
        chosen = elements == element
        found = segments.field(rows[chosen], int(element) + step)
        field.begin[chosen], field.stop[chosen] = found
    return field


def adjustments(places: Places, problems: Problems, kind: int, set_id: str) -> Draft:
    """The triples of CAS segments in claims and lines."""
    segments = places.segments
    all_rows = places.of_kind(segments.rows("CAS"), kind)
    all_rows = all_rows[places.in_claim(all_rows)]
    rows, elements = groups(places, all_rows, 2, 3, 6)
    columns: Columns = {
        **places.columns(rows, set_id),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "group_code": segments.codes(segments.field(rows, 1)),
        "reason": segments.codes(_element_of(segments, rows, elements, 0)),
        "amount_cents": problems.cents(set_id, rows, 3, _element_of(segments, rows, elements, 1)),
        "quantity": segments.codes(_element_of(segments, rows, elements, 2)),
    }
    if kind == CLAIMS:
        columns["payer_id"] = _payer_of_adjustments(places, rows)
    return Draft("adjustments", columns, len(rows))


def _payer_of_adjustments(places: Places, rows: Rows) -> Field:
    """SVD01 of a line's adjudication, or the id of the other payer (2330B) of a claim."""
    segments = places.segments
    svd = places.last(segments.mask("SVD"))[rows]
    in_line = places.in_line(rows)
    adjudicated = in_line & (svd > places.last(segments.mask("LX"))[rows])
    line_payer = segments.field(np.maximum(svd, 1) - 1, 1)
    sbrs, ids = other_payer_ids(places)
    sbr = places.last(segments.mask("SBR"))[rows]
    at = np.searchsorted(sbrs, sbr)
    known = np.zeros(len(rows), bool)
    if len(sbrs):
        at = np.minimum(at, len(sbrs) - 1)
        known = ~in_line & (sbrs[at] == sbr)
    nothing = np.zeros(len(rows), np.int32)
    claim_payer = ids.at(at) if len(sbrs) else Field(nothing, nothing)
    begin = np.where(adjudicated, line_payer.begin, np.where(known, claim_payer.begin, 0))
    stop = np.where(adjudicated, line_payer.stop, np.where(known, claim_payer.stop, 0))
    return Field(begin, stop)


def other_payer_ids(places: Places) -> tuple[Array, Field]:
    """The number of each SBR that names another payer (NM1*PR within a claim), and its id; the first one."""
    segments = places.segments
    rows = places.of_kind(segments.rows("NM1"), CLAIMS)
    rows = rows[places.in_claim(rows) & ~places.in_line(rows)]
    rows = rows[segments.equal(rows, 1, "PR")]
    numbers, first = np.unique(places.last(segments.mask("SBR"))[rows], return_index=True)
    return numbers, segments.field(rows[first], 9)


def remarks(places: Places, kind: int, set_id: str) -> Draft:
    """Remark codes: LQ of lines, MOA and MIA of claims and of other payers."""
    segments = places.segments
    rows = places.of_kind(segments.rows("LQ"), kind)
    rows = rows[places.in_line(rows) & segments.equal(rows, 1, "HE", "RX")]
    field = segments.field(rows, 2)
    rows = rows[field.stop > field.begin]
    found: list[tuple[Rows, int]] = [(rows, 2)]
    for name, elements in (("MOA", (3, 4, 5, 6, 7)), ("MIA", (5, 20, 21, 22, 23))):
        rows = places.of_kind(segments.rows(name), kind)
        rows = rows[places.in_claim(rows)]
        for element in elements if len(rows) else ():
            field = segments.field(rows, element)
            found.append((rows[field.stop > field.begin], element))
    rows = np.concatenate([one for one, _ in found])
    at = np.concatenate([np.full(len(one), element, np.int32) for one, element in found])
    if len(found) > 1:
        order = np.lexsort((at, rows))
        rows, at = rows[order], at[order]
    is_line = segments.ids[rows] == code("LQ")
    kinds = pl.Series([_name(int(number)) for number in segments.ids[rows]], dtype=pl.String)
    columns: Columns = {
        **places.columns(rows, set_id),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "kind": segments.codes(segments.field(rows, 1)).zip_with(pl.Series(is_line, dtype=pl.Boolean), kinds),
        "code": segments.codes(_element_of(segments, rows, at, 0)),
    }
    return Draft("remarks", columns, len(rows))


def references(places: Places, kind: int, set_id: str) -> Draft:
    """REF segments of claims and lines, and those of the payment or the parties above them."""
    segments = places.segments
    rows = places.of_kind(segments.rows("REF"), kind)
    columns: Columns = {
        **places.columns(rows, set_id),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "qualifier": segments.codes(segments.field(rows, 1)),
        "value": segments.field(rows, 2),
    }
    return Draft("references", columns, len(rows))


def amounts(places: Places, problems: Problems, kind: int, set_id: str) -> Draft:
    """AMT segments of claims and lines."""
    segments = places.segments
    rows = places.of_kind(segments.rows("AMT"), kind)
    rows = rows[places.in_claim(rows)]
    columns: Columns = {
        **places.columns(rows, set_id),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "qualifier": segments.codes(segments.field(rows, 1)),
        "amount_cents": problems.cents(set_id, rows, 2),
    }
    return Draft("amounts", columns, len(rows))


def provider_adjustments(places: Places, problems: Problems, set_id: str) -> Draft:
    """The pairs of PLB segments."""
    segments = places.segments
    all_rows = places.of_kind(segments.rows("PLB"), REMITTANCE)
    rows, elements = groups(places, all_rows, 3, 2, 6)
    reason, reference = segments.components(_element_of(segments, rows, elements, 0), 2)
    columns: Columns = {
        **places.columns(rows, set_id),
        "provider_id": segments.field(rows, 1),
        "period_end": segments.days(segments.field(rows, 2)),
        "code": reason,
        "reference": reference,
        "amount_cents": problems.cents(set_id, rows, 4, _element_of(segments, rows, elements, 1)),
    }
    return Draft("provider_adjustments", columns, len(rows))


def parties(places: Places, kind: int, set_id: str) -> Draft:
    """Everybody whom N1 and NM1 segments name, with the address that follows."""
    segments = places.segments
    rows = places.of_kind(segments.rows("N1", "NM1"), kind)
    is_person = segments.ids[rows] == code("NM1")

    def either(person: int, other: int | None) -> Field:
        """An element of NM1, or that of N1 with the same meaning."""
        one = segments.field(rows, person)
        if other is None:
            return Field(one.begin, np.where(is_person, one.stop, one.begin))
        two = segments.field(rows, other)
        return Field(np.where(is_person, one.begin, two.begin), np.where(is_person, one.stop, two.stop))

    last = segments.count - 1
    n3 = np.minimum(rows + 1, last)
    has_street = segments.ids[n3] == code("N3")
    n4 = np.minimum(n3 + has_street, last)
    has_city = segments.ids[n4] == code("N4")

    def address(at: Rows, there: Array, element: int) -> Field:
        field = segments.field(at, element)
        return Field(field.begin, np.where(there, field.stop, field.begin))

    columns: Columns = {
        **places.columns(rows, set_id),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "role": segments.codes(segments.field(rows, 1)),
        "kind": segments.codes(either(2, None)),
        "name": either(3, 2),
        "first_name": either(4, None),
        "id_qualifier": segments.codes(either(8, 3)),
        "id": either(9, 4),
        "street": address(n3, has_street, 1),
        "city": address(n4, has_city, 1),
        "state": segments.codes(address(n4, has_city, 2)),
        "postal_code": address(n4, has_city, 3),
    }
    if kind == CLAIMS:
        level = places.levels[rows]
        columns["level"] = Numbers(level, ~places.in_claim(rows) & (level > 0))
    return Draft("parties", columns, len(rows))
