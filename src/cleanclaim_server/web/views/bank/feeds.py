"""The last remittance of each payer, and the files that the bank sent."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest

from cleanclaim_server.bank.queries import bank_files
from cleanclaim_server.clearinghouse.models import FileKind, FileState, StoredFile
from cleanclaim_server.cycle.banking import payer_feeds
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.web.views.bank.scope import Scope


def payer_rows(scope: Scope, day: date, marks: dict) -> list[dict]:
    practices = Practice.objects.filter(pk__in=scope.tenant.practice_ids).order_by("code")
    found = [
        {
            "practice": marks.get(practice.pk),
            "payer": one.payer.name,
            "last_on": one.feed.last_seen_on,
            "days": one.feed.silent_days,
            "usual": one.feed.usual_gap_days,
            "waiting": one.feed.awaiting,
            "waiting_cents": one.waiting_cents,
            "is_dead": one.feed.is_dead,
            "why": one.feed.why[0].upper() + one.feed.why[1:],
        }
        for practice in practices
        for one in payer_feeds(practice, today=day)
    ]
    return sorted(found, key=lambda row: not row["is_dead"])


def file_rows(request: HttpRequest, scope: Scope, marks: dict) -> list[dict]:
    """Files that told something, and those that could not be taken, newest first."""
    told: dict[UUID, list] = {}
    for row in bank_files(scope.tenant, 60):
        if scope.chosen is None or row.account_id == scope.chosen.pk:
            told.setdefault(row.file_id, []).append(row)
    stored = StoredFile.objects.filter(agency_id=scope.tenant.agency_id, kind=FileKind.BANK).defer("content")
    everyone = set(Practice.objects.filter(agency_id=scope.tenant.agency_id).values_list("id", flat=True))
    whole = everyone <= scope.tenant.practice_ids
    rows = []
    for file in stored.order_by("-received_at", "-id")[:120]:
        owners = {UUID(key) for key in file.practice_ids}
        failed = file.state in (FileState.UNREADABLE, FileState.STORED, FileState.DUPLICATE)
        mine = owners <= scope.tenant.practice_ids if owners else whole
        if file.pk not in told and not (failed and mine and not request.GET.get("account")):
            continue
        parts = told.get(file.pk, [])
        rows.append(
            {
                "name": file.name,
                "at": file.received_at,
                "state": file.state,
                "sha": file.sha256[:12],
                "accounts": [str(one.account) for one in parts],
                "practices": [marks[one.practice_id] for one in parts if one.practice_id in marks],
                "format": {"csv": "CSV", "bai2": "BAI2", "camt053": "CAMT.053"}.get(
                    parts[0].format if parts else "", ""
                ),
                "lines": sum(one.lines_total for one in parts),
                "new": sum(one.lines_new for one in parts),
                "first_on": min((one.first_on for one in parts if one.first_on), default=None),
                "last_on": max((one.last_on for one in parts if one.last_on), default=None),
                "findings": file.findings[:3] if mine else [],
                "more": max(len(file.findings) - 3, 0) if mine else 0,
            }
        )
    return rows[:60]
