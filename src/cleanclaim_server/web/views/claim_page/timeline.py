"""All that happened to one claim, newest first."""

from __future__ import annotations

from datetime import UTC, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

from cleanclaim.codesets.programmes import programmes
from cleanclaim_server.claims.models import ClaimEvent
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.claim_page.loading import Loaded


def timeline_of(request: HttpRequest, it: Loaded) -> list[dict]:
    """Session, coding, edits, files, acknowledgments, remittances and remarks in one line, newest first."""
    events = [_event(row, it.names) for row in it.found.events]
    visit = it.claim.family.encounter
    zone = ZoneInfo(request.user.agency.timezone)
    held = datetime.combine(visit.date_of_service, visit.starts_at or time(0), zone)
    times = (
        f"{visit.starts_at:%H:%M} to {visit.stops_at:%H:%M}"
        if visit.starts_at and visit.stops_at
        else (f"{visit.minutes} minutes" if visit.minutes is not None else "Times unknown")
    )
    events.append(
        {
            "at": held,
            "actor": "person",
            "title": f"First of {len(it.frozen.lines)} programme days"
            if it.frozen.bill
            else f"Session held, {times}",
            "detail": f"{programmes()[visit.service].label}."
            if it.frozen.bill and visit.service in programmes()
            else f"{visit.service.replace(';', ', ').capitalize()}, {visit.modality.replace('_', ' ')}.",
            "url": f"/sessions/{visit.pk}",
            "url_text": "Days" if it.frozen.bill else "Session",
            "raw_url": "",
        }
    )
    if visit.note_signed_at:
        events.append(
            {
                "at": max(visit.note_signed_at, held),
                "actor": "person",
                "title": "Note signed",
                "detail": visit.note_reference,
                "url": "",
                "raw_url": "",
            }
        )
    events.sort(key=lambda row: row["at"].astimezone(UTC), reverse=True)
    if it.items:
        words = {True: "It waits for a person.", False: ""}[bool(it.items)]
        events.insert(
            0,
            {
                "at": timezone.localtime(shared.now()),
                "actor": "person",
                "now": True,
                "title": "Waiting for you" if it.may_act else "Waiting for a biller",
                "detail": it.items[0].title or words,
                "url": "",
                "raw_url": "",
            },
        )
    return events


def _event(row: ClaimEvent, names: dict[UUID, str]) -> dict:
    who = names.get(row.actor_id) or row.actor_name
    raw = f"/files/{row.file_id}/raw?transaction={row.transaction}&from={row.position}"
    detail = row.detail.rstrip()
    by = f"By {who}." if who else ""
    return {
        "at": row.happened_at,
        "actor": row.actor_kind,
        "title": row.title,
        "detail": " ".join(part for part in (detail and f"{detail.rstrip('.')}.", by) if part),
        "url": f"/files/{row.file_id}" if row.file_id else "",
        "url_text": row.file.name if row.file_id else "",
        "raw_url": f"{raw}&to={row.position_end or row.position}" if row.file_id and row.position else "",
        "kind": row.kind,
    }
