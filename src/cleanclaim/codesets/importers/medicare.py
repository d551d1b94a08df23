"""Medicare fee schedule files: relative values (PPRRVU) and geographic indices (GPCI)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from cleanclaim.codesets.importers.model import Imported, ImportRefused, Release, left_out
from cleanclaim.codesets.importers.reading import key, rows_of, text_of

_CODE = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]\Z")

RVU_COLUMNS = (
    "code", "modifier", "work", "nonfac_pe", "fac_pe", "mp", "status", "global", "nonfac_na", "fac_na",
    "effective_from", "effective_to", "source", "confidence",
)  # fmt: skip
GPCI_COLUMNS = (
    "mac", "state", "locality", "locality_name", "work_gpci", "pe_gpci", "mp_gpci", "effective_from",
    "effective_to", "source", "confidence",
)  # fmt: skip


def relative_values(file: str, data: bytes, release: Release) -> Imported:
    """Read a PPRRVU file (``PPRRVU2026_Jul_nonQPP.csv``): one row per code and modifier.

    The published header spans several lines, so the columns are known by their order after the line whose
    first cell is HCPCS: code, modifier, description, status, not-used flag, work, non-facility PE, its NA
    flag, facility PE, its NA flag, malpractice, totals, PCTC, global days. Descriptions are dropped.
    """
    rows: list[tuple[str, ...]] = []
    findings = []
    read = 0
    for line, cells in _below_hcpcs(file, data):
        read += 1
        code = cells[0].upper()
        values = [_decimal(cells[place]) for place in (5, 6, 8, 10)]
        if not _CODE.match(code):
            findings.append(left_out("medicare_rvu", file, line, f"{code or 'an empty cell'} is no code"))
            continue
        if None in values:
            findings.append(left_out("medicare_rvu", file, line, "a relative value is no number", code=code))
            continue
        work, nonfacility, facility, malpractice = (str(value) for value in values)
        rows.append(
            (
                code, cells[1], work, nonfacility, facility, malpractice, cells[3], cells[14],
                cells[7], cells[9], *_dated(release),
            )
        )  # fmt: skip
    return Imported("medicare_rvu", RVU_COLUMNS, tuple(rows), release, tuple(findings), read)


def geographic_indices(file: str, data: bytes, release: Release) -> Imported:
    """Read a GPCI file (``GPCI2026.csv``): one row per contractor and locality.

    The work index with the floor is taken where the file prints both, because it is what pays.
    """
    with_floor = "workgpciwithfloor" if "with 1.0 floor" in text_of(data).lower() else "work"
    columns = {
        "mac": ("medicareadministrativecontractormac", "medicareadministrativecontractor*", "mac"),
        "state": ("state",),
        "locality": ("localitynumber", "locality"),
        "locality_name": ("localityname",),
        "work": _work_names(data, floor=with_floor != "work"),
        "pe": _year_names(data, "pegpci"),
        "mp": _year_names(data, "mpgpci"),
    }
    rows: list[tuple[str, ...]] = []
    findings = []
    read = 0
    for line, cells in rows_of("medicare_gpci", file, data, columns):
        read += 1
        values = [_decimal(cells[name]) for name in ("work", "pe", "mp")]
        if not re.fullmatch(r"\d{5}", cells["mac"]) or not re.fullmatch(r"[A-Z]{2}", cells["state"]):
            findings.append(left_out("medicare_gpci", file, line, "no contractor number or state"))
            continue
        if None in values or not all(Decimal("0.1") < value < 10 for value in values if value is not None):
            findings.append(left_out("medicare_gpci", file, line, "an index is no plausible number"))
            continue
        rows.append(
            (
                cells["mac"], cells["state"], cells["locality"].zfill(2), cells["locality_name"].strip("* "),
                *(str(value) for value in values), *_dated(release),
            )
        )  # fmt: skip
    return Imported("medicare_gpci", GPCI_COLUMNS, tuple(rows), release, tuple(findings), read)


def _below_hcpcs(file: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    text = text_of(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in text[:2000] else ",")
    for cells in reader:
        if cells and key(cells[0]) == "hcpcs":
            break
    else:
        raise ImportRefused(
            "medicare_rvu", file, "no line begins with HCPCS", "a PPRRVU file as CMS publishes it"
        )
    for cells in reader:
        if any(cell.strip() for cell in cells):
            cells = [cell.strip() for cell in cells]
            yield reader.line_num, cells + [""] * (15 - len(cells))


def _headers(data: bytes) -> list[str]:
    return [key(cell) for line in text_of(data).splitlines()[:40] for cell in re.split(r"[,\t]", line)]


def _work_names(data: bytes, *, floor: bool) -> tuple[str, ...]:
    names = [name for name in _headers(data) if "pwgpci" in name or "workgpci" in name]
    if floor:
        wanted = [name for name in names if "withfloor" in name or "with10floor" in name]
        names = wanted or names
    return tuple(names) or ("workgpci",)


def _year_names(data: bytes, ending: str) -> tuple[str, ...]:
    return tuple(name for name in _headers(data) if name.endswith(ending)) or (ending,)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return None


def _dated(release: Release) -> tuple[str, str, str, str]:
    return (
        release.as_of.isoformat(),
        release.good_through.isoformat() if release.good_through else "",
        release.source,
        "seen",
    )
