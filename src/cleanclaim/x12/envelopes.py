"""Find the envelopes of a file and check that they agree with what they hold.

One regular expression finds ISA, GS, ST, SE, GE, IEA and TA1 wherever a segment may begin; a small
state machine nests them and goes on after every fault: a missing trailer closes at the next header,
a missing header is made up, and all of it is said in findings.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from cleanclaim.findings import Severity, Where
from cleanclaim.x12 import sniff
from cleanclaim.x12.arrays import cut
from cleanclaim.x12.codes import make_finding
from cleanclaim.x12.envelope_values import (
    check_group_header,
    check_group_kind,
    check_interchange_header,
    check_set_header,
)
from cleanclaim.x12.guide import interchange_acknowledgment_rule
from cleanclaim.x12.limits import Limits
from cleanclaim.x12.source import Text
from cleanclaim.x12.structure import (
    BLANKS,
    Delimiters,
    Group,
    Interchange,
    Segment,
    Transaction,
    X12File,
    decode,
    header_at,
)
from cleanclaim.x12.validate.elements import SegmentCheck

ISA_BYTES = 106
_ISA_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_ISA_START = re.compile(r"ISA[^A-Za-z0-9 \t\r\n\x00]")
# The longest ISA we try to read by its separators when its widths are wrong.
_ISA_SEARCH = 400
_ISA_LONGEST = 600
"""More than any ISA that we read, with what follows it."""

_SNIFFED = 8192
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


_BY_ARRAY = 50_000
"""Transactions of so many bytes are counted by array."""


class EnvelopeReader:
    """Fills an `X12File` from bytes."""

    def __init__(self, text: Text, result: X12File, limits: Limits) -> None:
        self.text = text
        self.result = result
        self.limits = limits
        self.found = 0
        self.sets = 0
        self.full = False
        """Whether the file has more transactions than are read."""
        self.numbers: set[tuple[tuple[str, str], str]] = set()

    def read(self) -> None:
        """Read all interchanges, or say why there is none."""
        if len(self.text) > self.limits.file_bytes:
            facts = {"size": len(self.text), "limit": self.limits.file_bytes}
            return self.tell_file("x12.file.too_large", 0, facts)
        start = self.text.raw(0, _SNIFFED)
        if self.nothing(start):
            return self.tell_file("x12.file.empty", 0)
        encoding = sniff.wrong_encoding(start)
        if encoding:
            return self.tell_file("x12.file.encoding", 0, {"encoding": encoding})
        # One character a byte: offsets in this text are offsets in the file.
        begin = 0
        if start.startswith(b"\xef\xbb\xbf"):
            self.tell_file("x12.file.byte_order_mark", 0)
            begin = 3
        isa = self.next_isa(begin, "")
        if isa < 0:
            return self.tell_file("x12.file.not_x12", begin, {"looks_like": sniff.looks_like(start[begin:])})
        skipped = len(self.text[begin:isa].strip(BLANKS))
        if skipped:
            self.tell_file("x12.file.leading_data", begin, {"count": skipped})
        while isa >= 0 and not self.full:
            isa = self.interchange(isa)

    def nothing(self, start: bytes) -> bool:
        """Whether the file holds no more than blanks and perhaps a byte order mark before or among them."""
        left = start.strip(BLANKS.encode())
        if left not in (b"", _BYTE_ORDER_MARK):
            return False
        return len(start) < _SNIFFED or self.text.is_blank(_SNIFFED, BLANKS)

    def next_isa(self, begin: int, terminator: str) -> int:
        """Offset of the next ISA that begins a segment, -1 when there is none.

        With a terminator given, the ISA must follow it, or begin a line with all of its fixed places.
        """
        at = begin - 1
        while True:
            at = self.text.find("ISA", at + 1)
            if at < 0:
                return -1
            if not _ISA_START.match(self.text[at : at + 4]):
                continue
            before = self.text.behind_blanks(at, 0, BLANKS.replace(terminator, "") if terminator else BLANKS)
            if before < begin or self.text[before] == terminator:
                return at
            fixed = _has_fixed_places(self.text[at : at + ISA_BYTES], 0)
            if fixed and (not terminator or before < at - 1):
                return at

    # -- one interchange ---------------------------------------------------------------------------

    def interchange(self, start: int) -> int:
        """Read the interchange whose ISA stands at `start`; return the offset of the next one, or -1."""
        header, delimiters, exact = read_isa(self.text[start : start + _ISA_LONGEST], 0)
        if delimiters is None:
            self.tell_file("x12.isa.incomplete", start, segment="ISA")
            return self.next_isa(start + 3, "\n")
        isa = Segment(decode(header).split(delimiters.element), 1, start, delimiters)
        interchange = Interchange(isa, delimiters)
        self.result.interchanges.append(interchange)
        if not exact:
            self.tell("x12.isa.width", isa, interchange)
        for code, element, facts, ack in check_interchange_header(isa, delimiters):
            self.tell(code, isa, interchange, facts=facts, element=element, ack=ack)
        key = (interchange.sender, interchange.control_number)
        if key in self.numbers:
            self.tell("x12.isa.duplicate_control_number", isa, interchange, element="ISA13")
        self.numbers.add(key)
        body = start + len(header)
        following = self.next_isa(body, delimiters.segment)
        end = following if following >= 0 else len(self.text)
        _InterchangeReader(self, interchange, body, end).read()
        return following

    def count_set(self, st: Segment) -> None:
        """Count a transaction; past the limit say so, and read no more."""
        self.sets += 1
        if self.sets > self.limits.transactions:
            self.full = True
            self.tell_file("x12.file.too_many_sets", st.offset, {"limit": self.limits.transactions}, "ST")

    # -- findings ----------------------------------------------------------------------------------

    def may_add(self) -> bool:
        """Count a finding; past the limit say so once and drop it."""
        self.found += 1
        if self.found == self.limits.findings + 1:
            facts = {"limit": self.limits.findings}
            place = Where(file=self.result.name)
            self.result.findings.append(make_finding("x12.file.too_many_findings", place, facts))
        return self.found <= self.limits.findings

    def tell_file(
        self, code: str, offset: int, facts: dict[str, Any] | None = None, segment: str = ""
    ) -> None:
        if self.may_add():
            place = Where(file=self.result.name, offset=offset, segment=segment)
            self.result.findings.append(make_finding(code, place, facts))

    def tell(
        self,
        code: str,
        segment: Segment,
        interchange: Interchange,
        group: Group | None = None,
        transaction: Transaction | None = None,
        *,
        facts: dict[str, Any] | None = None,
        element: str = "",
        ack: dict[str, str] | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Record a finding with the narrowest of interchange, group and transaction that is given."""
        if not self.may_add():
            return
        place = Where(
            file=self.result.name,
            interchange=interchange.control_number,
            group=group.control_number if group else "",
            transaction=transaction.control_number if transaction else "",
            segment_index=segment.position,
            offset=segment.offset,
            segment=segment.name,
            element=element,
        )
        finding = make_finding(code, place, facts, ack=ack, severity=severity)
        (transaction or group or interchange).findings.append(finding)


