"""Sessions: the list, one session, and its signature. Entering and correcting is in `session_form`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.coding import CodingResult
from cleanclaim.ledger.accounts import Account
from cleanclaim_server.audit import record
from cleanclaim_server.charges.queries import charges_of_encounters
from cleanclaim_server.claims.queries import claims, claims_of_encounters, held_by_notes
from cleanclaim_server.cycle.handling import NOT_BILLABLE, HandlingRefused, set_not_billable
from cleanclaim_server.cycle.intake import sign_note
from cleanclaim_server.cycle.intake.bills import bill_facts, is_bill
from cleanclaim_server.encounters.access import access_encounter
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.encounters.queries import STATES, UNBILLED, note_readings, state_counts
from cleanclaim_server.encounters.queries import sessions as sessions_in_reach
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.queries import providers_of
from cleanclaim_server.statements.queries import balances_of_claims, paid_by_payers
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rows import claim_row, session_row
from cleanclaim_server.web.views.session_form.correcting import amendable
from cleanclaim_server.web.views.session_form.fields import COMPLEXITY, MODALITIES, SETTINGS
from cleanclaim_server.web.views.session_form.strip import coded

LABELS = {
    "open": "Not coded yet",
    "coded": "Coded",
    "refused": "Cannot be coded",
    "charged": "Claim built",
    "not_billable": "Not billable",
    "void": "Void",
}
SORTS = {"day": ("date_of_service", True)}
TIMES = {
    "patient": "The patient",
    "family+patient": "Family with the patient",
    "family without patient": "Family without the patient",
    "caregiver": "Caregiver",
}


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Sessions by day, newest first, filtered by the address."""
    whole = shared.in_view(request)
    code = request.GET.get("practice", "")
    tenant = shared.narrowed(request, whole, code) if code else whole
    marks, counts = shared.marks(request), state_counts(tenant)
    order = shared.Sorting(request, SORTS, "day")
    rows, page = shared.one_page(
        request,
        sessions_in_reach(tenant, request.GET.dict()),
        order.field,
        noun="sessions",
        descending=order.descending,
    )
    ids = [row.pk for row in rows]
    charged, built = charges_of_encounters(tenant, ids), claims_of_encounters(tenant, ids)
    record("session.listed", "encounter", count=len(rows))
    clinicians = [(str(one.pk), one.short_name) for one in providers_of(tenant)]
    mine = [mark for key, mark in marks.items() if key in whole.practice_ids]
    full = shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids
    context = {
        "today": shared.today(request),
        "new_url": "/sessions/new" if full else "",
        "import_url": "/sessions/import" if full else "",
        "search": None,
        "columns": shared.columns(
            ("Day", "", "day"),
            "Patient",
            "Clinician",
            "Service",
            ("Minutes", "num"),
            ("Codes", "col-opt"),
            ("Charge ($)", "num"),
            "State",
            order=order,
        ),
        "empty": {
            "title": "No sessions",
            "text": "No session matches. Enter one, or import a CSV.",
            "act": "Show all",
            "url": "/sessions",
        },
        "tabs": shared.tab_links(
            request,
            "state",
            [
                ("", "All", sum(counts.get(state, 0) for state in STATES)),
                ("unsigned", "Note not signed", counts["unsigned"]),
            ]
            + [(state, LABELS[state], counts.get(state, 0)) for state in STATES if counts.get(state)],
        ),
        "filters": [
            *(
                [
                    shared.chooser(
                        request, "practice", "Practice", [(one["code"], one["name"]) for one in mine]
                    )
                ]
                if len(mine) > 1
                else []
            ),
            shared.chooser(request, "clinician", "Clinician", clinicians),
        ],
        "rows": [
            session_row(row, marks)
            | {
                "charge_cents": charged.get(row.pk),
                "claim": {"number": built[row.pk].claim_number, "url": f"/claims/{built[row.pk].pk}"}
                if row.pk in built
                else None,
            }
            for row in rows
        ],
        "page": page,
    }
    return render(request, "sessions/list.html", context)


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """One session: facts, what it was coded as and why, its claims, and what can be done."""
    one, marks = access_encounter(request.tenant, session_id), shared.marks(request)
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    may_money = one.practice_id in money.practice_ids
    found = list(
        claims(request.tenant).filter(family__encounter_id=one.pk).order_by("sequence", "created_at")
    )
    ids = [row.pk for row in found]
    balances = balances_of_claims(money, ids) if may_money else {}
    paid = paid_by_payers(money, ids) if may_money else {}
    built = [
        claim_row(row, marks, balances.get(row.pk, {}) if may_money else None)
        | {"paid_cents": paid.get(row.pk, 0) if may_money else None}
        for row in found
    ]
    record("session.read", "encounter", one.pk, practice_id=one.practice_id)
    signs = shared.also(request, DataClass.NOTE_EXCERPT, Access.FULL)
    reads = shared.also(request, DataClass.NOTE_EXCERPT, Access.READ)
    changes = one.practice_id in shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids
    may_sign = not one.is_signed and one.state not in UNBILLED and one.practice_id in signs.practice_ids
    locked = amendable(one)
    note = next(iter(note_readings(one, 1)), None)
    charged = charges_of_encounters(request.tenant, [one.pk]).get(one.pk)
    context = {
        "today": shared.today(request),
        "session": session_row(one, marks)
        | {
            "patient": one.patient.full_name,
            "patient_url": f"/patients/{one.patient_id}",
            "initials": one.patient.initials,
            "signed_at": one.note_signed_at,
            "state": one.state,
        },
        "facts": _facts(one),
        "preview": _stored(one, charged, found),
        "claims": built,
        "locked": locked,
        "edit_url": f"/sessions/{one.pk}/edit" if changes and not locked else "",
        "episode_url": f"/programmes/{bill_facts(one).episode}" if is_bill(one) else "",
        "sign_url": f"/sessions/{one.pk}/sign" if may_sign else "",
        "note_url": f"/sessions/{one.pk}/note" if one.practice_id in reads.practice_ids else "",
        "note": note,
        "note_holds": held_by_notes(ids) if note else [],
        "not_billable": _not_billable(request, one),
        "not_billable_url": (
            f"/sessions/{one.pk}/not-billable"
            if changes and charged is None and not found and one.state not in UNBILLED
            else ""
        ),
        "account": CHARGED,
    }
    return render(request, "sessions/session.html", context)


