"""What patients owe, and payments they make."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.claims.queries import claims
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.access import access_patient
from cleanclaim_server.statements.queries import (
    last_payments,
    open_claims_of_patient,
    patient_balances,
    patient_credit,
    patients_by_id,
    payments_of,
)
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.web.views import shared

METHODS = [("check", "Check"), ("cash", "Cash"), ("card", "Card"), ("other", "Other")]
SHOWN = 200


class PaymentForm(forms.Form):
    """Money received from a patient."""

    amount = forms.DecimalField(min_value=0, max_digits=9, decimal_places=2)
    method = forms.ChoiceField(choices=METHODS)
    reference = forms.CharField(required=False, max_length=40)
    received_on = forms.DateField()
    request_key = forms.CharField(max_length=60)


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def balances(request: HttpRequest) -> HttpResponse:
    """Patients who owe, most first. Patients are named by initials."""
    tenant, marks = shared.in_view(request), shared.marks(request)
    owing = patient_balances(tenant)
    every = list(owing.values_list("cents", flat=True))
    top = list(owing.order_by("-cents", "patient_id")[:SHOWN])
    ids = [row["patient_id"] for row in top]
    people, paid = patients_by_id(tenant, ids), last_payments(tenant, ids)
    record("balance.listed", "patient", count=len(top))
    context = {
        "today": shared.today(request),
        "rows": [
            {
                "id": row["patient_id"], "url": f"/patients/{row['patient_id']}",
                "practice": marks.get(row["practice_id"]), "initials": people[row["patient_id"]].initials, "owes_cents": row["cents"], "credit_cents": 0,
                "unapplied_cents": 0, "visits": None, "oldest_on": None, "oldest_days": None, "hold": "",
                "chart_number": people[row["patient_id"]].chart_number, "cents": row["cents"],
                "last_payment_on": paid.get(row["patient_id"]),
            }
            for row in top
            if row["patient_id"] in people
        ],
        "total_cents": sum(every),
        "filters": [], "tabs": [], "search": None, "ageing": {"total_cents": sum(every), "parts": []},
        "columns": shared.columns("Patient", "Practice", ("Visits", "num"), "Oldest", ("Owes ($)", "num"), ("Credit ($)", "num"), ("Not applied ($)", "num"), "Last payment"),
        "empty": {"title": "Nobody owes", "text": "No patient has a balance.", "act": "", "url": ""},
        "page": {"first": 1 if top else 0, "last": len(top), "total": len(every), "noun": "patients"},
    }  # fmt: skip
    return render(request, "balances/list.html", context)


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def balance(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What one patient owes, claim by claim, and what they paid."""
    one, marks = access_patient(request.tenant, patient_id), shared.marks(request)
    owed = open_claims_of_patient(request.tenant, one.pk)
    clinical = shared.also(request, DataClass.CLAIM, Access.READ)
    rows = claims(clinical).filter(pk__in=list(owed)).order_by("date_of_service", "id")
    full = shared.also(request, DataClass.LEDGER, Access.FULL)
    record("balance.read", "patient", one.pk, practice_id=one.practice_id)
    may_take = one.practice_id in full.practice_ids
    context = {
        "today": shared.today(request),
        "patient": {"id": one.pk, "name": one.full_name, "initials": one.initials, "chart_number": one.chart_number,
                    "practice": marks[one.practice_id], "url": f"/patients/{one.pk}"},
        "rows": [
            {"url": f"/claims/{row.pk}", "claim_number": row.claim_number, "on": row.date_of_service,
             "date_of_service": row.date_of_service, "codes": row.codes, "payer": row.payer.name,
             "charge_cents": row.total_charge_cents, "cents": owed[row.pk]}
            for row in rows
        ],
        "total_cents": sum(owed.values()),
        "credit_cents": patient_credit(request.tenant, one.pk),
        "payments": [
            {"on": row.received_on, "cents": row.amount_cents, "method": dict(METHODS).get(row.method, row.method),
             "reference": row.reference, "undone_at": row.undone_at}
            for row in payments_of(request.tenant, one.pk)[:50]
        ],
        "form": PaymentForm(initial={"received_on": shared.today(request), "method": "check"}),
        "methods": METHODS,
        "request_key": str(new_id()),
        "may_take": may_take,
        "pay_url": f"/balances/{one.pk}/pay" if may_take else "",
    }  # fmt: skip
    return render(request, "balances/patient.html", context)
