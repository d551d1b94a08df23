"""The fields of a session as a person types it, and what intake takes from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django import forms
from django.http import HttpRequest

from cleanclaim.coding import SessionFacts, canonical_credential, is_timed, services
from cleanclaim_server.cycle.intake import SessionInput
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Provider
from cleanclaim_server.practice.queries import locations_of, providers_of
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared

MODALITIES = [("in_person", "In person"), ("video", "Video"), ("audio", "Audio only")]
SETTINGS = [
    ("office", "Office"),
    ("telehealth", "Telehealth"),
    ("home", "Patient's home"),
    ("community", "Community"),
    ("outpatient_hospital", "Outpatient hospital"),
    ("cmhc", "Community mental health center"),
    ("otp", "Opioid treatment program"),
]
TAKING_PART = [
    ("patient", "The patient"),
    ("family+patient", "Family with the patient"),
    ("family without patient", "Family without the patient"),
    ("caregiver", "Caregiver"),
    ("collateral", "Collateral contact"),
    ("group", "A group"),
    ("families", "Several families"),
]
COMPLEXITY = [
    ("", "No"),
    ("maladaptive_communication", "Communication that hinders care"),
    ("caregiver_emotion", "Caregiver's emotions hinder care"),
    ("mandated_report_sentinel_event", "Sentinel event with a mandated report"),
    ("play_equipment", "Play equipment or a translator of play"),
]
EM_BASES = [
    ("", "None"),
    ("mdm_straightforward", "Straightforward decisions"),
    ("mdm_low", "Decisions of low complexity"),
    ("mdm_moderate", "Decisions of moderate complexity"),
    ("mdm_high", "Decisions of high complexity"),
    ("time", "By time"),
]
PATIENT_TYPES = [("established", "Established"), ("new", "New")]
CRISIS = "crisis psychotherapy"


class SessionForm(forms.Form):
    """One session as a person types it. Records are chosen among those of one practice."""

    patient = forms.ModelChoiceField(Patient.objects.none(), empty_label="Choose a patient")
    provider = forms.ModelChoiceField(Provider.objects.none(), empty_label="Choose a clinician")
    supervisor = forms.ModelChoiceField(Provider.objects.none(), required=False, empty_label="As on file")
    location = forms.ModelChoiceField(Location.objects.none(), required=False, empty_label="Main place")
    date_of_service = forms.DateField()
    starts_at = forms.TimeField(required=False)
    stops_at = forms.TimeField(required=False)
    minutes = forms.IntegerField(required=False, min_value=0, max_value=1440)
    service = forms.ChoiceField(choices=[(name, name[:1].upper() + name[1:]) for name in services()])
    setting = forms.ChoiceField(choices=SETTINGS, required=False)
    modality = forms.ChoiceField(choices=MODALITIES, required=False)
    patient_at_home = forms.BooleanField(required=False)
    participants = forms.ChoiceField(choices=TAKING_PART, required=False)
    group_size = forms.IntegerField(required=False, min_value=1, max_value=99)
    em_basis = forms.ChoiceField(choices=EM_BASES, required=False)
    em_minutes = forms.IntegerField(required=False, min_value=0, max_value=600)
    patient_type = forms.ChoiceField(choices=PATIENT_TYPES, required=False)
    interactive = forms.ChoiceField(choices=COMPLEXITY, required=False)
    diagnoses = forms.CharField(required=False, max_length=200)
    authorization = forms.CharField(required=False, max_length=50)
    note_reference = forms.CharField(required=False, max_length=80)
    note_signed = forms.BooleanField(required=False)
    request_key = forms.CharField(required=False, max_length=60)

    def __init__(self, *args, tenant: TenantContext, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        patients = visible(Patient.objects.defer("birth_date_sealed", "contact"), tenant)
        self.fields["patient"].queryset = patients.order_by("last_name", "first_name", "id")
        self.fields["patient"].label_from_instance = lambda one: (
            f"{one.last_name}, {one.first_name} ({one.chart_number})"
        )
        self.fields["provider"].queryset = self.fields["supervisor"].queryset = providers_of(tenant)
        self.fields["location"].queryset = locations_of(tenant)

    def clean(self) -> dict:
        data = super().clean()
        patient = data.get("patient")
        for name in ("provider", "supervisor", "location"):
            if patient and data.get(name) and data[name].practice_id != patient.practice_id:
                self.add_error(name, "This belongs to another practice than the patient.")
        if data.get("participants") in ("group", "families") and not data.get("group_size"):
            self.add_error("group_size", "Say how many took part.")
        if data.get("starts_at") and data.get("stops_at") and data["starts_at"] == data["stops_at"]:
            self.add_error("stops_at", "The session stops when it starts.")
        return data


def minutes_between(start: time, stop: time) -> int:
    """Whole minutes; a stop before the start is after midnight."""
    day = date(2000, 1, 1)
    return (
        int((datetime.combine(day, stop, UTC) - datetime.combine(day, start, UTC)).total_seconds() // 60)
        % 1440
    )


def minutes_of(data: dict) -> int | None:
    """The minutes typed, else those between the clock times."""
    if data.get("minutes") is None and data.get("starts_at") and data.get("stops_at"):
        return minutes_between(data["starts_at"], data["stops_at"])
    return data.get("minutes")


def facts_of(data: dict) -> SessionFacts:
    """The coding engine's facts from a form; credential and payer come from our records later."""
    service, minutes = data["service"], minutes_of(data)
    part, many = data.get("participants") or "patient", data.get("group_size")
    em = service.startswith("E/M")
    return SessionFacts(
        dos=data["date_of_service"],
        service=(service,),
        setting=data.get("setting") or "office",
        credential=canonical_credential(data["provider"].credential) or data["provider"].credential,
        payer_kind="commercial",
        start_time=data.get("starts_at"),
        stop_time=data.get("stops_at"),
        minutes=(minutes,) if minutes is not None and is_timed(service) else (),
        with_em=em,
        em_minutes=data.get("em_minutes") if em else None,
        em_basis=(data.get("em_basis") or "") if em else "",
        patient_type=(data.get("patient_type") or "") if em else "",
        participants=(f"{part}:{many}",) if part in ("group", "families") and many else (part,),
        crisis=service == CRISIS,
        ic_factors=(data["interactive"],) if data.get("interactive") else (),
        modality=data.get("modality") or "in_person",
        patient_at_home=bool(data.get("patient_at_home")),
    )


