"""Build a claim that has not been adjudicated anew from the records, after somebody corrected them."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim.edits.repairs import Change, apply_change
from cleanclaim.findings import Finding
from cleanclaim_server.audit.recording import record
from cleanclaim_server.charges.models import Charge
from cleanclaim_server.claims.codes import REJECTED, EventKind, HoldCause, PayerState
from cleanclaim_server.claims.models import Claim, ClaimHold, ClaimLine, ClaimRepair
from cleanclaim_server.cycle.handling.holding import UNSENT, HandlingRefused, locked, tell
from cleanclaim_server.cycle.intake import Masters, SessionInput, process_encounters, resolve_session
from cleanclaim_server.cycle.intake.building import claim_value, filing_limit, freeze
from cleanclaim_server.cycle.intake.checking import check_claims
from cleanclaim_server.cycle.intake.coding import code_encounter
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.models import Queue

# What an amended session may change while its charges stand.
AMENDED = (
    "coverage",
    "supervising_provider",
    "location",
    "authorization",
    "starts_at",
    "stops_at",
    "minutes",
    "service",
    "modality",
    "setting",
    "patient_at_home",
    "participants",
    "facts",
    "diagnoses",
    "note_reference",
    "note_signed_at",
    "date_of_service",
    "rendering_provider",
)


def is_unsent(claim: Claim) -> bool:
    """Whether the claim is still ours to change: never sent, or rejected and so never adjudicated."""
    return claim.lifecycle in UNSENT and claim.payer_state in {PayerState.NONE, *REJECTED}


def mend_claim(
    claim_id: UUID, practice_id: UUID, *, actor_id: UUID, now: datetime, today: date, anyway: bool = False
) -> Claim:
    """Build an unsent or rejected claim anew from the records and run the edits; its number stays.

    Args:
        anyway: Let a rejected claim go on though nothing changed since: the cause was not in the claim.

    Raises:
        HandlingRefused: It has been adjudicated or is on its way, or it was rejected and the records
            say what they said then.
    """
    claim = locked(claim_id, practice_id)
    if not is_unsent(claim):
        raise HandlingRefused("claim.has_left", "The claim has left. What was sent is never changed.")
    masters = Masters(Practice.objects.get(pk=practice_id))
    masters.load_patients({claim.patient_id})
    before = decode_claim(bytes(claim.frozen))
    after = rebuilt(claim, before, masters) if claim.sequence == "P" and claim.frequency == "1" else before
    rejected = claim.payer_state in REJECTED
    same = after == before
    if rejected and same and not anyway and claim.payer_state != PayerState.REJECTED_FILE:
        raise HandlingRefused(
            "claim.unchanged",
            "Nothing in the records changed since the rejection; it would be rejected again. "
            "Correct the cause first.",
        )
    store(claim, after, masters)
    if rejected:
        holds = ClaimHold.objects.filter(claim=claim, cause=HoldCause.REJECTED, released_at__isnull=True)
        holds.update(released_at=now, released_by=actor_id, release_reason="Mended")
        close_items(practice_id, Queue.REJECTED, [claim.pk], now=now, reason="Mended", closed_by=actor_id)
    changed = "As it was" if same else "Changed: " + ", ".join(differences(before, after)) + "."
    tell(
        claim,
        EventKind.RELEASED if rejected else EventKind.EDITED,
        "Built anew from the records",
        changed,
        now=now,
        actor_id=actor_id,
    )
    check_claims(masters, [claim], [after], now=now, today=today)
    record("claim.mended", "claim", claim.pk, practice_id=practice_id, actor=actor_id, changed=not same)
    return claim


WORDS = {
    "billing_provider": "billing provider",
    "payer": "payer",
    "subscriber": "subscriber",
    "member_id": "member number",
    "patient": "patient's data",
    "lines": "service lines",
    "diagnoses": "diagnoses",
    "place_of_service": "place of service",
    "group_number": "group number",
    "rendering": "clinician",
    "supervising": "supervisor",
    "service_facility": "place",
    "authorization_number": "authorization number",
    "other_payers": "other payers",
    "relationship": "relationship to the subscriber",
    "signed_note": "signature",
}


def differences(before: ClaimValue, after: ClaimValue) -> list[str]:
    """Which parts of two claims differ, in plain words."""
    names = [name for name in ClaimValue.__struct_fields__ if getattr(before, name) != getattr(after, name)]
    return [WORDS.get(name, name.replace("_", " ")) for name in names]


def rebuilt(claim: Claim, before: ClaimValue, masters: Masters) -> ClaimValue:
    """The claim as the records would make it today, under its own number.

    Raises:
        HandlingRefused: No policy is in force on the date of service any more.
    """
    encounter = claim.family.encounter
    in_force = masters.coverages_on(encounter.patient_id, encounter.date_of_service)
    if not in_force:
        raise HandlingRefused(
            "claim.no_coverage", "No policy of the patient is in force on the date of service."
        )
    if encounter.coverage_id not in {row.id for row in in_force}:
        encounter.coverage = in_force[0]
        encounter.save(update_fields=["coverage"])
    charges = list(Charge.objects.filter(encounter=encounter, is_void=False).order_by("number"))
    pointers = list(range(1, min(4, len(encounter.diagnoses)) + 1))
    for charge in charges:  # a line points at what the session is about now
        if charge.diagnosis_pointers != pointers:
            charge.diagnosis_pointers = pointers
            charge.save(update_fields=["diagnosis_pointers"])
    place = SimpleNamespace(pos=before.place_of_service)
    value = claim_value(claim.claim_number, encounter, place, charges, masters)  # type: ignore[arg-type]
    return keep_repairs(claim, value)


def keep_repairs(claim: Claim, value: ClaimValue) -> ClaimValue:
    """The claim with what a person repaired before, where the records still say what was repaired."""
    rows = ClaimRepair.objects.filter(practice_id=claim.practice_id, claim_id=claim.pk).order_by("id")
    for row in rows:
        value = apply_change(value, Change(row.field, row.line_number, row.before, row.after))
    return value


def store(claim: Claim, value: ClaimValue, masters: Masters) -> None:
    """Freeze a claim anew with its policy, expected amounts and filing limit."""
    coverage = masters_coverage(claim, masters)
    if coverage is not None and coverage.id != claim.coverage_id:
        claim.coverage, claim.payer = coverage, masters.payer_of(coverage)
        price_lines_anew(claim, value, masters)
    freeze(claim, value)
    claim.rendering_provider_id = claim.family.encounter.rendering_provider_id
    claim.filing_limit_on, claim.filing_limit_enforceable = filing_limit(
        value, claim.date_of_service, masters.rules
    )
    claim.save(
        update_fields=[
            "coverage",
            "payer",
            "frozen",
            "frozen_hash",
            "total_charge_cents",
            "codes",
            "bill_type",
            "place_of_service",
            "rule_state",
            "rendering_provider",
            "filing_limit_on",
            "filing_limit_enforceable",
            "expected_cents",
        ]
    )


def masters_coverage(claim: Claim, masters: Masters):
    """The policy that the claim bills: that of its session, for an original claim."""
    if claim.sequence != "P" or claim.frequency != "1":
        return None
    key = claim.family.encounter.coverage_id
    return next((row for row in masters.coverages(claim.patient_id) if row.id == key), None)


def price_lines_anew(claim: Claim, value: ClaimValue, masters: Masters) -> None:
    """What another payer is expected to allow; unknown where its contract has no price."""
    total: int | None = 0
    for row in ClaimLine.objects.filter(claim=claim).order_by("number"):
        line = next(one for one in value.lines if one.number == row.number)
        row.expected_cents = masters.expectations.expected(
            str(claim.payer_id),
            line.code,
            credential=masters.providers[claim.rendering_provider_id].credential,
            modifiers=line.modifiers,
            units=row.units,
            on=line.date_of_service,
            charge_cents=line.charge_cents,
            place=line.place_of_service or value.place_of_service,
            plan_id=value.plan_id,
        )
        total = None if total is None or row.expected_cents is None else total + row.expected_cents
        row.save(update_fields=["expected_cents"])
    claim.expected_cents = total


def amend_session(
    encounter: Encounter, item: SessionInput, *, actor_id: UUID, now: datetime, today: date
) -> Encounter | Finding:
    """Correct a session whose claim has not left: it is coded again, and its claim follows.

    A session without charges goes on as far as it can now. One with charges keeps them: what would change
    its codes or its price is refused.

    Returns:
        The encounter, or the finding when one of our records is missing.

    Raises:
        HandlingRefused: A claim of it has left, or the codes would change.
    """
    claims = list(
        Claim.objects.select_for_update(of=("self",))
        .filter(family__encounter=encounter)
        .select_related("practice")
    )
    if any(not is_unsent(claim) for claim in claims):
        raise HandlingRefused(
            "session.claim_has_left", "A claim of this session has left; correct the claim instead."
        )
    masters = Masters(encounter.practice)
    masters.load_patients({encounter.patient_id})
    fresh = resolve_session(item, masters, {encounter.patient.chart_number: encounter.patient}, None)
    if isinstance(fresh, Finding):
        return fresh
    earlier = _codes(encounter.coding)
    for name in AMENDED:
        setattr(encounter, name, getattr(fresh, name))
    if claims:
        result = code_encounter(encounter, masters)
        later = _codes(msgspec.to_builtins(result))
        if later != earlier:
            raise HandlingRefused(
                "session.codes_change",
                f"This would change the codes from {_said(earlier)} to {_said(later)}, "
                "and the charges are booked.",
            )
        encounter.state = "charged"
    encounter.save()
    record("encounter.amended", "encounter", encounter.pk, practice_id=encounter.practice_id, actor=actor_id)
    if claims:
        for claim in claims:
            mend_claim(claim.pk, claim.practice_id, actor_id=actor_id, now=now, today=today, anyway=True)
        return encounter
    process_encounters(masters, [encounter], now=now, today=today, actor_id=actor_id)
    if encounter.state == "charged":
        close_items(
            encounter.practice_id,
            Queue.SESSION,
            [encounter.pk],
            now=now,
            reason="Completed",
            closed_by=actor_id,
        )
    return encounter


def _codes(coding: dict[str, Any]) -> tuple:
    lines = ((one["code"], one["units"], tuple(one.get("modifiers", ()))) for one in coding.get("lines", ()))
    return (*lines, coding.get("pos", ""))


def _said(codes: tuple) -> str:
    return " ".join(one[0] for one in codes if isinstance(one, tuple)) or "none"
