"""Run the edits over claims and put each where it belongs: ready, or held with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Sum

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim.edits import run_edits
from cleanclaim.findings import Finding, Severity
from cleanclaim.frames import context_frame, frames_from_claims
from cleanclaim.rules import load_rule_book
from cleanclaim_server.charges.models import Charge
from cleanclaim_server.claims.codes import ActorKind, EventKind, HoldCause, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimFinding, ClaimHold, ClaimLine
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.work.models import Queue, WorkItem

UNSIGNED_EDIT = "edits.note_unsigned"
EDIT_CAUSES = (HoldCause.EDIT, HoldCause.OVERRIDE, HoldCause.UNSIGNED_NOTE)
HISTORY_DAYS = 3


def _minute(moment) -> int | None:
    return None if moment is None else moment.hour * 60 + moment.minute


def history_rows(practice: Practice, claims: Sequence[Claim]) -> list[dict]:
    """Lines charged around the dates of a batch, its own among them, for duplicates and overlaps."""
    first = min(claim.date_of_service for claim in claims) - timedelta(days=HISTORY_DAYS)
    last = max(claim.date_of_service for claim in claims) + timedelta(days=HISTORY_DAYS)
    found = (
        ClaimLine.objects.filter(
            practice=practice, date_of_service__range=(first, last), claim__frequency="1", claim__sequence="P"
        )
        .exclude(claim__lifecycle=Lifecycle.CLOSED)
        .order_by("control_number")
        .values_list(
            "claim__patient_id",
            "claim__claim_number",
            "claim__family__encounter_id",
            "claim__payer__payer_id",
            "date_of_service",
            "code",
            "modifiers",
            "units",
            "claim__rendering_provider__npi",
            "claim__family__encounter__starts_at",
            "claim__family__encounter__stops_at",
            "claim__family__encounter__minutes",
        )
    )
    rows = []
    for patient, number, encounter, payer, day, code, modifiers, units, npi, start, stop, minutes in found:
        begin, end = _minute(start), _minute(stop)
        if begin is not None and end is not None and end < begin:
            end += 1440
        rows.append(
            {
                "practice_id": str(practice.id),
                "patient_id": str(patient),
                "claim_number": number,
                "encounter_id": str(encounter),
                "payer_id": payer,
                "date_of_service": day,
                "code": code,
                "modifiers": modifiers.split(),
                "units_milli": units * 1000,
                "line_rendering_npi": npi,
                "start_minute": begin,
                "stop_minute": end,
                "session_minutes": minutes,
            }
        )
    return rows


def coverage_rows(masters: Masters, claims: Sequence[Claim]) -> list[dict]:
    """The policies on file of the batch's patients."""
    rows = []
    for patient_id in {claim.patient_id for claim in claims}:
        for coverage in masters.coverages(patient_id):
            payer = masters.payer_of(coverage)
            rows.append(
                {
                    "patient_id": str(patient_id),
                    "payer_id": payer.payer_id,
                    "payer_kind": payer.kind,
                    "member_id": coverage.member_id,
                    "sequence": "PST"[coverage.order - 1],
                    "starts": coverage.starts_on,
                    "ends": coverage.ends_on,
                    "status": "unknown",
                    "authorization_codes": payer.profile.get("authorization_codes", "").split("+")
                    if payer.profile.get("authorization_codes")
                    else [],
                }
            )
    return sorted(rows, key=lambda row: (row["patient_id"], row["sequence"], row["payer_id"]))


def authorization_rows(masters: Masters, claims: Sequence[Claim]) -> list[dict]:
    """The authorizations of the batch's patients, with the units that other claims used."""
    patients = {claim.patient_id for claim in claims}
    used = dict(
        Charge.objects.filter(practice=masters.practice, authorization__patient__in=patients, is_void=False)
        .exclude(encounter__claim_family__claims__in=[claim.id for claim in claims])
        .values_list("authorization_id")
        .annotate(total=Sum("units"))
    )
    rows = []
    for patient_id in patients:
        for row in masters.authorizations(patient_id):
            coverage = next(item for item in masters.coverages(patient_id) if item.id == row.coverage_id)
            rows.append(
                {
                    "patient_id": str(patient_id),
                    "payer_id": masters.payer_of(coverage).payer_id,
                    "authorization_number": row.number,
                    "codes": row.codes,
                    "starts": row.starts_on,
                    "ends": row.ends_on,
                    "units_approved_milli": row.units * 1000,
                    "units_used_milli": used.get(row.id, 0) * 1000,
                }
            )
    return sorted(rows, key=lambda row: (row["patient_id"], row["authorization_number"]))


