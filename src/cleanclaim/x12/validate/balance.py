"""Do the amounts of a transaction add up, and do its lines count? One small check a question, in whole cents.

An amount that cannot be read has a finding of its own already; checks that need it are skipped.
A difference is told at the smallest unit that has it: a claim is not blamed for its lines.

Source: handbook of the 835 (balancing at line, claim and transaction level) and of the 837 (claim
charge is the sum of its lines; another payer's adjustments explain what it did not pay). That a claim's
lines are numbered 1, 2, 3: the open validator pyx12 4.0, maps of 837P and 837I, loop 2400.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cleanclaim.findings import Finding, Where
from cleanclaim.money import AmountError, parse_amount
from cleanclaim.x12.codes import make_finding
from cleanclaim.x12.structure import Segment

if TYPE_CHECKING:
    from cleanclaim.x12.validate.shapes import Entry
    from cleanclaim.x12.validate.walk import Walker

_REMEMBERED = 20_000
_LONGEST_NUMBER = 6
_MORE_THAN_A_SUM = frozenset(("SBR", "SVD", "CAS"))
_CHARGES = {"SV1": 2, "SV2": 3}
"""Element of the charge of a line."""


class Misfit:
    """Something that does not agree with the rest: which kind, at which element, of which claim."""

    __slots__ = ("code", "element", "facts", "loop", "segment", "subject")

    def __init__(
        self, code: str, segment: Segment, element: int, loop: str, subject: str, facts: dict[str, Any]
    ) -> None:
        self.code = code
        self.segment = segment
        self.element = element
        self.loop = loop
        self.subject = subject
        self.facts = facts


class Unbalanced(Misfit):
    """One difference of amounts: by how much."""

    __slots__ = ()

    def __init__(
        self, code: str, segment: Segment, element: int, loop: str, subject: str, expected: int, seen: int
    ) -> None:
        facts = {"expected_cents": expected, "seen_cents": seen, "difference_cents": seen - expected}
        super().__init__(code, segment, element, loop, subject, facts)


def check_balance(names: Iterable[str], segments: Iterable[Segment], place: dict[str, Any]) -> list[Finding]:
    """Run the named checks that need the whole transaction; one finding for each difference.

    A guide names at most one of them, so the segments may be given one after the other.
    """
    return [
        _finding(one, place) for name in names if name in WHOLE_CHECKS for one in WHOLE_CHECKS[name](segments)
    ]


def _finding(one: Misfit, place: dict[str, Any]) -> Finding:
    where = Where(
        **place,
        segment_index=one.segment.position,
        offset=one.segment.offset,
        segment=one.segment.id,
        loop=one.loop,
        element=f"{one.segment.id}{one.element:02d}",
    )
    return make_finding(one.code, where, one.facts, subject_id=one.subject)


class ClaimBalance:
    """The checks of a guide that need no more than one claim, made claim by claim."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.findings: list[Finding] = []
        guide = walker.guide
        self.names = [name for name in guide.balance if name in CLAIM_CHECKS]
        separator = walker.compiled.delimiters.element
        self.begins, self.line_begins = guide.claim_segment + separator, "LX" + separator
        self.amounts = walker.compiled.shapes.amounts

    def chunk_is_clean(self, entry: Entry, pieces: Sequence[str], begin: int, end: int) -> bool:
        """Whether a claim balances; a claim of lines alone is added up without looking further."""
        if not self.names or not entry.claims:
            return True
        charges = self.charges_of(entry, pieces, begin, end)
        if not charges:
            return not any(self._differences(begin, end))
        head = self.line_begins
        if any(pieces[begin + at] != f"{head}{number}" for number, at in enumerate(entry.lines, 1)):
            return not any(self._differences(begin, end))
        total = 0
        try:
            for at, element in charges:
                total += self._amount(pieces[begin + at], element)
            return total == self._amount(pieces[begin], 2)
        except AmountError:
            return False

    def charges_of(
        self, entry: Entry, pieces: Sequence[str], begin: int, end: int
    ) -> tuple[tuple[int, int], ...]:
        """Where the line charges of claims of this shape stand; a chunk of it is given."""
        if entry.charges is None:
            separator = self.walker.compiled.delimiters.element
            entry.note_claim([piece.split(separator, 1)[0] for piece in pieces[begin:end]])
            assert entry.charges is not None
        return entry.charges

    def _amount(self, piece: str, element: int) -> int:
        amount = self.amounts.get(piece)
        if amount is None:
            elements = piece.split(self.walker.compiled.delimiters.element)
            amount = parse_amount(elements[element] if element < len(elements) else "")
            if len(self.amounts) >= _REMEMBERED:
                self.amounts.clear()
            self.amounts[piece] = amount
        return amount

    def check_chunk(self, begin: int, end: int) -> None:
        """Tell each difference of a claim."""
        if self.names and self.walker.pieces[begin].startswith(self.begins):
            for one in self._differences(begin, end):
                if len(self.findings) < self.walker.limits.findings:
                    self.findings.append(_finding(one, self.walker.place))

    def _differences(self, begin: int, end: int) -> Iterator[Misfit]:
        segments = [self.walker.segment(at) for at in range(begin, end)]
        last = segments[-1]
        segments.append(Segment(["SE"], last.position + 1, last.offset, last.delimiters))
        for name in self.names:
            yield from CLAIM_CHECKS[name](segments)


