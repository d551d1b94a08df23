"""Planning beyond the worked cases: reversals across files, held shares, splits, policy."""

from __future__ import annotations

import msgspec
import pytest

from cleanclaim.remittance import (
    Automation,
    CodeRule,
    Effect,
    PostedBefore,
    PriorClaim,
    PriorState,
    default_policy,
    plan,
)
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine, Remittance


def cas(text):
    """``CO-45 40.00 PR-2 20`` as adjustments."""
    words = text.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return tuple(Cas(*code.split("-"), round(float(amount) * 100)) for code, amount in pairs)


def clp(
    charge,
    paid,
    adjustments="",
    *,
    number="A1",
    status="1",
    control="P1",
    remarks=(),
    lines=None,
    level="line",
):
    charge, paid = round(charge * 100), round(paid * 100)
    if lines is None:
        lines = (RemitLine("90837", charge, paid, adjustments=cas(adjustments)),) if level == "line" else ()
    return RemitClaim(
        number,
        status,
        charge,
        paid,
        payer_control_number=control,
        remarks=tuple(remarks),
        lines=tuple(lines),
        adjustments=cas(adjustments) if level == "claim" else (),
    )


def remit(*claims, plb=(), trace="T1"):
    provider = tuple(
        ProviderAdjustment("", None, code, ref, round(amount * 100)) for code, ref, amount in plb
    )
    paid = sum(claim.paid_cents for claim in claims) - sum(item.amount_cents for item in provider)
    return Remittance(paid, "ACH", trace_number=trace, claims=claims, provider_adjustments=provider)


def claim(billed=150, **more):
    return PriorClaim(
        "A1",
        billed * 100,
        **{key: value * 100 if key.endswith("_cents") else value for key, value in more.items()},
    )


def moves(result):
    return sorted((posting.type, posting.carc, posting.amount_cents) for posting in result.postings)


def go(*claims, prior=None, policy=None, debt=0, **more):
    return plan(remit(*claims, **more), PriorState((prior or claim(),), payer_debt_cents=debt * 100), policy)


ACTIONS = [  # claim payments, prior, next action, insurance, patient, why
    ([clp(150, 0, "PR-45 150")], claim(), "WORK_DENIAL:network", 15000, 0, "balance bill in network is held"),
    ([clp(150, 90, "CO-45 40 PR-2 20")], claim(never_bill_patient=True), "WORK_DENIAL:cob_qmb", 2000, 0, "Medicaid on file: the share is held"),
    ([clp(150, 90, "CO-45 40 PR-2 20", status="3")], claim(next_payer="T"), "BILL_PATIENT", 0, 2000, "after a tertiary answer nobody follows"),
    ([clp(150, 90, "CO-45 40 OA-209 20")], claim(), "WORK_DENIAL:cob_qmb", 2000, 0, "OA-209 without a next payer is never the patient's"),
    ([clp(150, 0, "CO-100 150")], claim(out_of_network=True), "WORK_DENIAL:payer_paid_patient", 15000, 0, "only PR or OA 100 goes to the patient"),
    ([clp(150, 0, "OA-100 150")], claim(), "WORK_DENIAL:payer_paid_patient", 15000, 0, "in network the payer erred"),
    ([clp(150, 0, "CO-16 150", remarks=["MA130"])], claim(), "NEW_CLAIM", 15000, 0, "never processed"),
    ([clp(150, 0, "CO-29 150", remarks=["MA130"])], claim(), "APPEAL_TIMELY", 15000, 0, "MA130 does not count on 29"),
    ([clp(150, 0, "CO-276 150")], claim(), "FIX_PRIMARY_FIRST", 15000, 0, "primary denial first"),
    ([clp(80, 80)], claim(), "WAIT_REMAINING", 7000, 0, "a part of a split claim"),
    ([clp(150, 0, "CO-144 -5 CO-45 155")], claim(), "CLOSE", 0, 0, "a bonus raises the payment"),
    ([clp(150, 0, "CO-246 150")], claim(), "CLOSE", 0, 0, "reporting only"),
    ([clp(150, 0, "OA-187 150")], claim(), "WAIT_REMAINING", 15000, 0, "187 is information"),
    ([clp(150, 0, "PR-23 150")], claim(), "WORK_DENIAL:cob_information", 15000, 0, "23 under PR is no information"),
    ([clp(150, 0, "CO-ZZZ9 150")], claim(), "WORK_DENIAL:unknown_code", 15000, 0, "a code that no list knows"),
    ([clp(-150, -80, "CO-45 -50 PR-2 -20", status="22")], claim(insurance_paid_cents=80, adjusted_cents=50, patient_responsibility_cents=20), "INVESTIGATE_REVERSAL", 15000, 0, "reversal alone"),
    ([clp(-150, -80, "CO-45 -50 PR-2 -20", status="22", remarks=["N687"])], claim(insurance_paid_cents=80, adjusted_cents=50, patient_responsibility_cents=20, patient_paid_cents=20), "REDIRECT_PAYER", 15000, -2000, "coverage retro-terminated"),
    ([clp(-150, -80, "CO-45 -50 PR-2 -20", status="22", remarks=["N693"])], claim(insurance_paid_cents=80, adjusted_cents=50, patient_responsibility_cents=20, patient_paid_cents=20), "REFUND_PATIENT", 15000, -2000, "our void, the patient had paid"),
    ([clp(-150, -80, "CO-45 -50 PR-2 -20", status="22"), clp(150, 70, "CO-45 50 PR-2 30", control="P2")], claim(insurance_paid_cents=80, adjusted_cents=50, patient_responsibility_cents=20), "REISSUE_STATEMENT", 0, 3000, "the share changed"),
    ([clp(150, 90, "CO-45 40 PR-2 20", number="ZZ")], claim(), "MANUAL_MATCH", 15000, 0, "unknown number"),
    ([clp(150, 0, "OA-101 150", status="25")], claim(), "NO_POSTING", 15000, 0, "predetermination"),
    ([clp(150, 90, "CO-45 40 PR-2 20", status="25")], claim(), "MANUAL_MATCH", 15000, 0, "a predetermination with money: the money waits"),
    ([clp(150, 0, "", status="23", lines=(), level="claim")], claim(), "REJECT_OUT_OF_BALANCE", 15000, 0, "forwarded, and out of balance"),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "prior", "action", "insurance", "patient", "why"), ACTIONS)
