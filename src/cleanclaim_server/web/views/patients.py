"""Patients: the list and the page of one. Adding and correcting is in `patient_forms`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim.ledger.accounts import Account
from cleanclaim_server.audit import record
from cleanclaim_server.authorizations.queries import authorizations_of
from cleanclaim_server.claims.queries import claims, events_of_patient
from cleanclaim_server.coverage.models import EligibilityAnswer
from cleanclaim_server.coverage.queries import consents_of, coverages_of
from cleanclaim_server.coverage.verifying import newest_answers
from cleanclaim_server.encounters.queries import last_visits, sessions
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.access import access_patient
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.patients.queries import find_patients, payers_of_patients
from cleanclaim_server.statements.queries import (
    accounts_of_patients,
    balances_of_claims,
    paid_by_payers,
    payments_of,
)
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.eligibility import answer_row
from cleanclaim_server.web.views.rows import claim_row, session_row

RECENT = 10
SORTS = {"name": ("last_name", False), "chart": ("chart_number", False)}
RELATIONSHIPS = {"18": "The patient", "01": "Spouse", "19": "Parent or guardian", "G8": "Somebody else"}
ORDER_WORDS = {1: "Primary", 2: "Secondary", 3: "Tertiary"}
SOURCES = {
    "entered": "Entered by hand",
    "imported": "Imported",
    "271": "From an eligibility answer",
    "remittance": "Learned from a remittance",
}


@requires(DataClass.DEMOGRAPHICS, Access.READ)
@require_GET
def patients(request: HttpRequest) -> HttpResponse:
    """Patients by name; `q` searches by name, chart number or birth date."""
    whole = shared.in_view(request)
    code = request.GET.get("practice", "")
    tenant = shared.narrowed(request, whole, code) if code else whole
    day, marks = shared.today(request), shared.marks(request)
    words = request.GET.get("q", "")
    found = find_patients(tenant, words).defer("birth_date_sealed", "contact")
    order = shared.Sorting(request, SORTS, "name")
    rows, page = shared.one_page(request, found, order.field, noun="patients", descending=order.descending)
    ids = [row.pk for row in rows]
    payers = payers_of_patients(shared.also(request, DataClass.COVERAGE, Access.READ), ids, day)
    visits = last_visits(shared.also(request, DataClass.CLAIM, Access.READ), ids)
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    accounts = accounts_of_patients(money, ids)
    record("patient.listed", "patient", count=len(rows), searched=bool(words))
    mine = [mark for key, mark in marks.items() if key in whole.practice_ids]
    may_add = bool(shared.also(request, DataClass.DEMOGRAPHICS, Access.FULL).practice_ids)
    heads = [("Patient", "", "name"), "Practice", "Coverage", "Last visit"]
    if money.practice_ids:
        heads += [("With payers ($)", "num"), ("Patient owes ($)", "num"), ("Credit ($)", "num col-opt")]
    context = {
        "today": day,
        "may_money": bool(money.practice_ids),
        "search": {
            "action": "/patients",
            "q": words,
            "placeholder": "Name, chart number or birth date",
            "keep": shared.keep(request),
        },
        "filters": [
            shared.chooser(request, "practice", "Practice", [(one["code"], one["name"]) for one in mine])
        ]
        if len(mine) > 1
        else [],
        "new_url": "/patients/new" if may_add else None,
        "columns": shared.columns(*heads, order=order),
        "empty": {
            "title": "Nobody matches" if words else "No patients yet",
            "text": "Names, chart numbers and birth dates (1984-02-03) were looked through."
            if words
            else "Add the first patient here, or import them from a file.",
            "act": "Show all" if words else "Add a patient" if may_add else "",
            "url": "/patients" if words else "/patients/new",
        },
        "rows": [_row(row, marks, payers, visits, accounts, money) for row in rows],
        "page": page,
    }
    return render(request, "patients/list.html", context)


def _row(row: Patient, marks: dict, payers: dict, visits: dict, accounts: dict, money: TenantContext) -> dict:
    mine, may = accounts.get(row.pk, {}), row.practice_id in money.practice_ids
    return {
        "id": row.pk,
        "url": f"/patients/{row.pk}",
        "practice": marks[row.practice_id],
        "chart_number": row.chart_number,
        "initials": row.initials,
        "state": row.state,
        "payer": payers.get(row.pk, ""),
        "coverage_state": "active" if row.pk in payers else "none",
        "last_visit": visits.get(row.pk),
        "is_part2": row.is_part2,
        **_money(mine, may),
    }


def _money(accounts: dict[str, int], may: bool) -> dict[str, int | None]:
    """What payers and the patient owe, and what we owe; None for those who may not see it."""
    return {
        "open_cents": accounts.get(Account.INSURANCE_RECEIVABLE.value, 0) if may else None,
        "owes_cents": accounts.get(Account.PATIENT_RECEIVABLE.value, 0) if may else None,
        "credit_cents": -accounts.get(Account.PATIENT_CREDITS.value, 0) if may else None,
        "unapplied_cents": -accounts.get(Account.UNAPPLIED_INSURANCE.value, 0) if may else None,
    }


@requires(DataClass.DEMOGRAPHICS, Access.READ)
@require_GET
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One patient: coverage, authorizations, sessions, claims, balances, and what happened last."""
    one = access_patient(request.tenant, patient_id)
    day, marks = shared.today(request), shared.marks(request)
    covered = shared.also(request, DataClass.COVERAGE, Access.READ)
    clinical = shared.also(request, DataClass.CLAIM, Access.READ)
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    may_money = one.practice_id in money.practice_ids
    changes = one.practice_id in shared.also(request, DataClass.DEMOGRAPHICS, Access.FULL).practice_ids
    covers = one.practice_id in shared.also(request, DataClass.COVERAGE, Access.FULL).practice_ids
    enters = one.practice_id in shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids
    record("patient.read", "patient", one.pk, practice_id=one.practice_id)
    recent = list(sessions(clinical, {"patient": str(one.pk)}).order_by("-date_of_service", "-id")[:RECENT])
    theirs = list(claims(clinical, {"patient": str(one.pk)}).order_by("-date_of_service", "-id")[:RECENT])
    ids = [row.pk for row in theirs]
    balances = balances_of_claims(money, ids) if may_money else {}
    paid = paid_by_payers(money, ids) if may_money else {}
    accounts = accounts_of_patients(money, [one.pk]).get(one.pk, {}) if may_money else {}
    figures = _money(accounts, may_money)
    mark = marks[one.practice_id]
    policies = list(coverages_of(covered, one.pk))
    answers = newest_answers(one.practice_id, [row.pk for row in policies])
    context = {
        "today": day,
        "patient": {
            "id": one.pk,
            "name": one.full_name,
            "initials": one.initials,
            "chart_number": one.chart_number,
            "is_part2": one.is_part2,
            "practice": mark,
            "home_state": one.state,
            "sex_word": {"F": "Female", "M": "Male"}.get(one.sex, "Sex unknown"),
            "contact": _contact(one),
            **_birth(request, one),
            "edit_url": f"/patients/{one.pk}/edit" if changes else None,
        },
        "money": {
            "with_payers_cents": figures["open_cents"],
            "owes_cents": figures["owes_cents"],
            "credit_cents": figures["credit_cents"],
            "unapplied_cents": figures["unapplied_cents"],
            "unapplied_note": "insurance money waiting for a decision",
        },
        "account_url": f"/balances/{one.pk}" if may_money else "",
        "coverages": [_coverage(row, answers.get(row.pk), day, covers) for row in policies],
        "new_coverage_url": f"/patients/{one.pk}/coverages/new" if covers else "",
        "authorizations": [_authorization(row, day, covers) for row in authorizations_of(covered, one.pk)],
        "new_authorization_url": f"/patients/{one.pk}/authorizations/new" if covers else "",
        "consents": [_consent(row, day, covers) for row in consents_of(covered, one.pk)],
        "new_consent_url": f"/patients/{one.pk}/consents/new" if covers else "",
        "sessions": [session_row(row, marks) for row in recent],
        "sessions_url": f"/sessions?patient={one.pk}",
        "new_session_url": f"/sessions/new?practice={mark['code']}&patient={one.pk}" if enters else None,
        "claims": [
            claim_row(row, marks, balances.get(row.pk, {}) if may_money else None)
            | {"paid_cents": paid.get(row.pk, 0) if may_money else None}
            for row in theirs
        ],
        "claims_url": f"/claims?patient={one.pk}",
        "may_see_money": may_money,
        "payments": [
            {
                "on": row.received_on,
                "method": row.method,
                "reference": row.reference,
                "cents": row.amount_cents,
                "undone": row.undone_at is not None,
                "undo_url": None,
            }
            for row in (payments_of(money, one.pk)[:RECENT] if may_money else [])
        ],
        "events": [_event(row) for row in events_of_patient(clinical, one.pk)],
        "benefits": None,
    }
    return render(request, "patients/patient.html", context)


