"""The entry form of a session: what people type, what it would become, and correcting what has not left."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cleanclaim.codesets.places_of_service import lookup as place_of
from cleanclaim.codesets.procedures import find as procedure_of
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.coding import CodingResult, SessionFacts, bands_for, canonical_credential, is_timed, services
from cleanclaim.findings import Finding
from cleanclaim_server.audit import record
from cleanclaim_server.authorizations.queries import units_used
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling import (
    HandlingRefused,
    SessionPreview,
    amend_session,
    is_unsent,
    preview_session,
)
from cleanclaim_server.cycle.intake import Masters, SessionInput, record_sessions
from cleanclaim_server.encounters.access import access_encounter
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.practice.queries import locations_of, providers_of
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.models import new_id
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


@requires(DataClass.CLAIM, Access.FULL)
@require_http_methods(["GET", "POST"])
def enter_session(request: HttpRequest) -> HttpResponse:
    """The entry form; POST records the session and takes it as far as it goes."""
    tenant, others, chosen = practice_in_hand(request, shared.in_view(request))
    initial = {
        "date_of_service": shared.today(request),
        "participants": "patient",
        "patient_type": "established",
        "patient": request.GET.get("patient", ""),
    }
    form = SessionForm(request.POST or None, tenant=tenant, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        practice = Practice.objects.get(pk=data["patient"].practice_id)
        key = data["request_key"] or _key_of(data)
        item = input_of(
            data, external_id=f"form-{key}"[:60], signed_at=shared.now() if data["note_signed"] else None
        )
        found, faults, repeated = record_sessions(
            Masters(practice), [item], now=shared.now(), today=shared.today(request), actor_id=request.user.pk
        )
        if found:
            record("session.entered", "encounter", found[0].pk, practice_id=practice.pk)
            messages.success(request, _outcome(found[0]))
            if request.POST.get("go") == "another":
                return redirect(f"/sessions/new?practice={practice.code}")
            return redirect("web:session", found[0].pk)
        if repeated:
            messages.info(request, "This session was already recorded; nothing was done twice.")
            return redirect("web:sessions")
        for fault in faults:
            form.add_error(None, f"{fault.message} {fault.remedy}")
    record("session.form_opened", "encounter")
    context = {
        "heading": "Enter a session",
        "session_url": "/sessions/new",
        "others": others,
        "practice": chosen,
        "submit": "Accept and build the claim",
        "again": True,
        "session": None,
        "empty_hint": _missing_masters(form),
    }
    return _show(request, form, tenant, context)


def _outcome(one: Encounter) -> str:
    if one.state == "charged":
        claim = Claim.objects.filter(family__encounter=one).first()
        state = {"ready": "ready to send", "held": "held"}.get(claim.lifecycle if claim else "", "built")
        return f"Recorded. Claim {claim.claim_number} is {state}." if claim else "Recorded."
    return "Recorded. It needs completing before it becomes a claim."


def _missing_masters(form: SessionForm) -> str:
    for name, words in (("patient", "patient"), ("provider", "clinician"), ("location", "place")):
        if not form.fields[name].queryset.exists():
            return words
    return ""


def _show(request: HttpRequest, form: SessionForm, tenant: TenantContext, context: dict) -> HttpResponse:
    posted = request.method == "POST"
    shown = {
        "today": shared.today(request),
        "form": fields_of(form),
        "errors": list(form.non_field_errors()),
        "preview": preview_of(form, tenant) if posted or context.get("session") else NOTHING_YET,
        "request_key": request.POST.get("request_key") or str(new_id()),
        "preview_url": "/sessions/preview",
    }
    return render(
        request, "sessions/entry.html", shown | context, status=400 if posted and form.errors else 200
    )


def _key_of(data: dict) -> str:
    """Same patient, clinician, day, time and service: the same session, however often the form is sent."""
    parts = [str(data["patient"].pk), str(data["provider"].pk), data["date_of_service"].isoformat()]
    parts += [str(data.get("starts_at") or ""), data["service"]]
    return sha256("|".join(parts).encode()).hexdigest()[:40]


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


# --- preview ---

NOTHING_YET = {"ready": False, "missing": "Choose the patient, the clinician, the day and the service."}


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the session would be billed as, from what is typed so far. Nothing is kept."""
    tenant, _, _ = practice_in_hand(request, shared.in_view(request))
    form = SessionForm(request.POST, tenant=tenant)
    return render(request, "sessions/preview.html", {"preview": preview_of(form, tenant)})


