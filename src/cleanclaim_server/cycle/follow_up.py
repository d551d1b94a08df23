"""Claims that nobody answers: found by looking, not by remembering, so that none is ever forgotten."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from cleanclaim.remittance.nextpayer.deciding import CROSSOVER_WAIT_DAYS
from cleanclaim_server.claims.codes import Lifecycle, PayerState
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.next_payer import WAITS
from cleanclaim_server.cycle.posting import today_of
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.models import Queue, WorkItem

UNANSWERED = frozenset(
    {
        PayerState.WAITING,
        PayerState.FILE_ACCEPTED,
        PayerState.ACCEPTED_CLEARINGHOUSE,
        PayerState.ACCEPTED_PAYER,
        PayerState.PENDING,
    }
)


def find_silent(agency_id: UUID, *, now: datetime) -> int:
    """Ask a person about every sent claim whose payer is silent for longer than it usually is.

    The payer's usual days are its own setting (30 unless it says otherwise). What was answered since, or
    is no longer sent, leaves the queue. Runs in a context over the practices of the agency.

    Returns:
        How many items were opened.
    """
    waits = dict(Payer.objects.filter(agency_id=agency_id).values_list("id", "usual_answer_days"))
    if not waits:
        return 0
    border = now - timedelta(days=min(waits.values()))
    opened = 0
    for practice in Practice.objects.filter(agency_id=agency_id).order_by("id"):
        silent = {}
        rows = Claim.objects.filter(
            practice=practice, payer_state__in=UNANSWERED, lifecycle=Lifecycle.SENT, first_sent_at__lt=border
        )
        for key, payer_id, patient_id, sent_at, expected, charge, limit, provable in rows.values_list(
            "id",
            "payer_id",
            "patient_id",
            "first_sent_at",
            "expected_cents",
            "total_charge_cents",
            "filing_limit_on",
            "filing_limit_enforceable",
        ):
            days = (now - sent_at).days
            if days > waits[payer_id]:
                silent[key] = NewItem(
                    Queue.SILENT,
                    "claim",
                    key,
                    f"No answer for {days // 7} weeks" if days >= 14 else f"No answer for {days} days",
                    claim_id=key,
                    patient_id=patient_id,
                    detail="Ask the payer for the claim's status; keep the proof that it was received.",
                    amount_cents=charge if expected is None else expected,
                    due_on=limit,
                    due_enforceable=provable,
                    due_kind="timely_filing" if limit else "",
                )
        silent |= _not_forwarded(practice, today_of(practice, now))
        asked = WorkItem.objects.filter(practice=practice, queue=Queue.SILENT, is_open=True)
        answered = [key for key in asked.values_list("subject_id", flat=True) if key not in silent]
        close_items(practice.pk, Queue.SILENT, answered, now=now, reason="The payer answered")
        opened += open_items(practice.pk, silent.values(), now=now, today=today_of(practice, now))
    return opened


LATER_PAYER = ("2", "3", "20", "21")


def _not_forwarded(practice: Practice, today: date) -> dict[UUID, NewItem]:
    """Claims that a payer said it forwards, and of which the next payer has not spoken in its time."""
    border = today - timedelta(days=CROSSOVER_WAIT_DAYS)
    posted = RemittanceClaim.objects.filter(practice=practice, remittance__state=RemittanceState.POSTED)
    rows = posted.filter(next_action__startswith=WAITS, remittance__paid_on__lte=border, claim__isnull=False)
    found = {
        family: (key, patient, paid_on, share)
        for key, family, patient, paid_on, share in rows.values_list(
            "claim_id", "claim__family_id", "claim__patient_id", "remittance__paid_on", "patient_cents"
        )
    }
    answered = posted.filter(claim__family_id__in=list(found), status__in=LATER_PAYER).exclude(
        next_action__startswith=WAITS
    )
    for family in answered.values_list("claim__family_id", flat=True):
        found.pop(family, None)
    return {
        key: NewItem(
            Queue.SILENT,
            "claim",
            key,
            "Forwarded by the payer, and the next one is silent",
            claim_id=key,
            patient_id=patient,
            detail=f"Forwarded on {paid_on:%d %b %Y}. Ask the next payer; bill it if nothing arrived.",
            amount_cents=share or 0,
        )
        for key, patient, paid_on, share in found.values()
    }
