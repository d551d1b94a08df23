"""What every reader of a transaction set needs: values out of elements, faults into findings.

Readers are total: a fault becomes a finding and reading goes on. Messages never repeat a value,
because it may identify a patient.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cleanclaim.dates import parse_ccyymmdd
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.money import AmountError, Money, parse_amount
from cleanclaim.x12.sets.records import Cas

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Segment, Transaction

MAX_FINDINGS = 1000
"""A hostile file must not fill the memory with findings."""


class Faults:
    """Collects the findings of one transaction; `loop` is kept current by its reader."""

    def __init__(self, transaction: Transaction, family: str) -> None:
        self.findings: list[Finding] = []
        self.loop = ""
        self._set = transaction.control_number
        self._family = family
        self._subject = ""

    def about(self, subject_id: str) -> None:
        """Name the claim that further findings concern."""
        self._subject = subject_id[:50]

    def add(
        self,
        code: str,
        severity: Severity,
        message: str,
        segment: Segment | None = None,
        element: int = 0,
        remedy: str = "",
    ) -> None:
        """Add one finding at a segment (and one of its elements)."""
        if len(self.findings) >= MAX_FINDINGS:
            return
        where = Where(transaction=self._set, loop=self.loop)
        if segment is not None:
            where = Where(
                transaction=self._set,
                segment_index=segment.position,
                offset=segment.offset,
                segment=segment.name,
                loop=self.loop,
                element=f"{segment.name}{element:02d}" if element else "",
            )
        self.findings.append(
            Finding(f"{self._family}.{code}", severity, message, where, self._subject, remedy=remedy)
        )

    def amount(self, segment: Segment, element: int, *, required: bool = True) -> Money | None:
        """Whole cents; None when absent or unreadable. A wrong or missing required amount is a stop."""
        text = segment.get(element)
        name = f"{segment.id}{element:02d}"
        if not text.strip():
            if required:
                self.add(
                    "amount_missing",
                    Severity.STOP,
                    f"{name} has no amount.",
                    segment,
                    element,
                    "Ask the sender for a corrected file; an absent amount is not zero.",
                )
            return None
        try:
            return parse_amount(text)
        except AmountError as error:
            self.add(
                "amount_unreadable",
                Severity.STOP,
                f"{name} is not an amount: {error}.",
                segment,
                element,
                "Ask the sender for a corrected file; nothing is guessed.",
            )
            return None

    def day(self, segment: Segment, element: int) -> date | None:
        """A CCYYMMDD date; None when absent or, with a finding, when it is not a real day."""
        text = segment.get(element).strip()
        if not text:
            return None
        found = parse_ccyymmdd(text)
        if found is None:
            self.bad_date(segment, element)
        return found

    def period(self, segment: Segment, element: int) -> tuple[date | None, date | None]:
        """A DTP value by its format qualifier in the element before: D8 or RD8."""
        first, _, last = segment.get(element).strip().partition("-")
        start, end = parse_ccyymmdd(first), parse_ccyymmdd(last)
        if start is None or (last and end is None):
            self.bad_date(segment, element)
        return start, end

    def bad_date(self, segment: Segment, element: int) -> None:
        self.add(
            "date_unreadable",
            Severity.TELL,
            f"{segment.id}{element:02d} is not a calendar date.",
            segment,
            element,
            "The date is left empty; look it up at the sender.",
        )

    def count(self, segment: Segment, element: int) -> int | None:
        """A whole number that is not negative; None when absent or, with a finding, unreadable."""
        text = segment.get(element).strip()
        if not text:
            return None
        if text.isascii() and text.isdecimal() and len(text) <= 15:
            return int(text)
        self.add(
            "count_unreadable",
            Severity.TELL,
            f"{segment.id}{element:02d} is not a count.",
            segment,
            element,
            "The count is left empty.",
        )
        return None


def body(transaction: Transaction) -> list[Segment]:
    """The segments between ST and SE."""
    return [segment for segment in transaction.segments if segment.id not in ("ST", "SE")]


def cas_triples(segment: Segment, faults: Faults) -> list[Cas]:
    """The triples of one CAS as sent, in order; a triple with neither reason nor amount is no triple."""
    found = []
    group = segment.get(1)
    for at in range(2, min(len(segment.elements), 20), 3):
        reason = segment.get(at)
        if not reason and not segment.get(at + 1):
            continue
        amount = faults.amount(segment, at + 1)
        if amount is not None:
            found.append(Cas(group, reason, amount, segment.get(at + 2), position=segment.position))
    return found
