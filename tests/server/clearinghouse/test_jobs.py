"""A job is done at least once, its lease ends with its worker, and poison is parked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cleanclaim_server.clearinghouse import jobs
from cleanclaim_server.clearinghouse.models import Job

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def test_the_same_key_is_one_job(agency):
    for _ in range(3):
        jobs.enqueue(agency.pk, "work", "one", due_at=NOW)
    seen = []
    assert jobs.run_due(NOW, {"work": lambda job, now: seen.append(job.event_key)}).done == 1
    assert jobs.run_due(NOW, {"work": lambda job, now: seen.append(job.event_key)}).done == 0
    assert seen == ["one"]


def test_what_is_not_due_or_has_no_handler_waits(agency):
    jobs.enqueue(agency.pk, "work", "later", due_at=NOW + timedelta(minutes=1))
    jobs.enqueue(agency.pk, "other", "now", due_at=NOW)
    assert jobs.run_due(NOW, {"work": lambda job, now: None}).done == 0


def test_poison_is_parked_after_five_and_its_words_stay_out(agency):
    jobs.enqueue(agency.pk, "work", "bad", due_at=NOW)
    jobs.enqueue(agency.pk, "work", "good", due_at=NOW)

    def handle(job, now):
        if job.event_key == "bad":
            raise ValueError("PATIENT NAME")

    now = NOW
    for _ in range(8):
        jobs.run_due(now, {"work": handle})
        now += timedelta(days=1)
    bad, good = Job.objects.get(event_key="bad"), Job.objects.get(event_key="good")
    assert (bad.state, bad.attempts, good.state) == ("parked", 5, "done")
    assert "ValueError" in bad.error and "PATIENT" not in bad.error


def test_a_dead_workers_lease_ends(agency):
    jobs.enqueue(agency.pk, "work", "one", due_at=NOW)

    def die(job, now):
        raise SystemExit

    def fine(job, now):
        assert jobs.heartbeat(job, now)

    with pytest.raises(SystemExit):
        jobs.run_due(NOW, {"work": die})
    assert jobs.run_due(NOW + timedelta(minutes=1), {"work": fine}).done == 0
    assert jobs.run_due(NOW + timedelta(minutes=11), {"work": fine}).done == 1


def test_a_job_that_always_kills_its_worker_is_parked(agency):
    jobs.enqueue(agency.pk, "work", "one", due_at=NOW)

    def die(job, now):
        raise SystemExit

    for minute in range(0, 55, 11):
        with pytest.raises(SystemExit):
            jobs.run_due(NOW + timedelta(minutes=minute), {"work": die})
    assert jobs.run_due(NOW + timedelta(minutes=66), {"work": die}).parked == 1
    assert Job.objects.get().state == "parked"


def test_a_worker_that_lost_its_lease_changes_nothing(agency):
    jobs.enqueue(agency.pk, "work", "one", due_at=NOW)

    def slow(job, now):
        jobs.run_due(NOW + timedelta(minutes=11), {"work": lambda job, now: None})
        assert not jobs.heartbeat(job, now)
        raise ValueError

    jobs.run_due(NOW, {"work": slow})
    assert Job.objects.get().state == "done"
