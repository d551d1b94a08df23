"""Tables as agencies publish them: tab or comma, title lines above the header, names that drift.

A header is the first line that holds every column looked for, each under one of the names it has had over
the years. Letters and digits alone are compared, so ``HCPCS/CPT Code`` is ``hcpcscptcode``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from cleanclaim.codesets.importers.model import ImportRefused

_KEY = re.compile(r"[^a-z0-9]+")


def text_of(data: bytes) -> str:
    """The file as text: UTF-8 when it is, else Windows-1252, in which the older files are written."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def key(text: str) -> str:
    """A column name without its dress."""
    return _KEY.sub("", text.lower())


def rows_of(
    kind: str, file: str, data: bytes, columns: Mapping[str, tuple[str, ...]], *, search_lines: int = 40
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows below the header as (line number, our column -> cell).

    Args:
        columns: Our column -> the names that it may have, as `key` writes them. A name that ends in ``*``
            fits every header that begins so.
        search_lines: How far down the header may stand.

    Raises:
        ImportRefused: No header within the first lines.
    """
    text = text_of(data)
    delimiter = "\t" if text.count("\t") > text.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    places: dict[str, int] = {}
    for cells in reader:
        found = _places(cells, columns)
        if len(found) == len(columns):
            places = found
            break
        if reader.line_num > search_lines:
            break
    if not places:
        wanted = ", ".join(names[0] for names in columns.values())
        raise ImportRefused(kind, file, "no header line was found", f"a line with the columns {wanted}")
    last = max(places.values())
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        cells = cells + [""] * (last + 1 - len(cells))
        yield reader.line_num, {name: cells[place].strip() for name, place in places.items()}


def _places(cells: list[str], columns: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    keys = [key(cell) for cell in cells]
    found: dict[str, int] = {}
    for name, wanted in columns.items():
        for place, have in enumerate(keys):
            if place in found.values():
                continue
            if any(have == want or (want.endswith("*") and have.startswith(want[:-1])) for want in wanted):
                found[name] = place
                break
    return found


def ccyymmdd_or_slashes(text: str) -> str | None:
    """A date cell as ISO text: 20240701, 07/01/2024, 7/1/2024 or 2024-07-01; None when it is none."""
    text = text.strip()
    if match := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text):
        year, month, day = match.groups()
    elif match := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        month, day, year = match.groups()
    elif match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        year, month, day = match.groups()
    else:
        return None
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return f"{year}-{int(month):02d}-{int(day):02d}"
