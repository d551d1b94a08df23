"""Writes an agency's trail to one file that can be verified anywhere, without this installation.

JSON lines: a header with the checkpoints, one line per link with its row, and an end.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from cleanclaim_server.audit.chain import START, export_row
from cleanclaim_server.audit.models import AuditCheckpoint, AuditLink, AuditRow
from cleanclaim_server.audit.sealer import checkpoint, seal_agency, unsealed, whole_agency
from cleanclaim_server.audit.verifying import FORMAT

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
    while seal_agency(agency_id, lookback=None):
        pass
    checkpoint(agency_id)
    part = path.with_name(path.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with whole_agency(agency_id), os.fdopen(handle, "w", encoding="utf-8") as out:
        waiting = unsealed(agency_id).count()
        header = {"format": FORMAT, "agency_id": str(agency_id), "exported_at": _instant(timezone.now())}
        marks = AuditCheckpoint.objects.filter(agency_id=agency_id).order_by("sequence")
        checkpoints = [{"sequence": mark.sequence, "hash": mark.hash} for mark in marks]
        _line(out, header | {"unsealed": waiting, "checkpoints": checkpoints})
        count, last_hash, place = 0, START, 0
        while links := list(
            AuditLink.objects.filter(agency_id=agency_id, sequence__gt=place).order_by("sequence")[:BATCH]
        ):
            rows = AuditRow.objects.in_bulk([link.row_id for link in links])
            for link in links:
                row = rows.get(link.row_id)
                _line(
                    out,
                    {
                        "sequence": link.sequence,
                        "row_id": str(link.row_id),
                        "previous_hash": link.previous_hash,
                        "hash": link.hash,
                        "row": export_row(row) if row else None,
                    },
                )
            count, last_hash, place = count + len(links), links[-1].hash, links[-1].sequence
        _line(out, {"end": True, "rows": count, "last_hash": last_hash})
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    return ExportSummary(path, agency_id, count, waiting, last_hash)


def _line(out, document: dict) -> None:
    out.write(json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n")


def _instant(moment) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
