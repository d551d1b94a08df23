"""A corrected claim (frequency 7) in place of one that the payer has decided."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from cleanclaim.claim import Frequency, decode_claim
from cleanclaim.remittance.nextpayer import Way
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import ADJUDICATED, EventKind, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimLine
from cleanclaim_server.cycle.handling.holding import HandlingRefused, locked, tell
from cleanclaim_server.cycle.handling.mending import differences, rebuilt
from cleanclaim_server.cycle.handling.ways import in_words, way_to_correct
from cleanclaim_server.cycle.intake import Masters
from cleanclaim_server.cycle.intake.building import freeze, reserve_numbers
from cleanclaim_server.cycle.intake.checking import check_claims
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.models import Queue


def correct_claim(claim_id: UUID, practice_id: UUID, *, actor_id: UUID, now: datetime, today: date) -> Claim:
    """Build the replacement of a decided primary claim from the records as they are now, and run the edits.

    The replacement names the payer's newest number of the claim it replaces; charges stay with the session.
    The old claim stays as it is: the payer's answer to the replacement reverses it. Its denials are in work.

    Raises:
        HandlingRefused: The claim is not a decided primary claim, the payer takes no replacement (then the
            message says what it takes), it is replaced already, or the records say what was sent.
    """
    claim = locked(claim_id, practice_id)
    if claim.payer_state not in ADJUDICATED or claim.sequence != "P":
        raise HandlingRefused(
            "claim.not_decided", "Only a primary claim that the payer has decided can be corrected."
        )
    if Claim.objects.filter(replaces=claim).exclude(lifecycle=Lifecycle.CLOSED).exists():
        raise HandlingRefused(
            "claim.replaced_before", "A corrected claim exists already; see the claims of this visit."
        )
    practice = Practice.objects.get(pk=practice_id)
    masters = Masters(practice)
    masters.load_patients({claim.patient_id})
    sent = decode_claim(bytes(claim.frozen))
    correction = way_to_correct(claim, sent)
    if correction.way is not Way.REPLACEMENT:
        raise HandlingRefused("claim.no_replacement", in_words(correction))
    number = reserve_numbers(masters, 1)[0]
    now_says = rebuilt(claim, sent, masters)
    changed = [
        word
        for word in differences(
            sent,
            msgspec.structs.replace(
                now_says, frequency=sent.frequency, payer_control_number=sent.payer_control_number
            ),
        )
        if word != "claim number"
    ]
    if not changed:
        raise HandlingRefused(
            "claim.unchanged",
            "The records say what was sent. Correct them first; the corrected claim follows them.",
        )
    value = msgspec.structs.replace(
        now_says,
        claim_number=number,
        frequency=Frequency.REPLACEMENT,
        payer_control_number=correction.payer_control_number,
        lines=tuple(
            msgspec.structs.replace(line, control_number=f"{number}L{line.number}") for line in now_says.lines
        ),
    )
    row = Claim(
        practice=practice,
        family=claim.family,
        patient_id=claim.patient_id,
        coverage_id=claim.coverage_id,
        payer=claim.payer,
        claim_number=number,
        sequence=claim.sequence,
        frequency="7",
        replaces=claim,
        date_of_service=claim.date_of_service,
        date_of_service_end=claim.date_of_service_end,
        rendering_provider_id=claim.family.encounter.rendering_provider_id,
        expected_cents=claim.expected_cents,
        created_at=now,
    )
    freeze(row, value)
    limits = list(Denial.objects.filter(claim=claim, due_on__isnull=False).order_by("due_on")[:1])
    if limits:
        row.filing_limit_on, row.filing_limit_enforceable = limits[0].due_on, limits[0].due_enforceable
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
            expected_cents=own[line.number].expected_cents if line.number in own else None,
        )
        for line in value.lines
    )
    words = "Changed: " + ", ".join(changed) + "."
    tell(claim, EventKind.CORRECTED, f"Corrected claim {number} built", words, now=now, actor_id=actor_id)
    tell(row, EventKind.BUILT, f"Built in place of {claim.claim_number}", words, now=now, actor_id=actor_id)
    Denial.objects.filter(practice_id=practice_id, claim=claim, state="open").update(state="working")
    close_items(
        practice_id, Queue.DENIED, [claim.pk], now=now, reason="Corrected claim built", closed_by=actor_id
    )
    check_claims(masters, [row], [value], now=now, today=today)
    record(
        "claim.corrected", "claim", row.pk, practice_id=practice_id, actor=actor_id, replaces=str(claim.pk)
    )
    return row
