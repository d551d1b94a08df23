"""Acknowledgments of files: 999 005010X231A1 (one functional group) and TA1 (one interchange).

A 997, the older form of the 999, is read as the same record: its AK3, AK4 and AK5 say what IK3, IK4
and IK5 say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.reading import Faults, body
from cleanclaim.x12.sets.records import GroupAck, InterchangeAck, SegmentError, TransactionAck, Trigger
from cleanclaim.x12.sets.writing import Refusals
from cleanclaim.x12.writer import Element, SetBody, WriteRefused

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Segment, Transaction

GUIDE = "005010X231A1"
FAMILY = "x12.999"
_NEWER = {"AK3": "IK3", "AK4": "IK4", "AK5": "IK5"}
_RESULTS = frozenset("AEMPRWX")
MAX_CODES = 5
MAX_TRIGGERS = 9
TRIGGER = "SITUATIONAL TRIGGER"
"""CTX01 of a context that names what made the missing thing necessary."""

replace = msgspec.structs.replace


def read_999(transaction: Transaction) -> tuple[GroupAck, list[Finding]]:
    """Read one 999 (or 997). Never raises on input; what is absent stays empty.

    A transaction without AK1 or AK9 answers nothing certain: that is a finding of severity stop.
    """
    walk = _Walk(transaction)
    for segment in body(transaction):
        walk.take(segment)
    return walk.finish(), walk.faults.findings


class _Walk:
    def __init__(self, transaction: Transaction) -> None:
        self.faults = Faults(transaction, FAMILY)
        self.ack = GroupAck("", "", "", "", control_number=transaction.control_number)
        self.transactions: list[TransactionAck] = []
        self.errors: list[SegmentError] = []

    def take(self, segment: Segment) -> None:
        name = _NEWER.get(segment.id, segment.id)
        if name == "AK1":
            self.ack = replace(
                self.ack,
                functional_id=segment.get(1),
                group_control_number=segment.get(2),
                guide=segment.get(3),
            )
        elif name == "AK2":
            self.close()
            self.transactions.append(TransactionAck(segment.get(1), segment.get(2), segment.get(3), ""))
        elif name == "IK3":
            position = self.faults.count(segment, 2) or 0
            self.errors.append(SegmentError(segment.get(1), position, segment.get(3), segment.get(4)))
        elif name == "IK4" and self.errors:
            element = (":".join(segment.composite(1)), segment.get(3), segment.get(4))
            self.errors[-1] = replace(self.errors[-1], elements=(*self.errors[-1].elements, element))
        elif name == "CTX" and self.errors:
            self.errors[-1] = self.in_context(self.errors[-1], segment)
        elif name == "IK5" and self.transactions:
            codes = tuple(filter(None, (segment.get(at) for at in range(2, 7))))
            self.transactions[-1] = replace(self.transactions[-1], result=segment.get(1), codes=codes)
            self.close()
        elif name == "AK9":
            self.close()
            included, received, accepted = (self.faults.count(segment, at) or 0 for at in (2, 3, 4))
            self.ack = replace(
                self.ack,
                result=segment.get(1),
                included=included,
                received=received,
                accepted=accepted,
                codes=tuple(filter(None, (segment.get(at) for at in range(5, 10)))),
            )

    def in_context(self, error: SegmentError, segment: Segment) -> SegmentError:
        name, value = segment.get(1, 1), segment.get(1, 2)
        if name == "CLM01":
            return replace(error, claim_number=value)
        if name != TRIGGER:
            return replace(error, business_unit=(name, value))
        trigger = Trigger(
            segment.get(2),
            self.faults.count(segment, 3) or 0,
            segment.get(4),
            ":".join(filter(None, segment.composite(5)[:2])),
            error.elements[-1][0] if error.elements else "",
        )
        return replace(error, triggers=(*error.triggers, trigger))

    def close(self) -> None:
        """Give the errors gathered so far to the transaction they were said of."""
        if self.errors and self.transactions:
            last = self.transactions[-1]
            self.transactions[-1] = replace(last, errors=(*last.errors, *self.errors))
        self.errors = []

    def finish(self) -> GroupAck:
        self.close()
        if not self.ack.group_control_number or not self.ack.result:
            self.faults.add(
                "answer_missing",
                Severity.STOP,
                "The acknowledgment names no group or no result.",
                remedy="Ask the receiver to send it again.",
            )
        return replace(self.ack, transactions=tuple(self.transactions))


def write_999(
    ack: GroupAck, *, control_number: str, answers: Sequence[TransactionAck] | None = None
) -> SetBody:
    """Write one 999.

    Args:
        answers: The answers to the transactions where they are not in `ack.transactions`; the segments are
            then made when they are written, so that memory does not depend on how many there are.

    Raises:
        WriteRefused: No group is named, or a result is none of the standard's.
    """
    out = Refusals(FAMILY, "", "Acknowledgment")
    if not ack.functional_id or not ack.group_control_number:
        out.add("write_group", "names no group", "Set functional_id and group_control_number.", "", "AK102")
    if ack.result not in _RESULTS:
        out.add("write_result", "has no valid result of the group", "Use A, E, P or R.", "", "AK901")
    told = ack.transactions if answers is None else answers
    if any(one.result not in _RESULTS - {"P"} for one in told):
        out.add("write_result", "has no valid result of a transaction", "Use A, E or R.", "2000", "IK501")
    if out.findings:
        raise WriteRefused(out.findings)
    segments = _Segments(ack, told)
    return SetBody("999", GUIDE, "FA", control_number, list(segments) if answers is None else segments)


class _Segments(Iterable[tuple[Element, ...]]):
    """The segments of a 999, made each time they are gone through."""

    def __init__(self, ack: GroupAck, answers: Sequence[TransactionAck]) -> None:
        self._ack, self._answers = ack, answers

    def __iter__(self) -> Iterator[tuple[Element, ...]]:
        return _segments(self._ack, self._answers)


def _segments(ack: GroupAck, answers: Sequence[TransactionAck]) -> Iterator[tuple[Element, ...]]:
    yield ("AK1", ack.functional_id, ack.group_control_number, ack.guide)
    for one in answers:
        yield ("AK2", one.set_id, one.control_number, one.guide)
        for error in one.errors:
            yield from _error(error)
        yield ("IK5", one.result, *one.codes[:MAX_CODES])
    counts = (str(ack.included), str(ack.received), str(ack.accepted))
    yield ("AK9", ack.result, *counts, *ack.codes[:MAX_CODES])


def _error(error: SegmentError) -> Iterator[tuple[Element, ...]]:
    yield ("IK3", error.segment_id, str(error.position), error.loop, error.code)
    yield from _triggers(error, "")
    if error.claim_number:
        yield ("CTX", ("CLM01", error.claim_number))
    elif all(error.business_unit):
        yield ("CTX", error.business_unit)
    for place, code, copy in error.elements:
        yield ("IK4", tuple(place.split(":")), "", code, copy)
        yield from _triggers(error, place)


def _triggers(error: SegmentError, of: str) -> Iterator[tuple[Element, ...]]:
    for one in [trigger for trigger in error.triggers if trigger.of == of][:MAX_TRIGGERS]:
        place = tuple(one.element.split(":")) if one.element else ""
        yield ("CTX", (TRIGGER,), one.segment_id, str(one.position), one.loop, place)


def read_ta1(segment: Segment) -> InterchangeAck:
    """Read one TA1 segment (`Interchange.ta1s`). Total: absent elements are empty."""
    return InterchangeAck(
        segment.get(1).strip(),
        segment.get(2),
        segment.get(3),
        segment.get(4),
        segment.get(5),
        segment.position,
    )


def ta1_segment(ack: InterchangeAck) -> tuple[str, ...]:
    """One TA1, for `write_x12(..., ta1s=[...])`.

    Examples:
        >>> ta1_segment(InterchangeAck("000000041", "261123", "0930", "A", "000"))
        ('TA1', '000000041', '261123', '0930', 'A', '000')
    """
    return (
        "TA1",
        ack.interchange_control_number,
        ack.interchange_date,
        ack.interchange_time,
        ack.result,
        ack.code,
    )
