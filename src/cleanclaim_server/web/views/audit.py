"""The audit log: who saw or changed what, newest first; whether the chain is whole; and the way out to
prove it.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.audit.exporting import as_line, chain_documents, verify_chain
from cleanclaim_server.audit.models import AuditCheckpoint, AuditLink, AuditRow
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared

MOST_EXPORTED = 200_000
PLACES = {
    "claim": "/claims/{}",
    "patient": "/patients/{}",
    "remittance": "/remittances/{}",
    "batch": "/batches/{}",
    "file": "/files/{}",
    "encounter": "/sessions/{}",
    "session": "/sessions/{}",
    "user": "/users/{}",
    "practice": "/settings/practices/{}",
}
"""Where a subject is shown; what a role may not open answers there as it does everywhere."""
GROUPS = [
    ("sign_in", "Sign-in"),
    ("session", "Sessions of people"),
    ("claim", "Claims"),
    ("patient", "Patients"),
    ("remittance", "Remittances"),
    ("file", "Files"),
    ("user", "Users"),
    ("grant", "Roles"),
    ("settings", "Settings"),
    ("access", "Refusals"),
]


def _whole(request: HttpRequest) -> bool:
    """Whether every practice is in reach: the chain is the agency's."""
    return bool(shared.marks(request)) and request.tenant.practice_ids >= set(shared.marks(request))


def _rows(request: HttpRequest) -> QuerySet[AuditRow]:
    """Rows of the practices in view; what belongs to no practice only where every practice is in reach."""
    tenant = shared.in_view(request)
    scope = Q(practice_id__in=tenant.practice_ids)
    if tenant.practice_ids >= set(shared.marks(request)):
        scope |= Q(practice_id__isnull=True)
    return AuditRow.objects.filter(scope, agency_id=tenant.agency_id)


def _filtered(request: HttpRequest, rows: QuerySet[AuditRow]) -> QuerySet[AuditRow]:
    words = request.GET.get("q", "").strip()[:64]
    if words:
        rows = rows.filter(Q(action__istartswith=words) | Q(subject_id=words) | Q(subject_type=words))
    if request.GET.get("who"):
        try:
            rows = rows.filter(actor_id=UUID(request.GET["who"]))
        except ValueError:
            rows = rows.none()
    if request.GET.get("did"):
        rows = rows.filter(action__startswith=f"{request.GET['did'][:30]}.")
    days = {"1": 1, "7": 7, "30": 30}.get(request.GET.get("days", ""))
    if days:
        rows = rows.filter(occurred_at__gte=timezone.now() - timedelta(days=days))
    return rows


@requires(DataClass.AUDIT_LOG, Access.READ)
@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """Rows newest first; the chain is said as far as it was sealed, and proved on demand."""
    return _page(request, None)


@requires(DataClass.AUDIT_LOG, Access.READ)
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Verify the whole chain now and say where it breaks first, if it does."""
    if not _whole(request):
        raise Http404
    found = verify_chain(request.tenant.agency_id)
    record("audit.verified", "audit_chain", sound=found.is_sound, rows=found.rows, faults=len(found.faults))
    first = found.faults[0] if found.faults else None
    return _page(
        request,
        {
            "state": "whole" if found.is_sound else "broken",
            "sealed": found.rows,
            "waiting": found.unsealed,
            "checked": True,
            "text": f"Verified just now, row by row, with {found.checkpoints_met:,} checkpoints met."
            if first is None
            else f"First bad place: {_place(first)}: {first.message}. {len(found.faults):,} faults in all. "
            "Stop, keep the checkpoint file, and compare with a backup.",
            "code": first.code if first else "",
        },
    )


def _place(fault) -> str:
    return "the end" if fault.sequence is None else f"row {fault.sequence:,}"


@requires(DataClass.AUDIT_LOG, Access.READ)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The chain as one file that `cleanclaim audit verify` proves anywhere.

    Only with every practice in reach.
    """
    if not _whole(request):
        raise Http404
    agency_id = request.tenant.agency_id
    if AuditRow.objects.filter(agency_id=agency_id).count() > MOST_EXPORTED:
        return _page(
            request,
            {
                "state": "waiting",
                "sealed": 0,
                "waiting": 0,
                "text": "The trail is too long for the browser; use `cleanclaim audit export`.",
                "code": "",
            },
        )
    record("audit.exported", "audit_chain")
    body = "".join(as_line(document) for document in chain_documents(agency_id))
    response = HttpResponse(body.encode(), content_type="application/x-ndjson")
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{timezone.now():%Y%m%d}.jsonl"'
    return response


