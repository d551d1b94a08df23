"""The page of one claim: its states side by side, what was sent, what came back, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim.codesets import diagnoses as diagnosis_codes
from cleanclaim.codesets.places_of_service import lookup as place_of
from cleanclaim.codesets.procedures import find as procedure_of
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.ledger.accounts import CHART, Account
from cleanclaim_server.audit import record
from cleanclaim_server.claims.access import access_claim
from cleanclaim_server.claims.codes import ADJUDICATED, EventKind, HoldCause, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.claims.queries import ClaimRecord
from cleanclaim_server.contracts.models import PayerContract
from cleanclaim_server.cycle.handling import MANUAL_RELEASE, OWNERS, WRITE_OFF_KINDS, is_unsent
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.denials.queries import claim_denials
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.remittances.models import RemittanceLine
from cleanclaim_server.statements.queries import balances_of_claims, paid_by_payers
from cleanclaim_server.underpayments.models import LineComparison, ProjectLine
from cleanclaim_server.underpayments.queries import comparisons_of_claims
from cleanclaim_server.web.views import payer_words, shared
from cleanclaim_server.web.views.claim_steps import Situation, next_steps, said_of
from cleanclaim_server.web.views.files import ack_row
from cleanclaim_server.web.views.queue_reads import open_items
from cleanclaim_server.web.views.rows import claim_row
from cleanclaim_server.work.models import WorkItem

COMPARED = {"agreed": "ok", "underpaid": "stop", "overpaid": "override", "unknown": "tell"}
"""Tones of what a line was compared to."""


@dataclass
class Loaded:
    """What the page reads of one claim, once."""

    claim: Claim
    found: ClaimRecord
    frozen: ClaimValue
    balances: dict[str, int]
    paid_cents: int
    answers: dict[UUID, dict]
    denials: list[Denial]
    items: list[WorkItem]
    names: dict[UUID, str]
    may_money: bool
    may_act: bool
    comparisons: dict[UUID, LineComparison]
    projects: dict[UUID, str]
    contract_url: str

    @property
    def holds(self) -> list:
        return [hold for hold in self.found.holds if hold.released_at is None]


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """One claim: states, frozen copy, lines, the payer's words, next steps, all that happened."""
    one = access_claim(request.tenant, claim_id)
    it = _load(request, one)
    record("claim.read", "claim", one.pk, practice_id=one.practice_id)
    marks, day = shared.marks(request), shared.today(request)
    live = next((row for row in it.found.batch_claims if row.is_live), None)
    if live is None and it.found.batch_claims:
        live = it.found.batch_claims[0]
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
            "plan": "",
        },
        "states": _states(it),
        "frozen_on": one.first_sent_at,
        "sent": _sent(it),
        "lines": [_line(line, it) for line in it.found.lines],
        "total": _total(it),
        "item": _item(request, it),
        "pane": {
            **said_of(situation),
            "known": [],
            "steps": next_steps(situation),
            "others": None,
            "findings": [_finding(row, it) for row in sorted(it.found.findings, key=_gravity)],
            "holds": [_hold(row, it) for row in it.holds if row.cause != HoldCause.REJECTED],
            "notes": [
                {"by": it.names.get(row.actor_id, "Somebody"), "at": row.happened_at, "text": row.detail}
                for row in it.found.events
                if row.kind == EventKind.NOTE and row.title == "Remark"
            ],
            "note_url": f"/claims/{one.pk}/remark" if it.may_act else "",
        },
        "hold_url": f"/claims/{one.pk}/hold" if it.may_act and _may_hold(it) else "",
        "owners": OWNERS.items(),
        "write_off": _write_off(it),
        "actions": _actions(it),
        "place": None,
        "raw": None,
        "events": _timeline(request, it),
        "answers": [_answer(row) for row in it.found.acknowledgments],
        "family": _family(it, marks),
        "batch_url": f"/batches/{live.batch_id}" if live else "",
        "raw_url": (
            f"/files/{live.batch.transfer.file_id}/raw?transaction={live.batch.transaction_control_number}"
            f"&from={live.position}&to={live.position_end}"
            if live
            else ""
        ),
        "raw_title": f"837P, segments {live.position} to {live.position_end}" if live else "",
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


