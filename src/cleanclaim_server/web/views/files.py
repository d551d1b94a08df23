"""Files as they came and left: the list of batches, one batch, one file, the raw bytes."""

from __future__ import annotations

import re
from uuid import UUID

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.x12.index import read_x12
from cleanclaim_server.audit import record
from cleanclaim_server.claims.access import access_batch
from cleanclaim_server.claims.models import Acknowledgment
from cleanclaim_server.claims.queries import batches as batches_in_reach
from cleanclaim_server.claims.queries import claims_of_batch
from cleanclaim_server.clearinghouse.models import FileKind, FileState, StoredFile
from cleanclaim_server.identity.access import requires, tenant_for
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rows import claim_row

RAW_SEGMENTS = 400
ACK = {"A": "accepted", "E": "errors", "R": "rejected", "P": "errors"}
MONEY_KINDS = (FileKind.REMITTANCE, FileKind.MIXED, FileKind.UNKNOWN, FileKind.OTHER)


def files_in_reach(request: HttpRequest) -> QuerySet[StoredFile]:
    """Files that hold nothing beyond what the person may see.

    A file is whole or not at all: all its practices must be in reach, unlimited to own patients; one whose
    practices are not known yet opens only for those who have every practice of the agency. What tells of
    payments needs the ledger besides claims.
    """
    tenant = request.tenant
    claims_reach = tenant_for(request.user, DataClass.CLAIM, Access.READ)
    money = tenant_for(request.user, DataClass.LEDGER, Access.READ)
    rows = visible(StoredFile.objects.select_related("partner"), tenant).defer("content", "partner__config")
    rows = rows.annotate(owners=Cast("practice_ids", TextField()))
    everyone = set(Practice.objects.filter(agency_id=tenant.agency_id).values_list("id", flat=True))
    rows = _whole(rows, everyone, claims_reach)
    beyond = _whole(visible(StoredFile.objects.annotate(owners=Cast("practice_ids", TextField())), tenant), everyone, money)
    return rows.exclude(kind__in=MONEY_KINDS) | rows.filter(kind__in=MONEY_KINDS, pk__in=beyond.values("pk"))


def _whole(rows: QuerySet, everyone: set[UUID], reach: TenantContext) -> QuerySet:
    missing = everyone - (reach.practice_ids - reach.own_only)
    for key in missing:
        rows = rows.exclude(owners__contains=str(key))
    return rows.exclude(owners="[]") if missing else rows


