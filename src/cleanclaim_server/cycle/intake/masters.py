"""What a practice has on file, read once per batch."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from uuid import UUID

from cleanclaim.claim import Address, Clinician, Organization, PayerKind, PayerParty, Person
from cleanclaim.pricing import ChargeMaster, ChargeRow
from cleanclaim.rules import RuleBook
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.contracts.queries import Expectations, contracts_in_force
from cleanclaim_server.coverage.models import Coverage, EligibilityAnswer, Enrollment, Payer, Plan
from cleanclaim_server.coverage.verifying import newest_answers
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.programmes.models import Episode
from cleanclaim_server.rulebook.queries import book_of


class Masters:
    """The records of one practice as the intake of a batch needs them.

    Patients and coverages are read for the patients asked for, everything else whole: a practice has
    tens of clinicians and thousands of patients.
    """

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self._patients: dict[UUID, Patient] = {}
        self._coverages: dict[UUID, list[Coverage]] = {}
        self._authorizations: dict[UUID, list[Authorization]] = {}
        self._answers: dict[UUID, EligibilityAnswer] = {}
        self._persons: dict[UUID, Person] = {}
        self._by_chart: dict[str, Patient] = {}
        self._episodes: dict[UUID, Episode] = {}

    @cached_property
    def providers(self) -> dict[UUID, Provider]:
        return {provider.id: provider for provider in Provider.objects.filter(practice=self.practice)}

    @cached_property
    def providers_by_npi(self) -> dict[str, Provider]:
        return {provider.npi: provider for provider in self.providers.values()}

    @cached_property
    def rules(self) -> RuleBook:
        """The rule book with what people of the agency confirmed."""
        return book_of(self.practice.agency_id)

    @cached_property
    def locations(self) -> dict[UUID, Location]:
        return {location.id: location for location in Location.objects.filter(practice=self.practice)}

    @cached_property
    def main_location(self) -> Location | None:
        ordered = sorted(self.locations.values(), key=lambda row: (not row.is_billing_address, row.id))
        return ordered[0] if ordered else None

    @cached_property
    def payers(self) -> dict[UUID, Payer]:
        return {payer.id: payer for payer in Payer.objects.filter(agency=self.practice.agency_id)}

    @cached_property
    def plans(self) -> dict[UUID, Plan]:
        return {plan.id: plan for plan in Plan.objects.filter(agency=self.practice.agency_id)}

    @cached_property
    def charge_rows(self) -> list[ChargeRow]:
        rows = ChargeRate.objects.filter(practice=self.practice)
        return [
            ChargeRow(row.code, row.amount_cents, row.starts_on, row.modifier, row.ends_on) for row in rows
        ]

    @cached_property
    def charge_master(self) -> ChargeMaster:
        return ChargeMaster(self.charge_rows)

    @cached_property
    def expectations(self) -> Expectations:
        """What payers are expected to allow, by their contracts with this practice."""
        return Expectations(contracts_in_force(self.practice.pk))

    def load_patients(self, ids: set[UUID]) -> None:
        """Read the patients, coverages and authorizations that a batch names, once each."""
        missing = ids - self._patients.keys()
        if not missing:
            return
        for patient in Patient.objects.filter(practice=self.practice, id__in=missing):
            self._patients[patient.id] = patient
            self._coverages[patient.id] = []
            self._authorizations[patient.id] = []
        for coverage in Coverage.objects.filter(practice=self.practice, patient__in=missing).order_by(
            "order", "id"
        ):
            self._coverages[coverage.patient_id].append(coverage)
        policies = {row.pk for patient in missing for row in self._coverages.get(patient, ())}
        self._answers.update(newest_answers(self.practice.pk, policies))
        found = Authorization.objects.filter(practice=self.practice, patient__in=missing)
        for authorization in found.order_by("starts_on", "id"):
            self._authorizations[authorization.patient_id].append(authorization)

    def patients_by_chart(self, charts: set[str]) -> dict[str, Patient]:
        """The patients of these chart numbers, with all that hangs on them; unknown ones are left out."""
        missing = charts - self._by_chart.keys()
        if missing:
            found = Patient.objects.filter(practice=self.practice, chart_number__in=missing)
            ids = dict(found.values_list("chart_number", "id"))
            self.load_patients(set(ids.values()))
            self._by_chart.update({chart: self._patients[key] for chart, key in ids.items()})
        return self._by_chart

    def patient(self, patient_id: UUID) -> Patient:
        return self._patients[patient_id]

    def coverages(self, patient_id: UUID) -> list[Coverage]:
        return self._coverages.get(patient_id, [])

    def coverages_on(self, patient_id: UUID, day: date) -> list[Coverage]:
        """The policies in force on a date of service, in the order of benefits."""
        return [coverage for coverage in self.coverages(patient_id) if coverage.in_force_on(day)]

    def answer(self, coverage_id: UUID) -> EligibilityAnswer | None:
        """What the payer last said of a policy; None when nobody asked."""
        return self._answers.get(coverage_id)

    @cached_property
    def enrollments(self) -> list[Enrollment]:
        """Who is enrolled with which payers."""
        rows = Enrollment.objects.filter(practice=self.practice).select_related("payer", "provider")
        return list(rows.order_by("id"))

    def authorizations(self, patient_id: UUID) -> list[Authorization]:
        return self._authorizations.get(patient_id, [])

    def load_episodes(self, ids: set[UUID]) -> None:
        """Read the episodes that a batch names, once each."""
        missing = ids - self._episodes.keys()
        if missing:
            found = Episode.objects.filter(practice=self.practice, id__in=missing)
            self._episodes.update({one.id: one for one in found})

    def episode(self, episode_id: UUID) -> Episode:
        """One episode of a programme; read when it is not yet."""
        self.load_episodes({episode_id})
        return self._episodes[episode_id]

    def payer_of(self, coverage: Coverage) -> Payer:
        return self.payers[self.plans[coverage.plan_id].payer_id]

    # --- values of the core ---

    @cached_property
    def billing_provider(self) -> Organization:
        row = self.practice
        return Organization(
            name=row.name,
            npi=row.npi,
            tax_id=row.tax_id,
            tax_id_kind=row.tax_id_kind,
            taxonomy=row.taxonomy,
            address=Address(row.address_line1, row.address_line2, row.city, row.state, row.postal_code),
            contact_name="Billing",
            contact_phone=row.phone,
            is_person=row.is_person,
            first_name=row.first_name,
        )

    def facility(self, location: Location) -> Organization | None:
        """The service facility, when the session was held elsewhere than at the billing address."""
        if location.is_billing_address:
            return None
        return Organization(
            name=f"{self.practice.name} {location.name}"[:60],
            npi=location.npi or self.practice.npi,
            address=Address(
                location.address_line1,
                location.address_line2,
                location.city,
                location.state,
                location.postal_code,
            ),
        )

    def clinician(self, provider: Provider) -> Clinician:
        return Clinician(
            provider.last_name, provider.first_name, provider.npi, provider.taxonomy, provider.credential
        )

    def payer_party(self, coverage: Coverage) -> PayerParty:
        payer, plan = self.payer_of(coverage), self.plans[coverage.plan_id]
        return PayerParty(
            name=payer.name,
            payer_id=payer.payer_id,
            kind=PayerKind(payer.kind),
            claim_filing_code=payer.claim_filing_code,
            plan_state=plan.state,
        )

    def person(self, patient: Patient) -> Person:
        known = self._persons.get(patient.id)
        if known is None:
            contact = patient.contact or {}
            born = patient.birth_date_sealed
            known = self._persons[patient.id] = Person(
                last_name=patient.last_name,
                first_name=patient.first_name,
                middle_name=patient.middle_name,
                suffix=patient.suffix,
                birth_date=date.fromisoformat(born) if born else None,
                sex=patient.sex,
                address=Address(
                    contact.get("line1", ""),
                    contact.get("line2", ""),
                    contact.get("city", ""),
                    contact.get("state", patient.state),
                    contact.get("postal_code", ""),
                ),
            )
        return known

    def subscriber(self, coverage: Coverage, patient: Patient) -> Person:
        """Who holds the policy: the patient, or the person kept on the coverage."""
        held = coverage.subscriber if coverage.relationship != "18" else None
        if not held:
            return self.person(patient)
        address = held.get("address") or {}
        return Person(
            last_name=held.get("last_name", ""),
            first_name=held.get("first_name", ""),
            birth_date=date.fromisoformat(held["birth_date"]) if held.get("birth_date") else None,
            sex=held.get("sex", "U"),
            address=Address(
                address.get("line1", ""),
                address.get("line2", ""),
                address.get("city", ""),
                address.get("state", ""),
                address.get("postal_code", ""),
            ),
        )
