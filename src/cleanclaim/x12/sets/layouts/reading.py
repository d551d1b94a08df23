"""Read a transaction by its layout."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from cleanclaim.findings import Finding
from cleanclaim.x12.loops import Loop, loops_of
from cleanclaim.x12.sets.layouts.parts import Child, Inline, Layout, Part
from cleanclaim.x12.sets.layouts.values import not_carried
from cleanclaim.x12.sets.reading import Faults
from cleanclaim.x12.structure import Segment

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Transaction


def read_layout(layout: Layout, transaction: Transaction, family: str) -> tuple[Any, list[Finding]]:
    """Read a transaction into the record of a layout. Never raises on input.

    Args:
        layout: Of the whole transaction.
        transaction: Of a guide that the engine knows.
        family: How the codes of its findings begin, such as ``x12.271``.

    Returns:
        The record and the findings of reading it. Values that cannot be read are empty and told; what
        the record has no place for is told.
    """
    faults = Faults(transaction, family)
    root = loops_of(transaction) or Loop("", "transaction")
    fields = _fields(layout, root, faults)
    fields |= {"guide": transaction.guide, "control_number": transaction.control_number}
    names = layout.record.__struct_fields__
    return layout.record(**{name: fields[name] for name in names if name in fields}), faults.findings


def _fields(layout: Layout, loop: Loop, faults: Faults) -> dict[str, Any]:
    fields: dict[str, Any] = {"_seen": set()}
    _fill(layout.parts, loop, fields, faults)
    del fields["_seen"]
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def _record(layout: Layout, loop: Loop, faults: Faults) -> Any:
    fields = _fields(layout, loop, faults)
    names = layout.record.__struct_fields__
    first, last = _ends(loop)
    if "position" in names:
        fields["position"] = first
    if "end_position" in names:
        fields["end_position"] = last
    for name in _required(layout.record):  # its segment was not sent
        fields.setdefault(name, "")
    return layout.record(**fields)


@cache
def _required(record: Any) -> tuple[str, ...]:
    """Fields without default: codes and numbers, all of them texts."""
    return tuple(one.name for one in msgspec.structs.fields(record) if one.required)


def _fill(parts: Sequence[Any], loop: Loop, fields: dict[str, Any], faults: Faults) -> None:
    """As deep as the layout is, whatever the file holds."""
    for one in loop.content:
        faults.loop = loop.name
        if isinstance(one, Segment):
            held = next((part for part in parts if isinstance(part, Part) and part.fits(one, fields)), None)
            if held is None:
                not_carried(faults, one)
            else:
                held.read(one, fields, faults)
            continue
        _enter(parts, one, fields, faults)


def _enter(parts: Sequence[Any], loop: Loop, fields: dict[str, Any], faults: Faults) -> None:
    part = next((part for part in parts if not isinstance(part, Part) and loop.name in part.loops), None)
    if isinstance(part, Inline) and id(part) not in fields["_seen"]:
        fields["_seen"].add(id(part))
        _fill(part.parts, loop, fields, faults)
    elif isinstance(part, Child) and not (part.single and fields.get(part.field) is not None):
        record = _record(part.layout, loop, faults)
        if part.single:
            fields[part.field] = record
        else:
            fields.setdefault(part.field, []).append(record)
    else:
        segment = _first(loop)
        if segment is not None:
            not_carried(faults, segment)


def _first(loop: Loop) -> Segment | None:
    for one in loop.content:
        found = one if isinstance(one, Segment) else _first(one)
        if found is not None:
            return found
    return None


def _ends(loop: Loop) -> tuple[int, int]:
    """Numbers of the first and the last segment of a loop."""
    first, last = _first(loop), loop.content[-1] if loop.content else None
    while isinstance(last, Loop):
        last = last.content[-1] if last.content else None
    return (first.position if first else 0, last.position if isinstance(last, Segment) else 0)
