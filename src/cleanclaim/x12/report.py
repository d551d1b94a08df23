"""Validation as one plain document a file: what the command line prints and the API returns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cleanclaim.findings import Finding
from cleanclaim.x12.structure import Transaction, X12File
from cleanclaim.x12.validate import TransactionReport


def report_document(
    file: X12File, reports: Sequence[TransactionReport], *, values: bool = False
) -> dict[str, Any]:
    """Everything validation says of one file.

    Args:
        file: The file as read.
        reports: From `validate` of that file.
        values: Copy the value that a finding is about. It may identify a patient: only for people
            who hold the file anyway, never for a log.

    Returns:
        ``{file, valid, interchanges, transactions, findings}``; `findings` at the top are those of
        file, interchanges and groups.
    """
    valid = is_readable(file) and all(report.valid for report in reports)
    transactions = [_transaction(report, values) for report in reports]
    return {**_file(file), "transactions": transactions, **_end(file), "valid": valid}


def report_text(
    file: X12File, reports: Iterable[TransactionReport], *, values: bool = False
) -> Iterator[str]:
    """The same document as JSON, piece by piece while the reports come: none of them is kept.

    `valid` is known last, and stands last.
    """
    yield json.dumps(_file(file))[:-1] + ', "transactions": ['
    valid, before = is_readable(file), ""
    for report in reports:
        valid = valid and report.valid
        yield before + json.dumps(_transaction(report, values))
        before = ", "
    yield "], " + json.dumps({**_end(file), "valid": valid})[1:]


def is_readable(file: X12File) -> bool:
    """Whether there is an interchange, and nothing about an envelope that stops it."""
    return bool(file.interchanges) and not any(one.severity.stops for one in envelope_findings(file))


def _file(file: X12File) -> dict[str, Any]:
    return {
        "file": file.name,
        "sha256": file.sha256,
        "interchanges": [
            {
                "control_number": interchange.control_number,
                "sender": ":".join(interchange.sender),
                "receiver": ":".join(interchange.receiver),
                "usage": interchange.usage,
                "groups": len(interchange.groups),
                "ta1s": len(interchange.ta1s),
            }
            for interchange in file.interchanges
        ],
    }


def _end(file: X12File) -> dict[str, Any]:
    return {"findings": [finding_document(finding) for finding in envelope_findings(file)]}


def envelope_findings(file: X12File) -> list[Finding]:
    """Findings about the file, its interchanges and groups, without those of transactions."""
    found = list(file.findings)
    for interchange in file.interchanges:
        found += interchange.findings
        for group in interchange.groups:
            found += group.findings
    return found


def finding_document(finding: Finding, transaction: Transaction | None = None) -> dict[str, Any]:
    """One finding with its place spread out; with a transaction given, the value it is about too."""
    where = finding.where
    document: dict[str, Any] = {
        "code": finding.code,
        "severity": str(finding.severity),
        "snip": finding.snip,
        "segment_index": where.segment_index,
        "offset": where.offset,
        "segment": where.segment,
        "loop": where.loop,
        "element": where.element,
        "component": where.component,
        "message": finding.message,
        "remedy": finding.remedy,
        "ack": dict(finding.ack),
    }
    if finding.subject_id:
        document["claim_id"] = finding.subject_id
    if finding.facts:
        document["facts"] = dict(finding.facts)
    if transaction is not None:
        document["value"] = _value(finding, transaction)
    return document


def _transaction(report: TransactionReport, values: bool) -> dict[str, Any]:
    transaction = report.transaction
    return {
        "set": transaction.set_id,
        "guide": transaction.guide,
        "checked_as": report.guide,
        "supported": report.supported,
        "control_number": transaction.control_number,
        "valid": report.valid,
        "claims": report.claims,
        "findings": [finding_document(one, transaction if values else None) for one in report.findings],
    }


def _value(finding: Finding, transaction: Transaction) -> str:
    where = finding.where
    at = where.element[len(where.segment) :]
    first = transaction.offset
    if not at.isdecimal() or not where.segment_index or not first <= where.offset < first + transaction.size:
        return ""
    segment = transaction.segment(where.segment_index, where.offset)
    return segment.get(int(at), where.component) if segment.id == where.segment else ""
