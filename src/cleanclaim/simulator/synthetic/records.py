"""The synthetic agency as values, ready to be mapped to any store.

Everything is made up: names from lists we invented, streets that do not exist, NPIs beginning with
2999 (no NPI that begins with 2 has been given out), telephone numbers of the fictional 555-01 range.
"""

from __future__ import annotations

from datetime import date, time

import msgspec

from cleanclaim.claim import Address, PayerKind, Person


class SyntheticLicence(msgspec.Struct, frozen=True, omit_defaults=True):
    """A clinician's licence in one state."""

    state: str
    number: str
    starts_on: date
    ends_on: date | None = None


class SyntheticClinician(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody who holds sessions. `credential` is a word of the coding engine."""

    id: str
    practice_code: str
    first_name: str
    last_name: str
    npi: str
    credential: str
    taxonomy: str
    licences: tuple[SyntheticLicence, ...]
    supervisor_id: str = ""
    prescribes: bool = False


class SyntheticLocation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place where sessions are held."""

    id: str
    practice_code: str
    name: str
    address: Address
    time_zone: str
    place_of_service: str = "11"
    npi: str = ""
    is_billing_address: bool = False


class SyntheticPrice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One code's price in cents: of a charge master, or of a contract."""

    code: str
    cents: int


class SyntheticPractice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A practice: the billing provider of its claims.

    `kind` is solo, group, clinic_iop, telehealth or community; `telehealth_percent` the share of
    sessions held by video or phone.
    """

    code: str
    name: str
    kind: str
    npi: str
    tax_id: str
    taxonomy: str
    address: Address
    phone: str
    time_zone: str
    states: tuple[str, ...]
    locations: tuple[SyntheticLocation, ...]
    charges: tuple[SyntheticPrice, ...]
    telehealth_percent: int
    is_person: bool = False
    first_name: str = ""


class SyntheticPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A product of a payer."""

    id: str
    payer_id: str
    name: str
    state: str = ""


class SyntheticPayer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payer that does not exist.

    `profile` speaks the coding engine's vocabulary (av_mod, home_pos, …); `rates` are what its
    contract allows, in cents, the same for every practice.
    """

    payer_id: str
    name: str
    kind: PayerKind
    claim_filing_code: str
    states: tuple[str, ...]
    address: Address
    profile: dict[str, str]
    plans: tuple[SyntheticPlan, ...]
    rates: tuple[SyntheticPrice, ...]
    crosses_over: bool = False


class SyntheticCoverage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A patient's coverage. `sequence` is P or S; the member id names the simulator's scenario."""

    payer_id: str
    plan_id: str
    sequence: str
    member_id: str
    relationship: str
    subscriber: Person
    starts_on: date
    group_number: str = ""
    ends_on: date | None = None


class SyntheticAuthorization(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payer's permission; no codes means any."""

    number: str
    payer_id: str
    units: int
    starts_on: date
    ends_on: date
    codes: tuple[str, ...] = ()


class SyntheticHabit(msgspec.Struct, frozen=True, omit_defaults=True):
    """When somebody comes: a weekday and hour in some weeks of four, during a part of each year."""

    clinician_id: str
    weekday: int
    hour: int
    weeks: tuple[int, ...]
    """Which of four weeks, 0 to 3."""


class SyntheticPatient(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person in care.

    `care_starts` is the day of a 365-day cycle on which care begins, `care_days` how long it lasts;
    `family` patients come with relatives every third time; `group` names the group they belong to.
    """

    id: str
    chart_number: str
    practice_code: str
    location_id: str
    person: Person
    phone: str
    coverages: tuple[SyntheticCoverage, ...]
    diagnoses: tuple[str, ...]
    therapy: SyntheticHabit | None
    medication: SyntheticHabit | None
    care_starts: int
    care_days: int
    copay_cents: int = 0
    family: bool = False
    group: str = ""
    prefers: str = "in_person"
    authorizations: tuple[SyntheticAuthorization, ...] = ()


class SyntheticGroup(msgspec.Struct, frozen=True, omit_defaults=True):
    """A therapy group: its clinician, weekdays and hour."""

    id: str
    practice_code: str
    clinician_id: str
    weekdays: tuple[int, ...]
    hour: int


class SyntheticAgency(msgspec.Struct, frozen=True, omit_defaults=True):
    """A billing agency with everything it looks after. `around` is the day it was made for."""

    seed: int
    around: date
    name: str
    practices: tuple[SyntheticPractice, ...]
    clinicians: tuple[SyntheticClinician, ...]
    payers: tuple[SyntheticPayer, ...]
    patients: tuple[SyntheticPatient, ...]
    groups: tuple[SyntheticGroup, ...]


class SyntheticSession(msgspec.Struct, frozen=True, omit_defaults=True):
    """One session of one patient: the input columns of the session file, and whose it is.

    `fault` names what was planted to be caught: unsigned, no_minutes, no_diagnosis,
    header_diagnosis, place_conflict, too_short; empty for a sound session.
    """

    id: str
    practice_code: str
    patient_id: str
    clinician_id: str
    location_id: str
    dos: date
    service: str
    setting: str
    credential: str
    payer_kind: str
    payer_profile: dict[str, str]
    other_inputs: dict[str, str]
    start_time: time | None
    stop_time: time | None
    minutes: int | None
    participants: str = "patient"
    with_em: bool = False
    em_minutes: int | None = None
    em_basis: str = ""
    patient_type: str = ""
    crisis: bool = False
    ic_factors: str = ""
    modality: str = "in_person"
    patient_at_home: bool = False
    units: int | None = None
    diagnoses: tuple[str, ...] = ()
    supervisor_id: str = ""
    state: str = ""
    """Where the patient sat."""
    note_signed_on: date | None = None
    """None: the note is not signed."""
    authorization_number: str = ""
    patient_paid_cents: int = 0
    fault: str = ""
