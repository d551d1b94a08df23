"""The sessions of a day: who came, what was held, and what went wrong with the record.

Every choice is a hash of the seed, the patient and the day, so the sessions of one day never depend
on which other days were asked for.
"""

from __future__ import annotations

from datetime import date, time, timedelta

from cleanclaim.simulator.calendar import is_working_day
from cleanclaim.simulator.chance import between, draw, one_of, percent, weighted
from cleanclaim.simulator.synthetic.records import (
    SyntheticAgency,
    SyntheticClinician,
    SyntheticGroup,
    SyntheticHabit,
    SyntheticPatient,
    SyntheticSession,
)

ATTENDANCE_PERCENT = 88
CRISIS_PER_THOUSAND = 9
FAULTS_PER_THOUSAND = (
    ("unsigned", 14), ("too_short", 10), ("no_diagnosis", 4), ("header_diagnosis", 3), ("no_minutes", 4),
    ("place_conflict", 4),
)  # fmt: skip

_PSYCHOTHERAPY_MINUTES = (((53, 58), 56), ((45, 52), 26), ((38, 44), 7), ((25, 37), 8), ((16, 24), 3))
_EM_BASES = (("mdm_low", 35), ("mdm_moderate", 58), ("mdm_high", 7))
_CRISIS_HOUR = 18
_SUPERVISED = frozenset({"LPC-associate", "LMSW"})


def sessions(agency: SyntheticAgency, day: date) -> list[SyntheticSession]:
    """All sessions of one calendar day, in the order of practice, clinician and hour.

    Nothing is held on weekends, on federal holidays, on the day after Thanksgiving and from
    December 24 to 26. Any day may be asked for, in any order; a year has about 7,400 sessions.
    """
    if not _is_open(day):
        return []
    today = _Day(agency, day)
    held = [*today.individual(), *today.groups()]
    return sorted(
        held, key=lambda one: (one.practice_code, one.clinician_id, one.start_time or time(), one.id)
    )


def _is_open(day: date) -> bool:
    if not is_working_day(day) or (day.month == 12 and 24 <= day.day <= 26):
        return False
    after_thanksgiving = day.month == 11 and day.weekday() == 4 and 23 <= day.day <= 29
    return not after_thanksgiving


