"""Take encounters as far as they go: coded, charged, claim built, edits run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim.ledger import ChargeLine, Entry, Source, charge_entry
from cleanclaim.pricing import PriceNotSet
from cleanclaim_server.audit.recording import AuditEvent, record, record_many
from cleanclaim_server.charges.models import Charge
from cleanclaim_server.claims.codes import ActorKind, EventKind, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimFamily, ClaimFinding, ClaimLine
from cleanclaim_server.cycle.intake.bills import bill_facts, is_bill
from cleanclaim_server.cycle.intake.building import build_claim, freeze, price_lines, reserve_numbers
from cleanclaim_server.cycle.intake.checking import check_claims, check_many
from cleanclaim_server.cycle.intake.coding import code_encounter
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.tenancy.bulk import create_rows, update_rows
from cleanclaim_server.work.models import Queue, WorkItem


def process_encounters(
    masters: Masters,
    encounters: Sequence[Encounter],
    *,
    now: datetime,
    today: date,
    actor_id: UUID | None = None,
) -> list[Claim]:
    """Code, price and bill encounters of one practice that have no charges yet; see `process_many`."""
    return process_many([(masters, encounters)], now=now, today=today, actor_id=actor_id)


def process_many(
    groups: Sequence[tuple[Masters, Sequence[Encounter]]],
    *,
    now: datetime,
    today: date,
    actor_id: UUID | None = None,
    new: bool = False,
) -> list[Claim]:
    """Code, price and bill encounters that have no charges yet, of one practice or several.

    A refusal stops its own encounter only: it keeps the reason and becomes a work item.

    Args:
        groups: The encounters by practice.
        new: The encounters are not saved yet.

    Returns:
        The claims built, in the order of their encounters.
    """
    built = [_bill(masters, encounters, now, today, actor_id) for masters, encounters in groups]
    encounters = [encounter for _, some in groups for encounter in some]
    if new:
        for encounter in encounters:
            encounter.created_at = now
        create_rows(Encounter, encounters)
    else:
        update_rows(
            Encounter,
            [(row.pk, row.coding, row.state, row.authorization_id) for row in encounters],
            ("coding", "state", "authorization"),
        )
    create_rows(Charge, [row for one in built for row in one.charges])
    create_rows(WorkItem, [row for one in built for row in one.items], ignore_conflicts=True)
    create_rows(ClaimFamily, [row for one in built for row in one.families])
    create_rows(Claim, [row for one in built for row in one.claims])
    create_rows(ClaimLine, [row for one in built for row in one.lines])
    create_rows(ClaimEvent, [row for one in built for row in one.events])
    for one in built:
        if one.entries:
            write_entries(one.masters.practice.pk, one.entries)
    check_many(
        [(one.masters, one.claims, one.values) for one in built if one.claims], now=now, today=today, new=True
    )
    claims = [claim for one in built for claim in one.claims]
    record_many(
        AuditEvent(
            "claim.built", "claim", claim.id, claim.practice_id, one.masters.practice.agency_id, actor_id
        )
        for one in built
        for claim in one.claims
    )
    return claims


@dataclass
class _Built:
    """The rows of one practice's batch, not saved yet."""

    masters: Masters
    charges: list[Charge] = field(default_factory=list)
    items: list[WorkItem] = field(default_factory=list)
    families: list[ClaimFamily] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    lines: list[ClaimLine] = field(default_factory=list)
    values: list[ClaimValue] = field(default_factory=list)
    events: list[ClaimEvent] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


def _bill(
    masters: Masters, encounters: Sequence[Encounter], now: datetime, today: date, actor_id: UUID | None
) -> _Built:
    """Code, price and build. Takes claim numbers; saves nothing else."""
    masters.load_patients({row.patient_id for row in encounters})
    masters.load_episodes({bill_facts(row).episode for row in encounters if is_bill(row)})
    built, billable = _Built(masters), []
    for encounter in encounters:
        result = code_encounter(encounter, masters)
        if not result.is_billable:
            first = result.findings[0] if result.findings else None
            built.items.append(
                _session_item(encounter, first.message if first else result.error_code, now, today)
            )
            continue
        if encounter.coverage_id is None:
            built.items.append(_session_item(encounter, "No coverage on the date of service", now, today))
            continue
        try:
            charges = price_lines(encounter, result, masters)
        except PriceNotSet as missing:
            built.items.append(_session_item(encounter, str(missing), now, today))
            continue
        encounter.state = "charged"
        built.charges += charges
        billable.append((encounter, result, charges))
    if not billable:
        return built
    numbers = reserve_numbers(masters, len(billable))
    for number, (encounter, result, charges) in zip(numbers, billable, strict=True):
        family, claim, lines, value = build_claim(number, encounter, result, charges, masters, now=now)
        built.families.append(family)
        built.claims.append(claim)
        built.lines += lines
        built.values.append(value)
        built.events.append(_built_event(claim, encounter, actor_id, now))
        built.entries.append(_charge(encounter, claim, lines, now))
    return built


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
    days = len(bill_facts(encounter).days) if is_bill(encounter) else 0
    return ClaimEvent(
        practice_id=claim.practice_id,
        claim=claim,
        kind=EventKind.BUILT,
        actor_kind=ActorKind.PERSON if actor_id else ActorKind.RULE,
        actor_id=actor_id,
        happened_at=now,
        title=f"Coded {claim.codes}" + (f" for {days} {'day' if days == 1 else 'days'}" if days else ""),
        detail=" ".join(reasons)[:400],
    )