def _load(request: HttpRequest, one: Claim) -> Loaded:
    found = ClaimRecord(one)
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    may_money = one.practice_id in money.practice_ids
    full = shared.also(request, DataClass.CLAIM, Access.FULL)
    items = list(
        open_items(request.tenant, shared.today(request)).filter(claim_id=one.pk).order_by("opened_at")
    )
    ids = {row.actor_id for row in found.events} | {row.overridden_by for row in found.findings}
    ids |= {row.assigned_to for row in items}
    names = User.objects.filter(agency_id=request.user.agency_id, pk__in=ids - {None})
    return Loaded(
        claim=one,
        found=found,
        frozen=decode_claim(bytes(one.frozen)),
        balances=balances_of_claims(money, [one.pk]).get(one.pk, {}) if may_money else {},
        paid_cents=paid_by_payers(money, [one.pk]).get(one.pk, 0) if may_money else 0,
        answers=_answers(one) if may_money else {},
        comparisons=comparisons_of_claims(money, [one.pk]) if may_money else {},
        projects=_projects(one) if may_money else {},
        contract_url=_contract_url(request, one),
        denials=list(claim_denials(money, one.pk)) if may_money else [],
        items=items,
        names=dict(names.values_list("pk", "display_name")),
        may_money=may_money,
        may_act=one.practice_id in full.practice_ids,
    )


def _projects(one: Claim) -> dict[UUID, str]:
    """The project that asks for each line."""
    rows = ProjectLine.objects.filter(practice_id=one.practice_id, claim=one, is_live=True)
    return {line: f"/underpayments/{key}" for line, key in rows.values_list("claim_line_id", "project_id")}


def _contract_url(request: HttpRequest, one: Claim) -> str:
    """The contract that says what is expected, for those who may read it."""
    if one.practice_id not in shared.also(request, DataClass.CONTRACTS, Access.READ).practice_ids:
        return ""
    rows = PayerContract.objects.filter(practice_id=one.practice_id, payer_id=one.payer_id)
    found = rows.values_list("pk", flat=True).first()
    return f"/contracts/{found}" if found else ""


def _answers(one: Claim) -> dict[UUID, dict]:
    """What payers said of each line: paid, allowed, patient, adjustments as sent.

    Codes are the newest answer's.

    Where a payer sends no allowed amount, it is what it paid and what it put on the patient.
    """
    rows = (
        RemittanceLine.objects.filter(claim_line__claim_id=one.pk, practice_id=one.practice_id)
        .select_related("remittance_claim__remittance")
        .prefetch_related("adjustments")
        .order_by("remittance_claim__remittance__received_at", "id")
    )
    found: dict[UUID, dict] = {}
    for row in rows:
        mine = found.setdefault(row.claim_line_id, {"paid_cents": 0})
        adjusted = list(row.adjustments.all())
        patient = sum(one.amount_cents for one in adjusted if one.group == "PR")
        mine["paid_cents"] += row.paid_cents
        mine["patient_cents"] = patient
        mine["allowed_cents"] = row.paid_cents + patient if row.allowed_cents is None else row.allowed_cents
        mine["codes"] = [f"{one.group}-{one.reason}" for one in adjusted] + list(row.remarks)
        mine["url"] = f"/remittances/{row.remittance_claim.remittance_id}"
        mine["on"] = row.remittance_claim.remittance.paid_on
    return found


