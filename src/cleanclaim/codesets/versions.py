"""What is loaded, of which date, and what is stale."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.codesets import icd10cm
from cleanclaim.codesets.table import day, load
from cleanclaim.findings import Finding, Severity
from cleanclaim_data.loader import read_csv


class CodeSetVersion(msgspec.Struct, frozen=True):
    """One loaded table.

    Attributes:
        as_of: First day that the release speaks for.
        good_through: Last day that it speaks for; None when the issuer sets none.
        rows: Rows in the table.
    """

    table: str
    title: str
    release: str
    as_of: date
    good_through: date | None
    rows: int
    source: str

    def is_stale(self, on: date) -> bool:
        return self.good_through is not None and on > self.good_through


def _build(row: dict[str, str]) -> CodeSetVersion:
    return CodeSetVersion(
        row["table"],
        row["title"],
        row["release"],
        date.fromisoformat(row["as_of"]),
        day(row["good_through"]),
        _rows(row["loaded_as"]),
        row["source"],
    )


def _rows(name: str) -> int:
    # The whole ICD-10-CM is one compressed table; its lines are counted without building rows.
    return icd10cm.count() if name == icd10cm.FILE else len(read_csv(name))


def versions() -> tuple[CodeSetVersion, ...]:
    """Every loaded table, in file order."""
    return tuple(rows[0] for rows in load("versions", _build, "table").values())


def stale(on: date) -> tuple[Finding, ...]:
    """One finding per table whose release ended before a day.

    They are reported beside results, never inside them: a stale table still answers, and says its age.
    """
    return tuple(
        Finding(
            code="codesets.stale",
            severity=Severity.TELL,
            message=f"{version.title}: the loaded release ({version.release}) speaks for dates up to "
            f"{version.good_through}; answers for {on.isoformat()} rest on it.",
            subject_id=version.table,
            facts={"as_of": version.as_of.isoformat(), "release": version.release, "asked": on.isoformat()},
            remedy="Load the current release of this table.",
        )
        for version in versions()
        if version.is_stale(on)
    )
