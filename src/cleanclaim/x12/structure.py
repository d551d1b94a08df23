"""What a file consists of: interchanges, groups, transactions, segments, each with its place.

Positions: `Segment.position` counts from ST = 1 inside a transaction and from ISA = 1 of its
interchange outside one; `Segment.offset` is the byte offset in the file.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from sys import intern
from typing import overload

import msgspec

from cleanclaim.findings import Finding
from cleanclaim.x12.source import Text

BLANKS = " \t\r\n\x00\x1a"
"""What may stand between segments and is no data: line ends, blanks, padding, the old end-of-file mark."""


_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}\Z")


class Delimiters(msgspec.Struct, frozen=True):
    """The four marks of an interchange. `repetition` is empty where ISA11 is no delimiter (4010)."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"


class Segment:
    """One segment: `elements[0]` is its id, ``elements[1]`` element 01, all as sent."""

    __slots__ = ("delimiters", "elements", "id", "offset", "position")

    def __init__(self, elements: list[str], position: int, offset: int, delimiters: Delimiters) -> None:
        self.id = elements[0]
        self.elements = elements
        self.position = position
        self.offset = offset
        self.delimiters = delimiters

    @property
    def name(self) -> str:
        """The id where it has the form of one, else a question mark: broken text may be a patient's name."""
        return self.id if _ID.match(self.id) else "?"

    def __repr__(self) -> str:
        return f"<Segment {self.name} at {self.position}>"

    def get(self, element: int, component: int = 0, repetition: int = 0) -> str:
        """One value as sent, `''` when absent.

        Args:
            element: 1-based: ``get(4)`` of a CLP is CLP04.
            component: 1-based; 0 is the whole element.
            repetition: 1-based; 0 is all repetitions as one text.
        """
        if element >= len(self.elements):
            return ""
        value = self.elements[element]
        if repetition:
            repeats = self.repetitions(element)
            value = repeats[repetition - 1] if repetition <= len(repeats) else ""
        if component:
            parts = value.split(self.delimiters.component)
            value = parts[component - 1] if component <= len(parts) else ""
        return value

    def composite(self, element: int) -> list[str]:
        """The components of an element, `['']` when it is absent."""
        return self.get(element).split(self.delimiters.component)

    def repetitions(self, element: int) -> list[str]:
        """The repetitions of an element, `['']` when it is absent."""
        value = self.get(element)
        return value.split(self.delimiters.repetition) if self.delimiters.repetition else [value]

    def text(self) -> str:
        """The segment as sent, without its terminator."""
        return self.delimiters.element.join(self.elements)


def split_segments(
    text: str, offset: int, delimiters: Delimiters, *, first_position: int = 1
) -> list[Segment]:
    """Split Latin-1 text (one character a byte) into segments; blank ones are left out.

    Line ends and blanks before a segment are not part of it. Text that is UTF-8 is decoded as such;
    other high bytes stay as Latin-1.
    """
    element = delimiters.element
    plain = text.isascii()
    segments = []
    position = first_position
    for piece in text.split(delimiters.segment):
        body = piece.lstrip(BLANKS)
        if body:
            start = offset + len(piece) - len(body)
            if not plain:
                body = decode(body)
            segments.append(Segment(body.split(element), position, start, delimiters))
            position += 1
        offset += len(piece) + 1
    if segments:
        # Line ends after an unterminated last segment are not part of its last element.
        segments[-1].elements[-1] = segments[-1].elements[-1].rstrip("\r\n\x00\x1a")
    return segments


