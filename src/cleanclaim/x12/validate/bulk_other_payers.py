"""What other payers paid and adjusted, of many claims at once, from arrays.

As in `bulk_rules`: a claim that is not doubted here surely balances, by line and by payer; what is doubted (a
difference, an amount that is not plain, a payer's id of more than sixteen characters) is asked again, claim
by claim, by `balance` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cleanclaim.x12.arrays import WIDTH, Array, Field, Rows, code
from cleanclaim.x12.validate.bulk_balance import small
from cleanclaim.x12.validate.bulk_rules import unbalanced
from cleanclaim.x12.validate.bulk_values import ValueArrays

_LONGEST_ID = 2 * WIDTH


def surely_balanced(arrays: ValueArrays, starts: Array, ends: Array, first: int, last: int) -> Array:
    """Which claims surely balance: their lines, and each other payer by line and by claim.

    Args:
        starts, ends: Rows of the claims, ascending.
        first, last: The rows within which they lie.
    """
    if not len(starts):
        return np.zeros(0, bool)
    return _Sums(arrays, starts, ends, first, last).sure


class _Place(NamedTuple):
    """Segments of one kind, and the claim of each."""

    rows: Rows
    claim: Array


class _Sums:
    def __init__(self, arrays: ValueArrays, starts: Array, ends: Array, first: int, last: int) -> None:
        self.arrays, self.starts, self.ends, self.first = arrays, starts, ends, first
        self.ids = arrays.ids[first:last]
        self.sure: Array = arrays.ids[starts] == code("CLM")
        self.sure &= ~unbalanced(arrays, starts, ends, first, last)
        self.payers, self.heads = self.found("SBR"), self.found("LX")
        self.answers = self.found("SVD")
        self.by_payer = np.zeros(len(self.payers.rows), np.int64)
        """What each payer adjusted, on the claim and on its lines."""
        self.by_answer = np.zeros(len(self.answers.rows), np.int64)
        self.adjust()
        self.lines()
        self.claims()

    def found(self, *names: str) -> _Place:
        """The segments of these ids that stand in one of the claims."""
        rows = np.flatnonzero(np.isin(self.ids, [code(name) for name in names])) + self.first
        claim = np.searchsorted(self.starts, rows, "right") - 1
        inside = (claim >= 0) & (rows < self.ends[np.maximum(claim, 0)])
        return _Place(rows[inside], claim[inside])

    def amounts(self, place: _Place, element: int, *, empty: bool = False) -> Array:
        """Amounts of an element; a claim with one that is not plain is doubted. Empty ones may be nothing."""
        field = self.arrays.field(place.rows, element)
        amounts, _ = self.arrays.cents(field)
        plain = small(amounts.values, amounts.known)
        counted = np.where(plain, amounts.values, 0)
        if empty:
            plain |= field.stop == field.begin
        self.doubt(place.claim[~plain])
        return counted

    def doubt(self, claims: Array) -> None:
        self.sure[claims] = False

    def on_claim(self, place: _Place) -> tuple[Array, Array]:
        """Which segments belong to another payer and to no line, and to which."""
        owner = _owner(self.payers, place)
        return (owner >= 0) & (_owner(self.heads, place) < 0), owner

    def adjust(self) -> None:
        """Add up all CAS, each to the answer of a line or to the payer that it follows."""
        place = self.found("CAS")
        total = np.zeros(len(place.rows), np.int64)
        for element in range(3, int(self.arrays.sizes(place.rows).max(initial=0)) + 1, 3):
            total += self.amounts(place, element, empty=True)
        answer, head = _owner(self.answers, place), _owner(self.heads, place)
        of_line = answer >= 0
        if of_line.any() and len(self.heads.rows):
            head_rows = np.where(head >= 0, self.heads.rows[np.maximum(head, 0)], -1)
            of_line &= self.answers.rows[np.maximum(answer, 0)] > head_rows
        np.add.at(self.by_answer, answer[of_line], total[of_line])
        of_claim, payer = self.on_claim(place)
        of_claim &= ~of_line
        np.add.at(self.by_payer, payer[of_claim], total[of_claim])

    def lines(self) -> None:
        """An answer's payment is the charge of its line without its adjustments, unless it was bundled."""
        professional, institutional = self.found("SV1"), self.found("SV2")
        left = np.zeros(len(self.answers.rows), np.int64)
        known = np.zeros(len(self.answers.rows), bool)
        for place, element in ((professional, 2), (institutional, 3)):
            charges = self.amounts(place, element)
            line = _owner(place, self.answers)
            has = line >= 0
            self.doubt(self.answers.claim[has & known])  # lines of both kinds in one claim
            left[has] = charges[line[has]]
            known |= has
        bundled = self.arrays.field(self.answers.rows, 6)
        right = known & (self.amounts(self.answers, 2) == left - self.by_answer)
        right |= bundled.stop > bundled.begin
        self.doubt(self.answers.claim[~right])

    def claims(self) -> None:
        """A payer's payment is the charge of the claim without all that this payer adjusted."""
        arrays, payers = self.arrays, self.payers
        amounts = _some(self.found("AMT"), lambda rows: arrays.equal(rows, 1, "D"))
        mine, owner = self.on_claim(amounts)
        amounts, owner = _Place(amounts.rows[mine], amounts.claim[mine]), owner[mine]
        paid, has_paid = np.zeros(len(payers.rows), np.int64), np.zeros(len(payers.rows), bool)
        paid[owner], has_paid[owner] = self.amounts(amounts, 2), True
        self.share()
        charge, _ = arrays.cents(arrays.field(self.starts, 2))
        right = ~has_paid | (paid == charge.values[payers.claim] - self.by_payer)
        self.doubt(payers.claim[~right])

    def share(self) -> None:
        """Give the adjustments of each answer to the payers of its claim that have its id."""
        arrays, payers, answers = self.arrays, self.payers, self.answers
        names = _some(self.found("NM1"), lambda rows: arrays.equal(rows, 1, "PR"))
        mine, owner = self.on_claim(names)
        names, owner = _Place(names.rows[mine], names.claim[mine]), owner[mine]
        ids = np.zeros((2, len(payers.rows)), np.uint64)
        ids[:, owner] = self.keys(names, 9)
        wanted = self.keys(answers, 1)
        begin = np.searchsorted(payers.claim, answers.claim)
        end = np.searchsorted(payers.claim, answers.claim, "right")
        for step in range(int((end - begin).max(initial=0))):
            payer = np.minimum(begin + step, len(payers.rows) - 1)
            same = (begin + step < end) & (ids[:, payer] == wanted).all(axis=0)
            np.add.at(self.by_payer, payer[same], self.by_answer[same])

    def keys(self, place: _Place, element: int) -> Array:
        """Ids as two numbers each; a claim with a longer one is doubted."""
        begin, stop = self.arrays.field(place.rows, element)
        self.doubt(place.claim[stop - begin > _LONGEST_ID])
        rest = Field(np.minimum(begin + WIDTH, stop), stop)
        return np.stack((self.arrays.keys(Field(begin, stop)), self.arrays.keys(rest)))


def _owner(marks: _Place, place: _Place) -> Array:
    """The last mark before each segment within its claim, as its number; -1 where there is none."""
    if not len(marks.rows):
        return np.full(len(place.rows), -1, np.int64)
    at = np.searchsorted(marks.rows, place.rows) - 1
    mine = (at >= 0) & (marks.claim[np.maximum(at, 0)] == place.claim)
    return np.where(mine, at, -1)


def _some(place: _Place, wanted: Callable[[Rows], Array]) -> _Place:
    chosen = wanted(place.rows)
    return _Place(place.rows[chosen], place.claim[chosen])