class _InterchangeReader:
    """Nests the envelope segments of one interchange, from the end of its ISA to `end`."""

    def __init__(self, reader: EnvelopeReader, interchange: Interchange, begin: int, end: int) -> None:
        self.reader = reader
        self.text = reader.text
        self.interchange = interchange
        self.marks = interchange.delimiters
        self.begin = begin
        self.end = end
        self.position = 1
        self.group: Group | None = None
        self.st: Segment | None = None
        self.st_numbers = _Numbers()
        self.loose_from = begin
        """End of the last envelope segment: what follows it outside a transaction is stray."""

    def read(self) -> None:
        marks = self.marks
        blanks = re.escape(BLANKS.replace(marks.segment, ""))
        pattern = re.compile(
            rf"{re.escape(marks.segment)}[{blanks}]*(ISA|IEA|GS|GE|ST|SE|TA1)"
            rf"(?={re.escape(marks.element)}|{re.escape(marks.segment)}|\Z)".encode("latin-1")
        )
        steps = {"GS": self.open_group, "ST": self.open_set, "SE": self.close_set, "GE": self.close_group}
        for name, offset in self.text.matches(pattern, self.begin, self.end, marks.segment):
            if name in ("TA1", "ISA") and self.st is not None:
                continue  # content of the open transaction, where the validator will name it
            if self.interchange.iea is not None:
                break
            if self.st is None:
                self.stray(self.loose_from, offset)
            stop = self.text.find(marks.segment, offset, self.end)
            stop = self.end if stop < 0 else stop
            segment = header_at(self.text, offset, stop, self.position + 1, marks)
            if name in steps:
                steps[name](segment, stop)
            elif name == "TA1":
                self.position += 1
                if self.group is None:
                    self.take_ta1(segment)
                else:
                    self.tell("x12.envelope.orphan", segment)
            elif name == "IEA":
                self.close_interchange(segment, stop)
            else:
                self.position += 1
                self.tell("x12.envelope.orphan", segment)
            self.loose_from = stop
            if self.reader.full:
                return
        self.finish()

    def tell(self, code: str, segment: Segment, **more: Any) -> None:
        self.reader.tell(
            code, segment, self.interchange, more.pop("group", None), more.pop("transaction", None), **more
        )

    def take_ta1(self, ta1: Segment) -> None:
        """Keep a TA1 and check its values."""
        self.interchange.ta1s.append(ta1)
        check = SegmentCheck(interchange_acknowledgment_rule(), self.marks)
        # A TA1 that rejects a date or time repeats it as it was sent.
        repeated = {"014": 2, "015": 3}.get(ta1.get(5))
        for code, at, _, facts in check.faults(ta1.elements):
            if at != repeated:
                self.tell(code, ta1, element=f"TA1{at:02d}" if at else "", facts=facts, ack={})

    # -- headers and trailers ----------------------------------------------------------------------

    def open_group(self, gs: Segment, stop: int) -> None:
        if self.st is not None:
            self.end_set(gs.offset, None)
            gs.position = self.position + 1
        if self.group is not None:
            self.tell("x12.ge.missing", self.group.gs, group=self.group)
        self.position += 1
        self.group = Group(gs, self.interchange, self.text)
        self.st_numbers = _Numbers()
        self.interchange.groups.append(self.group)
        for code, element, facts, ack in check_group_header(gs):
            self.tell(code, gs, group=self.group, element=element, facts=facts, ack=ack)

    def open_set(self, st: Segment, stop: int) -> None:
        if self.st is not None:
            self.end_set(st.offset, None)
        self.reader.count_set(st)
        if self.reader.full:
            return
        if self.group is None:
            gs = Segment(["GS"], self.position, st.offset, self.marks)
            self.group = Group(gs, self.interchange, self.text)
            self.interchange.groups.append(self.group)
            self.tell("x12.gs.missing", st)
        self.st = st
        st.position = 1

    def close_set(self, se: Segment, stop: int) -> None:
        if self.st is None:
            self.position += 1
            self.tell("x12.envelope.orphan", se, **({"group": self.group} if self.group else {}))
            return
        self.end_set(stop, se)

    def end_set(self, stop: int, se: Segment | None) -> None:
        """Close the open transaction at `stop`: after its SE, or before the envelope that cuts it off."""
        st, group, limits = self.st, self.group, self.reader.limits
        assert st is not None and group is not None
        self.st = None
        self.loose_from = stop
        if stop - st.offset > limits.transaction_bytes:
            self.leave_unread(st, group, stop)
            return
        transaction = Transaction(st, group, self.text, stop)
        count, blank, longest = self.count(st.offset, stop)
        self.position += count
        here = {"group": group, "transaction": transaction}
        if blank:
            self.tell("x12.segment.blank", st, facts={"count": blank}, **here)
        if longest > limits.elements:
            self.check_sizes(transaction, stop)
        if count > limits.transaction_segments:
            facts = {"seen": count, "limit": limits.transaction_segments}
            self.tell("x12.set.too_many_segments", st, facts=facts, **here)
        kind = check_group_kind(st, group)
        if kind is not None and kind[0] not in {one.code for one in group.findings}:
            self.tell(kind[0], group.gs, group=group, element=kind[1], facts=kind[2])
        for code, element, facts, ack in check_set_header(st, group):
            self.tell(code, st, element=element, facts=facts, ack=ack, **here)
        if not self.st_numbers.add(transaction.control_number):
            self.tell("x12.st.duplicate_control_number", st, element="ST02", **here)
        if se is None:
            self.tell("x12.se.missing", st, **here)
        else:
            se.position = count
            if se.get(2).strip() != st.get(2).strip():
                self.tell("x12.se.control_number", se, element="SE02", **here)
            stated = _number(se.get(1))
            if stated != count:
                self.tell("x12.se.segment_count", se, element="SE01", facts=_counts(stated, count), **here)
            if count == 2:
                self.tell("x12.set.empty", st, **here)
        group.transactions.append(transaction)

    def leave_unread(self, st: Segment, group: Group, stop: int) -> None:
        """Keep no more than the header of a transaction that is too large."""
        end = self.text.find(self.marks.segment, st.offset, stop)
        transaction = Transaction(st, group, self.text, end + 1 or stop, whole=False)
        facts = {"size": stop - st.offset, "limit": self.reader.limits.transaction_bytes}
        self.tell("x12.set.too_large", st, facts=facts, group=group, transaction=transaction)
        self.position += 1
        group.transactions.append(transaction)

    def count(self, begin: int, stop: int) -> tuple[int, int, int]:
        """What `count_segments` says of a transaction, block by block."""
        count = blank = longest = 0
        for _, block in self.text.blocks(begin, stop, self.marks.segment):
            some = count_segments(block.decode("latin-1"), self.marks.segment)
            count, blank, longest = count + some[0], blank + some[1], max(longest, some[2])
        return count, blank, longest

    def check_sizes(self, transaction: Transaction, stop: int) -> None:
        limits = self.reader.limits
        end = self.marks.segment
        blocks = self.text.blocks(transaction.offset, stop, end)
        pieces = (piece for _, block in blocks for piece in block.decode("latin-1").split(end))
        for position, piece in enumerate((one for one in pieces if one.strip(BLANKS)), 1):
            elements = piece.count(self.marks.element)
            place = Segment([piece.lstrip(BLANKS)[:3].rstrip(self.marks.element)], position, -1, self.marks)
            here = {"group": self.group, "transaction": transaction}
            if len(piece) > limits.segment_bytes:
                facts = {"seen": len(piece), "limit": limits.segment_bytes}
                self.tell("x12.segment.too_long", place, facts=facts, **here)
            elif elements > limits.elements:
                facts = {"seen": elements, "limit": limits.elements}
                self.tell("x12.segment.too_many_elements", place, facts=facts, **here)

    def close_group(self, ge: Segment, stop: int) -> None:
        if self.st is not None:
            self.end_set(ge.offset, None)
        self.position += 1
        ge.position = self.position
        group = self.group
        if group is None:
            self.tell("x12.envelope.orphan", ge)
            return
        group.ge = ge
        if group.gs.get(6) and not _same_number(ge.get(2), group.gs.get(6)):
            self.tell("x12.ge.control_number", ge, group=group, element="GE02")
        stated = _number(ge.get(1))
        if stated != len(group.transactions):
            facts = _counts(stated, len(group.transactions))
            self.tell("x12.ge.set_count", ge, group=group, element="GE01", facts=facts)
        self.group = None

    def close_interchange(self, iea: Segment, stop: int) -> None:
        self.close_open(iea.offset)
        self.position += 1
        iea.position = self.position
        self.interchange.iea = iea
        if not _same_number(iea.get(2), self.interchange.isa.get(13)):
            self.tell("x12.isa.control_number", iea, element="IEA02")
        groups = sum(1 for group in self.interchange.groups if group.gs.get(1) or group.gs.get(6))
        stated = _number(iea.get(1))
        if stated != groups:
            self.tell("x12.iea.group_count", iea, element="IEA01", facts=_counts(stated, groups))

    def close_open(self, stop: int) -> None:
        if self.st is not None:
            self.end_set(stop, None)
        if self.group is not None:
            self.tell("x12.ge.missing", self.group.gs, group=self.group)
            self.group = None

    def finish(self) -> None:
        """What is left when the interchange's bytes are used up."""
        if self.interchange.iea is None:
            if self.st is None:
                self.stray(self.loose_from, self.end)
            self.close_open(self.end)
            self.tell("x12.iea.missing", self.interchange.isa)
            return
        left = self.text[self.loose_from : self.end].strip(BLANKS + self.marks.segment)
        if left:
            self.reader.tell_file("x12.file.trailing_data", self.loose_from + 1, {"count": len(left)})
        elif self.loose_from >= len(self.text):
            self.reader.tell_file("x12.file.last_terminator", self.interchange.iea.offset, segment="IEA")

    def stray(self, begin: int, end: int) -> None:
        """Say that segments stand outside every transaction."""
        pieces = self.text[begin:end].split(self.marks.segment)
        stray = [piece.strip(BLANKS) for piece in pieces if piece.strip(BLANKS)]
        if stray:
            name = stray[0].split(self.marks.element)[0]
            name = name if re.fullmatch(r"[A-Z0-9]{2,3}", name) else ""
            place = Segment([name], self.position + 1, begin + 1, self.marks)
            self.position += len(stray)
            more = {"group": self.group} if self.group else {}
            self.tell("x12.envelope.stray_segment", place, facts={"count": len(stray)}, **more)


