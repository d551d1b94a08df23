"""Claims: the list, the page of one, and rejections."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.claim import decode_claim
from cleanclaim.ledger.accounts import CHART, Account
from cleanclaim_server.audit import record
from cleanclaim_server.claims.access import access_claim
from cleanclaim_server.claims.codes import HoldCause, Lifecycle, PayerState
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.claims.queries import (
    ClaimRecord,
    lifecycle_totals,
    open_holds,
    payer_state_totals,
    rejected_claims,
)
from cleanclaim_server.claims.queries import claims as claims_in_reach
from cleanclaim_server.coverage.queries import payers_of
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.remittances.models import RemittanceLine
from cleanclaim_server.statements.queries import balances_of_claims
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.files import ack_row
from cleanclaim_server.web.views.rows import claim_row


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def claims(request: HttpRequest) -> HttpResponse:
    """Claims by date of service, newest first, filtered by the address."""
    tenant = shared.in_view(request)
    rows = claims_in_reach(tenant, request.GET.dict())
    totals, payer_totals = lifecycle_totals(tenant), payer_state_totals(tenant)
    context = _list(request, tenant, rows) | {
        "tabs": shared.tab_links(
            request,
            "lifecycle",
            [("", "All", sum(row["n"] for row in totals.values()))]
            + [(one.value, one.label, totals[one.value]["n"]) for one in Lifecycle if one.value in totals],
        ),
        "filters": [
            shared.chooser(
                request, "payer_state", "Payer says",
                [("rejected", "Rejected")]
                + [(one.value, one.label, payer_totals[one.value]["n"]) for one in PayerState if one.value in payer_totals],
            ),
            shared.chooser(request, "payer", "Payer", [(str(one.pk), one.name) for one in payers_of(tenant)]),
            shared.chooser(request, "hold", "Held because", [(one.value, one.label) for one in HoldCause]),
        ],
        "search": {"action": "/claims", "q": request.GET.get("q", ""), "placeholder": "Claim number", "keep": []},
    }  # fmt: skip
    return render(request, "claims/list.html", context)


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def rejections(request: HttpRequest) -> HttpResponse:
    """Claims that never reached adjudication and are still ours to mend."""
    tenant = shared.in_view(request)
    context = _list(request, tenant, rejected_claims(tenant))
    context["rows"] = [
        row | {"title": "Rejected: mend and send again", "stage": row["payer_state"], "rejected_on": row["payer_state_on"],
               "due": row["due_on"], "cents": row["charge_cents"], "codes": [], "remedy": ""}
        for row in context["rows"]
    ]
    context["whole"] |= {"cents": context["whole"]["charge_cents"]}
    context["columns"] = shared.columns("What was wrong", "Patient", "Claim", "Payer", "Said by", "Codes", "Rejected",
                                        "Filing limit", ("Charge ($)", "num"))
    context |= {"tabs": [], "filters": [], "search": None}
    return render(request, "rejections/list.html", context)


def _list(request: HttpRequest, tenant, rows) -> dict:
    marks = shared.marks(request)
    found, page = shared.one_page(request, rows, "date_of_service", noun="claims")
    ids = [row.pk for row in found]
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    balances, holds = balances_of_claims(money, ids), open_holds(tenant, ids)
    record("claim.listed", "claim", count=len(found))

    def money_of(row: Claim) -> dict | None:
        return balances.get(row.pk, {}) if row.practice_id in money.practice_ids else None

    shown = [claim_row(row, marks, money_of(row), holds.get(row.pk)) for row in found]
    return {
        "today": shared.today(request), "rows": shown, "page": page, "ready": None, "bulk": [], "note": "",
        "columns": shared.columns("Claim", "Patient", "Visit", "Payer", "Codes", "Ours", "Payer says",
                                  ("Charge ($)", "num"), ("Expected ($)", "num"), ("Paid ($)", "num")),
        "whole": {"count": page["total"], **rows.aggregate(charge_cents=Sum("total_charge_cents"))},
        "empty": {"title": "No claims", "text": "No claim matches these filters.", "act": "Show all", "url": request.path},
    }  # fmt: skip


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """One claim: its states side by side, what was sent, what came back, all that happened."""
    one, marks = access_claim(request.tenant, claim_id), shared.marks(request)
    found = ClaimRecord(one)
    frozen = decode_claim(bytes(one.frozen))
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    may_money = one.practice_id in money.practice_ids
    balances = balances_of_claims(money, [one.pk]).get(one.pk, {}) if may_money else {}
    answers = _answers(one) if may_money else {}
    holds = [hold for hold in found.holds if hold.released_at is None]
    names = _names(request, found)
    full = shared.also(request, DataClass.CLAIM, Access.FULL)
    may_act = one.practice_id in full.practice_ids
    record("claim.read", "claim", one.pk, practice_id=one.practice_id)
    live = next((row for row in found.batch_claims if row.is_live), None)
    context = {
        "today": shared.today(request),
        "claim": claim_row(one, marks, balances if may_money else None)
        | {
            "patient_name": one.patient.full_name, "patient_url": f"/patients/{one.patient_id}",
            "session_url": f"/sessions/{one.family.encounter_id}", "place_of_service": one.place_of_service,
            "rule_state": one.rule_state, "frequency": one.frequency, "first_sent_at": one.first_sent_at,
            "payer_control_number": one.payer_control_number, "accepted_at": one.accepted_at,
            "adjudicated_on": one.adjudicated_on, "hash": one.frozen_hash, "diagnoses": list(frozen.diagnoses),
        },  # fmt: skip
        "states": _states(one, holds, balances, may_money),
        "frozen_on": one.first_sent_at,
        "sent": [
            {"label": "Place of service", "value": "", "code": frozen.place_of_service, "note": "", "bad": "", "missing": False},
            {"label": "Diagnoses", "value": ", ".join(frozen.diagnoses), "note": "", "bad": "", "missing": not frozen.diagnoses},
            {"label": "Authorization", "value": frozen.authorization_number or "None", "note": "", "bad": "", "missing": False},
            {"label": "Clinician", "value": one.rendering_provider.short_name, "note": "", "bad": "", "missing": False},
            {"label": "Payer's number", "value": one.payer_control_number or "None yet", "note": "", "bad": "", "missing": False},
        ],
        "total": {"charge_cents": one.total_charge_cents, "expected_cents": one.expected_cents, "allowed_cents": None,
                  "paid_cents": sum(row["paid_cents"] for row in answers.values()) if may_money and answers else None,
                  "patient_cents": None, "answered": bool(answers)},
        "pane": {
            "said": None, "silent": None, "known": [], "steps": [], "others": None, "notes": [], "note_url": "",
            "findings": [row for row in found.findings],
            "holds": [{"cause": row.get_cause_display(), "detail": row.detail, "since": row.opened_at,
                       "owner": row.owner_role.replace("_", " "), "release_url": None} for row in holds],
        },
        "actions": [], "place": None, "raw": None,
        "lines": [_line(line, frozen, answers.get(line.pk), may_money) for line in found.lines],
        "findings": [
            {
                "severity": row.severity, "message": row.message, "remedy": row.remedy, "code": row.code,
                "sources": row.sources, "where": f"Line {row.line_number}" if row.line_number else "",
                "overridden_by_name": names.get(row.overridden_by, ""), "override_reason": row.override_reason,
                "override_url": f"/claims/{one.pk}/findings/{row.pk}/override"
                if may_act and row.severity == "stop_unless_overridden" and not row.overridden_at else "",
            }
            for row in found.findings
        ],
        "holds": [
            {
                "id": row.pk, "cause": row.cause, "label": row.get_cause_display(), "detail": row.detail,
                "owner": row.owner_role.replace("_", " "), "opened_at": row.opened_at,
            }
            for row in holds
        ],
        "timeline": [_event(row, names) for row in found.events],
        "events": [_event(row, names) for row in found.events],
        "answers": [ack_row(row) for row in found.acknowledgments],
        "family": [claim_row(row, marks) | {"current": row.pk == one.pk, "word": claim_row(row, marks)["frequency_word"] or claim_row(row, marks)["sequence_word"] or "Original"} for row in _with_patient(found.family, one)],
        "batch_url": f"/batches/{live.batch_id}" if live else "",
        "raw_url": (
            f"/files/{live.batch.transfer.file_id}/raw?transaction={live.batch.transaction_control_number}"
            f"&from={live.position}&to={live.position_end}" if live else ""
        ),
        "denials": list(
            visible(Denial.objects.filter(claim_id=one.pk), request.tenant).order_by("denied_on", "id")
        ) if may_money else [],
        "balances": [
            {"account": CHART[Account(key)].title, "cents": cents} for key, cents in balances.items() if cents
        ],
        "may_act": may_act,
        "may_see_money": may_money,
    }  # fmt: skip
    return render(request, "claims/claim.html", context)


def _with_patient(rows: list[Claim], one: Claim) -> list[Claim]:
    for row in rows:
        row.patient, row.rendering_provider = one.patient, one.rendering_provider
    return rows


def _states(one: Claim, holds: list, balances: dict, may_money: bool) -> list[dict]:
    """The axes side by side: ours, the payer's, holds, money."""
    states = [
        {"label": "With us", "state": one.lifecycle, "axis": "claim", "note": ""},
        {"label": "Payer", "state": one.payer_state, "axis": "payer", "note": ""},
        {"label": "Holds", "value": len(holds) or "None", "note": holds[0].get_cause_display() if holds else ""},
        {"label": "Charge", "cents": one.total_charge_cents},
        {"label": "Expected", "cents": one.expected_cents},
    ]
    if may_money:
        states += [
            {"label": "Insurance owes", "cents": balances.get(Account.INSURANCE_RECEIVABLE.value, 0)},
            {"label": "Patient owes", "cents": balances.get(Account.PATIENT_RECEIVABLE.value, 0)},
        ]
    return states


