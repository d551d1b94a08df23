"""Rows of a session file: cells to facts, faults to findings."""

from __future__ import annotations

import msgspec

from cleanclaim.coding.facts import SessionFacts
from cleanclaim.coding.session_file.decode import decode, whole_file
from cleanclaim.coding.session_file.records import Record, read_records
from cleanclaim.coding.session_file.row import RowReader, row_finding
from cleanclaim.findings import Finding, Severity

MAX_BYTES = 50_000_000
COLUMNS = (
    "case_id",
    "dos",
    "service",
    "setting",
    "start_time",
    "stop_time",
    "minutes",
    "with_em",
    "em_minutes",
    "em_basis",
    "patient_type",
    "participants",
    "crisis",
    "ic_factors",
    "modality",
    "patient_at_home",
    "credential",
    "payer_kind",
    "payer_profile",
    "other_inputs",
    "units",
)
"""The columns read here; every other column passes through."""
REQUIRED_COLUMNS = frozenset({"dos", "service", "setting", "credential", "payer_kind"})
_ALIASES = {"date_of_service": "dos", "session_id": "case_id", "start": "start_time", "stop": "stop_time"}


class SessionRow(msgspec.Struct, frozen=True):
    """One readable row.

    Attributes:
        line: First line of the row in the file, from 1 (the header is usually 1).
        facts: What the row says about the session.
        extras: Every other column as text, by its header: expected answers, patient, provider, …
    """

    line: int
    facts: SessionFacts
    extras: dict[str, str]

    @property
    def case_id(self) -> str:
        return self.facts.case_id


class _Header(msgspec.Struct):
    """Positions of known columns and of those that pass through."""

    known: dict[str, int]
    extra: dict[str, int]
    width: int


def read_session_rows(
    data: bytes,
    *,
    required: frozenset[str] = REQUIRED_COLUMNS,
    max_bytes: int = MAX_BYTES,
) -> tuple[list[SessionRow], list[Finding]]:
    """Read a session file. A total function: any bytes give rows and findings, never an exception.

    Args:
        data: The file as it came. UTF-8, UTF-16 or Windows-1252; comma, semicolon or tab.
        required: Columns that must be in the header and filled in each row. An importer that finds
            the payer or the credential in its own records passes fewer; the facts then hold ``""``.
        max_bytes: Refuse larger files whole.

    Returns:
        Readable rows in file order, and findings with code ``sessions.*``. A finding with
        `where.line` speaks of one row, which is then not among the rows if the finding stops; one
        without refuses the file or speaks of all of it.
    """
    text, findings = decode(data, max_bytes)
    if text is None:
        return [], findings
    records = read_records(text)
    header, faults = _read_header(next(records, None), required)
    findings += faults
    if header is None:
        return [], findings
    rows: list[SessionRow] = []
    seen: dict[str, int] = {}
    read = 0
    for record in records:
        if record.cells is not None and not any(item.strip() for item in record.cells):
            continue
        read += 1
        row = _read_row(record, header, required, findings)
        if row is None:
            continue
        rows.append(row)
        if row.case_id and row.case_id in seen:
            message = f"The case_id was already used on line {seen[row.case_id]}; both rows were read."
            findings.append(
                row_finding(record.line, "case_id", "case_id_doubled", message, severity=Severity.TELL)
            )
        seen.setdefault(row.case_id, record.line)
    if not read:
        findings.append(
            whole_file("no_rows", "The file has a header and no sessions.", "Export the sessions again.")
        )
    return rows, findings


def _read_header(record: Record | None, required: frozenset[str]) -> tuple[_Header | None, list[Finding]]:
    if record is None or record.cells is None:
        return None, [
            whole_file("header_missing", "The first line is not a header.", "Begin with the column names.")
        ]
    header = _Header({}, {}, len(record.cells))
    doubled = []
    for position, title in enumerate(record.cells):
        name = "_".join(title.strip().lower().replace("-", " ").replace("_", " ").split())
        name = _ALIASES.get(name, name)
        if name in COLUMNS:
            doubled += [name] if name in header.known else []
            header.known.setdefault(name, position)
        elif title.strip():
            header.extra.setdefault(title.strip(), position)
    if not header.known:
        message = "The first line names none of the columns of a session file."
        remedy = "Begin with the column names, at least: " + ", ".join(sorted(required)) + "."
        return None, [whole_file("header_missing", message, remedy, expected=sorted(required))]
    if doubled:
        message = f"A column is there twice: {', '.join(doubled)}."
        return None, [whole_file("column_doubled", message, "Keep one of the two.", columns=doubled)]
    missing = sorted(required - header.known.keys())
    if missing:
        message = f"The header lacks: {', '.join(missing)}."
        return None, [whole_file("column_missing", message, "Add the column to the export.", missing=missing)]
    return header, []


def _subject(text: str) -> str:
    """The row's key when it is safe to repeat: an identifier, not words."""
    return text if len(text) <= 40 and any(mark.isdecimal() for mark in text) and " " not in text else ""


def _read_row(
    record: Record, header: _Header, required: frozenset[str], findings: list[Finding]
) -> SessionRow | None:
    line = record.line
    if record.cells is None:
        message = "A quotation mark is opened on this line and not closed."
        remedy = 'Close the quotation mark, or write "" for a mark inside a cell.'
        findings.append(row_finding(line, "", "quote_open", message, remedy=remedy))
        return None
    values = [item.strip() for item in record.cells]
    if len(values) != header.width and not (len(values) > header.width and not any(values[header.width :])):
        message = f"The row has {len(values)} cells, the header {header.width}."
        remedy = "Quote cells that contain the separator, and give every row all its cells."
        findings.append(
            row_finding(
                line, "", "cells_count", message, remedy=remedy, seen=len(values), expected=header.width
            )
        )
        return None
    given = {name: values[position] for name, position in header.known.items()}
    subject = _subject(given.get("case_id", ""))
    reader = RowReader(line, given, required, subject)
    facts = reader.facts()
    findings += reader.findings
    if facts is None:
        return None
    return SessionRow(line, facts, {title: values[position] for title, position in header.extra.items()})
