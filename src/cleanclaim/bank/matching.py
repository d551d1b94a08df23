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

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from cleanclaim.bank.records import BankLine, ExpectedPayment, LineKind
from cleanclaim.bank.subsets import size_that_proves, unique_subset

TRACED_ODDS = 50
"""Odds wanted of a sum when a trace already names one of its payments."""


class MatchKind(StrEnum):
    """How a match was made."""

    TRACE = "trace"
    CHECK_NUMBER = "check_number"
    TRACE_SPLIT = "trace_split"
    TRACE_MERGED = "trace_merged"
    AMOUNT_AND_DAY = "amount_and_day"
    MERGED = "merged"
    SPLIT = "split"


CERTAIN = frozenset({MatchKind.TRACE, MatchKind.CHECK_NUMBER, MatchKind.TRACE_SPLIT})


class ExceptionKind(StrEnum):
    """Why a line or a payment stands alone."""

    MISSING_REMITTANCE = "missing_remittance"
    """Payer money in the bank without an 835."""
    MISSING_DEPOSIT = "missing_deposit"
    """An 835 without money in the bank, past the days allowed."""
    AWAITED = "awaited"
    """An 835 whose money may still come."""
    DOUBLED_DEPOSIT = "doubled_deposit"
    """A trace or check that was deposited before, again."""
    AMOUNT_DIFFERS = "amount_differs"
    """Trace or check agree, the amount does not."""
    RETURNED = "returned"
    """A deposit that was taken back."""
    AMBIGUOUS = "ambiguous"
    """Several readings fit; a person decides."""
    NOT_PAYER_MONEY = "not_payer_money"
    """A fee, interest, a card settlement: nothing that an 835 would announce."""
    UNKNOWN = "unknown"
    """A line that nothing explains."""


class DepositMatch(msgspec.Struct, frozen=True):
    """Lines and payments that are the same money. Their sums are equal."""

    lines: tuple[str, ...]
    payments: tuple[str, ...]
    amount_cents: int
    kind: MatchKind
    why: str

    @property
    def is_certain(self) -> bool:
        """A number proves it; nobody needs to look."""
        return self.kind in CERTAIN