def _states(it: Loaded) -> list[dict]:
    """The axes side by side: ours, the payer's, holds, money."""
    one = it.claim
    expected = "not known" if one.expected_cents is None else f"${one.expected_cents / 100:,.2f}"
    sent = f"First left {one.first_sent_at:%-d %b}" if one.first_sent_at else "Not sent yet"
    holds = it.holds
    states = [
        {"label": "With us", "state": one.lifecycle, "axis": "claim", "note": sent},
        {
            "label": "Payer says",
            "state": one.payer_state,
            "axis": "payer",
            "note": f"{one.payer_state_on:%-d %b}" if one.payer_state_on else "",
        },
        {
            "label": "Holds",
            "value": len(holds) or "None",
            "note": holds[0].get_cause_display() if holds else "",
        },
    ]
    if not it.may_money:
        return [*states, {"label": "Charge", "cents": one.total_charge_cents, "note": f"{expected} expected"}]
    owed = it.balances.get(Account.INSURANCE_RECEIVABLE.value, 0)
    patient = it.balances.get(Account.PATIENT_RECEIVABLE.value, 0)
    return [
        *states,
        {"label": "Paid by payers", "cents": it.paid_cents, "note": f"of {expected} expected"},
        {
            "label": "Open",
            "cents": owed + patient,
            "note": f"${owed / 100:,.2f} with the payer, ${patient / 100:,.2f} with the patient",
        },
    ]


def _sent(it: Loaded) -> list[dict]:
    """The facts of the frozen copy that a biller looks for."""
    one, frozen = it.claim, it.frozen
    try:
        place = place_of(frozen.place_of_service, one.date_of_service).label
    except CodeNotKnown:
        place = ""
    named = [diagnosis_codes.find(code, one.date_of_service) for code in frozen.diagnoses]
    person = frozen.patient
    facts = [
        {
            "label": "Patient",
            "value": one.patient.full_name,
            "note": "Is the subscriber" if frozen.relationship == "18" else "Not the subscriber",
        },
        {
            "label": "Member number",
            "value": frozen.member_id or "Missing",
            "missing": not frozen.member_id,
            "note": f"Group {frozen.group_number}" if frozen.group_number else "",
        },
        {
            "label": "Clinician",
            "value": one.rendering_provider.short_name,
            "note": f"NPI {frozen.rendering.npi}" if frozen.rendering else "Bills in their own name",
        },
        {
            "label": "Diagnoses",
            "codes": list(frozen.diagnoses),
            "value": "None on the claim",
            "missing": not frozen.diagnoses,
            "note": "; ".join(row.description for row in named if row),
        },
        {"label": "Place of service", "value": frozen.place_of_service, "note": place},
        {"label": "Authorization", "value": frozen.authorization_number or "None on the claim", "note": ""},
        {
            "label": "Billed by",
            "value": frozen.billing_provider.name,
            "note": f"NPI {frozen.billing_provider.npi}",
        },
        {"label": "Payer's claim number", "value": one.payer_control_number or "None given yet", "note": ""},
    ]
    if frozen.supervising:
        facts.insert(
            3,
            {
                "label": "Supervised by",
                "note": f"NPI {frozen.supervising.npi}",
                "value": f"{frozen.supervising.first_name[:1]}. {frozen.supervising.last_name}",
            },
        )
    if not person.address.line1:
        facts[0] |= {"note": "No address on the claim", "bad": "No address"}
    return facts


def _line(line, it: Loaded) -> dict:
    sent = next((one for one in it.frozen.lines if one.number == line.number), None)
    answer = it.answers.get(line.pk)
    known = procedure_of(line.code)
    said = it.comparisons.get(line.pk)
    return {
        "number": line.number,
        "code": line.code,
        "modifiers": line.modifiers,
        "units": line.units,
        "label": known.label if known else "",
        "charge_cents": line.charge_cents,
        "expected_cents": line.expected_cents if said is None else said.expected_allowed_cents,
        "expected_url": it.contract_url,
        "compared": {
            "status": said.status,
            "label": said.get_status_display(),
            "tone": COMPARED.get(said.status, "line"),
            "why": said.why,
            "steps": said.steps,
            "rate": said.rate_id,
            "short_cents": said.short_cents,
            "interest_cents": said.interest_open_cents,
            "interest_why": said.interest_why,
            "url": it.projects.get(line.pk, ""),
        }
        if said is not None
        else None,
        "place": (sent.place_of_service if sent else "") or it.frozen.place_of_service,
        "answered": answer is not None,
        "may": it.may_money,
        "reasons": payer_words.coded(*answer["codes"]) if answer else [],
        "url": answer["url"] if answer else "",
        "allowed_cents": answer["allowed_cents"] if answer else None,
        "paid_cents": answer["paid_cents"] if answer else None,
        "patient_cents": answer["patient_cents"] if answer else None,
    }


