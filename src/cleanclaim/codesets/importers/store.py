"""Writing imported rows where the product reads them: into an overlay folder, joined with what is loaded.

How rows join depends on the table. The code-pair file has the whole history of its pairs and replaces ours;
an add-on pair of the file replaces the same one of ours, which also holds pairs of later policy. Yearly
and quarterly tables close the older row the day before the new release begins, so that an older service is
still priced and checked with its own. Lists keep our labels and gain what is new. ICD-10-CM releases are laid
over each other, see `merge_icd`.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from cleanclaim.codesets.icd10cm import FILE as ICD_FILE
from cleanclaim.codesets.icd10cm import TABLE as ICD_TABLE
from cleanclaim.codesets.importers.lists import ICD_COLUMNS
from cleanclaim.codesets.importers.model import Imported, Release
from cleanclaim_data import loader

_KEYS = {
    "addon_pairs": ("addon", "base"),
    "taxonomy": ("taxonomy",),
    "places_of_service": ("pos",),
    "mue": ("code",),
    "medicare_rvu": ("code", "modifier"),
    "medicare_gpci": ("mac", "locality"),
}
_PERIODIC = ("mue", "medicare_rvu", "medicare_gpci")
_LABELLED = ("taxonomy", "places_of_service")
_WHOLE = ("ptp_edits",)


def store(imported: Imported, folder: Path | str) -> Path:
    """Write an import into the overlay folder and record its version there.

    Args:
        imported: From `import_file`.
        folder: The overlay; give the same one to `cleanclaim_data.loader.use_overlay` afterwards.

    Returns:
        The file written. Files are replaced whole, by rename: a reader sees the old or the new one.
    """
    folder = Path(folder)
    if imported.table == "icd10cm":
        table, name = ICD_TABLE, ICD_FILE
        content = compressed(merge_icd(_loaded_icd(), imported.rows, imported.release))
    else:
        table, name = imported.table, f"codesets/{imported.table}.csv"
        content = _as_csv(imported.columns, _joined(imported)).encode()
    path = folder / name
    _replace(path, content)
    _record(folder, table, name, imported.release)
    return path


def merge_icd(
    loaded: Iterable[tuple[str, ...]], release_rows: Iterable[tuple[str, ...]], release: Release
) -> list[tuple[str, ...]]:
    """Lay a release over what is loaded: (code, billable, from, to, description) rows, sorted by code.

    A code that both have stays as it was dated; one that the release lacks ends the day before it; a new one
    begins with it. A heading that became a code (or the reverse) is closed and begun anew.
    """
    fresh = {row[0]: row for row in release_rows}
    begins, eve = release.as_of.isoformat(), (release.as_of - timedelta(days=1)).isoformat()
    merged: list[tuple[str, ...]] = []
    for code, billable, starts, ends, description in loaded:
        new = fresh.get(code)
        if ends:
            merged.append((code, billable, starts, ends, description))
        elif new is None:
            if starts <= eve:
                merged.append((code, billable, starts, eve, description))
        elif new[1] == billable:
            merged.append((code, billable, min(starts, begins), "", new[4]))
            del fresh[code]
        elif starts <= eve:
            merged.append((code, billable, starts, eve, description))
    merged += [(code, billable, begins, "", title) for code, billable, _, _, title in fresh.values()]
    return sorted(merged, key=lambda row: (row[0], row[2]))


def compressed(rows: Iterable[tuple[str, ...]]) -> bytes:
    """The compiled ICD-10-CM file: a header and tab-separated rows, gzipped without a time stamp."""
    text = "\t".join(ICD_COLUMNS) + "\n" + "".join("\t".join(row) + "\n" for row in rows)
    return gzip.compress(text.encode(), mtime=0)


def _loaded_icd() -> list[tuple[str, ...]]:
    try:
        lines = loader.read_gzip_text(ICD_FILE).splitlines()[1:]
    except loader.DataMissing:
        return []
    return [tuple(line.split("\t")) for line in lines]


def _joined(imported: Imported) -> list[dict[str, str]]:
    new = [dict(zip(imported.columns, row, strict=True)) for row in imported.rows]
    try:
        old = [dict(row) for row in loader.read_csv(f"codesets/{imported.table}.csv")]
    except loader.DataMissing:
        old = []
    if imported.table in _WHOLE:
        return new
    keys = _KEYS[imported.table]
    mine = {tuple(row.get(key, "") for key in keys): row for row in new}
    if imported.table in _LABELLED:
        ours = {tuple(row[key] for key in keys) for row in old}
        return old + [row for key, row in mine.items() if key not in ours]
    if imported.table not in _PERIODIC:
        return [row for row in old if tuple(row[key] for key in keys) not in mine] + new
    begins = imported.release.as_of
    kept = [closed for row in old if (closed := _closed(row, begins))]
    return kept + new


def _closed(row: dict[str, str], begins: date) -> dict[str, str] | None:
    """A row of an older release, ended before the new one; None when it began with it or later."""
    if row["effective_from"] and date.fromisoformat(row["effective_from"]) >= begins:
        return None
    if not row["effective_to"] or date.fromisoformat(row["effective_to"]) >= begins:
        return {**row, "effective_to": (begins - timedelta(days=1)).isoformat()}
    return row


def _as_csv(columns: tuple[str, ...], rows: Iterable[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=columns, lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _record(folder: Path, table: str, name: str, release: Release) -> None:
    rows = [dict(row) for row in loader.read_csv("codesets/versions.csv")]
    own = folder / "codesets/versions.csv"
    if own.is_file():
        with own.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    known = next((row for row in rows if row["table"] == table), None)
    row = known if known is not None else {"table": table, "title": table}
    row |= {
        "release": release.name,
        "as_of": release.as_of.isoformat(),
        "good_through": release.good_through.isoformat() if release.good_through else "",
        "loaded_as": name,
        "source": release.source,
        "confidence": "seen",
    }
    if known is None:
        rows.append(row)
    columns = ("table", "title", "release", "as_of", "good_through", "loaded_as", "source", "confidence")
    _replace(own, _as_csv(columns, rows).encode())


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)
