"""Take encounters as far as they go: coded, charged, claim built, edits run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from cleanclaim.claim import decode_claim
from cleanclaim.ledger import ChargeLine, Entry, Source, charge_entry
from cleanclaim.pricing import PriceNotSet
from cleanclaim_server.audit.recording import AuditEvent, record, record_many
from cleanclaim_server.charges.models import Charge
from cleanclaim_server.claims.codes import ActorKind, EventKind, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimFamily, ClaimFinding, ClaimLine
from cleanclaim_server.cycle.intake.building import build_claim, freeze, price_lines, reserve_numbers
from cleanclaim_server.cycle.intake.checking import check_claims
from cleanclaim_server.cycle.intake.coding import code_encounter
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.work.models import Queue, WorkItem


def process_encounters(
    masters: Masters,
    encounters: Sequence[Encounter],
    *,
    now: datetime,
    today: date,
    actor_id: UUID | None = None,
) -> list[Claim]:
    """Code, price and bill encounters that have no charges yet.

    A refusal stops its own encounter only: it keeps the reason and becomes a work item.

    Returns:
        The claims built, in the order of their encounters.
    """
    practice = masters.practice
    masters.load_patients({row.patient_id for row in encounters})
    billable, items, charges = [], [], []
    for encounter in encounters:
        result = code_encounter(encounter, masters)
        if not result.is_billable:
            first = result.findings[0] if result.findings else None
            items.append(_session_item(encounter, first.message if first else result.error_code, now, today))
            continue
        if encounter.coverage_id is None:
            items.append(_session_item(encounter, "No coverage on the date of service", now, today))
            continue
        try:
            lines = price_lines(encounter, result, masters)
        except PriceNotSet as missing:
            items.append(_session_item(encounter, str(missing), now, today))
            continue
        encounter.state = "charged"
        charges += lines
        billable.append((encounter, result, lines))
    Encounter.objects.bulk_update(encounters, ["coding", "state", "authorization"], batch_size=200)
    Charge.objects.bulk_create(charges, batch_size=500)
    WorkItem.objects.bulk_create(items, batch_size=500, ignore_conflicts=True)
    if not billable:
        return []
    numbers = reserve_numbers(masters, len(billable))
    built = [
        build_claim(number, encounter, result, lines, masters, now=now)
        for number, (encounter, result, lines) in zip(numbers, billable, strict=True)
    ]
    claims = [claim for _, claim, _, _ in built]
    ClaimFamily.objects.bulk_create([family for family, _, _, _ in built], batch_size=500)
    Claim.objects.bulk_create(claims, batch_size=200)
    ClaimLine.objects.bulk_create([line for _, _, lines, _ in built for line in lines], batch_size=500)
    ClaimEvent.objects.bulk_create(
        [
            _built_event(claim, encounter, actor_id, now)
            for claim, (encounter, _, _) in zip(claims, billable, strict=True)
        ],
        batch_size=500,
    )
    write_entries(
        practice.id,
        [
            _charge(row, claim, lines, now)
            for (_, claim, lines, _), (row, _, _) in zip(built, billable, strict=True)
        ],
    )
    check_claims(masters, claims, [value for _, _, _, value in built], now=now, today=today)
    record_many(
        AuditEvent("claim.built", "claim", claim.id, practice.id, practice.agency_id, actor_id)
        for claim in claims
    )
    return claims


def sign_note(
    encounter: Encounter, *, now: datetime, today: date, actor_id: UUID, note_reference: str = ""
) -> None:
    """Record that the note is signed, and check the claim again."""
    encounter.note_signed_at = now
    encounter.note_reference = note_reference or encounter.note_reference
    encounter.save(update_fields=["note_signed_at", "note_reference"])
    practice = encounter.practice
    waiting = Claim.objects.select_for_update().filter(
        practice=practice, family__encounter=encounter, lifecycle__in=(Lifecycle.DRAFT, Lifecycle.HELD)
    )
    claims, values = list(waiting), []
    for claim in claims:
        value = msgspec.structs.replace(decode_claim(claim.frozen), signed_note=True)
        freeze(claim, value)
        claim.save(update_fields=["frozen", "frozen_hash"])
        values.append(value)
    check_claims(Masters(practice), claims, values, now=now, today=today)
    record("encounter.signed", "encounter", encounter.id, practice_id=practice.id, actor=actor_id)


def override_finding(
    finding: ClaimFinding, *, reason: str, now: datetime, today: date, actor_id: UUID
) -> None:
    """Let a claim pass an overridable edit, with a person and a reason.

    Raises:
        ValueError: The edit may not be overridden, or no reason was given.
    """
    if finding.severity != "stop_unless_overridden":
        raise ValueError("only an edit of severity Override may be overridden")
    if len(reason.strip()) < 5:
        raise ValueError("an override needs a reason")
    finding.overridden_at, finding.overridden_by, finding.override_reason = (
        now,
        actor_id,
        reason.strip()[:300],
    )
    finding.save(update_fields=["overridden_at", "overridden_by", "override_reason"])
    record(
        "finding.overridden",
        "claim",
        finding.claim_id,
        practice_id=finding.practice_id,
        actor=actor_id,
        edit=finding.code,
    )
    claim = finding.claim
    check_claims(Masters(claim.practice), [claim], [decode_claim(claim.frozen)], now=now, today=today)


def _charge(encounter: Encounter, claim: Claim, rows: Sequence[ClaimLine], now: datetime) -> Entry:
    lines = [ChargeLine(row.charge_cents, str(row.id), str(encounter.id)) for row in rows]
    # The document behind a charge is the session as it was told to us.
    told = msgspec.json.encode([encounter.external_id, encounter.facts], order="deterministic")
    source = Source(
        practice_id=str(claim.practice_id),
        happened_on=claim.date_of_service,
        learned_at=now,
        file_hash=hashlib.sha256(told).hexdigest(),
        reason=f"session {encounter.id}",
    )
    return charge_entry(
        source,
        idempotency_key=f"charge:{claim.claim_number}",
        claim_id=str(claim.id),
        patient_id=str(claim.patient_id),
        payer_id=str(claim.payer_id),
        lines=lines,
    )


def _session_item(encounter: Encounter, title: str, now: datetime, today: date) -> WorkItem:
    return WorkItem(
        practice_id=encounter.practice_id,
        queue=Queue.SESSION,
        subject_type="encounter",
        subject_id=encounter.id,
        patient_id=encounter.patient_id,
        title=title[:200],
        opened_at=now,
        opened_on=today,
    )


def _built_event(claim: Claim, encounter: Encounter, actor_id: UUID | None, now: datetime) -> ClaimEvent:
    reasons = [step["text"] for step in encounter.coding.get("why", [])]
    return ClaimEvent(
        practice_id=claim.practice_id,
        claim=claim,
        kind=EventKind.BUILT,
        actor_kind=ActorKind.PERSON if actor_id else ActorKind.RULE,
        actor_id=actor_id,
        happened_at=now,
        title=f"Coded {claim.codes}",
        detail=" ".join(reasons)[:400],
    )
