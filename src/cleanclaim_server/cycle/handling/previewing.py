"""What a session would become, from what is typed so far: the steps of recording it, nothing saved."""

from __future__ import annotations

from dataclasses import dataclass, field

from cleanclaim.coding import CodingResult, code_session
from cleanclaim.findings import Finding
from cleanclaim.pricing import PriceNotSet
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.intake import Masters, SessionInput, resolve_session
from cleanclaim_server.cycle.intake.building import authorization_for, price_lines
from cleanclaim_server.cycle.intake.coding import session_facts
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Practice


@dataclass
class SessionPreview:
    """The answer for a session that is not on file yet.

    Attributes:
        finding: One of our records is missing; then there is no result.
        charge_cents, expected_cents: Of all lines; None when a price or the contract is unknown.
        no_price: Which code has no price.
    """

    finding: Finding | None = None
    result: CodingResult | None = None
    coverage: Coverage | None = None
    payer_kind: str = "commercial"
    authorization: Authorization | None = None
    charge_cents: int | None = None
    expected_cents: int | None = None
    no_price: str = ""
    minutes: int | None = None
    policies: list[Coverage] = field(default_factory=list)


def preview_session(practice: Practice, patient: Patient, item: SessionInput) -> SessionPreview:
    """Code and price a session against the records of its practice."""
    masters = Masters(practice)
    masters.load_patients({patient.pk})
    encounter = resolve_session(item, masters, {patient.chart_number: patient}, None)
    if isinstance(encounter, Finding):
        return SessionPreview(finding=encounter)
    facts = session_facts(encounter, masters)
    result = code_session(facts)
    found = SessionPreview(
        result=result,
        coverage=encounter.coverage,
        payer_kind=facts.payer_kind,
        policies=masters.coverages_on(patient.pk, item.facts.dos),
    )
    if not result.is_billable:
        return found
    found.authorization = encounter.authorization or authorization_for(encounter, result, masters)
    try:
        charges = price_lines(encounter, result, masters)
    except PriceNotSet as missing:
        found.no_price = str(missing)
        return found
    found.charge_cents = sum(charge.amount_cents for charge in charges)
    if encounter.coverage is not None:
        payer = masters.payer_of(encounter.coverage)
        provider = masters.providers[encounter.rendering_provider_id]
        expected = [
            masters.expectations.expected(
                str(payer.id),
                charge.code,
                credential=provider.credential,
                modifiers=tuple(charge.modifiers),
                units=charge.units,
                on=item.facts.dos,
                charge_cents=charge.amount_cents,
                place=charge.place_of_service,
                plan_id=str(encounter.coverage.plan_id),
            )
            for charge in charges
        ]
        found.expected_cents = None if None in expected else sum(one or 0 for one in expected)
    return found
