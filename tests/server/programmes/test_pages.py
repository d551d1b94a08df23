"""The screens of programmes: recording, billing, and what the claim's pages show of a bill."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.utils import timezone
from pypdf import PdfReader

from cleanclaim_server.claims.models import Claim
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.programmes.models import Episode, ProgrammeDay
from cleanclaim_server.tenancy.models import new_id

from .world import DAYS, IOP, TODAY


@pytest.fixture
def client(world, make_user, client_for, monkeypatch):
    """A biller who may also sign, on a day shortly after the programme's week."""
    from cleanclaim_server.identity.models import Grant
    from cleanclaim_server.web.views import shared

    user = make_user("biller", [world.practice])
    Grant.objects.create(user=user, practice=world.practice, role="clinician", provider=world.provider)
    monkeypatch.setattr(shared, "today", lambda request: TODAY)
    return client_for(user)


def episode_form(world, **changes):
    return {
        "practice": "AA", "patient": str(world.patient.pk), "program": IOP, "attending": str(world.provider.pk),
        "location": str(world.location.pk), "authorization": "", "admitted_on": "2026-10-12", "admitted_at": "09:00",
        "admission_type": "3", "admission_source": "1", "diagnoses": "f33.2, F41.1", "conditions": "",
        "plan_hours_week": "9", "ended_on": "", "end_status": "", "request_key": "K1",
    } | changes  # fmt: skip


def test_from_admission_to_a_claim_by_hand(world, client):
    answer = client.post("/programmes/new", episode_form(world))
    episode = Episode.objects.get()
    assert answer.status_code == 302 and answer.url == f"/programmes/{episode.pk}"
    assert (episode.diagnoses, episode.admitted_clock) == (["F33.2", "F41.1"], "0900")
    again = client.post("/programmes/new", episode_form(world))
    assert again.url == "/programmes" and Episode.objects.count() == 1
    page = f"/programmes/{episode.pk}"
    for day in DAYS:
        sent = {"on": day.isoformat(), "minutes": "180", "services": "group, skills", "note_signed": "1"}
        assert client.post(f"{page}/days", sent).status_code == 302
    assert list(ProgrammeDay.objects.order_by("on").values_list("on", "minutes")) == [(d, 180) for d in DAYS]
    shown = client.get(page).content.decode()
    assert "3 days would be billed; still a patient" in shown and "Not billed yet" in shown
    answer = client.post(
        f"{page}/bill", {"first": "2026-10-12", "last": "2026-10-16", "cycle": "", "patient_status": ""}
    )
    claim = Claim.objects.get()
    assert answer.url == f"/claims/{claim.pk}"
    shown = client.get(answer.url).content.decode()
    for text in (
        "0132",
        "Hospital outpatient",
        "0905",
        "12 Oct to 16 Oct 2026",
        "Still a patient",
        "Attending",
    ):
        assert text in shown, text
    shown = client.get(page).content.decode()
    assert claim.claim_number in shown and "Every day on file is billed" in shown
    shown = client.get(f"/sessions/{claim.family.encounter_id}").content.decode()
    assert f"/sessions/{claim.family.encounter_id}/edit" not in shown and page in shown


def test_what_is_refused_is_said_at_its_field_and_nothing_is_kept(world, client):
    answer = client.post("/programmes/new", episode_form(world, diagnoses="", ended_on="2026-10-01"))
    assert answer.status_code == 400 and not Episode.objects.exists()
    answer = client.post("/programmes/new", episode_form(world, ended_on="2026-10-01", end_status="01"))
    assert answer.status_code == 400 and "It ends before it begins" in answer.content.decode()
    client.post("/programmes/new", episode_form(world))
    page = f"/programmes/{Episode.objects.get().pk}"
    answer = client.post(f"{page}/days", {"on": "2026-10-11", "minutes": "180"})
    assert answer.status_code == 400 and "lies outside the episode" in answer.content.decode()
    client.post(f"{page}/days", {"on": "2026-10-12", "minutes": "180"})
    answer = client.post(f"{page}/bill", {"first": "2026-10-13", "last": "2026-10-13"})
    assert answer.status_code == 400 and "No day of this period can be billed" in answer.content.decode()
    assert not Claim.objects.exists()


def test_a_day_is_signed_and_taken_off(world, client):
    client.post("/programmes/new", episode_form(world))
    page = f"/programmes/{Episode.objects.get().pk}"
    client.post(f"{page}/days", {"on": "2026-10-12"})
    day = ProgrammeDay.objects.get()
    assert day.note_signed_at is None and day.minutes is None
    client.post(f"{page}/days/{day.pk}/sign")
    day.refresh_from_db()
    assert day.note_signed_at is not None and day.note_signed_at <= timezone.now()
    client.post(f"{page}/days/{day.pk}/remove")
    assert not ProgrammeDay.objects.exists()


def test_the_list_shows_what_waits_and_filters(world, client, django_assert_max_num_queries):
    for number in range(4):
        episode = world.episode(key=f"E{number}")
        world.days(episode)
    ended = world.episode(key="E9", ended_on=date(2026, 10, 16), end_status="01")
    world.days(ended, DAYS[0])
    world.bill(ended, DAYS[0], DAYS[0], cycle="1", patient_status="01")
    with django_assert_max_num_queries(30):
        shown = client.get("/programmes").content.decode()
    assert shown.count("data-open") == 5
    assert client.get("/programmes?state=waiting").content.decode().count("data-open") == 4
    assert client.get("/programmes?state=ended").content.decode().count("data-open") == 1
    assert "No episodes" in client.get("/programmes?program=partial+hospitalization+day").content.decode()


