"""Matches without a number: amount and day, and sums that are the only reading."""

from __future__ import annotations

from collections.abc import Sequence

from cleanclaim.bank.matching.desk import Desk
from cleanclaim.bank.matching.records import MatchKind
from cleanclaim.bank.records import BankLine, ExpectedPayment
from cleanclaim.bank.subsets import size_that_proves, unique_subset


def by_amount_and_day(desk: Desk) -> None:
    """Rule 5."""
    pairs = _pairs(desk)
    for line_key, named in pairs.items():
        if len(named) != 1:
            continue
        rivals = [other for other, keys in pairs.items() if named[0] in keys]
        if len(rivals) == 1 and not desk.claims_another(desk.lines[line_key]):
            line, payment = desk.lines[line_key], desk.payments[named[0]]
            why = "the only line and the only payment of this amount in the window"
            desk.settle([line], [payment], MatchKind.AMOUNT_AND_DAY, why)


def _pairs(desk: Desk) -> dict[str, list[str]]:
    """Payments of the same amount in the window, by credit."""
    return {
        line.key: [
            one.key
            for one in desk.payments.values()
            if line.amount_cents == one.amount_cents and desk.in_window(line, one)
        ]
        for line in desk.lines.values()
        if line.amount_cents > 0
    }


def by_merged(desk: Desk) -> None:
    """Rule 6."""
    for line in list(desk.lines.values()):
        if line.amount_cents <= 0 or desk.claims_another(line):
            continue
        near = [one for one in desk.payments.values() if desk.in_window(line, one)]
        most = size_that_proves(len(near), line.amount_cents)
        chosen = unique_subset([one.amount_cents for one in near], line.amount_cents, most=most)
        if chosen and not _wanted_elsewhere(desk, line, [near[place] for place in chosen]):
            found = [near[place] for place in chosen]
            why = f"the only {len(found)} payments within the window that add up to the line"
            desk.settle([line], found, MatchKind.MERGED, why)


def _wanted_elsewhere(desk: Desk, line: BankLine, found: Sequence[ExpectedPayment]) -> bool:
    """Another open line has the amount of one of the payments: then the sum may be chance."""
    amounts = {one.amount_cents for one in found}
    return any(other.key != line.key and other.amount_cents in amounts for other in desk.lines.values())


def by_split(desk: Desk) -> None:
    """Rule 7."""
    for payment in list(desk.payments.values()):
        near = [
            line
            for line in desk.lines.values()
            if line.amount_cents > 0 and desk.in_window(line, payment) and not desk.claims_another(line)
        ]
        most = size_that_proves(len(near), payment.amount_cents)
        chosen = unique_subset([line.amount_cents for line in near], payment.amount_cents, most=most)
        if chosen:
            found = [near[place] for place in chosen]
            why = f"the only {len(found)} lines within the window that add up to the payment"
            desk.settle(found, [payment], MatchKind.SPLIT, why)
