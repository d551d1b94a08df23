"""The claim to the next payer, built from what was sent to the first and what the first answered.

The secondary carries the primary's words as they came: its payment, its adjustments, by claim and by
line. A claim that the payer forwards itself (status 19) is not billed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cleanclaim.claim import Adjustment, OtherPayer, OtherPayerLine, decode_claim
from cleanclaim.claim import Claim as ClaimValue
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import ActorKind, EventKind, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimLine
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.intake.building import filing_limit, freeze, reserve_numbers
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.remittances.models import RemittanceAdjustment, RemittanceClaim, RemittanceState
from cleanclaim_server.work.bulk import chunks, create_rows

ORDER = "PST"
FORWARDED = frozenset({"19", "20", "21", "23"})
UNSENT = (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY)


def bill_next_payer(claim_id: UUID, *, now: datetime) -> Claim | None:
    """Build the claim to the next payer of one claim; see `bill_next_payers`."""
    return next(iter(bill_next_payers([claim_id], now=now)), None)


def bill_next_payers(claim_ids: Sequence[UUID], *, now: datetime) -> list[Claim]:
    """Build claims to the next payers, ready to send.

    Left out: claims without a posted answer, forwarded by the payer, without a next policy, or whose
    next claim exists already.

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
    wanted = []
    for claim in claims:
        answer = answers.get(claim.pk)
        if answer is None or answer.status in FORWARDED or claim.sequence not in ORDER[:2]:
            continue
        place = ORDER[ORDER.index(claim.sequence) + 1]
        coverage = coverages.get((claim.patient_id, ORDER.index(place) + 1))
        if (
            (claim.family_id, place) in have
            or coverage is None
            or not coverage.in_force_on(claim.date_of_service)
        ):
            continue
        value = decode_claim(claim.frozen)
        if any(other.sequence == place for other in value.other_payers):
            wanted.append((claim, answer, coverage, value))
    if not wanted:
        return []
    masters = Masters(practice)
    numbers = reserve_numbers(masters, len(wanted))
    rows, lines, events = [], [], []
    own_lines = _own_lines(claim for claim, *_ in wanted)
    for number, (claim, answer, coverage, value) in zip(numbers, wanted, strict=True):
        follow = next_claim_value(value, number, _told(claim, answer, value), coverage)
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


def _answers(practice_id: UUID, claims: Sequence[Claim]) -> dict[UUID, RemittanceClaim]:
    rows = (
        RemittanceClaim.objects.filter(
            practice_id=practice_id, claim_id__in=[claim.pk for claim in claims],
            remittance__state=RemittanceState.POSTED,
        )
        .exclude(status__in=("22", "25"))
        .select_related("remittance")
        .prefetch_related("lines__adjustments", "adjustments")
        .order_by("remittance__posted_at", "number")
    )  # fmt: skip
    return {row.claim_id: row for row in rows}


def _own_lines(claims) -> dict[tuple[UUID, int], ClaimLine]:
    rows = ClaimLine.objects.filter(claim_id__in=[claim.pk for claim in claims])
    return {(row.claim_id, row.number): row for row in rows}


def next_claim_value(
    value: ClaimValue, number: str, answered: tuple[OtherPayer, dict[int, OtherPayerLine]], coverage: Coverage
) -> ClaimValue:
    """The next payer's claim: that payer in front, the one that answered among the others.

    Args:
        answered: The answer of the payer of `value`, for the claim and by line number.
    """
    other, by_line = answered
    place = ORDER[ORDER.index(value.sequence) + 1]
    following = next(one for one in value.other_payers if one.sequence == place)
    lines = tuple(
        msgspec.structs.replace(
            line,
            control_number=f"{number}L{line.number}",
            other_payers=(*line.other_payers, *((by_line[line.number],) if line.number in by_line else ())),
        )
        for line in value.lines
    )
    return msgspec.structs.replace(
        value,
        claim_number=number,
        payer=following.payer,
        subscriber=following.subscriber,
        member_id=following.member_id,
        group_number=following.group_number,
        relationship=following.relationship,
        sequence=place,
        insurance_type=coverage.insurance_type,
        payer_control_number="",
        authorization_number="",
        lines=lines,
        other_payers=(other, *(one for one in value.other_payers if one.sequence != place)),
        plan_id=str(coverage.plan_id),
    )


def _told(
    claim: Claim, answer: RemittanceClaim, value: ClaimValue
) -> tuple[OtherPayer, dict[int, OtherPayerLine]]:
    """The payer's answer in the words of a claim: loops 2320 and 2430."""
    adjudicated = answer.remittance.paid_on
    numbers = dict(ClaimLine.objects.filter(claim=claim).values_list("id", "number"))
    by_line: dict[int, OtherPayerLine] = {}
    for line in answer.lines.all():
        number = numbers.get(line.claim_line_id)
        if number is None:
            continue
        by_line[number] = OtherPayerLine(
            payer_id=value.payer.payer_id,
            paid_cents=line.paid_cents,
            code=line.code,
            modifiers=tuple(part for part in line.modifiers.split(",") if part),
            units=line.units or "1",
            adjustments=_adjustments(line.adjustments.all()),
            adjudicated_on=adjudicated,
        )
    whole = [one for one in answer.adjustments.all() if one.line_id is None]
    share = sum(one.amount_cents for one in answer.adjustments.all() if one.group == "PR")
    return (
        OtherPayer(
            payer=value.payer,
            sequence=value.sequence,
            subscriber=value.subscriber,
            member_id=value.member_id,
            group_number=value.group_number,
            relationship=value.relationship,
            paid_cents=answer.paid_cents,
            remaining_patient_cents=share,
            adjustments=_adjustments(whole),
            payer_control_number=answer.payer_control_number,
            adjudicated_on=None if by_line else adjudicated,
            remark_codes=tuple(answer.remarks[:5]),
        ),
        by_line,
    )


def _adjustments(rows: Sequence[RemittanceAdjustment]) -> tuple[Adjustment, ...]:
    ordered = sorted(rows, key=lambda one: (one.position, one.pk))
    return tuple(Adjustment(one.group, one.reason, one.amount_cents, one.quantity) for one in ordered)


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
