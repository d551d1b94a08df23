"""Each file of claims leaves exactly once, or is visibly unsure.

Three transactions: `sending` is committed, the file is handed over, `sent` is committed. Whoever dies
in between leaves the transfer in `sending`; after its lease it is looked for at the partner. Found
there, or acknowledged: sent. Proved absent: queued again. Else a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import ActorKind, EventKind, Lifecycle, PayerState
from cleanclaim_server.claims.models import Batch, Claim, ClaimEvent
from cleanclaim_server.clearinghouse.fail_points import reach
from cleanclaim_server.clearinghouse.files import read_bytes
from cleanclaim_server.clearinghouse.jobs import enqueue
from cleanclaim_server.clearinghouse.models import Transfer, TransferState
from cleanclaim_server.clearinghouse.ports import PortError, PortRefused, PortUnavailable, port_for
from cleanclaim_server.cycle.batching import DELIVER, queue_ready
from cleanclaim_server.practice.models import Agency
from cleanclaim_server.tenancy.context import current_tenant, system_context
from cleanclaim_server.work.bulk import create_rows, update_rows
from cleanclaim_server.work.models import Queue, WorkItem

__all__ = ["DELIVER", "SendingError", "deliver", "queue_ready", "recover", "resolve_unsure"]

LEASE = timedelta(minutes=15)
MOST_ATTEMPTS = 5
_ON_LEAVING = ("first_sent_at", "payer_state", "payer_state_on", "lifecycle")


class SendingError(RuntimeError):
    """A transfer that did not leave and is to be tried again, or that cannot be what was asked."""

    def __init__(self, message: str, code: str) -> None:
        self.code = code
        super().__init__(f"{message} [{code}]")


def deliver(transfer_id: UUID, *, now: datetime, agency_id: UUID | None = None) -> Transfer:
    """Hand over one queued file. Opens its own transactions: call it outside one.

    A transfer that is not queued is returned as it is: two workers never send one file twice.

    Returns:
        The transfer: sent, unsure, queued again (nothing left; see `error`) or failed.
    """
    agency_id = agency_id or _agency_of(transfer_id)
    with transaction.atomic(durable=True), system_context(agency_id):
        transfer = _locked(transfer_id)
        if transfer.state != TransferState.QUEUED:
            return transfer
        transfer.state, transfer.sending_at, transfer.error = TransferState.SENDING, now, ""
        transfer.attempts += 1
        transfer.save(update_fields=["state", "sending_at", "attempts", "error"])
        name, attempt, partner = transfer.remote_name, transfer.attempts, transfer.partner
        data = read_bytes(transfer.file)
    reach("sending")
    problem: Exception | None = None
    try:
        port_for(partner, now=now).put(name, data)
    except Exception as error:  # only a port's own word proves that nothing left
        problem = error
    reach("put")
    with transaction.atomic(durable=True), system_context(agency_id):
        transfer = _locked(transfer_id)
        if problem is None:
            _mark_sent(transfer, now=now, proof=f"handed over and renamed, {len(data)} bytes")
        elif transfer.state != TransferState.SENDING or transfer.attempts != attempt:
            return transfer  # somebody resolved it meanwhile
        elif isinstance(problem, PortUnavailable | PortRefused):
            _mark_not_left(transfer, problem, now=now)
        else:
            _mark_unsure(transfer, _words(problem), now=now)
    reach("sent")
    return transfer


def recover(agency_id: UUID, *, now: datetime) -> int:
    """Resolve transfers whose sender died, and look again for unsure ones. Returns how many were settled."""
    with transaction.atomic(durable=True), system_context(agency_id):
        stale = Q(state=TransferState.SENDING, sending_at__lt=now - LEASE)
        found = list(
            Transfer.objects.filter(stale | Q(state=TransferState.UNSURE), agency_id=agency_id)
            .order_by("queued_at", "id").values_list("id", flat=True)[:100]
        )  # fmt: skip
    settled = 0
    for transfer_id in found:
        state = resolve_unsure(transfer_id, now=now, agency_id=agency_id).state
        settled += state in {TransferState.SENT, TransferState.QUEUED}
    return settled


def resolve_unsure(
    transfer_id: UUID, *, now: datetime, decision: str | None = None, actor_id: UUID | None = None,
    agency_id: UUID | None = None,
) -> Transfer:  # fmt: skip
    """Find out whether a file left. Opens its own transactions unless a person decides.

    Args:
        transfer_id: A transfer that is unsure, or `sending` for longer than the lease.
        now: The moment.
        decision: "sent" or "not_sent", by a person who asked the partner; None looks for proof.
        actor_id: That person; required with a decision.
        agency_id: Spares the search for it.

    Raises:
        SendingError: The transfer is in no doubt, or a decision names nobody.
    """
    agency_id = agency_id or _agency_of(transfer_id)
    if decision is not None:
        return _decide(transfer_id, decision, actor_id, agency_id, now)
    with transaction.atomic(durable=True), system_context(agency_id):
        transfer = _locked(transfer_id)
        if (
            transfer.state == TransferState.SENDING
            and transfer.sending_at
            and transfer.sending_at < now - LEASE
        ):
            _mark_unsure(transfer, "the sender ended without an answer", now=now)
        elif transfer.state != TransferState.UNSURE:
            return transfer
        if _acknowledged(transfer):
            _mark_sent(transfer, now=now, proof="acknowledged by the partner")
            return transfer
        partner, name, size, attempt = (
            transfer.partner,
            transfer.remote_name,
            transfer.file.size,
            transfer.attempts,
        )
    seen, absent, trouble = None, False, ""
    try:
        port = port_for(partner, now=now)
        seen = port.exists(name)
        absent = seen is None and port.withdraw(name)
    except PortError as error:
        trouble = _words(error)
    reach("looked")
    with transaction.atomic(durable=True), system_context(agency_id):
        transfer = _locked(transfer_id)
        if transfer.state != TransferState.UNSURE or transfer.attempts != attempt:
            return transfer
        if seen == size:
            _mark_sent(transfer, now=now, proof=f"found at the partner, {size} bytes")
        elif absent:
            _queue_again(transfer, now=now, proof="proved absent at the partner")
        else:
            transfer.error = trouble or (
                "no proof either way" if seen is None else f"{seen} bytes lie at the partner, {size} were to"
            )
            transfer.save(update_fields=["error"])
    return transfer


def _decide(
    transfer_id: UUID, decision: str, actor_id: UUID | None, agency_id: UUID, now: datetime
) -> Transfer:
    if decision not in {"sent", "not_sent"} or actor_id is None:
        raise SendingError("a decision is sent or not_sent, by a named person", "sending.decision")
    with transaction.atomic(), system_context(agency_id):
        transfer = _locked(transfer_id)
        stale = (
            transfer.state == TransferState.SENDING
            and transfer.sending_at
            and transfer.sending_at < now - LEASE
        )
        if transfer.state != TransferState.UNSURE and not stale:
            raise SendingError("this transfer is in no doubt", "sending.not_unsure")
        if decision == "sent":
            _mark_sent(transfer, now=now, proof="a person asked the partner", actor_id=actor_id)
        elif _acknowledged(transfer):
            raise SendingError("the partner has acknowledged this file", "sending.acknowledged")
        else:
            _queue_again(transfer, now=now, proof="a person asked the partner", actor_id=actor_id)
    return transfer


def _agency_of(transfer_id: UUID) -> UUID:
    tenant = current_tenant()
    if tenant is not None:
        return tenant.agency_id
    for agency_id in Agency.objects.order_by("id").values_list("id", flat=True):
        with system_context(agency_id):
            if Transfer.objects.filter(pk=transfer_id, agency_id=agency_id).exists():
                return agency_id
    raise Transfer.DoesNotExist


def _locked(transfer_id: UUID) -> Transfer:
    tenant = current_tenant()
    rows = Transfer.objects.select_for_update(of=("self",)).select_related("partner__agency", "file")
    rows = rows.defer("file__content")  # megabytes, and only the handing over needs them
    return rows.get(pk=transfer_id, agency_id=tenant.agency_id if tenant else None)


def _acknowledged(transfer: Transfer) -> bool:
    answered = ~Q(ta1_result="") | ~Q(ack_result="") | Q(acknowledged_at__isnull=False)
    return Batch.objects.filter(answered, transfer=transfer).exists()


def _words(error: Exception) -> str:
    """What may be shown of an error: a port's own words, else only its type."""
    return (str(error) if isinstance(error, PortError) else type(error).__name__)[:300]


