"""Adding and correcting patients, their policies and authorizations."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cleanclaim_server.audit import record
from cleanclaim_server.authorizations.access import access_authorization
from cleanclaim_server.authorizations.actions import (
    AuthorizationData,
    AuthorizationRefused,
    save_authorization,
)
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.claims.queries import unsent_claims_of_patient
from cleanclaim_server.coverage.access import access_coverage
from cleanclaim_server.coverage.actions import SELF, CoverageData, CoverageRefused, save_coverage
from cleanclaim_server.coverage.models import Coverage, Plan
from cleanclaim_server.coverage.queries import coverages_of
from cleanclaim_server.cycle.handling.consenting import recheck_patient
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.access import access_patient
from cleanclaim_server.patients.actions import PatientData, PatientRefused, save_patient
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Practice, Provider
from cleanclaim_server.practice.queries import providers_of
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.session_form.fields import fields_of, practice_in_hand

SEXES = [("", "Choose"), ("F", "Female"), ("M", "Male"), ("U", "Unknown to the payer")]
ORDERS = [(1, "Primary"), (2, "Secondary"), (3, "Tertiary")]
HOLDERS = [
    ("18", "The patient"),
    ("01", "Spouse"),
    ("19", "Parent or guardian (the patient is the child)"),
    ("G8", "Somebody else"),
]
STATE = re.compile(r"^[A-Z]{2}$")
CODE = re.compile(r"^[A-Z0-9]{4,7}$")
PATIENT_TITLE = "Add a patient"


class PatientForm(forms.Form):
    """A person in care, as the payer has them on file."""

    chart_number = forms.CharField(max_length=20, help_text="The practice's own number")
    first_name = forms.CharField(max_length=40)
    middle_name = forms.CharField(max_length=40, required=False)
    last_name = forms.CharField(max_length=60)
    suffix = forms.CharField(max_length=10, required=False)
    birth_date = forms.DateField()
    sex = forms.ChoiceField(choices=SEXES, help_text="As the payer has it on file")
    line1 = forms.CharField(max_length=55)
    line2 = forms.CharField(max_length=55, required=False)
    city = forms.CharField(max_length=30)
    state = forms.CharField(max_length=2)
    postal_code = forms.CharField(max_length=10)
    phone = forms.CharField(max_length=20, required=False)
    email = forms.EmailField(max_length=120, required=False)
    is_part2 = forms.BooleanField(required=False)

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_birth_date(self) -> date:
        born = self.cleaned_data["birth_date"]
        if born > self.today or born.year < self.today.year - 125:
            raise forms.ValidationError("This is no birth date of somebody alive.")
        return born

    def clean_state(self) -> str:
        return _state(self.cleaned_data["state"])

    def clean_postal_code(self) -> str:
        return _zip(self.cleaned_data["postal_code"])


def _state(text: str) -> str:
    text = text.strip().upper()
    if not STATE.match(text):
        raise forms.ValidationError("Two letters, like NY.")
    return text


def _zip(text: str) -> str:
    digits = text.replace("-", "").replace(" ", "")
    if not digits.isdecimal() or len(digits) not in (5, 9):
        raise forms.ValidationError("Five or nine digits.")
    return digits


class CoverageForm(forms.Form):
    """One policy."""

    plan = forms.ModelChoiceField(Plan.objects.none(), empty_label="Choose payer and plan")
    order = forms.TypedChoiceField(choices=ORDERS, coerce=int)
    member_id = forms.CharField(max_length=80, help_text="As on the card, without blanks")
    group_number = forms.CharField(max_length=50, required=False)
    starts_on = forms.DateField()
    ends_on = forms.DateField(required=False, help_text="Empty while it runs")
    relationship = forms.ChoiceField(choices=HOLDERS)
    holder_first_name = forms.CharField(max_length=40, required=False)
    holder_last_name = forms.CharField(max_length=60, required=False)
    holder_birth_date = forms.DateField(required=False)
    holder_sex = forms.ChoiceField(choices=SEXES, required=False)
    holder_line1 = forms.CharField(max_length=55, required=False)
    holder_city = forms.CharField(max_length=30, required=False)
    holder_state = forms.CharField(max_length=2, required=False)
    holder_postal_code = forms.CharField(max_length=10, required=False)

    def __init__(self, *args, tenant, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        plans = visible(Plan.objects.select_related("payer"), tenant)
        self.fields["plan"].queryset = plans.order_by("payer__name", "name", "id")

    def clean_member_id(self) -> str:
        return "".join(self.cleaned_data["member_id"].split())

    def clean(self) -> dict:
        data = super().clean()
        if data.get("relationship") not in (None, SELF):
            for name in (
                "first_name",
                "last_name",
                "birth_date",
                "sex",
                "line1",
                "city",
                "state",
                "postal_code",
            ):
                if not data.get(f"holder_{name}") and f"holder_{name}" not in self.errors:
                    self.add_error(f"holder_{name}", "Needed when somebody else holds the policy.")
        return data

    def clean_holder_state(self) -> str:
        return _state(self.cleaned_data["holder_state"]) if self.cleaned_data.get("holder_state") else ""

    def clean_holder_postal_code(self) -> str:
        text = self.cleaned_data.get("holder_postal_code")
        return _zip(text) if text else ""


class AuthorizationForm(forms.Form):
    """The plan's permission."""

    coverage = forms.ModelChoiceField(Coverage.objects.none(), empty_label="Choose the policy")
    number = forms.CharField(max_length=50)
    units = forms.IntegerField(min_value=1, max_value=9999, help_text="Visits or units allowed")
    starts_on = forms.DateField()
    ends_on = forms.DateField()
    codes = forms.CharField(max_length=200, required=False, help_text="90837, 90834; empty covers any code")
    provider = forms.ModelChoiceField(Provider.objects.none(), required=False, empty_label="Any clinician")

    def __init__(self, *args, coverages, providers, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["coverage"].queryset = coverages
        self.fields["coverage"].label_from_instance = lambda one: f"{one.plan.payer.name}, {one.plan.name}"
        self.fields["provider"].queryset = providers

    def clean_codes(self) -> list[str]:
        codes = [
            part.strip().upper() for part in re.split(r"[,;\s]+", self.cleaned_data["codes"]) if part.strip()
        ]
        wrong = [code for code in codes if not CODE.match(code)]
        if wrong:
            raise forms.ValidationError(f"{wrong[0]} is no procedure code.")
        return codes


def _show(request: HttpRequest, form: forms.Form, template: str, context: dict[str, Any]) -> HttpResponse:
    shown = {
        "today": shared.today(request),
        "form": fields_of(form),
        "errors": list(form.non_field_errors()),
        "back": request.POST.get("back") or request.GET.get("back", ""),
        "action": request.path,
    }
    wrong = request.method == "POST" and form.errors
    return render(request, template, shown | context, status=400 if wrong else 200)


def _done(request: HttpRequest, one: Patient, what: str) -> HttpResponse:
    """Back to where the person came from; unsent claims are named, for they follow when built anew."""
    waiting = unsent_claims_of_patient(shared.also(request, DataClass.CLAIM, Access.READ), one.pk).count()
    more = ""
    if waiting:
        plural = "s that have" if waiting != 1 else " that has"
        more = f" {waiting} claim{plural} not left can take it over: build anew on its page."
    messages.success(request, f"{what}{more}")
    return redirect(shared.back(request, f"/patients/{one.pk}"))


@requires(DataClass.DEMOGRAPHICS, Access.FULL)
@require_http_methods(["GET", "POST"])
def new_patient(request: HttpRequest) -> HttpResponse:
    """Put a patient on file; their first policy comes next."""
    _, others, chosen = practice_in_hand(request, shared.in_view(request))
    form = PatientForm(request.POST or None, today=shared.today(request))
    if request.method == "POST" and form.is_valid() and chosen:
        practice = visible(Practice.objects.all(), request.tenant).get(pk=chosen["id"])
        try:
            made = save_patient(practice, _patient_data(form.cleaned_data), actor_id=request.user.pk)
        except PatientRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, "On file. Add the policy next; sessions wait without one.")
            return redirect(f"/patients/{made.pk}/coverages/new")
    record("patient.form_opened", "patient")
    context = {
        "heading": PATIENT_TITLE,
        "others": others,
        "practice": chosen,
        "patient": None,
        "submit": "Add the patient",
        "cancel_url": "/patients",
    }
    return _show(request, form, "patients/edit.html", context)


