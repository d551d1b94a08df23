"""The sessions of the demo's last evening: claims that wait under all three lights of *Before sending*.

They repeat sessions that were coded and billed before, so that they code alike. Most may go, some name a
diagnosis twice, and a biller has repaired one.
"""

from __future__ import annotations

from datetime import date, datetime, time

import msgspec

from cleanclaim.coding import SessionFacts
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling import HandlingRefused, fix_claim
from cleanclaim_server.cycle.intake import Masters, SessionInput, record_sessions
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.identity.models import User
from cleanclaim_server.practice.models import Agency, Practice

EVENING = (time(15, 0), time(15, 45))
DOUBLED = "edits.diagnosis_duplicate"
SESSIONS, TWICE = 8, 3
SERVICE = "individual psychotherapy"


def leave_unsent(agency: Agency, biller: User, *, on: date, now: datetime) -> int:
    """Record the evening's sessions of every practice; returns how many claims were built.

    Args:
        on: The day of the sessions.
        now: The moment; the caller works in the open transaction.
    """
    built = 0
    for practice in Practice.objects.filter(agency=agency).order_by("code"):
        masters = Masters(practice)
        items = [
            _again(row, masters, number, on=on, now=now) for number, row in enumerate(_patterns(practice, on))
        ]
        found, _, _ = record_sessions(masters, items, now=now, today=on, actor_id=biller.pk)
        built += sum(row.state == "charged" for row in found)
        _repair_one(practice, found, biller, on=on, now=now)
    return built


def _patterns(practice: Practice, on: date) -> list[Encounter]:
    """The newest billed psychotherapy of patients and clinicians that did not meet that day, one each."""
    rows = Encounter.objects.filter(
        practice=practice, state="charged", service=SERVICE, modality="in_person", date_of_service__lt=on
    ).select_related("patient", "rendering_provider", "supervising_provider", "location")
    busy = set(
        Encounter.objects.filter(practice=practice, date_of_service=on).values_list("patient_id", flat=True)
    )
    found: list[Encounter] = []
    for row in rows.order_by("-date_of_service", "external_id")[:400]:
        if row.patient_id not in busy and row.diagnoses and row.coverage_id and len(found) < SESSIONS:
            busy.add(row.patient_id)
            found.append(row)
    return found


def _again(row: Encounter, masters: Masters, number: int, *, on: date, now: datetime) -> SessionInput:
    """The same session at the end of another day; each clinician's own hour, an hour after the one before."""
    start, stop = (one.replace(hour=one.hour + number) for one in EVENING)
    told = msgspec.convert(row.facts, SessionFacts)
    facts = msgspec.structs.replace(told, dos=on, start_time=start, stop_time=stop, minutes=(45,))
    diagnoses = tuple(row.diagnoses)
    return SessionInput(
        external_id=f"EVENING-{on:%Y%m%d}-{number}",
        chart_number=row.patient.chart_number,
        provider_npi=row.rendering_provider.npi,
        facts=facts,
        diagnoses=(diagnoses[0], *diagnoses) if number < TWICE else diagnoses,
        supervisor_npi=row.supervising_provider.npi if row.supervising_provider else "",
        location_name=row.location.name,
        note_signed_at=now,
    )


def _repair_one(practice: Practice, found: list[Encounter], biller: User, *, on: date, now: datetime) -> None:
    for claim in Claim.objects.filter(family__encounter__in=found[:1], practice=practice).defer("frozen"):
        try:
            fix_claim(claim.pk, practice.pk, edit=DOUBLED, actor_id=biller.pk, now=now, today=on)
        except HandlingRefused:
            continue  # the evening's first claim needs no repair in this practice
