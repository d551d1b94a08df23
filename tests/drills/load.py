"""The end of a month: a big 835 posts while people look at pages. Run by a drill, each in a process of its own.

    python -m tests.drills.load sign-in | post [hold [fault]] | look

`post` works through what is due and prints its processor seconds and memory; with `hold` it stops just before
its commit, says `held`, and goes on when told. `look` answers `page` on its input with what a person's page
said: the status, the milliseconds, and how many audit rows of looking are on file.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client
from tests.drills import poster  # sets the product up
from tests.server.cycle import remitting

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.clearinghouse import fail_points
from cleanclaim_server.cycle.worker import run_worker
from cleanclaim_server.identity import sessions
from cleanclaim_server.identity.models import Grant, User
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.tenancy.context import system_context

LOOKER = "looker@drill.test"
PAGES = ("/claims", "/work", "/remittances")
PATIENCE_MS = 5_000
"""How long a page may wait for a lock before it is said to be stuck."""


def sign_in() -> None:
    """A person who may see the practice; made once, in the database that is copied."""
    agency = Agency.objects.get()
    with system_context(agency.pk):
        user = User.objects.create_user(
            LOOKER, "correct horse battery staple", display_name="Pat", agency=agency
        )
        for role in ("biller", "poster", "manager"):
            Grant.objects.create(user=user, practice=Practice.objects.get(), role=role)


def post(*words: str) -> None:
    """Post what lies in the inbox, as the worker does."""
    poster._use_folders()
    if "hold" in words:
        fail_points.listener = _Hold(is_faulty="fault" in words)
    _say("begin")
    begun = time.process_time()
    while run_worker(remitting.NOW):
        pass
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    _say(json.dumps({"computed_s": round(time.process_time() - begun, 2), "memory_mb": memory}))


class _Hold:
    """Stops the poster when all of it is written and nothing is committed."""

    def __init__(self, *, is_faulty: bool) -> None:
        self.is_faulty = is_faulty

    def __call__(self, name: str) -> None:
        if name != "audit written":
            return
        if self.is_faulty:  # the planted fault: the audit is chained inside the transaction of the posting
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE audit_auditrow IN SHARE ROW EXCLUSIVE MODE")
        _say("held")
        sys.stdin.readline()


def look() -> None:
    """Serve pages as they are asked for, each with its audit row."""
    settings.ALLOWED_HOSTS = ["testserver"]
    user = User.objects.get(email=LOOKER)
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="cleanclaim_server.identity.backend.SessionBackend")
    session = client.session
    session[sessions.BEGAN] = session[sessions.SEEN] = sessions.now()
    session[sessions.FACTOR] = "totp"
    session.save()
    for path in PAGES:  # templates are read once
        client.get(path)
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {PATIENCE_MS}")
    _say("ready")
    for number, _ in enumerate(sys.stdin):
        begun = time.perf_counter()
        answer = client.get(PAGES[number % len(PAGES)])
        spent = time.perf_counter() - begun
        _say(json.dumps({"status": answer.status_code, "ms": round(spent * 1000), "audited": _looks()}))


def _looks() -> int:
    with system_context(Agency.objects.get().pk):
        return AuditRow.objects.exclude(action="remittance.post").count()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    assert Path(settings.DATA_DIR).is_dir()
    {"sign-in": sign_in, "post": post, "look": look}[sys.argv[1]](*sys.argv[2:])
    os._exit(0)  # nothing is left to a finalizer: the drill measures the work
