"""Giving a received payment to a practice: its rows, its matches, and whether it may post."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from cleanclaim.findings import Finding
from cleanclaim.money import money_text
from cleanclaim.remittance import (
    balance,
    content_hash,
    identity_key,
)
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.fail_points import reach
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.matching import match_answers
from cleanclaim_server.postingrules.resolving import numbers_of
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.actions import write_rows
from cleanclaim_server.remittances.models import (
    InboxRemittance,
    Remittance,
    RemittanceIdentity,
    RemittanceState,
)
from cleanclaim_server.work.actions import NewItem, open_items
from cleanclaim_server.work.models import Queue


def take_remittance(
    inbox: InboxRemittance,
    content: RemittanceValue,
    practice: Practice,
    *,
    now: datetime,
    findings: tuple[Finding, ...] = (),
) -> Remittance:
    """Give a received payment to a practice: keep its rows, match its claims, and judge whether it may post.

    Args:
        findings: What reading it found. One that stops holds the payment: it may have lost a part.

    Returns:
        The remittance: READY, HELD (with the exact difference), DUPLICATE or QUARANTINED.
    """
    report = balance(content, file=inbox.file.name)
    reach("balanced")
    stops = [finding for finding in findings if finding.severity.stops]
    state, told = _judge(practice, content, inbox.part, balanced=report.balanced and not stops)
    answers = []
    if state != RemittanceState.DUPLICATE:
        answers = match_answers(practice.pk, content.claims, numbers_of(content))
    remittance = Remittance.objects.create(
        practice=practice,
        inbox=inbox,
        file_id=inbox.file_id,
        transaction=content.control_number,
        part=inbox.part,
        payer=_payer(practice, content, [answer.claim_id for answer in answers if answer.claim_id]),
        payer_name=content.payer.name[:80],
        trace_number=content.trace_number[:50],
        trace_payer_id=content.trace_payer_id[:30],
        paid_cents=content.paid_cents,
        paid_on=content.paid_on,
        method=content.method[:3],
        claims_count=len(content.claims),
        claims_paid_cents=report.claims_paid_cents,
        plb_cents=report.provider_adjustments_cents,
        content_hash=content_hash(content),
        difference_cents=report.difference_cents,
        findings=[msgspec.to_builtins(finding) for finding in (*findings, *report.findings)] + told,
        state=state,
        received_at=inbox.received_at,
    )
    if state != RemittanceState.DUPLICATE:
        write_rows(remittance, content, answers)
        reach("rows written")
    InboxRemittance.objects.filter(pk=inbox.pk).update(
        practice=practice, state="duplicate" if state == RemittanceState.DUPLICATE else "taken"
    )
    if state in (RemittanceState.HELD, RemittanceState.QUARANTINED):
        ask_for_review(remittance, report.difference_cents, now=now, today=today_of(practice, now))
    return remittance


def today_of(practice: Practice, now: datetime) -> date:
    """The day it is at the practice."""
    return now.astimezone(ZoneInfo(practice.timezone)).date()


def _judge(
    practice: Practice, content: RemittanceValue, part: int, *, balanced: bool
) -> tuple[RemittanceState, list[dict]]:
    key, says = identity_key(content, practice_id=str(practice.pk), part=part), content_hash(content)
    active = RemittanceIdentity.objects.filter(practice=practice, identity_key=key, is_active=True).first()
    if active is not None and active.content_hash != says:
        return RemittanceState.QUARANTINED, [
            _told("remittance.same_payment_other_content",
                  "A payment with this trace number, amount and day is posted, and says something else.")
        ]  # fmt: skip
    before = Remittance.objects.filter(
        practice=practice, trace_number=content.trace_number[:50], trace_payer_id=content.trace_payer_id[:30],
        paid_cents=content.paid_cents, paid_on=content.paid_on, content_hash=says, part=part,
    ).exclude(state__in=(RemittanceState.DUPLICATE, RemittanceState.MOVED))  # fmt: skip
    if active is not None or before.exists():
        return RemittanceState.DUPLICATE, [
            _told("remittance.duplicate", "The same payment was received before; it was not posted again.")
        ]
    return (RemittanceState.READY if balanced else RemittanceState.HELD), []


def _told(code: str, message: str) -> dict:
    return {"code": code, "severity": "tell", "message": message}


def ask_for_review(
    remittance: Remittance, difference: int = 0, *, now: datetime, today: date, why: str = ""
) -> None:
    """Put a payment before a person: it is held, in quarantine, or (`why`) could not be posted."""
    title = (
        f"Remittance held: {money_text(abs(difference))} do not add up"
        if difference
        else why or "Remittance held"
    )
    if remittance.state == RemittanceState.QUARANTINED:
        title = "Remittance held: this payment is posted with other content"
    detail = remittance.findings[0].get("message", "") if remittance.findings else ""
    item = NewItem(
        Queue.REMITTANCE,
        "remittance",
        remittance.pk,
        title,
        detail=detail,
        amount_cents=remittance.paid_cents,
    )
    open_items(remittance.practice_id, [item], now=now, today=today)


def _payer(practice: Practice, content: RemittanceValue, claim_ids: list[UUID]) -> Payer | None:
    known = [value for value in (content.payer.id, content.trace_payer_id) if value]
    known += [value for _, value in content.payer.additional_ids]
    rows = list(Payer.objects.filter(agency_id=practice.agency_id, payer_id__in=known)[:2]) if known else []
    if len(rows) == 1:
        return rows[0]
    payers = set(Claim.objects.filter(pk__among=claim_ids).values_list("payer_id", flat=True).distinct())
    return Payer.objects.filter(pk__in=payers).first() if len(payers) == 1 else None
