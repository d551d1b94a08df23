"""The process that a drill kills: makes a practice with claims, posts what waits, tells what the books say.

    python -m tests.drills.poster migrate | make COUNT | post | tell | settle

The database and data folder come from the environment, as for the product. `post` says `begin` when
the worker starts and `done` when nothing is due; with CLEANCLAIM_DRILL_KILL=NAME it kills itself, as
hard as `kill -9`, when that place is reached. CLEANCLAIM_DRILL_FAULT=commit_per_claim plants the fault
that the drill must catch.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from cleanclaim_server.config import installing

installing.set_up_django()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from tests.server.cycle import remitting  # noqa: E402

from cleanclaim.x12.sets.records import ProviderAdjustment  # noqa: E402
from cleanclaim_server.audit.models import AuditRow  # noqa: E402
from cleanclaim_server.claims.models import Claim, ClaimEvent  # noqa: E402
from cleanclaim_server.clearinghouse import fail_points  # noqa: E402
from cleanclaim_server.clearinghouse.models import Job, StoredFile  # noqa: E402
from cleanclaim_server.cycle.posting import whole  # noqa: E402
from cleanclaim_server.cycle.worker import run_worker  # noqa: E402
from cleanclaim_server.denials.models import Denial  # noqa: E402
from cleanclaim_server.ledger.models import Entry  # noqa: E402
from cleanclaim_server.ledger.queries import trial_balance, verify_ledger  # noqa: E402
from cleanclaim_server.practice.models import Agency, Practice  # noqa: E402
from cleanclaim_server.remittances.models import Remittance, RemittanceIdentity  # noqa: E402
from cleanclaim_server.remittances.queries import posted_remittances  # noqa: E402
from cleanclaim_server.tenancy import context  # noqa: E402
from cleanclaim_server.tenancy.context import system_context  # noqa: E402
from cleanclaim_server.work.models import WorkItem  # noqa: E402

NOW = remitting.NOW
CHARGE = 15_000
QUICK = bool(os.environ.get("CLEANCLAIM_DRILL_QUICK"))
"""Tell without proving the books: for the look after a death, when what counts is all or nothing."""


def migrate() -> None:
    """An empty installation."""
    installing.prepare_folder(Path(settings.DATA_DIR), Path(settings.CLEANCLAIM_KEYS_FILE), today=NOW.date())
    installing.migrate()


def make(count: int) -> dict:
    """Into an empty installation a practice with `count` claims sent, and in its inbox one 835 that
    answers them in every manner.
    """
    folder = Path(settings.DATA_DIR)
    agency = Agency.objects.create(name="Drill Billing", submitter_id="DRILL01")
    with system_context(agency.pk):
        practice = Practice.objects.create(
            agency=agency, code="AA", name="Practice AA", npi="1234567893", taxonomy="261QM0850X",
            tax_id="990000001", address_line1="1 Example St", city="Albany", state="NY", postal_code="122070001",
        )  # fmt: skip
    with system_context(agency.pk):
        world = remitting.make_world(practice)
        for name in ("in", "out"):
            (folder / name).mkdir(exist_ok=True)
        world.partner.transport = "folder"
        world.partner.config = {"inbox": "in", "outbox": "out", "settle_seconds": 0}
        world.partner.save()
        claims = remitting.make_claims(world, count, CHARGE)
    paid = remitting.payment(
        [_answer(claim, place) for place, claim in enumerate(claims)],
        provider=(ProviderAdjustment("1234567893", date(2026, 12, 31), "L6", "INTEREST", -1234),),
    )
    (folder / "in" / "drill.835").write_bytes(remitting.file_835(paid))
    return {"claims": count, "paid_cents": paid.paid_cents}


def _answer(claim: Claim, place: int):
    if place % 10 == 3:
        return remitting.answer(claim, 0, ("CO", "197", CHARGE), status="4")
    if place % 10 == 5:
        return remitting.answer(claim, 0, ("CO", "45", 5_000), ("PR", "1", 10_000))
    if place % 50 == 7:  # nobody's: the number is not one of ours
        lines = tuple(_other(line) for line in remitting.answer(claim, 9_000, ("CO", "45", 6_000)).lines)
        return remitting.answer(claim, 9_000, ("CO", "45", 6_000), claim_number=f"ELSE{place}", lines=lines)
    return remitting.answer(claim, 9_000, ("CO", "45", 4_000), ("PR", "2", 2_000))


def _other(line):
    import msgspec

    return msgspec.structs.replace(line, line_control="", code="99199")


def post() -> None:
    """Do what is due until nothing is; time passes, so that a dead worker's lease ends."""
    _use_folders()
    wanted = os.environ.get("CLEANCLAIM_DRILL_KILL", "")
    if wanted:
        name, _, place = wanted.partition(":")
        fail_points.listener = _Killer(name, int(place or 1))
    if os.environ.get("CLEANCLAIM_DRILL_CUT"):
        fail_points.listener = _Cutter(os.environ["CLEANCLAIM_DRILL_CUT"])
    if os.environ.get("CLEANCLAIM_DRILL_FAULT") == "commit_per_claim":
        whole.write_entries = _commit_per_claim
    _say("begin")
    now = NOW + timedelta(minutes=int(os.environ.get("CLEANCLAIM_DRILL_MINUTES", "0")))
    while run_worker(now):
        pass
    _say("done")


