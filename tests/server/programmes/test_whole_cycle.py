"""Days of a programme from recording to a balance of zero."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from pyx12_judge import pyx12_errors
from tests.server.cycle import remitting

from cleanclaim.claim import decode_claim
from cleanclaim.coding import SessionFacts
from cleanclaim.x12.sets.claim_837i.claims import check_institutional
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine, RemitParty
from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling import HandlingRefused, correct_claim, mend_claim, void_claim
from cleanclaim_server.cycle.intake import Masters, SessionInput, record_sessions
from cleanclaim_server.cycle.programmes import EpisodeInput, change_episode
from cleanclaim_server.cycle.receiving import receive_files
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.models import Leg
from cleanclaim_server.ledger.queries import verify_ledger
from cleanclaim_server.programmes.models import ProgrammeDay
from cleanclaim_server.remittances.models import Remittance, RemittanceLine
from cleanclaim_server.statements.actions import NewPayment, record_payment
from cleanclaim_server.tenancy.context import system_context

from .world import DAYS, IOP, NOW, PHP, RATE, SUD, TODAY, make_world

LATER = datetime(2026, 12, 10, 15, tzinfo=UTC)


def balances() -> dict[str, int]:
    """Sum of the legs by account, zeros left out."""
    found: dict[str, int] = {}
    for account, cents in Leg.objects.values_list("account", "amount_cents"):
        found[account] = found.get(account, 0) + cents
    return {account: cents for account, cents in found.items() if cents}


@pytest.mark.parametrize(
    ("program", "revenue", "code"),
    [(IOP, "0905", "S9480"), (SUD, "0906", "H0015"), (PHP, "0912", "H0035")],
)
def test_days_become_one_institutional_claim_and_leave_as_an_837i(world, program, revenue, code):
    diagnoses = ("F11.20",) if program == SUD else ("F33.2", "F41.1")
    episode = world.episode(program, diagnoses=diagnoses)
    world.days(episode)
    claim = world.bill(episode)
    assert (claim.lifecycle, claim.bill_type, claim.codes, claim.total_charge_cents) == (
        "ready", "0132", code, 3 * RATE,
    ), list(claim.findings.values_list("code", "message"))  # fmt: skip
    assert (claim.date_of_service, claim.date_of_service_end) == (DAYS[0], DAYS[-1])
    value = decode_claim(bytes(claim.frozen))
    assert [(line.revenue_code, line.code, line.date_of_service, line.units) for line in value.lines] == [
        (revenue, code, day, "1") for day in DAYS
    ]
    assert value.bill.patient_status == "30" and value.rendering is None
    assert (value.bill.attending.npi, value.bill.admitted_clock) == ("1245319599", "0900")
    assert set(ProgrammeDay.objects.values_list("encounter", flat=True)) == {claim.family.encounter_id}
    (data,) = world.send()
    assert b"005010X223A2" in data and pyx12_errors(data) == []
    claim.refresh_from_db()
    assert claim.lifecycle == "sent"


def test_from_days_to_a_patient_balance(world):
    """The payer allows 65 % and leaves a fifth of that to the patient."""
    episode = world.episode()
    world.days(episode)
    claim = world.bill(episode)
    world.send()
    world.live(45)
    claim.refresh_from_db()
    allowed = 3 * (RATE * 65 // 100)
    share = 3 * (RATE * 65 // 100 // 5)
    assert (claim.payer_state, claim.accepted_at is not None) == ("paid", True)
    assert claim.acknowledgments.filter(kind="277CA", result="accepted").exists()
    left = balances()
    assert left.pop("patient_service_revenue") == -3 * RATE
    assert left.pop("patient_receivable") == share
    assert left.pop("contractual_adjustments") == 3 * RATE - allowed
    assert left == {"deposit_clearing": allowed - share}
    with world.inside():
        record_payment(
            world.patient, NewPayment(share, "check", LATER.date(), "K1"), actor_id=uuid4(), now=LATER,
            today=LATER.date(),
        )  # fmt: skip
    left = balances()
    assert "patient_receivable" not in left and "insurance_receivable" not in left
    assert left["deposit_clearing"] == allowed
    assert verify_ledger(world.practice.pk) == []


def test_the_line_of_the_835_is_the_day(world):
    """Per-diem lines post each to its own day."""
    episode = world.episode()
    world.days(episode)
    claim = world.bill(episode)
    world.send()
    world.live(45)
    answers = RemittanceLine.objects.filter(remittance_claim__claim=claim).order_by("number")
    assert [(one.service_on, one.claim_line.date_of_service, one.paid_cents) for one in answers] == [
        (day, day, RATE * 65 // 100 - RATE * 65 // 100 // 5) for day in DAYS
    ]


def test_a_denied_programme_is_work_with_its_cause(practice_a):
    with system_context(practice_a.agency_id):
        world = make_world(practice_a, "N3100200")  # no authorization
    episode = world.episode()
    world.days(episode)
    claim = world.bill(episode)
    world.send()
    world.live(45)
    claim.refresh_from_db()
    assert claim.payer_state == "denied"
    assert set(Denial.objects.filter(claim=claim).values_list("reason", flat=True)) == {"197"}
    assert balances() == {"insurance_receivable": 3 * RATE, "patient_service_revenue": -3 * RATE}


def test_a_rejected_file_is_sent_again_and_counts_once(practice_a):
    with system_context(practice_a.agency_id):
        world = make_world(practice_a, "R9100200")
    episode = world.episode()
    world.days(episode)
    claim = world.bill(episode)
    world.send()
    world.live(3)
    claim.refresh_from_db()
    assert claim.payer_state == "rejected_file" and claim.lifecycle == "held"
    with world.inside():
        mend_claim(claim.pk, claim.practice_id, actor_id=uuid4(), now=NOW, today=TODAY, anyway=True)
    world.live(45, TODAY + timedelta(days=4))
    claim.refresh_from_db()
    assert (claim.payer_state, claim.batch_claims.filter(is_live=True).count()) == ("paid", 1)


def test_a_corrected_claim_goes_out_as_xx7_with_the_payers_number(world, make_user):
    who = make_user("biller", [world.practice])
    episode = world.episode()
    world.days(episode)
    claim = world.bill(episode)
    world.send()
    world.live(45)
    with world.inside():
        with pytest.raises(HandlingRefused, match="The records say what was sent"):
            correct_claim(claim.pk, claim.practice_id, actor_id=who.pk, now=LATER, today=LATER.date())
        data = EpisodeInput(
            world.patient, world.provider, world.location, IOP, DAYS[0], "2", "1", "E1", ("F33.1",), "0900"
        )
        change_episode(episode, data, actor_id=who.pk)
        new = correct_claim(claim.pk, claim.practice_id, actor_id=who.pk, now=LATER, today=LATER.date())
    assert (new.bill_type, new.frequency, new.lifecycle) == ("0137", "7", "ready"), list(
        new.findings.values_list("code", "message")
    )
    (data,) = world.send(LATER)
    assert b"13:A:7" in data and b"REF*F8*" in data and pyx12_errors(data) == []
    world.live(60, LATER.date())
    new.refresh_from_db()
    assert new.payer_state == "paid"
    left = balances()
    # Replaced: the first answer is undone, the second pays everything that it allows.
    assert (left["patient_service_revenue"], left["deposit_clearing"]) == (-3 * RATE, 3 * RATE * 65 // 100)
    assert "patient_receivable" not in left and "insurance_receivable" not in left
    assert verify_ledger(world.practice.pk) == []


def test_a_void_goes_out_as_xx8_and_takes_the_money_back(world):
    episode = world.episode()
    world.days(episode)
    claim = world.bill(episode)
    world.send()
    world.live(45)
    with world.inside():
        void = void_claim(
            claim.pk,
            claim.practice_id,
            reason="Billed in error",
            actor_id=uuid4(),
            now=LATER,
            today=LATER.date(),
        )
    assert void.bill_type == "0138"
    (data,) = world.send(LATER)
    assert b"13:A:8" in data and pyx12_errors(data) == []
    world.live(60, LATER.date())
    left = balances()
    # What it paid is ours to give back: the payer takes it from its next payment.
    assert left["payer_debt"] == -left["deposit_clearing"] == -3 * (RATE * 65 // 100 - RATE * 65 // 100 // 5)
    assert "patient_receivable" not in left and "contractual_adjustments" not in left
    assert verify_ledger(world.practice.pk) == []


def answered(claim, *, lines=(), adjustments=(), paid, remarks=()) -> bytes:
    whole = RemitClaim(
        claim.claim_number, "1", claim.total_charge_cents, paid, None, "12", "EV9900001", "13", "2",
        patient=RemitParty("FALL", "TERRY", "MI", "CN100200"), adjustments=adjustments, lines=lines,
        remarks=remarks, service_from=DAYS[0], service_to=DAYS[-1],
    )  # fmt: skip
    return remitting.file_835(remitting.payment([whole]))


@pytest.mark.parametrize("by_line", [False, True], ids=["the claim as a whole", "lines by revenue code"])
def test_what_payers_of_facilities_do_otherwise_posts_by_the_same_plan(two_payers, by_line):
    """No service lines at all with claim-level adjustments, or lines under NU and the revenue code."""
    world = two_payers
    episode = world.episode()
    world.days(episode)
    claim = world.bill(episode)
    world.send()
    day = 24_000
    if by_line:
        lines = tuple(
            RemitLine(
                "0905", RATE, day - 4_000, "NU", service_from=on, line_control=f"{claim.claim_number}L{n}",
                adjustments=(Cas("CO", "45", RATE - day), Cas("PR", "2", 4_000)),
            )
            for n, on in enumerate(DAYS, start=1)
        )  # fmt: skip
        data = answered(claim, lines=lines, paid=3 * (day - 4_000))
    else:
        whole = (Cas("CO", "45", 3 * (RATE - day)), Cas("PR", "2", 12_000))
        data = answered(claim, adjustments=whole, paid=3 * day - 12_000, remarks=("MA01",))
    with world.inside():
        receive_files(world.practice.agency_id, [("a.835", data)], partner=world.partner, now=LATER)
    claim.refresh_from_db()
    assert claim.payer_state == "paid", list(Remittance.objects.values_list("state", "differences"))
    left = balances()
    assert left["contractual_adjustments"] == 3 * (RATE - day)
    assert left["deposit_clearing"] == 60_000
    second = Claim.objects.get(sequence="S")
    value = decode_claim(bytes(second.frozen))
    assert value.other_payers[0].paid_cents == 60_000
    assert check_institutional(value) == []
    (sent,) = world.send(LATER)
    assert pyx12_errors(sent) == []


def test_the_second_payer_is_told_what_the_first_said_and_the_rest_is_the_patients(two_payers):
    world = two_payers
    episode = world.episode()
    world.days(episode)
    world.bill(episode)
    world.send()
    world.live(90)
    second = Claim.objects.get(sequence="S")
    value = decode_claim(bytes(second.frozen))
    day = RATE * 65 // 100
    assert (second.bill_type, second.payer_state, value.bill_type) == ("0132", "paid", "0132")
    assert [one.other_payers[0].paid_cents for one in value.lines] == [day - day // 5] * 3
    assert value.other_payers[0].payer_control_number
    file = second.batch_claims.get().batch.transfer.file
    data = bytes(file.content)
    assert b"SVD*60054*" in data and pyx12_errors(data) == []
    # The second payer pays four fifths of what the first left to the patient.
    left = balances()
    assert left["patient_receivable"] == 3 * (day // 5 - day // 5 * 80 // 100)
    assert "insurance_receivable" not in left
    assert verify_ledger(world.practice.pk) == []


def test_sessions_and_programme_days_leave_in_files_of_their_own(world):
    with world.inside():
        ChargeRate.objects.create(
            practice=world.practice, code="90837", amount_cents=18_000, starts_on=DAYS[0]
        )
        facts = SessionFacts(
            dos=date(2026, 10, 13), service=("individual psychotherapy",), setting="office", credential="",
            payer_kind="", minutes=(55,),
        )  # fmt: skip
        item = SessionInput("S1", "C1", world.provider.npi, facts, ("F33.2",), note_signed_at=NOW)
        record_sessions(Masters(world.practice), [item], now=NOW, today=TODAY)
    episode = world.episode()
    world.days(episode)
    world.bill(episode)
    files = world.send()
    assert sorted(data.count(b"~CLM*") for data in files) == [1, 1]
    assert {guide for guide in (b"005010X222A1", b"005010X223A2") for data in files if guide in data} == {
        b"005010X222A1", b"005010X223A2",
    }  # fmt: skip
    assert all(pyx12_errors(data) == [] for data in files)