def decode(text: str) -> str:
    """Latin-1 text that is really UTF-8, decoded; else as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


class Transaction:
    """ST to SE. `segments` is split on first use and kept; `forget` frees it."""

    __slots__ = (
        "_segments", "_source", "_stop", "control_number", "findings", "group", "guide", "offset", "set_id",
        "st", "whole",
    )  # fmt: skip

    def __init__(self, st: Segment, group: Group, source: Text, stop: int, *, whole: bool = True) -> None:
        self.st = st
        self.whole = whole
        """False where only the header is kept, because the rest is larger than the limit."""
        self.set_id = intern(st.get(1))  # many share them
        self.control_number = st.get(2)
        self.guide = intern(st.get(3) or group.guide)
        self.group = group
        self.offset = st.offset
        self.findings: list[Finding] = []
        self._source = source
        self._stop = stop
        self._segments: list[Segment] | None = None

    def __repr__(self) -> str:
        return f"<Transaction {self.set_id} {self.control_number} {self.guide}>"

    @property
    def segments(self) -> list[Segment]:
        """ST to SE in file order; without SE when the file has none."""
        if self._segments is None:
            self._segments = split_segments(self.text(), self.offset, self.st.delimiters)
        return self._segments

    def text(self) -> str:
        """All of it as sent, one character a byte."""
        return self._source[self.offset : self._stop]

    def pieces(self) -> list[str]:
        """The same as texts, whole and without terminators: all that most checks need."""
        text, end = self.text(), self.st.delimiters.segment
        pieces = text.split(end)
        if not self._is_tidy(text):
            pieces = [piece.lstrip(BLANKS) for piece in pieces]
        if "" in pieces:
            pieces = [piece for piece in pieces if piece]
        if not text.isascii():
            pieces = [decode(piece) for piece in pieces]
        pieces[-1] = pieces[-1].rstrip("\r\n\x00\x1a")
        return pieces

    def _is_tidy(self, text: str) -> bool:
        """Whether nothing stands between the segments."""
        return f"{self.st.delimiters.segment} " not in text and not any(one in text for one in BLANKS[1:])

    def offsets(self) -> list[int]:
        """Where in the file each of `pieces` begins."""
        text = self.text()
        pieces = text.split(self.st.delimiters.segment)
        if self._is_tidy(text) and "" not in pieces[:-1]:
            return list(accumulate((len(piece) + 1 for piece in pieces[:-1]), initial=self.offset))
        offsets = []
        at = self.offset
        for piece in pieces:
            body = len(piece.lstrip(BLANKS))
            if body:
                offsets.append(at + len(piece) - body)
            at += len(piece) + 1
        return offsets

    @property
    def purpose(self) -> str:
        """BHT02 of the second segment, `''` when that is no BHT."""
        marks = self.st.delimiters
        begin = max(self._source.find(marks.segment, self.offset, self._stop) + 1, self.offset)
        piece = (
            self._source[begin : min(begin + 80, self._stop)]
            .lstrip(BLANKS)
            .split(marks.segment)[0]
            .split(marks.element)
        )
        return piece[2] if len(piece) > 2 and piece[0] == "BHT" else ""

    @property
    def size(self) -> int:
        """Bytes from ST to the end of SE."""
        return self._stop - self.offset

    def segment(self, position: int, offset: int) -> Segment:
        """One segment whose place is known, split by itself."""
        marks = self.st.delimiters
        stop = self._source.find(marks.segment, offset, self._stop)
        text = self._source[offset:stop] if stop >= 0 else self._source[offset : self._stop].rstrip(BLANKS)
        return Segment(decode(text).split(marks.element), position, offset, marks)

    def forget(self) -> None:
        """Drop the split segments; the next use of `segments` splits again."""
        self._segments = None

    @property
    def source(self) -> Text:
        """The file that it stands in."""
        return self._source


class TransactionsOnDisk(Sequence[Transaction]):
    """The transactions of a group in a file on the disk: sixteen bytes each, made when one is looked at.

    The same place gives an equal transaction each time, not the same object. Those that have findings of
    their own are kept; a file has no more of them than its limit of findings.
    """

    def __init__(self, group: Group, source: Text) -> None:
        self._group, self._source = group, source
        self._begins, self._stops = array("q"), array("q")
        self._kept: dict[int, Transaction] = {}

    def append(self, transaction: Transaction) -> None:
        """Take one that was just read."""
        if transaction.findings or not transaction.whole:
            self._kept[len(self)] = transaction
        self._begins.append(transaction.offset)
        self._stops.append(transaction.offset + transaction.size)

    def __len__(self) -> int:
        return len(self._begins)

    @overload
    def __getitem__(self, index: int) -> Transaction: ...
    @overload
    def __getitem__(self, index: slice) -> list[Transaction]: ...
    def __getitem__(self, index: int | slice) -> Transaction | list[Transaction]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        begin, stop = self._begins[index], self._stops[index]
        st = header_at(self._source, begin, stop, 1, self._group.interchange.delimiters)
        return Transaction(st, self._group, self._source, stop)


def header_at(source: Text, begin: int, end: int, position: int, marks: Delimiters) -> Segment:
    """The segment that begins at a place, split."""
    stop = source.find(marks.segment, begin, end)
    text = source[begin : end if stop < 0 else stop].rstrip("\r\n\x00\x1a")
    return Segment(decode(text).split(marks.element), position, begin, marks)


class Group:
    """GS to GE. A group that the file does not open (a stray ST) has a GS of its own without elements."""

    def __init__(self, gs: Segment, interchange: Interchange, source: Text | None = None) -> None:
        self.gs = gs
        self.ge: Segment | None = None
        self.interchange = interchange
        self.functional_id = gs.get(1)
        self.control_number = gs.get(6)
        self.guide = gs.get(8)
        on_disk = source is not None and not source.is_held
        self.transactions: list[Transaction] | TransactionsOnDisk = []
        """In file order. Of a file on the disk they are made when they are looked at."""
        if on_disk:
            assert source is not None
            self.transactions = TransactionsOnDisk(self, source)
        self.findings: list[Finding] = []

    def __repr__(self) -> str:
        return f"<Group {self.functional_id} {self.control_number} {self.guide}>"


class Interchange:
    """ISA to IEA, with the delimiters its ISA declares."""

    def __init__(self, isa: Segment, delimiters: Delimiters) -> None:
        self.isa = isa
        self.iea: Segment | None = None
        self.delimiters = delimiters
        self.control_number = isa.get(13).strip()
        self.sender = (isa.get(5).strip(), isa.get(6).strip())
        self.receiver = (isa.get(7).strip(), isa.get(8).strip())
        self.usage = isa.get(15)
        self.offset = isa.offset
        self.ta1s: list[Segment] = []
        self.groups: list[Group] = []
        self.findings: list[Finding] = []

    def __repr__(self) -> str:
        return f"<Interchange {self.control_number}>"


class X12File:
    """All interchanges of a file. `findings` are about the file itself, not about an interchange."""

    def __init__(self, *, name: str, size: int, sha256: str) -> None:
        self.name = name
        self.size = size
        self.sha256 = sha256
        self.interchanges: list[Interchange] = []
        self.findings: list[Finding] = []

    def transactions(self) -> Iterator[Transaction]:
        """Every transaction in file order."""
        for interchange in self.interchanges:
            for group in interchange.groups:
                yield from group.transactions

    def all_findings(self) -> list[Finding]:
        """Findings of the file and of every envelope, in file order."""
        found = list(self.findings)
        for interchange in self.interchanges:
            found += interchange.findings
            for group in interchange.groups:
                found += group.findings
                for transaction in group.transactions:
                    found += transaction.findings
        return found
