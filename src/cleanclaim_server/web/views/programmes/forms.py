"""An episode, its days and its bills as a person types them."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms

from cleanclaim.codesets.programmes import admission_codes, programmes
from cleanclaim.money import dollars
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.cycle.programmes import CYCLES, BillInput, EpisodeInput
from cleanclaim_server.cycle.programmes.changing import MOST_OCCURRENCES, MOST_VALUES
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Provider
from cleanclaim_server.practice.queries import locations_of, providers_of
from cleanclaim_server.programmes.models import Episode
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

LEAST_ROWS = 4
"""Rows for codes that stand open; two more than are filled, up to what a bill holds."""
STILL = ("", "Still in the programme")


def _codes(kind: str) -> list[tuple[str, str]]:
    return [(code, f"{code}  {one.label}") for code, one in admission_codes(kind).items()]


def words(text: str) -> tuple[str, ...]:
    """Entries with commas between them."""
    return tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())


class EpisodeForm(forms.Form):
    """One episode. Records are chosen among those of one practice."""

    patient = forms.ModelChoiceField(Patient.objects.none(), empty_label="Choose a patient")
    program = forms.ChoiceField(choices=[(one.name, one.label) for one in programmes().values()])
    attending = forms.ModelChoiceField(Provider.objects.none(), empty_label="Choose a clinician")
    location = forms.ModelChoiceField(Location.objects.none(), empty_label=None)
    authorization = forms.ModelChoiceField(
        Authorization.objects.none(), required=False, empty_label="The one in force, if one is"
    )
    admitted_on = forms.DateField()
    admitted_at = forms.TimeField(required=False, help_text="Sent with the day, or neither is")
    admission_type = forms.ChoiceField(choices=_codes("type"))
    admission_source = forms.ChoiceField(choices=_codes("source"))
    diagnoses = forms.CharField(max_length=200, help_text="Commas between, the principal first")
    conditions = forms.CharField(
        required=False, max_length=60, help_text="Commas between; Medicare wants 92 or 41"
    )
    plan_hours_week = forms.IntegerField(required=False, min_value=1, max_value=60)
    ended_on = forms.DateField(required=False, help_text="Empty while it goes on")
    end_status = forms.ChoiceField(
        required=False,
        choices=[STILL, *(pair for pair in _codes("status") if pair[0] != "30")],
    )
    request_key = forms.CharField(required=False, max_length=60)

    def __init__(self, *args, tenant: TenantContext, episode: Episode | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        patients = visible(Patient.objects.defer("birth_date_sealed", "contact"), tenant)
        self.fields["patient"].queryset = patients.order_by("last_name", "first_name", "id")
        self.fields["patient"].label_from_instance = lambda one: (
            f"{one.last_name}, {one.first_name} ({one.chart_number})"
        )
        self.fields["attending"].queryset = providers_of(tenant)
        self.fields["location"].queryset = locations_of(tenant)
        given = visible(Authorization.objects.all(), tenant)
        if episode is not None:
            given = given.filter(patient_id=episode.patient_id)
            self.fields["patient"].queryset = patients.filter(pk=episode.patient_id)
        self.fields["authorization"].queryset = given.order_by("-ends_on", "id")
        self.fields["authorization"].label_from_instance = lambda one: f"{one.number}, {one.units} days"

    def clean(self) -> dict:
        data = super().clean()
        patient = data.get("patient")
        for name in ("attending", "location", "authorization"):
            if patient and data.get(name) and data[name].practice_id != patient.practice_id:
                self.add_error(name, "This belongs to another practice than the patient.")
        given = data.get("authorization")
        if patient and given and given.patient_id != patient.pk:
            self.add_error("authorization", "This authorization is of another patient.")
        return data

    def data_of(self, *, external_id: str) -> EpisodeInput:
        """What the cycle takes, from a valid form."""
        data = self.cleaned_data
        return EpisodeInput(
            patient=data["patient"],
            attending=data["attending"],
            location=data["location"],
            program=data["program"],
            admitted_on=data["admitted_on"],
            admission_type=data["admission_type"],
            admission_source=data["admission_source"],
            external_id=external_id,
            diagnoses=tuple(one.upper() for one in words(data["diagnoses"])),
            admitted_clock=f"{data['admitted_at']:%H%M}" if data["admitted_at"] else "",
            authorization=data["authorization"],
            conditions=tuple(one.upper() for one in words(data["conditions"])),
            plan_hours_week=data["plan_hours_week"],
            ended_on=data["ended_on"],
            end_status=data["end_status"] if data["ended_on"] else "",
        )


def initial_of(one: Episode) -> dict:
    """An episode on file in the words of the form."""
    clock = one.admitted_clock
    return {
        "patient": one.patient_id,
        "program": one.program,
        "attending": one.attending_id,
        "location": one.location_id,
        "authorization": one.authorization_id,
        "admitted_on": one.admitted_on,
        "admitted_at": f"{clock[:2]}:{clock[2:]}" if clock else "",
        "admission_type": one.admission_type,
        "admission_source": one.admission_source,
        "diagnoses": ", ".join(one.diagnoses),
        "conditions": ", ".join(one.conditions),
        "plan_hours_week": one.plan_hours_week,
        "ended_on": one.ended_on,
        "end_status": one.end_status,
    }


class DayForm(forms.Form):
    """One day attended."""

    on = forms.DateField()
    minutes = forms.IntegerField(required=False, min_value=1, max_value=1440)
    services = forms.CharField(required=False, max_length=200)
    note_signed = forms.BooleanField(required=False)


class BillForm(forms.Form):
    """A statement period."""

    first = forms.DateField()
    last = forms.DateField()
    cycle = forms.ChoiceField(required=False, choices=[("", "As the episode says"), *CYCLES.items()])
    patient_status = forms.ChoiceField(
        required=False, choices=[("", "As the episode says"), *_codes("status")]
    )


class ChangeForm(forms.Form):
    """What one bill says for itself; occurrence and value codes are rows of a code and a day or amount."""

    cycle = forms.ChoiceField(choices=list(CYCLES.items()))
    patient_status = forms.ChoiceField(choices=_codes("status"))
    discharge_at = forms.TimeField(required=False, help_text="Only of who has left")
    conditions = forms.CharField(required=False, max_length=60, help_text="Commas between")

    def __init__(self, *args, now: BillInput, **kwargs) -> None:
        self.now = now
        clock = now.discharge_clock
        initial = {
            "cycle": now.cycle,
            "patient_status": now.patient_status,
            "discharge_at": f"{clock[:2]}:{clock[2:]}" if clock else "",
            "conditions": ", ".join(now.conditions),
        }
        self.rows = {
            "occurrence": max(LEAST_ROWS, min(MOST_OCCURRENCES, len(now.occurrences) + 2)),
            "value": max(LEAST_ROWS, min(MOST_VALUES, len(now.values) + 2)),
        }
        for kind, pairs in (("occurrence", now.occurrences), ("value", now.values)):
            for number, (code, what) in enumerate(pairs, start=1):
                initial[f"{kind}_code_{number}"] = code
                initial[f"{kind}_{number}"] = what if kind == "occurrence" else dollars(what).replace(",", "")
        super().__init__(*args, initial=initial, **kwargs)
        for kind, count in self.rows.items():
            for number in range(1, count + 1):
                self.fields[f"{kind}_code_{number}"] = forms.CharField(required=False, max_length=4)
                self.fields[f"{kind}_{number}"] = (
                    forms.DateField(required=False)
                    if kind == "occurrence"
                    else forms.DecimalField(required=False, decimal_places=2, max_digits=10)
                )

    def clean(self) -> dict:
        data = super().clean()
        for kind, what in (("occurrence", "day"), ("value", "amount")):
            for number in range(1, self.rows[kind] + 1):
                name = f"{kind}_{number}"
                code, said = data.get(f"{kind}_code_{number}"), data.get(name)
                if code and said is None and name not in self.errors:
                    self.add_error(name, f"The code {code} needs its {what}.")
                elif said is not None and not code:
                    self.add_error(f"{kind}_code_{number}", f"This {what} needs its code.")
        return data

    def data_of(self) -> BillInput:
        """What the cycle takes, from a valid form."""
        data = self.cleaned_data

        def pairs(kind: str) -> list[tuple]:
            rows = range(1, self.rows[kind] + 1)
            found = [(data[f"{kind}_code_{number}"], data[f"{kind}_{number}"]) for number in rows]
            return [(code.strip().upper(), what) for code, what in found if code]

        return BillInput(
            cycle=data["cycle"],
            patient_status=data["patient_status"],
            discharge_clock=f"{data['discharge_at']:%H%M}" if data["discharge_at"] else "",
            conditions=tuple(one.upper() for one in words(data["conditions"])),
            occurrences=tuple(pairs("occurrence")),
            values=tuple((code, int(amount * 100)) for code, amount in pairs("value")),
        )


def next_weekday(day: date, among: set[date], last: date) -> date:
    """The first day from `day` on that is not on file yet, at most `last`."""
    while day in among and day < last:
        day += timedelta(days=1)
    return min(day, last)
