"""Any X12 file as plain nested values and back, without knowing its transaction set.

An element is a text; a composite is a list of texts; repetitions are ``{"repeat": [...]}``. Counts and
trailers are not part of it: they are computed when it is written.
"""

from __future__ import annotations

from typing import Any

from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.structure import Delimiters, Group, Interchange, Segment, Transaction, X12File
from cleanclaim.x12.writer import Element, SetBody, WriteRefused, write_raw_interchange


def to_generic(file: X12File) -> list[dict[str, Any]]:
    """All interchanges of a file, in order, whole."""
    return [interchange_to_generic(one) for one in file.interchanges]


def interchange_to_generic(interchange: Interchange, *, segments: bool = True) -> dict[str, Any]:
    """One interchange; without `segments` only its envelopes."""
    return {
        "isa": interchange.isa.elements[1:],
        "delimiters": [
            interchange.delimiters.element,
            interchange.delimiters.component,
            interchange.delimiters.repetition,
            interchange.delimiters.segment,
        ],
        "ta1s": [ta1.elements[1:] for ta1 in interchange.ta1s],
        "groups": [group_to_generic(group, segments=segments) for group in interchange.groups],
    }


def group_to_generic(group: Group, *, segments: bool = True) -> dict[str, Any]:
    """One group with its transactions."""
    return {
        "gs": group.gs.elements[1:],
        "transactions": [transaction_to_generic(one, segments=segments) for one in group.transactions],
    }


def transaction_to_generic(transaction: Transaction, *, segments: bool = True) -> dict[str, Any]:
    """One transaction; `segments` are those between ST and SE."""
    document: dict[str, Any] = {
        "set": transaction.set_id,
        "guide": transaction.guide,
        "control_number": transaction.control_number,
        "st": transaction.st.elements[1:],
    }
    if segments:
        body = transaction.segments[1:]
        if body and body[-1].id == "SE":
            body = body[:-1]
        document["segments"] = [segment_to_generic(segment) for segment in body]
    return document


def segment_to_generic(segment: Segment) -> list[Any]:
    """One segment: its id, then its elements."""
    return [segment.id, *(_element(text, segment.delimiters) for text in segment.elements[1:])]


def _element(text: str, delimiters: Delimiters) -> Any:
    if delimiters.repetition and delimiters.repetition in text:
        return {"repeat": [_components(one, delimiters) for one in text.split(delimiters.repetition)]}
    return _components(text, delimiters)


def _components(text: str, delimiters: Delimiters) -> Any:
    return text.split(delimiters.component) if delimiters.component in text else text


def from_generic(interchanges: list[dict[str, Any]]) -> bytes:
    """Write what `to_generic` gave, with trailers and counts computed anew.

    Raises:
        WriteRefused: A part is missing or of the wrong shape, or a value holds a delimiter.
    """
    try:
        return b"".join(_interchange(one) for one in interchanges)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise WriteRefused([_misshapen(error)]) from None


def _misshapen(error: Exception) -> Finding:
    what = (
        f"key {error.args[0]!r} is missing" if isinstance(error, KeyError) else "a part has the wrong shape"
    )
    message = f"This is not the JSON of an X12 file: {what}."
    return Finding(
        "x12.write.shape", Severity.STOP, message, remedy="Give what `x12 show --json --segments` prints."
    )


def _interchange(document: dict[str, Any]) -> bytes:
    groups = [
        (
            tuple(group["gs"]),
            [
                SetBody(
                    one["set"], one["guide"], group["gs"][0], one["control_number"],
                    [segment_from_generic(segment) for segment in one["segments"]],
                    len(one["st"]) > 2 and bool(one["st"][2]),
                )
                for one in group["transactions"]
            ],
        )
        for group in document["groups"]
    ]  # fmt: skip
    element, component, repetition, end = document["delimiters"]
    marks = Delimiters(element, component, repetition, end)
    return write_raw_interchange(
        tuple(document["isa"]), groups, [tuple(ta1) for ta1 in document["ta1s"]], marks
    )


def segment_from_generic(document: list[Any]) -> tuple[Element, ...]:
    """One segment as the writer takes it."""
    return tuple(_element_from(value) for value in document)


def _element_from(value: Any) -> Element:
    if isinstance(value, dict):
        return [tuple(one) if isinstance(one, list) else one for one in value["repeat"]]
    return tuple(value) if isinstance(value, list) else value
