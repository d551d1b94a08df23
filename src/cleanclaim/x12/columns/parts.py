"""Tables that remittances and claims make alike: adjustments, remarks, references, amounts, parties."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanclaim.x12.columns.places import CLAIMS, REMITTANCE, Places
from cleanclaim.x12.columns.segments import cents, code, days
from cleanclaim.x12.columns.tables import Columns, empty, shaped

_MOST_PROBLEMS = 10_000
"""For each table of a slice: a hostile file must not fill the memory."""


class Problems:
    """Collects what could not be read, as rows of the table `problems`."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.frames: list[pl.DataFrame] = []

    def cents(self, set_id: str, rows: pl.Series, element: int, texts: pl.Series) -> pl.Series:
        """Amounts in cents; a text that is none becomes null and a problem."""
        amounts = cents(texts)
        bad = (amounts.is_null() & texts.is_not_null()).arg_true()
        if len(bad):
            self.tell(set_id, rows.gather(bad), element, "x12.columns.amount_unreadable")
        return amounts

    def tell(self, set_id: str, rows: pl.Series, element: int, what: str) -> None:
        rows = rows.head(_MOST_PROBLEMS)
        names = [_name(number) for number in self.places.segments.ids.gather(rows)]
        elements = pl.Series([f"{name}{element:02d}" for name in names], dtype=pl.String)
        codes = pl.Series([what], dtype=pl.String).new_from_index(0, len(rows))
        columns = {**self.places.columns(rows, set_id), "element": elements, "code": codes}
        self.frames.append(shaped("problems", columns, len(rows)))

    def table(self) -> pl.DataFrame:
        return pl.concat(self.frames) if self.frames else empty("problems")


def _name(number: int) -> str:
    return number.to_bytes(3, "big").rstrip(b"\0").decode("latin-1")


def where(texts: pl.Series, *values: str) -> pl.Series:
    """Whether each text is one of a few values."""
    found = texts == values[0]
    for value in values[1:]:
        found |= texts == value
    return found.fill_null(False)


def element_counts(places: Places, rows: pl.Series) -> pl.Series:
    """How many elements each segment has."""
    return places.segments.sizes(rows)


def _groups(
    places: Places, rows: pl.Series, first: int, step: int, most: int, names: Sequence[str]
) -> tuple[pl.Series, pl.Series, pl.DataFrame]:
    """The repeating groups of elements in a segment, such as the triples of CAS: rows, group, texts."""
    counts = element_counts(places, rows)
    found_rows, found_at, found = [], [], []
    for group in range(most):
        begin = first + step * group
        chosen = rows.filter(counts >= begin)
        if not len(chosen):
            break
        texts = places.segments.texts(chosen, {name: begin + at for at, name in enumerate(names)})
        filled = ~(texts[names[0]].is_null() & texts[names[1]].is_null())
        found_rows.append(chosen.filter(filled))
        found_at.append(pl.Series([group], dtype=pl.Int32).new_from_index(0, found_rows[-1].len()))
        found.append(texts.filter(filled))
    if not found:
        return rows.head(0), pl.Series(dtype=pl.Int32), pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    if len(found) == 1:
        return found_rows[0], found_at[0], found[0]
    all_rows, all_at, texts = pl.concat(found_rows), pl.concat(found_at), pl.concat(found)
    order = (all_rows.cast(pl.Int64) * (most + 1) + all_at).arg_sort()
    return all_rows.gather(order), all_at.gather(order), texts[order]


def adjustments(places: Places, problems: Problems, kind: int, set_id: str) -> pl.DataFrame:
    """The triples of CAS segments in claims and lines."""
    segments = places.segments
    all_rows = places.of_kind(segments.rows("CAS"), kind)
    all_rows = all_rows.filter(places.in_claim(all_rows))
    rows, _, texts = _groups(places, all_rows, 2, 3, 6, ("reason", "amount", "quantity"))
    payer = _payer_of_adjustments(places, rows) if kind == CLAIMS else None
    columns: Columns = {
        **places.columns(rows, set_id),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "group_code": segments.codes(rows, 1),
        "texts": texts.select("reason", "quantity"),
        "amount_cents": problems.cents(set_id, rows, 3, texts["amount"]),
    }
    if payer is not None:
        columns["payer_id"] = payer
    return shaped("adjustments", columns, len(rows))


def _payer_of_adjustments(places: Places, rows: pl.Series) -> pl.Series:
    """SVD01 of a line's adjudication, or the id of the other payer (2330B) of a claim."""
    segments = places.segments
    svd = places.last(segments.mask("SVD")).gather(rows)
    line = places.last(segments.mask("LX")).gather(rows)
    in_line = (svd > line) & places.in_line(rows)
    line_payer = segments.text(svd.clip(1, None) - 1, 1).set(~in_line, None)
    ids = other_payer_ids(places)
    sbr = places.last(segments.mask("SBR")).gather(rows)
    table = pl.DataFrame({"sbr": ids[0], "id": ids[1]}).unique("sbr", keep="first")
    claim_payer = pl.DataFrame({"sbr": sbr}).join(table, on="sbr", how="left", maintain_order="left")["id"]
    return line_payer.zip_with(places.in_line(rows), claim_payer)


