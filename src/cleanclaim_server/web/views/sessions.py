"""Sessions: the list, the entry form with its live preview, one session, and the import of a file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from hashlib import sha256
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cleanclaim.coding import SessionFacts, bands_for, canonical_credential, code_session, is_timed, services
from cleanclaim_server.audit import record
from cleanclaim_server.claims.queries import claims
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.encounters.access import access_encounter
from cleanclaim_server.encounters.queries import STATES, imports, state_counts
from cleanclaim_server.encounters.queries import sessions as sessions_in_reach
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.practice.queries import locations_of, providers_of
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rows import claim_row, session_row

LABELS = {
    "open": "Not coded yet", "coded": "Coded", "refused": "Cannot be coded", "charged": "Claim built", "void": "Void",
}  # fmt: skip
MODALITIES = [("in_person", "In person"), ("video", "Video"), ("audio", "Audio only")]
SETTINGS = [
    ("office", "Office"), ("home", "Home"), ("community", "Community"), ("telehealth", "Telehealth"),
    ("outpatient_hospital", "Outpatient hospital"), ("cmhc", "Community mental health center"),
]  # fmt: skip
LONGEST_FILE = 5 * 1024 * 1024


class SessionForm(forms.Form):
    """One session as a person types it. Records are chosen among those in reach."""

    patient = forms.ModelChoiceField(Patient.objects.none())
    provider = forms.ModelChoiceField(Provider.objects.none())
    location = forms.ModelChoiceField(Location.objects.none(), required=False)
    date_of_service = forms.DateField()
    starts_at = forms.TimeField(required=False)
    stops_at = forms.TimeField(required=False)
    minutes = forms.IntegerField(required=False, min_value=0, max_value=1440)
    service = forms.ChoiceField(choices=[(name, name) for name in services()])
    setting = forms.ChoiceField(choices=SETTINGS, required=False)
    modality = forms.ChoiceField(choices=MODALITIES, required=False)
    patient_at_home = forms.BooleanField(required=False)
    participants = forms.CharField(required=False, max_length=80)
    diagnoses = forms.CharField(required=False, max_length=200)
    note_reference = forms.CharField(required=False, max_length=80)
    note_signed = forms.BooleanField(required=False)
    request_key = forms.CharField(required=False, max_length=60)

    def __init__(self, *args, tenant, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        patients = visible(Patient.objects.defer("birth_date_sealed", "contact"), tenant)
        self.fields["patient"].queryset = patients.order_by("last_name", "first_name", "id")
        self.fields["patient"].label_from_instance = lambda one: f"{one.last_name}, {one.first_name} ({one.chart_number})"
        self.fields["provider"].queryset = providers_of(tenant)
        self.fields["location"].queryset = locations_of(tenant)

    def clean(self) -> dict:
        data = super().clean()
        patient = data.get("patient")
        for name in ("provider", "location"):
            if patient and data.get(name) and data[name].practice_id != patient.practice_id:
                self.add_error(name, "This belongs to another practice than the patient.")
        return data


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Sessions, newest first."""
    tenant, marks = shared.in_view(request), shared.marks(request)
    counts = state_counts(tenant)
    rows, page = shared.one_page(
        request, sessions_in_reach(tenant, request.GET.dict()), "date_of_service", noun="sessions"
    )
    record("session.listed", "encounter", count=len(rows))
    clinicians = [(str(one.pk), one.short_name) for one in providers_of(tenant)]
    context = {
        "today": shared.today(request),
        "new_url": "/sessions/new", "import_url": "/sessions/import", "search": None,
        "columns": shared.columns("Day", "Patient", "Clinician", "Service", ("Minutes", "num"), "Codes", ("Charge ($)", "num"), "State"),
        "empty": {"title": "No sessions", "text": "No session matches.", "act": "Show all", "url": "/sessions"},
        "tabs": shared.tab_links(
            request,
            "state",
            [("", "All", sum(counts.get(state, 0) for state in STATES)), ("unsigned", "Note not signed", counts["unsigned"])]
            + [(state, LABELS[state], counts.get(state, 0)) for state in STATES if counts.get(state)],
        ),
        "filters": [shared.chooser(request, "clinician", "Clinician", clinicians)],
        "rows": [session_row(row, marks) for row in rows],
        "page": page,
    }
    return render(request, "sessions/list.html", context)