class _Numbers:
    """Which control numbers were seen: a hundred that differ in two last digits are one number's bits."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._others: set[str] = set()

    def add(self, number: str) -> bool:
        """Take one; False when it was there."""
        head, tail = number[:-2], number[-2:]
        if len(tail) == 2 and tail.isascii() and tail.isdecimal():
            bits, bit = self._bits.get(head, 0), 1 << int(tail)
            self._bits[head] = bits | bit
            return not bits & bit
        known = number in self._others
        self._others.add(number)
        return not known


def _has_fixed_places(text: str, at: int) -> bool:
    header = text[at : at + ISA_BYTES]
    return len(header) == ISA_BYTES and all(header[place] == header[3] for place in _ISA_SEPARATORS)


def read_isa(text: str, at: int) -> tuple[str, Delimiters | None, bool]:
    """The ISA segment without terminator, its delimiters, and whether it has its fixed width."""
    separator = text[at + 3]
    exact = _has_fixed_places(text, at)
    if exact:
        stop = at + ISA_BYTES - 1
        component = text[stop - 1]
    else:
        place = at + 2
        for _ in range(16):
            place = text.find(separator, place + 1, at + _ISA_SEARCH)
            if place < 0:
                return "", None, False
        component = text[place + 1 : place + 2]
        stop = place + 2
        if text.startswith(f"GS{separator}", stop):  # ISA16 left out: what we took for it ends the segment
            component, stop = ":", place + 1
    if not component or stop >= len(text):
        return "", None, False
    header = text[at:stop]
    elements = header.split(separator)
    mark = elements[11][:1] if len(elements) > 11 else ""
    repetition = "" if mark.isalnum() or mark in BLANKS else mark
    return header, Delimiters(separator, component, repetition, text[stop]), exact


def count_segments(text: str, terminator: str) -> tuple[int, int, int]:
    """How many segments a text has, how many of its pieces are blank, and how long the longest is.

    Examples:
        >>> count_segments("ST*1~~SE*1*1", "~")
        (2, 1, 6)
    """
    if len(text) >= _BY_ARRAY:
        octets = np.frombuffer(text.encode("latin-1"), np.uint8)
        begins, stops = cut(octets, terminator)
        ends = np.flatnonzero(octets == ord(terminator))
        pieces = len(ends) + 1
        longest = int(np.diff(np.concatenate(([-1], ends, [len(octets)]))).max()) - 1
        trailing = not len(stops) or int(stops[-1]) < len(octets)
        return len(begins), pieces - len(begins) - trailing, longest
    split = text.split(terminator)
    filled = sum(map(bool, (piece.strip(BLANKS) for piece in split)))
    return filled, len(split) - filled - (not split[-1].strip(BLANKS)), max(map(len, split))


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else None


def _same_number(one: str, other: str) -> bool:
    first, second = _number(one), _number(other)
    return one.strip() == other.strip() if first is None or second is None else first == second


def _counts(stated: int | None, seen: int) -> dict[str, Any]:
    return {"stated": "no number of" if stated is None else stated, "seen": seen}
