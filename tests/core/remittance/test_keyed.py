"""Paper keyed in as columns: the same remittance as an 835, and never filled in to add up."""

from __future__ import annotations

from datetime import date

import pytest
from tests.core.remittance.building import moves, prior

from cleanclaim.remittance import PriorState, plan
from cleanclaim.remittance.keyed import KeyedClaim, KeyedEob, KeyedLine, keyed_remittance
from cleanclaim.x12.sets.records import RemitParty

DAY = date(2026, 3, 2)


def eob(*lines, paid=None, **more):
    paid = sum(line.paid_cents for line in lines) if paid is None else paid
    return KeyedEob(
        RemitParty("EXAMPLE PLAN"), paid, date(2026, 3, 20), "000777", (KeyedClaim("A1", lines),), **more
    )


def line(charge=15000, paid=9000, **more):
    return KeyedLine("90837", DAY, charge, paid, **more)


COLUMNS = [  # line, adjustments as (group, reason, cents), why
    (line(allowed_cents=11000, copay_cents=2000), [("CO", "45", 4000), ("PR", "3", 2000)], "allowed and copayment"),
    (line(discount_cents=4000, coinsurance_cents=2000), [("CO", "45", 4000), ("PR", "2", 2000)], "a discount column"),
    (line(paid=0, allowed_cents=11000, deductible_cents=11000), [("CO", "45", 4000), ("PR", "1", 11000)], "all deductible"),
    (line(paid=0, allowed_cents=0, reasons=(("CO", "197", 15000),)), [("CO", "197", 15000)], "denied: no discount beside it"),
    (line(paid=8820, allowed_cents=11000, copay_cents=2000, reasons=(("CO", "253", 180),)), [("CO", "45", 4000), ("PR", "3", 2000), ("CO", "253", 180)], "sequestration is of the allowed"),
    (line(paid=15000), [], "paid in full"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "adjustments", "why"), COLUMNS)
def test_columns_become_adjustments_and_post_like_an_835(one, adjustments, why):
    keyed = keyed_remittance(eob(one))
    assert keyed.is_balanced, (why, keyed.differences)
    told = keyed.remittance.claims[0].lines[0].adjustments
    assert [(item.group, item.reason, item.amount_cents) for item in told] == adjustments, why
    result = plan(keyed.remittance, PriorState((prior(),)))
    assert result.balanced and result.bank_deposit_cents == one.paid_cents


SHORT = [  # paper, differences, why
    (eob(line(paid=8000, allowed_cents=11000, copay_cents=2000)), {"claim 1 line 1": 1000}, "a column is missing"),
    (eob(line(allowed_cents=11000, copay_cents=2000), paid=8900), {"payment": -100}, "the check is another amount"),
    (eob(line(allowed_cents=11000, copay_cents=2000), paid=8900, provider_adjustments=(("CS", "", 100),)), {}, "the check is explained by an adjustment"),
]  # fmt: skip


@pytest.mark.parametrize(("paper", "differences", "why"), SHORT)
def test_what_does_not_add_up_is_told_and_does_not_post(paper, differences, why):
    keyed = keyed_remittance(paper)
    assert keyed.differences == differences, why
    assert plan(keyed.remittance, PriorState((prior(),))).balanced is (not differences)


def test_a_take_back_on_paper():
    lines = (line(-15000, -9000, discount_cents=-4000, copay_cents=-2000),)
    paper = KeyedEob(
        RemitParty("PLAN"),
        0,
        DAY,
        "778",
        (KeyedClaim("A1", lines, "P1", "22"),),
        provider_adjustments=(("FB", "778", -9000),),
    )
    keyed = keyed_remittance(paper)
    before = prior(insurance_paid_cents=90, adjusted_cents=40, patient_responsibility_cents=20)
    result = plan(keyed.remittance, PriorState((before,)))
    assert moves(result) == [
        ("ADJ_CONTRACT", "CO-45", -4000),
        ("PLB_FORWARD_BALANCE", "", -9000),
        ("PMT_INS", "", -9000),
        ("XFER_PATIENT", "PR-3", -2000),
    ]
    assert result.payer_debt_after_cents == 9000
