"""What a file would change before it is loaded: rows that are new, other, or gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from cleanclaim.codesets import icd10cm
from cleanclaim.codesets.importers.loading import in_force, read_files
from cleanclaim.codesets.importers.model import Release
from cleanclaim.findings import Finding
from cleanclaim_data import loader

EXAMPLES = 12
_KEYS = {
    "mue": ("code",),
    "medicare_rvu": ("code", "modifier"),
    "medicare_gpci": ("mac", "locality"),
    "ptp_edits": ("column1", "column2"),
    "addon_pairs": ("addon", "base"),
    "taxonomy": ("taxonomy",),
    "places_of_service": ("pos",),
}
# Where the file comes from is no change of what it says.
_ASIDE = frozenset(
    {"effective_from", "effective_to", "active_as_of", "source", "confidence", "notes", "rationale"}
)
_OURS = frozenset({"taxonomy", "places_of_service"})
"""Lists whose labels stay ours: a release adds codes and changes none."""
_STAYS = frozenset({"taxonomy", "places_of_service", "addon_pairs"})
"""Tables whose rows stay when a release lacks them."""


class RowChange(msgspec.Struct, frozen=True):
    """One row: its key, and the values that differ as (column, before, after)."""

    key: str
    values: tuple[tuple[str, str, str], ...] = ()


class Difference(msgspec.Struct, frozen=True):
    """What loading would do to a table.

    Attributes:
        read: Data lines of the files; `left_out` of them cannot be used.
        added, changed, removed, same: Rows; removed ones end the day before the release begins.
        examples: Some rows of each kind, in the order of their keys.
    """

    table: str
    read: int
    added: int
    changed: int
    removed: int
    same: int
    examples: dict[str, tuple[RowChange, ...]]
    left_out: tuple[Finding, ...]


def difference(kind: str, files: Mapping[str, bytes], release: Release) -> Difference:
    """Read the files of a release and compare them with what is loaded. Nothing is written.

    Args:
        kind, files, release: As for `load_files`.

    Raises:
        ImportRefused: As `load_files` would, as far as that can be seen without writing.
    """
    imported = read_files(kind, files, release)
    if kind == "icd10cm":
        mine: dict[tuple[str, ...], dict[str, str]] = {
            (row[0],): dict(zip(imported.columns, row, strict=True)) for row in imported.rows
        }
        ours: dict[tuple[str, ...], dict[str, str]] = {
            (row.code,): {"description": row.description}
            for row in icd10cm.below("", release.as_of, limit=icd10cm.count())
        }
    else:
        keys = _KEYS[kind]
        begins = release.as_of.isoformat()
        rows = [dict(zip(imported.columns, row, strict=True)) for row in imported.rows]
        # A file with history (code pairs) names rows that have ended: they are in force no more.
        standing = [row for row in rows if not row["effective_to"] or row["effective_to"] >= begins]
        mine = {_key(row, keys): row for row in standing}
        before = (release.as_of - timedelta(days=1)).isoformat()
        ours = {
            _key(row, keys): row
            for row in loader.read_csv(f"codesets/{kind}.csv")
            if not row["effective_to"] or row["effective_to"] >= before
        }
        if kind == "ptp_edits":
            known = in_force(kind, release.as_of)
            ours = {key: row for key, row in ours.items() if key in known}
    return _compared(kind, mine, ours, imported.read, imported.findings)


def _key(row: Mapping[str, str], keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(row.get(key, "") for key in keys)


def _compared(
    kind: str,
    mine: dict[tuple[str, ...], dict[str, str]],
    ours: Mapping[tuple[str, ...], Mapping[str, str]],
    read: int,
    left_out: tuple[Finding, ...],
) -> Difference:
    added = sorted(mine.keys() - ours.keys())
    removed = [] if kind in _STAYS else sorted(ours.keys() - mine.keys())
    changed, same = [], 0
    for key in sorted(mine.keys() & ours.keys()):
        values = () if kind in _OURS else _values(ours[key], mine[key])
        if values:
            changed.append(RowChange(_said(key), values))
        else:
            same += 1
    return Difference(
        table=kind,
        read=read,
        added=len(added),
        changed=len(changed),
        removed=len(removed),
        same=same,
        examples={
            "added": tuple(RowChange(_said(key)) for key in added[:EXAMPLES]),
            "changed": tuple(changed[:EXAMPLES]),
            "removed": tuple(RowChange(_said(key)) for key in removed[:EXAMPLES]),
        },
        left_out=left_out,
    )


def _values(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, before[name], value)
        for name, value in after.items()
        if name in before and name not in _ASIDE and not _alike(before[name], value)
    )


def _alike(one: str, other: str) -> bool:
    """Equal as text, or as numbers that are written otherwise (1.0 and 1.000)."""
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _said(key: tuple[str, ...]) -> str:
    return " ".join(part for part in key if part)
