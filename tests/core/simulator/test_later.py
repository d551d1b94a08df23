"""What follows a payment: reversals, take-backs, balances carried forward, interest, crossovers."""

from __future__ import annotations

from datetime import date, timedelta

from partner import (
    MEDICARE,
    MONDAY,
    OTHER_PRACTICE,
    PATIENT,
    SECOND_PLAN,
    Mailbox,
    cas,
    claim,
    is_balanced,
    replace,
)

from cleanclaim.claim import OtherPayer


def offsets(remittance) -> list[tuple[str, int]]:
    return [(one.code, one.amount_cents) for one in remittance.provider_adjustments]


def test_reversal_and_correction_are_net_of_other_money():
    """Paid 120.00, weeks later taken back and paid 108.00; another claim of that day keeps the sum positive."""
    box = Mailbox()
    box.send(claim("RV", 1))
    box.wait(30)
    first = box.answers()[0]
    later = next(iter(box.partner.state.payments.values())).pay_on
    for offset in range(1, 40):  # enough other claims that one of them is paid on that day
        at = MONDAY + timedelta(days=offset)
        box.send(claim("PD", 100 + offset, on=at.date()), at=at)
    box.wait(120)
    [day] = [one for one in box.remittances() if one.paid_on == later]
    reversal, correction = (one for one in day.claims if one.claim_number == "EC000001")
    assert (reversal.status, reversal.charge_cents, reversal.paid_cents) == ("22", -15000, -12000)
    assert (cas(reversal), reversal.remarks) == ([("CO", "45", -3000)], ("N689",))
    assert reversal.payer_control_number == first.payer_control_number
    assert (correction.status, correction.paid_cents) == ("1", 10800)
    assert cas(correction) == [("CO", "45", 4200)]
    assert correction.payer_control_number != first.payer_control_number
    assert is_balanced(day)
    assert offsets(day) == []
    assert timedelta(days=28) <= later - box.remittances()[0].paid_on <= timedelta(days=56)


def test_a_reversal_alone_carries_the_balance_forward():
    """FB negative lifts the payment to zero; the next payment takes it under the same trace number."""
    box = Mailbox()
    box.send(claim("RV", 1))
    box.wait(100)
    paid, reversed_day = box.remittances()
    assert (reversed_day.paid_cents, reversed_day.method) == (0, "NON")
    assert [(one.code, one.reference, one.amount_cents) for one in reversed_day.provider_adjustments] == [
        ("FB", reversed_day.trace_number, -1200)
    ]
    at = MONDAY + timedelta(days=100)
    box.send(claim("PD", 2, on=at.date()), at=at)
    box.wait(140)
    following = box.remittances()[-1]
    assert [(one.code, one.reference, one.amount_cents) for one in following.provider_adjustments] == [
        ("FB", reversed_day.trace_number, 1200)
    ]
    assert following.paid_cents == 12000 - 1200
    assert sum(one.paid_cents for one in box.remittances()) == 12000 + 10800
    assert all(is_balanced(one) for one in box.remittances())
    assert paid.paid_cents == 12000


def test_a_carried_balance_keeps_its_first_trace_number():
    box = Mailbox()
    box.send(
        claim("RV", 1, codes=("90837", "90837", "90837")), claim("RV", 2, codes=("90837", "90837", "90837"))
    )
    box.wait(150)
    at = MONDAY + timedelta(days=150)
    box.send(claim("CP", 3, codes=("99213",), on=at.date()), at=at)
    box.wait(200)
    forwards = [one for day in box.remittances() for one in day.provider_adjustments if one.code == "FB"]
    first = next(day for day in box.remittances() if day.provider_adjustments)
    assert {one.reference for one in forwards} == {first.trace_number}
    assert sum(day.paid_cents for day in box.remittances()) == 72000 + max(0, 7250 - 7200)
    assert all(is_balanced(one) for one in box.remittances())


def test_take_back_waits_for_a_payment_with_claims():
    """WO positive names the payer's claim number; no reversal is sent, and no payment of take-backs alone."""
    box = Mailbox()
    box.send(claim("TB", 1))
    box.wait(200)
    [first] = box.remittances()
    at = MONDAY + timedelta(days=200)
    box.send(claim("PD", 2, codes=("90837", "90837"), on=at.date()), at=at)
    box.wait(240)
    last = box.remittances()[-1]
    assert [(one.code, one.reference, one.amount_cents) for one in last.provider_adjustments] == [
        ("WO", first.claims[0].payer_control_number, 12000)
    ]
    assert (last.paid_cents, [one.claim_number for one in last.claims]) == (12000, ["EC000002"])
    assert "22" not in {one.status for one in box.answers()}


