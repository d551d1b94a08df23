"""Programme days in a session file: to their episode, a faulty row for itself, the same row once."""

from __future__ import annotations

import pytest

from cleanclaim_server.cycle.intake import take_sessions
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.programmes.models import Episode, ProgrammeDay

from .world import DAYS, NOW, TODAY

HEAD = (
    "session_id,patient,provider,dos,service,setting,minutes,diagnoses,episode,attended,admitted_on,admitted_at,"
    "admission_type,admission_source,note_signed_at\n"
)
FIRST = "D1,C1,1245319599,2026-10-12,psychiatric IOP day,facility_ub04,180,F33.2,IOP-7,group;skills,2026-10-12,09:00,3,1,2026-10-12T17:00-04:00\n"


def take(world, text):
    with world.inside():
        return take_sessions(world.practice, text.encode(), name="days.csv", now=NOW, today=TODAY)


def test_days_open_their_episode_and_join_it(world):
    rows = FIRST + "D2,C1,1245319599,2026-10-14,psychiatric IOP day,facility_ub04,185,,IOP-7,,,,,,\n"
    rows += "D3,C1,1245319599,2026-10-16,psychiatric IOP day,facility_ub04,,,,,,,,,\n"  # the one that holds the day
    batch = take(world, HEAD + rows)
    assert (batch.rows_taken, batch.findings) == (3, [])
    episode = Episode.objects.get()
    assert (episode.external_id, episode.admitted_clock, episode.diagnoses) == ("IOP-7", "0900", ["F33.2"])
    days = list(ProgrammeDay.objects.order_by("on").values_list("on", "minutes", "services"))
    assert days == [(DAYS[0], 180, ["group", "skills"]), (DAYS[1], 185, []), (DAYS[2], None, [])]
    assert not Encounter.objects.exists()
    again = take(world, HEAD + rows)
    assert (again.rows_taken, again.rows_repeated, ProgrammeDay.objects.count()) == (0, 3, 3)


FAULTS = [
    ("patient,C1,C9", "programme.patient_unknown"),
    ("episode,IOP-7,", "programme.episode_unknown"),
    ("admitted_on,2026-10-12\\,09,\\,09", "programme.episode_unknown"),
    ("admitted_on,2026-10-12\\,09,12/10/26\\,09", "programme.admission_unreadable"),
    ("provider,1245319599,1003000126", "programme.provider_unknown"),
    ("type,09:00\\,3,09:00\\,7", "episode.code_unknown"),
    ("dos,2026-10-12\\,psych,2026-10-11\\,psych", "programme.day_outside"),
]


@pytest.mark.parametrize(("change", "code"), FAULTS, ids=[code for _, code in FAULTS])
def test_a_faulty_row_is_said_and_stops_no_other(world, change, code):
    _, old, new = (part.replace("\0", ",") for part in change.replace("\\,", "\0").split(","))
    faulty = FIRST.replace(old, new, 1)
    assert faulty != FIRST
    good = FIRST.replace("D1", "D2").replace("IOP-7", "IOP-8").replace("2026-10-12,psych", "2026-10-13,psych")
    batch = take(world, HEAD + faulty + good)
    assert [one["code"] for one in batch.findings] == [f"sessions.{code}"]
    assert (batch.rows_taken, ProgrammeDay.objects.count(), Episode.objects.count()) == (1, 1, 1)
    assert "FALL" not in str(batch.findings).upper()