@requires(DataClass.CLAIM, Access.FULL)
@require_http_methods(["GET", "POST"])
def enter_session(request: HttpRequest) -> HttpResponse:
    """The entry form; POST records the session and takes it as far as it goes."""
    tenant = shared.in_view(request)
    form = SessionForm(request.POST or None, tenant=tenant, initial={"date_of_service": shared.today(request)})
    if request.method == "POST" and form.is_valid():
        from cleanclaim_server.cycle.intake import Masters, SessionInput, record_sessions

        data, patient = form.cleaned_data, form.cleaned_data["patient"]
        practice = Practice.objects.get(pk=patient.practice_id)
        key = data["request_key"] or _key_of(data)
        item = SessionInput(
            external_id=f"form-{key}"[:60],
            chart_number=patient.chart_number,
            provider_npi=data["provider"].npi,
            facts=facts_of(data, *payer_of(patient, data["date_of_service"])),
            diagnoses=tuple(part.strip().upper() for part in data["diagnoses"].split(",") if part.strip()),
            location_name=data["location"].name if data["location"] else "",
            note_reference=data["note_reference"],
            note_signed_at=shared.now() if data["note_signed"] else None,
        )
        found, faults, repeated = record_sessions(
            Masters(practice), [item], now=shared.now(), today=shared.today(request), actor_id=request.user.pk
        )
        if found:
            record("session.entered", "encounter", found[0].pk, practice_id=practice.pk)
            return redirect("web:session", found[0].pk)
        if repeated:
            messages.info(request, "This session was already recorded; nothing was done twice.")
            return redirect("web:sessions")
        for fault in faults:
            form.add_error(None, f"{fault.message} {fault.remedy}")
    record("session.form_opened", "encounter")
    context = {
        "today": shared.today(request), "form": fields_of(form), "heading": "Enter a session", "session_url": "/sessions/new",
        "errors": list(form.non_field_errors()), "locked": "", "claim": None, "void_url": None, "services": services(), "modalities": MODALITIES,
        "settings": SETTINGS, "preview": preview_of(request) if request.method == "POST" else {"ready": False, "missing": "The clinician, the day and the service"}, "request_key": request.POST.get("request_key") or str(new_id()),
        "preview_url": "/sessions/preview", "session": None,
    }  # fmt: skip
    return render(request, "sessions/entry.html", context, status=400 if form.errors else 200)


def _key_of(data: dict) -> str:
    """Same patient, clinician, day, time and service: the same session, however often the form is sent."""
    parts = [str(data["patient"].pk), str(data["provider"].pk), data["date_of_service"].isoformat()]
    parts += [str(data.get("starts_at") or ""), data["service"]]
    return sha256("|".join(parts).encode()).hexdigest()[:40]


