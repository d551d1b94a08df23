"""Write records by their layout, and refuse what the guide refuses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cleanclaim.findings import Finding
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.layouts.parts import Child, Inline, Layout, Level, Part, Segments
from cleanclaim.x12.validate import validate
from cleanclaim.x12.writer import Envelope, SetBody, WriteRefused, write_x12

# Only to have the guide look at a transaction; nothing of it is sent.
_TRIAL = Envelope(
    sender_id="SENDER", receiver_id="RECEIVER", control_number=1, group_control_number=1,
    created_at=datetime(2000, 1, 1),  # noqa: DTZ001
)  # fmt: skip


def write_layout(
    layout: Layout, record: Any, *, set_id: str, guide: str, functional_id: str, control_number: str
) -> SetBody:
    """Write a record as a transaction; levels are numbered here.

    Raises:
        WriteRefused: The guide refuses what would be written: one finding for each fault, with its loop
            and element, as `cleanclaim.x12.validate` says it.
    """
    body = SetBody(set_id, guide, functional_id, control_number, layout_segments(layout, record))
    refused = refusals(body)
    if refused:
        raise WriteRefused(refused)
    return body


def layout_segments(layout: Layout, record: Any) -> Segments:
    """The segments of a record between ST and SE, unchecked."""
    pen = _Pen()
    pen.parts(layout.parts, record)
    return pen.segments


def refusals(body: SetBody) -> list[Finding]:
    """What stops a transaction according to its guide, by the same check that others' files go through.

    Raises:
        WriteRefused: A value cannot be written at all, for it holds a delimiter.
    """
    file = read_x12(write_x12(_TRIAL, [body]))
    found = file.all_findings() + [one for report in validate(file) for one in report.findings]
    kept: list[Finding] = []
    for one in found:
        if one.severity.stops and one not in kept:
            kept.append(one)
    return kept


class _Pen:
    def __init__(self) -> None:
        self.segments: Segments = []
        self.level = 0
        self.parent = 0

    def parts(self, parts: Sequence[Any], record: Any) -> None:
        """As deep as the layout is."""
        for part in parts:
            if isinstance(part, Level):
                self.open_level(part, record)
            elif isinstance(part, Part):
                self.segments += part.write(record)
            elif isinstance(part, Inline):
                self.inline(part, record)
            else:
                self.children(part, record)

    def open_level(self, part: Level, record: Any) -> None:
        self.level += 1
        parent = str(self.parent) if self.parent else ""
        self.segments.append(
            ("HL", str(self.level), parent, part.code, "1" if part.has_children(record) else "0")
        )
        self.parent = self.level

    def inline(self, part: Inline, record: Any) -> None:
        if part.when is None or part.when(record):
            parent = self.parent
            self.parts(part.parts, record)
            self.parent = parent

    def children(self, part: Child, record: Any) -> None:
        if part.when is not None and not part.when(record):
            return
        held = getattr(record, part.field)
        parent = self.parent
        for one in () if held is None else (held,) if part.single else held:
            self.parts(part.layout.parts, one)
            self.parent = parent
