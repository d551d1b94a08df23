"""Payment days that have come: the answers of a day become one 835 that adds up.

``BPR02 = sum of CLP04 - sum of PLB``. A payment is never negative: PLB FB lifts it to zero and the
next payment of the same payer to the same payee takes the balance, under the trace number of the
payment that began it.
"""

from __future__ import annotations

from datetime import date, datetime, time

from cleanclaim.claim import Address
from cleanclaim.simulator.chance import draw
from cleanclaim.simulator.state import (
    Carried,
    Offset,
    PaymentDay,
    State,
    decode_claim_answer,
)
from cleanclaim.x12.sets.records import ProviderAdjustment, RemitClaim, RemitParty, Remittance


def days_that_have_come(state: State, now: datetime) -> list[PaymentDay]:
    """Take the payment days up to now out of the state, in the order of day, payer, payee."""
    hour = time(state.timing.payment_hour)
    ready = sorted(
        key for key, day in state.payments.items() if datetime.combine(day.pay_on, hour, now.tzinfo) <= now
    )
    return [state.payments.pop(key) for key in ready]


def pay(state: State, day: PaymentDay, *, receiver_id: str) -> Remittance | None:
    """Make the remittance of one payment day; None when nothing is left to say.

    Args:
        state: Debts and carried balances are taken from it, and trace numbers.
        day: The answers.
        receiver_id: REF*EV: who fetches the file.
    """
    answers = [one for one in day.answers if not _is_replaced(state, day, one.unless_replaced)]
    claims = tuple(decode_claim_answer(one.claim) for one in answers)
    offsets = [one for one in day.offsets if not _is_replaced(state, day, one.unless_replaced)]
    if not claims and not offsets:
        return None
    trace = f"EFT{day.pay_on:%y%m%d}{state.count('trace'):07d}"
    account = f"{day.payer.payer_id}|{day.payee.npi}"
    if not day.lane:
        offsets += _take_debts(state, day, account)
    carried = None if day.lane else state.carried.pop(account, None)
    if carried is not None:
        offsets.append(Offset("FB", carried.trace_number, carried.amount_cents, day.pay_on))
    total = sum(claim.paid_cents for claim in claims) - sum(one.amount_cents for one in offsets)
    if total < 0:
        # An older balance keeps the trace number under which it began.
        began = carried.trace_number if carried else trace
        offsets.append(Offset("FB", began, total, day.pay_on))
        state.carried[account] = Carried(began, -total)
        total = 0
    return _remittance(day, claims, offsets, total, trace, receiver_id)


def _is_replaced(state: State, day: PaymentDay, control_number: str) -> bool:
    if not control_number:
        return False
    known = state.claims.get(f"{day.payer.payer_id}|{control_number}")
    return known is not None and known.outcome in ("replaced", "voided")


def _take_debts(state: State, day: PaymentDay, account: str) -> list[Offset]:
    """Debts that may be collected by now; those of replaced claims fall away."""
    debts = state.debts.pop(account, [])
    waiting = [one for one in debts if one.not_before > day.pay_on]
    if waiting:
        state.debts[account] = waiting
    taken = [
        one
        for one in debts
        if one.not_before <= day.pay_on and not _is_replaced(state, day, one.unless_replaced)
    ]
    for one in taken:
        known = state.claims.get(f"{day.payer.payer_id}|{one.reference}")
        if known is not None and known.outcome == "paid":
            known.outcome = "recovered"
    return taken


def _remittance(
    day: PaymentDay,
    claims: tuple[RemitClaim, ...],
    offsets: list[Offset],
    total: int,
    trace: str,
    receiver_id: str,
) -> Remittance:
    payer, payee = day.payer, day.payee
    year_end = date(day.pay_on.year, 12, 31)
    return Remittance(
        paid_cents=total,
        method="ACH" if total else "NON",
        handling="I" if total else "H",
        paid_on=day.pay_on,
        trace_number=trace,
        trace_payer_id=payer_tax_trace(payer.payer_id),
        production_date=day.pay_on,
        payer=RemitParty(
            payer.name,
            additional_ids=(("2U", payer.payer_id),),
            address=Address("1 EXAMPLE PLAZA", "", "SAMPLETON", payer.state or "GA", "303010001"),
            contact_name="ELECTRONIC REMITTANCE DESK",
            contact_phone="8005550100",
        ),
        payee=RemitParty(
            payee.name,
            "",
            "XX",
            payee.npi,
            payee.tax_id,
            address=Address(payee.line1, "", payee.city, payee.state, payee.postal_code),
        ),
        claims=claims,
        provider_adjustments=tuple(
            ProviderAdjustment(payee.npi, year_end, one.code, one.reference, one.amount_cents)
            for one in offsets
        ),
        receiver_id=receiver_id,
    )


def payer_tax_trace(payer_id: str) -> str:
    """TRN03 of a simulated payer: 1 and a tax number of its own with the unissued prefix 00."""
    return f"100{draw(0, 'tax', payer_id) % 10_000_000:07d}"