def _edit(masters: Masters, claims: Sequence[Claim], values: Sequence[ClaimValue], today: date):
    practice = masters.practice
    return run_edits(
        frames_from_claims(values),
        today=today,
        rules=load_rule_book(),
        history=context_frame("history", history_rows(practice, claims)),
        coverage=context_frame("coverage", coverage_rows(masters, claims)),
        authorizations=context_frame("authorizations", authorization_rows(masters, claims)),
    )


def check_claims(
    masters: Masters,
    claims: Sequence[Claim],
    values: Sequence[ClaimValue],
    *,
    now: datetime,
    today: date,
) -> None:
    """Run the edits and set lifecycle, holds, findings, events and work items of a batch of claims.

    Findings that a person has overridden, with a reason, stay overridden while the edit says the same.
    """
    if not claims:
        return
    masters.load_patients({claim.patient_id for claim in claims})
    practice = masters.practice
    ids = [claim.id for claim in claims]
    results = _edit(masters, claims, values, today).by_claim
    overridden: dict[tuple[UUID, str, int], ClaimFinding] = {}
    earlier = ClaimFinding.objects.filter(practice=practice, claim__in=ids)
    for finding in earlier.filter(overridden_at__isnull=False):
        overridden[finding.claim_id, finding.code, finding.line_number] = finding
    other_holds = set(
        ClaimHold.objects.filter(practice=practice, claim__in=ids, released_at__isnull=True)
        .exclude(cause__in=EDIT_CAUSES)
        .values_list("claim_id", flat=True)
    )
    earlier.delete()
    ClaimHold.objects.filter(
        practice=practice, claim__in=ids, released_at__isnull=True, cause__in=EDIT_CAUSES
    ).update(released_at=now, release_reason="The edits ran again")
    queues = (Queue.STOPPED, Queue.UNSIGNED, Queue.READY)
    WorkItem.objects.filter(practice=practice, subject_id__in=ids, queue__in=queues, is_open=True).update(
        is_open=None, closed_at=now, closed_reason="The edits ran again"
    )
    findings, holds, events, items = [], [], [], []
    for claim, value in zip(claims, values, strict=True):
        result = results.get(value.claim_number)
        rows = _finding_rows(claim, result.findings if result else (), overridden, now)
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
            holds.append(_hold(claim, cause, stops[0].message, "biller", now))
            items.append(_item(claim, Queue.STOPPED, stops[0].message, stops[0].remedy, now, today))
        held = unsigned or bool(stops) or claim.id in other_holds
        claim.lifecycle = Lifecycle.HELD if held else Lifecycle.READY
        if claim.was_clean is None or held:
            claim.was_clean = not held
        if not held:
            claim.first_ready_at = claim.first_ready_at or now
            items.append(_item(claim, Queue.READY, "Goes with the next batch", "", now, today))
        claim.version += 1
        events.append(_event(claim, rows, unsigned, now))
    ClaimFinding.objects.bulk_create(findings, batch_size=500)
    ClaimHold.objects.bulk_create(holds, batch_size=500)
    ClaimEvent.objects.bulk_create(events, batch_size=500)
    WorkItem.objects.bulk_create(items, batch_size=500, ignore_conflicts=True)
    Claim.objects.bulk_update(claims, ["lifecycle", "was_clean", "first_ready_at", "version"], batch_size=200)


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
    stop, override, tell = (counts[severity] for severity in (Severity.STOP, Severity.OVERRIDE, Severity.TELL))
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
