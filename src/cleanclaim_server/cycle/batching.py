"""Claims that are ready become one interchange per practice, trading partner and kind of claim.

A claim that the guide refuses is left out, held with what was found, and stops no other.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.claim_837i.claims import check_institutional, write_claims
from cleanclaim.x12.sets.claim_837p import Receiver, Submitter, check_claim, write_837p
from cleanclaim.x12.writer import Envelope, SetBody, WriteRefused, write_x12
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import REJECTED, ActorKind, EventKind, HoldCause, Lifecycle, PayerState
from cleanclaim_server.claims.models import Batch, BatchClaim, Claim, ClaimEvent, ClaimFinding, ClaimHold
from cleanclaim_server.clearinghouse.control_numbers import NumbersUsedUp, take_numbers
from cleanclaim_server.clearinghouse.fail_points import reach
from cleanclaim_server.clearinghouse.files import store_file
from cleanclaim_server.clearinghouse.jobs import enqueue
from cleanclaim_server.clearinghouse.models import FileKind, TradingPartner, Transfer
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.bulk import chunks, create_rows, update_rows
from cleanclaim_server.work.models import Queue

MOST_CLAIMS = 5_000
DELIVER = "deliver"


def queue_ready(
    practice: Practice,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    claim_ids: Sequence[UUID] | None = None,
) -> list[Batch]:
    """Put every claim that is ready into a file that waits to leave. Works in the open transaction.

    Claims of a partner that is switched off wait. What keeps a whole file back (our own settings) is
    written on the partner, and its claims stay ready.

    Args:
        practice: Whose claims.
        now: The moment.
        actor_id: The person who sends; None for the worker.
        claim_ids: Only these; by default all.

    Returns:
        The batches, each with a transfer in state `queued` and a job to deliver it.
    """
    agency = practice.agency
    open_holds = ClaimHold.objects.filter(claim=OuterRef("pk"), released_at__isnull=True)
    ready = Claim.objects.filter(practice=practice, lifecycle=Lifecycle.READY).filter(~Exists(open_holds))
    if claim_ids is not None:
        ready = ready.filter(pk__in=list(claim_ids))
    rows = list(
        ready.select_related("payer")
        .select_for_update(of=("self",))
        .order_by("date_of_service", "claim_number", "id")
    )
    if not rows:
        return []
    partners = {
        partner.pk: partner
        for partner in TradingPartner.objects.filter(
            agency=agency, pk__in={row.payer.trading_partner_id for row in rows} - {None}
        )
    }
    _let_go_of_rejected(rows)
    live = set()
    for part in chunks([row.pk for row in rows]):
        live.update(
            BatchClaim.objects.filter(claim_id__in=part, is_live=True).values_list("claim_id", flat=True)
        )
    # A file holds claims of one guide: professional and institutional ones leave apart.
    by_partner: dict[tuple[UUID, bool], list[tuple[Claim, ClaimValue]]] = defaultdict(list)
    refused: list[tuple[Claim, list[Finding]]] = []
    for row in rows:
        value, findings = _judge(
            row, has_partner=row.payer.trading_partner_id in partners, is_live=row.pk in live
        )
        if value is None or findings:
            refused.append((row, findings))
        elif partners[row.payer.trading_partner_id].is_active:
            by_partner[row.payer.trading_partner_id, value.bill is not None].append((row, value))
    _hold(refused, now=now)
    open_items(
        practice.pk,
        [
            NewItem(
                Queue.STOPPED,
                "claim",
                row.pk,
                f"Mend the claim: {found[0].message}",
                claim_id=row.pk,
                patient_id=row.patient_id,
                detail=found[0].remedy,
                amount_cents=row.total_charge_cents,
                due_on=row.filing_limit_on,
                due_enforceable=row.filing_limit_enforceable,
            )
            for row, found in refused
        ],
        now=now,
        today=now.astimezone(ZoneInfo(agency.timezone)).date(),
    )
    batches = []
    for (partner_id, _), members in sorted(by_partner.items(), key=lambda item: str(item[0])):
        for at in range(0, len(members), MOST_CLAIMS):
            batch = _one_batch(practice, partners[partner_id], members[at : at + MOST_CLAIMS], now, actor_id)
            if batch is not None:
                batches.append(batch)
    gone = [row.pk for row in rows if row.lifecycle != Lifecycle.READY]
    close_items(practice.pk, Queue.READY, gone, now=now, reason="Left the queue", closed_by=actor_id)
    if rows:
        record(
            "claims.queued",
            "practice",
            practice.pk,
            practice_id=practice.pk,
            agency_id=agency.pk,
            actor=actor_id or "system:sending",
            batches=len(batches),
            claims=sum(batch.claims_count for batch in batches),
            held=len(refused),
        )
    return batches


def _judge(row: Claim, *, has_partner: bool, is_live: bool) -> tuple[ClaimValue | None, list[Finding]]:
    if is_live:
        return None, [
            _finding(
                row,
                "sending.already_left",
                "It is in a batch that left or may have left.",
                "Wait for the answer, or build a corrected claim.",
            )
        ]
    if not has_partner:
        return None, [
            _finding(
                row,
                "sending.no_partner",
                "No trading partner is set for this payer.",
                "Choose a trading partner in the payer's settings.",
            )
        ]
    frozen = row.frozen
    try:
        value = decode_claim(frozen)
    except msgspec.MsgspecError:
        value = None
    if (
        value is None
        or hashlib.sha256(frozen).hexdigest() != row.frozen_hash
        or value.claim_number != row.claim_number
    ):
        return None, [
            _finding(
                row,
                "sending.frozen_unreadable",
                "Its content is not what was built.",
                "Build the claim again from its session.",
            )
        ]
    check = check_claim if value.bill is None else check_institutional
    return value, [finding for finding in check(value) if finding.severity.stops]


def _finding(row: Claim, code: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.STOP, message, subject_id=row.claim_number, remedy=remedy)


def _let_go_of_rejected(rows: Sequence[Claim]) -> None:
    """A claim that was rejected and is ready again gives up its place in the old batch."""
    for part in chunks([row.pk for row in rows if row.payer_state in REJECTED]):
        BatchClaim.objects.filter(claim_id__in=part, is_live=True).update(is_live=False)


def _hold(refused: Sequence[tuple[Claim, list[Finding]]], *, now: datetime) -> None:
    if not refused:
        return
    for part in chunks([row.pk for row, _ in refused]):
        ClaimFinding.objects.filter(claim_id__in=part, code__startswith="sending.").delete()
        Claim.objects.filter(pk__in=part).update(lifecycle=Lifecycle.HELD)
    findings, holds, events = [], [], []
    for row, found in refused:
        row.lifecycle = Lifecycle.HELD
        row.was_clean = False
        row.version += 1
        holds.append(
            ClaimHold(
                practice_id=row.practice_id,
                claim=row,
                cause=HoldCause.EDIT,
                opened_at=now,
                detail="; ".join(f"{one.message} [{one.code}]" for one in found)[:300],
            )
        )
        findings += [
            ClaimFinding(
                practice_id=row.practice_id,
                claim=row,
                code=one.code[:80],
                severity=one.severity.value,
                message=one.message[:400],
                remedy=one.remedy[:400],
                found_at=now,
                facts={key: str(fact) for key, fact in one.facts.items()},
                sources=[],
            )
            for one in found
        ]
        events.append(_event(row, EventKind.HELD, now, None, "Left out of the file", found[0].message))
    update_rows(Claim, [(row.pk, row.was_clean, row.version) for row, _ in refused], ("was_clean", "version"))
    create_rows(ClaimFinding, findings)
    create_rows(ClaimHold, holds)
    create_rows(ClaimEvent, events)


def _one_batch(
    practice: Practice,
    partner: TradingPartner,
    members: list[tuple[Claim, ClaimValue]],
    now: datetime,
    actor_id: UUID | None,
) -> Batch | None:
    agency = practice.agency
    local = now.astimezone(ZoneInfo(agency.timezone)).replace(tzinfo=None)
    transfer_id = new_id()
    try:
        with transaction.atomic():  # what was refused takes no numbers
            isa, gs, st = take_numbers(partner)
            mark = f"{practice.code}{local:%y%m%d}{isa:09d}{transfer_id.hex[-8:].upper()}"
            write = write_837p if members[0][1].bill is None else write_claims
            body = write(
                [value for _, value in members],
                submitter=Submitter(
                    agency.name, agency.submitter_id, agency.contact_name, agency.contact_phone
                ),
                receiver=Receiver(partner.receiver_name or partner.name, partner.receiver_id),
                batch_reference=mark,
                control_number=f"{st:04d}",
                created_at=local,
            )
            data = write_x12(
                Envelope(
                    sender_id=agency.submitter_id,
                    receiver_id=partner.receiver_id,
                    receiver_qualifier=partner.receiver_qualifier,
                    control_number=isa,
                    group_control_number=gs,
                    created_at=local,
                    usage=partner.usage,
                    ack_requested=partner.wants_ta1,
                ),
                [body],
            )
    except (WriteRefused, NumbersUsedUp) as error:
        partner.last_error = str(error)[:300]
        partner.last_error_at = now
        partner.save(update_fields=["last_error", "last_error_at"])
        return None
    reach("built")
    file = store_file(
        agency.pk,
        name=f"{mark}.837",
        data=data,
        direction="out",
        partner=partner,
        now=now,
        stored_by=actor_id,
        practice_ids=[practice.pk],
        kind=FileKind.CLAIMS,
        transactions=1,
    )
    transfer = Transfer.objects.create(
        id=transfer_id,
        agency=agency,
        partner=partner,
        file=file,
        remote_name=f"{mark}.837",
        interchange_control_number=f"{isa:09d}",
        queued_at=now,
    )
    batch = Batch.objects.create(
        practice=practice,
        transfer=transfer,
        reference=mark,
        interchange_control_number=f"{isa:09d}",
        group_control_number=str(gs),
        transaction_control_number=body.control_number,
        claims_count=len(members),
        total_charge_cents=sum(row.total_charge_cents for row, _ in members),
        created_at=now,
        created_by=actor_id,
    )
    places = _places(body)
    create_rows(
        BatchClaim,
        [
            BatchClaim(
                practice=practice,
                batch=batch,
                claim=row,
                position=places[value.claim_number][0],
                position_end=places[value.claim_number][1],
            )
            for row, value in members
        ],
    )
    create_rows(
        ClaimEvent,
        [
            _event(
                row,
                EventKind.QUEUED,
                now,
                actor_id,
                "Put in a batch",
                f"Interchange {isa:09d}, batch {mark}",
                file=file,
                transaction=body.control_number,
                position=places[value.claim_number][0],
                position_end=places[value.claim_number][1],
            )
            for row, value in members
        ],
    )
    for row, _ in members:
        row.lifecycle, row.payer_state, row.payer_state_on = Lifecycle.QUEUED, PayerState.NONE, None
        row.version += 1
    fields = ("lifecycle", "payer_state", "payer_state_on", "version")
    update_rows(Claim, [(row.pk, *(getattr(row, name) for name in fields)) for row, _ in members], fields)
    enqueue(agency.pk, DELIVER, f"transfer:{transfer.pk}", due_at=now, subject_id=transfer.pk)
    reach("queued")
    return batch


def _places(body: SetBody) -> dict[str, tuple[int, int]]:
    """First and last segment of each claim by claim number, counted from ST = 1."""
    places: dict[str, tuple[int, int]] = {}
    number, start = "", 0
    for at, segment in enumerate(body.segments, start=2):
        if segment[0] not in {"CLM", "HL"}:
            continue
        if number:
            places[number] = (start, at - 1)
        number, start = (str(segment[1]), at) if segment[0] == "CLM" else ("", 0)
    if number:
        places[number] = (start, len(body.segments) + 1)
    return places


def _event(
    row: Claim, kind: EventKind, now: datetime, actor_id: UUID | None, title: str, detail: str = "", **place
) -> ClaimEvent:
    return ClaimEvent(
        practice_id=row.practice_id,
        claim=row,
        kind=kind,
        happened_at=now,
        title=title,
        detail=detail[:400],
        actor_kind=ActorKind.PERSON if actor_id else ActorKind.RULE,
        actor_id=actor_id,
        **place,
    )
