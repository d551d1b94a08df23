"""R-05, R-06 and R-07 in their short forms: thousands of generated payments, exact answers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.remittance.building import PLB_CODES, remit, remittances, reversed_of

from cleanclaim.ledger import ClaimIds, Source, cash_cents, entries_for_plan
from cleanclaim.remittance import PriorClaim, PriorState, balance, carry_forward, follow_take_backs, plan
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine

FEW = settings(max_examples=250, deadline=None)
IDS = {number: ClaimIds(number, f"patient-{number}") for number in ("A1", "A2")}
SOURCE = Source("p", date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC), file_hash="f" * 64)


@FEW
@given(remittances(), st.data())
def test_r05_one_wrong_cent_anywhere_parks_the_payment_whole(remittance, data):
    """The place is drawn: the payment, a claim, a claim's charge, a line, an adjustment, a PLB."""
    cents = data.draw(st.integers(-300, 300).filter(bool))
    places = ["payment"]
    places += [("claim", index) for index in range(len(remittance.claims))]
    places += [
        (kind, index, number)
        for index, claim in enumerate(remittance.claims)
        for number in range(len(claim.lines))
        for kind in ("line", "charge", "cas")
    ]
    places += [("plb", index) for index in range(len(remittance.provider_adjustments))]
    wrong = _spoil(remittance, data.draw(st.sampled_from(places)), cents)
    result = plan(wrong, PriorState((PriorClaim("A1", 40000), PriorClaim("A2", 40000))))
    assert not result.balanced and result.postings == () and result.bank_deposit_cents == 0
    assert (result.next_action, result.flags) == ("REJECT_OUT_OF_BALANCE", ("OUT_OF_BALANCE",))
    told = [one.facts["difference_cents"] for one in result.findings if one.severity.stops]
    assert told and all(abs(one) == abs(cents) for one in told)
    assert all(state.insurance_balance_cents == 40000 for state in result.claims_after.values())


def _spoil(remittance, place, cents):
    replace = msgspec.structs.replace
    if place == "payment":
        return replace(remittance, paid_cents=remittance.paid_cents + cents)
    kind, index, *rest = place
    if kind == "plb":
        items = list(remittance.provider_adjustments)
        items[index] = replace(items[index], amount_cents=items[index].amount_cents + cents)
        return replace(remittance, provider_adjustments=tuple(items))
    claims = list(remittance.claims)
    claim = claims[index]
    if kind == "claim":
        claims[index] = replace(claim, paid_cents=claim.paid_cents + cents)
    else:
        lines = list(claim.lines)
        line = lines[rest[0]]
        if kind == "cas":
            line = replace(line, adjustments=(*line.adjustments, Cas("CO", "45", cents)))
        elif kind == "charge":
            line = replace(line, charge_cents=line.charge_cents + cents)
        else:
            line = replace(line, paid_cents=line.paid_cents + cents)
        lines[rest[0]] = line
        claims[index] = replace(claim, lines=tuple(lines))
    return replace(remittance, claims=tuple(claims))


PRIMARY = ("CO-45", "CO-253", "PR-1", "PR-2", "PR-3", "CO-97", "CO-197", "CO-104", "OA-94", "CO-144")


