"""The one sealer: chains rows that transactions have written, a few seconds after them.

Rows of a long transaction become visible late; they are chained when they appear, so the chain's
order is the order of sealing. Each agency has a chain of its own, and the rows from before an agency
is known have one too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cleanclaim_server.audit.chain import START, export_row, link_hash
from cleanclaim_server.audit.models import AuditCheckpoint, AuditLink, AuditRow
from cleanclaim_server.audit.recording import NO_AGENCY
from cleanclaim_server.practice.models import Agency
from cleanclaim_server.tenancy.context import system_context, tenant_context

# How far behind the newest link a late row is looked for on every round; a full look is `lookback=None`.
LOOKBACK = timedelta(hours=1)
CHECKPOINT_EVERY = timedelta(minutes=5)


def seal(limit: int = 5_000, *, lookback: timedelta | None = LOOKBACK) -> int:
    """Chain what is not yet chained, for every agency; returns how many rows.

    Args:
        limit: At most this many rows per agency.
        lookback: How old a late row may be; None looks at all rows.
    """
    agencies = [*Agency.objects.order_by("id").values_list("id", flat=True), NO_AGENCY]
    return sum(seal_agency(agency_id, limit, lookback=lookback) for agency_id in agencies)


def seal_agency(agency_id: UUID, limit: int = 5_000, *, lookback: timedelta | None = LOOKBACK) -> int:
    """Chain one agency's rows in one transaction; 0 when another sealer is at work."""
    with whole_agency(agency_id):
        if not _alone(agency_id):
            return 0
        last = AuditLink.objects.filter(agency_id=agency_id).order_by("-sequence").first()
        sequence, previous = (last.sequence, last.hash) if last else (0, START)
        rows = unsealed(agency_id)
        if last and lookback is not None:
            rows = rows.filter(id__gte=_earlier(last.row_id, lookback))
        links = []
        for row in rows.order_by("id")[:limit]:
            sequence += 1
            digest = link_hash(
                export_row(row), agency_id=str(agency_id), sequence=sequence, previous_hash=previous
            )
            links.append(
                AuditLink(
                    agency_id=agency_id, sequence=sequence, row_id=row.pk, previous_hash=previous, hash=digest
                )
            )
            previous = digest
        AuditLink.objects.bulk_create(links, batch_size=500)
        _checkpoint_if_due(agency_id)
        return len(links)


def unsealed(agency_id: UUID):
    """Rows that no link holds yet."""
    linked = AuditLink.objects.filter(row_id=OuterRef("pk"))
    return AuditRow.objects.filter(~Exists(linked), agency_id=agency_id)


def checkpoint(agency_id: UUID) -> AuditCheckpoint | None:
    """Note the chain's end in the database and, after the commit, outside it; None if nothing is new."""
    with whole_agency(agency_id):
        last = AuditLink.objects.filter(agency_id=agency_id).order_by("-sequence").first()
        if (
            last is None
            or AuditCheckpoint.objects.filter(agency_id=agency_id, sequence=last.sequence).exists()
        ):
            return None
        made = AuditCheckpoint.objects.create(agency_id=agency_id, sequence=last.sequence, hash=last.hash)
        # After the commit: a line about a chain that was rolled back would be a false alarm for ever.
        transaction.on_commit(lambda: _write_outside(made))
        return made


@contextmanager
def whole_agency(agency_id: UUID) -> Iterator[None]:
    """The context in which an agency's whole trail is visible."""
    if agency_id == NO_AGENCY:
        with tenant_context(NO_AGENCY, ()):
            yield
    else:
        with system_context(agency_id):
            yield


def _checkpoint_if_due(agency_id: UUID) -> None:
    latest = AuditCheckpoint.objects.filter(agency_id=agency_id).order_by("-sequence").first()
    if latest is None or timezone.now() - latest.made_at >= CHECKPOINT_EVERY:
        checkpoint(agency_id)


def _write_outside(made: AuditCheckpoint) -> None:
    path = Path(settings.CLEANCLAIM_CHECKPOINT_FILE)
    line = {
        "agency_id": str(made.agency_id),
        "sequence": made.sequence,
        "hash": made.hash,
        "made_at": made.made_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a") as out:
        out.write(json.dumps(line) + "\n")
        out.flush()
        os.fsync(out.fileno())


def _alone(agency_id: UUID) -> bool:
    """Take the sealer's place until the commit. On SQLite the transaction itself is alone."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        key = agency_id.int % (1 << 63)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
        return cursor.fetchone()[0]


def _earlier(row_id: UUID, by: timedelta) -> UUID:
    """The smallest UUIDv7 of the millisecond that lies `by` before a row's."""
    milliseconds = max((row_id.int >> 80) - int(by.total_seconds() * 1000), 0)
    return UUID(int=milliseconds << 80)
