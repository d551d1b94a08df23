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
from cleanclaim_server.tenancy.bulk import add_up, insert_rows
from cleanclaim_server.tenancy.models import new_id


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
        insert_rows(Leg, [row for entry in new for row in _legs(practice_id, entry)])
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


def _legs(practice_id: UUID, entry: EntryValue) -> list[dict]:
    entry_id = UUID(entry.id)
    return [
        dict(
            id=new_id(),
            practice_id=practice_id,
            entry_id=entry_id,
            number=number,
            account=leg.account.value,
            amount_cents=leg.amount_cents,
            claim_id=_uuid(leg.claim_id),
            claim_line_id=_uuid(leg.claim_line_id),
            encounter_id=_uuid(leg.encounter_id),
            patient_id=_uuid(leg.patient_id),
            payer_id=_uuid(leg.payer_id),
            group=leg.group,
            reason=leg.reason,
            source_position=leg.source_position,
        )
        for number, leg in enumerate(entry.legs, start=1)
    ]


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
    rows = [
        dict(id=new_id(), practice_id=practice_id, claim_id=UUID(claim), account=account, amount_cents=cents)
        for (claim, account), cents in sorted(moved.items())
        if cents
    ]
    add_up(Balance, rows, unique=("practice_id", "claim_id", "account"), total="amount_cents")
