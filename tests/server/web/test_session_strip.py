"""The session-to-code strip: what it shows, and minutes that disagree with the clock."""

from __future__ import annotations

import pytest
from tests.server.web.desk import SERVED

from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.tenancy.context import system_context


@pytest.fixture
def ask(desk, client_for):
    """What the preview answers to a form; the clock says 45 minutes."""
    client = client_for(desk.user)

    def post(**changes) -> str:
        form = {
            "patient": desk.patient.pk, "provider": desk.provider.pk, "date_of_service": SERVED.isoformat(),
            "starts_at": "10:00", "stops_at": "10:45", "service": "individual psychotherapy", "setting": "office",
            "modality": "in_person", "participants": "patient", "diagnoses": "F41.1",
        } | changes  # fmt: skip
        answer = client.post("/sessions/preview", form)
        assert answer.status_code == 200
        return answer.content.decode()

    return post


@pytest.mark.parametrize(
    ("typed", "said", "buttons"),
    [
        ("", "", []),
        ("45", "", []),
        ("60", "That is 90834 or 90837.", ["Use the clock: 90834", "Stopped 11:00: 90837"]),
        ("10", "That is 90834 or no code.", ["Use the clock: 90834", "Stopped 10:10: no code"]),
        ("50", "Both are 90834.", ["Use the clock: 90834", "Stopped 10:50: 90834"]),
    ],
)
def test_minutes_that_disagree_with_the_clock_are_settled_in_one_click(ask, typed, said, buttons):
    page = ask(minutes=typed)
    assert ("The clock says 45 minutes" in page) == bool(said)
    assert said in page and all(f">{button}</button>" in page for button in buttons)


def test_each_choice_settles_it(ask):
    assert "90834" in ask(minutes="") and "The clock says" not in ask(minutes="")
    settled = ask(minutes="60", stops_at="11:00")
    assert "90837" in settled and "The clock says" not in settled


def test_a_session_past_midnight_counts_on(ask):
    page = ask(starts_at="23:40", stops_at="00:25", minutes="60")
    assert "The clock says 45 minutes" in page and 'data-set-value="00:40"' in page


def test_visits_left_and_the_rest_stand_in_the_strip(ask, desk):
    assert "no authorization on file" in ask()
    with system_context(desk.practice.agency_id):
        Authorization.objects.create(
            practice=desk.practice, patient=desk.patient, coverage=desk.coverage, number="A1", units=10,
            starts_on=SERVED.replace(month=1, day=1), ends_on=SERVED.replace(month=12, day=31),
        )  # fmt: skip
    page = ask()
    assert '<dt>Visits left</dt><dd class="num">9' in page and "of 10 authorized" in page
    for part in ("Code", "Place of service", "Charge", "Expected", "From 53 minutes it is 90837"):
        assert part in page
