"""One round of the worker: take what partners have put out, send what is queued, read what came."""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cleanclaim_data.loader import refresh_overlay
from cleanclaim_server.audit.recording import record
from cleanclaim_server.clearinghouse.fail_points import reach
from cleanclaim_server.clearinghouse.files import store_file
from cleanclaim_server.clearinghouse.jobs import enqueue, run_due
from cleanclaim_server.clearinghouse.models import Job, StoredFile, TradingPartner, TransferState
from cleanclaim_server.clearinghouse.ports import PortError, port_for
from cleanclaim_server.clearinghouse.separate_notes import SeparateNoteRefused
from cleanclaim_server.cycle import sending
from cleanclaim_server.cycle.banking import look_at_banks
from cleanclaim_server.cycle.follow_up import find_silent
from cleanclaim_server.cycle.intake.due import release_due
from cleanclaim_server.cycle.underpayments import COMPARE, compare_job
from cleanclaim_server.practice.models import Agency
from cleanclaim_server.tenancy.context import system_context

log = logging.getLogger(__name__)
PROCESS = "process_file"
POLL_SECONDS = {"sftp": 60.0, "folder": 5.0, "simulator": 0.0}
LOOK_SECONDS = 3600.0
_polled: dict[UUID, float] = {}
_looked: dict[UUID, float] = {}


def run_worker(now: datetime | None = None) -> int:
    """Do what is due now, for every agency; returns how many things were done.

    The caller seals the audit trail between rounds. Opens its own transactions.
    """
    now = now or timezone.now()
    refresh_overlay(settings.DATA_DIR / "loaded")
    done = 0
    for agency_id in Agency.objects.order_by("id").values_list("id", flat=True):
        done += collect(agency_id, now=now)
        done += sending.recover(agency_id, now=now)
        _look_for_silence(agency_id, now)
    counts = run_due(now, {sending.DELIVER: _deliver, PROCESS: process_job, COMPARE: compare_job})
    return done + counts.done


def _look_for_silence(agency_id: UUID, now: datetime) -> None:
    """At the worker's first round, and every hour after."""
    if time.monotonic() - _looked.get(agency_id, float("-inf")) < LOOK_SECONDS:
        return
    _looked[agency_id] = time.monotonic()
    with transaction.atomic(durable=True), system_context(agency_id) as tenant:
        find_silent(agency_id, now=now)
        look_at_banks(agency_id, now=now)
        release_due(tenant.practice_ids, now=now)


def collect(agency_id: UUID, *, now: datetime, at_once: bool = False) -> int:
    """Fetch every waiting file of an agency's partners, keep it, and only then take it out of the inbox.

    A death between keeping and archiving finds the kept bytes again and keeps no second copy.

    Args:
        agency_id: Whose partners.
        now: The moment.
        at_once: Do not wait for a partner's next turn.

    Returns:
        How many files were kept.
    """
    with transaction.atomic(durable=True), system_context(agency_id):
        partners = list(
            TradingPartner.objects.filter(agency_id=agency_id, is_active=True).select_related("agency")
        )
    kept = 0
    for partner in partners:
        waited = time.monotonic() - _polled.get(partner.pk, float("-inf"))
        if not at_once and waited < POLL_SECONDS.get(partner.transport, 60.0):
            continue
        _polled[partner.pk] = time.monotonic()
        try:
            kept += _collect_one(partner, now)
        except PortError as error:
            log.warning("partner could not be reached: %s", error.code)
            with transaction.atomic(durable=True), system_context(agency_id):
                TradingPartner.objects.filter(pk=partner.pk).update(
                    last_error=str(error)[:300], last_error_at=now
                )
    return kept


def _collect_one(partner: TradingPartner, now: datetime) -> int:
    port, kept, trouble = port_for(partner, now=now), 0, None
    for waiting in port.list_inbox():
        try:
            data = port.fetch(waiting.name)
            try:
                kept += _keep(partner, waiting.name, data, now)
            except SeparateNoteRefused as refusal:  # counted, not kept; it is not offered again
                with transaction.atomic(durable=True), system_context(partner.agency_id):
                    record("note.refused", "note", actor="system:receiving", kind=refusal.finding.code)
            port.archive(waiting.name)
        except PortError as error:  # one bad file never stops the rest
            trouble = error
    if trouble is not None:
        raise trouble
    return kept


def _keep(partner: TradingPartner, name: str, data: bytes, now: datetime) -> bool:

    with transaction.atomic(durable=True), system_context(partner.agency_id):
        digest = hashlib.sha256(data).hexdigest()
        known = StoredFile.objects.filter(
            agency_id=partner.agency_id, partner=partner, direction="in", sha256=digest, name=name
        )
        if known.exists():
            return False
        file = store_file(partner.agency_id, name=name, data=data, direction="in", partner=partner, now=now)
        enqueue(partner.agency_id, PROCESS, f"file:{file.pk}", due_at=now, subject_id=file.pk)
        reach("event queued")
        TradingPartner.objects.filter(pk=partner.pk).update(last_received_at=now, last_error="")
        record(
            "file.received",
            "file",
            file.pk,
            agency_id=partner.agency_id,
            actor="system:worker",
            size=len(data),
        )
        return True


def _deliver(job: Job, now: datetime) -> None:
    transfer = sending.deliver(job.subject_id, now=now, agency_id=job.agency_id)
    if transfer.state == TransferState.QUEUED:
        raise sending.SendingError("nothing left; it is tried again", "sending.put_off")


def process_job(job: Job, now: datetime) -> None:
    from cleanclaim_server.cycle.receiving import process_file

    refresh_overlay(settings.DATA_DIR / "loaded")
    with transaction.atomic(durable=True), system_context(job.agency_id):
        process_file(job.subject_id, now=now)
        reach("commit")
    reach("committed")
