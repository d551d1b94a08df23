"""`cleanclaim code`: session rows in, codes out."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import click
import msgspec

from cleanclaim import codesets
from cleanclaim.coding import CodingResult, SessionRow, code_session, read_session_rows
from cleanclaim.findings import Finding, Severity

# Code sets that decide an answer of this command.
_USED = {"procedures", "addon_pairs", "ptp_edits", "mue", "diagnoses", "diagnosis_notes", "telehealth_list"}


def _row_document(row: SessionRow, answer: CodingResult, findings: list[Finding]) -> dict[str, Any]:
    """One row's JSON: the answer spelled as in the session file, then what it rests on."""
    return {
        "case_id": row.case_id,
        "line": row.line,
        **answer.spelled(),
        "next_threshold": answer.next_threshold,
        "next_codes": answer.next_codes,
        "billed_under": answer.billed_under,
        "findings": [msgspec.to_builtins(finding) for finding in (*findings, *answer.findings)],
        "why": [msgspec.to_builtins(reason) for reason in answer.why],
        "extras": row.extras,
    }


def _unread_document(line: int, findings: list[Finding]) -> dict[str, Any]:
    """A row that could not be read: an error in its place, so that no row goes missing."""
    return {
        "case_id": next((finding.subject_id for finding in findings if finding.subject_id), ""),
        "line": line,
        "result": "error",
        "codes": "",
        "units": "",
        "modifiers": "",
        "pos": "",
        "error_code": "E_ROW_NOT_READ",
        "next_threshold": None,
        "next_codes": "",
        "billed_under": "",
        "findings": [msgspec.to_builtins(finding) for finding in findings],
        "why": [],
        "extras": {},
    }


def _say(finding: Finding) -> None:
    click.echo(finding.text(), err=True)


def _age(on: date) -> list[Finding]:
    """One finding that names the code sets older than the newest session."""
    old = [version for version in codesets.versions() if version.table in _USED and version.is_stale(on)]
    if not old:
        return []
    named = ", ".join(f"{version.table} (release {version.as_of})" for version in old)
    message = f"Some sessions are later than the loaded code sets speak for: {named}."
    return [Finding("codesets.stale", Severity.TELL, message, remedy="Load the current releases.")]


def code_file(data: bytes) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Documents of every row in file order, and the findings about the file as a whole.

    The age of the code sets is among the latter: it stands beside the results, never inside them.
    """
    rows, findings = read_session_rows(data)
    by_line: dict[int, list[Finding]] = {}
    for finding in findings:
        by_line.setdefault(finding.where.line, []).append(finding)
    whole = by_line.pop(0, [])
    documents = [_row_document(row, code_session(row.facts), by_line.pop(row.line, [])) for row in rows]
    documents += [_unread_document(line, found) for line, found in by_line.items()]
    if rows:
        whole += _age(max(row.facts.dos for row in rows))
    return sorted(documents, key=lambda document: document["line"]), whole


def _text(document: dict[str, Any]) -> str:
    name = document["case_id"] or f"line {document['line']}"
    if document["result"] == "error":
        first = next((found for found in document["findings"]), {})
        parts = [
            f"{name}: not billable, {document['error_code']}.",
            first.get("message", ""),
            first.get("remedy", ""),
        ]
        return " ".join(part for part in parts if part)
    lines = zip(
        document["codes"].split(";"),
        document["units"].split(";"),
        document["modifiers"].split(";"),
        strict=True,
    )
    told = ", ".join(
        code + (f"-{modifiers}" if modifiers != "-" else "") + (f" x {units}" if units != "1" else "")
        for code, units, modifiers in lines
        if code
    )
    place = f" at {document['pos']}" if document["pos"] else ""
    warned = f" [{document['error_code']}]" if document["error_code"] else ""
    return f"{name}: {told or 'nothing to bill'}{place}{warned}"


@click.command("code")
@click.argument("sessions", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with every row.")
@click.option("--why", is_flag=True, help="Print the reasons under each row.")
def code(sessions: Any, as_json: bool, why: bool) -> None:
    """Code each session row of a CSV file.

    Columns are those of the session file (docs/errors/coding.md); unknown ones pass through. `-`
    reads standard input. Exit code 1 when a row is not billable, 2 when the file cannot be read.

    \b
    Example:
      cleanclaim code november.csv --json > coded.json
    """
    documents, whole = code_file(sessions.read())
    refused = any(finding.severity is not Severity.TELL for finding in whole)
    for finding in whole:
        _say(finding)
    if as_json and not refused:
        json.dump(documents, sys.stdout, ensure_ascii=False, indent=1)
        click.echo()
    elif not refused:
        for document in documents:
            click.echo(_text(document))
            for reason in document["why"] if why else ():
                click.echo(
                    f"    {reason['text']}" + (f"  ({reason['source']})" if reason.get("source") else "")
                )
        errors = sum(1 for document in documents if document["result"] == "error")
        click.echo(f"{len(documents) - errors} of {len(documents)} rows can be billed.", err=True)
    if refused:
        sys.exit(2)
    if any(document["result"] == "error" for document in documents):
        sys.exit(1)


COMMANDS = {"code": code}
