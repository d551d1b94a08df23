"""Many posters, one payment: run by a drill in a process of its own.

    python -m tests.drills.racers make | race ROUNDS POSTERS [unguarded]

`race` prints one JSON document: what each round's posters were told, and what the books say.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from datetime import UTC, datetime

from django.db import connection, transaction
from tests.drills import poster  # sets the product up
from tests.server.cycle import remitting

from cleanclaim.x12.sets.remittance_835 import write_835
from cleanclaim.x12.writer import Envelope, write_x12
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.files import store_file
from cleanclaim_server.clearinghouse.models import StoredFile, TradingPartner
from cleanclaim_server.cycle.posting import taking, whole
from cleanclaim_server.cycle.receiving import process_file
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import trial_balance, verify_ledger
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.remittances.models import Remittance, RemittanceIdentity
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.context import system_context

NOW = remitting.NOW


def race(rounds: int, posters: int) -> dict:
    """In each round `posters` take in the same payment at once, each from a file of its own making."""
    agency = Agency.objects.get()
    told: Counter[str] = Counter()
    winners = []
    with system_context(agency.pk):
        claims = list(Claim.objects.order_by("claim_number")[:rounds])
        partner = TradingPartner.objects.get()
    for number, claim in enumerate(claims, start=1):
        paid = remitting.payment([remitting.answer(claim, 9_000, ("CO", "45", 6_000))], trace=f"RACE{number}")
        with transaction.atomic(), system_context(agency.pk):
            files = [
                store_file(
                    agency.pk, name=f"race{number}-{place}.835", data=_file(paid, 1_000 * number + place),
                    direction="in", partner=partner, now=NOW,
                ).pk
                for place in range(posters)
            ]  # fmt: skip
        answers = _all_at_once(agency.pk, files)
        told.update(answers)
        winners.append(sum(answer == "posted" for answer in answers))
    with system_context(agency.pk):
        practice = Practice.objects.get()
        return {
            "told": dict(told),
            "winners": dict(Counter(winners)),
            "states": dict(Counter(Remittance.objects.values_list("state", flat=True))),
            "files": dict(Counter(StoredFile.objects.values_list("state", flat=True))),
            "active": RemittanceIdentity.objects.filter(is_active=True).count(),
            "entries": Entry.objects.filter(remittance_id__isnull=False).count(),
            "cash_cents": trial_balance(practice.pk).get("deposit_clearing", 0),
            "broken": sorted({one.code for one in verify_ledger(practice.pk, remittances=posted_remittances(practice.pk))}),
        }  # fmt: skip


def _file(paid, number: int) -> bytes:
    """The payment in an envelope of its own: other control numbers, the same content."""
    envelope = Envelope(
        sender_id="SIM", receiver_id="DRILL01", control_number=number, group_control_number=number,
        created_at=datetime(2026, 11, 19, 9, 0, tzinfo=UTC),
    )  # fmt: skip
    return write_x12(envelope, [write_835(paid, control_number="0001")])


def _all_at_once(agency_id, files: list) -> list[str]:
    gate, answers = threading.Barrier(len(files)), []

    def one(file_id) -> None:
        try:
            connection.ensure_connection()
            gate.wait()
            with transaction.atomic(durable=True), system_context(agency_id):
                outcome = process_file(file_id, now=NOW)
            stops = [finding.code for finding in outcome.findings if finding.severity.stops]
            answers.append(
                f"trouble: {stops[0]}" if stops
                else "posted" if outcome.posted else "duplicate" if outcome.duplicates else f"odd: {outcome.state}"
            )  # fmt: skip
        except Exception as error:
            answers.append(f"error: {type(error).__name__}")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(file_id,)) for file_id in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _unguard() -> None:
    """The planted fault: posting looks whether the payment is posted, and claims no identity of its own."""
    from uuid import uuid4

    real = whole.identity_key
    whole.identity_key = lambda content, *, practice_id: f"{real(content, practice_id=practice_id)}:{uuid4()}"
    taking._judge = lambda practice, content, *, balanced: (taking.RemittanceState.READY, [])


if __name__ == "__main__":
    if len(sys.argv) > 4:
        _unguard()
    words = sys.argv[1:]
    answer = poster.make(int(words[1])) if words[0] == "make" else race(int(words[1]), int(words[2]))
    sys.stdout.write(json.dumps(answer) + "\n")