def test_next_action_and_balances(claims, prior, action, insurance, patient, why):
    result = go(*claims, prior=prior)
    after = result.claims_after["A1"]
    assert (result.next_action, after.insurance_balance_cents, after.patient_balance_cents) == (
        action,
        insurance,
        patient,
    ), why


PROVIDER = [  # plb, debt before, action, debt after, why
    ([("WO", "P9", 30)], 0, "MATCH_PLB", -3000, "taken for a reversal that was never posted"),
    ([("WO", "P9", 30)], 30, "POST_PLB_ONLY", 0, "a known debt is collected"),
    ([("LS", "", -30)], 0, "MATCH_PLB", None, "lump sum: read why"),
    ([("??", "", -30)], 0, "MATCH_PLB", None, "a code that no list knows"),
    ([("OB", "", -30)], 0, "INTERCOMPANY_RECEIVABLE", None, "affiliate"),
    ([("L6", "", -30)], 0, "POST_PLB_ONLY", None, "interest alone"),
    (
        [("WO", "P9", 40), ("72", "P9", -40), ("B2", "P9", -10)],
        0,
        "CLOSE_REFUND",
        0,
        "we refunded more than asked",
    ),
]


@pytest.mark.parametrize(("plb", "debt", "action", "after", "why"), PROVIDER)
def test_provider_level_only(plb, debt, action, after, why):
    result = plan(remit(plb=plb), PriorState(payer_debt_cents=debt * 100))
    assert (result.next_action, result.payer_debt_after_cents) == (action, after), why
    assert sum(posting.cash_effect_cents for posting in result.postings) == result.bank_deposit_cents
    assert all(posting.claim is None for posting in result.postings)


def history(*items, control="P1"):
    return tuple(
        PostedBefore(control, kind, round(amount * 100), carc, line, payer_seq=seq)
        for kind, amount, carc, line, seq in items
    )


def test_reversal_of_a_capped_secondary_write_off_mirrors_what_was_posted():
    before = claim(200, insurance_paid_cents=125, adjusted_cents=75, current_payer="S", history=history(
        ("PMT_INS", 5, "", 0, "S"), ("INFO", 120, "OA-23", 1, ""), ("ADJ_CONTRACT", 25, "CO-45", 1, ""), ("INFO", 50, "CO-45", 1, "")))  # fmt: skip
    result = go(clp(-200, -5, "OA-23 -120 CO-45 -75", status="22"), prior=before)
    assert moves(result) == [
        ("ADJ_CONTRACT", "CO-45", -2500),
        ("INFO", "CO-45", -5000),
        ("INFO", "OA-23", -12000),
        ("PMT_INS", "", -500),
    ]
    assert result.claims_after["A1"].insurance_balance_cents == 3000
    assert not result.findings