class BankException(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line or one payment that stands alone, or a trace whose two sides differ."""

    kind: ExceptionKind
    why: str
    line: str = ""
    payment: str = ""
    line_cents: int = 0
    payment_cents: int = 0
    age_days: int = 0
    candidates: tuple[str, ...] = ()
    """Keys of the other side that could be meant."""

    @property
    def needs_a_person(self) -> bool:
        """False for what only waits."""
        return self.kind not in (ExceptionKind.AWAITED, ExceptionKind.NOT_PAYER_MONEY)


class Reconciliation(msgspec.Struct, frozen=True):
    """The answer of `match_deposits`.

    bank = matched + alone in the bank; announced = matched + alone in remittances; both to the cent.
    """

    matches: tuple[DepositMatch, ...]
    exceptions: tuple[BankException, ...]
    without_money: tuple[str, ...]
    """Payments of zero (NON): no deposit belongs to them."""
    bank_cents: int
    announced_cents: int

    @property
    def matched_cents(self) -> int:
        return sum(match.amount_cents for match in self.matches)

    @property
    def unexplained_cents(self) -> int:
        """What is in neither a match nor an exception, on both sides together. Always 0, or a bug."""
        lines = sum(one.line_cents for one in self.exceptions)
        payments = sum(one.payment_cents for one in self.exceptions)
        return abs(self.bank_cents - self.matched_cents - lines) + abs(
            self.announced_cents - self.matched_cents - payments
        )


class MatchSettings(msgspec.Struct, frozen=True):
    """Windows in days around BPR16 (operating rules: an 835 within three business days of its EFT)."""

    days_before: int = 4
    days_after: int = 7
    check_days_after: int = 30
    deposit_due_business_days: int = 4
    check_due_days: int = 21


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
    work = _Work(list(lines), list(payments), list(earlier), settings or MatchSettings(), today)
    for rule in (
        work.by_trace,
        work.by_check_number,
        work.by_trace_split,
        work.by_trace_merged,
        work.by_returns,
        work.by_doubles,
        work.by_differing_amount,
        work.by_amount_and_day,
        work.by_merged,
        work.by_split,
    ):
        rule()
    names = tuple(filter(None, (_words(name) for name in payer_names)))
    return work.answer(names)


def business_days_after(start: date, days: int, holidays: frozenset[date] = frozenset()) -> date:
    """The day that many business days later."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            days -= 1
    return day


def _folded(number: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", number.upper()).lstrip("0")


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^A-Z0-9 ]", " ", text.upper()).split())


def _tokens(line: BankLine) -> set[str]:
    text = " ".join((line.text, line.customer_reference, line.bank_reference, *line.traces))
    return {_folded(token) for token in re.split(r"[^A-Za-z0-9_-]+", text) if len(token) >= 5} | {
        _folded(trace) for trace in line.traces
    }


class _Work:
    """What is still open on both sides, and what was settled."""

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
        known = {_folded(one.trace_number) for one in self.payments.values()} - {""}
        known |= {trace for line in earlier for trace in _tokens(line)}
        self.traces: dict[str, set[str]] = {}
        for line in self.lines.values():
            found = _tokens(line)
            self.traces[line.key] = (found & known) | {_folded(trace) for trace in line.traces}

    # Settling -----------------------------------------------------------------------------------

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

    # Rules --------------------------------------------------------------------------------------

    def _traced(self) -> dict[str, list[BankLine]]:
        found: dict[str, list[BankLine]] = {}
        for line in self.lines.values():
            for trace in self.traces[line.key]:
                found.setdefault(trace, []).append(line)
        return found

    def by_trace(self) -> None:
        """Rule 1."""
        by_trace: dict[str, list[ExpectedPayment]] = {}
        for payment in self.payments.values():
            by_trace.setdefault(_folded(payment.trace_number), []).append(payment)
        lines = self._traced()
        for trace, named in by_trace.items():
            if not trace:
                continue
            for payment in named:
                fits = [
                    line
                    for line in lines.get(trace, ())
                    if line.key in self.lines and line.amount_cents == payment.amount_cents
                ]
                alike = [one for one in named if one.amount_cents == payment.amount_cents]
                if fits and len(alike) == 1:
                    why = "the payment's trace number stands in the bank's text"
                    self.settle(fits[:1], [payment], MatchKind.TRACE, why)

    def by_check_number(self) -> None:
        """Rule 2."""
        by_number: dict[str, list[BankLine]] = {}
        for line in self.lines.values():
            if line.check_number:
                by_number.setdefault(_folded(line.check_number), []).append(line)
        traces = Counter(_folded(one.trace_number) for one in self.payments.values())
        for payment in list(self.payments.values()):
            number = _folded(payment.trace_number)
            if not number or payment.method not in ("CHK", ""):
                continue
            fits = [
                line
                for line in by_number.get(number, ())
                if line.key in self.lines and line.amount_cents == payment.amount_cents
            ]
            if fits and traces[number] == 1:
                self.settle(fits[:1], [payment], MatchKind.CHECK_NUMBER, "the check number is equal")

    def by_trace_split(self) -> None:
        """Rule 3."""
        traced = self._traced()
        for payment in list(self.payments.values()):
            parts = [line for line in traced.get(_folded(payment.trace_number), ()) if line.key in self.lines]
            if len(parts) > 1 and sum(line.amount_cents for line in parts) == payment.amount_cents:
                why = f"{len(parts)} lines carry the trace number and add up"
                self.settle(parts, [payment], MatchKind.TRACE_SPLIT, why)

    def by_trace_merged(self) -> None:
        """Rule 4: the line's traces name some of the payments, and all together are its amount."""
        for line in list(self.lines.values()):
            named = [
                one for one in self.payments.values() if _folded(one.trace_number) in self.traces[line.key]
            ]
            if not named or line.amount_cents <= 0:
                continue
            if sum(one.amount_cents for one in named) == line.amount_cents:
                self.settle(
                    [line], named, MatchKind.TRACE_MERGED, f"its {len(named)} traces add up to the line"
                )
                continue
            payers = {one.payer_id for one in named}
            others = [
                one
                for one in self.payments.values()
                if one not in named and one.payer_id in payers and self.in_window(line, one)
            ]
            rest = line.amount_cents - sum(one.amount_cents for one in named)
            most = max(1, size_that_proves(len(others), rest, odds=TRACED_ODDS))
            chosen = unique_subset([one.amount_cents for one in others], rest, least=1, most=most)
            if chosen:
                found = [*named, *(others[place] for place in chosen)]
                why = f"a trace in the text, and {len(found)} payments of the payer add up to the line"
                self.settle([line], found, MatchKind.TRACE_MERGED, why)

    def by_returns(self) -> None:
        """A debit that undoes a deposit of before: same amount, same trace or reference."""
        for line in list(self.lines.values()):
            if line.amount_cents >= 0 or line.key not in self.lines:
                continue
            before = [
                other
                for other in (*self.used, *self.lines.values())
                if other.amount_cents == -line.amount_cents
                and other.booked_on <= line.booked_on
                and (_tokens(other) & _tokens(line))
            ]
            if before or re.search(r"RETURN|REVERS|CHARGEBACK|NSF", line.text.upper()):
                why = "the bank took a deposit back"
                self.except_line(line, ExceptionKind.RETURNED, why, candidates=[one.key for one in before])

    def by_doubles(self) -> None:
        """A trace or check that was settled before, deposited again."""
        traces: dict[str, str] = {}
        checks: dict[tuple[str, int], str] = {}
        for used in self.used:
            for trace in self.traces.get(used.key) or {_folded(one) for one in used.traces}:
                traces.setdefault(trace, used.key)
            if used.check_number:
                checks.setdefault((_folded(used.check_number), used.amount_cents), used.key)
        open_traces = {_folded(one.trace_number) for one in self.payments.values()}
        for line in list(self.lines.values()):
            if line.amount_cents <= 0:
                continue
            hits = [traces[trace] for trace in sorted(self.traces[line.key]) if trace in traces]
            check = checks.get((_folded(line.check_number), line.amount_cents)) if line.check_number else None
            if check or (hits and not self.traces[line.key] & open_traces):
                why = "its trace or check number was deposited before"
                self.except_line(line, ExceptionKind.DOUBLED_DEPOSIT, why, candidates=[check or hits[0]])

    def by_differing_amount(self) -> None:
        """The numbers agree and the amounts do not: both sides in one exception."""
        for line in list(self.lines.values()):
            numbers = self.traces[line.key] | ({_folded(line.check_number)} if line.check_number else set())
            named = [one for one in self.payments.values() if _folded(one.trace_number) in numbers]
            if len(named) == 1 and line.amount_cents > 0:
                why = "the number agrees, the amount does not"
                self.except_line(line, ExceptionKind.AMOUNT_DIFFERS, why, payment=named[0])

    def by_amount_and_day(self) -> None:
        """Rule 5."""
        pairs = self._pairs(lambda line, one: line.amount_cents == one.amount_cents)
        for line_key, named in pairs.items():
            if len(named) != 1:
                continue
            rivals = [other for other, keys in pairs.items() if named[0] in keys]
            if len(rivals) == 1 and not self._claims_another(self.lines[line_key]):
                line, payment = self.lines[line_key], self.payments[named[0]]
                why = "the only line and the only payment of this amount in the window"
                self.settle([line], [payment], MatchKind.AMOUNT_AND_DAY, why)

    def _claims_another(self, line: BankLine) -> bool:
        """The line carries a reassociation trace of its own: it is some other payment's money."""
        return bool(line.traces) and "TRN" in line.text.upper()

    def _pairs(self, fits: Callable[[BankLine, ExpectedPayment], bool]) -> dict[str, list[str]]:
        return {
            line.key: [
                one.key for one in self.payments.values() if fits(line, one) and self.in_window(line, one)
            ]
            for line in self.lines.values()
            if line.amount_cents > 0
        }

    def by_merged(self) -> None:
        """Rule 6."""
        for line in list(self.lines.values()):
            if line.amount_cents <= 0 or self._claims_another(line):
                continue
            near = [one for one in self.payments.values() if self.in_window(line, one)]
            most = size_that_proves(len(near), line.amount_cents)
            chosen = unique_subset([one.amount_cents for one in near], line.amount_cents, most=most)
            if chosen and not self._wanted_elsewhere(line, [near[place] for place in chosen]):
                found = [near[place] for place in chosen]
                why = f"the only {len(found)} payments within the window that add up to the line"
                self.settle([line], found, MatchKind.MERGED, why)

    def _wanted_elsewhere(self, line: BankLine, found: Sequence[ExpectedPayment]) -> bool:
        """Another open line has the amount of one of the payments: then the sum may be chance."""
        amounts = {one.amount_cents for one in found}
        return any(other.key != line.key and other.amount_cents in amounts for other in self.lines.values())

    def by_split(self) -> None:
        """Rule 7."""
        for payment in list(self.payments.values()):
            near = [
                line
                for line in self.lines.values()
                if line.amount_cents > 0 and self.in_window(line, payment) and not self._claims_another(line)
            ]
            most = size_that_proves(len(near), payment.amount_cents)
            chosen = unique_subset([line.amount_cents for line in near], payment.amount_cents, most=most)
            if chosen:
                found = [near[place] for place in chosen]
                why = f"the only {len(found)} lines within the window that add up to the payment"
                self.settle(found, [payment], MatchKind.SPLIT, why)

    # The rest -----------------------------------------------------------------------------------

    def answer(self, payer_names: tuple[str, ...]) -> Reconciliation:
        open_amounts: dict[int, list[str]] = {}
        for one in self.payments.values():
            open_amounts.setdefault(one.amount_cents, []).append(one.key)
        torn: set[str] = set()
        for line in list(self.lines.values()):
            rivals = [
                key
                for key in open_amounts.get(line.amount_cents, ())
                if self.in_window(line, self.payments[key])
            ]
            kind, why = self._line_kind(line, rivals, payer_names)
            torn.update(rivals)
            self.except_line(line, kind, why, candidates=rivals)
        for payment in list(self.payments.values()):
            self.exceptions.append(self._payment_exception(payment, is_torn=payment.key in torn))
        return Reconciliation(
            tuple(sorted(self.matches, key=lambda one: (one.lines, one.payments))),
            tuple(sorted(self.exceptions, key=lambda one: (one.kind, one.line, one.payment))),
            self.without_money,
            self.bank_cents,
            self.announced_cents,
        )

    def _line_kind(
        self, line: BankLine, rivals: Sequence[str], payer_names: tuple[str, ...]
    ) -> tuple[ExceptionKind, str]:
        if rivals:
            return ExceptionKind.AMBIGUOUS, f"{len(rivals)} payments of this amount lie in the window"
        words = f"{_words(line.text)} {_words(line.payer_name)}"
        is_payer = "HCCLAIMPMT" in words or any(name in words for name in payer_names)
        if line.amount_cents > 0 and (is_payer or self._claims_another(line)):
            return ExceptionKind.MISSING_REMITTANCE, "payer money without a remittance"
        if line.amount_cents < 0 or line.kind in (LineKind.INTEREST, LineKind.FEE, LineKind.CARD):
            return ExceptionKind.NOT_PAYER_MONEY, f"{line.kind}: no remittance announces it"
        return ExceptionKind.UNKNOWN, "nothing explains this line"

    def _payment_exception(self, payment: ExpectedPayment, *, is_torn: bool) -> BankException:
        if payment.method == "CHK":
            due = payment.paid_on + timedelta(days=self.settings.check_due_days)
        else:
            due = business_days_after(payment.paid_on, self.settings.deposit_due_business_days)
        late = self.today > due
        if late:
            why = f"no deposit by {due.isoformat()}"
        else:
            why = f"its deposit is due by {due.isoformat()}"
        kind = ExceptionKind.MISSING_DEPOSIT if late else ExceptionKind.AWAITED
        if is_torn:
            kind, why = ExceptionKind.AMBIGUOUS, "several lines of this amount lie in the window"
        return BankException(
            kind,
            why,
            payment=payment.key,
            payment_cents=payment.amount_cents,
            age_days=(self.today - payment.paid_on).days,
        )