def _patient_data(data: dict) -> PatientData:
    contact = {key: data[key] for key in ("line1", "line2", "city", "state", "postal_code", "phone", "email")}
    names = (
        "chart_number",
        "first_name",
        "last_name",
        "birth_date",
        "sex",
        "middle_name",
        "suffix",
        "is_part2",
    )
    return PatientData(contact=contact, **{key: data[key] for key in names})


@requires(DataClass.DEMOGRAPHICS, Access.FULL)
@require_http_methods(["GET", "POST"])
def edit_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Correct a patient's data."""
    one = access_patient(request.tenant, patient_id)
    known = one.contact or {}
    initial = {
        "chart_number": one.chart_number,
        "first_name": one.first_name,
        "middle_name": one.middle_name,
        "last_name": one.last_name,
        "suffix": one.suffix,
        "birth_date": one.birth_date_sealed,
        "sex": one.sex,
        "is_part2": one.is_part2,
        **{key: known.get(key, "") for key in PatientForm.base_fields if key in known},
        "state": known.get("state", one.state),
    }
    form = PatientForm(request.POST or None, initial=initial, today=shared.today(request))
    if request.method == "POST" and form.is_valid():
        try:
            save_patient(
                one.practice, _patient_data(form.cleaned_data), actor_id=request.user.pk, patient=one
            )
        except PatientRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            if form.cleaned_data["is_part2"] != initial["is_part2"]:
                recheck_patient(one.practice_id, one.pk, now=shared.now(), today=shared.today(request))
            return _done(request, one, "Saved.")
    record("patient.form_opened", "patient", one.pk, practice_id=one.practice_id)
    context = {
        "heading": "Correct the patient",
        "others": [],
        "practice": shared.marks(request)[one.practice_id],
        "patient": one,
        "submit": "Save",
        "cancel_url": f"/patients/{one.pk}",
    }
    return _show(request, form, "patients/edit.html", context)