@st.composite
def answers(draw, control: str, charges: tuple[int, ...]) -> RemitClaim:
    """A primary answer to the claim: its lines, each with some adjustments."""
    lines = []
    for number, charge in enumerate(charges, start=1):
        items = []
        for code in draw(st.lists(st.sampled_from(PRIMARY), max_size=3, unique=True)):
            group, reason = code.split("-")
            low, high = (-3000, -1) if reason in ("94", "144") else (1, charge // 3 + 1)
            items.append(Cas(group, reason, draw(st.integers(low, high))))
        paid = charge - sum(item.amount_cents for item in items)
        lines.append(RemitLine("90837", charge, paid, line_control=f"L{number}", adjustments=tuple(items)))
    paid = sum(line.paid_cents for line in lines)
    return RemitClaim("A1", "1", sum(charges), paid, payer_control_number=control, lines=tuple(lines))


@st.composite
def corrections(draw):
    """Answer, reversal, correction, reversal, correction, ...; the last word; in files, in a drawn order.

    The order is free but for one thing: nothing is reversed before it was answered.
    """
    charges = tuple(draw(st.lists(st.integers(1000, 30000), min_size=1, max_size=3)))
    said = [draw(answers(f"P{number}", charges)) for number in range(draw(st.integers(2, 4)))]
    waiting = [*said, *(reversed_of(one) for one in said[:-1])]
    order, seen = [], set()
    while waiting:
        ready = [one for one in waiting if one.status != "22" or one.payer_control_number in seen]
        chosen = draw(st.sampled_from(ready))
        waiting.remove(chosen)
        seen.add(chosen.payer_control_number)
        order.append(chosen)
    files, part = [], []
    for one in order:
        part.append(one)
        if draw(st.booleans()):
            files.append(part)
            part = []
    return sum(charges), said[-1], [*files, *([part] if part else [])]


@FEW
@given(corrections(), st.one_of(st.none(), st.integers(0, 40000)))
def test_r06_reversals_and_corrections_in_any_order_net_to_the_last_word(story, allowed):
    billed, last, files = story
    before = PriorState((PriorClaim("A1", billed, expected_allowed_cents=allowed),))
    wanted = plan(remit(last), before).claims_after["A1"]
    state = before
    for number, claims in enumerate(files):
        payment = remit(*claims, trace=f"T{number}")
        result = plan(payment, state)
        entries = entries_for_plan(result, payment, IDS, SOURCE, key=f"T{number}")
        assert cash_cents(entries) == payment.paid_cents
        assert (
            not [one for one in result.findings if one.code == "remittance.reversal_differs"]
            or len(claims) > 1
        )
        state = carry_forward(state, result, payment)
    found = state.claims[0]
    assert (
        found.insurance_paid_cents, found.adjusted_cents, found.patient_responsibility_cents, found.insurance_balance_cents,
    ) == (
        wanted.insurance_paid_cents, wanted.adjusted_cents, wanted.patient_responsibility_cents, wanted.insurance_balance_cents,
    )  # fmt: skip


@FEW
@given(st.lists(remittances(), min_size=1, max_size=4))
def test_r07_provider_level_money_is_cash_and_never_a_patients(payments):
    state = PriorState((PriorClaim("A1", 40000), PriorClaim("A2", 40000)))
    debts, unexplained, other = (), 0, 0
    for number, payment in enumerate(payments):
        payment = msgspec.structs.replace(payment, trace_number=f"T{number}")
        result = plan(payment, state)
        entries = entries_for_plan(result, payment, IDS, SOURCE, key=f"T{number}")
        assert cash_cents(entries) == payment.paid_cents == result.bank_deposit_cents
        for entry in entries:
            if entry.kind == "provider_adjustment":
                assert all(leg.patient_id is None and leg.claim_id is None for leg in entry.legs)
        state = carry_forward(state, result, payment)
        followed = follow_take_backs(payment, debts)
        debts, unexplained = followed.debts, unexplained + followed.unexplained_cents
        other += _refund_the_other_way(payment)
    if not other:
        assert sum(debt.open_cents for debt in debts) - unexplained == state.payer_debt_cents


def _refund_the_other_way(payment) -> int:
    """Code 72 takes money only by mistake of the payer; such payments are not followed."""
    return sum(item.code == "72" and item.amount_cents > 0 for item in payment.provider_adjustments)


@FEW
@given(
    st.lists(st.sampled_from(PLB_CODES), max_size=6),
    st.lists(st.integers(-9999, 9999), min_size=6, max_size=6),
)
def test_r07_a_payment_of_provider_adjustments_alone(codes, amounts):
    items = tuple(
        ProviderAdjustment("", None, code, "R", cents) for code, cents in zip(codes, amounts, strict=False)
    )
    payment = remit()
    payment = msgspec.structs.replace(
        payment, provider_adjustments=items, paid_cents=-sum(item.amount_cents for item in items)
    )
    assert balance(payment).balanced
    result = plan(payment, PriorState())
    assert sum(one.cash_effect_cents for one in result.postings) == payment.paid_cents
    assert all(one.claim is None for one in result.postings)
