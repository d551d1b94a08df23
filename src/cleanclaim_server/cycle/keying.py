"""A paper explanation of benefits, keyed in: kept as a record with its scan, then posted like any payment."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from cleanclaim.remittance.keyed import Keyed, KeyedClaim, KeyedEob, keyed_remittance, with_places
from cleanclaim.x12.sets import to_json
from cleanclaim.x12.sets.records import RemitParty
from cleanclaim_server.audit.recording import record
from cleanclaim_server.clearinghouse.files import store_file
from cleanclaim_server.clearinghouse.models import FileKind, FileState, StoredFile
from cleanclaim_server.cycle.banking import look_for_money
from cleanclaim_server.cycle.posting import PostingRefused, post_remittance, take_remittance
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import (
    InboxRemittance,
    Remittance,
    RemittanceScan,
    RemittanceState,
)

SCAN_LARGEST = 20 * 1024 * 1024
TRANSACTION = "KEYED"
MAGIC = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}


def media_type(data: bytes) -> str:
    """What a scan is by its first bytes; '' for what is no picture and no PDF. Names are not believed."""
    return next((kind for start, kind in MAGIC.items() if data.startswith(start)), "")


def read_keyed(practice: Practice, eob: KeyedEob) -> Keyed:
    """The keyed columns as a remittance to this practice, with what does not add up yet."""
    payee = RemitParty(practice.name, id_qualifier="XX", id=practice.npi)
    keyed = keyed_remittance(msgspec.structs.replace(eob, payee=payee))
    return Keyed(with_places(keyed.remittance), keyed.differences)


@transaction.atomic
def key_remittance(
    practice: Practice,
    eob: KeyedEob,
    *,
    scan: tuple[str, bytes] | None = None,
    actor_id: UUID,
    now: datetime,
) -> Remittance:
    """Keep a keyed payment with its scan, and post it as an 835 would be posted.

    Args:
        scan: Name and bytes of the image or PDF.

    Returns:
        The remittance: posted; or held, a duplicate or in quarantine as any other.

    Raises:
        PostingRefused: It does not balance (nothing is filled in), names no claim, or the scan is neither
            picture nor PDF, or larger than 20 MB.
    """
    if not eob.claims and not eob.provider_adjustments:
        raise PostingRefused("remittance.keyed_empty", "Key in at least one claim")
    keyed = read_keyed(practice, eob)
    if not keyed.is_balanced:
        raise PostingRefused("remittance.keyed_out_of_balance", "The columns do not add up yet")
    kind = ""
    if scan is not None:
        kind = media_type(scan[1])
        if not kind or len(scan[1]) > SCAN_LARGEST:
            raise PostingRefused(
                "remittance.scan_refused", "A scan is a PDF, PNG, JPEG or TIFF of at most 20 MB"
            )
    content = msgspec.structs.replace(keyed.remittance, control_number=TRANSACTION)
    own = {
        "now": now,
        "stored_by": actor_id,
        "practice_ids": [practice.pk],
        "direction": "in",
        "partner": None,
    }
    name = f"keyed-{eob.check_number or 'no-number'}.json"
    file = store_file(
        practice.agency_id, name=name, data=to_json(content), kind=FileKind.EOB, transactions=1, **own
    )
    files = [file.pk]
    inbox = InboxRemittance.objects.create(
        agency_id=practice.agency_id,
        file=file,
        transaction=TRANSACTION,
        ordinal=1,
        payee_npi=practice.npi,
        payer_name=content.payer.name[:80],
        trace_number=content.trace_number[:50],
        paid_cents=content.paid_cents,
        paid_on=content.paid_on,
        claims_count=len(content.claims),
        content=to_json(content),
        received_at=now,
    )
    remittance = take_remittance(inbox, content, practice, now=now)
    if scan is not None:
        image = store_file(practice.agency_id, name=scan[0], data=scan[1], kind=FileKind.SCAN, **own)
        files.append(image.pk)
        RemittanceScan.objects.create(
            practice=practice,
            remittance=remittance,
            file=image,
            media_type=kind,
            attached_at=now,
            attached_by=actor_id,
        )
    StoredFile.objects.filter(pk__in=files).update(state=FileState.READ, read_at=now)
    record(
        "remittance.keyed", "remittance", remittance.pk, practice_id=practice.pk, actor=actor_id,
        claims=len(content.claims), cents=content.paid_cents, scan=scan is not None,
    )  # fmt: skip
    if remittance.state == RemittanceState.READY:
        remittance = post_remittance(remittance.pk, now=now, actor_id=actor_id, content=content)
    look_for_money(practice, [remittance], now=now)
    return remittance


__all__ = ["KeyedClaim", "KeyedEob", "key_remittance", "media_type", "read_keyed"]