def test_the_list_of_claims_filters_by_kind(world, client):
    episode = world.episode()
    world.days(episode)
    claim = world.bill(episode)
    number = claim.claim_number
    assert number in client.get("/claims?kind=institutional").content.decode()
    assert number not in client.get("/claims?kind=professional").content.decode()
    assert number not in client.get("/claims?kind=none").content.decode()


def test_the_kind_of_facility_is_set_in_the_settings(world, make_user, client_for):
    manager = client_for(make_user("manager", [world.practice]))
    page = manager.get(f"/settings/practices/{world.practice.pk}/edit").content.decode()
    assert "Type of bill of IOP and PHP days" in page and "013x" in page
    page = manager.get(f"/settings/payers/{world.payer.pk}").content.decode()
    assert "H0035 under 0912" in page


def test_a_bill_is_printed_on_the_ub04_with_what_the_first_payer_said(two_payers, make_user, client_for):
    """The second payer's claim: its UB-04, and a page of the first payer's answer."""
    world = two_payers
    episode = world.episode()
    world.days(episode)
    world.bill(episode)
    world.send()
    world.live(45)
    second = Claim.objects.get(sequence="S")
    user = make_user("biller", [world.practice])
    reader = client_for(user)
    for paper in ("form", "plain"):
        answer = reader.get(f"/claims/{second.pk}/paper?on={paper}&answers=1")
        assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
        text = [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]
        assert len(text) == 2 and "0132" in text[0].replace(" ", "") and "S9480" in text[0].replace(" ", "")
        assert "EVERGREEN HEALTH" in text[1].upper()
    assert "UB-04" in reader.get(f"/claims/{second.pk}").content.decode()


def changed(world, claim, client, **more):
    form = {"cycle": "2", "patient_status": "30", "discharge_at": "", "conditions": ""} | more
    return client.post(f"/programmes/bills/{claim.family.encounter_id}", form)


@pytest.fixture
def billed(world):
    episode = world.episode(conditions=("92",))
    world.days(episode)
    return world.bill(episode)


def test_a_bill_is_changed_on_its_page_and_its_claim_follows(world, client, billed):
    page = f"/programmes/bills/{billed.family.encounter_id}"
    assert page in client.get(f"/claims/{billed.pk}").content.decode()
    episode = Episode.objects.get()
    assert page in client.get(f"/programmes/{episode.pk}").content.decode()
    shown = client.get(page).content.decode()
    assert "Change" not in shown and "On every bill" in shown and 'name="occurrence_code_4"' in shown
    answer = changed(
        world, billed, client, cycle="3", conditions="41", occurrence_code_2="11", occurrence_2="2026-10-01",
        value_code_1="a1", value_1="123.45",
    )  # fmt: skip
    assert answer.url == f"/claims/{billed.pk}"
    shown = client.get(answer.url).content.decode()
    for text in ("says it, and is ready to send", "0133", "11 1 Oct 2026", "A1 123.45", "41"):
        assert text in shown, text
    shown = client.get(page).content.decode()
    assert 'value="2026-10-01"' in shown and 'value="123.45"' in shown and 'value="A1"' in shown


WRONG = [
    ({"occurrence_code_1": "11"}, "The code 11 needs its day."),
    ({"occurrence_1": "2026-10-01"}, "This day needs its code."),
    ({"value_code_2": "80"}, "The code 80 needs its amount."),
    ({"value_code_1": "80", "value_1": "lots"}, "Enter a number"),
    ({"value_code_1": "44", "value_1": "5"}, "Value code 44 is written by itself"),
    ({"conditions": "92"}, "The episode says 92 on every bill already."),
    ({"discharge_at": "16:00"}, "Who is still a patient has no hour of discharge."),
    ({"cycle": "4"}, "does not go with"),
]


@pytest.mark.parametrize(("more", "words"), WRONG)
def test_a_bill_that_does_not_fit_says_why_and_keeps_what_was_typed(world, client, billed, more, words):
    answer = changed(world, billed, client, **more)
    shown = answer.content.decode()
    assert answer.status_code == 400 and words in shown
    assert all(f'value="{value}"' in shown for value in more.values() if value not in "4")


def test_a_bill_that_has_left_is_changed_for_its_correction(world, client, billed):
    world.send()
    answer = changed(world, billed, client, conditions="41")
    assert "on its way as it was sent" in client.get(answer.url).content.decode()
    world.live(45)
    answer = changed(world, billed, client, conditions="41, A1")
    shown = client.get(answer.url).content.decode()
    assert "Build a corrected claim to send the change" in shown
    answer = client.post(f"/claims/{billed.pk}/correct", follow=True)
    shown = answer.content.decode()
    assert "0137" in shown and "A1" in shown


def test_a_session_is_no_bill(world, client, billed):
    other = Encounter.objects.get(pk=billed.family.encounter_id)
    other.pk, other.external_id, other.facts = new_id(), "S9", {}
    other.save(force_insert=True)
    assert client.get(f"/programmes/bills/{other.pk}").status_code == 404