def fields_of(form: SessionForm) -> dict:
    """The form as `sessions/entry.html` draws it: value, error, options."""
    shown = {}
    for bound in form:
        choices = [(str(value), label) for value, label in getattr(bound.field, "choices", ())]
        value = bound.value()
        errors = form.errors.get(bound.name) if form.is_bound else None
        shown[bound.name] = {
            "value": "" if value is None else str(value) if not isinstance(value, bool) else value,
            "error": errors[0] if errors else "", "options": choices, "hint": "",
        }  # fmt: skip
    return shown


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the session would be billed as, from what is typed so far. Nothing is kept."""
    return render(request, "sessions/preview.html", {"preview": preview_of(request)})


def preview_of(request: HttpRequest) -> dict:
    """Bands, codes, reasons and findings for a form that may still have holes."""
    form = SessionForm(request.POST, tenant=shared.in_view(request))
    form.is_valid()
    data = form.cleaned_data
    on = data.get("date_of_service") or shared.today(request)
    kind, profile = payer_of(data["patient"], on) if data.get("patient") else ("commercial", {})
    service = data.get("service", "")
    minutes = data.get("minutes")
    if minutes is None and data.get("starts_at") and data.get("stops_at"):
        minutes = minutes_between(data["starts_at"], data["stops_at"])
    bands = bands_for(service, kind, on) if service else ()
    drawn = [[band.from_minutes, band.label] for band in bands if band.codes][:6]
    result = None
    if service and data.get("provider"):
        result = code_session(facts_of({**data, "date_of_service": on}, kind, profile))
    return {
        "ready": result is not None,
        "missing": "" if result else "The clinician and the service",
        "place": {"code": result.pos, "label": ""} if result else None,
        "trace": {"n": len(result.why), "items": [{"text": one.text, "source": one.source} for one in result.why]} if result else {"n": 0, "items": []},
        "minutes": minutes,
        "bands": drawn,
        "timed": is_timed(service),
        "payer_kind": kind,
        "result": result.result if result else "",
        "lines": [{"code": one.code, "units": one.units, "modifiers": " ".join(one.modifiers), "label": "", "why": ""} for one in result.lines] if result else [],
        "pos": result.pos if result else "",
        "why": [{"text": one.text, "source": one.source} for one in result.why] if result else [],
        "findings": list(result.findings) if result else [],
        "next_threshold": result.next_threshold if result else None,
        "next_codes": (result.next_codes if result else "").replace(";", " + "),
    }


def minutes_between(start: time, stop: time) -> int:
    """Whole minutes; a stop before the start is after midnight."""
    day = date(2000, 1, 1)
    return int((datetime.combine(day, stop, UTC) - datetime.combine(day, start, UTC)).total_seconds() // 60) % 1440


def payer_of(patient: Patient, on: date) -> tuple[str, dict]:
    """Kind and contract facts of the first policy in force on a day."""
    rows = Coverage.objects.filter(patient_id=patient.pk, practice_id=patient.practice_id, starts_on__lte=on)
    for row in rows.select_related("plan__payer").order_by("order", "-starts_on"):
        if row.in_force_on(on):
            return row.plan.payer.kind, row.plan.payer.profile or {}
    return "commercial", {}


def facts_of(data: dict, payer_kind: str, profile: dict) -> SessionFacts:
    """The coding engine's facts from a form."""
    service, minutes = data["service"], data.get("minutes")
    if minutes is None and data.get("starts_at") and data.get("stops_at"):
        minutes = minutes_between(data["starts_at"], data["stops_at"])
    return SessionFacts(
        dos=data["date_of_service"],
        service=(service,),
        setting=data.get("setting") or "office",
        credential=canonical_credential(data["provider"].credential) or data["provider"].credential,
        payer_kind=payer_kind,
        start_time=data.get("starts_at"),
        stop_time=data.get("stops_at"),
        minutes=(minutes,) if minutes is not None and is_timed(service) else (),
        participants=(data["participants"],) if data.get("participants") else (),
        crisis=service == "crisis psychotherapy",
        modality=data.get("modality") or "in_person",
        patient_at_home=bool(data.get("patient_at_home")),
        payer_profile={str(key): str(value) for key, value in profile.items()},
    )


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """One session: facts, what it was coded as and why, its claims."""
    one, marks = access_encounter(request.tenant, session_id), shared.marks(request)
    coding = one.coding or {}
    built = [claim_row(row, marks) for row in claims(request.tenant).filter(family__encounter_id=one.pk)]
    record("session.read", "encounter", one.pk, practice_id=one.practice_id)
    kind = one.coverage.plan.payer.kind if one.coverage_id else "commercial"
    bands = bands_for(one.service.split(";")[0], kind, one.date_of_service)
    context = {
        "today": shared.today(request),
        "session": session_row(one, marks)
        | {
            "patient": one.patient.full_name, "place": one.location.name, "note_reference": one.note_reference,
            "signed_at": one.note_signed_at, "diagnoses": one.diagnoses, "setting": one.setting,
            "supervisor": one.supervising_provider.short_name if one.supervising_provider_id else "",
            "external_id": one.external_id, "source": one.source, "stops_at": one.stops_at,
        },  # fmt: skip
        "heading": f"Session of {one.date_of_service.isoformat()}", "form": stored_fields(one), "errors": [],
        "locked": "The session is on file; what was sent is never changed.", "void_url": None,
        "claim": {"number": built[0]["claim_number"], "url": built[0]["url"]} if built else None,
        "session_url": "", "preview_url": "",
        "preview": {
            "ready": bool(coding), "missing": "Coding", "place": {"code": coding.get("pos", ""), "label": ""},
            "trace": {"n": len(coding.get("why", [])), "items": coding.get("why", [])},
            "minutes": one.minutes, "bands": [[band.from_minutes, band.label] for band in bands if band.codes][:6],
            "lines": coding.get("lines", []), "why": coding.get("why", []), "pos": coding.get("pos", ""),
            "findings": coding.get("findings", []), "next_threshold": coding.get("next_threshold"),
            "next_codes": coding.get("next_codes", ""), "result": coding.get("result", ""),
            "timed": bool(bands),
        },  # fmt: skip
        "claims": built,
        "sign_url": f"/sessions/{one.pk}/sign" if not one.is_signed else "",
    }
    return render(request, "sessions/entry.html", context)


def stored_fields(one) -> dict:
    """A session on file in the shape of the form."""
    values = {
        "practice": one.practice.name, "patient": one.patient.full_name, "provider": one.rendering_provider.short_name,
        "supervisor": one.supervising_provider.short_name if one.supervising_provider_id else "",
        "location": one.location.name, "coverage": str(one.coverage.plan) if one.coverage_id else "",
        "date_of_service": one.date_of_service.isoformat(), "minutes": one.minutes, "service": one.service,
        "starts_at": f"{one.starts_at:%H:%M}" if one.starts_at else "",
        "stops_at": f"{one.stops_at:%H:%M}" if one.stops_at else "", "modality": one.modality, "setting": one.setting,
        "patient_at_home": one.patient_at_home, "participants": one.participants,
        "diagnoses": ", ".join(one.diagnoses), "note_reference": one.note_reference, "note_signed": one.is_signed,
    }  # fmt: skip
    return {
        key: {"value": "" if value is None else value, "error": "", "options": [(value, value)], "hint": ""}
        for key, value in values.items()
    }


