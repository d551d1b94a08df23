"""The proof of a payment: rows of money are the payment, rows of a claim are its charge, whatever the policy."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.remittance.building import clp, line, prior, remit, remittances

from cleanclaim.remittance import Automation, PriorClaim, PriorState, default_policy, plan
from cleanclaim.remittance.proof import prove_payment


def test_each_cent_with_its_segment_and_its_fate():
    lines = [line(100, 60, "CO-45 40", position=12), line(50, 30, "CO-151 20", code="90785", position=18)]
    payment = remit(
        clp(150, 90, lines=lines, position=10),
        clp(80, 80, number="X9", lines=(), position=30),
        plb=[("L6", "R1", "-2.50")],
    )
    careful = msgspec.structs.replace(default_policy(), automation=Automation.SAFE_LINES)
    proof = prove_payment(
        payment, plan(payment, PriorState((prior(),)), careful), deposits=("b1",), deposited_cents=17250
    )
    assert [(row.cents, row.segment, row.position, row.went_to, row.line) for row in proof.cash] == [
        (6000, "SVC", 12, "posted", 1), (3000, "SVC", 18, "suspense", 2), (8000, "CLP", 30, "unmatched", 0), (250, "PLB", 0, "provider level", 0),
    ]  # fmt: skip
    assert [(row.cents, row.type, row.carc, row.line) for row in proof.charges] == [
        (4000, "ADJ_CONTRACT", "CO-45", 1),
        (2000, "held", "CO-151", 2),
    ]
    assert proof.is_proved and proof.cash_cents == 17250
    assert not msgspec.structs.replace(proof, deposited_cents=17000).is_proved


def test_a_parked_payment_has_nothing_to_prove():
    payment = remit(clp(150, 90, "CO-45 50"))
    with pytest.raises(ValueError, match="does not balance"):
        prove_payment(payment, plan(payment, PriorState((prior(),))))


@settings(max_examples=200, deadline=None)
@given(remittances(), st.sampled_from(list(Automation)))
def test_any_balanced_payment_is_proved_to_the_cent(payment, level):
    policy = msgspec.structs.replace(default_policy(), automation=level)
    books = PriorState(
        tuple(PriorClaim(number, 40000, expected_allowed_cents=20000) for number in ("A1", "A2"))
    )
    proof = prove_payment(payment, plan(payment, books, policy))
    assert proof.is_proved
    for index, claim in enumerate(payment.claims):
        paid = sum(row.cents for row in proof.cash if row.clp_index == index)
        rest = sum(row.cents for row in proof.charges if row.clp_index == index)
        assert (paid, rest) == (claim.paid_cents, claim.charge_cents - claim.paid_cents)
