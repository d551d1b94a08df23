"""Correcting by adding: the exact opposite of an entry, linked to it."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from cleanclaim.ledger.entries import Entry, EntryKind, LedgerError, Source, make_entry


def reverse_entry(
    entry: Entry,
    *,
    happened_on: date,
    learned_at: datetime,
    actor: str | None = None,
    reason: str = "",
    idempotency_key: str = "",
    id: str = "",
) -> Entry:
    """The reversal of an entry: each leg turned, everything else the same, linked by `reverses`.

    Args:
        happened_on: An open accounting day: a closed period is never changed.
        actor: Who undoes; None when a document does.
        idempotency_key: The original's key with ``:reversal`` when left out, so that an entry is
            reversed once.

    Raises:
        LedgerError: The entry is itself a reversal: post what should hold as a new entry instead.
    """
    if entry.reverses is not None:
        raise LedgerError("a reversal is not reversed; add the entry that should hold")
    source = Source(
        entry.practice_id,
        happened_on,
        learned_at,
        entry.source_file_hash,
        entry.source_transaction,
        entry.source_position,
        actor,
        reason,
        entry.remittance_id,
    )
    legs = [msgspec.structs.replace(leg, amount_cents=-leg.amount_cents) for leg in entry.legs]
    key = idempotency_key or f"{entry.idempotency_key}:reversal"
    return make_entry(EntryKind.REVERSAL, legs, source, key, id=id, reverses=entry.id)