def _total(it: Loaded) -> dict:
    rows = it.answers.values()
    answered = bool(it.answers)
    return {
        "charge_cents": it.claim.total_charge_cents,
        "expected_cents": it.claim.expected_cents,
        "answered": answered,
        **{
            key: sum(row[key] for row in rows) if answered else None
            for key in ("allowed_cents", "paid_cents", "patient_cents")
        },
    }


def _item(request: HttpRequest, it: Loaded) -> dict | None:
    """The work item behind the page: what it needs, by when, and who has it."""
    if not it.items:
        return None
    ordered = sorted(it.items, key=lambda row: (row.due_on is None, row.due_on or row.opened_on))
    row = ordered[0]
    mine = row.assigned_to == request.user.pk
    return {
        "id": row.pk,
        "title": row.title,
        "due": row.due_on,
        "due_enforceable": row.due_enforceable,
        "opened_on": row.opened_on,
        "mine": mine,
        "others": len(ordered) - 1,
        "owner": it.names.get(row.assigned_to, "A colleague") if row.assigned_to else "",
        "take_url": f"/work/{row.pk}/take",
        "give_url": f"/work/{row.pk}/give",
        "snooze_url": f"/work/{row.pk}/snooze",
    }


def _gravity(row) -> int:
    """What stops stands first, what is overridden or only told last."""
    return {"stop": 0, "stop_unless_overridden": 1}.get(row.severity, 2) + (2 if row.overridden_at else 0)


def _finding(row, it: Loaded) -> dict:
    """A finding as `{% finding %}` shows it, with the record that mends it and the way to override it."""
    one = it.claim
    record_ = payer_words.mended_in(row.code) if is_unsent(one) else ""
    may = it.may_act and row.severity == "stop_unless_overridden" and not row.overridden_at and is_unsent(one)
    where = f"Line {row.line_number}" if row.line_number else ""
    url = fix_url(one, record_, code=row.code) if row.severity != "tell" else ""
    return {
        "severity": row.severity,
        "message": row.message,
        "remedy": row.remedy,
        "code": row.code,
        "sources": row.sources,
        "where": "" if row.message.startswith(where) else where,
        "overridden_by_name": it.names.get(row.overridden_by, ""),
        "override_reason": row.override_reason,
        "act": {"label": payer_words.MEND_WORDS[record_], "url": url} if url and it.may_act else None,
        "override_url": f"/claims/{one.pk}/findings/{row.pk}/override" if may else "",
        "id": row.pk,
    }


def fix_url(one: Claim, record_: str, *, code: str = "", back: str = "") -> str:
    """The page, and where `code` tells it the field, on which the record behind a fault is mended.

    Args:
        code: The finding's code.
        back: Where to return afterwards; by default the claim.
    """
    if record_ not in payer_words.MEND_WORDS:
        return ""
    field = payer_words.field_of(code)
    back = f"?{urlencode({'back': back or f'/claims/{one.pk}'})}"
    page = {
        "coverage": f"/coverages/{one.coverage_id}/edit{back}",
        "patient": f"/patients/{one.patient_id}/edit{back}",
        "authorization": f"/patients/{one.patient_id}/authorizations/new{back}",
        "session": f"/sessions/{one.family.encounter_id}/edit{back}",
        "practice": f"/settings/practices/{one.practice_id}{'/edit' + back if field else ''}",
    }.get(record_, "")
    return f"{page}#f-{field}" if page and field else page


def _hold(row, it: Loaded) -> dict:
    may = it.may_act and row.cause in MANUAL_RELEASE
    return {
        "cause": row.get_cause_display(),
        "detail": f"{row.detail.rstrip('.')}." if row.detail else "",
        "since": row.opened_at,
        "owner": OWNERS.get(row.owner_role, row.owner_role.replace("_", " ")).lower(),
        "release_url": f"/claims/{it.claim.pk}/holds/{row.pk}/release" if may else None,
    }