def charge_places(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Where the line charges of a claim stand; none when other payers make it more than a sum."""
    if not _MORE_THAN_A_SUM.isdisjoint(names):
        return ()
    return tuple((at, _CHARGES[name]) for at, name in enumerate(names) if name in _CHARGES)


def line_places(names: Sequence[str]) -> tuple[int, ...]:
    """Where the lines of a claim begin."""
    return tuple(at for at, name in enumerate(names) if name == "LX")


def cents(segment: Segment, element: int) -> int | None:
    """An amount in whole cents; None when absent or unreadable."""
    try:
        return parse_amount(segment.get(element))
    except AmountError:
        return None


def adjustments(segment: Segment) -> int | None:
    """Sum of the amounts of a CAS segment, as signed; None when one is unreadable."""
    total = 0
    for element in range(3, len(segment.elements), 3):
        if segment.elements[element]:
            amount = cents(segment, element)
            if amount is None:
                return None
            total += amount
    return total


def _plus(total: int | None, amount: int | None) -> int | None:
    return None if total is None or amount is None else total + amount


# -- 837: claim charge ---------------------------------------------------------------------------------


def claim_charges(segments: list[Segment]) -> Iterator[Unbalanced]:
    """CLM02 is the sum of the line charges (SV102 or SV203)."""
    claim: Segment | None = None
    total: int | None = 0
    lines = headers = 0

    def compare() -> Iterator[Unbalanced]:
        # A line without its charge segment has a finding of its own.
        if claim is not None and lines and lines == headers and total is not None:
            charge = cents(claim, 2)
            if charge is not None and charge != total:
                yield Unbalanced(
                    "x12.balance.claim_charge", claim, 2, "2300", claim.get(1)[:50], total, charge
                )

    for segment in segments:
        name = segment.id
        if name == "CLM" or name == "HL":
            yield from compare()
            claim, total, lines, headers = (segment if name == "CLM" else None), 0, 0, 0
        elif name == "LX":
            headers += 1
        elif name == "SV1" or name == "SV2":
            lines += 1
            total = _plus(total, cents(segment, 2 if name == "SV1" else 3))
    yield from compare()


# -- 837: line numbers ---------------------------------------------------------------------------------


def line_numbers(segments: list[Segment]) -> Iterator[Misfit]:
    """LX01 counts the lines of a claim from 1; a number left out shifts all that follow, and is told once."""
    subject, found = "", list[Misfit]()
    count = shift = charges = 0
    for segment in segments:
        if segment.id in ("CLM", "HL", "SE"):
            # A line without its LX, or without its charge, has a finding of its own.
            if count == charges:
                yield from found
            subject, found, count, shift, charges = segment.get(1)[:50], [], 0, 0, 0
        elif segment.id in ("SV1", "SV2"):
            charges += 1
        elif segment.id == "LX":
            count += 1
            text = segment.get(1)
            if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
                continue  # what is no number has a finding of its own
            if int(text) not in (count, count + shift):
                shift = int(text) - count
                found.append(Misfit("x12.line.number", segment, 1, "2400", subject, {"expected": count}))


# -- 837: what other payers paid -----------------------------------------------------------------------


class _OtherPayer:
    def __init__(self, sbr: Segment) -> None:
        self.sbr = sbr
        self.adjusted: int | None = 0
        self.paid: Segment | None = None
        self.id = ""
        self.explained = False
        """Whether any adjustment or line payment of this payer was sent."""
        self.line_differs = False


def other_payers(segments: list[Segment]) -> Iterator[Unbalanced]:
    """Each other payer's adjustments explain the charge it did not pay, by line and by claim."""
    claim: Segment | None = None
    payers: list[_OtherPayer] = []
    payer: _OtherPayer | None = None
    charge: int | None = None
    svd: Segment | None = None
    left: int | None = None

    def end_of_adjudication() -> Iterator[Unbalanced]:
        """Compare one line's charge minus adjustments with what the payer paid for it."""
        if svd is None or claim is None or left is None or svd.get(6):
            return  # bundled lines do not balance one by one
        paid = cents(svd, 2)
        if paid is not None and paid != left:
            for one in payers:
                one.line_differs = one.line_differs or one.id == svd.get(1)
            yield Unbalanced("x12.balance.other_payer_line", svd, 2, "2430", claim.get(1)[:50], left, paid)

    def end_of_claim() -> Iterator[Unbalanced]:
        total = cents(claim, 2) if claim is not None else None
        for one in payers:
            if claim is None or total is None or one.paid is None or one.adjusted is None:
                continue
            paid = cents(one.paid, 2)
            if not one.explained or one.line_differs or paid is None or paid == total - one.adjusted:
                continue
            expected = total - one.adjusted
            subject = claim.get(1)[:50]
            yield Unbalanced("x12.balance.other_payer_claim", one.paid, 2, "2320", subject, expected, paid)

    for segment in segments:
        name = segment.id
        if svd is not None and name in ("SVD", "LX", "CLM", "HL", "SE"):
            yield from end_of_adjudication()
            svd = None
        if name in ("CLM", "HL", "SE"):
            yield from end_of_claim()
            claim, payers, payer = (segment if name == "CLM" else None), [], None
        elif claim is None:
            continue
        elif name == "SBR":
            payer = _OtherPayer(segment)
            payers.append(payer)
        elif name == "LX":
            payer = None
        elif name in ("SV1", "SV2"):
            charge = cents(segment, 2 if name == "SV1" else 3)
        elif name == "SVD":
            svd, left = segment, charge
            for one in payers:
                one.explained = one.explained or one.id == segment.get(1)
        elif name == "CAS":
            amount = adjustments(segment)
            if svd is not None:
                left = _plus(left, -amount if amount is not None else None)
                for one in payers:
                    if one.id == svd.get(1):
                        one.adjusted = _plus(one.adjusted, amount)
            elif payer is not None:
                payer.adjusted = _plus(payer.adjusted, amount)
                payer.explained = True
        elif payer is not None and name == "AMT" and segment.get(1) == "D":
            payer.paid = segment
        elif payer is not None and name == "NM1" and segment.get(1) == "PR":
            payer.id = segment.get(9)


# -- 835 ---------------------------------------------------------------------------------------------------


class _Payment:
    """One claim payment while its lines come in."""

    def __init__(self, clp: Segment) -> None:
        self.clp = clp
        self.adjusted: int | None = 0
        self.lines = 0
        self.line_charges: int | None = 0
        self.line_differences = 0
        self.svc: Segment | None = None
        self.line_adjusted: int | None = 0

    def end_of_line(self) -> Iterator[Unbalanced]:
        svc, self.svc = self.svc, None
        if svc is None:
            return
        charge, paid = cents(svc, 2), cents(svc, 3)
        if charge is not None and paid is not None and self.line_adjusted is not None:
            expected = charge - self.line_adjusted
            if paid != expected:
                self.line_differences += paid - expected
                subject = self.clp.get(1)[:50]
                yield Unbalanced("x12.balance.line_payment", svc, 3, "2110", subject, expected, paid)

    def end_of_claim(self) -> Iterator[Unbalanced]:
        yield from self.end_of_line()
        clp, subject = self.clp, self.clp.get(1)[:50]
        charge, paid = cents(clp, 3), cents(clp, 4)
        if charge is None:
            return
        short = 0
        if self.lines and self.line_charges is not None and self.line_charges != charge:
            short = charge - self.line_charges
            yield Unbalanced(
                "x12.balance.claim_lines_charge", clp, 3, "2100", subject, self.line_charges, charge
            )
        if paid is not None and self.adjusted is not None:
            expected = charge - self.adjusted
            difference = paid - expected
            # What the lines or the charges already show is not told again.
            if difference not in (0, self.line_differences, self.line_differences - short):
                yield Unbalanced("x12.balance.claim_payment", clp, 4, "2100", subject, expected, paid)

    def take(self, segment: Segment) -> Iterator[Unbalanced]:
        if segment.id == "SVC":
            yield from self.end_of_line()
            self.svc, self.line_adjusted = segment, 0
            self.lines += 1
            self.line_charges = _plus(self.line_charges, cents(segment, 2))
        elif segment.id == "CAS":
            amount = adjustments(segment)
            self.adjusted = _plus(self.adjusted, amount)
            if self.svc is not None:
                self.line_adjusted = _plus(self.line_adjusted, amount)


def remittance(segments: Iterable[Segment]) -> Iterator[Unbalanced]:
    """Lines, claims and the payment of a remittance balance."""
    bpr: Segment | None = None
    total: int | None = 0
    payment: _Payment | None = None
    for segment in segments:
        name = segment.id
        if name in ("CLP", "LX", "PLB", "SE") and payment is not None:
            yield from payment.end_of_claim()
            payment = None
        if name == "CLP":
            payment = _Payment(segment)
            total = _plus(total, cents(segment, 4))
        elif name == "BPR":
            bpr = bpr or segment
        elif name == "PLB":
            for element in range(4, len(segment.elements), 2):
                if segment.elements[element]:
                    amount = cents(segment, element)
                    total = _plus(total, -amount if amount is not None else None)
        elif payment is not None:
            yield from payment.take(segment)
    if payment is not None:
        yield from payment.end_of_claim()
    if bpr is None or total is None:
        return
    paid = cents(bpr, 2)
    if paid is not None:
        paid = -paid if bpr.get(3) == "D" and paid > 0 else paid
        if paid != total:
            yield Unbalanced("x12.balance.payment", bpr, 2, "ST", "", total, paid)


CLAIM_CHECKS: dict[str, Callable[[list[Segment]], Iterator[Misfit]]] = {
    "claim_charges": claim_charges,
    "line_numbers": line_numbers,
    "other_payers": other_payers,
}
"""Checks within one claim, by the names of the guide register."""

WHOLE_CHECKS: dict[str, Callable[[Iterable[Segment]], Iterator[Unbalanced]]] = {"remittance": remittance}
"""Checks over a whole transaction."""
