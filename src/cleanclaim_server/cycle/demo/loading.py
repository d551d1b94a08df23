"""Put a synthetic agency on file."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

from cleanclaim.claim import Address, Person
from cleanclaim.simulator.synthetic import SyntheticAgency, SyntheticPractice
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.charges.models import ChargeRate, ContractRate
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.coverage.models import Coverage, Payer, Plan
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Agency, License, Location, Practice, Provider
from cleanclaim_server.tenancy.sealing import blind_index

# Demo rows have ids made from their synthetic keys, so that equal seeds give equal records.
NAMESPACE = UUID("7f0d6a52-3f57-5f0c-9f5e-6a5a0d2f4c11")
RATES_START = date(2020, 1, 1)
ORDERS = {"P": 1, "S": 2, "T": 3}


def row_id(agency: Agency, kind: str, key: str) -> UUID:
    """The id of a demo record: the same agency, kind and key always give the same."""
    return uuid5(NAMESPACE, f"{agency.id}:{kind}:{key}")


def load_agency(synthetic: SyntheticAgency, agency: Agency, partner: TradingPartner) -> list[Practice]:
    """Create practices, people, payers, prices, patients, coverages and authorizations.

    Runs inside a tenant context of the agency. Loading twice is refused by the unique keys.

    Returns:
        The practices, in the synthetic order.
    """
    payers = _payers(synthetic, agency, partner)
    practices = [_practice(one, agency, hue) for hue, one in enumerate(synthetic.practices, start=1)]
    Practice.objects.bulk_create(practices)
    by_code = {practice.code: practice for practice in practices}
    locations = [
        Location(
            id=row_id(agency, "location", place.id),
            practice=by_code[one.code],
            name=place.name,
            npi=place.npi,
            place_of_service=place.place_of_service,
            timezone=place.time_zone,
            is_billing_address=place.is_billing_address,
            **_address(place.address),
        )
        for one in synthetic.practices
        for place in one.locations
    ]
    Location.objects.bulk_create(locations)
    _providers(synthetic, agency, by_code)
    ChargeRate.objects.bulk_create(
        ChargeRate(
            id=row_id(agency, "charge", f"{one.code}:{price.code}"),
            practice=by_code[one.code],
            code=price.code,
            amount_cents=price.cents,
            starts_on=RATES_START,
        )
        for one in synthetic.practices
        for price in one.charges
    )
    ContractRate.objects.bulk_create(
        ContractRate(
            id=row_id(agency, "contract", f"{code}:{payer.payer_id}:{price.code}"),
            practice=practice,
            payer=payers[payer.payer_id],
            code=price.code,
            allowed_cents=price.cents,
            starts_on=RATES_START,
        )
        for code, practice in by_code.items()
        for payer in synthetic.payers
        for price in payer.rates
    )
    _patients(synthetic, agency, by_code, payers)
    return practices


def _address(address: Address) -> dict[str, str]:
    return {
        "address_line1": address.line1,
        "address_line2": address.line2,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
    }


def _contact(address: Address, phone: str = "") -> dict[str, str]:
    known = {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
    }
    return known | ({"phone": phone} if phone else {})


def _practice(one: SyntheticPractice, agency: Agency, hue: int) -> Practice:
    return Practice(
        id=row_id(agency, "practice", one.code),
        agency=agency,
        code=one.code,
        name=one.name,
        hue=hue,
        npi=one.npi,
        taxonomy=one.taxonomy,
        tax_id=one.tax_id,
        is_person=one.is_person,
        first_name=one.first_name,
        phone=one.phone,
        timezone=one.time_zone,
        settings={"kind": one.kind},
        **_address(one.address),
    )


def _payers(synthetic: SyntheticAgency, agency: Agency, partner: TradingPartner) -> dict[str, Payer]:
    payers = {
        one.payer_id: Payer(
            id=row_id(agency, "payer", one.payer_id),
            agency=agency,
            name=one.name,
            payer_id=one.payer_id,
            kind=one.kind.value,
            claim_filing_code=one.claim_filing_code,
            states=list(one.states),
            address=_contact(one.address),
            profile=dict(one.profile),
            trading_partner=partner,
            crosses_over_to_secondary=one.crosses_over,
        )
        for one in synthetic.payers
    }
    Payer.objects.bulk_create(payers.values())
    Plan.objects.bulk_create(
        Plan(
            id=row_id(agency, "plan", plan.id),
            agency=agency,
            payer=payers[one.payer_id],
            name=plan.name,
            state=plan.state,
        )
        for one in synthetic.payers
        for plan in one.plans
    )
    return payers


def _providers(synthetic: SyntheticAgency, agency: Agency, by_code: dict[str, Practice]) -> None:
    rows = [
        Provider(
            id=row_id(agency, "provider", one.id),
            practice=by_code[one.practice_code],
            first_name=one.first_name,
            last_name=one.last_name,
            npi=one.npi,
            taxonomy=one.taxonomy,
            credential=one.credential,
            supervisor_id=row_id(agency, "provider", one.supervisor_id) if one.supervisor_id else None,
        )
        for one in sorted(synthetic.clinicians, key=lambda clinician: bool(clinician.supervisor_id))
    ]
    Provider.objects.bulk_create(rows)
    License.objects.bulk_create(
        License(
            practice=by_code[one.practice_code],
            provider_id=row_id(agency, "provider", one.id),
            state=licence.state,
            number=licence.number,
            starts_on=licence.starts_on,
            ends_on=licence.ends_on,
        )
        for one in synthetic.clinicians
        for licence in one.licences
    )


def _subscriber(person: Person) -> dict:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "address": _contact(person.address),
    }


def _patients(
    synthetic: SyntheticAgency, agency: Agency, by_code: dict[str, Practice], payers: dict[str, Payer]
) -> None:
    patients, coverages, authorizations = [], [], []
    for one in synthetic.patients:
        practice, person = by_code[one.practice_code], one.person
        born = person.birth_date.isoformat() if person.birth_date else ""
        patient = Patient(
            id=row_id(agency, "patient", one.id),
            practice=practice,
            chart_number=one.chart_number,
            first_name=person.first_name,
            middle_name=person.middle_name,
            last_name=person.last_name,
            suffix=person.suffix,
            sex=person.sex,
            birth_date_sealed=born,
            birth_date_index=blind_index(born, purpose="birth_date", practice_id=practice.id) if born else "",
            contact=_contact(person.address, one.phone),
            state=person.address.state,
        )
        patients.append(patient)
        own: dict[str, Coverage] = {}
        for held in one.coverages:
            coverage = Coverage(
                id=row_id(agency, "coverage", f"{one.id}:{held.sequence}:{held.member_id}"),
                practice=practice,
                patient=patient,
                plan_id=row_id(agency, "plan", held.plan_id),
                order=ORDERS[held.sequence],
                member_id=held.member_id,
                group_number=held.group_number,
                relationship=held.relationship,
                member_id_index=blind_index(held.member_id, purpose="member_id", practice_id=practice.id),
                subscriber=_subscriber(held.subscriber) if held.relationship != "18" else {},
                insurance_type="12"
                if held.sequence != "P" and payers[held.payer_id].kind == "medicare"
                else "",
                starts_on=held.starts_on,
                ends_on=held.ends_on,
                source="imported",
            )
            own[held.payer_id] = coverage
            coverages.append(coverage)
        authorizations += [
            Authorization(
                id=row_id(agency, "authorization", f"{one.id}:{given.number}"),
                practice=practice,
                patient=patient,
                coverage=own[given.payer_id],
                number=given.number,
                codes=list(given.codes),
                units=given.units,
                starts_on=given.starts_on,
                ends_on=given.ends_on,
            )
            for given in one.authorizations
        ]
    Patient.objects.bulk_create(patients, batch_size=200)
    Coverage.objects.bulk_create(coverages, batch_size=200)
    Authorization.objects.bulk_create(authorizations, batch_size=200)
