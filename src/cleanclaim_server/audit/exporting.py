"""Writes an agency's trail to one file that can be verified anywhere, without this installation.

JSON lines: a header with the checkpoints, one line per link with its row, and an end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from cleanclaim_server.audit.chain import START, export_row
from cleanclaim_server.audit.models import AuditCheckpoint, AuditLink, AuditRow
from cleanclaim_server.audit.sealer import checkpoint, seal_agency, unsealed, whole_agency
from cleanclaim_server.audit.verifying import FORMAT, Verification, read_checkpoints, verify

BATCH = 2_000


@dataclass(frozen=True)
class ExportSummary:
    """What an export holds."""

    path: Path
    agency_id: UUID
    rows: int
    unsealed: int
    last_hash: str


def export(path: Path, *, agency_id: UUID) -> ExportSummary:
    """Seal what is left, set a checkpoint, and write the chain; an existing file is replaced in one step.

    A row that a link names and the table no longer has is written as null, for the verifier to name.
    """
    part = path.with_name(path.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    waiting, count, last_hash = 0, 0, START
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        for document in chain_documents(agency_id):
            if "unsealed" in document:
                waiting = document["unsealed"]
            if document.get("end"):
                count, last_hash = document["rows"], document["last_hash"]
            out.write(as_line(document))
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    return ExportSummary(path, agency_id, count, waiting, last_hash)


def chain_documents(agency_id: UUID) -> Iterator[dict[str, Any]]:
    """The documents of an export, in order: header, one per link, end. Seals first what is left."""
    while seal_agency(agency_id, lookback=None):
        pass
    checkpoint(agency_id)
    with whole_agency(agency_id):
        waiting = unsealed(agency_id).count()
        header = {"format": FORMAT, "agency_id": str(agency_id), "exported_at": _instant(timezone.now())}
        marks = AuditCheckpoint.objects.filter(agency_id=agency_id).order_by("sequence")
        checkpoints = [{"sequence": mark.sequence, "hash": mark.hash} for mark in marks]
        yield header | {"unsealed": waiting, "checkpoints": checkpoints}
        count, last_hash, place = 0, START, 0
        while links := list(
            AuditLink.objects.filter(agency_id=agency_id, sequence__gt=place).order_by("sequence")[:BATCH]
        ):
            rows = AuditRow.objects.in_bulk([link.row_id for link in links])
            for link in links:
                row = rows.get(link.row_id)
                yield {
                    "sequence": link.sequence,
                    "row_id": str(link.row_id),
                    "previous_hash": link.previous_hash,
                    "hash": link.hash,
                    "row": export_row(row) if row else None,
                }
            count, last_hash, place = count + len(links), links[-1].hash, links[-1].sequence
        yield {"end": True, "rows": count, "last_hash": last_hash}


def verify_chain(agency_id: UUID) -> Verification:
    """Verify an agency's trail as it stands, against itself and the checkpoints kept outside the database."""
    path = Path(settings.CLEANCLAIM_CHECKPOINT_FILE)
    outside = read_checkpoints(path.read_text().splitlines()) if path.is_file() else []
    return verify((as_line(document) for document in chain_documents(agency_id)), checkpoints=outside)


def as_line(document: dict[str, Any]) -> str:
    """One line of the file."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n"


def _instant(moment) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
