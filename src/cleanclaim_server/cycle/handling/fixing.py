"""One finding fixed on many claims alike: from records that were corrected, and by the repair of its edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim.edits.repairs import Change, repaired
from cleanclaim.findings import Severity
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import REJECTED, EventKind, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimFinding, ClaimLine, ClaimRepair
from cleanclaim_server.cycle.handling.holding import HandlingRefused, locked, tell
from cleanclaim_server.cycle.handling.mending import (
    differences,
    is_unsent,
    price_lines_anew,
    rebuilt,
    store,
)
from cleanclaim_server.cycle.intake import Masters
from cleanclaim_server.cycle.intake.checking import check_claims, check_many
from cleanclaim_server.practice.models import Practice


@dataclass(frozen=True)
class Fix:
    """What fixing does, or did, to one claim.

    Attributes:
        changes: Values that the repair of the edit changed.
        records: What the corrected records changed, in plain words.
        goes: The edits let it go afterwards.
        left: Messages of what still stops it.
        refused: Why nothing was done; '' when something was.
    """

    claim_id: UUID
    claim_number: str
    changes: tuple[Change, ...] = ()
    records: tuple[str, ...] = ()
    goes: bool = False
    left: tuple[str, ...] = ()
    refused: str = ""


def fix_claim(
    claim_id: UUID, practice_id: UUID, *, edit: str, actor_id: UUID, now: datetime, today: date
) -> Fix:
    """Build an unsent claim anew from the records, repair what the edit found, and run the edits.

    Works in the open transaction; the caller gives each claim one of its own.

    Args:
        edit: The finding to be fixed. What corrected records change on the way is taken, too.

    Raises:
        HandlingRefused: It has left or was rejected, or neither the records nor a repair change anything.
    """
    masters = Masters(Practice.objects.get(pk=practice_id))
    claim, after, fix = _changed(claim_id, practice_id, edit, masters, actor_id=actor_id, now=now)
    check_claims(masters, [claim], [after], now=now, today=today)
    record(
        "claim.fixed",
        "claim",
        claim.pk,
        practice_id=practice_id,
        actor=actor_id,
        edit=edit,
        changes=len(fix.changes),
    )
    return _told(fix, claim, _stops([claim.pk]).get(claim.pk, ()))


def preview_fix(
    wanted: Mapping[UUID, Sequence[UUID]], *, edit: str, actor_id: UUID, now: datetime, today: date
) -> list[Fix]:
    """What `fix_claim` would do to each claim, in order: it is done, read, and taken back.

    The same code runs, so that what is shown is what will happen. Nothing stays, not even in the audit log;
    the page that shows it writes its own row. The edits run once, whatever the number of practices.

    Args:
        wanted: Claims by their practice, all of one agency.
    """
    fixes: list[Fix] = []
    groups: list[tuple[Masters, list[Claim], list[ClaimValue]]] = []
    with transaction.atomic():
        for practice in Practice.objects.filter(pk__in=wanted).order_by("pk"):
            ids, masters = wanted[practice.pk], Masters(practice)
            here = Claim.objects.filter(practice=practice, pk__in=ids)
            masters.load_patients(set(here.values_list("patient_id", flat=True)))
            groups.append((masters, [], []))
            for key in ids:
                try:
                    with transaction.atomic():
                        claim, after, fix = _changed(
                            key, practice.pk, edit, masters, actor_id=actor_id, now=now
                        )
                except HandlingRefused as refusal:
                    number = here.values_list("claim_number", flat=True).get(pk=key)
                    fixes.append(Fix(key, number, refused=str(refusal)))
                    continue
                groups[-1][1].append(claim)
                groups[-1][2].append(after)
                fixes.append(fix)
        check_many(groups, now=now, today=today)
        by_id = {claim.pk: claim for _, claims, _ in groups for claim in claims}
        stops = _stops(list(by_id))
        fixes = [
            _told(fix, by_id[fix.claim_id], stops.get(fix.claim_id, ())) if not fix.refused else fix
            for fix in fixes
        ]
        transaction.set_rollback(True)
    return fixes


def _changed(
    claim_id: UUID, practice_id: UUID, edit: str, masters: Masters, *, actor_id: UUID, now: datetime
) -> tuple[Claim, ClaimValue, Fix]:
    """The claim with its new value stored, not checked yet.

    Raises:
        HandlingRefused: See `fix_claim`.
    """
    claim = locked(claim_id, practice_id)
    if not is_unsent(claim):
        raise HandlingRefused("claim.has_left", "The claim has left. What was sent is never changed.")
    if claim.payer_state in REJECTED:
        raise HandlingRefused("claim.was_rejected", "It was rejected; it is mended among the rejections.")
    masters.load_patients({claim.patient_id})
    before = decode_claim(bytes(claim.frozen))
    after = rebuilt(claim, before, masters) if claim.sequence == "P" and claim.frequency == "1" else before
    records = tuple(differences(before, after))
    facts = ClaimFinding.objects.filter(practice_id=practice_id, claim=claim, code=edit, overridden_at=None)
    after, changes = repaired(
        after, edit, facts.order_by("line_number", "id").values_list("facts", flat=True)
    )
    if after == before:
        raise HandlingRefused(
            "claim.unchanged", "The records say what the claim says. Correct the record first."
        )
    store(claim, after, masters)
    if changes:
        _keep(claim, after, edit, changes, masters, actor_id=actor_id, now=now)
    words = "; ".join(said(change) for change in changes)
    if records:
        words = f"{words}; from the records: {', '.join(records)}" if words else ", ".join(records)
    tell(claim, EventKind.EDITED, f"Fixed alike: {edit}", words, now=now, actor_id=actor_id)
    return claim, after, Fix(claim.pk, claim.claim_number, changes, records)


def said(change: Change) -> str:
    """A change in words: ``line 1, modifiers: 95 HO → HO``."""
    where = f"line {change.line_number}, " if change.line_number else ""
    return f"{where}{change.field.replace('_', ' ')}: {change.before or 'none'} → {change.after or 'none'}"


def _keep(
    claim: Claim,
    after: ClaimValue,
    edit: str,
    changes: Sequence[Change],
    masters: Masters,
    *,
    actor_id: UUID,
    now: datetime,
) -> None:
    """Keep repairs as facts, the lines for lists, and what is expected with other modifiers."""
    ClaimRepair.objects.bulk_create(
        ClaimRepair(
            practice_id=claim.practice_id,
            claim=claim,
            edit=edit,
            field=change.field,
            line_number=change.line_number,
            before=change.before[:120],
            after=change.after[:120],
            made_at=now,
            made_by=actor_id,
        )
        for change in changes
    )
    for change in changes:
        if change.field == "modifiers":
            rows = ClaimLine.objects.filter(
                practice_id=claim.practice_id, claim=claim, number=change.line_number
            )
            rows.update(modifiers=change.after[:20])
    if any(change.field == "modifiers" for change in changes):
        price_lines_anew(claim, after, masters)
        claim.save(update_fields=["expected_cents"])


def _stops(claim_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, tuple[str, ...]] = {}
    rows = ClaimFinding.objects.filter(claim_id__in=list(claim_ids), overridden_at=None)
    for key, message in (
        rows.exclude(severity=Severity.TELL)
        .order_by("claim_id", "line_number", "code")
        .values_list("claim_id", "message")
    ):
        found[key] = (*found.get(key, ()), message)
    return found


def _told(fix: Fix, claim: Claim, left: tuple[str, ...]) -> Fix:
    goes = claim.lifecycle == Lifecycle.READY
    return Fix(fix.claim_id, fix.claim_number, fix.changes, fix.records, goes, left)