def _birth(request: HttpRequest, one: Patient) -> dict:
    """The year for those who may know the day; the day itself when they ask for it, which is recorded."""
    may = one.practice_id in shared.also(request, DataClass.IDENTIFIERS, Access.LIMITED).practice_ids
    born = one.birth_date_sealed
    if not may or not born:
        return {"may_birth": may, "birth_year": "", "birth_date": None}
    shown = request.GET.get("show") == "birth-date"
    if shown:
        record("patient.birth_date_read", "patient", one.pk, practice_id=one.practice_id)
    return {
        "may_birth": True,
        "birth_year": born[:4],
        "birth_date": date.fromisoformat(born) if shown else None,
    }


def _phone(digits: str) -> str:
    """A number of ten digits as people write it; any other as it is."""
    whole = len(digits) == 10 and digits.isdecimal()
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if whole else digits


def _contact(one: Patient) -> list[str]:
    """Address and phone in lines."""
    known = one.contact or {}
    town = " ".join(
        part for part in (known.get("city", ""), known.get("state", ""), known.get("postal_code", "")) if part
    )
    lines = [
        known.get("line1", ""),
        known.get("line2", ""),
        town,
        _phone(known.get("phone", "")),
        known.get("email", ""),
    ]
    return [line for line in lines if line]