# State changes, each in the caller's transaction with the transfer locked.


def _mark_sent(transfer: Transfer, *, now: datetime, proof: str, actor_id: UUID | None = None) -> None:
    if transfer.state == TransferState.SENT:
        return
    transfer.state, transfer.sent_at, transfer.proof, transfer.error = TransferState.SENT, now, proof, ""
    transfer.save(update_fields=["state", "sent_at", "proof", "error"])
    left_at = transfer.sending_at or now
    today = left_at.astimezone(ZoneInfo(transfer.partner.agency.timezone)).date()
    claims = list(
        _claims(transfer)
        .select_for_update(of=("self",))
        .only("id", "practice_id", "version", *_ON_LEAVING)
        .order_by("id")
    )
    for claim in claims:
        claim.first_sent_at = claim.first_sent_at or left_at
        # An answer may have come before we knew that the file left; it keeps its word.
        if claim.payer_state == PayerState.NONE:
            claim.payer_state, claim.payer_state_on = PayerState.WAITING, today
        if claim.lifecycle in (Lifecycle.QUEUED, Lifecycle.UNSURE):
            claim.lifecycle = Lifecycle.SENT
    update_rows(
        Claim,
        [(claim.pk, *(getattr(claim, name) for name in _ON_LEAVING)) for claim in claims],
        _ON_LEAVING,
        raise_version=True,
    )
    about = [(claim.pk, claim.practice_id) for claim in claims]
    _tell(transfer, EventKind.SENT, now, "Sent", proof, actor_id, about)
    _close_items(transfer, now, "sent", actor_id)
    _audit(transfer, "transfer.sent", actor_id)