@requires(DataClass.COVERAGE, Access.FULL)
@require_http_methods(["GET", "POST"])
def new_coverage(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Put a policy of a patient on file."""
    one = access_patient(request.tenant, patient_id)
    have = set(coverages_of(request.tenant, one.pk).values_list("order", flat=True))
    free = next((order for order, _ in ORDERS if order not in have), 1)
    form = CoverageForm(
        request.POST or None, tenant=request.tenant, initial={"order": free, "relationship": SELF}
    )
    return _coverage(request, one, form, None)


@requires(DataClass.COVERAGE, Access.FULL)
@require_http_methods(["GET", "POST"])
def edit_coverage(request: HttpRequest, coverage_id: UUID) -> HttpResponse:
    """Correct a policy, or end it."""
    policy = access_coverage(request.tenant, coverage_id)
    one = access_patient(request.tenant, policy.patient_id)
    held = policy.subscriber or {}
    address = held.get("address") or {}
    initial = {
        "plan": policy.plan_id,
        "order": policy.order,
        "member_id": policy.member_id,
        "group_number": policy.group_number,
        "starts_on": policy.starts_on,
        "ends_on": policy.ends_on,
        "relationship": policy.relationship if policy.relationship in dict(HOLDERS) else "G8",
        **{f"holder_{key}": held.get(key, "") for key in ("first_name", "last_name", "birth_date", "sex")},
        **{f"holder_{key}": address.get(key, "") for key in ("line1", "city", "state", "postal_code")},
    }
    form = CoverageForm(request.POST or None, tenant=request.tenant, initial=initial)
    return _coverage(request, one, form, policy)


def _coverage(
    request: HttpRequest, one: Patient, form: CoverageForm, policy: Coverage | None
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            save_coverage(
                one.practice_id, one.pk, _coverage_data(data), actor_id=request.user.pk, coverage=policy
            )
        except CoverageRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, one, "Policy saved.")
    record("coverage.form_opened", "patient", one.pk, practice_id=one.practice_id)
    context = {
        "heading": "Correct the policy" if policy else "Add a policy",
        "patient": one,
        "practice": shared.marks(request)[one.practice_id],
        "submit": "Save the policy",
        "cancel_url": f"/patients/{one.pk}",
        "no_plans": not form.fields["plan"].queryset.exists(),
    }
    return _show(request, form, "patients/coverage.html", context)


def _coverage_data(data: dict) -> CoverageData:
    holder: dict[str, Any] = {}
    if data["relationship"] != SELF:
        holder = {key: data[f"holder_{key}"] for key in ("first_name", "last_name", "sex")}
        holder["birth_date"] = data["holder_birth_date"].isoformat()
        holder["address"] = {key: data[f"holder_{key}"] for key in ("line1", "city", "state", "postal_code")}
    return CoverageData(
        data["plan"],
        data["order"],
        data["member_id"],
        data["starts_on"],
        data["ends_on"],
        data["group_number"],
        data["relationship"],
        holder,
    )


@requires(DataClass.COVERAGE, Access.FULL)
@require_http_methods(["GET", "POST"])
def new_authorization(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Record an authorization that a plan gave."""
    return _authorization(request, access_patient(request.tenant, patient_id), None)


@requires(DataClass.COVERAGE, Access.FULL)
@require_http_methods(["GET", "POST"])
def edit_authorization(request: HttpRequest, authorization_id: UUID) -> HttpResponse:
    """Correct an authorization."""
    row = access_authorization(request.tenant, authorization_id)
    return _authorization(request, access_patient(request.tenant, row.patient_id), row)


def _authorization(request: HttpRequest, one: Patient, row: Authorization | None) -> HttpResponse:
    policies = coverages_of(request.tenant, one.pk)
    mark = shared.marks(request)[one.practice_id]
    initial: dict[str, Any] = {"coverage": next((policy.pk for policy in policies), None)}
    if row is not None:
        initial = {
            "coverage": row.coverage_id,
            "number": row.number,
            "units": row.units,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "codes": ", ".join(row.codes),
            "provider": row.provider_id,
        }
    form = AuthorizationForm(
        request.POST or None,
        initial=initial,
        coverages=policies,
        providers=providers_of(shared.narrowed(request, request.tenant, mark["code"])),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        new = AuthorizationData(
            data["coverage"],
            data["number"].strip(),
            data["units"],
            data["starts_on"],
            data["ends_on"],
            data["codes"],
            data["provider"],
        )
        try:
            save_authorization(one.pk, new, actor_id=request.user.pk, authorization=row)
        except AuthorizationRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, one, "Authorization saved.")
    record("authorization.form_opened", "patient", one.pk, practice_id=one.practice_id)
    context = {
        "heading": "Correct the authorization" if row else "Record an authorization",
        "patient": one,
        "practice": mark,
        "submit": "Save the authorization",
        "cancel_url": f"/patients/{one.pk}",
        "no_policy": not policies,
    }
    return _show(request, form, "patients/authorization.html", context)