def _answers(one: Claim) -> dict[UUID, dict]:
    """What payers said of each line: paid, allowed, adjustments as sent. The newest answer counts for codes."""
    rows = (
        RemittanceLine.objects.filter(claim_line__claim_id=one.pk, practice_id=one.practice_id)
        .select_related("remittance_claim__remittance")
        .prefetch_related("adjustments")
        .order_by("remittance_claim__remittance__received_at", "id")
    )
    found: dict[UUID, dict] = {}
    for row in rows:
        mine = found.setdefault(row.claim_line_id, {"paid_cents": 0, "allowed_cents": None, "codes": [], "url": ""})
        mine["paid_cents"] += row.paid_cents
        mine["allowed_cents"] = row.allowed_cents
        mine["codes"] = [f"{one.group}-{one.reason}" for one in row.adjustments.all()] + list(row.remarks)
        mine["adjustments"] = [
            {"code": f"{one.group}-{one.reason}", "cents": one.amount_cents} for one in row.adjustments.all()
        ]
        mine["patient_cents"] = sum(one.amount_cents for one in row.adjustments.all() if one.group == "PR")
        mine["url"] = f"/remittances/{row.remittance_claim.remittance_id}"
    return found


def _line(line, frozen, answer: dict | None, may_money: bool) -> dict:
    sent = next((one for one in frozen.lines if one.number == line.number), None)
    return {
        "number": line.number, "code": line.code, "modifiers": line.modifiers, "units": line.units,
        "date_of_service": line.date_of_service, "charge_cents": line.charge_cents,
        "expected_cents": line.expected_cents, "control_number": line.control_number,
        "pointers": list(sent.diagnosis_pointers) if sent else [],
        "minutes": sent.session_minutes if sent else None,
        "answered": answer is not None, "place": sent.place_of_service if sent else "", "why_url": "",
        "reasons": [{"code": code, "meaning": ""} for code in (answer or {}).get("codes", ())], "may": may_money,
        **(answer or {"paid_cents": None, "allowed_cents": None, "patient_cents": None, "codes": [], "adjustments": [], "url": ""}),
    }  # fmt: skip


