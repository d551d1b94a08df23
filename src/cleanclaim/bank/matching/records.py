"""What matching answers: matches, exceptions, and the whole that they must be."""

from __future__ import annotations

from enum import StrEnum

import msgspec


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