def preview_of(form: SessionForm, tenant: TenantContext) -> dict:
    """Bands, codes, price, reasons and findings for a form that may still have holes."""
    if form.is_bound:
        form.is_valid()
        data = form.cleaned_data
    else:
        data = _initial(form, tenant)
    missing = [
        word
        for name, word in (
            ("patient", "the patient"),
            ("provider", "the clinician"),
            ("date_of_service", "the day"),
            ("service", "the service"),
        )
        if not data.get(name)
    ]
    if missing:
        return NOTHING_YET | {"missing": f"Still to choose: {', '.join(missing)}."}
    practice = Practice.objects.get(pk=data["patient"].practice_id)
    signed = datetime.now(UTC) if data.get("note_signed") else None
    found = preview_session(
        practice, data["patient"], input_of(data, external_id="preview", signed_at=signed)
    )
    if found.finding is not None:
        return NOTHING_YET | {"missing": f"{found.finding.message} {found.finding.remedy}"}
    return drawn(found, data["service"], data["date_of_service"], minutes_of(data), data)


def _initial(form: SessionForm, tenant: TenantContext) -> dict:
    """What the initial values of a session on file clean to."""
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    bound = SessionForm(
        {name: value for name, value in values.items() if value not in (None, False)}, tenant=tenant
    )
    bound.is_valid()
    return bound.cleaned_data


def drawn(found: SessionPreview, service: str, on: date, minutes: int | None, data: dict) -> dict[str, Any]:
    """A preview as `sessions/preview.html` shows it."""
    result = found.result
    assert result is not None
    times = ""
    if data.get("starts_at") and data.get("stops_at"):
        times = f"{data['starts_at']:%H:%M} to {data['stops_at']:%H:%M}"
    shown = coded(result, service, found.payer_kind, on, minutes, times)
    policy = found.coverage
    shown |= {
        "coverage": {
            "payer": policy.plan.payer.name,
            "plan": policy.plan.name,
            "word": {1: "Primary", 2: "Secondary"}.get(policy.order, "Tertiary"),
            "more": len(found.policies) - 1,
        }
        if policy
        else None,
        "charge_cents": found.charge_cents,
        "no_price": found.no_price,
        "expected_cents": found.expected_cents,
        "expected_note": "by the contract"
        if found.expected_cents is not None
        else "no contract rate on file",
        "patient_cents": None,
        "patient_note": "benefits are not on file",
        "patient_estimate": False,
        "signed": bool(data.get("note_signed")),
    }
    if found.authorization is not None:
        one, used = found.authorization, units_used(found.authorization)
        left = one.units - used - 1
        shown["authorization"] = {
            "number": one.number,
            "used": used,
            "booked": 0,
            "free": max(left, 0),
            "note": f"{max(left, 0)} left after this session, until {one.ends_on:%-d %b %Y}",
        }
    return shown


def coded(
    result: CodingResult, service: str, kind: str, on: date, minutes: int | None, times: str = ""
) -> dict[str, Any]:
    """Codes, band and reasons of an answer of the coding engine."""
    bands = [band for band in bands_for(service, kind, on)] if is_timed(service) else []
    known = [band for band in bands if band.codes][:6]
    lines = [
        {
            "code": one.code,
            "units": one.units,
            "modifiers": " ".join(one.modifiers),
            "label": _label(one.code),
            "why": "",
        }
        for one in result.lines
    ]
    return {
        "ready": True,
        "missing": "",
        "minutes": minutes,
        "bands": [[band.from_minutes, band.label] for band in known],
        "timed": bool(known),
        "times": times or (f"{minutes} minutes" if minutes is not None else "No times yet"),
        "edge": _edge(result, bands, minutes),
        "lines": lines,
        "place": {"code": result.pos, "label": _place(result.pos, on)} if result.pos else None,
        "findings": list(result.findings),
        "result": result.result,
        "trace": {
            "n": len(result.why),
            "items": [{"text": one.text, "source": one.source} for one in result.why],
        },
        "authorization": None,
        "billed_under": result.billed_under,
    }


def _label(code: str) -> str:
    known = procedure_of(code)
    return known.label if known else ""