def test_take_back_larger_than_the_payment():
    box = Mailbox()
    box.send(claim("TB", 1))
    box.wait(200)
    for number, day in ((2, 200), (3, 230)):
        at = MONDAY + timedelta(days=day)
        box.send(claim("PD", number, codes=("99214",), on=at.date()), at=at)
        box.wait(day + 29)
    first, second, third = box.remittances()
    assert (offsets(second), second.paid_cents) == ([("WO", 12000), ("FB", -2000)], 0)
    assert (offsets(third), third.paid_cents) == ([("FB", 2000)], 8000)
    assert first.paid_cents == 12000


def test_reversal_now_recovery_later():
    """TW: the reversal takes the money out and WO negative puts it back; WO positive collects it."""
    box = Mailbox()
    box.send(claim("TW", 1))
    box.wait(150)
    first, reversed_day = box.remittances()
    assert [(one.status, one.paid_cents) for one in reversed_day.claims] == [("22", -12000), ("1", 0)]
    assert cas(reversed_day.claims[1]) == [("PR", "27", 15000)]
    assert (offsets(reversed_day), reversed_day.paid_cents) == ([("WO", -12000)], 0)
    at = MONDAY + timedelta(days=150)
    box.send(claim("PD", 2, codes=("90837", "90837"), on=at.date()), at=at)
    box.wait(200)
    last = box.remittances()[-1]
    assert (offsets(last), last.paid_cents) == ([("WO", 12000)], 12000)
    assert last.provider_adjustments[0].reference == first.claims[0].payer_control_number


def test_debts_stay_with_their_payee():
    box = Mailbox()
    box.send(claim("TB", 1))
    box.wait(100)
    at = MONDAY + timedelta(days=100)
    box.send(claim("PD", 2, on=at.date(), billing_provider=OTHER_PRACTICE), at=at)
    box.wait(150)
    last = box.remittances()[-1]
    assert (last.payee.id, offsets(last), last.paid_cents) == ("2999000021", [], 12000)


def test_interest_is_beside_the_claim():
    box = Mailbox()
    box.send(claim("IN", 1))
    box.wait(80)
    [remittance] = box.remittances()
    assert (remittance.paid_cents, remittance.claims[0].paid_cents) == (12120, 12000)
    assert (offsets(remittance), remittance.claims[0].amounts) == ([("L6", -120)], (("I", 120),))
    assert remittance.paid_on >= MONDAY.date() + timedelta(days=37)


def test_crossover_is_answered_by_the_next_payer_itself():
    second = OtherPayer(SECOND_PLAN, "S", PATIENT, "SM0000001")
    box = Mailbox()
    box.send(claim("XO", 1, payer=MEDICARE, other_payers=(second,)))
    box.wait(60)
    medicare, supplement = box.remittances()
    first, after = medicare.claims[0], supplement.claims[0]
    assert (first.status, first.paid_cents, first.remarks) == ("19", 9408, ("MA18",))
    assert (first.crossover_to.name, first.crossover_to.id) == ("SAMPLE MUTUAL", "SMUT1")
    assert cas(first) == [("CO", "45", 3000), ("PR", "2", 2400), ("CO", "253", 192)]
    assert (supplement.payer.name, after.status, after.claim_number) == ("SAMPLE MUTUAL", "2", "EC000001")
    assert (after.paid_cents, cas(after), after.patient.id) == (2400, [("OA", "23", 12600)], "SM0000001")
    assert timedelta(days=8) <= supplement.paid_on - medicare.paid_on <= timedelta(days=16)


def test_billing_the_next_payer_beside_a_crossover_is_a_duplicate():
    second = OtherPayer(SECOND_PLAN, "S", PATIENT, "SM0000001")
    box = Mailbox()
    first = claim("XO", 1, payer=MEDICARE, other_payers=(second,))
    box.send(first)
    box.wait(60)
    at = MONDAY + timedelta(days=60)
    box.send(replace(first, payer=SECOND_PLAN, member_id="PD0000001", other_payers=()), at=at)
    box.wait(100)
    last = box.answers()[-1]
    assert (last.paid_cents, cas(last), last.lines[0].remarks) == (0, [("OA", "18", 15000)], ("N522",))


def test_nothing_is_paid_on_weekends_or_holidays():
    box = Mailbox()
    for offset in range(0, 120, 3):
        at = MONDAY + timedelta(days=offset)
        box.send(claim("PD", offset + 1, on=at.date()), at=at)
    box.wait(200)
    days = {one.paid_on for one in box.remittances()}
    assert {day.weekday() for day in days} <= {0, 1, 2, 3, 4}
    assert date(2026, 5, 25) not in days
    assert len({one.trace_number for one in box.remittances()}) == len(box.remittances())