def access_file(request: HttpRequest, file_id: UUID) -> StoredFile:
    """A file in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = files_in_reach(request).filter(pk=file_id).first()
    if found is None:
        raise Http404
    return found


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """What left and what came: batches, and files of both directions."""
    tenant, day, marks = shared.in_view(request), shared.today(request), shared.marks(request)
    view = request.GET.get("view", "")
    context: dict = {"today": day, "view": "files" if view in ("in", "out") else "batches", "partners": [], "ready": None,
                     "search": None, "upload_url": None,
                     "empty": {"title": "Nothing yet", "text": "Nothing left and nothing came.", "act": "", "url": ""}}  # fmt: skip
    context["tabs"] = shared.tab_links(
        request, "view", [("", "Batches", None), ("in", "Files received", None), ("out", "Files sent", None)]
    )
    if view in ("in", "out"):
        rows = files_in_reach(request).filter(direction=view)
        if request.GET.get("state") in FileState.values:
            rows = rows.filter(state=request.GET["state"])
        found, context["page"] = shared.one_page(request, rows, "received_at", noun="files")
        context["files"] = [file_row(row, marks) for row in found]
        context["batches"] = []
    else:
        rows = batches_in_reach(tenant)
        if request.GET.get("transfer"):
            try:
                rows = rows.filter(transfer_id=UUID(request.GET["transfer"]))
            except ValueError:
                rows = rows.none()
        found, context["page"] = shared.one_page(request, rows, "created_at", noun="batches")
        context["batches"] = [batch_row(row, marks) for row in found]
        context["files"] = []
    context["filters"] = []
    record("batch.listed", "batch", count=len(found))
    return render(request, "batches/list.html", context)


def file_row(row: StoredFile, marks: dict) -> dict:
    """One file of a list."""
    return {
        "id": row.pk, "url": f"/files/{row.pk}", "name": row.name, "direction": row.direction,
        "partner": row.partner.name if row.partner_id else "", "kind": row.kind, "kind_word": row.get_kind_display(),
        "size_text": f"{row.size:,} bytes", "sha256_short": row.sha256[:12], "finding": "",
        "state": row.state, "size": row.size, "sha256": row.sha256, "transactions": row.transactions,
        "at": row.received_at, "received_at": row.received_at, "findings": row.findings,
        "practices": [marks[key] for key in map(UUID, row.practice_ids) if key in marks],
    }  # fmt: skip


def batch_row(row, marks: dict) -> dict:
    """One batch of a list."""
    return {
        "id": row.pk, "url": f"/batches/{row.pk}", "practice": marks.get(row.practice_id),
        "reference": row.reference, "partner": row.transfer.partner.name, "claims": row.claims_count, "transfer_state": row.transfer.state, "ta1": row.ta1_result,
        "charge_cents": row.total_charge_cents, "pending": max(row.claims_count - row.accepted_count - row.rejected_count, 0),
        "claims_count": row.claims_count, "cents": row.total_charge_cents, "created_at": row.created_at,
        "at": row.created_at, "sent_at": row.transfer.sent_at, "state": row.transfer.state,
        "ack": ACK.get(row.ack_result, "waiting"),
        "accepted": row.accepted_count, "rejected": row.rejected_count,
        "control_number": row.interchange_control_number, "file_url": f"/files/{row.transfer.file_id}",
    }  # fmt: skip


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """One batch: its claims, its answers, its file."""
    one = access_batch(request.tenant, batch_id)
    marks = shared.marks(request)
    rows = list(claims_of_batch(one))
    answers = Acknowledgment.objects.filter(batch_id=one.pk, practice_id=one.practice_id).select_related("file")
    record("batch.read", "batch", one.pk, practice_id=one.practice_id, claims=len(rows))
    context = {
        "today": shared.today(request),
        "batch": batch_row(one, marks)
        | {
            "interchange": one.interchange_control_number, "group": one.group_control_number,
            "transaction": one.transaction_control_number, "group_control_number": one.group_control_number, "proof": one.transfer.proof,
            "transaction_control_number": one.transaction_control_number, "error": one.transfer.error,
            "remote_name": one.transfer.remote_name, "file_name": one.transfer.file.name,
            "file": file_row(one.transfer.file, marks), "transfer_id": one.transfer_id,
            "queued_at": one.transfer.queued_at, "attempts": one.transfer.attempts,
        },  # fmt: skip
        "page": None, "total_cents": one.total_charge_cents, "raw": None, "raw_url": None, "unsure": None,
        "states": [
            {"label": "Left", "state": one.transfer.state, "axis": "transfer", "note": ""},
            {"label": "Interchange (TA1)", "state": ACK.get(one.ta1_result, "waiting"), "axis": "ack", "note": ""},
            {"label": "File (999)", "state": ACK.get(one.ack_result, "waiting"), "axis": "ack", "note": ""},
            {"label": "Claims (277CA)", "value": f"{one.accepted_count} accepted", "note": f"{one.rejected_count} rejected"},
        ],
        "claims": [
            claim_row(row.claim, marks)
            | {"raw_url": f"/files/{one.transfer.file_id}/raw?transaction={one.transaction_control_number}"
                          f"&from={row.position}&to={row.position_end}"}
            for row in rows
        ],
        "answers": [ack_row(row) for row in answers.defer("file__content").order_by("received_at", "id")],
    }  # fmt: skip
    return render(request, "batches/batch.html", context)


def ack_row(row: Acknowledgment) -> dict:
    """One answer, with the way to its bytes."""
    raw = f"/files/{row.file_id}/raw?transaction={row.transaction}&from={row.position}&to={row.position}"
    return {
        "file_url": f"/files/{row.file_id}", "kind": row.kind, "result": row.result, "codes": row.codes.split() if row.codes else [], "meaning": row.meaning, "sender": row.sender,
        "at": row.received_at, "received_at": row.received_at, "file": row.file.name,
        "url": f"/files/{row.file_id}", "raw_url": raw if row.position else f"/files/{row.file_id}",
    }  # fmt: skip


def _segments(data: bytes, transaction: str = "") -> list[dict]:
    """Segments of a file, or of one of its transactions, numbered from ST = 1 inside a transaction."""
    found: list[dict] = []
    for one in read_x12(data).transactions():
        if transaction and one.control_number != transaction:
            continue
        mark = one.st.delimiters
        found += [
            {"n": segment.position, "text": mark.element.join(segment.elements) + mark.segment}
            for segment in one.segments
        ]
    return found


def _number(request: HttpRequest, key: str) -> int:
    text = request.GET.get(key, "")
    return int(text) if text.isdigit() and len(text) < 10 else 0


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """One file: what it is, what was found in it, and its bytes as segments or lines."""
    one, marks = access_file(request, file_id), shared.marks(request)
    record("file.read", "file", one.pk)
    data = bytes(one.content)
    segments = _segments(data) if one.kind != FileKind.SESSIONS else []
    lines = segments or [
        {"n": n, "text": text} for n, text in enumerate(data.decode("utf-8", "replace").splitlines(), 1)
    ]
    start = max(_number(request, "at") - 1, 0)
    context = {
        "today": shared.today(request),
        "file": file_row(one, marks) | {"read_at": one.read_at},
        "findings": one.findings,
        "contents": [],
        "raw": {"segments": lines[start : start + RAW_SEGMENTS], "highlight": 0, "say": None, "first": start + 1,
                "last": min(start + RAW_SEGMENTS, len(lines)), "total": len(lines), "previous_url": shared.link(request, at=max(start - RAW_SEGMENTS, 0) + 1) if start else "",
                "next_url": shared.link(request, at=start + RAW_SEGMENTS + 1) if start + RAW_SEGMENTS < len(lines) else ""},
        "download_url": f"/files/{one.pk}/download",
    }
    return render(request, "files/file.html", context)


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def raw(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A stretch of one transaction, with the asked-for segments marked: the drawer under a claim."""
    one = access_file(request, file_id)
    first, last = _number(request, "from"), _number(request, "to")
    segments = _segments(bytes(one.content), request.GET.get("transaction", ""))
    last = max(first, last)
    near = [row for row in segments if not first or first - 3 <= row["n"] <= last + 3][:RAW_SEGMENTS]
    record("file.raw_read", "file", one.pk, first=first, last=last)
    shown = {"segments": near, "highlight": list(range(first, last + 1)) if first else 0, "say": None}
    context = {"raw": shown, "problem": "" if near else "These bytes are not an X12 transaction that can be shown."}
    return render(request, "claims/raw.html", context)


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def download(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The bytes, exactly as they came or left."""
    one = access_file(request, file_id)
    record("file.downloaded", "file", one.pk, size=one.size)
    response = HttpResponse(bytes(one.content), content_type="application/octet-stream")
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", one.name)[-120:] or "file"
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def send_ready(request: HttpRequest) -> HttpResponse:
    """Put all ready claims of the practices in view into batches."""
    from cleanclaim_server.cycle.sending import queue_ready

    for practice in visible(Practice.objects.all(), shared.in_view(request)).order_by("code"):
        queue_ready(practice, now=shared.now(), actor_id=request.user.pk)
    return redirect("web:batches")