def _may_hold(it: Loaded) -> bool:
    held = any(row.cause == "manual" for row in it.holds)
    return it.claim.lifecycle in (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY) and not held


def _write_off(it: Loaded) -> dict | None:
    """The form that gives up what a payer denied; none where nothing is denied, or for another role."""
    if not it.may_act or not any(row.state in ("open", "working") for row in it.denials):
        return None
    return {
        "url": f"/claims/{it.claim.pk}/write-off",
        "kinds": [(kind.value, word) for kind, word in WRITE_OFF_KINDS.items()],
    }


def _actions(it: Loaded) -> list[dict]:
    """The menu: what is possible but not likeliest."""
    one = it.claim
    acts = [
        {
            "label": "Open the session",
            "icon": "clock",
            "url": f"/sessions/{one.family.encounter_id}",
            "method": "get",
        },
        {"label": "Open the patient", "icon": "users", "url": f"/patients/{one.patient_id}", "method": "get"},
    ]
    if it.found.batch_claims:
        url = f"/batches/{it.found.batch_claims[0].batch_id}"
        acts.append({"label": "Open the batch", "icon": "files", "url": url, "method": "get"})
    acts += [
        {
            "label": label,
            "icon": "printer",
            "url": f"/claims/{one.pk}/paper?on={paper}{'&answers=1' if it.may_money else ''}",
            "method": "get",
        }
        for paper, label in (("form", "Print on the red form"), ("plain", "Print on plain paper"))
    ]
    if not it.may_act:
        return acts
    if any(row.state == "written_off" for row in it.denials):
        acts.append(
            {
                "label": "Take the write-off back",
                "icon": "undo-2",
                "url": f"/claims/{one.pk}/write-off/undo",
                "method": "post",
            }
        )
    if is_unsent(one):
        acts.append(
            {
                "label": "Build anew and run the edits",
                "icon": "refresh-cw",
                "method": "post",
                "url": f"/claims/{one.pk}/mend",
                "fields": {"anyway": "1"},
            }
        )
    if one.payer_state in ADJUDICATED and one.sequence == "P":
        acts.append(
            {
                "label": "Build a corrected claim",
                "icon": "copy",
                "method": "post",
                "url": f"/claims/{one.pk}/correct",
            }
        )
    if one.payer_state in ADJUDICATED:
        acts.append(
            {
                "label": "Void it: billed in error",
                "icon": "ban",
                "method": "post",
                "danger": True,
                "url": f"/claims/{one.pk}/void",
                "fields": {"reason": "Billed in error"},
            }
        )
    return acts


def _answer(row) -> dict:
    shown = ack_row(row)
    sender = shown["sender"].removesuffix(": ").removesuffix(":")
    who, _, name = sender.partition(": ")
    codes = [code for code in shown["codes"] if ":" in code]
    return shown | {
        "sender": name.title() if name.isupper() else name or who.capitalize(),
        "codes": payer_words.coded(*codes),
        "meaning": "; ".join(dict.fromkeys(part.strip() for part in shown["meaning"].split(";"))),
    }


def _family(it: Loaded, marks: dict) -> list[dict]:
    rows = []
    for row in it.found.family:
        row.patient, row.rendering_provider = it.claim.patient, it.claim.rendering_provider
        line = claim_row(row, marks)
        words = [line["sequence_word"], line["frequency_word"]]
        rows.append(
            line
            | {
                "current": row.pk == it.claim.pk,
                "word": " ".join(word for word in words if word).capitalize() or "Original",
            }
        )
    return rows


def _timeline(request: HttpRequest, it: Loaded) -> list[dict]:
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
            "title": f"Session held, {times}",
            "detail": f"{visit.service.replace(';', ', ').capitalize()}, {visit.modality.replace('_', ' ')}.",
            "url": f"/sessions/{visit.pk}",
            "url_text": "Session",
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
