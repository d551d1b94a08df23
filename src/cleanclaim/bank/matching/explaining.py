"""What stands alone at the end, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from cleanclaim.bank.matching.desk import Desk, words
from cleanclaim.bank.matching.records import BankException, ExceptionKind, Reconciliation
from cleanclaim.bank.records import BankLine, ExpectedPayment, LineKind


def business_days_after(start: date, days: int, holidays: frozenset[date] = frozenset()) -> date:
    """The day that many business days later."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            days -= 1
    return day


def answer(desk: Desk, payer_names: tuple[str, ...]) -> Reconciliation:
    open_amounts: dict[int, list[str]] = {}
    for one in desk.payments.values():
        open_amounts.setdefault(one.amount_cents, []).append(one.key)
    torn: set[str] = set()
    for line in list(desk.lines.values()):
        rivals = [
            key for key in open_amounts.get(line.amount_cents, ()) if desk.in_window(line, desk.payments[key])
        ]
        kind, why = _line_kind(desk, line, rivals, payer_names)
        torn.update(rivals)
        desk.except_line(line, kind, why, candidates=rivals)
    for payment in list(desk.payments.values()):
        desk.exceptions.append(_payment_exception(desk, payment, is_torn=payment.key in torn))
    return Reconciliation(
        tuple(sorted(desk.matches, key=lambda one: (one.lines, one.payments))),
        tuple(sorted(desk.exceptions, key=lambda one: (one.kind, one.line, one.payment))),
        desk.without_money,
        desk.bank_cents,
        desk.announced_cents,
    )


def _line_kind(
    desk: Desk, line: BankLine, rivals: Sequence[str], payer_names: tuple[str, ...]
) -> tuple[ExceptionKind, str]:
    if rivals:
        return ExceptionKind.AMBIGUOUS, f"{len(rivals)} payments of this amount lie in the window"
    text = f"{words(line.text)} {words(line.payer_name)}"
    is_payer = "HCCLAIMPMT" in text or any(name in text for name in payer_names)
    if line.amount_cents > 0 and (is_payer or desk.claims_another(line)):
        return ExceptionKind.MISSING_REMITTANCE, "payer money without a remittance"
    if line.amount_cents < 0 or line.kind in (LineKind.INTEREST, LineKind.FEE, LineKind.CARD):
        return ExceptionKind.NOT_PAYER_MONEY, f"{line.kind}: no remittance announces it"
    return ExceptionKind.UNKNOWN, "nothing explains this line"


def _payment_exception(desk: Desk, payment: ExpectedPayment, *, is_torn: bool) -> BankException:
    if payment.method == "CHK":
        due = payment.paid_on + timedelta(days=desk.settings.check_due_days)
    else:
        due = business_days_after(payment.paid_on, desk.settings.deposit_due_business_days)
    late = desk.today > due
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
        age_days=(desk.today - payment.paid_on).days,
    )
