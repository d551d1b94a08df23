"""What is still open on both sides of the bank, and what was settled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from cleanclaim.bank.matching.records import (
    BankException,
    DepositMatch,
    ExceptionKind,
    MatchKind,
    MatchSettings,
)
from cleanclaim.bank.records import BankLine, ExpectedPayment, LineKind


def folded(number: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", number.upper()).lstrip("0")


def words(text: str) -> str:
    return " ".join(re.sub(r"[^A-Z0-9 ]", " ", text.upper()).split())


def tokens(line: BankLine) -> set[str]:
    text = " ".join((line.text, line.customer_reference, line.bank_reference, *line.traces))
    return {folded(token) for token in re.split(r"[^A-Za-z0-9_-]+", text) if len(token) >= 5} | {
        folded(trace) for trace in line.traces
    }


class Desk:
    """Lines and payments that wait, matches and exceptions so far."""

    def __init__(
        self,
        lines: list[BankLine],
        payments: list[ExpectedPayment],
        earlier: list[BankLine],
        settings: MatchSettings,
        today: date,
    ) -> None:
        self.settings, self.today = settings, today
        self.bank_cents = sum(line.amount_cents for line in lines)
        self.announced_cents = sum(payment.amount_cents for payment in payments)
        self.without_money = tuple(sorted(one.key for one in payments if not one.amount_cents))
        self.lines = {line.key: line for line in sorted(lines, key=lambda one: (one.booked_on, one.key))}
        self.payments = {
            one.key: one
            for one in sorted(payments, key=lambda one: (one.paid_on, one.key))
            if one.amount_cents
        }
        self.earlier = earlier
        self.matches: list[DepositMatch] = []
        self.exceptions: list[BankException] = []
        self.used: list[BankLine] = list(earlier)
        known = {folded(one.trace_number) for one in self.payments.values()} - {""}
        known |= {trace for line in earlier for trace in tokens(line)}
        self.traces: dict[str, set[str]] = {}
        for line in self.lines.values():
            found = tokens(line)
            self.traces[line.key] = (found & known) | {folded(trace) for trace in line.traces}

    def settle(
        self, lines: Sequence[BankLine], payments: Sequence[ExpectedPayment], kind: MatchKind, why: str
    ) -> None:
        self.matches.append(
            DepositMatch(
                tuple(sorted(line.key for line in lines)),
                tuple(sorted(one.key for one in payments)),
                sum(line.amount_cents for line in lines),
                kind,
                why,
            )
        )
        for line in lines:
            self.used.append(self.lines.pop(line.key))
        for one in payments:
            del self.payments[one.key]

    def except_line(
        self,
        line: BankLine,
        kind: ExceptionKind,
        why: str,
        *,
        payment: ExpectedPayment | None = None,
        candidates: Sequence[str] = (),
    ) -> None:
        del self.lines[line.key]
        self.exceptions.append(
            BankException(
                kind,
                why,
                line.key,
                payment.key if payment else "",
                line.amount_cents,
                payment.amount_cents if payment else 0,
                (self.today - line.booked_on).days,
                tuple(sorted(candidates)),
            )
        )
        if payment:
            del self.payments[payment.key]

    def in_window(self, line: BankLine, payment: ExpectedPayment) -> bool:
        after = self.settings.days_after
        if payment.method == "CHK" or line.kind in (LineKind.CHECK, LineKind.LOCKBOX):
            after = self.settings.check_days_after
        distance = (line.booked_on - payment.paid_on).days
        return -self.settings.days_before <= distance <= after

    def traced(self) -> dict[str, list[BankLine]]:
        found: dict[str, list[BankLine]] = {}
        for line in self.lines.values():
            for trace in self.traces[line.key]:
                found.setdefault(trace, []).append(line)
        return found

    def claims_another(self, line: BankLine) -> bool:
        """The line carries a reassociation trace of its own: it is some other payment's money."""
        return bool(line.traces) and "TRN" in line.text.upper()
