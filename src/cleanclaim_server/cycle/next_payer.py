"""The claim to the next payer, built from what was sent to the first and what the first answered.

`cleanclaim.remittance.nextpayer` decides and builds; here its answers are read, and its claim is kept. The
secondary carries the primary's words as they came: its payment, its adjustments, by claim and by line. A
claim that the payer forwards itself is not billed again, Medicaid pays last, and an answer that does not
add up leaves for nobody: a person looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim.remittance.nextpayer import (
    Answer,
    NextStep,
    Step,
    Told,
    decide_next,
    last_words,
    next_claim,
    next_payer,
    tell,
)
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine, RemitParty
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import ActorKind, EventKind, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimLine
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.intake.building import filing_limit, freeze, reserve_numbers
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.postingrules.models import HeldPart, PartKind, PartState
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState
from cleanclaim_server.work.actions import NewItem, open_items
from cleanclaim_server.work.bulk import chunks, create_rows, update_rows
from cleanclaim_server.work.models import Queue

ORDER = "PST"
WAITS = "WAIT_CROSSOVER"
"""`next_action` of an answer whose payer sends the claim on by itself."""
FOR_A_PERSON = {
    Step.FIX_ORDER: "Next payer not billed: the order of payers is wrong",
    Step.FIX_BALANCE: "Next payer not billed: the answer does not add up to the claim",
}
UNSENT = (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY)


def bill_next_payer(claim_id: UUID, *, now: datetime) -> Claim | None:
    """Build the claim to the next payer of one claim; see `bill_next_payers`."""
    return next(iter(bill_next_payers([claim_id], now=now)), None)


def bill_next_payers(claim_ids: Sequence[UUID], *, now: datetime) -> list[Claim]:
    """Build claims to the next payers, ready to send.

    Left out: claims without a posted answer that stands, with a part that waits for a person, forwarded by
    the payer, without a next policy, or whose next claim exists already. Where payers stand in the wrong
    order, or the answer does not add up, a person is asked.

    Returns:
        The new claims, saved.
    """
    made: list[Claim] = []
    for part in chunks(list(dict.fromkeys(claim_ids))):
        claims = Claim.objects.filter(pk__in=part).select_related("practice", "family", "payer")
        by_practice: dict[UUID, list[Claim]] = {}
        for claim in claims:
            by_practice.setdefault(claim.practice_id, []).append(claim)
        for group in by_practice.values():
            made += _bill(group, now)
    return made


def _bill(claims: Sequence[Claim], now: datetime) -> list[Claim]:
    practice = claims[0].practice
    today = now.astimezone(ZoneInfo(practice.timezone)).date()
    answers = _answers(practice.pk, claims)
    have = set(
        Claim.objects.filter(family_id__in=[claim.family_id for claim in claims])
        .exclude(lifecycle=Lifecycle.CLOSED)
        .values_list("family_id", "sequence")
    )
    coverages: dict[tuple[UUID, int], Coverage] = {}
    patients = {claim.patient_id for claim in claims}
    for coverage in Coverage.objects.filter(practice=practice, patient_id__in=patients).select_related(
        "plan__payer"
    ):
        coverages.setdefault((coverage.patient_id, coverage.order), coverage)
    wanted: list[tuple[Claim, Told, Coverage, ClaimValue]] = []
    stays: list[tuple[Claim, RemittanceClaim, NextStep]] = []
    for claim in claims:
        rows = answers.get(claim.pk, [])
        if not rows:
            continue
        value = decode_claim(claim.frozen)
        said = [_answer(row) for row in rows]
        told = tell(value, said)
        standing = last_words(said)
        step = decide_next(value, (standing or said)[-1].claim, told, today=today)
        if step.step is not Step.BILL_NEXT or told is None:
            stays.append((claim, rows[-1], step))
            continue
        following = next_payer(value)
        assert following is not None  # decided to be billed
        coverage = coverages.get((claim.patient_id, ORDER.index(following.sequence) + 1))
        if (
            (claim.family_id, following.sequence) in have
            or coverage is None
            or not coverage.in_force_on(claim.date_of_service)
        ):
            continue
        wanted.append((claim, told, coverage, value))
    _tell_why_not(practice, stays, now)
    if not wanted:
        return []
    masters = Masters(practice)
    numbers = reserve_numbers(masters, len(wanted))
    rows, lines, events = [], [], []
    own_lines = _own_lines(claim for claim, *_ in wanted)
    for number, (claim, told, coverage, value) in zip(numbers, wanted, strict=True):
        follow = next_claim(
            value,
            told,
            claim_number=number,
            insurance_type=coverage.insurance_type,
            plan_id=str(coverage.plan_id),
        )
        row = Claim(
            practice=practice,
            family=claim.family,
            patient_id=claim.patient_id,
            coverage=coverage,
            payer=coverage.plan.payer,
            claim_number=number,
            sequence=follow.sequence,
            lifecycle=Lifecycle.READY,
            date_of_service=claim.date_of_service,
            date_of_service_end=claim.date_of_service_end,
            rendering_provider_id=claim.rendering_provider_id,
            first_ready_at=now,
            created_at=now,
        )
        freeze(row, follow)
        row.filing_limit_on, row.filing_limit_enforceable = filing_limit(
            follow, claim.date_of_service, masters.rules
        )
        rows.append(row)
        for line in follow.lines:
            source = own_lines.get((claim.pk, line.number))
            lines.append(
                ClaimLine(
                    practice=practice,
                    claim=row,
                    charge_id=source.charge_id if source else None,
                    number=line.number,
                    control_number=line.control_number,
                    code=line.code,
                    modifiers=" ".join(line.modifiers),
                    units=source.units if source else 1,
                    date_of_service=line.date_of_service,
                    charge_cents=line.charge_cents,
                )
            )
        events += _events(claim, row, now)
    create_rows(Claim, rows)
    create_rows(ClaimLine, lines)
    create_rows(ClaimEvent, events)
    record("claim.next_payer", "practice", practice.pk, practice_id=practice.pk, claims=len(rows))
    return rows


def _answers(practice_id: UUID, claims: Sequence[Claim]) -> dict[UUID, list[RemittanceClaim]]:
    """Everything that posted for these claims, oldest first; claims of which a part waits are left out."""
    ids = [claim.pk for claim in claims]
    rows = (
        RemittanceClaim.objects.filter(
            practice_id=practice_id, claim_id__in=ids, remittance__state=RemittanceState.POSTED
        )
        .exclude(status="25")
        .select_related("remittance")
        .prefetch_related("lines__adjustments", "lines__claim_line", "adjustments")
        .order_by("remittance__posted_at", "number")
    )
    waits = set(
        HeldPart.objects.filter(
            practice_id=practice_id,
            remittance_claim__claim_id__in=ids,
            kind=PartKind.HELD,
            state=PartState.WAITING,
        ).values_list("remittance_claim__claim_id", flat=True)
    )
    found: dict[UUID, list[RemittanceClaim]] = {}
    for row in rows:
        if row.claim_id not in waits:
            found.setdefault(row.claim_id, []).append(row)
    return found


def _answer(row: RemittanceClaim) -> Answer:
    """One claim payment as the core reads it, from its rows; lines named by our own that they answer."""
    lines = tuple(
        RemitLine(
            line.code,
            line.charge_cents,
            line.paid_cents,
            modifiers=tuple(part for part in line.modifiers.split(",") if part),
            units_paid=line.units,
            submitted_code=line.submitted_code,
            service_from=line.service_on,
            line_control=line.claim_line.control_number if line.claim_line_id else "",
            adjustments=_adjustments(line.adjustments.all()),
            remarks=tuple(line.remarks),
        )
        for line in sorted(row.lines.all(), key=lambda one: one.number)
    )
    whole = [one for one in row.adjustments.all() if one.line_id is None]
    claim = RemitClaim(
        row.claim_number,
        row.status,
        row.charge_cents,
        row.paid_cents,
        row.patient_cents,
        payer_control_number=row.payer_control_number,
        lines=lines,
        adjustments=_adjustments(whole),
        remarks=tuple(row.remarks),
        crossover_to=RemitParty(row.crossover_to),
    )
    return Answer(claim, row.remittance.paid_on)


def _adjustments(rows) -> tuple[Cas, ...]:
    ordered = sorted(rows, key=lambda one: (one.position, one.pk))
    return tuple(Cas(one.group, one.reason, one.amount_cents, one.quantity) for one in ordered)


def _tell_why_not(
    practice: Practice, stays: Sequence[tuple[Claim, RemittanceClaim, NextStep]], now: datetime
) -> None:
    """Say on the claim that the payer forwards it, and ask a person where the next payer cannot be billed."""
    forwarded = [(claim, row, step) for claim, row, step in stays if step.step is Step.WAIT_CROSSOVER]
    update_rows(RemittanceClaim, [(row.pk, WAITS) for _, row, _ in forwarded], ["next_action"])
    events, items = [], []
    for claim, _, step in forwarded:
        events.append(
            _note(claim, "The payer forwards it to the next one", f"{step.why}; look again on", step, now)
        )
    for claim, _, step in stays:
        title = FOR_A_PERSON.get(step.step)
        if title:
            events.append(_note(claim, title, step.why, step, now))
            items.append(
                NewItem(
                    Queue.STOPPED, "claim", claim.pk, title, claim_id=claim.pk, patient_id=claim.patient_id,
                    detail=step.why, amount_cents=claim.total_charge_cents,
                )
            )  # fmt: skip
    create_rows(ClaimEvent, events)
    if items:
        open_items(practice.pk, items, now=now, today=now.astimezone(ZoneInfo(practice.timezone)).date())


def _note(claim: Claim, title: str, detail: str, step: NextStep, now: datetime) -> ClaimEvent:
    if step.look_again_on:
        detail = f"{detail} {step.look_again_on:%d %b %Y}"
    return ClaimEvent(
        practice_id=claim.practice_id,
        claim=claim,
        kind=EventKind.NEXT_PAYER,
        actor_kind=ActorKind.RULE,
        happened_at=now,
        title=title,
        detail=detail[:400],
    )


def _own_lines(claims) -> dict[tuple[UUID, int], ClaimLine]:
    rows = ClaimLine.objects.filter(claim_id__in=[claim.pk for claim in claims])
    return {(row.claim_id, row.number): row for row in rows}


def _events(claim: Claim, row: Claim, now: datetime) -> list[ClaimEvent]:
    return [
        ClaimEvent(
            practice_id=claim.practice_id, claim=about, kind=kind, actor_kind=ActorKind.RULE, happened_at=now,
            title=title, detail="Carries what the payer before it paid and adjusted",
        )
        for about, kind, title in (
            (claim, EventKind.NEXT_PAYER, f"Claim {row.claim_number} built for the next payer"),
            (row, EventKind.BUILT, f"Built from the answer to claim {claim.claim_number}"),
        )
    ]  # fmt: skip


def withdraw_next_payers(claim_ids: Sequence[UUID], *, now: datetime) -> int:
    """Close next-payer claims that have not left, because the answer they were built on was undone."""
    closed = 0
    for part in chunks(list(claim_ids)):
        families = Claim.objects.filter(pk__in=part).values_list("family_id", "sequence")
        below = {family: ORDER.index(place) for family, place in families}
        rows = (
            Claim.objects.filter(
                family_id__in=list(below),
                lifecycle__in=UNSENT,
                first_sent_at__isnull=True,
                sequence__in=("S", "T"),
                replaces__isnull=True,
            )
            .exclude(pk__in=part)
            .defer("frozen")
        )
        gone = [row for row in rows if ORDER.index(row.sequence) > below[row.family_id]]
        Claim.objects.filter(pk__in=[row.pk for row in gone]).update(lifecycle=Lifecycle.CLOSED)
        create_rows(
            ClaimEvent,
            [
                ClaimEvent(
                    practice_id=row.practice_id, claim=row, kind=EventKind.NOTE, actor_kind=ActorKind.RULE,
                    happened_at=now, title="Withdrawn: the answer it was built on was undone",
                )
                for row in gone
            ],
        )  # fmt: skip
        closed += len(gone)
    return closed