def _use_folders() -> None:
    """The partner's folders lie in this trial's data folder."""
    from cleanclaim_server.clearinghouse.models import TradingPartner

    folder = Path(settings.DATA_DIR)
    with system_context(Agency.objects.get().pk):
        partner = TradingPartner.objects.get()
        config = {"inbox": str(folder / "in"), "outbox": str(folder / "out"), "settle_seconds": 0}
        if partner.config != config:
            partner.config = config
            partner.save()


class _Cutter:
    """Cuts the connection at the commit: before it is asked for, or after, with the answer unread."""

    def __init__(self, when: str) -> None:
        self.when = when

    def __call__(self, name: str) -> None:
        if name != "commit":
            return
        wire = connection.connection.pgconn
        if self.when == "after":
            wire.send_query(b"COMMIT")
            wire.flush()
            time.sleep(0.3)
        with socket.socket(fileno=os.dup(wire.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)


class _Killer:
    def __init__(self, name: str, place: int) -> None:
        self.name, self.left = name, place

    def __call__(self, name: str) -> None:
        if name == self.name:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


_write_entries = whole.write_entries


def _commit_per_claim(practice_id, entries: Sequence, *, file=None) -> int:
    """The planted fault: each claim's entries are committed by themselves."""
    for entry in entries:
        _write_entries(practice_id, [entry], file=file)
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")
            cursor.execute("BEGIN")
        context._tell_database(context.current_tenant())
        connection.savepoint_ids.clear()
        fail_points.reach("claim committed")
    return len(entries)


def tell() -> dict:
    """What the books and the records say: equal dictionaries, equal outcome."""
    agency = Agency.objects.get()
    with system_context(agency.pk):
        practice = Practice.objects.get()
        remittances = list(Remittance.objects.values_list("state", "paid_cents"))
        entries = Entry.objects.filter(remittance_id__isnull=False)
        balance = trial_balance(practice.pk)
        return {
            "files": StoredFile.objects.count(),
            "remittances": sorted([state, cents] for state, cents in remittances),
            "active": RemittanceIdentity.objects.filter(is_active=True).count(),
            "entries": entries.count(),
            "keys": entries.values("idempotency_key").distinct().count(),
            "balance": balance,
            "claims": dict(_counts(Claim.objects.all(), "payer_state")),
            "events": ClaimEvent.objects.filter(kind="adjudicated").count(),
            "denials": Denial.objects.count(),
            "work": dict(_counts(WorkItem.objects.filter(is_open=True), "queue")),
            "audited": AuditRow.objects.filter(action="remittance.post").count(),
            "jobs": dict(_counts(Job.objects.all(), "state")),
            "broken": [] if QUICK else sorted({f"{one.code}" for one in _verify(practice.pk)}),
        }


def _verify(practice_id):
    return verify_ledger(practice_id, remittances=posted_remittances(practice_id))


def _counts(rows, name: str):
    from django.db.models import Count

    return rows.order_by(name).values_list(name).annotate(count=Count("pk"))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(words: list[str]) -> None:
    command, *rest = words
    if command == "migrate":
        migrate()
        _say("done")
    elif command == "make":
        _say(json.dumps(make(int(rest[0]))))
    elif command == "post":
        post()
    elif command == "settle":
        post()
        _say(json.dumps(tell()))
    else:
        _say(json.dumps(tell()))


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # nothing is left to a finalizer: the drill measures the work
