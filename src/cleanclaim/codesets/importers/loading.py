"""From official files to tables in use: read, rehearse, then put in place. A bad table is never used.

The new table is first written beside the ones in use and read there as the product reads it. Only when that
went well are its files renamed into place; until then, and after every refusal, the prior table stands.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from cleanclaim.codesets import addon_pairs, icd10cm, mue, parties, places_of_service, procedures, ptp
from cleanclaim.codesets.importers.files import IMPORTERS, import_file
from cleanclaim.codesets.importers.model import Imported, ImportRefused, Release
from cleanclaim.codesets.importers.store import store
from cleanclaim.codesets.table import CodeNotKnown, day
from cleanclaim.codesets.versions import versions
from cleanclaim_data import loader

# A release may drop codes, but not a fifth of them: then a file was cut off or one of several is missing.
MOST_DROPPED_PERCENT = 20
VERSIONS = "codesets/versions.csv"

# What names a row of the tables in which a newer release ends what it lacks.
_KEYS = {
    "mue": ("code",),
    "medicare_rvu": ("code", "modifier"),
    "medicare_gpci": ("mac", "locality"),
    "ptp_edits": ("column1", "column2"),
    "icd10cm": ("code",),
}


def load_files(
    kind: str,
    files: Mapping[str, bytes],
    release: Release,
    folder: Path | str,
    *,
    accept_fewer: bool = False,
) -> Imported:
    """Read the official files of one release and put their table into use.

    Args:
        kind: A key of `IMPORTERS`.
        files: Name -> bytes, unzipped; all parts of the release (NCCI pairs come in several files).
        release: What they are.
        folder: The overlay. This process reads it afterwards; others when they call
            `cleanclaim_data.loader.refresh_overlay`, as the server does before each page and job.
        accept_fewer: Take a release that drops many of the codes that are loaded.

    Returns:
        What was read, with a finding for each row that was left out.

    Raises:
        ImportRefused: Another layout, an older release, a cut-off or contradictory file, or a table that
            cannot be read back. What was in use stays in use, byte for byte.
    """
    folder = Path(folder)
    loader.use_overlay(folder if folder.is_dir() else None)
    name = ", ".join(files)
    imported = read_files(kind, files, release)
    if not accept_fewer:
        _check_dropped(kind, name, imported)
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix=".loading-", dir=folder.parent) as made:
        beside = Path(made) / "tables"
        if folder.is_dir():
            shutil.copytree(folder, beside)
        try:
            table = store(imported, beside).relative_to(beside)
            loader.use_overlay(beside)
            _rehearse(kind, name, release.as_of)
            for path in (table, Path(VERSIONS)):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                os.replace(beside / path, folder / path)
        finally:
            loader.use_overlay(folder if folder.is_dir() else None)
    return imported


def read_files(kind: str, files: Mapping[str, bytes], release: Release) -> Imported:
    """Read and check the files of one release without writing anything.

    Raises:
        ImportRefused: Another layout, an older release, or rows that contradict each other.
    """
    imported = _one_of(kind, files, release)
    name = ", ".join(files)
    _check_release(kind, name, release)
    _check_rows(kind, name, imported)
    return imported


def last_day(kind: str, as_of: date) -> date | None:
    """The last day of a release that begins on a day, by how often its issuer publishes; None when open.

    Examples:
        >>> last_day("mue", date(2026, 10, 1)), last_day("icd10cm", date(2026, 10, 1))
        (datetime.date(2026, 12, 31), datetime.date(2027, 9, 30))
    """
    period = IMPORTERS[kind].period
    if period == "year":
        return date(as_of.year, 12, 31)
    if period == "fiscal year":
        return date(as_of.year + (as_of.month >= 10), 9, 30)
    months = {"quarter": 3, "half year": 6}.get(period)
    if months is None:
        return None
    last = (as_of.month - 1) // months * months + months
    return date(as_of.year + last // 12, last % 12 + 1, 1) - timedelta(days=1)


def _one_of(kind: str, files: Mapping[str, bytes], release: Release) -> Imported:
    """The files of one release as one import, so that a part never replaces the whole."""
    for name, data in files.items():
        if data[:4] == b"PK\x03\x04":
            raise ImportRefused(kind, name, "it is a zip archive", "the unzipped file")
    parts = [import_file(kind, name, data, release) for name, data in files.items()]
    if not parts:
        raise ImportRefused(kind, "", "no file was given", "at least one file")
    return msgspec.structs.replace(
        parts[0],
        rows=tuple(row for part in parts for row in part.rows),
        findings=tuple(finding for part in parts for finding in part.findings),
        read=sum(part.read for part in parts),
    )


def _check_release(kind: str, file: str, release: Release) -> None:
    if release.good_through is not None and release.good_through < release.as_of:
        raise ImportRefused(kind, file, "the release ends before it begins", "a last day after the first")
    table = icd10cm.TABLE if kind == "icd10cm" else kind
    for row in loader.read_csv(VERSIONS):
        if row["table"] == table and date.fromisoformat(row["as_of"]) > release.as_of:
            raise ImportRefused(
                kind,
                file,
                f"{row['release']}, which is loaded, is newer than {release.as_of.isoformat()}",
                "a release that begins on the same day or later",
            )


def _check_rows(kind: str, file: str, imported: Imported) -> None:
    """Dates that run forward, and no two rows that contradict each other."""
    columns = imported.columns
    starts, ends = columns.index("effective_from"), columns.index("effective_to")
    keys = [columns.index(key) for key in (*_KEYS.get(kind, ()), "effective_from") if key in columns]
    seen: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row in imported.rows:
        try:
            begin, end = day(row[starts]), day(row[ends])
        except ValueError:
            raise ImportRefused(
                kind, file, f"{row[0]} has a date that is none", "dates of the calendar"
            ) from None
        if begin and end and end < begin:
            raise ImportRefused(kind, file, f"{row[0]} ends before it begins", "dates that run forward")
        if kind not in _KEYS:
            continue
        key = tuple(row[place] for place in keys)
        if seen.setdefault(key, row) != row:
            named = " ".join(part for part in key[:-1] if part)
            raise ImportRefused(kind, file, f"it says two things of {named}", "one row for each")


def _check_dropped(kind: str, file: str, imported: Imported) -> None:
    """Refuse a release that would end many of the codes that are loaded: most often it was cut off."""
    if kind not in _KEYS:
        return
    ours = in_force(kind, imported.release.as_of)
    places = [imported.columns.index(key) for key in _KEYS[kind]]
    lacking = ours - {tuple(row[place] for place in places) for row in imported.rows}
    if len(lacking) * 100 > len(ours) * MOST_DROPPED_PERCENT:
        raise ImportRefused(
            kind,
            file,
            f"it lacks {len(lacking)} of the {len(ours)} rows that are loaded, as if it were cut off "
            "or a part of the release were missing",
            "every file of the release; to take it as it is, accept fewer rows",
        )


def in_force(kind: str, on: date) -> set[tuple[str, ...]]:
    """Keys of the loaded rows that a whole release should have again."""
    if kind == "icd10cm":
        return {(row.code,) for row in icd10cm.below("", on, limit=icd10cm.count())}
    ours = {
        tuple(row[key] for key in _KEYS[kind])
        for row in loader.read_csv(f"codesets/{kind}.csv")
        if not row["effective_to"] or row["effective_to"] >= (on - timedelta(days=1)).isoformat()
    }
    if kind == "ptp_edits":  # of the pairs of all medicine, only those of our codes are read
        known = frozenset(procedures.all_codes())
        ours = {key for key in ours if known.issuperset(key)}
    return ours


def _rehearse(kind: str, file: str, on: date) -> None:
    """Read the new table as the product will. Every reader builds all rows of its table at once."""
    readers: dict[str, Callable[[], object]] = {
        "ptp_edits": lambda: ptp.lookup("", "", on),
        "mue": lambda: mue.lookup("", on),
        "addon_pairs": lambda: addon_pairs.bases("", on),
        "icd10cm": lambda: icd10cm.below("", on, limit=icd10cm.count()),
        "taxonomy": lambda: parties.taxonomy("", on),
        "places_of_service": lambda: places_of_service.all_places(on),
    }
    try:
        if not any(version.as_of == on for version in versions()):
            raise ValueError("the version was not recorded")
        readers.get(kind, lambda: None)()
    except CodeNotKnown:
        return  # the table was read whole; that the empty code is not in it is as it should be
    except (LookupError, ValueError, ArithmeticError) as error:
        why = f"the table cannot be read back ({type(error).__name__})"
        raise ImportRefused(kind, file, why, IMPORTERS[kind].example) from error
