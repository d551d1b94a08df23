"""From coded encounters to charges and frozen claims."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import OtherPayer, ServiceLine, encode_claim
from cleanclaim.coding import CodingResult
from cleanclaim.pricing import PriceNotSet
from cleanclaim.rules import RuleBook, RuleNotEncoded, rule_context, timely_filing_day
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.charges.models import Charge
from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimFamily, ClaimLine, ClaimNumber
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.intake.bills import bill_facts, bill_of, is_bill
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.encounters.models import Encounter

# Codes whose minutes are not those of the session: E/M levels and untimed add-ons.
_UNTIMED_PREFIXES = ("992", "90785", "G2211", "90791", "90792")
SEQUENCES = {1: "P", 2: "S", 3: "T"}


def reserve_numbers(masters: Masters, count: int) -> list[str]:
    """Take the next claim numbers of a practice: two letters, year, K, six digits. Never used twice."""
    practice = masters.practice
    series, _ = ClaimNumber.objects.select_for_update().get_or_create(
        agency_id=practice.agency_id, practice_code=practice.code
    )
    first = series.next_number
    series.next_number = first + count
    series.save(update_fields=["next_number"])
    return [f"{practice.code}K{number:08d}" for number in range(first, first + count)]


def price_lines(encounter: Encounter, result: CodingResult, masters: Masters) -> list[Charge]:
    """One charge per coded line.

    Raises:
        PriceNotSet: The charge master has no price for a code on the date of service.
    """
    authorization = encounter.authorization or authorization_for(encounter, result, masters)
    encounter.authorization = authorization
    pointers = list(range(1, min(4, len(encounter.diagnoses)) + 1))
    # One line a day: the lines of a bill stand in the order of its days.
    days = bill_facts(encounter).days if is_bill(encounter) else (None,) * len(result.lines)
    each = max(1, len(result.lines) // len(days)) if days else 1
    return [
        Charge(
            practice=masters.practice,
            encounter=encounter,
            authorization=authorization if authorization and covers(authorization, line.code) else None,
            number=number,
            code=line.code,
            modifiers=list(line.modifiers),
            units=line.units,
            place_of_service=result.pos,
            diagnosis_pointers=pointers,
            amount_cents=masters.charge_master.charge(
                line.code,
                line.modifiers,
                line.units,
                days[(number - 1) // each] or encounter.date_of_service,
            ),
            service_on=days[(number - 1) // each],
            revenue_code=line.revenue_code,
        )
        for number, line in enumerate(result.lines, start=1)
    ]


def covers(authorization: Authorization, code: str) -> bool:
    """Whether an authorization names a code; one without codes covers any."""
    return not authorization.codes or code in authorization.codes


def authorization_for(encounter: Encounter, result: CodingResult, masters: Masters) -> Authorization | None:
    """The authorization in force on the date for the coverage billed and the first code, if one is."""
    if not encounter.coverage_id or not result.lines:
        return None
    day = encounter.date_of_service
    for row in masters.authorizations(encounter.patient_id):
        fits = row.coverage_id == encounter.coverage_id and row.starts_on <= day <= row.ends_on
        if fits and covers(row, result.lines[0].code):
            return row
    return None


def other_payers(coverage: Coverage, encounter: Encounter, masters: Masters) -> tuple[OtherPayer, ...]:
    """The patient's other policies in force, not yet answered, so that a payer may forward the claim."""
    patient = masters.patient(encounter.patient_id)
    return tuple(
        OtherPayer(
            payer=masters.payer_party(row),
            sequence=SEQUENCES[row.order],
            subscriber=masters.subscriber(row, patient),
            member_id=row.member_id,
            group_number=row.group_number,
            relationship=row.relationship,
        )
        for row in masters.coverages_on(encounter.patient_id, encounter.date_of_service)
        if row.id != coverage.id and row.order in SEQUENCES
    )