def _mark_unsure(transfer: Transfer, why: str, *, now: datetime) -> None:
    transfer.state, transfer.error = TransferState.UNSURE, why
    transfer.save(update_fields=["state", "error"])
    _claims(transfer).filter(lifecycle=Lifecycle.QUEUED).update(
        lifecycle=Lifecycle.UNSURE, version=F("version") + 1
    )
    _tell(transfer, EventKind.UNSURE, now, "Unsure whether it left", why, None)
    _open_item(transfer, now, "Find out whether this file of claims left", why)
    _audit(transfer, "transfer.unsure", None)


def _mark_not_left(transfer: Transfer, problem: PortError, *, now: datetime) -> None:
    lasting = isinstance(problem, PortRefused) or transfer.attempts >= MOST_ATTEMPTS
    transfer.state = TransferState.FAILED if lasting else TransferState.QUEUED
    transfer.error = _words(problem)
    transfer.save(update_fields=["state", "error"])
    transfer.partner.last_error, transfer.partner.last_error_at = transfer.error, now
    transfer.partner.save(update_fields=["last_error", "last_error_at"])
    if lasting:
        _open_item(transfer, now, "This file of claims did not leave", transfer.error)
    _audit(transfer, "transfer.failed" if lasting else "transfer.put_off", None)


def _queue_again(transfer: Transfer, *, now: datetime, proof: str, actor_id: UUID | None = None) -> None:
    transfer.state, transfer.error, transfer.proof = TransferState.QUEUED, "", proof
    transfer.save(update_fields=["state", "error", "proof"])
    _claims(transfer).filter(lifecycle=Lifecycle.UNSURE).update(
        lifecycle=Lifecycle.QUEUED, version=F("version") + 1
    )
    _tell(transfer, EventKind.QUEUED, now, "Did not leave; waits to leave again", proof, actor_id)
    _close_items(transfer, now, "queued again", actor_id)
    key = f"transfer:{transfer.pk}:{transfer.attempts}"
    enqueue(transfer.agency_id, DELIVER, key, due_at=now, subject_id=transfer.pk)
    _audit(transfer, "transfer.queued_again", actor_id)


def _claims(transfer: Transfer):
    return Claim.objects.filter(batch_claims__batch__transfer=transfer, batch_claims__is_live=True)


def _tell(
    transfer: Transfer, kind: EventKind, now: datetime, title: str, detail: str, actor_id: UUID | None,
    about: Sequence[tuple[UUID, UUID]] | None = None,
) -> None:  # fmt: skip
    """Write an event on every claim of a transfer; `about` spares reading (claim, practice) of them."""
    who = ActorKind.PERSON if actor_id else ActorKind.RULE
    if about is None:
        about = list(_claims(transfer).order_by("id").values_list("id", "practice_id"))
    create_rows(
        ClaimEvent,
        [
            ClaimEvent(
                practice_id=practice_id, claim_id=claim_id, kind=kind, actor_kind=who, actor_id=actor_id,
                happened_at=now, title=title, detail=detail[:400], file_id=transfer.file_id,
            )
            for claim_id, practice_id in about
        ],
    )  # fmt: skip


def _open_item(transfer: Transfer, now: datetime, title: str, detail: str) -> None:
    today = now.astimezone(ZoneInfo(transfer.partner.agency.timezone)).date()
    WorkItem.objects.bulk_create(
        [
            WorkItem(
                practice_id=batch.practice_id,
                queue=Queue.UNSURE,
                subject_type="transfer",
                subject_id=transfer.pk,
                title=title,
                detail=detail,
                amount_cents=batch.total_charge_cents,
                opened_at=now,
                opened_on=today,
            )
            for batch in Batch.objects.filter(transfer=transfer)
        ],
        ignore_conflicts=True,
    )


def _close_items(transfer: Transfer, now: datetime, why: str, actor_id: UUID | None) -> None:
    practices = Batch.objects.filter(transfer=transfer).values("practice_id")
    WorkItem.objects.filter(
        practice_id__in=practices, queue=Queue.UNSURE, subject_id=transfer.pk, is_open=True
    ).update(is_open=None, closed_at=now, closed_reason=why, closed_by=actor_id)


def _audit(transfer: Transfer, action: str, actor_id: UUID | None) -> None:
    record(
        action, "transfer", transfer.pk, agency_id=transfer.agency_id, actor=actor_id or "system:sending",
        control_number=transfer.interchange_control_number, attempts=transfer.attempts,
    )  # fmt: skip
