"""Files as they came and left: which of them a person may open, one file, its raw bytes."""

from __future__ import annotations

import re
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db.models import Count, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from cleanclaim.findings import Finding
from cleanclaim_server.audit import record
from cleanclaim_server.claims.models import Acknowledgment, Batch
from cleanclaim_server.clearinghouse.files import FileChanged, read_bytes
from cleanclaim_server.clearinghouse.models import FileKind, FileState, StoredFile
from cleanclaim_server.identity.access import requires, tenant_for
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.remittances.queries import list_unassigned
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.tenancy.sealing import SealError
from cleanclaim_server.web import x12_words
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.remits.inbox import sees_whole_agency

RAW_SEGMENTS = 400
FINDINGS_SHOWN = 20
CONTENTS_SHOWN = 60
LONGEST_LINE = 2_000
DAMAGED = "These bytes are not the ones that were kept: their hash differs. Compare them with a backup."
MONEY_KINDS = (FileKind.REMITTANCE, FileKind.MIXED, FileKind.UNKNOWN, FileKind.OTHER)


def files_in_reach(request: HttpRequest) -> QuerySet[StoredFile]:
    """Files that hold nothing beyond what the person may see.

    A file is whole or not at all: all its practices must be in reach, unlimited to own patients; one whose
    practices are not known yet opens only for those who have every practice of the agency. What tells of
    payments needs the ledger besides claims. The bytes of a bank file hold whole account numbers: no page
    shows them, and the page of the bank says what became of it.
    """
    tenant = request.tenant
    claims_reach = tenant_for(request.user, DataClass.CLAIM, Access.READ)
    money = tenant_for(request.user, DataClass.LEDGER, Access.READ)
    rows = visible(StoredFile.objects.select_related("partner"), tenant).defer("content", "partner__config")
    rows = rows.exclude(kind=FileKind.BANK)
    rows = rows.annotate(owners=Cast("practice_ids", TextField()))
    everyone = set(Practice.objects.filter(agency_id=tenant.agency_id).values_list("id", flat=True))
    rows = _whole(rows, everyone, claims_reach)
    beyond = _whole(
        visible(StoredFile.objects.annotate(owners=Cast("practice_ids", TextField())), tenant),
        everyone,
        money,
    )
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


def file_row(row: StoredFile, marks: dict) -> dict:
    """One file of a list."""
    return {
        "id": row.pk,
        "url": f"/files/{row.pk}",
        "name": row.name,
        "direction": row.direction,
        "partner": row.partner.name if row.partner_id else "",
        "kind": row.kind,
        "kind_word": row.get_kind_display(),
        "size_text": f"{row.size:,} bytes",
        "sha256_short": row.sha256[:12],
        "finding": "",
        "state": row.state,
        "size": row.size,
        "sha256": row.sha256,
        "transactions": row.transactions,
        "at": row.received_at,
        "received_at": row.received_at,
        "findings": row.findings,
        "practices": [marks[key] for key in map(UUID, row.practice_ids) if key in marks],
    }


def ack_row(row: Acknowledgment) -> dict:
    """One answer, with the way to its bytes."""
    raw = f"/files/{row.file_id}/raw?transaction={row.transaction}&from={row.position}&to={row.position}"
    return {
        "file_url": f"/files/{row.file_id}",
        "kind": row.kind,
        "result": row.result,
        "codes": row.codes.split() if row.codes else [],
        "meaning": row.meaning,
        "sender": row.sender,
        "at": row.received_at,
        "received_at": row.received_at,
        "file": row.file.name,
        "url": f"/files/{row.file_id}",
        "raw_url": raw if row.position else f"/files/{row.file_id}",
    }