@requires(DataClass.NOTE_EXCERPT, Access.FULL)
@require_POST
def sign(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The clinician says that the note is signed; the claim goes on."""
    one = access_encounter(request.tenant, session_id)
    from cleanclaim_server.cycle.intake import sign_note

    sign_note(one, now=shared.now(), today=shared.today(request), actor_id=request.user.pk)
    return redirect("web:session", one.pk)


@requires(DataClass.CLAIM, Access.FULL)
@require_http_methods(["GET", "POST"])
def import_sessions(request: HttpRequest) -> HttpResponse:
    """Take a CSV; every faulty row is named, the others go on."""
    tenant, marks = shared.in_view(request), shared.marks(request)
    practices = list(visible(Practice.objects.all(), tenant).order_by("code"))
    problem, taken = "", None
    if request.method == "POST":
        from cleanclaim_server.cycle.intake import take_sessions

        upload = request.FILES.get("file")
        chosen = [one for one in practices if request.POST.get("practice") in (one.code, str(one.pk))]
        if not chosen and len(practices) == 1:
            chosen = practices
        if upload is None or not upload.size:
            problem = "Choose a CSV file with at least one row."
        elif upload.size > LONGEST_FILE:
            problem = "The file is larger than 5 MB. Split it and import the parts."
        elif not chosen:
            problem = "Choose the practice whose sessions these are."
        else:
            taken = take_sessions(
                chosen[0], upload.read(), name=upload.name[:200], now=shared.now(), today=shared.today(request),
                actor_id=request.user.pk,
            )  # fmt: skip
            return redirect("web:session_import", taken.pk)
    return _import_page(request, tenant, marks, practices, problem, None)


@requires(DataClass.CLAIM, Access.FULL)
@require_GET
def session_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What became of each row of one import."""
    from django.http import Http404

    one = imports(request.tenant).filter(pk=import_id).first()
    if one is None:
        raise Http404
    practices = list(visible(Practice.objects.all(), request.tenant).order_by("code"))
    return _import_page(request, shared.in_view(request), shared.marks(request), practices, "", one)


def _import_page(request, tenant, marks, practices, problem, result) -> HttpResponse:
    def shown(row) -> dict:
        return {
            "id": row.pk, "url": f"/sessions/import/{row.pk}", "practice": marks.get(row.practice_id),
            "name": row.file.name, "file_url": f"/files/{row.file_id}", "at": row.imported_at,
            "total": row.rows_total, "taken": row.rows_taken, "repeated": row.rows_repeated,
            "faulty": max(row.rows_total - row.rows_taken - row.rows_repeated, 0), "findings": row.findings,
        }  # fmt: skip

    recent = [shown(row) for row in imports(tenant)[:10]]
    record("session_import.listed", "session_import", count=len(recent))
    context = {
        "today": shared.today(request), "problem": problem, "recent": recent, "imports": recent,
        "import_url": "/sessions/import", "sample_url": "", "docs_url": "",
        "error": {"severity": "stop", "message": problem, "remedy": "", "code": "sessions.file"} if problem else None,
        "practices": [{**marks[one.pk], "id": one.pk} for one in practices], "again_url": "/sessions/import",
        "sessions_url": "/sessions", "faults_url": None, "more": 0, "findings": [fault_of(each) for each in result.findings] if result else [], "result": shown(result) if result else None,
        "columns": [
            {"name": name, "meaning": meaning, "required": need}
            for name, meaning, need in [
                ("session_id", "Your own key; the same key twice is one session", True), ("patient", "Chart number", True),
                ("provider", "NPI of the clinician", True), ("dos", "Day of the session", True), ("service", "What was done", True),
                ("setting", "Where", True), ("minutes", "Whole minutes", False), ("diagnoses", "ICD-10-CM, first the main one", False),
            ]
        ],
    }  # fmt: skip
    page = "sessions/import_result.html" if result else "sessions/import.html"
    return render(request, page, context, status=400 if problem else 200)


def fault_of(finding: dict) -> dict:
    """One fault of a row: where, what, what to do."""
    where = finding.get("where") or {}
    return {key: finding.get(key, "") for key in ("message", "remedy", "code", "severity")} | {
        "line": where.get("line", 0), "column": where.get("column", "")
    }