def test_reversal_that_differs_from_history_posts_as_sent_and_says_so():
    before = claim(insurance_paid_cents=80, adjusted_cents=50, patient_responsibility_cents=20, history=history(
        ("PMT_INS", 80, "", 0, "P"), ("ADJ_CONTRACT", 50, "CO-45", 1, ""), ("XFER_PATIENT", 20, "PR-2", 1, "")))  # fmt: skip
    result = go(clp(-150, -80, "CO-45 -60 PR-2 -10", status="22"), prior=before)
    assert ("ADJ_CONTRACT", "CO-45", -6000) in moves(result)
    assert [finding.code for finding in result.findings] == ["remittance.reversal_differs"]


@pytest.mark.parametrize("correction_first", [False, True])
def test_reversal_and_correction_in_different_files_end_alike(correction_first):
    before = claim(insurance_paid_cents=80, adjusted_cents=50, patient_responsibility_cents=20)
    files = [
        remit(clp(-150, -80, "CO-45 -50 PR-2 -20", status="22")),
        remit(clp(150, 90, "CO-45 50 PR-2 10", control="P2"), trace="T2"),
    ]
    for one in reversed(files) if correction_first else files:
        after = plan(one, PriorState((before,))).claims_after["A1"]
        before = PriorClaim(
            "A1", 15000, after.insurance_paid_cents, after.adjusted_cents, after.patient_responsibility_cents
        )
    assert (before.insurance_paid_cents, before.adjusted_cents, before.patient_responsibility_cents) == (
        9000,
        5000,
        1000,
    )


def test_expected_by_line_serves_a_split_claim():
    prior = PriorClaim("A1", 26000, expected_allowed_cents=21000, expected_by_line={"L1": 13000, "L2": 8000})
    parts = [
        clp(
            160,
            110,
            lines=[RemitLine("90837", 16000, 11000, line_control="L1", adjustments=cas("CO-45 30 PR-3 20"))],
        ),
        clp(
            100,
            70,
            control="P2",
            lines=[RemitLine("90853", 10000, 7000, line_control="L2", adjustments=cas("CO-45 30"))],
        ),
    ]
    result = go(*parts, prior=prior)
    assert [(item.amount_cents, item.is_variance) for item in result.denials] == [(1000, True)]
    assert result.flags == ("UNDERPAYMENT",)


def test_bundled_line_at_stake_is_netted():
    lines = [
        RemitLine("99214", 10000, 15000, adjustments=cas("OA-94 -50")),
        RemitLine("90833", 8000, 0, adjustments=cas("CO-97 80")),
    ]
    [item] = go(clp(180, 150, lines=lines), prior=claim(180)).denials
    assert (item.amount_cents, item.at_stake_cents, item.line, item.cause) == (
        8000,
        3000,
        2,
        "NCCI or payer bundling",
    )


def test_matches_given_decide_alone():
    result = plan(
        remit(clp(150, 90, "CO-45 40 PR-2 20", number="ZZ"), clp(150, 90, "CO-45 40 PR-2 20")),
        PriorState((claim(),)),
        matches={0: "A1"},
    )
    assert result.matched == ("A1", None)
    assert [posting.clp_index for posting in result.postings if posting.type == "UNMATCHED_CLAIM"] == [1]


