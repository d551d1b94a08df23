"""Writing the books: legs first, entry last, cached balances in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from django.db import transaction

from cleanclaim.ledger import Entry as EntryValue
from cleanclaim.ledger import LedgerError
from cleanclaim_server.ledger.closing import into_open_month
from cleanclaim_server.ledger.models import Balance, Entry, Leg
from cleanclaim_server.tenancy.bulk import add_up, insert_columns, insert_rows
from cleanclaim_server.tenancy.models import new_ids


class KeyReused(LedgerError):
    """An idempotency key came again with other content: two different things claim to be one."""

    code = "ledger.key_reused"


def write_entries(practice_id: UUID, entries: Sequence[EntryValue], *, file=None) -> int:
    """Write entries of one practice, once each.

    An entry whose idempotency key is written already is left alone, so that a repeated act books
    nothing twice.

    Args:
        entries: Values of `cleanclaim.ledger`; `remittance_id` and `actor` are uuids as text.
        file: The `StoredFile` that they come from, if any.

    Returns:
        How many were new. An entry about a day in a closed month is booked in the open one; its
        `belongs_on` keeps the day.

    Raises:
        KeyReused: A key is known with other content.
        LedgerError: An entry belongs to another practice.
    """
    if any(UUID(entry.practice_id) != practice_id for entry in entries):
        raise LedgerError("an entry of another practice was offered to this ledger")
    with transaction.atomic():
        new = into_open_month(practice_id, _unknown(practice_id, entries))
        insert_columns(Leg, _legs(practice_id, new))
        insert_rows(Entry, [_entry(practice_id, entry, file) for entry in new])
        _raise_balances(practice_id, new)
    return len(new)


def _unknown(practice_id: UUID, entries: Sequence[EntryValue]) -> list[EntryValue]:
    known: dict[str, str] = {}
    keys = {entry.idempotency_key for entry in entries}
    rows = Entry.objects.filter(practice_id=practice_id, idempotency_key__among=keys)
    known.update(rows.values_list("idempotency_key", "input_hash"))
    new = []
    for entry in entries:
        before = known.get(entry.idempotency_key)
        if before is None:
            known[entry.idempotency_key] = entry.input_hash
            new.append(entry)
        elif before != entry.input_hash:
            raise KeyReused(f"an entry with the key of this {entry.kind} is in the books with other content")
    return new


def _entry(practice_id: UUID, entry: EntryValue, file) -> dict:
    return dict(
        id=UUID(entry.id),
        practice_id=practice_id,
        kind=entry.kind.value,
        happened_on=entry.happened_on,
        belongs_on=entry.belongs_on,
        learned_at=entry.learned_at,
        source_file_id=file.pk if file else None,
        source_hash=entry.source_file_hash,
        source_transaction=entry.source_transaction,
        source_position=entry.source_position,
        remittance_id=_uuid(entry.remittance_id),
        actor_id=_uuid(entry.actor),
        reason=entry.reason[:200],
        idempotency_key=entry.idempotency_key,
        input_hash=entry.input_hash,
        reverses_id=_uuid(entry.reverses),
    )


def _legs(practice_id: UUID, entries: Sequence[EntryValue]) -> dict[str, list]:
    """The legs of entries as columns: a large payment has tens of thousands, and a dict of each is dear."""
    numbers = [number for entry in entries for number in range(1, len(entry.legs) + 1)]
    legs = [leg for entry in entries for leg in entry.legs]
    return {
        "id": new_ids(len(legs)),
        "practice_id": [practice_id] * len(legs),
        "entry_id": [key for entry in entries for key in [UUID(entry.id)] * len(entry.legs)],
        "number": numbers,
        "account": [leg.account.value for leg in legs],
        "amount_cents": [leg.amount_cents for leg in legs],
        "claim_id": [_uuid(leg.claim_id) for leg in legs],
        "claim_line_id": [_uuid(leg.claim_line_id) for leg in legs],
        "encounter_id": [_uuid(leg.encounter_id) for leg in legs],
        "patient_id": [_uuid(leg.patient_id) for leg in legs],
        "payer_id": [_uuid(leg.payer_id) for leg in legs],
        "group": [leg.group for leg in legs],
        "reason": [leg.reason for leg in legs],
        "source_position": [leg.source_position for leg in legs],
    }


@lru_cache(maxsize=16_384)  # legs of one claim name the same few rows again and again
def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _raise_balances(practice_id: UUID, entries: Sequence[EntryValue]) -> None:
    moved: dict[tuple[str, str], int] = {}
    for entry in entries:
        for leg in entry.legs:
            if leg.claim_id:
                key = (leg.claim_id, leg.account.value)
                moved[key] = moved.get(key, 0) + leg.amount_cents
    # In one order for every writer, so that two postings never wait for each other in a ring.
    totals = sorted((claim, account, cents) for (claim, account), cents in moved.items() if cents)
    columns = {
        "id": new_ids(len(totals)),
        "practice_id": [practice_id] * len(totals),
        "claim_id": [_uuid(claim) for claim, _, _ in totals],
        "account": [account for _, account, _ in totals],
        "amount_cents": [cents for _, _, cents in totals],
    }
    add_up(Balance, columns, unique=("practice_id", "claim_id", "account"), total="amount_cents")
