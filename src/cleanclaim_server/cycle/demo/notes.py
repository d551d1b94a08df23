"""One audited note of the demo's last evening: copied from an earlier visit, and too short for its code."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling.auditing import audit_session_note
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.identity.models import User
from cleanclaim_server.practice.models import Agency

_NOTE = """Progress note
Date of service: {on}
Session {start:%I:%M %p} to {stop:%I:%M %p}, in the office, with the patient.
Diagnosis: as billed.
Symptoms: worry on most days, poor sleep four nights of seven, two days of work missed since the last visit.
Intervention: cognitive restructuring of the fear of being judged at the weekly meeting; a graded list of six
situations was written together, from asking one question by chat to presenting the whole report aloud; paced
breathing was practised for ten minutes and rated before and after.
Response: was able to name two thoughts that came before the worry and to weigh the evidence for each; the
rating went from seven to four; said the list looked long but the first two steps could be done this week.
Goal: speak in two meetings by the end of the quarter; progress: one of two.
Risk: no thoughts of harm to self or others were voiced when asked.
Plan: weekly sessions; do steps one and two, keep the sleep diary, bring the list again.
Signed: {signed}, {credential}, {on}
"""
SHORT = timedelta(minutes=30)


def audit_one(agency: Agency, coder: User, *, on: date, now: datetime) -> int:
    """Audit the note of a claim that waits, after the one it repeats; returns how many notes were audited.

    Works in the caller's open transaction.
    """
    waiting = (
        Claim.objects.filter(
            practice__agency=agency, date_of_service=on, lifecycle=Lifecycle.READY, codes__contains="90834"
        )
        .select_related("family__encounter__rendering_provider", "family__encounter__practice")
        .defer("frozen")
        .order_by("claim_number")
        .first()
    )
    if waiting is None:
        return 0
    tonight = waiting.family.encounter
    earlier = (
        Encounter.objects.filter(
            practice_id=tonight.practice_id,
            rendering_provider_id=tonight.rendering_provider_id,
            date_of_service__lt=on,
            service=tonight.service,
            state="charged",
            starts_at__isnull=False,
        )
        .select_related("rendering_provider", "practice")
        .order_by("-date_of_service", "external_id")
        .first()
    )
    audited = 0
    for encounter in (earlier, tonight):
        if encounter is not None:
            audit_session_note(encounter, _text(encounter), acting_user=coder, now=now, today=on)
            audited += 1
    return audited


def _text(encounter: Encounter) -> str:
    who = encounter.rendering_provider
    start = datetime.combine(encounter.date_of_service, encounter.starts_at)
    return _NOTE.format(
        on=f"{encounter.date_of_service:%Y-%m-%d}",
        start=start,
        stop=start + SHORT,
        signed=f"{who.first_name} {who.last_name}",
        credential=who.credential,
    )