def other_payer_ids(places: Places) -> tuple[pl.Series, pl.Series]:
    """The id of each other payer (NM1*PR within a claim) with the number of its SBR in the slice."""
    segments = places.segments
    rows = places.of_kind(segments.rows("NM1"), CLAIMS)
    rows = rows.filter(places.in_claim(rows) & ~places.in_line(rows))
    texts = segments.texts(rows, {"role": 1, "id": 9})
    chosen = where(texts["role"], "PR")
    rows = rows.filter(chosen)
    return places.last(segments.mask("SBR")).gather(rows), texts["id"].filter(chosen)


def remarks(places: Places, kind: int, set_id: str) -> pl.DataFrame:
    """Remark codes: LQ of lines, MOA and MIA of claims and of other payers."""
    segments = places.segments
    frames = []
    rows = places.of_kind(segments.rows("LQ"), kind)
    texts = segments.texts(rows, {"kind": 1, "code": 2})
    chosen = where(texts["kind"], "HE", "RX") & texts["code"].is_not_null() & places.in_line(rows)
    rows, texts = rows.filter(chosen), texts.filter(chosen)
    frames.append((rows, texts))
    for name, elements in (("MOA", (3, 4, 5, 6, 7)), ("MIA", (5, 20, 21, 22, 23))):
        rows = places.of_kind(segments.rows(name), kind)
        rows = rows.filter(places.in_claim(rows))
        for element in elements if len(rows) else ():
            found = segments.text(rows, element).alias("code")
            filled = found.is_not_null()
            if filled.any():
                kinds = pl.Series("kind", [name]).new_from_index(0, int(filled.sum()))
                frames.append((rows.filter(filled), pl.DataFrame([kinds, found.filter(filled)])))
    rows = pl.concat([one for one, _ in frames])
    texts = pl.concat([one for _, one in frames])
    if len(frames) > 1:
        order = rows.arg_sort()
        rows, texts = rows.gather(order), texts[order]
    columns: Columns = {
        **places.columns(rows, set_id), "claim": places.claim(rows), "line": places.line(rows), "texts": texts
    }  # fmt: skip
    return shaped("remarks", columns, len(rows))


def references(places: Places, kind: int, set_id: str) -> pl.DataFrame:
    """REF segments of claims and lines, and those of the payment or the parties above them."""
    rows = places.of_kind(places.segments.rows("REF"), kind)
    columns: Columns = {
        **places.columns(rows, set_id),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "texts": places.segments.texts(rows, {"qualifier": 1, "value": 2}),
    }
    return shaped("references", columns, len(rows))


def amounts(places: Places, problems: Problems, kind: int, set_id: str) -> pl.DataFrame:
    """AMT segments of claims and lines."""
    rows = places.of_kind(places.segments.rows("AMT"), kind)
    rows = rows.filter(places.in_claim(rows))
    texts = places.segments.texts(rows, {"qualifier": 1, "amount": 2})
    columns: Columns = {
        **places.columns(rows, set_id),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "qualifier": texts["qualifier"],
        "amount_cents": problems.cents(set_id, rows, 2, texts["amount"]),
    }
    return shaped("amounts", columns, len(rows))


def provider_adjustments(places: Places, problems: Problems, set_id: str) -> pl.DataFrame:
    """The pairs of PLB segments."""
    segments = places.segments
    all_rows = places.of_kind(segments.rows("PLB"), REMITTANCE)
    rows, _, texts = _groups(places, all_rows, 3, 2, 6, ("reason", "amount"))
    provider = segments.texts(rows, {"provider_id": 1, "day": 2})
    columns: Columns = {
        **places.columns(rows, set_id),
        "provider_id": provider["provider_id"],
        "period_end": days(provider["day"]),
        "reason": segments.components(texts["reason"], ("code", "reference")),
        "amount_cents": problems.cents(set_id, rows, 4, texts["amount"]),
    }
    return shaped("provider_adjustments", columns, len(rows))


def parties(places: Places, kind: int, set_id: str) -> pl.DataFrame:
    """Everybody whom N1 and NM1 segments name, with the address that follows."""
    segments = places.segments
    rows = places.of_kind(segments.rows("N1", "NM1"), kind)
    is_person = segments.ids.gather(rows) == code("NM1")
    nm1 = segments.texts(rows, {"role": 1, "kind": 2, "name": 3, "first_name": 4, "id_qualifier": 8, "id": 9})
    n1 = segments.texts(rows, {"role": 1, "name": 2, "id_qualifier": 3, "id": 4})
    columns: Columns = {
        **places.columns(rows, set_id),
        "claim": places.claim(rows),
        "line": places.line(rows),
        "role": nm1["role"],
        "kind": nm1["kind"].set(~is_person, None),
        "first_name": nm1["first_name"].set(~is_person, None),
    }
    for name in ("name", "id_qualifier", "id"):
        columns[name] = nm1[name].zip_with(is_person, n1[name])
    if kind == CLAIMS:
        level = places.levels.gather(rows)
        columns["level"] = level.set(places.in_claim(rows) | (level == 0), None)
    last = segments.count - 1
    n3 = (rows + 1).clip(0, last)
    has_street = segments.ids.gather(n3) == code("N3")
    n4 = (n3 + has_street.cast(pl.UInt32)).clip(0, last)
    has_city = segments.ids.gather(n4) == code("N4")
    columns["street"] = segments.text(n3, 1).set(~has_street, None)
    address = segments.texts(n4, {"city": 1, "state": 2, "postal_code": 3})
    for name in ("city", "state", "postal_code"):
        columns[name] = address[name].set(~has_city, None)
    return shaped("parties", columns, len(rows))