class _Day:
    def __init__(self, agency: SyntheticAgency, day: date) -> None:
        self.agency = agency
        self.day = day
        self.seed = agency.seed
        self.week = day.toordinal() // 7 % 4
        self.clinicians = {one.id: one for one in agency.clinicians}
        self.payers = {one.payer_id: one for one in agency.payers}
        self.in_crisis: set[str] = set()

    def individual(self) -> list[SyntheticSession]:
        held = []
        for patient in self.agency.patients:
            for habit, by_prescriber in ((patient.therapy, False), (patient.medication, True)):
                if habit and self._comes(patient, habit):
                    held.append(self._visit(patient, habit, by_prescriber=by_prescriber))
        return held

    def groups(self) -> list[SyntheticSession]:
        held = []
        for group in self.agency.groups:
            if self.day.weekday() in group.weekdays:
                present = [
                    one for one in self.agency.patients if one.group == group.id and self._is_in_group(one)
                ]
                if len(present) > 1:
                    held += [self._group_session(patient, group, len(present)) for patient in present]
        return held

    # Who comes.

    def _care_day(self, patient: SyntheticPatient, day: date) -> int:
        """Days since care began in this 365-day cycle."""
        return (day.toordinal() - patient.care_starts) % 365

    def _is_due(self, patient: SyntheticPatient, habit: SyntheticHabit, day: date) -> bool:
        return (
            day.weekday() == habit.weekday
            and day.toordinal() // 7 % 4 in habit.weeks
            and self._care_day(patient, day) < patient.care_days
            and _is_open(day)
        )

    def _comes(self, patient: SyntheticPatient, habit: SyntheticHabit) -> bool:
        if not self._is_due(patient, habit, self.day):
            return False
        return self._is_first(patient, habit) or percent(
            ATTENDANCE_PERCENT, self.seed, "comes", patient.id, habit.hour, self.day
        )

    def _is_first(self, patient: SyntheticPatient, habit: SyntheticHabit) -> bool:
        """No earlier appointment since care began."""
        since = self._care_day(patient, self.day)
        if since > 60:
            return False
        earlier = (self.day - timedelta(days=back) for back in range(7, since + 1, 7))
        return not any(self._is_due(patient, habit, day) for day in earlier)

    def _is_in_group(self, patient: SyntheticPatient) -> bool:
        """In care, and there today; groups begin in the second week."""
        in_care = 7 <= self._care_day(patient, self.day) < patient.care_days
        return in_care and percent(85, self.seed, "group", patient.id, self.day)

    # What is held.

    def _visit(
        self, patient: SyntheticPatient, habit: SyntheticHabit, *, by_prescriber: bool
    ) -> SyntheticSession:
        clinician = self.clinicians[habit.clinician_id]
        first = self._is_first(patient, habit)
        start = habit.hour
        if by_prescriber:
            facts = self._medical(patient, first=first)
        elif first:
            facts = {
                "service": "psychiatric diagnostic evaluation",
                "minutes": between(50, 58, *self._key(patient)),
            }
        elif self._is_crisis(patient, clinician):
            start = _CRISIS_HOUR
            minutes = between(40, 112, *self._key(patient))
            facts = {"service": "crisis psychotherapy", "minutes": minutes, "crisis": True}
        elif patient.family and self.day.toordinal() // 7 % 3 == 0:
            absent = percent(20, *self._key(patient), "absent")
            facts = {
                "service": "family psychotherapy",
                "minutes": between(44, 58, *self._key(patient)),
                "participants": "family without patient" if absent else "family+patient",
            }
        else:
            low, high = weighted(_PSYCHOTHERAPY_MINUTES, *self._key(patient), "band")
            minutes = between(low, high, *self._key(patient))
            facts = {"service": "individual psychotherapy", "minutes": minutes}
            if patient.family and percent(15, *self._key(patient), "complex"):
                facts["ic_factors"] = "maladaptive_communication"
        number = "M" if by_prescriber else "T"
        return self._session(patient, clinician, f"{patient.id}-{self.day:%Y%m%d}{number}", start, facts)

    def _medical(self, patient: SyntheticPatient, *, first: bool) -> dict[str, object]:
        key = self._key(patient)
        if first and patient.therapy is not None:
            return {
                "service": "psychiatric diagnostic evaluation with medical services",
                "minutes": between(45, 58, *key),
            }
        basis = weighted(_EM_BASES, *key, "basis")
        visit = {"with_em": True, "em_basis": basis, "patient_type": "established"}
        if patient.therapy is None or percent(60, *key, "with therapy"):
            return visit | {
                "service": "E/M + psychotherapy",
                "minutes": between(16, 32, *key),
                "em_minutes": between(10, 20, *key),
            }
        minutes = between(15, 30, *key)
        return visit | {"service": "E/M only", "minutes": minutes, "em_minutes": minutes}

    def _group_session(
        self, patient: SyntheticPatient, group: SyntheticGroup, present: int
    ) -> SyntheticSession:
        facts: dict[str, object] = {
            "service": "group psychotherapy",
            "minutes": 60 if group.id != "CR-IOP" else 90,
            "participants": f"group:{present}",
            "modality": "in_person",
        }
        clinician = self.clinicians[group.clinician_id]
        return self._session(patient, clinician, f"{patient.id}-{self.day:%Y%m%d}G", group.hour, facts)

    def _is_crisis(self, patient: SyntheticPatient, clinician: SyntheticClinician) -> bool:
        """Rare, after the last appointment of the day, and one a day for each clinician."""
        busy = clinician.id in self.in_crisis or clinician.credential in _SUPERVISED
        hosts_group = any(
            one.clinician_id == clinician.id and self.day.weekday() in one.weekdays
            for one in self.agency.groups
        )
        if busy or hosts_group or draw(*self._key(patient), "crisis") % 1000 >= CRISIS_PER_THOUSAND:
            return False
        self.in_crisis.add(clinician.id)
        return True

    def _key(self, patient: SyntheticPatient) -> tuple[int, str, str]:
        return self.seed, patient.id, self.day.isoformat()

    # How it is recorded.

    def _session(
        self, patient: SyntheticPatient, clinician: SyntheticClinician, session_id: str, hour: int,
        facts: dict[str, object],
    ) -> SyntheticSession:  # fmt: skip
        key = (self.seed, session_id)
        coverage = patient.coverages[0]
        payer = self.payers[coverage.payer_id]
        modality = str(facts.pop("modality", "")) or self._modality(patient, key)
        minutes = int(str(facts.pop("minutes")))
        length = minutes + (0 if facts["service"] == "E/M only" else int(str(facts.get("em_minutes") or 0)))
        fault = self._fault(key, str(facts["service"]), modality)
        diagnoses = patient.diagnoses
        others: dict[str, str] = {}
        if modality != "in_person":
            others["prior_in_person"] = "yes"
            if modality == "audio":
                others |= {"practitioner_video_capable": "yes", "patient_video": "declines"}
        if clinician.supervisor_id:
            others["billing_npi"] = "supervisor"
        start: time | None = time(hour)
        stop: time | None = time(hour + length // 60, length % 60)
        counted: int | None = minutes
        if fault == "no_minutes":
            start = stop = counted = None
        elif fault == "too_short":
            counted = between(8, 15, *key, "short")
            stop = time(hour, counted)
        elif fault == "no_diagnosis":
            diagnoses = ()
        elif fault == "header_diagnosis":
            diagnoses = ("F43.2",)
        elif fault == "place_conflict":
            others["entered_pos"] = "11"
        if diagnoses:
            others["dx"] = ",".join(diagnoses)
        return SyntheticSession(
            id=session_id,
            practice_code=patient.practice_code,
            patient_id=patient.id,
            clinician_id=clinician.id,
            location_id=patient.location_id,
            dos=self.day,
            setting="telehealth" if modality != "in_person" else "office",
            credential=clinician.credential,
            payer_kind=payer.kind.value,
            payer_profile=payer.profile,
            other_inputs=others,
            start_time=start,
            stop_time=stop,
            minutes=counted,
            modality=modality,
            patient_at_home=modality != "in_person",
            diagnoses=diagnoses,
            supervisor_id=clinician.supervisor_id,
            state=patient.person.address.state,
            note_signed_on=None if fault == "unsigned" else self._signed_on(key),
            authorization_number=self._authorization(patient),
            patient_paid_cents=patient.copay_cents,
            fault=fault,
            **facts,  # type: ignore[arg-type]
        )

    def _modality(self, patient: SyntheticPatient, key: tuple[int, str]) -> str:
        if patient.prefers == "in_person":
            return "video" if percent(6, *key, "snow day") else "in_person"
        return weighted((("video", 93), ("audio", 4), ("in_person", 3)), *key, "modality")

    def _fault(self, key: tuple[int, str], service: str, modality: str) -> str:
        at = draw(*key, "fault") % 1000
        for fault, weight in FAULTS_PER_THOUSAND:
            at -= weight
            if at < 0:
                fits = {
                    "no_minutes": service == "individual psychotherapy",
                    "too_short": service == "individual psychotherapy",
                    "place_conflict": modality != "in_person",
                }
                return fault if fits.get(fault, True) else ""
        return ""

    def _signed_on(self, key: tuple[int, str]) -> date:
        return self.day + timedelta(days=one_of((0, 0, 0, 0, 1, 1, 2, 3), *key, "signed"))

    def _authorization(self, patient: SyntheticPatient) -> str:
        return next(
            (one.number for one in patient.authorizations if one.starts_on <= self.day <= one.ends_on), ""
        )