def input_of(data: dict, *, external_id: str, signed_at: datetime | None) -> SessionInput:
    """What intake takes, from a valid form."""
    return SessionInput(
        external_id=external_id,
        chart_number=data["patient"].chart_number,
        provider_npi=data["provider"].npi,
        facts=facts_of(data),
        diagnoses=tuple(
            part.strip().upper() for part in data.get("diagnoses", "").split(",") if part.strip()
        ),
        supervisor_npi=data["supervisor"].npi if data.get("supervisor") else "",
        location_name=data["location"].name if data.get("location") else "",
        authorization_number=data.get("authorization", "").strip(),
        note_reference=data.get("note_reference", ""),
        note_signed_at=signed_at,
    )


def practice_in_hand(request: HttpRequest, tenant: TenantContext) -> tuple[TenantContext, list[dict], dict]:
    """The practice that a form is for (`practice` of the address, else the first in view), and all."""
    marks = [dict(mark, id=key) for key, mark in shared.marks(request).items() if key in tenant.practice_ids]
    asked = request.POST.get("practice") or request.GET.get("practice") or ""
    chosen = next((one for one in marks if asked in (one["code"], str(one["id"]))), marks[0] if marks else {})
    narrow = shared.narrowed(request, tenant, chosen["code"]) if chosen else tenant
    others = [
        one | {"url": f"{request.path}?practice={one['code']}", "current": one is chosen} for one in marks
    ]
    return narrow, others, chosen


def fields_of(form: forms.Form) -> dict:
    """A form as `components/field.html` draws it: value, error, options."""
    shown = {}
    for bound in form:
        choices = [(str(value), label) for value, label in getattr(bound.field, "choices", ())]
        value = bound.value()
        errors = form.errors.get(bound.name) if form.is_bound else None
        if isinstance(value, time):
            value = f"{value:%H:%M}"
        shown[bound.name] = {
            "value": "" if value is None else value if isinstance(value, bool) else str(value),
            "error": errors[0] if errors else "",
            "options": choices,
            "hint": bound.field.help_text,
            "required": bound.field.required,
        }
    return shown
