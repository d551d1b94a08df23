"""Sums of large remittances from arrays, so that a balanced one is not cut into segments again.

Only *surely balanced* is decided here. When anything is not plain (a difference, an amount that cannot
be read, a very large one) `balance` goes over the transaction itself and says what it is.
"""

from __future__ import annotations

import numpy as np

from cleanclaim.x12.arrays import Array, Rows, SegmentArrays

LARGEST = 10**11
"""Cents. Larger amounts are left to `balance`, so that sums fit their numbers."""


def small(values: Array, known: Array) -> Array:
    """Which amounts are known and of usual size."""
    found: Array = known & (values < LARGEST) & (values > -LARGEST)
    return found


class RemittanceSums:
    """Adds up a remittance window by window; claims never reach over the end of one."""

    def __init__(self) -> None:
        self.sure = True
        self.paid = 0
        self.adjusted_provider = 0
        self.payment: int | None = None

    def balanced(self) -> bool:
        """Whether every line, every claim and the payment surely balance."""
        return self.sure and self.payment == self.paid - self.adjusted_provider

    def add(self, arrays: SegmentArrays, count: int) -> None:
        """Take the first `count` segments of a window."""
        if not self.sure:
            return
        rows = {name: _below(arrays.rows(name), count) for name in ("BPR", "CLP", "SVC", "CAS", "PLB")}
        ends = _below(arrays.rows("LX", "PLB", "SE"), count)
        claims, lines = rows["CLP"], rows["SVC"]
        # Which claim and which line each segment belongs to; none behind the end of a claim.
        lines = lines[_inside(lines, claims, ends)]
        adjustments = rows["CAS"][_inside(rows["CAS"], claims, ends)]
        charges, paid = self._amounts(arrays, claims, 3), self._amounts(arrays, claims, 4)
        line_charges, line_paid = self._amounts(arrays, lines, 2), self._amounts(arrays, lines, 3)
        claim_of_line = np.searchsorted(claims, lines) - 1
        by_claim, by_line = np.zeros(len(claims) + 1, np.int64), np.zeros(len(lines) + 1, np.int64)
        claim_of = np.searchsorted(claims, adjustments) - 1
        line_of = np.searchsorted(lines, adjustments) - 1
        without = np.ones(len(adjustments), bool)
        if len(lines) and len(adjustments):
            without = (line_of < 0) | (claim_of_line[np.maximum(line_of, 0)] != claim_of)
        line_of[without] = len(lines)
        for element in range(3, int(arrays.sizes(adjustments).max(initial=0)) + 1, 3):
            amount = self._amounts(arrays, adjustments, element, empty=True)
            np.add.at(by_claim, claim_of, amount)
            np.add.at(by_line, line_of, amount)
        charged = np.zeros(len(claims), np.int64)
        np.add.at(charged, claim_of_line, line_charges)
        has_lines = np.zeros(len(claims), bool)
        has_lines[claim_of_line] = True
        self.sure &= bool(
            (line_charges - by_line[:-1] == line_paid).all()
            and ((charged == charges) | ~has_lines).all()
            and (charges - by_claim[:-1] == paid).all()
        )
        self.paid += int(paid.sum())
        for element in range(4, int(arrays.sizes(rows["PLB"]).max(initial=0)) + 1, 2):
            self.adjusted_provider += int(self._amounts(arrays, rows["PLB"], element, empty=True).sum())
        if self.payment is None and len(rows["BPR"]):
            first = rows["BPR"][:1]
            payment = int(self._amounts(arrays, first, 2)[0])
            debit = bool(arrays.equal(first, 3, "D")[0]) and payment > 0
            self.payment = -payment if debit else payment

    def _amounts(self, arrays: SegmentArrays, rows: Rows, element: int, *, empty: bool = False) -> Array:
        """Amounts of an element; not sure any more when one is not plain. Empty ones may count nothing."""
        field = arrays.field(rows, element)
        amounts, _ = arrays.cents(field)
        plain = small(amounts.values, amounts.known)
        if empty:
            plain |= field.stop == field.begin
        self.sure &= bool(plain.all())
        return np.where(amounts.known, amounts.values, 0)


def _below(rows: Rows, count: int) -> Rows:
    return rows[: int(np.searchsorted(rows, count))]


def _inside(rows: Rows, begins: Rows, ends: Rows) -> Array:
    """Which rows stand behind a beginning that no end has followed."""
    begun, ended = np.searchsorted(begins, rows), np.searchsorted(ends, rows)
    if not len(begins):
        return np.zeros(len(rows), bool)
    last_end = np.where(ended > 0, ends[np.maximum(ended, 1) - 1] if len(ends) else -1, -1)
    found: Array = (begun > 0) & (begins[np.maximum(begun, 1) - 1] > last_end)
    return found
