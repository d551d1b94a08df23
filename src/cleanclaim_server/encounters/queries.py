"""Reads of sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from cleanclaim_server.encounters.models import Encounter, NoteReading, SessionImport
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

STATES = ("open", "coded", "refused", "charged", "not_billable", "void")
UNBILLED = ("not_billable", "void")
"""Nothing waits for a session in one of these, so an unsigned note is no work."""


def sessions(tenant: TenantContext, filters: Mapping[str, str] | None = None) -> QuerySet[Encounter]:
    """Sessions in reach. Filters: state (or `unsigned`), clinician, patient, import."""
    filters = filters or {}
    rows = visible(
        Encounter.objects.select_related("patient", "rendering_provider", "coverage__plan__payer"), tenant
    ).defer("private_note")
    if filters.get("state") == "unsigned":
        rows = rows.filter(note_signed_at__isnull=True).exclude(state__in=UNBILLED)
    elif filters.get("state") in STATES:
        rows = rows.filter(state=filters["state"])
    for key, field in (
        ("clinician", "rendering_provider_id"),
        ("patient", "patient_id"),
        ("import", "session_import_id"),
    ):
        try:
            rows = rows.filter(**{field: UUID(filters[key])}) if filters.get(key) else rows
        except ValueError:
            rows = rows.none()
    return rows


def state_counts(tenant: TenantContext) -> dict[str, int]:
    """How many sessions are in each state, and how many have no signed note."""
    rows = visible(Encounter.objects.all(), tenant).order_by()
    counts = dict(rows.values_list("state").annotate(n=Count("id")))
    unsigned = Count("id", filter=Q(note_signed_at__isnull=True) & ~Q(state__in=UNBILLED))
    return counts | {"unsigned": rows.aggregate(n=unsigned)["n"]}


def imports(tenant: TenantContext) -> QuerySet[SessionImport]:
    """Session files taken, newest first."""
    rows = SessionImport.objects.select_related("file").defer("file__content")
    return visible(rows, tenant).order_by("-imported_at", "-id")


def last_visits(tenant: TenantContext, patient_ids: list[UUID]) -> dict[UUID, date]:
    """The day of each patient's last session."""
    rows = visible(Encounter.objects.filter(patient_id__in=patient_ids).exclude(state="void"), tenant)
    return dict(rows.order_by().values_list("patient_id").annotate(last=Max("date_of_service")))


def note_sketches(encounter: Encounter, *, days: int = 366) -> list[tuple[date, bytes]]:
    """Dates and sketches of the clinician's other notes of a year, the newest audit of each session.

    Sessions of the same date and hour are left out: they are one group, whose notes share its part.
    """
    on = encounter.date_of_service
    rows = NoteReading.objects.filter(
        practice_id=encounter.practice_id,
        encounter__rendering_provider_id=encounter.rendering_provider_id,
        encounter__date_of_service__range=(on - timedelta(days), on + timedelta(days)),
    ).exclude(encounter_id=encounter.pk)
    if encounter.starts_at:
        rows = rows.exclude(encounter__date_of_service=on, encounter__starts_at=encounter.starts_at)
    newest = {
        session: (when, sketch, practice, row)
        for session, when, sketch, practice, row in rows.order_by("made_at", "id").values_list(
            "encounter_id", "encounter__date_of_service", "sketch", "practice_id", "pk"
        )
    }.values()
    field = NoteReading._meta.get_field("sketch")
    opened = field.open_many((sketch, practice, row) for _, sketch, practice, row in newest)
    return [(when, plain) for (when, *_), plain in zip(newest, opened, strict=True) if plain]


def note_readings(encounter: Encounter, most: int = 10) -> list[NoteReading]:
    """What audits of a session's note found, newest first. The session came through its door."""
    rows = NoteReading.objects.filter(encounter_id=encounter.pk, practice_id=encounter.practice_id)
    return list(rows.order_by("-made_at", "-id")[:most])
