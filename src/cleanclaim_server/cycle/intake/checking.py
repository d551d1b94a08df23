"""Run the edits over claims and put each where it belongs: ready, or held with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim.edits import run_edits
from cleanclaim.findings import Finding, Severity
from cleanclaim.frames import context_frame, frames_from_claims
from cleanclaim_server.claims.codes import ActorKind, EventKind, HoldCause, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimFinding, ClaimHold
from cleanclaim_server.cycle.intake.context import (
    authorization_rows,
    charge_rows,
    consent_rows,
    coverage_rows,
    enrollment_rows,
    history_rows,
)
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.cycle.intake.note_findings import note_findings
from cleanclaim_server.cycle.intake.practice_rules import apply_rules
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.bulk import chunks, create_rows, update_rows
from cleanclaim_server.work.models import Queue, WorkItem

UNSIGNED_EDIT = "edits.note_unsigned"
EDIT_CAUSES = (HoldCause.EDIT, HoldCause.OVERRIDE, HoldCause.UNSIGNED_NOTE)

Group = tuple[Masters, Sequence[Claim], Sequence[ClaimValue]]


def _edit(groups: Sequence[Group], today: date):
    claims = [claim for _, some, _ in groups for claim in some]
    practices = {masters.practice.pk for masters, _, _ in groups}
    coverage = [row for masters, some, _ in groups for row in coverage_rows(masters, some)]
    authorizations = [row for masters, some, own in groups for row in authorization_rows(masters, some, own)]
    consents = [row for masters, some, _ in groups for row in consent_rows(masters, some)]
    # Whether records are of Part 2 the patient's record says as it stands now, not as the claim was built.
    values = [
        msgspec.structs.replace(value, part2=True) if masters.patient(claim.patient_id).is_part2 else value
        for masters, some, own in groups
        for claim, value in zip(some, own, strict=True)
    ]
    return run_edits(
        frames_from_claims(values),
        today=today,
        rules=groups[0][0].rules,
        history=context_frame("history", history_rows(practices, claims, values)),
        coverage=context_frame("coverage", coverage),
        consents=context_frame("consents", consents),
        authorizations=context_frame("authorizations", authorizations),
        enrollments=context_frame(
            "enrollments", [row for masters, _, _ in groups for row in enrollment_rows(masters)]
        ),
        charges=context_frame("charges", [row for masters, _, _ in groups for row in charge_rows(masters)]),
    )


def check_claims(
    masters: Masters,
    claims: Sequence[Claim],
    values: Sequence[ClaimValue],
    *,
    now: datetime,
    today: date,
) -> None:
    """Run the edits over claims of one practice; see `check_many`."""
    check_many([(masters, claims, values)], now=now, today=today)


@dataclass
class _Before:
    """What stood on claims before the edits ran again: overridden findings, and holds of other causes."""

    overridden: dict[tuple[UUID, str, int], ClaimFinding] = field(default_factory=dict)
    otherwise_held: set[UUID] = field(default_factory=set)


def check_many(groups: Sequence[Group], *, now: datetime, today: date, new: bool = False) -> None:
    """Run the edits and set lifecycle, holds, findings, events and work items of claims.

    Findings that a person has overridden, with a reason, stay overridden while the edit says the same.

    Args:
        groups: Masters, claims and their values, by practice; all of one agency.
        new: The claims were built in this transaction, so that nothing can stand on them yet.
    """
    groups = [group for group in groups if group[1]]
    if not groups:
        return
    for masters, claims, _ in groups:
        masters.load_patients({claim.patient_id for claim in claims})
    rules = apply_rules(groups, now=now, today=today, new=new)
    groups = rules.groups
    results = _edit(groups, today).by_claim
    notes = note_findings(groups)
    before = _Before() if new else _clear(groups, now)
    pairs = [
        (claim, value) for _, claims, values in groups for claim, value in zip(claims, values, strict=True)
    ]
    findings, holds, events, items = [], [], [], []
    for claim, value in pairs:
        result = results.get(value.claim_number)
        found = (*(result.findings if result else ()), *rules.said(claim), *notes.get(claim.pk, ()))
        rows = _finding_rows(claim, found, before.overridden, now)
        findings += rows
        open_rows = [row for row in rows if row.severity != Severity.TELL and row.overridden_at is None]
        unsigned = not value.signed_note
        stops = [row for row in open_rows if row.code != UNSIGNED_EDIT]
        if unsigned:
            holds.append(_hold(claim, HoldCause.UNSIGNED_NOTE, "", "clinician", now))
            items.append(_item(claim, Queue.UNSIGNED, "Sign the note of this session", "", now, today))
        if stops:
            cause = (
                HoldCause.EDIT if any(row.severity == Severity.STOP for row in stops) else HoldCause.OVERRIDE
            )
            holds.append(_hold(claim, cause, stops[0].message, rules.owner(claim), now))
            items.append(_item(claim, Queue.STOPPED, stops[0].message, stops[0].remedy, now, today))
        held = unsigned or bool(stops) or claim.id in before.otherwise_held
        claim.lifecycle = Lifecycle.HELD if held else Lifecycle.READY
        if claim.was_clean is None or held:
            claim.was_clean = not held
        if not held:
            claim.first_ready_at = claim.first_ready_at or now
            items.append(_item(claim, Queue.READY, "Goes with the next batch", "", now, today))
        claim.version += 1
        events.append(_event(claim, rows, unsigned, now))
    create_rows(ClaimFinding, findings)
    create_rows(ClaimHold, holds)
    create_rows(ClaimEvent, events)
    create_rows(WorkItem, items, ignore_conflicts=True)
    fields = ("lifecycle", "was_clean", "first_ready_at", "version")
    update_rows(Claim, [(claim.pk, *(getattr(claim, name) for name in fields)) for claim, _ in pairs], fields)


def _clear(groups: Sequence[Group], now: datetime) -> _Before:
    """Take away what the edits said last time, and remember what must stay."""
    before = _Before()
    queues = (Queue.STOPPED, Queue.UNSIGNED, Queue.READY)
    for masters, claims, _ in groups:
        practice = masters.practice
        for ids in chunks([claim.id for claim in claims]):
            earlier = ClaimFinding.objects.filter(practice=practice, claim__in=ids)
            for finding in earlier.filter(overridden_at__isnull=False):
                before.overridden[finding.claim_id, finding.code, finding.line_number] = finding
            holds = ClaimHold.objects.filter(practice=practice, claim__in=ids, released_at__isnull=True)
            before.otherwise_held.update(
                holds.exclude(cause__in=EDIT_CAUSES).values_list("claim_id", flat=True)
            )
            earlier.delete()
            holds.filter(cause__in=EDIT_CAUSES).update(released_at=now, release_reason="The edits ran again")
            WorkItem.objects.filter(
                practice=practice, subject_id__in=ids, queue__in=queues, is_open=True
            ).update(is_open=None, closed_at=now, closed_reason="The edits ran again")
    return before


def recheck_claims(practice: Practice, claim_ids: Sequence[UUID], *, now: datetime, today: date) -> int:
    """Run the edits again over claims that have not left. Returns how many were checked."""
    waiting = (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY)
    claims = list(
        Claim.objects.select_for_update()
        .filter(practice=practice, id__in=claim_ids, lifecycle__in=waiting)
        .order_by("id")
    )
    check_claims(
        Masters(practice), claims, [decode_claim(claim.frozen) for claim in claims], now=now, today=today
    )
    return len(claims)


def _finding_rows(
    claim: Claim,
    found: Sequence[Finding],
    overridden: dict[tuple[UUID, str, int], ClaimFinding],
    now: datetime,
) -> list[ClaimFinding]:
    rows = []
    for finding in found:
        line = int(finding.facts.get("line_number") or 0)
        row = ClaimFinding(
            practice_id=claim.practice_id,
            claim=claim,
            code=finding.code,
            severity=finding.severity.value,
            line_number=line,
            message=finding.message[:400],
            remedy=finding.remedy[:400],
            facts={key: str(value) for key, value in finding.facts.items()},
            sources=[{"id": source.id, "at": source.at} for source in finding.sources],
            found_at=now,
        )
        before = overridden.get((claim.id, finding.code, line))
        if before is not None and finding.severity == Severity.OVERRIDE:
            row.overridden_at, row.overridden_by = before.overridden_at, before.overridden_by
            row.override_reason = before.override_reason
        rows.append(row)
    return rows


def _hold(claim: Claim, cause: HoldCause, detail: str, owner: str, now: datetime) -> ClaimHold:
    return ClaimHold(
        practice_id=claim.practice_id,
        claim=claim,
        cause=cause,
        detail=detail[:300],
        owner_role=owner,
        opened_at=now,
    )


def _item(claim: Claim, queue: Queue, title: str, detail: str, now: datetime, today: date) -> WorkItem:
    return WorkItem(
        practice_id=claim.practice_id,
        queue=queue,
        subject_type="claim",
        subject_id=claim.id,
        claim_id=claim.id,
        patient_id=claim.patient_id,
        title=title[:200],
        detail=detail[:300],
        amount_cents=claim.expected_cents if claim.expected_cents is not None else claim.total_charge_cents,
        due_on=claim.filing_limit_on,
        due_enforceable=claim.filing_limit_enforceable,
        due_kind="timely_filing",
        opened_at=now,
        opened_on=today,
    )


def _event(claim: Claim, rows: list[ClaimFinding], unsigned: bool, now: datetime) -> ClaimEvent:
    counts = {severity: sum(row.severity == severity for row in rows) for severity in Severity}
    stop, override, tell = (
        counts[severity] for severity in (Severity.STOP, Severity.OVERRIDE, Severity.TELL)
    )
    title = f"Edits: {stop} stop, {override} override, {tell} tell"
    first = next((row.message for row in rows if row.severity != Severity.TELL), "")
    if unsigned and not first:
        first = "The note is not signed."
    return ClaimEvent(
        practice_id=claim.practice_id,
        claim=claim,
        kind=EventKind.EDITED,
        actor_kind=ActorKind.RULE,
        happened_at=now,
        title=title,
        detail=first[:400],
    )