def _coverage(row, answer: EligibilityAnswer | None, day: date, covers: bool) -> dict:
    return {
        "answer": answer_row(answer),
        "answer_is_old": answer is not None and answer.answered_on < day.replace(day=1),
        "answer_url": f"/coverages/{row.pk}/answers/new" if covers else None,
        "order_word": ORDER_WORDS.get(row.order, "Tertiary"),
        "id": row.pk,
        "payer": row.plan.payer.name,
        "plan": row.plan.name,
        "member_id": row.member_id,
        "group_number": row.group_number,
        "relationship": RELATIONSHIPS.get(row.relationship, "Somebody else"),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "source": SOURCES.get(row.source, row.source),
        "in_force": row.in_force_on(day),
        "edit_url": f"/coverages/{row.pk}/edit" if covers else None,
    }


def _consent(row, day: date, covers: bool) -> dict:
    return {
        "word": row.get_kind_display(),
        "payer": row.payer.name if row.payer else "Every payer",
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "in_force": row.in_force_on(day),
        "end_url": f"/consents/{row.pk}/end" if covers and row.ended_at is None else "",
    }


def _authorization(row, day: date, covers: bool) -> dict:
    left = (row.ends_on - day).days
    return {
        "id": row.pk,
        "number": row.number,
        "payer": row.coverage.plan.payer.name,
        "codes": ", ".join(row.codes),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "ends_in_days": left,
        "is_past": left < 0,
        "provider": "",
        "warn": left >= 0 and (row.units - row.used <= 2 or left <= 14),
        "units": row.units,
        "used": min(row.used, row.units),
        "over": max(row.used - row.units, 0),
        "free": max(row.units - row.used, 0),
        "booked": 0,
        "edit_url": f"/authorizations/{row.pk}/edit" if covers else None,
    }


def _event(row) -> dict:
    return {
        "at": row.happened_at,
        "actor": row.actor_kind,
        "title": row.title,
        "detail": row.detail,
        "url": f"/claims/{row.claim_id}",
        "url_text": row.claim.claim_number,
        "raw_url": "",
    }
