"""The tables of 837 transactions in a slice."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from cleanclaim.x12.columns.parts import (
    Problems,
    adjustments,
    amounts,
    element_counts,
    other_payer_ids,
    parties,
    references,
    remarks,
    where,
)
from cleanclaim.x12.columns.places import CLAIMS, Places, spread
from cleanclaim.x12.columns.segments import cents, code, days
from cleanclaim.x12.columns.tables import Columns, shaped

_SET = "837"
_DIAGNOSES_PER_SEGMENT = 12
_SERVICE = ("qualifier", "code", "modifier_1", "modifier_2", "modifier_3", "modifier_4")


class Above:
    """What stands above the claims of a slice: levels, subscriber, payer, billing provider."""

    def __init__(self, places: Places) -> None:
        self.places = places
        segments = places.segments
        hl = segments.mask("HL") & (places.kind == CLAIMS)
        rows = hl.arg_true()
        kinds = segments.text(rows, 3)
        self.levels = {
            "billing": places.last(_marked(rows, kinds, "20", segments.count)),
            "subscriber": places.last(_marked(rows, kinds, "22", segments.count)),
            "patient": places.last(_marked(rows, kinds, "23", segments.count)),
        }
        self._new_set = places.last(segments.mask("ST"))

    def level(self, rows: pl.Series, name: str, *below: str) -> pl.Series:
        """The number of the level above each claim; null when a level of kind `below` came after it."""
        at = self.levels[name].gather(rows)
        fresh = at > 0
        valid = at > self._new_set.gather(rows)
        for other in below:
            valid &= at > self.levels[other].gather(rows)
        number = self.places.levels.gather(at.clip(1, None) - 1)
        carried = self.places.carried.level_of.get(name)
        nothing_new = ~fresh & (self._new_set.gather(rows) == 0)
        for other in below:
            nothing_new &= self.levels[other].gather(rows) == 0
        old = pl.Series([carried], dtype=pl.Int64).new_from_index(0, len(rows))
        return number.set(~valid, None).zip_with(~nothing_new, old)

    def text(self, rows: pl.Series, key: str, found: pl.Series, element: int, level: str) -> pl.Series:
        """An element of the last of the segments `found` above each claim, if it belongs to that level."""
        places, segments = self.places, self.places.segments
        mark = pl.Series([False], dtype=pl.Boolean).new_from_index(0, segments.count)
        if len(found):
            mark = mark.scatter(found, True)
        at = places.last(mark).gather(rows)
        guard = self.levels[level].gather(rows)
        texts = segments.text(at.clip(1, None) - 1, element).set((at == 0) | (at < guard), None)
        old = pl.Series([places.carried.texts.get(key)], dtype=pl.String).new_from_index(0, len(rows))
        untouched = (at == 0) & (guard == 0) & (self._new_set.gather(rows) == 0)
        return texts.zip_with(~untouched, old)


def _marked(rows: pl.Series, kinds: pl.Series, kind: str, count: int) -> pl.Series:
    mark = pl.Series([False], dtype=pl.Boolean).new_from_index(0, count)
    chosen = rows.filter(where(kinds, kind))
    return mark.scatter(chosen, True) if len(chosen) else mark


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
        segments = places.segments
        rows = places.of_kind(places.claim_rows, CLAIMS)
        above = Above(places)
        self.columns: dict[str, pl.Series] = {}
        self.texts: dict[str, str | None] = {}
        self.level_of: dict[str, int | None] = {}
        # The last row is asked too: it is what the next slice begins with.
        asked = pl.concat([rows.cast(pl.Int64), pl.Series([segments.count - 1], dtype=pl.Int64)])
        found_of: dict[tuple[str, str | None], pl.Series] = {}
        for column, name, role, element, level in _ABOVE:
            found = found_of.get((name, role))
            if found is None:
                found = places.of_kind(segments.rows(name), CLAIMS)
                found = found.filter(~places.in_claim(found))
                if role:
                    found = found.filter(where(segments.text(found, 1), role))
                found_of[name, role] = found
            texts = above.text(asked, column, found, element, level)
            self.columns[column] = texts.head(len(rows))
            self.texts[column] = texts[-1]
        for level, below in _LEVELS:
            numbers = above.level(asked, level, *below)
            self.columns[f"{level}_level"] = numbers.head(len(rows))
            self.level_of[level] = numbers[-1]


def context(places: Places) -> Context:
    """The context of a slice, made once."""
    found = places.above
    if found is None:
        found = places.above = Context(places)
    return found  # type: ignore[no-any-return]


def _claims(places: Places, problems: Problems) -> pl.DataFrame:
    segments = places.segments
    rows = places.of_kind(places.claim_rows, CLAIMS)
    texts = segments.texts(rows, {"claim_number": 1, "charge": 2, "place": 5})
    place = segments.components(texts["place"], ("facility_code", "facility_kind", "frequency"))
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "claim_number": texts["claim_number"],
        "charge_cents": problems.cents(_SET, rows, 2, texts["charge"]),
        "place": place.select("facility_code", "frequency"),
        **context(places).columns,
    }
    statement = _dtp(places, "434", lines=False)
    index, height = places.claim_index(rows), len(places.claim_rows)
    for column, values in zip(("service_from", "service_to"), statement[1:], strict=True):
        columns[column] = spread(values, places.claim_index(statement[0]), height).gather(index)
    columns["payer_control_number"] = _claim_reference(places, "F8", height).gather(index)
    return shaped("claims", columns, len(rows))


def _claim_reference(places: Places, qualifier: str, height: int) -> pl.Series:
    segments = places.segments
    found = places.of_kind(segments.rows("REF"), CLAIMS)
    found = found.filter(places.in_claim(found) & ~places.in_line(found))
    pairs = segments.texts(found, {"is": 1, "value": 2})
    # A REF of another payer (2330B) belongs to that payer.
    own = places.last(segments.mask("SBR")).gather(found) < places.last(segments.mask("CLM")).gather(found)
    chosen = where(pairs["is"], qualifier) & own
    return spread(pairs["value"].filter(chosen), places.claim_index(found.filter(chosen)), height)


def _dtp(places: Places, qualifier: str, *, lines: bool) -> tuple[pl.Series, pl.Series, pl.Series]:
    """DTP segments of a kind: rows, first and last day."""
    segments = places.segments
    rows = places.of_kind(segments.rows("DTP"), CLAIMS)
    inside = places.in_line(rows)
    rows = rows.filter(inside if lines else places.in_claim(rows) & ~inside)
    texts = segments.texts(rows, {"is": 1, "day": 3})
    chosen = where(texts["is"], qualifier)
    rows, day = rows.filter(chosen), texts["day"].filter(chosen)
    parts = day.str.split_exact("-", 1).struct.unnest() if len(day) else pl.DataFrame({"a": day, "b": day})
    first, last = parts.to_series(0).str.slice(0, 8), parts.to_series(1).str.slice(0, 8)
    return rows, days(first), days(last.fill_null(first))


def _lines(places: Places, problems: Problems) -> pl.DataFrame:
    segments = places.segments
    rows = places.of_kind(places.line_rows, CLAIMS)
    height = len(places.line_rows)
    index = places.line_index(rows)
    services = places.of_kind(segments.rows("SV1", "SV2"), CLAIMS)
    services = services.filter(places.in_line(services))
    texts = segments.texts(services, {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7})
    professional = segments.ids.gather(services) == code("SV1")

    def either(one: str, two: str | None) -> pl.Series:
        """An element of SV1, or that of SV2 with the same meaning."""
        other = texts[two] if two else pl.Series([None], dtype=pl.String).new_from_index(0, len(services))
        return texts[one].zip_with(professional, other)

    service = segments.components(either("one", "two"), _SERVICE)
    at = places.line_index(services)
    charge = either("two", "three")
    found = {name: service[name] for name in _SERVICE} | {
        "charge_cents": problems.cents(_SET, services, 2, charge),
        "unit": either("three", "four"),
        "units": either("four", "five"),
        "revenue_code": texts["one"].set(professional, None),
        "place_of_service": texts["five"].set(~professional, None),
        "diagnosis_pointers": texts["seven"].set(~professional, None),
    }
    dates = _dtp(places, "472", lines=True)
    found_dates = {"service_from": dates[1], "service_to": dates[2]}
    refs = places.of_kind(segments.rows("REF"), CLAIMS)
    pairs = segments.texts(refs, {"is": 1, "value": 2})
    chosen = where(pairs["is"], "6R") & places.in_line(refs)
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "number": segments.text(rows, 1),
        "line_control": spread(
            pairs["value"].filter(chosen), places.line_index(refs.filter(chosen)), height
        ).gather(index),
        **{name: spread(values, at, height).gather(index) for name, values in found.items()},
        **{
            name: spread(values, places.line_index(dates[0]), height).gather(index)
            for name, values in found_dates.items()
        },
    }
    return shaped("lines", columns, len(rows))


def _diagnoses(places: Places, problems: Problems) -> pl.DataFrame:
    segments = places.segments
    rows = places.of_kind(segments.rows("HI"), CLAIMS)
    rows = rows.filter(places.in_claim(rows))
    counts = element_counts(places, rows)
    frames = []
    for number in range(1, _DIAGNOSES_PER_SEGMENT + 1):
        chosen = rows.filter(counts >= number)
        if not len(chosen):
            break
        pairs = segments.components(segments.text(chosen, number), ("qualifier", "code"))
        numbers = pl.Series("number", [number], dtype=pl.Int32).new_from_index(0, len(chosen))
        frames.append(pairs.with_columns(numbers, chosen.alias("row")).filter(pl.col("code").is_not_null()))
    found = pl.concat(frames).sort("row", "number") if frames else pl.DataFrame(
        schema={"qualifier": pl.String, "code": pl.String, "number": pl.Int32, "row": pl.UInt32}
    )  # fmt: skip
    rows = found["row"]
    columns: Columns = {
        **places.columns(rows, _SET), "claim": places.claim(rows), "texts": found.drop("row")
    }  # fmt: skip
    return shaped("diagnoses", columns, len(rows))


def _other_payers(places: Places, problems: Problems) -> pl.DataFrame:
    segments = places.segments
    rows = places.of_kind(segments.rows("SBR"), CLAIMS)
    rows = rows.filter(places.in_claim(rows))
    height = len(rows)
    at_row = pl.DataFrame({"sbr": rows + 1, "at": pl.int_range(height, eager=True)})

    def of_payer(numbers: pl.Series, values: pl.Series) -> pl.Series:
        places_of = pl.DataFrame({"sbr": numbers}).join(at_row, on="sbr", how="left", maintain_order="left")
        known = places_of["at"].is_not_null()
        return spread(values.filter(known), places_of["at"].filter(known), height)

    paid = places.of_kind(segments.rows("AMT"), CLAIMS)
    paid = paid.filter(places.in_claim(paid) & ~places.in_line(paid))
    pairs = segments.texts(paid, {"is": 1, "amount": 2})
    chosen = where(pairs["is"], "D")
    last_sbr = places.last(segments.mask("SBR"))
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "texts": segments.texts(rows, {"sequence": 1, "relationship": 2, "filing_code": 9}),
        "payer_id": of_payer(*other_payer_ids(places)),
        "paid_cents": of_payer(last_sbr.gather(paid.filter(chosen)), cents(pairs["amount"].filter(chosen))),
    }
    return shaped("other_payers", columns, height)


def _adjudications(places: Places, problems: Problems) -> pl.DataFrame:
    segments = places.segments
    rows = places.of_kind(segments.rows("SVD"), CLAIMS)
    rows = rows.filter(places.in_line(rows))
    height = len(rows)
    texts = segments.texts(rows, {"payer_id": 1, "paid": 2, "service": 3, "units": 5})
    day_rows, day, _ = _dtp(places, "573", lines=True)
    svd = places.last(segments.mask("SVD")).gather(day_rows)
    at_row = pl.DataFrame({"svd": rows + 1, "at": pl.int_range(height, eager=True)})
    at = pl.DataFrame({"svd": svd}).join(at_row, on="svd", how="left", maintain_order="left")["at"]
    known = at.is_not_null()
    columns: Columns = {
        **places.columns(rows, _SET),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "texts": texts.select("payer_id", "units"),
        "service": segments.components(texts["service"], ("qualifier", "code")),
        "paid_cents": problems.cents(_SET, rows, 2, texts["paid"]),
        "paid_on": spread(day.filter(known), at.filter(known), height),
    }
    return shaped("adjudications", columns, height)


MAKERS: dict[str, Callable[[Places, Problems], pl.DataFrame]] = {
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
