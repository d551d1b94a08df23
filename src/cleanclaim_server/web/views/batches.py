"""What left and what came back: batches with their answers, files of both directions, sending, and doubt."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.claims.access import access_batch
from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Acknowledgment, Claim
from cleanclaim_server.claims.queries import batches as batches_in_reach
from cleanclaim_server.claims.queries import claims_of_batch
from cleanclaim_server.clearinghouse.models import FileState, TradingPartner, TransferState
from cleanclaim_server.cycle.sending import SendingError, resolve_unsure
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.files import ack_row, file_row, files_in_reach
from cleanclaim_server.web.views.rows import claim_row

ACK = {"A": "accepted", "E": "errors", "R": "rejected", "P": "errors"}
CLAIMS_SHOWN = 100
TRANSPORTS = {"sftp": "SFTP", "folder": "Folder", "simulator": "Simulator"}


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """Batches first; files received and sent beside them."""
    tenant, marks = shared.in_view(request), shared.marks(request)
    view, words = request.GET.get("view", ""), request.GET.get("q", "").strip()[:60]
    full = shared.also(request, DataClass.CLAIM, Access.FULL)
    mine = batches_in_reach(tenant)
    unsure = mine.filter(transfer__state__in=(TransferState.UNSURE, TransferState.FAILED)).count()
    context: dict = {
        "today": shared.today(request),
        "tabs": shared.tab_links(
            request,
            "view",
            [
                ("", "Batches", None),
                ("unsure", "Unsure or failed", unsure),
                ("in", "Files received", None),
                ("out", "Files sent", None),
                ("bad", "Could not be read", None),
            ],
        ),
        "partners": _partners(request),
        "ready": _ready(request, full) if full.practice_ids else None,
        "search": {
            "action": "/batches",
            "q": words,
            "placeholder": "Batch, control number, file name",
            "keep": [{"name": "view", "value": view}],
        },
        "upload_url": reverse("web:add_file") if full.practice_ids else None,
        "empty": {
            "title": "Nothing here",
            "text": "No batch and no file fits this view.",
            "act": "Show all batches" if view or words else "",
            "url": "/batches",
        },
        "filters": [],
    }
    if view in ("in", "out", "bad"):
        rows = files_in_reach(request)
        rows = rows.filter(direction=view) if view != "bad" else rows.filter(state=FileState.UNREADABLE)
        rows = rows.filter(name__icontains=words) if words else rows
        found, page = shared.one_page(request, rows, "received_at", noun="files")
        context |= {
            "view": "files",
            "files": [file_row(row, marks) for row in found],
            "batches": [],
            "page": page,
        }
    else:
        rows = (
            mine.filter(transfer__state__in=(TransferState.UNSURE, TransferState.FAILED))
            if view == "unsure"
            else mine
        )
        if words:
            rows = rows.filter(Q(reference__istartswith=words) | Q(interchange_control_number=words.zfill(9)))
        if request.GET.get("transfer"):
            rows = _of_transfer(rows, request.GET["transfer"])
        found, page = shared.one_page(request, rows, "created_at", noun="batches")
        context |= {
            "view": "batches",
            "batches": [batch_row(row, marks) for row in found],
            "files": [],
            "page": page,
        }
    record("batch.listed", "batch", count=len(found))
    return render(request, "batches/list.html", context)


def _of_transfer(rows, text: str):
    try:
        return rows.filter(transfer_id=UUID(text))
    except ValueError:
        return rows.none()


def _partners(request: HttpRequest) -> list[dict]:
    """Who carries our files, and whether they answer. Their settings stay sealed."""
    rows = TradingPartner.objects.filter(agency_id=request.tenant.agency_id, is_active=True).defer("config")
    return [
        {
            "name": row.name,
            "transport_word": TRANSPORTS.get(row.transport, row.transport),
            "state": "failed" if row.last_error else "ok" if row.last_received_at else "quiet",
            "last_received_at": row.last_received_at,
            "error": row.last_error.rsplit(" [", 1)[0].capitalize(),
        }
        for row in rows.order_by("name", "id")
    ]


def _ready(request: HttpRequest, full) -> dict | None:
    """Claims that may leave now, by practice in view."""
    scope = full.practice_ids & shared.in_view(request).practice_ids
    rows = Claim.objects.filter(practice_id__in=scope, lifecycle=Lifecycle.READY).order_by()
    counts = dict(rows.values_list("practice_id").annotate(n=Count("id")))
    marks = shared.marks(request)
    if not counts:
        return None
    parts = [{"practice": mark, "n": counts[key]} for key, mark in marks.items() if key in counts]
    return {"n": sum(counts.values()), "url": reverse("web:send_claims"), "parts": parts}


def batch_row(row, marks: dict) -> dict:
    """One batch of a list."""
    return {
        "id": row.pk,
        "url": f"/batches/{row.pk}",
        "practice": marks.get(row.practice_id),
        "reference": row.reference,
        "partner": row.transfer.partner.name,
        "claims": row.claims_count,
        "transfer_state": row.transfer.state,
        "ta1": row.ta1_result,
        "charge_cents": row.total_charge_cents,
        "created_at": row.created_at,
        "pending": max(row.claims_count - row.accepted_count - row.rejected_count, 0),
        "ack": ACK.get(row.ack_result, "waiting"),
        "accepted": row.accepted_count,
        "rejected": row.rejected_count,
    }


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """One batch: did it leave, what came back, which claims are in it, and its file."""
    one = access_batch(request.tenant, batch_id)
    marks, transfer = shared.marks(request), one.transfer
    start = _start(request, one.claims_count)
    rows = list(claims_of_batch(one)[start : start + CLAIMS_SHOWN])
    answers = Acknowledgment.objects.filter(batch_id=one.pk, practice_id=one.practice_id, claim__isnull=True)
    by_claim = Acknowledgment.objects.filter(
        batch_id=one.pk, practice_id=one.practice_id, claim__isnull=False
    )
    totals = by_claim.order_by().values("kind", "result", "file_id", "file__name").annotate(n=Count("id"))
    reasons = {
        row["claim_id"]: row
        for row in by_claim.filter(claim_id__in=[row.claim_id for row in rows], result="rejected").values(
            "claim_id", "meaning", "codes"
        )
    }
    full = shared.also(request, DataClass.CLAIM, Access.FULL)
    may_decide = one.practice_id in full.practice_ids
    record("batch.read", "batch", one.pk, practice_id=one.practice_id, claims=len(rows))
    raw = f"/files/{transfer.file_id}/raw?transaction={one.transaction_control_number}"
    pending = max(one.claims_count - one.accepted_count - one.rejected_count, 0)
    context = {
        "today": shared.today(request),
        "batch": batch_row(one, marks)
        | {
            "interchange": one.interchange_control_number,
            "group": one.group_control_number,
            "transaction": one.transaction_control_number,
            "created_by": _name(one.created_by),
            "file": file_row(transfer.file, marks),
            "remote_name": transfer.remote_name,
        },
        "states": [
            {
                "label": "Left",
                "state": transfer.state,
                "axis": "transfer",
                "note": transfer.proof or transfer.error.rsplit(" [", 1)[0],
            },
            {
                "label": "Interchange (TA1)",
                "state": ACK.get(one.ta1_result, "waiting"),
                "axis": "ack",
                "note": "",
            },
            {"label": "File (999)", "state": ACK.get(one.ack_result, "waiting"), "axis": "ack", "note": ""},
            {
                "label": "Claims (277CA)",
                "value": f"{one.accepted_count:,} accepted",
                "tone": "override" if one.rejected_count else "",
                "note": f"{one.rejected_count:,} rejected, {pending:,} without an answer",
            },
        ],
        "unsure": _doubt(one) if transfer.state == TransferState.UNSURE and may_decide else None,
        "failed": transfer.error.rsplit(" [", 1)[0] if transfer.state == TransferState.FAILED else "",
        "answers": [
            ack_row(row)
            for row in answers.select_related("file").defer("file__content").order_by("received_at", "id")
        ],
        "answers_by_claim": sorted(
            (
                {
                    "kind": row["kind"],
                    "result": row["result"],
                    "n": row["n"],
                    "file_url": f"/files/{row['file_id']}",
                }
                for row in totals
            ),
            key=lambda row: (row["kind"], row["result"]),
        ),
        "claims": [
            claim_row(row.claim, marks)
            | {
                "raw_url": f"{raw}&from={row.position}&to={row.position_end}",
                "reason": reasons.get(row.claim_id, {}).get("meaning", ""),
            }
            for row in rows
        ],
        "page": {
            "first": start + 1,
            "last": start + len(rows),
            "total": one.claims_count,
            "noun": "claims",
            "previous_url": shared.link(request, at=max(start - CLAIMS_SHOWN, 0)) if start else "",
            "next_url": shared.link(request, at=start + CLAIMS_SHOWN)
            if start + len(rows) < one.claims_count
            else "",
        },
        "total_cents": one.total_charge_cents,
        "raw_url": f"{raw}&from=1&to=1",
    }
    return render(request, "batches/batch.html", context)


def _start(request: HttpRequest, total: int) -> int:
    text = request.GET.get("at", "")
    place = int(text) if text.isdecimal() and len(text) < 8 else 0
    return place if place < total else 0


def _name(user_id: UUID | None) -> str:
    return (
        User.objects.filter(pk=user_id).values_list("display_name", flat=True).first() or ""
        if user_id
        else ""
    )


def _doubt(one) -> dict:
    transfer = one.transfer
    why = transfer.error.rsplit(" [", 1)[0] or "the connection broke while it was being written"
    return {
        "text": f"{why.capitalize()}. We look for {transfer.remote_name} at {transfer.partner.name} by "
        "ourselves and send nothing twice. If you asked them about control number "
        f"{one.interchange_control_number}, say what they told you.",
        "url": reverse("web:resolve_batch", args=[one.pk]),
    }


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def resolve_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Say whether a file left that nobody can prove: `sent`, or `not_sent`, which lets it leave again."""
    one = access_batch(request.tenant, batch_id)
    decision = request.POST.get("decision", "")
    try:
        transfer = resolve_unsure(
            one.transfer_id,
            now=shared.now(),
            decision=decision,
            actor_id=request.user.pk,
            agency_id=request.user.agency_id,
        )
    except SendingError as error:
        messages.error(request, f"Nothing was changed: {str(error).rsplit(' [', 1)[0]}.")
    else:
        left = transfer.state == TransferState.SENT
        messages.success(
            request,
            "Kept as sent, on your word." if left else "It waits to leave again; the worker sends it.",
        )
    return redirect("web:batch", one.pk)
