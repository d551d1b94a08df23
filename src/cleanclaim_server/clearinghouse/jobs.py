"""What is due: rows with a lease. Handlers may run more than once; their effects carry a key.

A row is written in the transaction of the data it is about, so neither exists without the other.
"""

from __future__ import annotations

import os
import socket
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q

from cleanclaim_server.clearinghouse.models import Job
from cleanclaim_server.practice.models import Agency
from cleanclaim_server.tenancy.context import system_context

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 5
AT_ONCE = 20
Handler = Callable[[Job, datetime], object]


@dataclass
class JobCounts:
    """What a round did."""

    done: int = 0
    failed: int = 0
    parked: int = 0


def enqueue(
    agency_id: UUID, kind: str, event_key: str, *, due_at: datetime, subject_id: UUID | None = None
) -> None:
    """Say that something is due; the same kind and key a second time is the same job."""
    Job.objects.bulk_create(
        [Job(agency_id=agency_id, kind=kind, event_key=event_key, subject_id=subject_id, due_at=due_at)],
        ignore_conflicts=True,
    )


def run_due(now: datetime, handlers: Mapping[str, Handler], limit: int = 100) -> JobCounts:
    """Do what is due, for every agency. Opens its own transactions: call it outside one.

    A handler gets the job and `now`, outside any transaction. An error puts the job off, longer each
    time; after five attempts it is parked. A worker that dies leaves a lease that ends.

    Args:
        now: The moment; also what `due_at` and leases are compared with.
        handlers: By kind. Kinds without a handler wait.
        limit: At most this many jobs per agency.
    """
    counts = JobCounts()
    me = f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid4().hex[:8]}"
    for agency_id in Agency.objects.order_by("id").values_list("id", flat=True):
        left = limit
        while left > 0:
            jobs = _lease(agency_id, now, me, list(handlers), min(AT_ONCE, left), counts)
            if not jobs:
                break
            left -= len(jobs)
            for job in jobs:
                _run_one(job, now, me, handlers[job.kind], counts)
    return counts


def heartbeat(job: Job, now: datetime) -> bool:
    """Prolong the lease of long work. False: another worker has taken it; stop."""
    with transaction.atomic(durable=True), system_context(job.agency_id):
        return bool(_mine(job).update(leased_until=now + LEASE))


def _lease(
    agency_id: UUID, now: datetime, me: str, kinds: list[str], count: int, counts: JobCounts
) -> list[Job]:
    ready = Q(state="due", due_at__lte=now) | Q(state="leased", leased_until__lt=now)
    with transaction.atomic(durable=True), system_context(agency_id):
        rows = Job.objects.filter(ready, agency_id=agency_id, kind__in=kinds).order_by("due_at", "id")
        skip = connection.features.has_select_for_update_skip_locked
        found = list(rows.select_for_update(skip_locked=skip)[:count])
        jobs = []
        for job in found:
            if job.attempts >= MOST_ATTEMPTS:  # its worker died each time: poison
                job.state, job.error, job.leased_until = "parked", "the worker ended without an answer", None
                counts.parked += 1
            else:
                job.state, job.leased_by, job.leased_until = "leased", me, now + LEASE
                job.attempts += 1
                jobs.append(job)
        Job.objects.bulk_update(found, ["state", "leased_by", "leased_until", "attempts", "error"])
    if found and not jobs:
        return _lease(agency_id, now, me, kinds, count, counts)
    return jobs


def _run_one(job: Job, now: datetime, me: str, handler: Handler, counts: JobCounts) -> None:
    try:
        handler(job, now)
    except Exception as error:  # whatever a handler does wrong concerns its own job alone
        parked = job.attempts >= MOST_ATTEMPTS
        wait = timedelta(seconds=30 * 4 ** (job.attempts - 1))
        changes = {
            "state": "parked" if parked else "due", "due_at": now + wait, "leased_until": None,
            "error": _safe_words(error),
        }  # fmt: skip
        counts.parked += parked
        counts.failed += not parked
    else:
        changes = {"state": "done", "done_at": now, "leased_until": None, "error": ""}
        counts.done += 1
    with transaction.atomic(durable=True), system_context(job.agency_id):
        _mine(job).update(**changes)


def _mine(job: Job):
    return Job.objects.filter(pk=job.pk, state="leased", leased_by=job.leased_by, attempts=job.attempts)


def _safe_words(error: BaseException) -> str:
    """Type and place of an error. Its text may hold patient data and stays out."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    code = str(getattr(error, "code", "") or "")[:60]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} {code}".strip()[:300]