def claim_value(
    number: str, encounter: Encounter, result: CodingResult, charges: list[Charge], masters: Masters
) -> ClaimValue:
    """The claim as it would be sent today. `result.pos` and the charges decide; masters are copied."""
    coverage = next(row for row in masters.coverages(encounter.patient_id) if row.id == encounter.coverage_id)
    patient = masters.patient(encounter.patient_id)
    provider = masters.providers[encounter.rendering_provider_id]
    supervisor = encounter.supervising_provider_id and masters.providers[encounter.supervising_provider_id]
    location = masters.locations[encounter.location_id]
    person = masters.person(patient)
    minutes = next((value for value in (encounter.facts.get("minutes") or []) if value), None)
    if minutes is None and encounter.starts_at and encounter.stops_at:
        start, stop = (
            moment.hour * 60 + moment.minute for moment in (encounter.starts_at, encounter.stops_at)
        )
        minutes = (stop - start) % 1440
    telehealth = encounter.modality in ("video", "audio")
    bill = bill_of(encounter, masters) if is_bill(encounter) else None
    return ClaimValue(
        claim_number=number,
        billing_provider=masters.billing_provider,
        payer=masters.payer_party(coverage),
        subscriber=masters.subscriber(coverage, patient),
        member_id=coverage.member_id,
        patient=person,
        lines=tuple(
            ServiceLine(
                number=charge.number,
                control_number=f"{number}L{charge.number}",
                code=charge.code,
                date_of_service=charge.service_on or encounter.date_of_service,
                charge_cents=charge.amount_cents,
                units=str(charge.units),
                modifiers=tuple(charge.modifiers),
                diagnosis_pointers=tuple(charge.diagnosis_pointers),
                session_minutes=None if bill or charge.code.startswith(_UNTIMED_PREFIXES) else minutes,
                revenue_code=charge.revenue_code,
            )
            for charge in charges
        ),
        diagnoses=tuple(encounter.diagnoses),
        place_of_service=result.pos,
        total_charge_cents=sum(charge.amount_cents for charge in charges),
        sequence=SEQUENCES.get(coverage.order, "P"),
        relationship=coverage.relationship,
        group_number=coverage.group_number,
        insurance_type=coverage.insurance_type,
        # Of a bill the attending stands in the bill; nobody renders a programme's day.
        rendering=None if masters.practice.is_person or bill else masters.clinician(provider),
        supervising=masters.clinician(supervisor) if supervisor else None,
        service_facility=None if telehealth else masters.facility(location),
        authorization_number=encounter.authorization.number if encounter.authorization else "",
        other_payers=other_payers(coverage, encounter, masters),
        practice_id=str(encounter.practice_id),
        patient_id=str(encounter.patient_id),
        encounter_id=str(encounter.id),
        plan_id=str(coverage.plan_id),
        state=(patient.state or location.state) if telehealth else location.state,
        modality=encounter.modality,
        signed_note=encounter.is_signed,
        bill=bill,
    )


def freeze(claim: Claim, value: ClaimValue) -> None:
    """Put a claim's value into its row: the copy that will have been sent."""
    data = encode_claim(value)
    claim.frozen = data
    claim.frozen_hash = hashlib.sha256(data).hexdigest()
    claim.total_charge_cents = value.total_charge_cents
    codes = [line.code for line in value.lines]
    claim.codes = " ".join(dict.fromkeys(codes) if value.bill else codes)[:120]
    claim.place_of_service = value.place_of_service
    claim.bill_type = value.bill_type
    claim.rule_state = value.state


def filing_limit(value: ClaimValue, day: date, rules: RuleBook) -> tuple[date | None, bool]:
    """The last day of timely filing, and whether the rule book can prove it; (None, False) if not encoded."""
    context = rule_context(
        payer_kind=value.payer.kind.value,
        payer_id=value.payer.payer_id,
        state=value.state,
        claim_filing_code=value.payer.claim_filing_code,
    )
    try:
        deadline = timely_filing_day(day, context, rules=rules)
    except (RuleNotEncoded, LookupError, ValueError):
        return None, False
    return deadline.day, deadline.enforceable


def build_claim(
    number: str,
    encounter: Encounter,
    result: CodingResult,
    charges: list[Charge],
    masters: Masters,
    *,
    now: datetime,
) -> tuple[ClaimFamily, Claim, list[ClaimLine], ClaimValue]:
    """Make the rows of an original claim. Nothing is saved."""
    value = claim_value(number, encounter, result, charges, masters)
    coverage = next(row for row in masters.coverages(encounter.patient_id) if row.id == encounter.coverage_id)
    payer = masters.payer_of(coverage)
    provider = masters.providers[encounter.rendering_provider_id]
    family = ClaimFamily(practice=masters.practice, encounter=encounter, patient_id=encounter.patient_id)
    claim = Claim(
        practice=masters.practice,
        family=family,
        patient_id=encounter.patient_id,
        coverage=coverage,
        payer=payer,
        claim_number=number,
        sequence=value.sequence,
        lifecycle=Lifecycle.DRAFT,
        date_of_service=encounter.date_of_service,
        date_of_service_end=max(line.date_of_service for line in value.lines),
        rendering_provider=provider,
        created_at=now,
    )
    freeze(claim, value)
    claim.filing_limit_on, claim.filing_limit_enforceable = filing_limit(
        value, encounter.date_of_service, masters.rules
    )
    lines, expected_total = [], 0
    for line, charge in zip(value.lines, charges, strict=True):
        expected = masters.expectations.expected(
            str(payer.id),
            line.code,
            credential=provider.credential,
            modifiers=line.modifiers,
            units=charge.units,
            on=line.date_of_service,
            charge_cents=line.charge_cents,
            place=value.place_of_service,
            plan_id=value.plan_id,
        )
        expected_total = None if expected is None or expected_total is None else expected_total + expected
        lines.append(
            ClaimLine(
                practice=masters.practice,
                claim=claim,
                charge=charge,
                number=line.number,
                control_number=line.control_number,
                code=line.code,
                modifiers=" ".join(line.modifiers),
                units=charge.units,
                date_of_service=line.date_of_service,
                charge_cents=line.charge_cents,
                expected_cents=expected,
            )
        )
    claim.expected_cents = expected_total
    return family, claim, lines, value


__all__ = [
    "PriceNotSet",
    "build_claim",
    "claim_value",
    "filing_limit",
    "freeze",
    "price_lines",
    "reserve_numbers",
]
