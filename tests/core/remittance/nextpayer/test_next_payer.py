"""The claim after the answer: what is told, who is billed when, Medicare second, corrections. Judged by the 837P."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.remittance.building import cas, clp, line, reversed_of
from tests.core.x12.sets.claims import EVERGREEN, MEDICAID, MEDICARE, PLAIN, TERRY

from cleanclaim.claim import Frequency, OtherPayer, PayerKind
from cleanclaim.remittance.nextpayer import (
    Answer,
    PayerNumber,
    Step,
    Way,
    amounts_before,
    corrected_claim,
    correction_path,
    decide_next,
    last_words,
    medicare_secondary_amount,
    most_second_cents,
    next_claim,
    order_payers,
    tell,
    void_claim,
)
from cleanclaim.x12.sets.claim_837p import check_claim
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine, RemitParty
from cleanclaim_data import loader

PAID_ON, TODAY = date(2026, 11, 2), date(2026, 11, 23)
SECOND = OtherPayer(MEDICAID, "S", TERRY, "MD0001")
THIRD = OtherPayer(
    msgspec.structs.replace(EVERGREEN, name="THIRD PLAN", payer_id="99999"), "T", TERRY, "TH0001"
)
CLAIM = msgspec.structs.replace(PLAIN, other_payers=(SECOND,))


def answered(
    first="CO-45 55 PR-2 24", second="CO-45 40 PR-3 20", *, status="1", control="P1", whole="", **more
):
    """An answer to both lines (175.00 and 135.00)."""
    lines, paid = [], 0
    for number, (charge, words, code, modifiers) in enumerate(
        ((17500, first, "90837", ()), (13500, second, "90834", ("95",))), start=1
    ):
        items = cas(words)
        left = charge - sum(item.amount_cents for item in items)
        paid += left
        lines.append(
            RemitLine(
                code, charge, left, modifiers=modifiers, line_control=f"A1003L{number}", adjustments=items
            )
        )
    items = cas(whole)
    paid -= sum(item.amount_cents for item in items)
    return RemitClaim(
        "A1003",
        status,
        31000,
        paid,
        payer_control_number=control,
        adjustments=items,
        lines=tuple(lines),
        **more,
    )


def told(*claims):
    return tell(CLAIM, [Answer(claim, PAID_ON) for claim in claims])


def test_the_next_claim_echoes_the_answer_and_balances():
    answer = answered(remarks=("MA01", "N130"))
    found = told(answer)
    assert found.is_balanced
    assert (
        found.other.paid_cents,
        found.other.remaining_patient_cents,
        found.other.payer_control_number,
    ) == (17100, 4400, "P1")
    assert found.other.remark_codes == ("MA01", "N130")
    assert found.other.adjudicated_on is None and found.lines[1].adjudicated_on == PAID_ON
    assert [(one.group, one.reason, one.amount_cents) for one in found.lines[1].adjustments] == [
        ("CO", "45", 5500),
        ("PR", "2", 2400),
    ]
    claim = next_claim(CLAIM, found, claim_number="A1003S")
    assert check_claim(claim) == []
    assert (claim.sequence, claim.payer.payer_id, claim.member_id, claim.total_charge_cents) == (
        "S",
        "SKIL0",
        "MD0001",
        31000,
    )
    assert claim.payer_control_number == "" and claim.lines[0].control_number == "A1003SL1"


def test_claim_level_adjustments_stand_on_the_claim_only():
    found = told(answered("PR-2 24", "PR-3 20", whole="CO-45 95"))
    assert [(one.reason, one.amount_cents) for one in found.other.adjustments] == [("45", 9500)]
    assert check_claim(next_claim(CLAIM, found, claim_number="A1003S")) == []


def test_a_line_that_the_payer_divided_is_told_as_one():
    parts = (
        RemitLine("90837", 10000, 6000, line_control="A1003L1", adjustments=cas("CO-45 40")),
        RemitLine("90837", 7500, 5000, line_control="A1003L1", adjustments=cas("PR-2 25")),
        answered().lines[1],
    )
    answer = msgspec.structs.replace(answered(), lines=parts, paid_cents=6000 + 5000 + parts[2].paid_cents)
    found = told(answer)
    assert (found.lines[1].paid_cents, len(found.lines[1].adjustments), found.is_balanced) == (11000, 2, True)
    assert check_claim(next_claim(CLAIM, found, claim_number="A1003S")) == []


def test_a_claim_that_the_payer_split_is_told_whole():
    both = answered()
    halves = [
        msgspec.structs.replace(both, lines=(one,), charge_cents=one.charge_cents, paid_cents=one.paid_cents, payer_control_number=f"P{number}")
        for number, one in enumerate(both.lines, start=1)
    ]  # fmt: skip
    assert told(*halves).is_balanced
    assert not told(halves[0]).is_balanced, "half an answer must not leave"


def test_only_the_last_word_is_told():
    first, last = answered(), answered("CO-45 55 PR-2 20", control="P2")
    for order in ([first, reversed_of(first), last], [first, last, reversed_of(first)]):
        found = told(*order)
        assert (found.other.remaining_patient_cents, found.other.payer_control_number) == (4000, "P2")
    assert told(first, reversed_of(first)) is None


def test_what_cannot_be_told_is_refused():
    strange = msgspec.structs.replace(answered(), lines=(*answered().lines, line(10, 10, code="99214")))
    found = told(strange)
    assert "remittance.next_claim_line_unmatched" in [one.code for one in found.findings]
    with pytest.raises(ValueError, match="fits none"):
        next_claim(CLAIM, found, claim_number="A1003S")
    with pytest.raises(LookupError):
        next_claim(PLAIN, told(answered()), claim_number="A1003S")


def test_a_tertiary_claim_carries_two_answers():
    claim = msgspec.structs.replace(
        PLAIN,
        other_payers=(
            msgspec.structs.replace(THIRD, sequence="S"),
            msgspec.structs.replace(SECOND, sequence="T"),
        ),
    )
    second = next_claim(claim, tell(claim, [Answer(answered(), PAID_ON)]), claim_number="A1003S")
    lines = tuple(
        RemitLine(one.code, one.charge_cents, one.charge_cents - cents, modifiers=one.modifiers, line_control=one.control_number, adjustments=cas(words))
        for one, words, cents in zip(second.lines, ("OA-23 151 PR-2 10", "OA-23 115 PR-3 5"), (16100, 12000), strict=True)
    )  # fmt: skip
    answer = RemitClaim("A1003S", "2", 31000, 2900, payer_control_number="Q1", lines=lines)
    third = next_claim(second, tell(second, [Answer(answer, TODAY)]), claim_number="A1003T")
    assert check_claim(third) == []
    assert [other.sequence for other in third.other_payers] == ["P", "S"]
    assert third.sequence == "T" and all(len(one.other_payers) == 2 for one in third.lines)
    assert third.lines[0].other_payers[1].adjustments[0].reason == "23", (
        "the second's OA-23 is passed on as received"
    )


DECISIONS = [  # claim, answer, step, why
    (CLAIM, answered(), Step.BILL_NEXT, "a share is left"),
    (CLAIM, answered(status="19"), Step.WAIT_CROSSOVER, "forwarded by the payer"),
    (CLAIM, answered(remarks=("MA07",)), Step.WAIT_CROSSOVER, "a remark says forwarded to Medicaid"),
    (CLAIM, answered(status="19", remarks=("MA08",)), Step.BILL_NEXT, "status says so, the remark says it was not"),
    (CLAIM, answered(status="23"), Step.WAIT_CROSSOVER, "not this payer's claim"),
    (PLAIN, answered(), Step.NO_NEXT, "no further coverage"),
    (CLAIM, answered("CO-45 55", "CO-45 40"), Step.NOTHING_LEFT, "paid in full"),
    (CLAIM, answered("CO-197 175", "CO-197 135"), Step.WORK_FIRST, "denied: no authorization"),
    (CLAIM, answered("CO-45 55", "CO-197 135"), Step.WORK_FIRST, "one line paid in full, the other denied"),
    (CLAIM, answered("PR-96 175", "PR-96 135"), Step.BILL_NEXT, "not covered, the patient's: the next payer may pay"),
    (CLAIM, answered("CO-197 175"), Step.BILL_NEXT, "a share of one line, a denial of the other"),
    (CLAIM, msgspec.structs.replace(answered(), paid_cents=1), Step.FIX_BALANCE, "it does not add up"),
    (msgspec.structs.replace(PLAIN, other_payers=(SECOND, THIRD)), answered(), Step.FIX_ORDER, "Medicaid before another payer"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "answer", "step", "why"), DECISIONS)
def test_who_is_billed_next(claim, answer, step, why):
    found = decide_next(claim, answer, tell(claim, [Answer(answer, PAID_ON)]), today=TODAY)
    assert found.step is step, (why, found.why)
    assert found.look_again_on == (date(2026, 12, 23) if step is Step.WAIT_CROSSOVER else None)


def test_crossover_names_the_payer_it_went_to():
    answer = answered(status="19", crossover_to=RemitParty("SUPPLEMENT", id="77777"))
    assert decide_next(CLAIM, answer, told(answer), today=TODAY).payer_id == "77777"


def test_medicaid_is_put_last():
    medicare = OtherPayer(MEDICARE, "T", TERRY, "1EG4TE5MK73")
    assert [(one.payer.payer_id, one.sequence) for one in order_payers([SECOND, medicare])] == [
        ("05130", "P"),
        ("SKIL0", "S"),
    ]


SECONDARY = [  # charge, primary allowed, paid, Medicare, deductible, OTAF, pays (2026: after two percent), patient at most, why
    (17500, 15000, 12000, 12500, 0, None, 2940, 0, "the regulation's example, sequestered"),
    (17500, 15000, 0, 12500, 0, None, 9800, 2500, "the first payer paid nothing: Medicare as if alone"),
    (17500, 15000, 13000, 12500, 0, None, 1960, 0, "the first payer paid more than Medicare allows"),
    (17500, 15000, 15000, 12500, 0, None, 0, 0, "paid in full"),
    (17500, 15000, 12000, 12500, 12500, None, 0, 500, "the deductible takes all"),
    (17500, 15000, 12000, 12500, 0, 12500, 490, 0, "obliged to accept 125.00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("charge", "allowed", "paid", "medicare", "deductible", "otaf", "pays", "patient", "why"), SECONDARY
)
def test_medicare_as_the_second_payer(charge, allowed, paid, medicare, deductible, otaf, pays, patient, why):
    found = medicare_secondary_amount(
        charge_cents=charge, primary_allowed_cents=allowed, primary_paid_cents=paid, medicare_allowed_cents=medicare,
        on=TODAY, deductible_left_cents=deductible, obligated_to_accept_cents=otaf,
    )  # fmt: skip
    assert (found.medicare_pays_cents, found.patient_at_most_cents) == (pays, patient), why


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(*(st.integers(0, 50000) for _ in range(5)), st.sampled_from([Decimal("0.8"), Decimal("1")]))
def test_medicare_second_never_exceeds_what_is_open(charge, allowed, paid, medicare, deductible, rate):
    found = medicare_secondary_amount(
        charge_cents=charge, primary_allowed_cents=allowed, primary_paid_cents=paid, medicare_allowed_cents=medicare,
        on=TODAY, deductible_left_cents=deductible, rate=rate,
    )  # fmt: skip
    total = found.medicare_pays_cents + found.sequestration_cents
    assert 0 <= total <= max(0, charge - paid) and found.patient_at_most_cents >= 0
    assert paid + total + found.patient_at_most_cents <= max(charge, paid) + max(0, medicare - charge)


NUMBERS = [
    PayerNumber("OLD1", date(2026, 10, 1)),
    PayerNumber("NEW2", date(2026, 11, 1)),
    PayerNumber("REV3", date(2026, 11, 2), True),
]
WAYS = [  # payer, facts, way, number, why
    (EVERGREEN, {"is_adjudicated": True}, Way.REPLACEMENT, "NEW2", "the newest number that is not a reversal's"),
    (EVERGREEN, {"is_adjudicated": True, "bills_in_error": True}, Way.VOID, "NEW2", "billed in error"),
    (EVERGREEN, {"is_adjudicated": True, "changes_identity": True}, Way.VOID_THEN_NEW, "NEW2", "another person"),
    (EVERGREEN, {"is_adjudicated": False}, Way.NEW_CLAIM, "", "rejected, never decided"),
    (EVERGREEN, {"is_adjudicated": True, "remarks": ["MA130"]}, Way.NEW_CLAIM, "", "no claim was processed"),
    (EVERGREEN, {"is_adjudicated": True, "carcs": ["31"]}, Way.NEW_CLAIM, "", "member not found"),
    (EVERGREEN, {"is_adjudicated": False, "is_pending": True}, Way.WAIT, "", "still in process"),
    (MEDICARE, {"is_adjudicated": True}, Way.REOPENING, "NEW2", "Medicare Part B takes neither"),
    (MEDICARE, {"is_adjudicated": True, "remarks": ["MA130"]}, Way.NEW_CLAIM, "", "unprocessable: a new claim"),
    (MEDICAID, {"is_adjudicated": True}, Way.REPLACEMENT, "NEW2", "Medicaid"),
]  # fmt: skip


@pytest.mark.parametrize(("payer", "facts", "way", "number", "why"), WAYS)
def test_how_a_claim_is_put_right(payer, facts, way, number, why):
    found = correction_path(payer, NUMBERS, **facts)
    assert (found.way, found.payer_control_number) == (way, number), (why, found.why)
    assert correction_path(EVERGREEN, [], is_adjudicated=True).way is Way.REOPENING, "no number known"


def test_corrected_and_void_claims_can_be_written():
    now_says = msgspec.structs.replace(
        PLAIN, diagnoses=("F33.2",), lines=PLAIN.lines[:1], total_charge_cents=17500
    )
    replacement = corrected_claim(
        PLAIN, now_says, correction_path(EVERGREEN, NUMBERS, is_adjudicated=True), claim_number="A1003C1"
    )
    assert (replacement.frequency, replacement.payer_control_number, replacement.diagnoses) == (
        Frequency.REPLACEMENT,
        "NEW2",
        ("F33.2",),
    )
    void = void_claim(
        PLAIN,
        correction_path(EVERGREEN, NUMBERS, is_adjudicated=True, bills_in_error=True),
        claim_number="A1003V1",
    )
    assert (void.frequency, void.total_charge_cents, len(void.lines)) == (
        Frequency.VOID,
        PLAIN.total_charge_cents,
        2,
    )
    assert check_claim(replacement) == check_claim(void) == []
    with pytest.raises(ValueError, match="takes neither"):
        corrected_claim(
            PLAIN, PLAIN, correction_path(MEDICARE, NUMBERS, is_adjudicated=True), claim_number="X"
        )
    with pytest.raises(ValueError):
        void_claim(PLAIN, correction_path(EVERGREEN, NUMBERS, is_adjudicated=True), claim_number="X")


CODES = ("CO-45", "CO-253", "PR-1", "PR-2", "CO-97", "OA-23", "CO-144")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_balanced_answer_gives_a_claim_that_balances(data):
    words = []
    for charge in (17500, 13500):
        items = []
        for code in data.draw(st.lists(st.sampled_from(CODES), max_size=3, unique=True)):
            amount = data.draw(st.integers(1, charge // 3))
            items.append(f"{code} {'-' if code == 'CO-144' else ''}{amount / 100:.2f}")
        words.append(" ".join(items))
    found = told(answered(*words))
    assert found.is_balanced
    assert check_claim(next_claim(CLAIM, found, claim_number="A1003S")) == []


def test_last_words_without_numbers_go_by_charge():
    first = clp(150, 90, "CO-45 60", control="")
    answers = [Answer(first), Answer(reversed_of(first)), Answer(clp(150, 100, "CO-45 50", control=""))]
    assert [one.claim.paid_cents for one in last_words(answers)] == [10000]


ACCEPT = [  # adjustments of the first payer, its payment of 175.00, what Medicare is told we must accept, why
    ((("CO", "45", 5500), ("PR", "2", 2000)), 10000, 12000, "its contract cut 55.00"),
    ((("PR", "2", 7500),), 10000, None, "no contract cut anything"),
    ((("CO", "45", 7500),), 10000, None, "it paid all that we may accept"),
    ((("CO", "197", 5500), ("PR", "2", 2000)), 10000, None, "a denial is no contract"),
    (
        (("CO", "45", 5500), ("CO", "253", 200), ("PR", "2", 1800)),
        10000,
        12000,
        "sequestration is not its contract's",
    ),
]


@pytest.mark.parametrize(("adjustments", "paid", "accept", "why"), ACCEPT)
@pytest.mark.parametrize("kind", [PayerKind.MEDICARE, PayerKind.COMMERCIAL])
def test_medicare_second_is_told_what_we_must_accept(adjustments, paid, accept, why, kind):
    first = msgspec.structs.replace(PLAIN.lines[0], charge_cents=17500)
    after = OtherPayer(MEDICARE if kind is PayerKind.MEDICARE else EVERGREEN, "S", TERRY, "1EG4TE5MK73")
    sent = msgspec.structs.replace(
        PLAIN, lines=(first,), total_charge_cents=17500, other_payers=(after,), insurance_type=""
    )
    line = RemitLine(
        first.code, 17500, paid, line_control=first.control_number, modifiers=first.modifiers,
        service_from=first.date_of_service, adjustments=tuple(Cas(*one) for one in adjustments),
    )  # fmt: skip
    answer = Answer(RemitClaim(sent.claim_number, "1", 17500, paid, lines=(line,)), TODAY)
    reason = "12" if kind is PayerKind.MEDICARE else ""
    follow = next_claim(sent, tell(sent, [answer]), claim_number="A1003S", insurance_type=reason)
    wanted = accept if kind is PayerKind.MEDICARE else None
    assert follow.lines[0].obligated_cents == wanted, why
    (before,) = amounts_before(follow.lines[0])
    share = sum(cents for group, _, cents in adjustments if group == "PR")
    assert (before.allowed_cents, before.paid_cents, before.patient_cents) == (paid + share, paid, share)
    assert most_second_cents(follow.lines[0]) == (wanted or 17500) - paid
    assert check_claim(follow) == []


OWN = [  # takes replacement, takes void, path, in error, the way, why
    ("no", "no", "resubmit", False, Way.NEW_CLAIM, "a second original is what it takes"),
    ("no", "no", "paper", False, Way.NEW_CLAIM, "on paper"),
    ("no", "no", "call", True, Way.REOPENING, "it is called"),
    ("no", "yes", "frequency", False, Way.VOID_THEN_NEW, "voids only"),
    ("no", "yes", "frequency", True, Way.VOID, "voids only, billed in error"),
    ("yes", "no", "frequency", True, Way.REOPENING, "replacements only, billed in error"),
    ("yes", "no", "frequency", False, Way.REPLACEMENT, "replacements only"),
]


@pytest.mark.parametrize(("replaces", "voids", "path", "in_error", "way", "why"), OWN)
def test_a_payers_own_row_goes_before_that_of_its_kind(tmp_path, replaces, voids, path, in_error, way, why):
    own = {
        "payer_id": EVERGREEN.payer_id, "payer_kind": "commercial", "claim_filing_code": "",
        "accepts_replacement": replaces, "accepts_void": voids, "path": path,
        "path_words": f"Do it by {path}", "source": "the payer's manual", "confidence": "seen",
    }  # fmt: skip
    general = loader.read_text("posting/correction_paths.csv")
    (tmp_path / "posting").mkdir()
    (tmp_path / "posting" / "correction_paths.csv").write_text(general + ",".join(own.values()) + "\n")
    loader.use_overlay(tmp_path)
    try:
        found = correction_path(EVERGREEN, NUMBERS, is_adjudicated=True, bills_in_error=in_error)
        other = msgspec.structs.replace(EVERGREEN, payer_id="OTHER")
        assert correction_path(other, NUMBERS, is_adjudicated=True).way is Way.REPLACEMENT
    finally:
        loader.use_overlay(None)
    assert found.way is way, why
    assert way in (Way.VOID, Way.REPLACEMENT) or found.words == f"Do it by {path}"
