"""The audit log: who saw or changed what, newest first."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.audit.models import AuditCheckpoint, AuditLink, AuditRow
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared


@requires(DataClass.AUDIT_LOG, Access.READ)
@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """Rows of the practices in view; what belongs to no practice only where every practice is in reach."""
    tenant, marks = shared.in_view(request), shared.marks(request)
    scope = Q(practice_id__in=tenant.practice_ids)
    if tenant.practice_ids >= set(marks):
        scope |= Q(practice_id__isnull=True)
    rows = AuditRow.objects.filter(scope, agency_id=tenant.agency_id)
    words = request.GET.get("q", "").strip()[:60]
    if words:
        rows = rows.filter(Q(action__istartswith=words) | Q(subject_id=words))
    record("audit.listed", "audit_row")
    found, page = shared.one_page(request, rows, "occurred_at", noun="entries")
    people = dict(
        User.objects.filter(agency_id=tenant.agency_id, pk__in={row.actor_id for row in found} - {None}).values_list(
            "pk", "display_name"
        )
    )
    links = AuditLink.objects.filter(agency_id=tenant.agency_id)
    places = dict(links.filter(row_id__in=[row.pk for row in found]).values_list("row_id", "sequence"))
    last = links.order_by("-sequence").first()
    checkpoint = AuditCheckpoint.objects.filter(agency_id=tenant.agency_id).order_by("-sequence").first()
    sealed = last.sequence if last else 0
    waiting = max(AuditRow.objects.filter(agency_id=tenant.agency_id).count() - sealed, 0)
    context = {
        "today": shared.today(request),
        "chain": {
            "state": "waiting" if waiting else "whole", "sealed": sealed, "waiting": waiting,
            "last_sealed_at": last.sealed_at if last else None,
            "checkpoint_at": checkpoint.made_at if checkpoint else None,
            "text": "Rows are sealed one after another; `cleanclaim audit verify` proves the chain offline.",
        },
        "filters": [],
        "search": {"action": "/audit", "q": words, "placeholder": "Action or id", "keep": []},
        "rows": [
            {
                "at": row.occurred_at, "actor": people.get(row.actor_id) or row.actor_label or row.actor_kind,
                "actor_kind": row.actor_kind, "action": row.action, "subject": f"{row.subject_type} {row.subject_id}".strip(),
                "subject_url": None, "practice": marks.get(row.practice_id), "sequence": places.get(row.pk),
                "detail": ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in row.detail.items()),
                "request_id": row.request_id,
            }
            for row in found
        ],
        "page": page,
        "export_url": None,
        "empty": {"title": "No entries", "text": "Nothing was recorded that matches.", "act": "", "url": ""},
    }  # fmt: skip
    return render(request, "audit/log.html", context)
