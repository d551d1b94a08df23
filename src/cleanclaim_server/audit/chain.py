"""How a row is hashed and bound to the rows before it. Pure: the offline verifier runs this too.

Version 1: SHA-256 over a JSON array, UTF-8, no spaces, object keys sorted, in this order: the version
tag, agency, sequence, previous hash, then every column of the row as named in `COLUMNS`. Ids are
lower-case UUIDs, instants are UTC with microseconds, an absent value is null. The first row of a
chain has sixty-four zeros before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

VERSION = "cleanclaim.audit.1"
START = "0" * 64
COLUMNS = (
    "id", "agency_id", "practice_id", "occurred_at", "actor_id", "actor_kind", "actor_label", "action",
    "subject_type", "subject_id", "detail", "request_id",
)  # fmt: skip


def link_hash(row: Mapping[str, Any], *, agency_id: str, sequence: int, previous_hash: str) -> str:
    """Return the hash (64 hex digits) of a row at its place in the chain.

    Args:
        row: The columns as `export_row` writes them.
        agency_id: Whose chain.
        sequence: Place in the chain, from 1.
        previous_hash: The hash of the place before, or START.

    Raises:
        KeyError: A column is missing.
    """
    parts = [VERSION, agency_id, sequence, previous_hash, *(row[column] for column in COLUMNS)]
    text = json.dumps(parts, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def export_row(row: Any) -> dict[str, Any]:
    """Return an audit row's columns as JSON values, in the form that is hashed."""
    values = {column: getattr(row, column) for column in COLUMNS}
    for column in ("id", "agency_id", "practice_id", "actor_id", "request_id"):
        values[column] = str(values[column]) if values[column] is not None else None
    values["occurred_at"] = row.occurred_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return values