CHARGED = Account.PATIENT_SERVICE_REVENUE.value


def _not_billable(request: HttpRequest, one: Encounter) -> dict | None:
    """Why a session is not billed, who said so and when; None for every other session."""
    said = one.coding.get(NOT_BILLABLE)
    if one.state != NOT_BILLABLE or not said:
        return None
    who = User.objects.filter(agency_id=request.user.agency_id, pk=said["by"]).first()
    return {
        "reason": said["reason"],
        "by": who.display_name if who else "Somebody",
        "at": datetime.fromisoformat(said["at"]),
    }


def _facts(one: Encounter) -> list[dict]:
    """The session as it was told to us, in plain words."""
    part, _, many = one.participants.partition(":")
    facts = one.facts or {}
    times = f"{one.starts_at:%H:%M} to {one.stops_at:%H:%M}" if one.starts_at and one.stops_at else ""
    minutes = f"{one.minutes} minutes" if one.minutes is not None else ""
    factor = next(iter(facts.get("ic_factors") or ()), "")
    policy = one.coverage
    shown = [
        {
            "label": "Clinician",
            "value": one.rendering_provider.short_name,
            "note": one.rendering_provider.credential,
        },
        {
            "label": "Supervised by",
            "value": one.supervising_provider.short_name if one.supervising_provider_id else "Nobody",
        },
        {
            "label": "Coverage on that day",
            "value": policy.plan.payer.name if policy else "",
            "note": policy.plan.name if policy else "Enter a policy in force, then correct the session",
            "unknown": "" if policy else "None in force",
        },
        {
            "label": "Time",
            "value": times or minutes,
            "note": minutes if times else "",
            "unknown": "" if times or minutes else "Unknown",
        },
        {
            "label": "Place",
            "value": one.location.name,
            "note": f"{dict(SETTINGS).get(one.setting, one.setting.replace('_', ' '))}, "
            f"{dict(MODALITIES).get(one.modality, one.modality).lower()}"
            + (", patient at home" if one.patient_at_home else ""),
        },
        {
            "label": "Who took part",
            "value": TIMES.get(part, part.capitalize()) + (f", {many}" if many else ""),
        },
        {"label": "Diagnoses", "codes": one.diagnoses, "unknown": "" if one.diagnoses else "None entered"},
        {
            "label": "Authorization",
            "value": one.authorization.number if one.authorization_id else "None used",
        },
        {
            "label": "Note",
            "value": one.note_reference or "No reference",
            "note": f"Signed {one.note_signed_at:%-d %b %Y}" if one.is_signed else "Not signed",
        },
        {
            "label": "Came by",
            "value": {"form": "Entry form", "csv": "CSV import", "demo": "Made-up data"}.get(
                one.source, one.source
            ),
            "note": one.external_id if one.source == "csv" else "",
        },
    ]
    if factor:
        shown.append({"label": "Interactive complexity", "value": dict(COMPLEXITY).get(factor, factor)})
    return shown


def _stored(one: Encounter, charge_cents: int | None, built: list) -> dict:
    """What the session was coded as when it was recorded, in the shape of the preview."""
    if not one.coding:
        return {"ready": False, "missing": "The session is not coded yet."}
    result = msgspec.convert(one.coding, CodingResult)
    kind = one.coverage.plan.payer.kind if one.coverage_id else "commercial"
    times = f"{one.starts_at:%H:%M} to {one.stops_at:%H:%M}" if one.starts_at and one.stops_at else ""
    expected = built[0].expected_cents if built else None
    return coded(result, one.service.split(";")[0], kind, one.date_of_service, one.minutes, times) | {
        "charge_cents": charge_cents,
        "no_price": "" if charge_cents is not None or not result.lines else "No price",
        "expected_cents": expected,
        "expected_note": "by the contract" if expected is not None else "",
        "patient_cents": None,
        "patient_note": "benefits are not on file",
        "patient_estimate": False,
        "coverage": None,
        "signed": one.is_signed,
        "stored": True,
    }


@requires(DataClass.NOTE_EXCERPT, Access.FULL)
@require_POST
def sign(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The clinician says that the note is signed; the claim goes on."""
    one = access_encounter(request.tenant, session_id)
    if one.is_signed:
        messages.info(request, "The note was signed before.")
    else:
        sign_note(one, now=shared.now(), today=shared.today(request), actor_id=request.user.pk)
        messages.success(request, "Signed. Its claim goes on if nothing else stops it.")
    return redirect("web:session", one.pk)


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def not_billable(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Take a session that will never be billed out of the work, with a reason."""
    one = access_encounter(request.tenant, session_id)
    try:
        with transaction.atomic():
            set_not_billable(
                one.pk,
                one.practice_id,
                reason=request.POST.get("reason", ""),
                actor_id=request.user.pk,
                now=shared.now(),
            )
    except HandlingRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Marked as not billable. Correct the session to take it back.")
    return redirect("web:session", one.pk)
