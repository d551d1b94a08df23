"""Sessions come in: coded, priced, built into claims, edited."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from cleanclaim.claim import decode_claim
from cleanclaim.coding import SessionFacts
from cleanclaim_server.claims.models import Claim, ClaimHold
from cleanclaim_server.cycle.intake import Masters, SessionInput, record_sessions, sign_note, take_sessions
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.ledger.models import Leg
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.work.models import WorkItem

NOW = datetime(2026, 3, 3, 22, tzinfo=UTC)
TODAY = date(2026, 3, 3)


def commercial(synthetic, code):
    """A patient with a plain commercial policy of their own, and the clinician that sees them."""
    kinds = {payer.payer_id: payer.kind.value for payer in synthetic.payers}
    for patient in synthetic.patients:
        first = patient.coverages[0]
        clinician = next(
            (
                one
                for one in synthetic.clinicians
                if patient.therapy and one.id == patient.therapy.clinician_id
            ),
            None,
        )
        if (
            patient.practice_code == code
            and kinds[first.payer_id] == "commercial"
            and clinician
            and not clinician.supervisor_id
            and len(patient.coverages) == 1
            and not patient.authorizations
        ):
            return patient, clinician
    raise LookupError


def session(patient, clinician, **changes) -> SessionInput:
    facts = SessionFacts(
        dos=date(2026, 3, 2),
        service=("individual psychotherapy",),
        setting="office",
        credential="",
        payer_kind="",
        minutes=(changes.pop("minutes", 53),),
        modality="in_person",
    )
    given = {
        "external_id": "S1",
        "chart_number": patient.chart_number,
        "provider_npi": clinician.npi,
        "facts": facts,
        "diagnoses": ("F41.1",),
        "note_signed_at": NOW,
    } | changes
    return SessionInput(**given)


@pytest.fixture
def story(agency, demo, synthetic):
    code = synthetic.practices[1].code
    patient, clinician = commercial(synthetic, code)
    with system_context(agency.id):
        yield demo[code], patient, clinician


def record(practice, *items):
    return record_sessions(Masters(practice), items, now=NOW, today=TODAY)


def test_a_signed_session_becomes_a_claim_ready_to_send(story):
    practice, patient, clinician = story
    taken, findings, repeated = record(practice, session(patient, clinician))
    assert (len(taken), findings, repeated) == (1, [], 0)
    claim = Claim.objects.get()
    assert (claim.codes, claim.lifecycle) == ("90837", "ready"), list(
        claim.findings.values_list("code", "message")
    )
    value = decode_claim(claim.frozen)
    assert value.lines[0].control_number == f"{claim.claim_number}L1"
    assert value.total_charge_cents == claim.total_charge_cents > 0
    assert sum(Leg.objects.values_list("amount_cents", flat=True)) == 0
    assert sorted(Leg.objects.values_list("account", "amount_cents")) == [
        ("insurance_receivable", claim.total_charge_cents),
        ("patient_service_revenue", -claim.total_charge_cents),
    ]


def test_an_unsigned_session_is_held_until_it_is_signed(story):
    practice, patient, clinician = story
    taken, _, _ = record(practice, session(patient, clinician, note_signed_at=None))
    claim = Claim.objects.get()
    assert claim.lifecycle == "held"
    assert list(ClaimHold.objects.values_list("cause", flat=True)) == ["unsigned_note"]
    assert list(WorkItem.objects.filter(is_open=True).values_list("queue", flat=True)) == ["unsigned"]
    sign_note(taken[0], now=NOW, today=TODAY, actor_id=taken[0].id)
    claim.refresh_from_db()
    assert claim.lifecycle == "ready"
    assert list(WorkItem.objects.filter(is_open=True).values_list("queue", flat=True)) == ["ready"]


def test_a_session_too_short_is_refused_with_its_reason(story):
    practice, patient, clinician = story
    taken, _, _ = record(practice, session(patient, clinician, minutes=15))
    assert (taken[0].state, taken[0].coding["error_code"]) == ("refused", "E_BELOW_MIN_PSYTX")
    assert (Claim.objects.count(), Leg.objects.count()) == (0, 0)
    assert list(WorkItem.objects.values_list("queue", flat=True)) == ["session"]


def test_the_same_session_twice_is_one_session(story):
    practice, patient, clinician = story
    record(practice, session(patient, clinician))
    taken, findings, repeated = record(practice, session(patient, clinician))
    assert (taken, findings, repeated) == ([], [], 1)
    assert (Encounter.objects.count(), Claim.objects.count()) == (1, 1)


REFUSED = [  # change, finding, why
    ({"chart_number": "nobody"}, "sessions.patient_unknown", "a chart number that is not ours"),
    ({"provider_npi": "1999999999"}, "sessions.provider_unknown", "an NPI that is not ours"),
    ({"supervisor_npi": "1999999999"}, "sessions.supervisor_unknown", "a supervisor that is not ours"),
    ({"location_name": "Atlantis"}, "sessions.location_unknown", "a place that is not ours"),
    ({"payer_id": "NOT-THE-PAYER"}, "sessions.payer_differs", "the row names another payer than the policy"),
    ({"authorization_number": "NONE"}, "sessions.authorization_unknown", "an authorization nobody recorded"),
]


@pytest.mark.parametrize(("change", "code", "why"), REFUSED)
def test_a_row_that_names_what_is_not_on_file_is_refused_and_the_rest_go_on(story, change, code, why):
    practice, patient, clinician = story
    bad = session(patient, clinician, external_id="BAD", **change)
    taken, findings, _ = record(practice, bad, session(patient, clinician))
    assert [finding.code for finding in findings] == [code], why
    assert [row.external_id for row in taken] == ["S1"]
    assert patient.person.last_name not in msgspec.json.encode(findings).decode()


def test_a_file_of_sessions_keeps_its_bytes_and_says_what_was_wrong_with_each_row(story):
    practice, patient, clinician = story
    data = (
        "session_id,dos,service,setting,minutes,patient,provider,diagnoses,note_signed_at\n"
        f"A1,2026-03-02,individual psychotherapy,office,53,{patient.chart_number},{clinician.npi},F41.1,2026-03-02T20:00-05:00\n"
        f"A2,2026-02-30,individual psychotherapy,office,53,{patient.chart_number},{clinician.npi},F41.1,\n"
        f"A3,2026-03-02,individual psychotherapy,office,53,unknown,{clinician.npi},F41.1,\n"
    ).encode()
    batch = take_sessions(practice, data, name="sessions.csv", now=NOW, today=TODAY)
    assert (batch.rows_total, batch.rows_taken, batch.rows_repeated) == (3, 1, 0), batch.findings
    assert [finding["where"]["line"] for finding in batch.findings] == [3, 4]
    assert bytes(batch.file.content) == data


BAD_FILES = [  # bytes, why
    (b"", "an empty file"),
    (b"ISA*00*          *00*", "an X12 file"),
    (b"PK\x03\x04 not a csv", "a spreadsheet"),
    (b"a,b,c\n1,2,3\n", "no column that we need"),
]


@pytest.mark.parametrize(("data", "why"), BAD_FILES)
def test_a_file_that_is_no_session_file_imports_nothing_and_is_kept(story, data, why):
    practice, _, _ = story
    batch = take_sessions(practice, data, name="x", now=NOW, today=TODAY)
    assert (batch.rows_taken, Encounter.objects.count()) == (0, 0), why
    assert batch.findings[0]["remedy"], why
    assert bytes(batch.file.content) == data