def _place(pos: str, on: date) -> str:
    try:
        return place_of(pos, on).label
    except CodeNotKnown:
        return ""


def _edge(result: CodingResult, bands: list, minutes: int | None) -> str:
    """The minute that would change the answer, in words."""
    if minutes is None:
        return "Without minutes a timed service has no code." if bands else ""
    said = []
    band = next(
        (
            one
            for one in bands
            if one.from_minutes <= minutes and (one.to_minutes is None or minutes <= one.to_minutes)
        ),
        None,
    )
    if band and band.codes and band.from_minutes:
        past = minutes - band.from_minutes
        before = next((one for one in bands if one.to_minutes == band.from_minutes - 1), None)
        lower = before.label if before and before.codes else "no code"
        said.append(
            f"{past} minute{'s' if past != 1 else ''} past the threshold: "
            f"under {band.from_minutes} it is {lower}."
        )
    if result.next_threshold is not None:
        later = result.next_codes.replace(";", " + ")
        said.append(f"From {result.next_threshold} minutes it is {later}.")
    return " ".join(said)


# --- correcting ---


def amendable(one: Encounter) -> str:
    """Why a session can no longer be corrected; empty when it can."""
    if one.state == "void":
        return "The session is void."
    claims = list(Claim.objects.filter(family__encounter=one, practice_id=one.practice_id).defer("frozen"))
    if any(not is_unsent(claim) for claim in claims):
        return "Its claim has left. What was sent is never changed; correct the claim instead."
    return ""


def initial_of(one: Encounter) -> dict:
    """A session on file in the words of the form."""
    facts = one.facts or {}
    part, _, many = (one.participants.split(";")[0] or "patient").partition(":")
    return {
        "patient": one.patient_id,
        "provider": one.rendering_provider_id,
        "supervisor": one.supervising_provider_id,
        "location": one.location_id,
        "date_of_service": one.date_of_service,
        "starts_at": one.starts_at,
        "stops_at": one.stops_at,
        "minutes": one.minutes,
        "service": one.service.split(";")[0],
        "setting": one.setting,
        "modality": one.modality,
        "patient_at_home": one.patient_at_home,
        "participants": part if part in dict(TAKING_PART) else "patient",
        "group_size": many or None,
        "em_basis": facts.get("em_basis", ""),
        "em_minutes": facts.get("em_minutes"),
        "patient_type": facts.get("patient_type", ""),
        "interactive": next(iter(facts.get("ic_factors") or ()), ""),
        "diagnoses": ", ".join(one.diagnoses),
        "authorization": one.authorization.number if one.authorization_id else "",
        "note_reference": one.note_reference,
        "note_signed": one.is_signed,
    }


@requires(DataClass.CLAIM, Access.FULL)
@require_http_methods(["GET", "POST"])
def edit_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Correct a session whose claim has not left; it is coded again and its claim follows."""
    one = access_encounter(request.tenant, session_id)
    reason = amendable(one)
    if reason:
        messages.error(request, reason)
        return redirect("web:session", one.pk)
    mark = shared.marks(request)[one.practice_id]
    tenant = shared.narrowed(request, request.tenant, mark["code"])
    form = SessionForm(request.POST or None, tenant=tenant, initial=initial_of(one))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["patient"].pk != one.patient_id:
            form.add_error("patient", "A session keeps its patient. Enter a new one for somebody else.")
        else:
            signed = (one.note_signed_at or shared.now()) if data["note_signed"] else None
            item = input_of(data, external_id=one.external_id, signed_at=signed)
            try:
                with transaction.atomic():
                    after = amend_session(
                        one, item, actor_id=request.user.pk, now=shared.now(), today=shared.today(request)
                    )
            except HandlingRefused as refused:
                form.add_error(None, str(refused))
            else:
                if not isinstance(after, Finding):
                    messages.success(request, _outcome(after).replace("Recorded", "Corrected"))
                    return redirect("web:session", one.pk)
                form.add_error(None, f"{after.message} {after.remedy}")
    context = {
        "heading": "Correct the session",
        "session_url": f"/sessions/{one.pk}/edit",
        "others": [],
        "practice": mark,
        "submit": "Save and check again",
        "again": False,
        "session": one,
        "empty_hint": "",
    }
    return _show(request, form, tenant, context)