def _number(request: HttpRequest, key: str) -> int:
    text = request.GET.get(key, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """One file: what it is, what was found in it, what it became, and its bytes as segments or lines."""
    one, marks = access_file(request, file_id), shared.marks(request)
    record("file.read", "file", one.pk)
    data = whole_bytes(one.pk)
    segments = x12_words.segments_of(data) if data is not None and one.kind != FileKind.SESSIONS else []
    lines = segments or [
        {"n": n, "text": text[:LONGEST_LINE]}
        for n, text in enumerate((data or b"").decode("utf-8", "replace").splitlines(), 1)
    ]
    start = min(max(_number(request, "at") - 1, 0), max(len(lines) - 1, 0))
    shown = lines[start : start + RAW_SEGMENTS]
    asked = _number(request, "say")
    said = shown[asked - start - 1] if start < asked <= start + len(shown) else None
    may_money = shared.also(request, DataClass.LEDGER, Access.FULL)
    context = {
        "today": shared.today(request),
        "file": file_row(one, marks) | {"read_at": one.read_at, "stored_by": _who(one.stored_by)},
        "findings": [_finding(row) for row in one.findings[:FINDINGS_SHOWN]],
        "more_findings": max(len(one.findings) - FINDINGS_SHOWN, 0),
        "contents": contents_of(request, one, marks),
        "raw_problem": "" if data is not None else DAMAGED,
        "raw": None
        if data is None
        else {
            "segments": shown,
            "highlight": said["n"] if said else 0,
            "say": x12_words.explain(said["text"]) if said and segments else None,
            "first": start + 1 if lines else 0,
            "last": min(start + RAW_SEGMENTS, len(lines)),
            "total": len(lines),
            "previous_url": shared.link(request, at=max(start - RAW_SEGMENTS, 0) + 1, say=None)
            if start
            else "",
            "next_url": shared.link(request, at=start + RAW_SEGMENTS + 1, say=None)
            if start + RAW_SEGMENTS < len(lines)
            else "",
        },
        "is_x12": bool(segments),
        "download_url": f"/files/{one.pk}/download" if data is not None else None,
        "read_url": f"/files/{one.pk}/read"
        if one.direction == "in" and one.state == FileState.STORED and may_money.practice_ids
        else None,
    }
    return render(request, "files/file.html", context)


def whole_bytes(file_id: UUID) -> bytes | None:
    """The bytes of a file that came through its door; None when they are no longer what was kept."""
    try:
        return read_bytes(StoredFile.objects.get(pk=file_id))
    except (FileChanged, SealError):
        return None


def _who(user_id: UUID | None) -> str:
    return (
        User.objects.filter(pk=user_id).values_list("display_name", flat=True).first() or ""
        if user_id
        else ""
    )


def _finding(row: dict) -> Finding | dict:
    """A kept finding as a value again, so that its place reads as a sentence."""
    try:
        return msgspec.convert(row, Finding, strict=False)
    except msgspec.ValidationError:
        return row


def contents_of(request: HttpRequest, one: StoredFile, marks: dict) -> list[dict]:
    """What a file became: payments, answers by batch, or the batch that it carries. Only what is in reach."""
    found: list[dict] = []
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    for row in visible(Remittance.objects.filter(file_id=one.pk), money).order_by("transaction", "id")[
        :CONTENTS_SHOWN
    ]:
        found.append(
            {
                "word": f"Payment {row.transaction}",
                "url": f"/remittances/{row.pk}",
                "practice": marks.get(row.practice_id),
                "note": f"{row.payer_name}, {row.claims_count:,} claim{'' if row.claims_count == 1 else 's'}",
                "cents": row.paid_cents,
                "state": row.state,
                "axis": "remittance",
            }
        )
    if sees_whole_agency(money):
        for row in list_unassigned(money).filter(file_id=one.pk)[:CONTENTS_SHOWN]:
            found.append(
                {
                    "word": f"Payment {row.transaction}",
                    "url": f"/remittances/inbox/{row.pk}",
                    "practice": None,
                    "note": f"{row.payer_name}, payee {row.payee_npi or 'without NPI'}",
                    "cents": row.paid_cents,
                    "state": "unassigned",
                    "axis": "remittance",
                }
            )
    clinical = shared.also(request, DataClass.CLAIM, Access.READ)
    answers = visible(Acknowledgment.objects.filter(file_id=one.pk), clinical).order_by()
    totals = answers.values("kind", "result", "batch_id", "practice_id").annotate(n=Count("id"))
    references = dict(
        Batch.objects.filter(pk__in={row["batch_id"] for row in totals}).values_list("id", "reference")
    )
    for row in sorted(totals, key=lambda row: (row["kind"], row["result"]))[:CONTENTS_SHOWN]:
        found.append(
            {
                "word": f"{row['kind']} on {references.get(row['batch_id'], 'claims')}",
                "url": f"/batches/{row['batch_id']}" if row["batch_id"] else None,
                "practice": marks.get(row["practice_id"]),
                "note": f"{row['n']:,} answer{'' if row['n'] == 1 else 's'}",
                "cents": None,
                "state": row["result"],
                "axis": "ack",
            }
        )
    for row in visible(Batch.objects.filter(transfer__file_id=one.pk).select_related("transfer"), clinical):
        found.append(
            {
                "word": row.reference,
                "url": f"/batches/{row.pk}",
                "practice": marks.get(row.practice_id),
                "note": f"{row.claims_count:,} claims",
                "cents": row.total_charge_cents,
                "state": row.transfer.state,
                "axis": "transfer",
            }
        )
    return found


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def raw(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A stretch of one transaction, with the asked-for segments marked and said in words: the drawer."""
    one = access_file(request, file_id)
    first, last = _number(request, "from"), _number(request, "to")
    segments = x12_words.segments_of(whole_bytes(one.pk) or b"", request.GET.get("transaction", ""))
    last = max(first, last)
    near = [row for row in segments if not first or first - 3 <= row["n"] <= last + 3][:RAW_SEGMENTS]
    record("file.raw_read", "file", one.pk, first=first, last=last)
    said = next((row for row in near if row["n"] == first), None)
    shown = {
        "segments": near,
        "highlight": list(range(first, last + 1)) if first else 0,
        "say": x12_words.explain(said["text"]) if said else None,
    }
    context = {
        "raw": shown,
        "problem": "" if near else "These bytes are not an X12 transaction that can be shown.",
    }
    return render(request, "claims/raw.html", context)


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def download(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The bytes, exactly as they came or left; refused when they no longer have their hash."""
    one = access_file(request, file_id)
    data = whole_bytes(one.pk)
    if data is None:
        record("file.damaged", "file", one.pk)
        messages.error(request, DAMAGED)
        return redirect("web:file", one.pk)
    record("file.downloaded", "file", one.pk, size=one.size)
    response = HttpResponse(data, content_type="application/octet-stream")
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", one.name)[-120:] or "file"
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
