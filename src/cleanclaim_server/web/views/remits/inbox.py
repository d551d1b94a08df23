"""The list of payments: what needs a person first, then all; and those that name no practice of ours."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.postingrules.history import (
    waiting_by_remittance,
    waiting_totals,
    with_waiting_parts,
)
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import InboxRemittance, Remittance, RemittanceState
from cleanclaim_server.remittances.queries import (
    NEEDS_YOU,
    content_of,
    inbox_counts,
    list_unassigned,
    loose_claims,
    with_unmatched,
)
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.templatetags.numbers import amount, date_text
from cleanclaim_server.web.views import shared

PAGE = 30
STRAYS_SHOWN = 50
CLAIMS_SHOWN = 50
METHODS = {"ACH": "EFT", "CHK": "Check", "FWT": "Wire", "BOP": "Payer's choice", "NON": "No payment"}


def sees_whole_agency(tenant: TenantContext) -> bool:
    """Whether every practice is in reach: what has no practice yet opens only then."""
    everyone = set(Practice.objects.filter(agency_id=tenant.agency_id).values_list("id", flat=True))
    return bool(everyone) and everyone <= (tenant.practice_ids - tenant.own_only)


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def remittances(request: HttpRequest) -> HttpResponse:
    """Payments received, those that need a person first; what fits no practice stands apart."""
    counts, strays = counted(request)
    view = request.GET.get("view") or default_view(counts, strays)
    left = inbox(request, counts, strays, view)
    may_add = bool(shared.also(request, DataClass.LEDGER, Access.FULL).practice_ids)
    record("remittance.listed", "remittance", count=len(left["rows"]))
    context = {
        "today": shared.today(request),
        "inbox": left,
        "upload_url": reverse("web:add_remittance") if may_add else None,
        "key_url": reverse("web:key_in") if may_add else None,
        "totals": [
            {
                "label": "Need you",
                "value": f"{counts['needs']:,}",
                "note": "held, or not posted yet",
                "tone": "stop" if counts["needs"] else "",
            },
            {
                "label": "Match nothing",
                "value": f"{counts['unmatched']:,}",
                "note": "money waits in suspense",
                "tone": "override" if counts["unmatched"] else "",
            },
            {
                "label": "Lines wait",
                "value": f"{counts['waiting']:,}",
                "note": f"payments, ${amount(counts['waiting_cents'])} in suspense by policy",
                "tone": "override" if counts["waiting"] else "",
            },
            {
                "label": "Name no practice of ours",
                "value": f"{len(strays):,}",
                "note": "kept, posted nowhere",
                "tone": "override" if strays else "",
            },
            {
                "label": "Posted",
                "value": f"{counts.get(RemittanceState.POSTED, 0):,}",
                "note": "balanced to the cent",
            },
        ],
        "empty": {
            "title": "No remittances here",
            "text": "Nothing that was received is in this state.",
            "act": "See all",
            "url": "?view=all",
        },
    }
    return render(request, "remits/list.html", context)


def counted(request: HttpRequest) -> tuple[dict[str, int], list[InboxRemittance]]:
    """Counts by state, and the payments without a practice that this person may place."""
    counts = inbox_counts(shared.in_view(request))
    counts["waiting"], counts["waiting_cents"] = waiting_totals(shared.in_view(request))
    whole = sees_whole_agency(request.tenant)
    return counts, list(list_unassigned(request.tenant)[:STRAYS_SHOWN]) if whole else []


def default_view(counts: dict[str, int], strays: list) -> str:
    """What opens first: work, if there is any."""
    if counts["needs"]:
        return "needs"
    if counts["waiting"]:
        return "waiting"
    if counts["unmatched"]:
        return "unmatched"
    return "strays" if strays else "all"


def view_of(one: Remittance) -> str:
    """The view in which a payment stands when it is opened by a link from elsewhere."""
    return "needs" if one.state in NEEDS_YOU else "all"


def inbox(
    request: HttpRequest,
    counts: dict[str, int],
    strays: list[InboxRemittance],
    view: str,
    *,
    current: Remittance | None = None,
    current_stray: UUID | None = None,
) -> dict:
    """The left list: views, search, rows, pager."""
    tenant, marks = shared.in_view(request), shared.marks(request)
    words = request.GET.get("q", "").strip()[:50]
    offered = [
        ("needs", "Needs you", counts["needs"]),
        ("waiting", "Lines wait", counts["waiting"]),
        ("unmatched", "Match nothing", counts["unmatched"]),
    ]
    offered += [("strays", "No practice", len(strays))] if strays else []
    offered += [("posted", "Posted", counts.get(RemittanceState.POSTED, 0)), ("all", "All", counts["all"])]
    suffix = f"&q={words}" if words else ""
    filters = [
        {"label": label, "n": n, "url": f"/remittances?view={key}{suffix}", "current": key == view}
        for key, label, n in offered
    ]
    shown = {
        "filters": filters,
        "view": view,
        "search": {
            "action": "/remittances",
            "q": words,
            "placeholder": "Trace number or payer",
            "keep": [{"name": "view", "value": view}],
        },
    }
    if view == "strays":
        return shown | {"rows": [_stray_row(row, current_stray) for row in strays], "page": None}
    rows = visible(Remittance.objects.all(), tenant)
    if view == "needs":
        rows = rows.filter(state__in=NEEDS_YOU)
    elif view == "waiting":
        rows = with_waiting_parts(rows)
    elif view == "unmatched":
        rows = with_unmatched(rows)
    elif view in RemittanceState.values:
        rows = rows.filter(state=view)
    if words:
        rows = rows.filter(Q(trace_number__istartswith=words) | Q(payer_name__icontains=words))
    found, page = shared.one_page(request, rows, "received_at", noun="", size=PAGE)
    if current is not None and all(row.pk != current.pk for row in found):
        found = [current, *found]
    loose = loose_claims([row.pk for row in found])
    parts = waiting_by_remittance({row.practice_id for row in found}, [row.pk for row in found])
    query = f"?view={view}{suffix}"
    return shown | {
        "rows": [
            _row(
                row,
                marks,
                (loose.get(row.pk, 0), parts.get(row.pk, 0)),
                query,
                current,
                shared.today(request),
            )
            for row in found
        ],
        "page": {key: _to_list(value) for key, value in page.items()},
    }


def _to_list(value):
    """Paging from inside one payment leads back to the list."""
    return f"/remittances?{value.split('?', 1)[1]}" if isinstance(value, str) and "?" in value else value


def method_word(method: str, trace: str) -> str:
    """`EFT 826319004521`: how it was paid and under which number."""
    word = METHODS.get(method, method)
    return trace if word and trace.upper().startswith(word.upper()) else f"{word} {trace}".strip()


def _row(
    row: Remittance,
    marks: dict,
    waits: tuple[int, int],
    query: str,
    current: Remittance | None,
    today: date,
) -> dict:
    """One line; `waits` counts claim payments without a claim, and parts that policy put before a person."""
    loose, parts = waits
    posted = row.state == RemittanceState.POSTED
    held = min(loose + parts, row.claims_count) if posted else 0
    bad = row.claims_count if row.state in (RemittanceState.HELD, RemittanceState.QUARANTINED) else 0
    note, tone, glyph = _note(row, loose, parts, today)
    return {
        "url": f"/remittances/{row.pk}{query}",
        "payer": row.payer_name,
        "cents": row.paid_cents,
        "method_word": method_word(row.method, row.trace_number),
        "paid_on": row.paid_on,
        "practice": marks.get(row.practice_id),
        "posted": max(row.claims_count - held, 0) if posted else 0,
        "held": held,
        "bad": bad,
        "lines": row.claims_count,
        "note": note,
        "note_tone": tone,
        "note_icon": glyph,
        "current": current is not None and row.pk == current.pk,
    }


def _note(row: Remittance, loose: int, parts: int, today: date) -> tuple[str, str, str]:
    if row.state == RemittanceState.HELD:
        off = off_by(row)
        return (f"Off by {amount(off)}" if off else "Held by what was read"), "stop", "octagon-x"
    if row.state == RemittanceState.QUARANTINED:
        return "Same payment, other content", "stop", "copy"
    if row.state == RemittanceState.READY:
        return "Balanced, not posted", "override", "scale"
    if row.state == RemittanceState.UNDONE:
        return "Posting undone", "override", "undo-2"
    if row.state == RemittanceState.DUPLICATE:
        return "Received before, not posted again", "soft", "copy"
    if parts:
        return f"{parts} wait{'s' if parts == 1 else ''} for a decision", "override", "scale"
    if loose:
        return f"{loose} match{'es' if loose == 1 else ''} nothing", "override", "circle-help"
    return (
        f"Balanced, posted {date_text(row.posted_at, today)}" if row.posted_at else "Balanced, posted",
        "ok",
        "circle-check",
    )


def off_by(row: Remittance) -> int:
    """By how much the payment misses: its own difference, else the largest of a claim or line, in cents."""
    if row.difference_cents:
        return abs(row.difference_cents)
    stops = [one for one in row.findings if one.get("severity") != "tell"]
    found = [(one.get("facts") or {}).get("difference_cents", 0) for one in stops]
    return max((abs(cents) for cents in found if isinstance(cents, int)), default=0)


def _stray_row(row: InboxRemittance, current: UUID | None) -> dict:
    return {
        "url": f"/remittances/inbox/{row.pk}",
        "payer": row.payer_name or "Payer not named",
        "cents": row.paid_cents,
        "method_word": f"Trace {row.trace_number}" if row.trace_number else "No trace number",
        "paid_on": row.paid_on,
        "practice": None,
        "posted": 0,
        "held": row.claims_count,
        "bad": 0,
        "lines": row.claims_count,
        "note": f"Payee {row.payee_npi or 'without NPI'}: none of ours",
        "note_tone": "override",
        "note_icon": "circle-help",
        "current": row.pk == current,
    }


def access_stray(request: HttpRequest, inbox_id: UUID) -> InboxRemittance:
    """A payment that waits for its practice; only for those who have every practice in reach.

    Raises:
        Http404: There is none, or it is not theirs to place.
    """
    if not sees_whole_agency(request.tenant):
        raise Http404
    found = list_unassigned(request.tenant).filter(pk=inbox_id).first()
    if found is None:
        raise Http404
    return found


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def stray(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """One payment whose payee is no practice of ours: what it says, and where it may belong."""
    one = access_stray(request, inbox_id)
    content = content_of(InboxRemittance.objects.get(pk=one.pk))
    counts, strays = counted(request)
    marks = shared.marks(request)
    full = shared.also(request, DataClass.LEDGER, Access.FULL)
    record("remittance.read_unassigned", "inbox_remittance", one.pk, claims=one.claims_count)
    payee = content.payee
    context = {
        "today": shared.today(request),
        "inbox": inbox(request, counts, strays, "strays", current_stray=one.pk),
        "remit": {
            "payer": one.payer_name or "Payer not named",
            "cents": one.paid_cents,
            "received_at": one.received_at,
            "paid_on": one.paid_on,
            "method_word": method_word(content.method, one.trace_number),
            "claims": one.claims_count,
            "lines": sum(len(claim.lines) for claim in content.claims),
        },
        "payee": {
            "text": payee.name,
            "npi": one.payee_npi,
            "tax_id": f"ends in {payee.tax_id[-4:]}" if payee.tax_id else "",
        },
        "lines": [
            {
                "claim_number": claim.claim_number,
                "codes": ", ".join(line.code for line in claim.lines[:4]),
                "on": claim.service_from
                or next((line.service_from for line in claim.lines if line.service_from), None),
                "charge_cents": claim.charge_cents,
                "paid_cents": claim.paid_cents,
                "patient_cents": claim.patient_cents,
            }
            for claim in content.claims[:CLAIMS_SHOWN]
        ],
        "more": max(len(content.claims) - CLAIMS_SHOWN, 0),
        "may_place": bool(full.practice_ids),
        "assign_url": reverse("web:assign", args=[one.pk]),
        "not_ours_url": reverse("web:payment_not_ours", args=[one.pk]),
        "practices": [mark for key, mark in marks.items() if key in full.practice_ids],
        "file_url": f"/files/{one.file_id}",
    }
    return render(request, "remits/stray.html", context)
