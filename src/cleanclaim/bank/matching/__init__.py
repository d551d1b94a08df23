"""Deposits against remittances: every dollar of both sides is in exactly one match or one exception.

Rules, strongest first; each takes what it settles off both lists:

1. ``trace``           the EFT trace (TRN02) stands in the bank's text, and the amounts agree
2. ``check_number``    the check's number, and the amounts agree
3. ``trace_split``     several lines carry one trace and add up to the payment
4. ``trace_merged``    one line carries several traces, or one, and the payments of that payer add up
5. ``amount_and_day``  one payment and one line of that amount lie within the window, and no other does
6. ``merged``          the line is the sum of one set of payments in the window, of no other, and too small a
                       set for chance
7. ``split``           the payment is the sum of one set of lines in the window, and of no other

Rules 1 to 3 are certain. The others say that they are not (`is_certain` false) and wait for a look; nothing
that could be read two ways is matched at all. Equal payments of one day are never paired by guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from cleanclaim.bank.matching import numbers, sums
from cleanclaim.bank.matching.desk import Desk, words
from cleanclaim.bank.matching.explaining import answer, business_days_after
from cleanclaim.bank.matching.records import (
    BankException,
    DepositMatch,
    ExceptionKind,
    MatchKind,
    MatchSettings,
    Reconciliation,
)
from cleanclaim.bank.records import BankLine, ExpectedPayment

__all__ = [
    "RULES",
    "BankException",
    "DepositMatch",
    "ExceptionKind",
    "MatchKind",
    "MatchSettings",
    "Reconciliation",
    "business_days_after",
    "match_deposits",
]

RULES: tuple[Callable[[Desk], None], ...] = (
    numbers.by_trace,
    numbers.by_check_number,
    numbers.by_trace_split,
    numbers.by_trace_merged,
    numbers.by_returns,
    numbers.by_doubles,
    numbers.by_differing_amount,
    sums.by_amount_and_day,
    sums.by_merged,
    sums.by_split,
)
"""In the order in which they are tried."""


def match_deposits(
    lines: Iterable[BankLine],
    payments: Iterable[ExpectedPayment],
    *,
    today: date,
    payer_names: Iterable[str] = (),
    earlier: Iterable[BankLine] = (),
    settings: MatchSettings | None = None,
) -> Reconciliation:
    """Match bank lines to payments.

    Args:
        lines: What is not matched yet, credits and debits.
        payments: What is not matched yet.
        payer_names: Names of payers as banks write them, to tell payer money from other money.
        earlier: Lines matched in earlier runs, to know a doubled or returned deposit.

    Returns:
        Matches and exceptions, in a fixed order that does not depend on the order given.
    """
    desk = Desk(list(lines), list(payments), list(earlier), settings or MatchSettings(), today)
    for rule in RULES:
        rule(desk)
    names = tuple(filter(None, (words(name) for name in payer_names)))
    return answer(desk, names)