def _page(request: HttpRequest, chain: dict | None) -> HttpResponse:
    marks = shared.marks(request)
    agency_id = request.tenant.agency_id
    rows = _filtered(request, _rows(request))
    record("audit.listed", "audit_row")
    found, page = shared.one_page(request, rows, "occurred_at", noun="entries")
    people = dict(
        User.objects.filter(agency_id=agency_id).order_by("display_name").values_list("pk", "display_name")
    )
    links = AuditLink.objects.filter(agency_id=agency_id)
    places = dict(links.filter(row_id__in=[row.pk for row in found]).values_list("row_id", "sequence"))
    whole = _whole(request)
    context = {
        "today": shared.today(request),
        "chain": (chain or _chain(agency_id)) if whole else None,
        "check_url": "/audit/check" if whole else None,
        "filters": [
            shared.chooser(
                request, "who", "Who", [(str(key), name) for key, name in people.items()] if whole else []
            ),
            shared.chooser(request, "did", "Did", GROUPS),
            shared.chooser(
                request, "days", "When", [("1", "Today and yesterday"), ("7", "7 days"), ("30", "30 days")]
            ),
        ],
        "search": {
            "action": "/audit",
            "q": request.GET.get("q", ""),
            "placeholder": "Action or id",
            "keep": [
                {"name": key, "value": request.GET[key]}
                for key in ("who", "did", "days")
                if request.GET.get(key)
            ],
        },
        "rows": [
            {
                "at": row.occurred_at,
                "actor": people.get(row.actor_id) or row.actor_label or row.actor_kind,
                "actor_kind": row.actor_kind,
                "action": row.action,
                "subject": row.subject_type.replace("_", " "),
                "subject_id": row.subject_id,
                "subject_url": _page_of(row),
                "practice": marks.get(row.practice_id),
                "sequence": places.get(row.pk),
                "request_id": row.request_id,
                "detail": ", ".join(
                    f"{key.replace('_', ' ')} {_said(value)}" for key, value in row.detail.items()
                ),
            }
            for row in found
        ],
        "page": page,
        "export_url": "/audit/export" if whole else None,
        "empty": {"title": "No entries", "text": "Nothing was recorded that matches.", "act": "", "url": ""},
    }
    return render(request, "audit/log.html", context)


def _chain(agency_id: UUID) -> dict:
    """How far the sealer came; whether what is sealed is whole is proved by `check`."""
    last = AuditLink.objects.filter(agency_id=agency_id).order_by("-sequence").first()
    mark = AuditCheckpoint.objects.filter(agency_id=agency_id).order_by("-sequence").first()
    sealed = last.sequence if last else 0
    waiting = max(AuditRow.objects.filter(agency_id=agency_id).count() - sealed, 0)
    return {
        "state": "waiting",
        "sealed": sealed,
        "waiting": waiting,
        "last_sealed_at": last.sealed_at if last else None,
        "text": f"Last checkpoint outside the database: row {mark.sequence:,}."
        if mark
        else "The sealer has not run yet.",
        "code": "",
    }


def _page_of(row: AuditRow) -> str | None:
    """The page that shows what a row is about; a bank file has none (see `files.files_in_reach`)."""
    if row.subject_type == "file" and row.detail.get("kind") == "bank":
        return "/bank?view=files"
    path = PLACES.get(row.subject_type)
    try:
        return path.format(UUID(row.subject_id)) if path else None
    except ValueError:
        return None


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return value.isoformat() if isinstance(value, date) else str(value)
