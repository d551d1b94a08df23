"""Patients: the list and the page of one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.authorizations.queries import authorizations_of
from cleanclaim_server.claims.queries import claims
from cleanclaim_server.coverage.queries import coverages_of
from cleanclaim_server.encounters.queries import sessions
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.access import access_patient
from cleanclaim_server.patients.queries import find_patients, payers_of_patients
from cleanclaim_server.statements.queries import (
    balances_of_claims,
    open_claims_of_patient,
    patient_credit,
    payments_of,
)
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rows import claim_row, session_row

RECENT = 20


@requires(DataClass.DEMOGRAPHICS, Access.READ)
@require_GET
def patients(request: HttpRequest) -> HttpResponse:
    """Patients by name; `q` searches by name, chart number or birth date."""
    tenant, day, marks = shared.in_view(request), shared.today(request), shared.marks(request)
    words = request.GET.get("q", "")
    found = find_patients(tenant, words).defer("birth_date_sealed", "contact")
    rows, page = shared.one_page(request, found, "last_name", noun="patients", descending=False)
    payers = payers_of_patients(shared.also(request, DataClass.COVERAGE, Access.READ), [row.pk for row in rows], day)
    record("patient.listed", "patient", count=len(rows), searched=bool(words))
    context = {
        "today": day,
        "search": {"action": "/patients", "q": words, "placeholder": "Name, chart number or birth date", "keep": []},
        "filters": [], "new_url": None,
        "columns": shared.columns("Chart", "Patient", "Practice", "Coverage", "Last visit", ("Open with payers", "num"), ("Patient owes", "num"), ("Credits", "num")),
        "empty": {"title": "No patients", "text": "Nobody matches.", "act": "", "url": ""},
        "rows": [
            {
                "id": row.pk, "url": f"/patients/{row.pk}", "practice": marks[row.practice_id],
                "chart_number": row.chart_number, "initials": row.initials, "name": row.full_name,
                "state": row.state, "payer": payers.get(row.pk, ""), "coverage_state": "active" if row.pk in payers else "none",
                "last_visit": None, "open_cents": None, "owes_cents": None, "credit_cents": None, "is_part2": row.is_part2,
            }  # fmt: skip
            for row in rows
        ],
        "page": page,
    }
    return render(request, "patients/list.html", context)


@requires(DataClass.DEMOGRAPHICS, Access.READ)
@require_GET
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient: coverage, authorizations, sessions, claims, what is owed. Birth date masked to the year."""
    one = access_patient(request.tenant, patient_id)
    day, marks = shared.today(request), shared.marks(request)
    identifiers = shared.also(request, DataClass.IDENTIFIERS, Access.LIMITED)
    covered = shared.also(request, DataClass.COVERAGE, Access.READ)
    clinical = shared.also(request, DataClass.CLAIM, Access.READ)
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    record("patient.read", "patient", one.pk, practice_id=one.practice_id)
    coverages = [
        {
            "order_word": {1: "Primary", 2: "Secondary"}.get(row.order, "Tertiary"), "id": row.pk, "payer": row.plan.payer.name, "plan": row.plan.name,
            "member_id": row.member_id, "group_number": row.group_number, "relationship": row.relationship,
            "starts_on": row.starts_on, "ends_on": row.ends_on, "source": row.source,
            "in_force": row.in_force_on(day),
        }  # fmt: skip
        for row in coverages_of(covered, one.pk)
    ]
    authorizations = [
        {
            "id": row.pk, "number": row.number, "payer": row.coverage.plan.payer.name, "codes": row.codes,
            "ends_in_days": (row.ends_on - day).days, "provider": "", "warn": row.units - row.used <= 2, "url": "",
            "units": row.units, "used": row.used, "free": max(row.units - row.used, 0), "booked": 0,
            "starts_on": row.starts_on, "ends_on": row.ends_on,
        }  # fmt: skip
        for row in authorizations_of(covered, one.pk)
    ]
    recent = list(sessions(clinical, {"patient": str(one.pk)}).order_by("-date_of_service", "-id")[:RECENT])
    theirs = list(claims(clinical, {"patient": str(one.pk)}).order_by("-date_of_service", "-id")[:RECENT])
    balances = balances_of_claims(money, [row.pk for row in theirs])
    may_money = one.practice_id in money.practice_ids
    owed = open_claims_of_patient(money, one.pk)
    context = {
        "today": day,
        "patient": {
            "id": one.pk, "name": one.full_name, "initials": one.initials, "chart_number": one.chart_number,
            "sex": one.sex, "state": one.state, "is_part2": one.is_part2, "practice": marks[one.practice_id],
            "birth_year": (one.birth_date_sealed or "")[:4] if one.practice_id in identifiers.practice_ids else "",
            "birth": (one.birth_date_sealed or "")[:4] if one.practice_id in identifiers.practice_ids else "",
            "contact": [str(value) for value in (one.contact or {}).values() if value], "birth_date": None,
            "sex_word": {"F": "Female", "M": "Male"}.get(one.sex, "Unknown"), "home_state": one.state, "edit_url": None,
        },  # fmt: skip
        "coverages": coverages,
        "authorizations": authorizations,
        "sessions": [session_row(row, marks) for row in recent],
        "claims": [claim_row(row, marks, balances.get(row.pk) if may_money else None) for row in theirs],
        "may_see_money": may_money,
        "owed_cents": sum(owed.values()) if may_money else None,
        "credit_cents": patient_credit(money, one.pk) if may_money else None,
        "money": {
            "with_payers_cents": sum(row.get("insurance_receivable", 0) for row in balances.values()) if may_money else None,
            "owes_cents": sum(owed.values()) if may_money else None, "unapplied_cents": None, "unapplied_note": "",
            "credit_cents": patient_credit(money, one.pk) if may_money else None,
        },
        "payments": [
            {"on": row.received_on, "method": row.method, "reference": row.reference, "cents": row.amount_cents,
             "undone": row.undone_at is not None, "undo_url": None} for row in payments_of(money, one.pk)[:RECENT]
        ],
        "benefits": None, "events": [], "payment_url": None,
        "claims_url": f"/claims?patient={one.pk}", "sessions_url": f"/sessions?patient={one.pk}",
    }
    return render(request, "patients/patient.html", context)
