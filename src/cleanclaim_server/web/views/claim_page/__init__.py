"""The page of one claim: its states side by side, what was sent, what came back, and what to do next."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim.ledger.accounts import CHART, Account
from cleanclaim_server.audit import record
from cleanclaim_server.claims.access import access_claim
from cleanclaim_server.claims.codes import EventKind, HoldCause
from cleanclaim_server.cycle.handling import OWNERS
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.claim_page.acting import (
    finding_row,
    gravity,
    hold_row,
    item_of,
    may_hold,
    menu_of,
    write_off_form,
)
from cleanclaim_server.web.views.claim_page.loading import load
from cleanclaim_server.web.views.claim_page.parts import (
    answer_row,
    before_rows,
    family_rows,
    line_row,
    sent_parts,
    states_of,
    total_row,
)
from cleanclaim_server.web.views.claim_page.timeline import timeline_of
from cleanclaim_server.web.views.claim_steps import Situation, next_steps, said_of
from cleanclaim_server.web.views.rows import claim_row


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """One claim: states, frozen copy, lines, the payer's words, next steps, all that happened."""
    one = access_claim(request.tenant, claim_id)
    it = load(request, one)
    record("claim.read", "claim", one.pk, practice_id=one.practice_id)
    marks, day = shared.marks(request), shared.today(request)
    live = next((row for row in it.found.batch_claims if row.is_live), None)
    if live is None and it.found.batch_claims:
        live = it.found.batch_claims[0]
    guide = "837I" if one.bill_type else "837P"
    guide = "837I" if one.bill_type else "837P"
    situation = Situation(
        claim=one,
        today=day,
        holds=it.holds,
        findings=it.found.findings,
        denials=it.denials,
        answers=it.found.acknowledgments,
        lines=it.answers,
        items=it.items,
        family=it.found.family,
        paid_cents=it.paid_cents,
        may_act=it.may_act,
        may_money=it.may_money,
        batch=live,
    )
    context = {
        "today": day,
        "claim": claim_row(one, marks, it.balances if it.may_money else None)
        | {
            "patient_name": one.patient.full_name,
            "patient_url": f"/patients/{one.patient_id}",
            "session_url": f"/sessions/{one.family.encounter_id}",
            "bill_type": one.bill_type,
            "until": one.date_of_service_end,
            "plan": "",
        },
        "states": states_of(it),
        "frozen_on": one.first_sent_at,
        "sent": sent_parts(it),
        "lines": [line_row(line, it) for line in it.found.lines],
        "total": total_row(it),
        "before": before_rows(it),
        "item": item_of(request, it),
        "pane": {
            **said_of(situation),
            "known": [],
            "steps": next_steps(situation),
            "others": None,
            "findings": [finding_row(row, it) for row in sorted(it.found.findings, key=gravity)],
            "holds": [hold_row(row, it) for row in it.holds if row.cause != HoldCause.REJECTED],
            "notes": [
                {"by": it.names.get(row.actor_id, "Somebody"), "at": row.happened_at, "text": row.detail}
                for row in it.found.events
                if row.kind == EventKind.NOTE and row.title == "Remark"
            ],
            "note_url": f"/claims/{one.pk}/remark" if it.may_act else "",
        },
        "hold_url": f"/claims/{one.pk}/hold" if it.may_act and may_hold(it) else "",
        "owners": OWNERS.items(),
        "write_off": write_off_form(it),
        "actions": menu_of(it),
        "place": None,
        "raw": None,
        "events": timeline_of(request, it),
        "answers": [answer_row(row) for row in it.found.acknowledgments],
        "family": family_rows(it, marks),
        "batch_url": f"/batches/{live.batch_id}" if live else "",
        "raw_url": (
            f"/files/{live.batch.transfer.file_id}/raw?transaction={live.batch.transaction_control_number}"
            f"&from={live.position}&to={live.position_end}"
            if live
            else ""
        ),
        "raw_title": f"{guide}, segments {live.position} to {live.position_end}" if live else "",
        "raw_file": f"/files/{live.batch.transfer.file_id}" if live else "",
        "may_act": it.may_act,
        "may_see_money": it.may_money,
        "balances": [
            {"account": CHART[Account(key)].title, "cents": cents}
            for key, cents in it.balances.items()
            if cents
        ],
    }
    return render(request, "claims/claim.html", context)
