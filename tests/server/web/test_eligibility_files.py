"""A 271 in the inbox: what is proved goes on file and judges waiting claims; the rest waits for a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.server.cycle.remitting import envelope
from tests.server.web.desk import SERVED, TODAY
from tests.server.web.test_eligibility_answers import found

from cleanclaim.x12.sets.eligibility import (
    AnsweredDependent,
    AnsweredSubscriber,
    AnsweringSource,
    AnswerReceiver,
    Benefit,
    EligibilityAnswer,
    write_271,
)
from cleanclaim.x12.sets.parties import Dated, Party, Rejection, Trace
from cleanclaim.x12.writer import write_x12
from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.coverage.matching import About, Policies
from cleanclaim_server.coverage.models import Coverage, EligibilityReply
from cleanclaim_server.coverage.models import EligibilityAnswer as KeptAnswer
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.tenancy.sealing import blind_index
from cleanclaim_server.work.models import WorkItem

NOW = datetime.combine(TODAY, time(15), UTC)
BORN = date(1984, 2, 3)
SINCE = (Dated("346", date(2020, 1, 1)),)
ACTIVE = Benefit("1", coverage_level="IND", service_types=("30",))
INACTIVE = Benefit("6", coverage_level="IND", service_types=("30",))
PRIMARY = Benefit("R", service_types=("30",), entities=(Party("PRP", "2", "OTHER HEALTH"),))
COPAY = Benefit("B", coverage_level="IND", service_types=("MH",), period="27", amount_cents=2500)


@pytest.fixture
def client(desk, client_for):
    return client_for(desk.user)


def person(*benefits, **changes):
    said = {
        "entity": "IL", "kind": "1", "name": "QUILL", "first_name": "AVERY", "id_qualifier": "MI",
        "id": "W123456789", "birth_date": BORN, "benefits": benefits,
        "traces": (Trace("OURS1", kind="2", origin="9123456789"),),
    } | changes  # fmt: skip
    return AnsweredSubscriber(**said)


def file_271(desk, *people, on: date = TODAY, npi: str = "") -> bytes:
    receiver = AnswerReceiver(
        entity="1P",
        kind="2",
        name="PRACTICE",
        id_qualifier="XX",
        id=npi or desk.practice.npi,
        subscribers=people,
    )
    source = AnsweringSource(
        entity="PR", kind="2", name="EVERGREEN HEALTH", id_qualifier="PI", id="60054", receivers=(receiver,)
    )
    answer = EligibilityAnswer("ELIG7", on, "0931", sources=(source,))
    return write_x12(envelope(), [write_271(answer, control_number="0001")])


def receive(desk, *people, name: str = "in.271", **more):
    with system_context(desk.practice.agency_id):
        data = file_271(desk, *people, **more)
        file = receive_file(desk.practice.agency_id, name=name, data=data, now=NOW)
        file.refresh_from_db()
        return file


def kept(desk) -> list[KeptAnswer]:
    with system_context(desk.practice.agency_id):
        return list(KeptAnswer.objects.order_by("recorded_at", "id"))


def waiting(desk) -> list[EligibilityReply]:
    with system_context(desk.practice.agency_id):
        return list(EligibilityReply.objects.filter(state="waiting").order_by("position"))


def items(desk) -> list[WorkItem]:
    with system_context(desk.practice.agency_id):
        return list(WorkItem.objects.filter(queue="eligibility", is_open=True))


NOT_FOUND = (Rejection("75", "C"),)
PROVED = [  # person, what is kept, finding of the waiting claim, its state
    (person(ACTIVE, COPAY, dates=SINCE), "active", None, "ready"),
    (person(INACTIVE, dates=(Dated("472", SERVED),)), "inactive", "edits.coverage_inactive", "held"),
    (person(ACTIVE, PRIMARY, dates=SINCE), "other_payer", "edits.coverage_other_payer", "held"),
    (person(rejections=NOT_FOUND, dates=(Dated("472", SERVED),)), "not_found", "edits.coverage_patient_not_found", "held"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "said", "code", "state"), PROVED)
def test_an_answer_about_one_policy_goes_on_file_and_judges_its_claims(one, said, code, state, desk):
    claim = desk.claim()
    assert "edits.coverage_not_verified" in found(desk, claim)
    file = receive(desk, one)
    assert (file.kind, file.state, file.findings) == ("271", "read", [])
    assert file.practice_ids == [str(desk.practice.pk)]
    (row,) = kept(desk)
    assert (row.said, row.coverage_id, row.source, row.reference) == (said, desk.coverage.pk, "271", "ELIG7")
    assert (row.file_id, row.transaction, row.recorded_by, row.answered_on) == (file.pk, "0001", None, TODAY)
    segment = file_271(desk, one).split(b"~")[1 + row.position].strip()
    assert segment.startswith(b"AAA" if said == "not_found" else b"EB"), segment
    assert desk.reread(claim).lifecycle == state
    codes = {name for name in found(desk, claim) if "coverage_" in name}
    assert codes == ({code} if code else set())
    assert not waiting(desk) and not items(desk)
    with system_context(desk.practice.agency_id):
        assert AuditRow.objects.filter(action="coverage.answer_recorded").count() == 1


WAITS = [  # person, reason
    (person(ACTIVE, name="QUILT"), "another name"),
    (person(ACTIVE, first_name="ALEX"), "another name"),
    (person(ACTIVE, birth_date=BORN + timedelta(days=1)), "birth date differs"),
    (person(ACTIVE, birth_date=None), "does not say the birth date"),
    (person(ACTIVE, id="W9"), "No policy on file has this member number"),
    (person(COPAY), "Neither active nor inactive"),
    (person(ACTIVE, INACTIVE), "active and not active"),
    (person(rejections=(Rejection("42", "R"),)), "AAA 42"),
    (person(ACTIVE, dates=(Dated("347", date(2019, 12, 31)),)), "starts after this day"),
]


@pytest.mark.parametrize(("one", "why"), WAITS)
def test_what_is_not_proved_or_not_clear_changes_nothing_and_waits(one, why, desk, client):
    claim = desk.claim()
    file = receive(desk, one)
    assert [row["code"] for row in file.findings] == ["cycle.eligibility_waits"]
    assert not kept(desk)
    (row,) = waiting(desk)
    (item,) = items(desk)
    assert why in row.why and item.subject_id == row.pk and item.detail == row.why
    assert desk.reread(claim).lifecycle == "ready"
    assert "edits.coverage_not_verified" in found(desk, claim)
    for text in (row.why, item.title, str(file.findings)):
        assert "QUIL" not in text and "W123" not in text and "1984" not in text
    page = client.get(f"/eligibility/{row.pk}").content.decode()
    assert row.why.replace("'", "&#x27;") in page and "Whose answer is this?" in page
    assert "Eligibility answers to place" in client.get("/").content.decode()


def test_unclear_does_not_take_the_place_of_a_clear_answer(desk):
    receive(desk, person(ACTIVE, dates=SINCE))
    receive(desk, person(rejections=(Rejection("42", "R"),)), name="later.271")
    assert [row.said for row in kept(desk)] == ["active"]


@pytest.mark.parametrize(
    "changes",
    [{"first_name": "AVERY J"}, {"name": "quill"}, {"name": "Quíll"}, {"id": "w123 456789"}],
    ids=["middle name", "small letters", "accent", "blanks in the number"],
)
def test_spelling_that_means_the_same(changes, desk):
    one = person(ACTIVE, **changes)
    with system_context(desk.practice.agency_id):
        about = About(one.id, one.name, one.first_name, one.birth_date, "60054")
        policies = Policies([desk.practice.pk], [one.id])
        assert policies.find([desk.practice.pk], about, TODAY).coverage == desk.coverage


def another(desk, **changes) -> Coverage:
    values = {
        "practice": desk.practice, "patient": desk.patient, "plan": desk.plan, "member_id": "W123456789",
        "member_id_index": blind_index("W123456789", purpose="member_id", practice_id=desk.practice.pk),
        "starts_on": date(2020, 1, 1), "order": 2,
    } | changes  # fmt: skip
    return Coverage.objects.create(**values)


def test_of_two_policies_with_one_number_the_one_in_force_is_meant_or_nobody(desk):
    with system_context(desk.practice.agency_id):
        another(desk, starts_on=date(2018, 1, 1), ends_on=date(2019, 12, 31))
    receive(desk, person(ACTIVE))
    assert [row.coverage_id for row in kept(desk)] == [desk.coverage.pk]
    with system_context(desk.practice.agency_id):
        another(desk, order=3)
    receive(desk, person(INACTIVE), name="second.271")
    assert len(kept(desk)) == 1
    assert "2 policies on file fit alike" in waiting(desk)[0].why


def test_a_child_is_answered_under_the_parents_number(desk):
    with system_context(desk.practice.agency_id):
        child = Patient.objects.create(
            practice=desk.practice, chart_number="C7", first_name="Robin", last_name="Quill",
            birth_date_sealed="2012-05-06",
        )  # fmt: skip
        policy = another(desk, patient=child, order=1, relationship="19")
    dependent = AnsweredDependent(
        entity="03", kind="1", name="QUILL", first_name="ROBIN", birth_date=date(2012, 5, 6),
        traces=(Trace("OURS2", kind="2", origin="9123456789"),), benefits=(ACTIVE,),
    )  # fmt: skip
    receive(desk, person(dependents=(dependent,)))
    assert [row.coverage_id for row in kept(desk)] == [policy.pk]
    assert not waiting(desk)


def test_an_answer_for_nobody_of_ours_is_told(desk, practice_b):
    file = receive(desk, person(ACTIVE, id="X77"), npi="1999999984")
    assert [row["code"] for row in file.findings] == ["cycle.eligibility_of_nobody"]
    assert not kept(desk) and not waiting(desk) and file.practice_ids == []


def test_one_bad_answer_never_stops_the_others(desk):
    receive(desk, person(COPAY), person(ACTIVE, dates=SINCE), person(ACTIVE, id="W9"))
    assert [row.said for row in kept(desk)] == ["active"]
    assert len(waiting(desk)) == 2 == len(items(desk))


def test_the_same_bytes_are_taken_once(desk):
    receive(desk, person(ACTIVE))
    assert receive(desk, person(ACTIVE), name="again.271").state == "duplicate"
    assert len(kept(desk)) == 1


def test_a_person_says_whose_it_is(desk, client):
    claim = desk.claim()
    receive(desk, person(INACTIVE, first_name="AVE", dates=(Dated("472", SERVED),)))
    (row,) = waiting(desk)
    page = client.get(f"/eligibility/{row.pk}").content.decode()
    assert "agree: member number, birth date" in page and "3 Feb 1984" in page and "This policy" in page
    done = client.post(f"/eligibility/{row.pk}/place/{desk.coverage.pk}", follow=True).content.decode()
    assert (
        "The answer is on file. 1 waiting claim checked again." in done and "eligibility answer (271)" in done
    )
    assert desk.reread(claim).lifecycle == "held"
    (answer,) = kept(desk)
    assert (answer.said, answer.recorded_by, answer.position) == ("inactive", desk.user.pk, row.position)
    assert not waiting(desk) and not items(desk)
    again = client.post(f"/eligibility/{row.pk}/place/{desk.coverage.pk}", follow=True).content.decode()
    assert "It was decided before." in again and len(kept(desk)) == 1
    assert "It is on file at" in again


def test_what_is_not_clear_is_read_and_recorded_by_hand(desk, client):
    receive(desk, person(COPAY))
    (row,) = waiting(desk)
    page = client.get(f"/eligibility/{row.pk}").content.decode()
    assert "This policy" not in page
    assert f"/coverages/{desk.coverage.pk}/answers/new?back=/eligibility/{row.pk}" in page
    refused = client.post(f"/eligibility/{row.pk}/place/{desk.coverage.pk}", follow=True).content.decode()
    assert "Record by hand what you read" in refused and not kept(desk)
    aside = client.post(f"/eligibility/{row.pk}/aside", follow=True).content.decode()
    assert "Set aside." in aside and not items(desk)


def test_who_may_only_read_decides_nothing(desk, make_user, client_for):
    receive(desk, person(ACTIVE, first_name="AVE"))
    (row,) = waiting(desk)
    reader = client_for(make_user("auditor", [desk.practice]))
    page = reader.get(f"/eligibility/{row.pk}").content.decode()
    assert "This policy" not in page and "Set aside" not in page
    assert reader.post(f"/eligibility/{row.pk}/aside").status_code == 403
    assert len(waiting(desk)) == 1


def test_many_people_are_taken_with_a_bounded_number_of_queries(desk):
    def taking(count: int, name: str) -> int:
        people = [person(ACTIVE, id=f"N{number}") for number in range(count)]
        with CaptureQueriesContext(connection) as seen:
            receive(desk, person(INACTIVE), *people, name=name)
        return len(seen)

    taking(1, "warm.271")
    few, many = taking(3, "few.271"), taking(30, "many.271")
    assert many <= few + 2, (few, many)