def _names(request: HttpRequest, found: ClaimRecord) -> dict[UUID, str]:
    ids = {row.actor_id for row in found.events} | {row.overridden_by for row in found.findings}
    rows = User.objects.filter(agency_id=request.user.agency_id, pk__in=ids - {None})
    return dict(rows.values_list("pk", "display_name"))


def _event(row: ClaimEvent, names: dict[UUID, str]) -> dict:
    who = names.get(row.actor_id) or row.actor_name
    raw = f"/files/{row.file_id}/raw?transaction={row.transaction}&from={row.position}&to={row.position_end or row.position}"
    return {
        "at": row.happened_at, "actor": row.actor_kind, "title": row.title,
        "detail": " ".join(part for part in (row.detail, f"By {who}." if who else "") if part),
        "url": f"/files/{row.file_id}" if row.file_id else "", "url_text": row.file.name if row.file_id else "",
        "raw_url": raw if row.file_id and row.position else "", "kind": row.kind,
    }  # fmt: skip


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def override(request: HttpRequest, claim_id: UUID, finding_id: UUID) -> HttpResponse:
    """A named person gives the reason for which an edit is overridden."""
    one = access_claim(request.tenant, claim_id)
    finding = one.findings.filter(pk=finding_id, practice_id=one.practice_id).first()
    if finding is None:
        raise Http404
    from cleanclaim_server.cycle.intake import override_finding

    reason = request.POST.get("reason", "").strip()[:300]
    if not reason:
        messages.error(request, "An override needs a reason.")
    else:
        try:
            override_finding(
                finding, reason=reason, actor_id=request.user.pk, now=shared.now(), today=shared.today(request)
            )
        except ValueError as refused:
            messages.error(request, str(refused))
    return redirect("web:claim", one.pk)
