"""Money a payer takes back later, tied to where it comes from.

A reversal larger than the day's payments cannot lower the payment below zero. The payer then forwards the
rest (FB negative), or announces a recovery (WO negative), and collects it from later payments (FB or WO
positive). FB names the trace of the payment that first forwarded the balance; WO names the payer's number of
the claim (CLP07). Each such pair is one *debt*: opened, collected in parts, closed.

A collection that fits no debt is money taken without a reason that we know: it is named, never netted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.money import dollars
from cleanclaim.x12.sets.records import ProviderAdjustment, Remittance

FORWARDED, RECOVERY, OUR_REFUND = "FB", "WO", "72"


class Movement(StrEnum):
    """What a provider adjustment does to a debt."""

    OPENED = "opened"
    COLLECTED = "collected"
    REFUNDED = "refunded"
    """Our own refund (72), which nets a WO of the same payment."""
    UNEXPLAINED = "unexplained"
    """Collected, and no debt of that reference is open for it."""


class PayerDebt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What we owe one payer for one reason, and it has not collected. Whole cents, positive."""

    code: str
    """FB or WO."""
    reference: str
    """FB: trace that forwarded it. WO: payer control number of the claim."""
    open_cents: int
    opened_by: str = ""
    """Trace of the payment that opened it."""
    claims: tuple[str, ...] = ()
    """Claims it came from: the WO's claim, or the reversed claims of the payment that forwarded."""


class TakeBack(msgspec.Struct, frozen=True, omit_defaults=True):
    """One provider adjustment that moves a debt. `plb_index` is its place in the remittance, from 0."""

    plb_index: int
    movement: Movement
    code: str
    reference: str
    amount_cents: int
    """Positive: how much was opened, collected or refunded."""
    claims: tuple[str, ...] = ()
    opened_by: str = ""


