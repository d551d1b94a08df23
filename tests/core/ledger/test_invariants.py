"""Each invariant is seen to fail on a planted fault, and to hold without it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from cleanclaim.ledger import (
    Account,
    Allocation,
    ChargeLine,
    ClaimIds,
    PostedRemittance,
    apply_credit_entry,
    charge_entry,
    check_invariants,
    entries_for_plan,
    patient_payment_entry,
    reverse_entry,
)
from cleanclaim.remittance import PriorClaim, PriorState, plan
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine, Remittance

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

CLAIM = RemitClaim(
    "A",
    "1",
    15000,
    9000,
    lines=(RemitLine("90837", 15000, 9000, adjustments=(Cas("CO", "45", 4000), Cas("PR", "2", 2000))),),
)
REMIT = Remittance(9000, "ACH", trace_number="T1", claims=(CLAIM,))
POSTED = PostedRemittance("r1", "identity", REMIT)


@pytest.fixture
def world(from_file, by_person):
    planned = plan(REMIT, PriorState((PriorClaim("A", 15000),)))
    charge = charge_entry(
        by_person, idempotency_key="c", claim_id="a", patient_id="p", lines=[ChargeLine(15000)]
    )
    [paid] = entries_for_plan(planned, REMIT, {"A": ClaimIds("a", "p")}, from_file, key="k")
    return charge, paid, {"a": planned.claims_after["A"]}


def codes(*entries, **more):
    return [finding.code.removeprefix("ledger.") for finding in check_invariants(entries, **more)]


CACHE = {
    ("a", Account.DEPOSIT_CLEARING): 9000,
    ("a", Account.CONTRACTUAL_ADJUSTMENTS): 4000,
    ("a", Account.PATIENT_RECEIVABLE): 2000,
    ("a", Account.PATIENT_SERVICE_REVENUE): -15000,
}


def test_all_hold(world):
    charge, paid, states = world
    assert codes(charge, paid, earlier=[charge], remittances=[POSTED], claims=states, cached=CACHE) == []


def shorter(entry):
    return msgspec.structs.replace(entry, legs=entry.legs[1:])


def undo(entry, **changes):
    made = reverse_entry(entry, happened_on=TODAY, learned_at=NOW, actor="u", reason="r")
    return msgspec.structs.replace(made, **changes)


def test_l1_a_leg_is_lost(world):
    charge, paid, _ = world
    assert "l1_unbalanced" in codes(charge, shorter(paid))
    assert codes(msgspec.structs.replace(charge, legs=())) == ["l1_empty_leg"]


def test_l2_changed_removed_doubled(world):
    charge, paid, _ = world
    assert codes(charge, earlier=[charge, paid]) == ["l2_removed"]
    assert codes(charge, msgspec.structs.replace(paid, source_position=99), earlier=[paid]) == ["l2_changed"]
    assert codes(charge, charge) == ["l2_doubled", "l2_key_doubled"]


def test_l3_reversals(world):
    charge, paid, _ = world
    good = undo(paid)
    assert codes(charge, paid, good) == []
    assert codes(charge, good) == ["l3_unlinked"]
    assert codes(charge, paid, undo(charge, reverses=paid.id)) == ["l3_not_opposite"]
    assert codes(charge, paid, good, msgspec.structs.replace(good, id="x", idempotency_key="x")) == [
        "l3_twice"
    ]
    assert codes(charge, paid, msgspec.structs.replace(good, practice_id="other")) == ["l3_other_practice"]
    assert codes(charge, paid, msgspec.structs.replace(good, kind=paid.kind)) == ["l3_kind"]


def test_l4_state_and_cache_disagree(world):
    charge, paid, states = world
    assert codes(charge, claims=states) == ["l4_state_differs", "l4_state_differs"]
    assert codes(charge, paid, cached={**CACHE, ("a", Account.PATIENT_RECEIVABLE): 2001}) == [
        "l4_cache_differs"
    ]
    assert codes(charge, paid, cached={**CACHE, ("b", Account.CASH): 1}) == ["l4_cache_differs"]


def test_l5_cash_and_payment(world):
    charge, paid, _ = world
    assert codes(charge, remittances=[POSTED]) == ["l5_cash_differs"]
    short = msgspec.structs.replace(POSTED, remittance=msgspec.structs.replace(REMIT, paid_cents=8999))
    assert codes(charge, paid, remittances=[short]) == ["l5_payment_out_of_balance", "l5_cash_differs"]
    assert codes(charge, paid, remittances=[msgspec.structs.replace(POSTED, undone=True)]) == [
        "l5_cash_differs"
    ]
    assert codes(charge, paid, undo(paid), remittances=[msgspec.structs.replace(POSTED, undone=True)]) == []


def test_l6_line_and_claim(world):
    charge, paid, _ = world
    line = msgspec.structs.replace(CLAIM.lines[0], adjustments=(Cas("CO", "45", 4001), Cas("PR", "2", 2000)))
    broken = msgspec.structs.replace(REMIT, claims=(msgspec.structs.replace(CLAIM, lines=(line,)),))
    assert codes(charge, paid, remittances=[msgspec.structs.replace(POSTED, remittance=broken)]) == [
        "l6_out_of_balance",
        "l6_out_of_balance",
    ]


def test_l7_posted_twice(world):
    charge, paid, _ = world
    twin = msgspec.structs.replace(POSTED, remittance=msgspec.structs.replace(REMIT, paid_cents=9000))
    assert codes(charge, paid, remittances=[POSTED, twin]) == ["l7_posted_twice"]


def test_l8_credit_overdrawn(by_person):
    paid = patient_payment_entry(by_person, idempotency_key="p", patient_id="p", amount_cents=100)
    used = [
        apply_credit_entry(
            by_person,
            idempotency_key=f"u{n}",
            patient_id="p",
            available_cents=100,
            allocations=[Allocation(60, "a")],
        )
        for n in (1, 2)
    ]
    assert codes(paid, used[0]) == []
    assert codes(paid, *used) == ["l8_over_allocated"]


def test_l11_no_source(world):
    charge, paid, _ = world
    assert codes(charge, msgspec.structs.replace(paid, source_file_hash="")) == ["l11_no_source"]
