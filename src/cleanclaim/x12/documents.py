"""A file as one JSON document with the typed content of each transaction, and back.

`write_document(show_document(file))` is the file again up to delimiters, line ends and what a writer counts.
Where the typed records of a set do not carry all that a transaction holds, the document holds its segments
too, and they are what is written. Content that somebody changed is written from the content, and told.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.x12 import generic
from cleanclaim.x12.index import Interchange, Transaction, X12File
from cleanclaim.x12.outline import outline
from cleanclaim.x12.sets import read_typed, write_typed
from cleanclaim.x12.writer import Element, SetBody, WriteRefused

Document = dict[str, Any]


def show_document(file: X12File, *, segments: bool = False) -> Document:
    """Everything a file says, as plain JSON values.

    Args:
        file: From `read_x12`.
        segments: Add the segments of every transaction, not only where content alone would lose something.

    Returns:
        ``{file, interchanges: [{isa, delimiters, ta1s, groups: [{gs, transactions: [{set, guide,
        control_number, st, content, findings, segments?, content_digest?, outline?}]}]}]}``. `content` is
        None for a set without typed records; it then has `outline` (when its guide is known) and `segments`.
        `content_digest` stands beside segments, so that writing sees whether the content was changed.
    """
    return {"file": file.name, "interchanges": [_interchange(one, segments) for one in file.interchanges]}


def _interchange(interchange: Interchange, segments: bool) -> Document:
    document = generic.interchange_to_generic(interchange, segments=False)
    document["control_number"] = interchange.control_number
    for group, members in zip(interchange.groups, document["groups"], strict=True):
        for transaction, held in zip(group.transactions, members["transactions"], strict=True):
            content, findings = read_typed(transaction) or (None, [])
            held["content"] = msgspec.to_builtins(content)
            if content is None:
                held["outline"] = outline(transaction)
            held["findings"] = msgspec.to_builtins(findings)
            whole = generic.transaction_to_generic(transaction)
            if segments or content is None or not _says_all(transaction, content, whole["segments"]):
                held |= whole
                if content is not None:
                    held["content_digest"] = _digest(held["content"])
            transaction.forget()
    return document


def _says_all(transaction: Transaction, content: Any, segments: list[Any]) -> bool:
    """Whether writing the content gives the segments again."""
    try:
        body = _body(transaction.guide, transaction.set_id, transaction.control_number, content)
    except WriteRefused:
        return False
    return [_trimmed(plain_segment(one)) for one in body.segments] == [_trimmed(one) for one in segments]


def _body(guide: str, set_id: str, control_number: str, content: Any) -> SetBody:
    return write_typed(guide, content, control_number=control_number, set_id=set_id)


def write_document(document: Any) -> tuple[bytes, list[Finding]]:
    """Write what `show_document` gave (or the list of its interchanges), changed or not.

    Returns:
        The bytes of the file, and one finding for each transaction whose content was changed: it is written
        from the content, so what content does not carry is not in it.

    Raises:
        WriteRefused: A part has another shape, a value cannot be written, or the guide refuses it.
    """
    try:
        interchanges = document["interchanges"] if isinstance(document, dict) else document
        told: list[Finding] = []
        return generic.from_generic([_with_segments(one, told) for one in interchanges]), told
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        if isinstance(error, WriteRefused):
            raise
        raise WriteRefused([_misshapen()]) from None


def _with_segments(interchange: Document, told: list[Finding]) -> Document:
    """Segments made from content, where there were none or the content was changed."""
    groups = []
    for group in interchange["groups"]:
        transactions = []
        for held in group["transactions"]:
            changed = "segments" in held and _is_changed(held)
            if "segments" in held and not changed:
                transactions.append(held)
                continue
            if held["content"] is None:
                raise WriteRefused([_needs_segments()])
            if changed:
                told.append(_rewritten(str(held["control_number"])))
            body = _body(held["guide"], held["set"], held["control_number"], held["content"])
            transactions.append(held | {"segments": [plain_segment(one) for one in body.segments]})
        groups.append(group | {"transactions": transactions})
    return interchange | {"groups": groups}


def _is_changed(held: Document) -> bool:
    """Whether content that stands beside its segments is no longer what was shown."""
    return "content_digest" in held and held["content_digest"] != _digest(held.get("content"))


def _digest(content: Any) -> str:
    """A fingerprint of plain content: equal values give equal ones, in whatever order and spacing."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def plain_segment(segment: tuple[Element, ...]) -> list[Any]:
    """One segment of a writer as JSON holds it."""
    return [_plain_element(value) for value in segment]


def _plain_element(value: Element) -> Any:
    if isinstance(value, list):
        return {"repeat": [list(one) if isinstance(one, tuple) else one for one in value]}
    return list(value) if isinstance(value, tuple) else value or ""


def _trimmed(segment: list[Any]) -> list[Any]:
    """A segment without empty elements and components at its end, which mean nothing."""
    kept = [_trimmed_element(value) for value in segment]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _trimmed_element(value: Any) -> Any:
    if isinstance(value, dict):
        return {"repeat": [_trimmed_element(one) for one in value["repeat"]]}
    if isinstance(value, list):
        parts = [part or "" for part in value]
        while parts and not parts[-1]:
            parts.pop()
        return parts if len(parts) > 1 else parts[0] if parts else ""
    return value or ""


def _misshapen() -> Finding:
    message = "This is not the JSON that `cleanclaim x12 show --json` prints."
    return Finding(
        "x12.write.shape", Severity.STOP, message, remedy="Show the file again and change values only."
    )


def _needs_segments() -> Finding:
    message = "This JSON has no segments, and its set has no typed content to write from."
    return Finding("x12.write.shape", Severity.STOP, message, remedy="Show the file with --segments.")


def _rewritten(control_number: str) -> Finding:
    message = "The content was changed, so the transaction is written from it."
    remedy = "What the typed content does not carry is not in it: compare with the segments of the original."
    where = Where(transaction=control_number[:9] if control_number.isalnum() else "")
    return Finding("x12.write.from_content", Severity.TELL, message, where, remedy=remedy)