class TakeBacks(msgspec.Struct, frozen=True):
    """The debts after a remittance, and what each adjustment did."""

    movements: tuple[TakeBack, ...]
    debts: tuple[PayerDebt, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def open_cents(self) -> int:
        """What is owed and not collected."""
        return sum(debt.open_cents for debt in self.debts)

    @property
    def unexplained_cents(self) -> int:
        """What was taken without a debt that explains it."""
        return sum(one.amount_cents for one in self.movements if one.movement is Movement.UNEXPLAINED)


def follow_take_backs(
    remittance: Remittance,
    debts: Iterable[PayerDebt] = (),
    *,
    claims_by_control: dict[str, str] | None = None,
) -> TakeBacks:
    """Tie the FB, WO and 72 of a payment to the debts of this payer.

    Args:
        debts: Open debts before it, in the order in which they arose.
        claims_by_control: Payer control number -> our claim number, for all claims of the payer.

    Returns:
        Movements in file order. Invariant: open after = open before - sum of FB, WO and 72 + unexplained.

    Examples:
        >>> from cleanclaim.x12.sets.records import ProviderAdjustment, Remittance
        >>> first = Remittance(0, "NON", trace_number="T1", provider_adjustments=(
        ...     ProviderAdjustment("", None, "FB", "T1", -4000),))
        >>> then = Remittance(1000, "ACH", trace_number="T2", provider_adjustments=(
        ...     ProviderAdjustment("", None, "FB", "T1", 4000),))
        >>> after = follow_take_backs(then, follow_take_backs(first).debts)
        >>> after.movements[0].movement, after.movements[0].opened_by, after.open_cents
        (<Movement.COLLECTED: 'collected'>, 'T1', 0)
    """
    book = _Book(remittance, list(debts), claims_by_control or {})
    for index, item in enumerate(remittance.provider_adjustments):
        if item.amount_cents and item.code in (FORWARDED, RECOVERY):
            book.take(index, item)
    for index, item in enumerate(remittance.provider_adjustments):
        if item.amount_cents and item.code == OUR_REFUND:
            book.refund(index, item)
    movements = sorted(book.movements, key=lambda one: one.plb_index)
    return TakeBacks(
        tuple(movements), tuple(debt for debt in book.debts if debt.open_cents), tuple(book.findings)
    )


def _folded(text: str) -> str:
    return "".join(text.split()).upper()


class _Book:
    def __init__(self, remittance: Remittance, debts: list[PayerDebt], controls: dict[str, str]) -> None:
        self.remittance = remittance
        self.debts = debts
        self.controls = {_folded(control): number for control, number in controls.items()}
        self.movements: list[TakeBack] = []
        self.findings: list[Finding] = []
        refunds = sum(one.amount_cents for one in remittance.provider_adjustments if one.code == OUR_REFUND)
        self.refund_left = max(0, -refunds)

    def _claims(self, item: ProviderAdjustment) -> tuple[str, ...]:
        if item.code == RECOVERY:
            number = self.controls.get(_folded(item.reference))
            return (number,) if number else ()
        return tuple(
            dict.fromkeys(claim.claim_number for claim in self.remittance.claims if claim.status == "22")
        )

    def take(self, index: int, item: ProviderAdjustment) -> None:
        """FB or WO: negative opens a debt, positive collects."""
        if item.amount_cents < 0:
            claims = self._claims(item)
            trace = self.remittance.trace_number
            self.debts.append(PayerDebt(item.code, item.reference, -item.amount_cents, trace, claims))
            self.movements.append(
                TakeBack(index, Movement.OPENED, item.code, item.reference, -item.amount_cents, claims, trace)
            )
            return
        left = item.amount_cents
        for place, debt in enumerate(self.debts):
            codes = (RECOVERY, OUR_REFUND) if item.code == RECOVERY else (FORWARDED,)
            if left and debt.code in codes and _folded(debt.reference) == _folded(item.reference):
                part = min(left, debt.open_cents)
                left -= part
                self.debts[place] = msgspec.structs.replace(debt, open_cents=debt.open_cents - part)
                if part:
                    told = TakeBack(index, Movement.COLLECTED, item.code, item.reference, part)
                    self.movements.append(
                        msgspec.structs.replace(told, claims=debt.claims, opened_by=debt.opened_by)
                    )
        if left and item.code == RECOVERY and self.refund_left:
            # Our own check paid for it: WO positive and 72 negative in one payment.
            part = min(left, self.refund_left)
            self.refund_left -= part
            left -= part
            self.movements.append(
                TakeBack(index, Movement.REFUNDED, item.code, item.reference, part, self._claims(item))
            )
        if left:
            self._unexplained(index, item, left)

    def refund(self, index: int, item: ProviderAdjustment) -> None:
        """72: our refund acknowledged. What no WO of the payment took up stays open in our favour."""
        if self.refund_left and item.amount_cents < 0:
            part = min(self.refund_left, -item.amount_cents)
            self.refund_left -= part
            self.debts.append(PayerDebt(OUR_REFUND, item.reference, part, self.remittance.trace_number))
        self.movements.append(
            TakeBack(index, Movement.REFUNDED, item.code, item.reference, abs(item.amount_cents))
        )

    def _unexplained(self, index: int, item: ProviderAdjustment, left: int) -> None:
        self.movements.append(
            TakeBack(index, Movement.UNEXPLAINED, item.code, item.reference, left, self._claims(item))
        )
        self.findings.append(
            Finding(
                "remittance.take_back_unexplained",
                Severity.TELL,
                f"The payer took {dollars(left)} by {item.code} and no open balance explains it.",
                Where(segment="PLB", segment_index=item.position, element="PLB03"),
                self.remittance.trace_number,
                {"code": item.code, "reference": item.reference, "amount_cents": left},
                "Look for the recovery letter or the payment that forwarded the balance. "
                "If the claim was never reversed, reverse it by hand from the letter.",
            )
        )


def recoveries_of(movements: Sequence[TakeBack]) -> dict[str, int]:
    """What was collected, by claim; a forwarded balance of several claims counts under none (``''``)."""
    found: dict[str, int] = {}
    for one in movements:
        if one.movement is Movement.COLLECTED:
            key = one.claims[0] if len(one.claims) == 1 else ""
            found[key] = found.get(key, 0) + one.amount_cents
    return found
