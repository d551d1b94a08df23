"""`cleanclaim edit`: claim files in, what payers would reject or deny out."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from cleanclaim.edits import ClaimResult, EditReport, run_edits
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.frames import frames_from_claims
from cleanclaim.x12.index import Transaction, read_x12
from cleanclaim.x12.sets.claim_837p import read_837p

PROFESSIONAL = "005010X222"


def edit_file(data: bytes, *, file: str, today: date) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Documents of every claim of a file in file order, and the findings about the file as a whole.

    A transaction that is not a professional claim, or a claim that cannot be read, is a finding; the rest
    of the file goes on.
    """
    index = read_x12(data, file=file)
    whole = list(index.findings)
    read, places = [], []
    for transaction in index.transactions():
        whole += transaction.findings
        if not transaction.guide.startswith(PROFESSIONAL):
            whole.append(_not_ours(transaction, file))
            continue
        claims, findings = read_837p(transaction)
        whole += findings
        for found in claims:
            read.append(found.claim)
            places.append(
                Where(
                    file=file,
                    transaction=transaction.control_number,
                    segment_index=found.position,
                    segment="CLM",
                )
            )
    if not read:
        if not any(finding.severity is Severity.STOP for finding in whole):
            whole.append(_nothing(file))
        return [], whole
    report: EditReport = run_edits(frames_from_claims(read), today=today)
    return [
        _document(result, place, file) for result, place in zip(report.claims, places, strict=True)
    ], whole


def _not_ours(transaction: Transaction, file: str) -> Finding:
    return Finding(
        code="edits.not_a_professional_claim",
        severity=Severity.TELL,
        message=f"Transaction {transaction.control_number} is a {transaction.set_id} ({transaction.guide}), "
        "not a professional claim; it was passed over.",
        where=Where(file=file, transaction=transaction.control_number),
        remedy="Give files with 837 professional claims (005010X222A1).",
    )


def _nothing(file: str) -> Finding:
    return Finding(
        code="edits.no_claims_in_file",
        severity=Severity.STOP,
        message="The file holds no professional claim.",
        where=Where(file=file),
        remedy="Give files with 837 professional claims (005010X222A1).",
    )


def _document(result: ClaimResult, place: Where, file: str) -> dict[str, Any]:
    return {
        "claim_id": result.claim_number,
        "file": file,
        "result": result.result,
        "findings": [
            msgspec.to_builtins(msgspec.structs.replace(finding, where=place)) for finding in result.findings
        ],
        "not_checked": list(result.not_checked),
    }


def _text(document: dict[str, Any]) -> list[str]:
    lines = [f"{document['claim_id']}: {document['result']}"]
    for finding in document["findings"]:
        lines.append(f"    {finding['severity'].replace('_', ' ')}: {finding['message']} [{finding['code']}]")
        if finding.get("remedy"):
            lines.append(f"        {finding['remedy']}")
    return lines


@click.command("edit")
@click.argument("files", nargs=-1, required=True)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Check as of this day instead of today.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with every claim.")
def edit(files: tuple[str, ...], today: datetime | None, as_json: bool) -> None:
    """Run the claim edits on the claims of 837 files.

    A bare file cannot tell eligibility, authorizations or history: `not_checked` names what was left open.
    `-` reads standard input. Exit code 1 when a claim is stopped, 2 when a file cannot be read.

    \b
    Example:
      cleanclaim edit october.837 --today 2026-11-23 --json
    """
    day = (today or datetime.now().astimezone()).date()
    documents: list[dict[str, Any]] = []
    unread = stopped = False
    for name in files:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            click.echo(f"{name}: {error.strerror or 'cannot be read'}", err=True)
            unread = True
            continue
        found, whole = edit_file(data, file=name, today=day)
        for finding in whole:
            click.echo(finding.text(), err=True)
        if not found:
            unread = True
        stopped |= any(finding.severity.stops for finding in whole)
        stopped |= any(document["result"] == "stop" for document in found)
        documents += found
        if not as_json:
            for document in found:
                click.echo("\n".join(_text(document)))
    if as_json:
        json.dump(documents, sys.stdout, ensure_ascii=False, indent=1)
        click.echo()
    else:
        clean = sum(document["result"] != "stop" for document in documents)
        open_topics = sorted({topic for document in documents for topic in document["not_checked"]})
        click.echo(f"{clean} of {len(documents)} claims can go.", err=True)
        if open_topics:
            click.echo(f"Not checked for some or all: {', '.join(open_topics)}.", err=True)
    if unread:
        sys.exit(2)
    if stopped:
        sys.exit(1)


COMMANDS = {"edit": edit}
