"""Comparing again after a contract changed, and what a contract could learn from payments."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction

from cleanclaim.pricing.contracts import Observation, Proposal, learn_rates, plainest
from cleanclaim.pricing.underpayment import observations, paid_lines
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.jobs import enqueue
from cleanclaim_server.clearinghouse.models import Job
from cleanclaim_server.contracts.actions import dismissal_key, newest_version
from cleanclaim_server.contracts.models import PayerContract, RateDismissed
from cleanclaim_server.cycle.underpayments import comparing
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.bulk import chunks
from cleanclaim_server.work.models import Queue, WorkItem

LOOK_BACK_DAYS = 365
COMPARED = "Compared with the contract since"
COMPARE = "compare_contract"
NOW_AT_MOST = 2_000
"""Claims that a person waits for; more are left to the worker."""
AT_ONCE = 5_000
"""Claims compared in one step; a step keeps a bounded number in memory."""


def compare_contract(contract: PayerContract, *, now: datetime, today: date) -> int:
    """Compare a year of a payer's answers with its contract as it is now. Returns how many changed.

    A contract without any history is quick; a year of 20,000 claims takes some seconds.
    """
    ids = _answered(contract.practice_id, contract.payer_id, today)
    changed = 0
    for part in chunks(ids, AT_ONCE):
        changed += len(comparing.compare_claims(contract.practice_id, part, now=now, today=today))
    _could_be_compared(contract, now)
    record(
        "contract.compared",
        "payer_contract",
        contract.pk,
        practice_id=contract.practice_id,
        claims=len(ids),
        changed=changed,
    )
    return changed


def _could_be_compared(contract: PayerContract, now: datetime) -> None:
    """Close the work on payments of this payer that could not be compared before: now they were."""
    waiting = WorkItem.objects.filter(
        practice_id=contract.practice_id, queue=Queue.UNDERPAID, subject_type="remittance", is_open=True
    ).values_list("subject_id", flat=True)
    mine = Remittance.objects.filter(
        practice_id=contract.practice_id, pk__in=list(waiting), payer_id=contract.payer_id
    )
    done = list(mine.values_list("pk", flat=True))
    close_items(contract.practice_id, Queue.UNDERPAID, done, now=now, reason=COMPARED)


def compare_soon(contract: PayerContract, *, now: datetime, today: date) -> int | None:
    """Compare at once when it is quick, else leave it to the worker. Returns what changed; None: later."""
    if len(_answered(contract.practice_id, contract.payer_id, today)) <= NOW_AT_MOST:
        return compare_contract(contract, now=now, today=today)
    number = newest_version(contract).number
    enqueue(
        contract.practice.agency_id, COMPARE, f"contract:{contract.pk}:{number}", due_at=now,
        subject_id=contract.pk,
    )  # fmt: skip
    return None


def compare_job(job: Job, now: datetime) -> None:
    """The worker's part of `compare_soon`."""
    with transaction.atomic(durable=True), system_context(job.agency_id):
        contract = PayerContract.objects.select_related("practice").get(pk=job.subject_id)
        today = now.astimezone(ZoneInfo(contract.practice.timezone)).date()
        compare_contract(contract, now=now, today=today)


def proposals(contract: PayerContract, *, today: date) -> list[Proposal]:
    """Rates that the last year's payments show, the contract does not hold, and nobody has dismissed."""
    value = newest_version(contract).value
    seen = observed(contract.practice_id, contract.payer_id, value.payer_id, today=today)
    dismissed = set(RateDismissed.objects.filter(contract=contract).values_list("key", flat=True))
    return [one for one in learn_rates(plainest(seen), value) if dismissal_key(one) not in dismissed]


def observed(practice_id: UUID, payer_id: UUID, name: str, *, today: date) -> list[Observation]:
    """What the last year's payments of one payer show of its rates."""
    found: list[Observation] = []
    for part in chunks(_answered(practice_id, payer_id, today), AT_ONCE):
        sent = comparing.sent_claims(practice_id, part)
        answers = comparing.standing_answers(practice_id, sent)
        for key, one in sent.items():
            found += observations(paid_lines(one.value, [answer for answer, _ in answers.get(key, ())]))
    return [msgspec.structs.replace(one, payer_id=name) for one in found]


def _answered(practice_id: UUID, payer_id: UUID, today: date) -> list[UUID]:
    rows = Claim.objects.filter(
        practice_id=practice_id,
        payer_id=payer_id,
        date_of_service__gte=today - timedelta(days=LOOK_BACK_DAYS),
        remittance_claims__isnull=False,
    )
    return list(rows.order_by("date_of_service", "id").values_list("id", flat=True).distinct())
