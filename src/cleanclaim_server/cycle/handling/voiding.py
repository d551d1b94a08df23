"""A void (frequency 8) of a claim that must not have been billed to its payer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim.claim import decode_claim
from cleanclaim.remittance.nextpayer import Way
from cleanclaim.remittance.nextpayer import void_claim as void_of
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import ADJUDICATED, EventKind, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimLine
from cleanclaim_server.cycle.handling.holding import HandlingRefused, locked, tell
from cleanclaim_server.cycle.handling.ways import in_words, way_to_correct
from cleanclaim_server.cycle.intake import Masters
from cleanclaim_server.cycle.intake.building import freeze, reserve_numbers
from cleanclaim_server.cycle.intake.checking import check_claims
from cleanclaim_server.practice.models import Practice


def void_claim(
    claim_id: UUID, practice_id: UUID, *, reason: str, actor_id: UUID, now: datetime, today: date
) -> Claim:
    """Build the void of a decided claim, exactly as it was paid, with its newest number; run the edits.

    Money moves when the payer takes it back (status 22), not before.

    Raises:
        HandlingRefused: No reason, the payer has not decided, it is replaced or voided already, or the payer
            takes no void: then the message says what it takes.
    """
    claim = locked(claim_id, practice_id)
    if not reason.strip():
        raise HandlingRefused("claim.reason_missing", "Say why the claim is voided.")
    if claim.payer_state not in ADJUDICATED:
        raise HandlingRefused("claim.not_decided", "Only a claim that the payer has decided can be voided.")
    if Claim.objects.filter(replaces=claim).exclude(lifecycle=Lifecycle.CLOSED).exists():
        raise HandlingRefused("claim.replaced_before", "It is replaced or voided already.")
    sent = decode_claim(bytes(claim.frozen))
    correction = way_to_correct(claim, sent, bills_in_error=True)
    if correction.way is not Way.VOID:
        raise HandlingRefused("claim.no_void", in_words(correction))
    practice = Practice.objects.get(pk=practice_id)
    masters = Masters(practice)
    number = reserve_numbers(masters, 1)[0]
    value = void_of(sent, correction, claim_number=number)
    row = Claim(
        practice=practice,
        family=claim.family,
        patient_id=claim.patient_id,
        coverage_id=claim.coverage_id,
        payer=claim.payer,
        claim_number=number,
        sequence=claim.sequence,
        frequency="8",
        replaces=claim,
        date_of_service=claim.date_of_service,
        date_of_service_end=claim.date_of_service_end,
        rendering_provider_id=claim.rendering_provider_id,
        created_at=now,
    )
    freeze(row, value)
    row.save(force_insert=True)
    own = {line.number: line for line in ClaimLine.objects.filter(claim=claim)}
    ClaimLine.objects.bulk_create(
        ClaimLine(
            practice=practice,
            claim=row,
            charge_id=own[line.number].charge_id if line.number in own else None,
            number=line.number,
            control_number=line.control_number,
            code=line.code,
            modifiers=" ".join(line.modifiers),
            units=int(line.units),
            date_of_service=line.date_of_service,
            charge_cents=line.charge_cents,
        )
        for line in value.lines
    )
    words = reason.strip()[:300]
    tell(claim, EventKind.CORRECTED, f"Void {number} built", words, now=now, actor_id=actor_id)
    tell(row, EventKind.BUILT, f"Built to void {claim.claim_number}", words, now=now, actor_id=actor_id)
    check_claims(masters, [row], [value], now=now, today=today)
    record("claim.voided", "claim", row.pk, practice_id=practice_id, actor=actor_id, replaces=str(claim.pk))
    return row
