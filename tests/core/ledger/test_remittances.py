"""Remittances into entries: the story, every PLB class, suspense, several practices, properties."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanclaim.codesets.remittance_codes import plb
from cleanclaim.ledger import (
    Account,
    ClaimIds,
    EntryKind,
    LedgerError,
    PostedRemittance,
    apply_unapplied_entry,
    balances,
    balances_by_claim,
    balances_hash,
    cash_cents,
    charge_entry,
    check_invariants,
    entries_for_plan,
    legs_of,
    reverse_entry,
)
from cleanclaim.ledger.accounts import PLB_ACCOUNTS
from cleanclaim.ledger.claims import ChargeLine
from cleanclaim.remittance import PriorClaim, PriorState, plan
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine, Remittance
from cleanclaim_data.loader import read_csv

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

CLAIM = RemitClaim(
    "A1003", "1", 15000, 9000, 2000, payer_control_number="P1", position=7,
    lines=(RemitLine("90837", 15000, 9000, line_control="A1003L1", position=8, adjustments=(Cas("CO", "45", 4000, position=9), Cas("PR", "2", 2000, position=10))),),
)  # fmt: skip
IDS = {"A1003": ClaimIds("claim-a", "patient-a", encounter_id="enc-a", lines={(0, 1): "line-a"})}


def remit(*claims, plb=()):
    provider = tuple(ProviderAdjustment("", None, code, "ref", cents, 30) for code, cents in plb)
    paid = sum(claim.paid_cents for claim in claims) - sum(item.amount_cents for item in provider)
    return Remittance(paid, "ACH", trace_number="T1", claims=claims, provider_adjustments=provider)


def book(remittance, from_file, prior=None, ids=IDS, **more):
    planned = plan(remittance, prior or PriorState((PriorClaim("A1003", 15000),)))
    return planned, entries_for_plan(planned, remittance, ids, from_file, key="k1", payer_id="payer", **more)


def test_contractual_adjustment_and_coinsurance(from_file, by_person):
    """
    charge  A1003  2026-11-02  90837            150.00
    paid    A1003  Example Health Plan           90.00
    adjust  A1003  CO-45  contractual            40.00
    adjust  A1003  PR-2   coinsurance            20.00
    """
    charge = charge_entry(
        by_person,
        idempotency_key="c",
        claim_id="claim-a",
        patient_id="patient-a",
        lines=[ChargeLine(15000, "line-a")],
    )
    _, entries = book(remit(CLAIM), from_file)
    assert balances_by_claim(legs_of([charge, *entries]))["claim-a"] == {
        Account.DEPOSIT_CLEARING: 9000,
        Account.CONTRACTUAL_ADJUSTMENTS: 4000,
        Account.PATIENT_RECEIVABLE: 2000,
        Account.PATIENT_SERVICE_REVENUE: -15000,
    }


def test_each_leg_names_its_line_segment_and_reason(from_file):
    _, [entry] = book(remit(CLAIM), from_file)
    assert (entry.kind, entry.source_position, entry.idempotency_key, entry.remittance_id) == (
        EntryKind.REMITTANCE_CLAIM,
        7,
        "k1:clp:1",
        "r1",
    )
    assert [
        (leg.account, leg.amount_cents, leg.claim_line_id, leg.group, leg.reason, leg.source_position)
        for leg in entry.legs
    ] == [
        (Account.DEPOSIT_CLEARING, 9000, None, "", "", 7),
        (Account.INSURANCE_RECEIVABLE, -9000, "line-a", "", "", 8),
        (Account.PATIENT_RECEIVABLE, 2000, "line-a", "PR", "2", 10),
        (Account.INSURANCE_RECEIVABLE, -2000, "line-a", "PR", "2", 10),
        (Account.CONTRACTUAL_ADJUSTMENTS, 4000, "line-a", "CO", "45", 9),
        (Account.INSURANCE_RECEIVABLE, -4000, "line-a", "CO", "45", 9),
    ]
    assert {(leg.claim_id, leg.patient_id, leg.encounter_id, leg.payer_id) for leg in entry.legs} == {
        ("claim-a", "patient-a", "enc-a", "payer")
    }


PLB_CODES = sorted({row["code"] for row in read_csv("codesets/plb.csv")})


@pytest.mark.parametrize("code", PLB_CODES)
@pytest.mark.parametrize("cents", [1234, -1234])
def test_every_plb_code_has_its_account_and_no_patient(code, cents, from_file):
    _, [entry] = book(remit(plb=[(code, cents)]), from_file)
    account = Account.PAYER_DEBT if code == "72" else PLB_ACCOUNTS[plb(code).ledger_class]
    assert balances(entry.legs) == {Account.DEPOSIT_CLEARING: -cents, account: cents}
    assert all(leg.patient_id is None and leg.claim_id is None for leg in entry.legs)
    assert entry.kind is EntryKind.PROVIDER_ADJUSTMENT


def test_unknown_plb_code_waits_in_suspense(from_file):
    _, [entry] = book(remit(plb=[("??", -500)]), from_file)
    assert balances(entry.legs) == {Account.DEPOSIT_CLEARING: 500, Account.PROVIDER_LEVEL_SUSPENSE: -500}


def test_payer_debt_account_is_the_plans_debt(from_file):
    remittance = remit(plb=[("FB", -8000), ("WO", 3000), ("72", -1000)])
    planned, entries = book(remittance, from_file)
    assert planned.payer_debt_after_cents == 6000
    assert balances(legs_of(entries))[Account.PAYER_DEBT] == -6000


def test_denial_and_information_move_nothing(from_file):
    denied = RemitClaim(
        "A1003", "1", 15000, 0, lines=(RemitLine("90837", 15000, 0, adjustments=(Cas("CO", "197", 15000),)),)
    )
    planned, entries = book(remit(denied), from_file)
    assert entries == []
    assert planned.denials[0].amount_cents == 15000


def test_unmatched_money_waits_and_then_finds_its_claim(from_file, by_person):
    stranger = RemitClaim("ZZ9", "1", 11000, 7500, position=5, adjustments=(Cas("CO", "45", 3500),))
    _, [entry] = book(remit(stranger), from_file)
    assert entry.kind is EntryKind.REMITTANCE_UNMATCHED
    assert balances(entry.legs) == {Account.DEPOSIT_CLEARING: 7500, Account.UNAPPLIED_INSURANCE: -7500}
    applied = apply_unapplied_entry(
        entry, by_person, idempotency_key="apply", claim_id="claim-a", patient_id="patient-a"
    )
    assert balances([*entry.legs, *applied.legs]) == {
        Account.DEPOSIT_CLEARING: 7500,
        Account.INSURANCE_RECEIVABLE: -7500,
    }
    with pytest.raises(LedgerError):
        apply_unapplied_entry(applied, by_person, idempotency_key="again", claim_id="b", patient_id="p")


def test_claim_level_adjustments_beside_paid_lines(from_file):
    claim = RemitClaim(
        "A1003",
        "1",
        15000,
        9000,
        position=3,
        adjustments=(Cas("CO", "45", 6000, position=4),),
        lines=(RemitLine("90837", 15000, 15000, position=5),),
    )
    _, [entry] = book(remit(claim), from_file)
    assert balances(entry.legs) == {
        Account.DEPOSIT_CLEARING: 9000,
        Account.INSURANCE_RECEIVABLE: -15000,
        Account.CONTRACTUAL_ADJUSTMENTS: 6000,
    }
    assert sum(leg.amount_cents for leg in entry.legs if leg.claim_line_id == "line-a") == -15000


def test_a_claim_of_another_practice_is_booked_there(from_file):
    ids = {"A1003": ClaimIds("claim-a", "patient-a", practice_id="sister")}
    _, entries = book(remit(CLAIM, plb=[("L6", -100)]), from_file, ids=ids)
    assert [(entry.practice_id, cash_cents([entry])) for entry in entries] == [
        ("sister", 9000),
        ("practice", 100),
    ]


def test_refusals(from_file):
    broken = Remittance(1, "ACH", claims=(CLAIM,))
    with pytest.raises(LedgerError):
        book(broken, from_file)
    with pytest.raises(LedgerError):
        book(remit(CLAIM), from_file, ids={})


CENTS = st.integers(-50_000, 500_000)
CODES = st.sampled_from(
    [("CO", "45"), ("CO", "253"), ("CO", "104"), ("CO", "24"), ("CO", "303"), ("CO", "197"), ("CO", "97"), ("OA", "23"), ("OA", "18"), ("OA", "94"), ("OA", "209"), ("PR", "1"), ("PR", "2"), ("PR", "3"), ("PR", "45"), ("PR", "27"), ("PI", "16"), ("OA", "100")]
)  # fmt: skip
ADJUSTMENTS = st.lists(st.tuples(CODES, CENTS), max_size=4).map(
    lambda items: tuple(Cas(group, carc, cents) for (group, carc), cents in items)
)


@st.composite
def lines(draw):
    taken = draw(ADJUSTMENTS)
    charge = draw(CENTS)
    return RemitLine("90837", charge, charge - sum(item.amount_cents for item in taken), adjustments=taken)


@st.composite
def claims(draw):
    own = draw(st.lists(lines(), max_size=3))
    taken = draw(ADJUSTMENTS)
    charge = sum(line.charge_cents for line in own) if own else draw(CENTS)
    adjusted = sum(item.amount_cents for item in taken) + sum(
        line.charge_cents - line.paid_cents for line in own
    )
    return RemitClaim(
        draw(st.sampled_from(["A", "B", "C", "ZZ"])), draw(st.sampled_from(["1", "2", "3", "4", "19", "22", "23"])), charge, charge - adjusted,
        payer_control_number=draw(st.sampled_from(["P1", "P2"])), adjustments=taken, lines=tuple(own),
    )  # fmt: skip


@st.composite
def remittances(draw):
    found = draw(st.lists(claims(), max_size=6))
    items = draw(st.lists(st.tuples(st.sampled_from(PLB_CODES), CENTS), max_size=4))
    return remit(*found, plb=items)


PRIOR = PriorState(
    (
        PriorClaim("A", 15000),
        PriorClaim("B", 30000, next_payer="S", expected_allowed_cents=12000),
        PriorClaim("C", 20000, current_payer="S", out_of_network=True, capitated=True),
    )
)
ALL_IDS = {number: ClaimIds(f"claim-{number}", f"patient-{number}") for number in "ABC"}


@settings(max_examples=300, deadline=None)
@given(remittances())
def test_for_any_balanced_remittance(remittance):
    from cleanclaim.ledger import Source

    source = Source("practice", TODAY, NOW, file_hash="f" * 64, remittance_id="r1")
    by_person = Source("practice", TODAY, NOW, actor="u", reason="charge")
    charges = [
        charge_entry(
            by_person,
            idempotency_key=f"c{claim.claim_number}",
            claim_id=f"claim-{claim.claim_number}",
            patient_id="p",
            lines=[ChargeLine(claim.billed_cents)],
        )
        for claim in PRIOR.claims
    ]
    before = balances_hash(legs_of(charges))
    planned = plan(remittance, PRIOR)
    assert planned.balanced
    entries = entries_for_plan(planned, remittance, ALL_IDS, source, key="k")
    assert cash_cents(entries) == remittance.paid_cents == planned.bank_deposit_cents
    states = {f"claim-{number}": state for number, state in planned.claims_after.items()}
    posted = PostedRemittance("r1", "identity", remittance)
    assert check_invariants([*charges, *entries], remittances=[posted], claims=states, earlier=charges) == []
    for number, state in planned.claims_after.items():
        assert (
            state.billed_cents
            == state.insurance_paid_cents
            + state.adjusted_cents
            + state.patient_responsibility_cents
            + state.insurance_balance_cents
        ), number
        assert 0 <= state.denied_open_cents <= max(state.insurance_balance_cents, 0)
    undo = [
        reverse_entry(entry, happened_on=TODAY, learned_at=NOW, actor="u", reason="undo") for entry in entries
    ]
    assert balances_hash(legs_of([*charges, *entries, *undo])) == before
    undone = PostedRemittance("r1", "identity", remittance, undone=True)
    assert (
        check_invariants([*charges, *entries, *undo], remittances=[undone], earlier=[*charges, *entries])
        == []
    )
