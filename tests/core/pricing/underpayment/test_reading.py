"""From a claim and its answers to paid lines: parts added up, reversals left out, facts of the contract kept."""

from __future__ import annotations

from datetime import date

import msgspec
from tests.core.remittance.building import cas, reversed_of
from tests.core.x12.sets.claims import PLAIN, RENDERING

from cleanclaim.pricing.contracts import Contract, Rate, RateKind, learn_rates
from cleanclaim.pricing.underpayment import compare_lines, observations, paid_lines
from cleanclaim.remittance.nextpayer import Answer
from cleanclaim.x12.sets.records import RemitClaim, RemitLine

replace = msgspec.structs.replace
PAID_ON = date(2026, 11, 20)
CLAIM = replace(PLAIN, rendering=replace(RENDERING, credential="LCSW"), plan_id="gold", patient_id="pt1")


def line(place, charge, paid, adjustments="", **more):
    code, modifiers = (("90837", ()), ("90834", ("95",)))[place - 1]
    more = {"code": code, "modifiers": modifiers, **more}
    return RemitLine(
        charge_cents=charge,
        paid_cents=paid,
        line_control=f"A1003L{place}",
        adjustments=cas(adjustments),
        **more,
    )


def answer(*lines, control="P1", **more):
    charge, paid = sum(one.charge_cents for one in lines), sum(one.paid_cents for one in lines)
    return Answer(
        RemitClaim("A1003", "1", charge, paid, payer_control_number=control, lines=lines, **more), PAID_ON
    )


FIRST, SECOND = line(1, 17500, 9600, "CO-45 55 PR-2 24"), line(2, 13500, 7500, "CO-45 60")


def test_facts_of_the_contract_are_kept():
    whole, other = paid_lines(
        CLAIM, [answer(FIRST, SECOND, amounts=(("I", 130),), received_on=date(2026, 10, 20))]
    )
    assert (whole.key, whole.code, whole.paid_cents, whole.charge_cents) == ("A1003L1", "90837", 9600, 17500)
    assert (whole.credential, whole.plan_id, whole.place, other.modifiers) == ("LCSW", "gold", "11", ("95",))
    assert (whole.interest_cents, other.interest_cents, whole.received_on, whole.paid_on) == (
        130,
        0,
        date(2026, 10, 20),
        PAID_ON,
    )
    assert (whole.payer_control_number, whole.day_key, whole.is_secondary) == ("P1", "pt1:2026-10-15", False)


def test_only_the_last_word_and_parts_added_up():
    parts = (line(1, 10000, 5000, "CO-45 50"), line(1, 7500, 4500, "CO-45 30"))
    old, new = answer(FIRST, SECOND), answer(*parts, SECOND, control="P2")
    undo = Answer(reversed_of(old.claim), PAID_ON)
    found = paid_lines(CLAIM, [old, undo, new])
    assert [(one.paid_cents, len(one.adjustments)) for one in found] == [(9500, 2), (7500, 1)]
    assert found[0].payer_control_number == "P2"
    assert paid_lines(CLAIM, [old, undo]) == []


def test_changes_are_told():
    changed = line(1, 17500, 7500, "CO-45 100", code="90834", submitted_code="90837")
    cut = line(2, 13500, 3000, "CO-151 105", units_paid="1")
    found = paid_lines(
        replace(CLAIM, lines=(CLAIM.lines[0], replace(CLAIM.lines[1], units="2"))), [answer(changed, cut)]
    )
    assert [(one.adjudicated_code, one.units, one.units_paid) for one in found] == [
        ("90834", 1, 1),
        ("", 2, 1),
    ]


def test_a_claim_with_adjustments_of_its_own_is_left_out():
    assert paid_lines(CLAIM, [answer(FIRST, SECOND, adjustments=cas("CO-45 10"))]) == []


def test_they_are_compared_and_teach_rates():
    rates = (
        Rate("a", RateKind.FIXED, date(2026, 1, 1), amount_cents=12000, code="90837"),
        Rate("b", RateKind.FIXED, date(2026, 1, 1), amount_cents=8000, code="90834"),
    )
    lines = paid_lines(CLAIM, [answer(FIRST, SECOND)])
    assert [
        (one.status, one.short_cents) for one in compare_lines(lines, [Contract("c", "60054", rates)])
    ] == [("agreed", 0), ("underpaid", 500)]
    months = [replace(one, on=date(2026, month, 1)) for month in (7, 8, 9) for one in lines]
    assert [(one.rate.code, one.rate.amount_cents) for one in learn_rates(observations(months))] == [
        ("90834", 7500),
        ("90837", 12000),
    ]
    assert (
        observations(
            [
                replace(lines[0], is_secondary=True),
                replace(lines[0], adjudicated_code="90834"),
                replace(lines[0], units=2, units_paid=1),
            ]
        )
        == []
    )