POLICY = [  # automation, rules, claim payment, postings, why
    (Automation.OFF, (), clp(150, 90, "CO-45 40 PR-2 20"), [("SUSPENSE", "", 9000)], "nothing posts by itself"),
    (Automation.SAFE_LINES, (), clp(150, 90, "CO-45 40 PR-2 20"), [("ADJ_CONTRACT", "CO-45", 4000), ("PMT_INS", "", 9000), ("XFER_PATIENT", "PR-2", 2000)], "plain sharing is safe"),
    (Automation.SAFE_LINES, (), clp(150, 0, "CO-197 150"), [], "a denial waits and moves nothing"),
    (Automation.SAFE_LINES, (), clp(-150, -90, "CO-45 -40 PR-2 -20", status="22"), [("SUSPENSE", "", -9000)], "a reversal waits"),
    (Automation.ALL, (CodeRule(Effect.HOLD, "ask first", carc="45"),), clp(150, 90, "CO-45 40 PR-2 20"), [("SUSPENSE", "", 9000)], "held by rule"),
    (Automation.ALL, (CodeRule(Effect.HOLD, "other payer", payer_id="999", carc="45"),), clp(150, 90, "CO-45 60"), [("ADJ_CONTRACT", "CO-45", 6000), ("PMT_INS", "", 9000)], "a rule of another payer"),
    (Automation.SAFE_LINES, (CodeRule(Effect.POST, "known", carc="94"),), clp(150, 160, "CO-94 -10"), [("ADJ_CONTRACT", "CO-94", -1000), ("PMT_INS", "", 16000)], "allowed by rule"),
]  # fmt: skip


@pytest.mark.parametrize(("automation", "rules", "payment", "postings", "why"), POLICY)
def test_policy_holds_in_suspense_and_cash_is_whole(automation, rules, payment, postings, why):
    policy = msgspec.structs.replace(default_policy(), automation=automation, rules=rules)
    result = go(payment, policy=policy)
    assert moves(result) == postings, why
    assert result.bank_deposit_cents == payment.paid_cents
    if any(kind == "SUSPENSE" for kind, _, _ in postings) or not postings:
        assert result.next_action == "RESOLVE_HELD_LINES"
        assert result.held[0].reason
        assert result.claims_after["A1"].insurance_balance_cents == 15000


def test_safe_lines_post_beside_a_held_line():
    policy = msgspec.structs.replace(default_policy(), automation=Automation.SAFE_LINES)
    lines = [
        RemitLine("90837", 10000, 6000, adjustments=cas("CO-45 40")),
        RemitLine("90834", 5000, 3000, adjustments=cas("CO-151 20")),
    ]
    result = go(clp(150, 90, lines=lines), policy=policy)
    assert moves(result) == [("ADJ_CONTRACT", "CO-45", 4000), ("PMT_INS", "", 6000), ("SUSPENSE", "", 3000)]
    assert [(held.line, held.amount_cents, held.reason) for held in result.held] == [
        (2, 3000, "CO-151 needs a decision")
    ]
    assert result.claims_after["A1"].insurance_balance_cents == 5000


def test_post_and_queue_posts_and_tells():
    policy = msgspec.structs.replace(
        default_policy(), rules=(CodeRule(Effect.POST_AND_QUEUE, "new payer", carc="45"),)
    )
    result = go(clp(150, 90, "CO-45 60"), policy=policy)
    assert moves(result) == [("ADJ_CONTRACT", "CO-45", 6000), ("PMT_INS", "", 9000)]
    assert [finding.code for finding in result.findings] == ["remittance.policy_queue"]


OBSERVED = [
    (RemitLine("90834", 15000, 15000, submitted_code="90837"), "remittance.code_changed"),
    (
        RemitLine("90837", 15000, 15000, submitted_code="90837", submitted_modifiers=("95",)),
        "remittance.modifiers_changed",
    ),
    (RemitLine("96131", 15000, 15000, units_billed="3", units_paid="2"), "remittance.units_cut"),
    (RemitLine("90837", 15000, 0, adjustments=cas("CO-16 150")), "remittance.remark_missing"),
]


@pytest.mark.parametrize(("line", "code"), OBSERVED)
def test_what_somebody_should_know(line, code):
    result = go(clp(150, line.paid_cents / 100, lines=[line]))
    assert [finding.code for finding in result.findings] == [code]


def test_second_answer_without_reversal_is_told():
    before = claim(
        insurance_paid_cents=90,
        adjusted_cents=60,
        history=history(("PMT_INS", 90, "", 0, "P"), ("ADJ_CONTRACT", 60, "CO-45", 1, "")),
    )
    result = go(clp(150, 100, "CO-45 50", control="P2"), prior=before)
    assert result.next_action == "RESOLVE_PAYER_CREDIT"
    assert [finding.code for finding in result.findings] == ["remittance.second_answer"]


def test_five_thousand_claims_are_one_plan():
    claims = tuple(clp(150, 90, "CO-45 40 PR-2 20", number=f"A{n}") for n in range(5000))
    prior = PriorState(tuple(PriorClaim(f"A{n}", 15000) for n in range(5000)))
    result = plan(remit(*claims), prior)
    assert len(result.postings) == 15000
