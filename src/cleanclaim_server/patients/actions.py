"""Putting a patient on file and correcting what is on file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cleanclaim_server.audit.recording import record
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.sealing import blind_index


class PatientRefused(ValueError):
    """The data does not fit; `field` names which."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class PatientData:
    """What a form says of a patient. `contact` has line1, line2, city, state, postal_code, phone, email."""

    chart_number: str
    first_name: str
    last_name: str
    birth_date: date
    sex: str
    contact: dict[str, str]
    middle_name: str = ""
    suffix: str = ""
    is_part2: bool = False


def save_patient(
    practice: Practice, data: PatientData, *, actor_id: UUID, patient: Patient | None = None
) -> Patient:
    """Write a new patient, or what changed of one. Claims that were sent keep their own copies.

    Raises:
        PatientRefused: The chart number belongs to another patient of the practice.
    """
    same = Patient.objects.filter(practice=practice, chart_number=data.chart_number)
    if same.exclude(pk=patient.pk if patient else None).exists():
        raise PatientRefused("chart_number", "Another patient of this practice has this chart number.")
    new = patient is None
    one = patient or Patient(practice=practice)
    before = {} if new else _plain(one)
    one.chart_number, one.first_name, one.last_name = data.chart_number, data.first_name, data.last_name
    one.middle_name, one.suffix, one.sex, one.is_part2 = (
        data.middle_name,
        data.suffix,
        data.sex,
        data.is_part2,
    )
    born = data.birth_date.isoformat()
    one.birth_date_sealed = born
    one.birth_date_index = blind_index(born, purpose="birth_date", practice_id=practice.pk)
    one.contact = {key: value for key, value in data.contact.items() if value}
    one.state = data.contact.get("state", "")
    one.save()
    after = _plain(one)
    changed = sorted(key for key in after if before.get(key) != after[key])  # names of fields, never values
    record(
        "patient.added" if new else "patient.changed",
        "patient",
        one.pk,
        practice_id=practice.pk,
        actor=actor_id,
        fields=" ".join(changed),
    )
    return one


def _plain(one: Patient) -> dict[str, object]:
    names = ("chart_number", "first_name", "middle_name", "last_name", "suffix", "sex", "is_part2", "state")
    return {name: getattr(one, name) for name in names} | {
        "birth_date": one.birth_date_sealed,
        "contact": one.contact,
    }
