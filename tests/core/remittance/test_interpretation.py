"""What an 835 can say, beyond the worked cases: each row one thing, with exact postings or changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.core.remittance.building import cas, clp, go, line, moves, prior, remit, reversed_of

from cleanclaim.codesets.remittance_codes import plb as plb_code
from cleanclaim.ledger import Account, ClaimIds, Source, cash_cents, entries_for_plan
from cleanclaim.remittance import (
    CandidateLine,
    PriorState,
    carry_forward,
    follow_take_backs,
    line_changes,
    plan,
    practice_shares,
)
from cleanclaim.x12.sets.records import ProviderAdjustment, RemitLine, RemitParty
from cleanclaim_data.loader import read_csv

PAID, CUT, SHARE, NEXT, HOLD, INFO = (
    "PMT_INS",
    "ADJ_CONTRACT",
    "XFER_PATIENT",
    "XFER_NEXT",
    "DENY_HOLD",
    "INFO",
)

STATUSES = [  # CLP02, next payer, postings, next action, why
    ("1", None, [(CUT, "CO-45", 4000), (PAID, "", 9000), (SHARE, "PR-2", 2000)], "BILL_PATIENT", "primary, nobody after"),
    ("1", "S", [(CUT, "CO-45", 4000), (PAID, "", 9000), (NEXT, "PR-2", 2000)], "BILL_SECONDARY", "primary, a secondary follows"),
    ("19", "S", [(CUT, "CO-45", 4000), (PAID, "", 9000), (NEXT, "PR-2", 2000)], "WAIT_CROSSOVER", "the payer forwards it itself"),
    ("2", None, [(CUT, "CO-45", 4000), (PAID, "", 9000), (SHARE, "PR-2", 2000)], "BILL_PATIENT", "secondary, last"),
    ("20", "T", [(CUT, "CO-45", 4000), (PAID, "", 9000), (NEXT, "PR-2", 2000)], "WAIT_CROSSOVER", "secondary, forwarded"),
    ("3", None, [(CUT, "CO-45", 4000), (PAID, "", 9000), (SHARE, "PR-2", 2000)], "BILL_PATIENT", "tertiary"),
    ("21", "T", [(CUT, "CO-45", 4000), (PAID, "", 9000), (SHARE, "PR-2", 2000)], "BILL_PATIENT", "tertiary forwarded: nobody is left"),
    ("4", None, [(CUT, "CO-45", 4000), (PAID, "", 9000), (SHARE, "PR-2", 2000)], "BILL_PATIENT", "called denied, paid all the same: the adjustments decide"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "following", "postings", "action", "why"), STATUSES)
def test_claim_status_says_who_answered_and_who_follows(status, following, postings, action, why):
    result = go(clp(150, 90, "CO-45 40 PR-2 20", status=status), before=prior(next_payer=following))
    assert moves(result) == postings, why
    assert result.next_action == action, why
    assert [one.payer_seq for one in result.postings if one.type == PAID] == [
        {"1": "P", "19": "P", "2": "S", "20": "S", "3": "T", "21": "T"}.get(status, "P")
    ]


WHOLE = [  # claim-level adjustments, postings, why
    ("CO-45 60", [(CUT, "CO-45", 6000), (PAID, "", 9000)], "a discount on the claim"),
    ("CO-45 40 PR-3 20", [(CUT, "CO-45", 4000), (PAID, "", 9000), (SHARE, "PR-3", 2000)], "discount and copayment"),
    ("CO-45 70 CO-144 -10", [(CUT, "CO-144", -1000), (CUT, "CO-45", 7000), (PAID, "", 9000)], "an incentive raises the payment"),
    ("CO-104 10 CO-45 50", [(CUT, "CO-45", 5000), (PAID, "", 9000), ("WITHHOLD_RECEIVABLE", "CO-104", 1000)], "a withhold comes back later"),
    ("CO-253 1.80 CO-45 58.20", [("ADJ_SEQUESTRATION", "CO-253", 180), (CUT, "CO-45", 5820), (PAID, "", 9000)], "sequestration has its own account"),
    ("PI-16 60", [(HOLD, "PI-16", 6000), (PAID, "", 9000)], "payer initiated: held, never the patient"),
    ("OA-23 60", [(INFO, "OA-23", 6000), (PAID, "", 9000)], "what the first payer did"),
    ("CO-45 90 CO-45 -30", [(CUT, "CO-45", -3000), (CUT, "CO-45", 9000), (PAID, "", 9000)], "a negative adjustment nets"),
]  # fmt: skip


@pytest.mark.parametrize("level", ["claim", "line"])
@pytest.mark.parametrize(("adjustments", "postings", "why"), WHOLE)
def test_adjustments_mean_the_same_on_claim_and_line(level, adjustments, postings, why):
    lines = (line(150, 150),) if level == "claim" else None
    result = go(clp(150, 90, adjustments, lines=lines))
    assert moves(result) == sorted(postings), why
    assert {one.line for one in result.postings if one.carc} == {0 if level == "claim" else 1}
    assert result.claims_after["A1"].insurance_balance_cents == sum(
        cents for kind, _, cents in postings if kind in (HOLD, INFO)
    )


OWN = (
    CandidateLine("one", "L1", "90837", 15000, date(2026, 3, 2), ("95",)),
    CandidateLine("two", "L2", "90785", 2500, date(2026, 3, 2)),
)
FIRST = {"line_control": "L1", "modifiers": ("95",)}
SECOND = line("25", "25", code="90785", line_control="L2")
CHANGES = [  # answered lines, changes as (kind, line, line id, sent, adjudicated, into, cents), why
    ([line(150, 150, **FIRST), SECOND], [], "as sent"),
    ([line(150, 150, code="90834", **FIRST, submitted_code="90837", submitted_modifiers=("95",)), SECOND], [("recoded", 1, "one", "90837:95", "90834:95", 0, 0)], "another code, said with SVC06"),
    ([line(150, 150, code="90834", **FIRST), SECOND], [("recoded", 1, "one", "90837:95", "90834:95", 0, 0)], "another code, SVC06 left out"),
    ([line(150, 150, line_control="L1"), SECOND], [("modifiers_dropped", 1, "one", "90837:95", "90837", 0, 0)], "a modifier dropped in silence"),
    ([line(150, 150, line_control="L1", modifiers=("95", "52")), SECOND], [("modifiers_added", 1, "one", "90837:95", "90837:95:52", 0, 0)], "a modifier added"),
    ([line(150, 150, line_control="L1", modifiers=("GT",)), SECOND], [("modifiers_dropped", 1, "one", "90837:95", "90837:GT", 0, 0), ("modifiers_added", 1, "one", "90837:95", "90837:GT", 0, 0)], "one modifier for another"),
    ([line(150, 175, "OA-94 -25", **FIRST), line(25, 0, "OA-97 25", code="90837", line_control="L2", submitted_code="90785")], [("bundled", 2, "two", "90785", "90837", 1, 2500)], "bundled into the first, paid above its charge"),
    ([line(100, 100, **FIRST), line(50, 50, **FIRST), SECOND], [("split", 1, "one", "90837", "lines 1, 2", 0, 0)], "one line of ours in two"),
    ([line(150, 150, **FIRST), line(0, 20, "OA-94 -20", **FIRST), SECOND], [("split", 1, "one", "90837", "lines 1, 2", 0, 0)], "unbundled: the extra line has no charge"),
    ([line(150, 75, "CO-151 75", units_billed="2", units_paid="1", **FIRST), SECOND], [("units_cut", 1, "one", "2", "1", 0, 0)], "units cut"),
    ([line(150, 150, **FIRST)], [("not_answered", 0, "two", "90785", "", 0, 2500)], "a line left out"),
    ([line(150, 150, **FIRST), SECOND, line(10, 10, code="99214")], [("not_ours", 3, "", "", "99214", 0, 1000)], "a line that we never sent"),
    ([line(140, 140, **FIRST), SECOND], [("charge_changed", 1, "one", "90837", "", 0, -1000)], "another charge than sent"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "changes", "why"), CHANGES)
def test_what_the_payer_did_to_our_lines(lines, changes, why):
    charge = sum(one.charge_cents for one in lines) / 100
    paid = sum(one.paid_cents for one in lines) / 100
    found = line_changes(clp(charge, paid, lines=lines), OWN)
    assert [
        (str(one.kind), one.line, one.line_id, one.sent, one.adjudicated, one.into_line, one.amount_cents)
        for one in found
    ] == changes, why


ACCOUNTS = {  # ledger class -> account that takes the other side
    "EXPENSE": Account.PROVIDER_LEVEL_EXPENSE, "LIABILITY": Account.OTHER_LIABILITIES,
    "ADVANCE_LIABILITY": Account.PAYER_ADVANCES, "CLEAR_REFUND": Account.REFUND_CLEARING,
    "OTHER_INCOME": Account.INCENTIVE_INCOME, "INTEREST_INCOME": Account.INTEREST_INCOME,
    "CAPITATION_INCOME": Account.CAPITATION_INCOME, "WITHHOLD_RECEIVABLE": Account.WITHHOLD_RECEIVABLE,
    "PAYER_DEBT": Account.PAYER_DEBT, "REVIEW": Account.PROVIDER_LEVEL_SUSPENSE,
    "TAX_RECEIVABLE": Account.TAX_RECEIVABLE, "SETTLEMENT": Account.SETTLEMENTS,
    "OFFSET_NO_CASH": Account.NONREIMBURSABLE_OFFSET, "LEVY_RECEIVABLE": Account.LEVY_RECEIVABLE,
    "INTERCOMPANY": Account.INTERCOMPANY,
}  # fmt: skip


@pytest.mark.parametrize("amount", ["10.00", "-10.00"])
@pytest.mark.parametrize("code", [row["code"] for row in read_csv("codesets/plb.csv")])
def test_every_provider_adjustment_moves_cash_against_its_sign_and_touches_no_patient(code, amount):
    payment = remit(clp(150, 90, "CO-45 60"), plb=[(code, "R1", amount)])
    result = plan(payment, PriorState((prior(),)))
    source = Source("p", date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC), file_hash="f" * 64)
    entries = entries_for_plan(result, payment, {"A1": ClaimIds("c", "patient")}, source, key="k")
    entry = entries[-1]
    signed = 1000 if amount == "10.00" else -1000
    wanted = Account.PAYER_DEBT if code == "72" else ACCOUNTS[plb_code(code).ledger_class]
    assert {(leg.account, leg.amount_cents) for leg in entry.legs} == {
        (Account.DEPOSIT_CLEARING, -signed),
        (wanted, signed),
    }
    assert all(leg.patient_id is None and leg.claim_id is None for leg in entry.legs)
    assert cash_cents(entries) == payment.paid_cents == result.bank_deposit_cents == 9000 - signed


def debts_after(*payments, controls=None):
    found = follow_take_backs(payments[0], claims_by_control=controls)
    for payment in payments[1:]:
        found = follow_take_backs(payment, found.debts, claims_by_control=controls)
    return found


ANSWER = clp(150, 90, "CO-45 60")
TAKE_BACKS = [  # payments, last movements as (kind, reference, cents, claims, opened by), open, unexplained, why
    ([remit(reversed_of(ANSWER), plb=[("FB", "T1", "-90")])], [("opened", "T1", 9000, ("A1",), "T1")], 9000, 0, "the reversal is larger than the day"),
    ([remit(reversed_of(ANSWER), plb=[("FB", "T1", "-90")]), remit(clp(50, 50, number="A2"), plb=[("FB", "T1", "50")], trace="T2")], [("collected", "T1", 5000, ("A1",), "T1")], 4000, 0, "collected in part"),
    ([remit(plb=[("WO", "P1", "-40")]), remit(clp(90, 90, number="A2"), plb=[("WO", "P1", "40")], trace="T2")], [("collected", "P1", 4000, ("A1",), "T1")], 0, 0, "a recovery names the claim"),
    ([remit(clp(90, 90, number="A2"), plb=[("WO", "P1", "40")])], [("unexplained", "P1", 4000, ("A1",), "")], 0, 4000, "taken, and no reversal was ever posted"),
    ([remit(plb=[("WO", "P1", "-40")]), remit(clp(90, 90, number="A2"), plb=[("WO", "P1", "55")], trace="T2")], [("collected", "P1", 4000, ("A1",), "T1"), ("unexplained", "P1", 1500, ("A1",), "")], 0, 1500, "more taken than was owed"),
    ([remit(plb=[("WO", "P1", "40"), ("72", "P1", "-40")])], [("refunded", "P1", 4000, ("A1",), ""), ("refunded", "P1", 4000, (), "")], 0, 0, "our check, acknowledged"),
    ([remit(plb=[("FB", "T1", "-30")]), remit(clp(90, 90, number="A2"), plb=[("FB", "T9", "30")], trace="T2")], [("unexplained", "T9", 3000, (), "")], 3000, 3000, "another balance is collected than was forwarded"),
]  # fmt: skip


@pytest.mark.parametrize(("payments", "movements", "open_cents", "unexplained", "why"), TAKE_BACKS)
def test_take_backs_are_tied_to_the_claims_they_came_from(payments, movements, open_cents, unexplained, why):
    found = debts_after(*payments, controls={"P1": "A1"})
    assert [
        (str(one.movement), one.reference, one.amount_cents, one.claims, one.opened_by)
        for one in found.movements
    ] == movements, why
    assert (found.open_cents, found.unexplained_cents) == (open_cents, unexplained), why
    assert len(found.findings) == sum(kind == "unexplained" for kind, *_ in movements)


def test_open_debts_agree_with_the_plan_when_all_is_explained():
    payments = [TAKE_BACKS[1][0][0], TAKE_BACKS[1][0][1]]
    state = PriorState((prior(), prior(50, "A2")))
    for payment in payments:
        state = carry_forward(state, plan(payment, state), payment)
    assert state.payer_debt_cents == debts_after(*payments).open_cents == 4000


def test_one_payment_for_several_practices_divides_exactly():
    claims = [
        clp(150, 90, "CO-45 60", rendering=RemitParty(id="1111111111")),
        clp(100, 100, number="A2", provider_number="2222222222"),
        clp(80, 80, number="A3"),
        clp(60, 60, number="A4"),
    ]
    payment = remit(*claims, plb=[("L6", "", "-5"), ("WO", "P1", "20")], payee=RemitParty(id="9999999999"))
    provider = [
        ProviderAdjustment("2222222222", None, "L6", "", -500),
        ProviderAdjustment("9999999999", None, "WO", "P1", 2000),
    ]
    payment = type(payment)(
        payment.paid_cents, "ACH", claims=tuple(claims), provider_adjustments=tuple(provider)
    )
    numbers = {"1111111111": "north", "2222222222": "south"}
    found = practice_shares(payment, numbers, claim_practices={2: "north"})
    assert [
        (one.practice_id, one.claims, one.provider_adjustments, one.net_cents) for one in found.shares
    ] == [
        ("", (3,), (1,), 4000),
        ("north", (0, 2), (), 17000),
        ("south", (1,), (0,), 10500),
    ]
    assert sum(one.net_cents for one in found.shares) == payment.paid_cents
    assert [one.code for one in found.findings] == ["remittance.practice_unknown"]


def test_capitation_brings_the_encounter_to_zero_and_income_to_the_payment():
    result = go(clp(150, 0, "CO-24 150"), before=prior(capitated=True), plb=[("CT", "2026-03", "-400")])
    assert moves(result) == [("ADJ_CAPITATION", "CO-24", 15000), ("PLB_CAPITATION", "", -40000)]
    assert (result.bank_deposit_cents, result.claims_after["A1"].insurance_balance_cents) == (40000, 0)


def test_a_forwarded_claim_waits():
    result = go(clp(150, 0, "OA-133 150", status="23"))
    assert "WAIT_FORWARD" in result.flags and result.next_action == "WAIT_FORWARD"
    assert result.claims_after["A1"].insurance_balance_cents == 15000


def test_a_zero_price_encounter_closes():
    assert go(clp(0, 0, ""), before=prior(0)).next_action == "CLOSE"
    result = go(clp("0.01", 0, "CO-246 0.01"), before=prior("0.01"))
    assert (moves(result), result.next_action) == ([(CUT, "CO-246", 1)], "CLOSE")


def test_a_claim_split_by_the_payer_is_complete_when_the_parts_add_up():
    state = PriorState((prior(),))
    first = remit(clp(100, 60, "CO-45 40", control="P1"), trace="T1")
    then = remit(clp(50, 30, "CO-45 20", control="P2"), trace="T2")
    after = plan(first, state)
    assert after.next_action == "WAIT_REMAINING"
    state = carry_forward(state, after, first)
    done = plan(then, state)
    assert done.next_action == "CLOSE"
    assert done.claims_after["A1"].insurance_balance_cents == 0
    assert not [one for one in done.findings if one.code == "remittance.second_answer"]


def test_several_remits_for_one_claim_add_up_and_a_second_answer_is_told():
    state = PriorState((prior(),))
    first = remit(clp(150, 90, "CO-45 60"), trace="T1")
    again = remit(clp(150, 100, "CO-45 50", control="P2"), trace="T2")
    state = carry_forward(state, plan(first, state), first)
    done = plan(again, state)
    assert done.claims_after["A1"].insurance_balance_cents == -15000
    assert done.next_action == "RESOLVE_PAYER_CREDIT"
    assert "remittance.second_answer" in [one.code for one in done.findings]


def test_interest_is_income_of_the_payment_and_information_on_the_claim():
    result = go(clp(150, 90, "CO-45 60", amounts=(("I", 250),)), plb=[("L6", "A1", "-2.50")])
    assert moves(result) == [(CUT, "CO-45", 6000), ("PLB_INTEREST", "", -250), (PAID, "", 9000)]
    assert result.bank_deposit_cents == 9250


def test_bundling_by_line_keeps_the_bundled_charge_in_sight():
    lines = [
        RemitLine("90837", 15000, 17500, adjustments=cas("OA-94 -25")),
        RemitLine("90837", 2500, 0, submitted_code="90785", adjustments=cas("OA-97 25")),
    ]
    result = go(clp(175, 175, lines=lines), before=prior(175))
    assert moves(result) == [(CUT, "OA-94", -2500), (HOLD, "OA-97", 2500), (PAID, "", 17500)]
    assert [(one.amount_cents, one.at_stake_cents) for one in result.denials] == [(2500, 0)]
    assert "DOWNCODE" not in result.flags
