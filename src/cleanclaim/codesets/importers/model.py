"""What an import answers."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.findings import Finding, Severity, Where


class ImportRefused(ValueError):
    """The file is not of the layout, or holds no usable row. Nothing was read from it.

    Attributes:
        kind: What was asked for: ``mue``, ``ptp_edits``, …
        expected: Columns or line form that were looked for.
    """

    def __init__(self, kind: str, file: str, why: str, expected: str) -> None:
        self.kind, self.file, self.expected = kind, file, expected
        super().__init__(f"{file or 'the file'} is no {kind} file: {why}. Expected {expected}")


class Release(msgspec.Struct, frozen=True):
    """Which release a file is.

    Attributes:
        name: As its issuer calls it: ``2026Q4 v32.3``, ``FY2027``.
        as_of: First day that it speaks for.
        good_through: Last day; None when the issuer sets none.
        source: File name and issuer, for the record.
    """

    name: str
    as_of: date
    good_through: date | None
    source: str


class Imported(msgspec.Struct, frozen=True):
    """Rows of one of our tables, read from an official file.

    Attributes:
        table: Our table, as in ``codesets/<table>.csv``.
        columns: Its columns, in order.
        rows: Values as text, one row per line of the table.
        release: What they are.
        findings: Rows that were left out, each with its line and why.
        read: Data lines of the file, those left out included.
    """

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    release: Release
    findings: tuple[Finding, ...]
    read: int


def left_out(kind: str, file: str, line: int, why: str, **facts: object) -> Finding:
    """The finding for a row that cannot be used."""
    return Finding(
        code="codesets.import_row",
        severity=Severity.TELL,
        message=f"Row left out: {why}.",
        where=Where(file=file, line=line),
        subject_id=kind,
        facts=dict(facts),
        remedy="Compare the row with the issuer's file; load it again when it is corrected.",
    )
