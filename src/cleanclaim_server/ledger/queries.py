"""Reads of the books: balances, entries as values, and the proof that the promises hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet, Sum

from cleanclaim.findings import Finding
from cleanclaim.ledger import Account, EntryKind, PostedRemittance, balances_hash, check_invariants, legs_of
from cleanclaim.ledger import Entry as EntryValue
from cleanclaim.ledger import Leg as LegValue
from cleanclaim_server.ledger.models import Balance, Entry, Leg
from cleanclaim_server.work.bulk import chunks

_LEG = (
    "entry_id", "account", "amount_cents", "claim_id", "claim_line_id", "encounter_id", "patient_id",
    "payer_id", "group", "reason", "source_position",
)  # fmt: skip


def claim_balances(practice_id: UUID, claim_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """Cents by claim and account, from the cached balances. Claims without entries are left out."""
    found: dict[UUID, dict[str, int]] = {}
    rows = Balance.objects.filter(practice_id=practice_id, claim_id__among=set(claim_ids))
    for claim_id, account, cents in rows.values_list("claim_id", "account", "amount_cents"):
        found.setdefault(claim_id, {})[account] = cents
    return found


def patient_balances(practice_id: UUID, patient_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What patients owe, in cents; negative is owed to them. Patients without entries are left out."""
    rows = Leg.objects.filter(
        practice_id=practice_id,
        account=Account.PATIENT_RECEIVABLE.value,
        patient_id__among=set(patient_ids),
    )
    return dict(rows.values_list("patient_id").annotate(cents=Sum("amount_cents")))


def trial_balance(practice_id: UUID) -> dict[str, int]:
    """Cents by account, debits positive; accounts at zero are left out."""
    rows = (
        Leg.objects.filter(practice_id=practice_id).values_list("account").annotate(cents=Sum("amount_cents"))
    )
    return {account: cents for account, cents in sorted(rows) if cents}


def entry_values(practice_id: UUID, entries: QuerySet[Entry] | None = None) -> list[EntryValue]:
    """Entries as the core knows them, in the order in which they were learned.

    Args:
        entries: Which ones; all of the practice when left out.
    """
    some = entries is not None
    rows: list[Entry] = list(
        (Entry.objects.all() if entries is None else entries)
        .filter(practice_id=practice_id)
        .order_by("learned_at", "id")
    )
    legs: dict[UUID, list[LegValue]] = {}
    queries: Sequence[QuerySet] = [Leg.objects.filter(practice_id=practice_id)]
    if some:
        queries = [queries[0].filter(entry_id__in=part) for part in chunks([row.id for row in rows])]
    for query in queries:
        for row in query.order_by("entry_id", "number").values_list(*_LEG):
            legs.setdefault(row[0], []).append(
                LegValue(Account(row[1]), row[2], *(_text(key) for key in row[3:8]), *row[8:])
            )
    return [
        EntryValue(
            str(row.id),
            str(practice_id),
            EntryKind(row.kind),
            row.happened_on,
            row.learned_at,
            row.idempotency_key,
            row.input_hash,
            tuple(legs.get(row.id, ())),
            row.source_hash,
            row.source_transaction,
            row.source_position,
            _text(row.remittance_id),
            _text(row.actor_id),
            row.reason,
            _text(row.reverses_id),
            row.belongs_on,
        )
        for row in rows
    ]


def _text(key: UUID | None) -> str | None:
    return str(key) if key else None


def ledger_hash(practice_id: UUID) -> str:
    """Hash of all balances of a practice: equal balances, equal hash (64 hex digits)."""
    return balances_hash(legs_of(entry_values(practice_id)))


def verify_ledger(practice_id: UUID, *, remittances: Sequence[PostedRemittance] = ()) -> list[Finding]:
    """Check the promises that entries and payments alone can tell of, for one practice; empty when all hold.

    L1 to L8, L11 and L12 (as `l4_cache_differs`). `reporting.promises` adds what needs other records.

    Args:
        remittances: What was posted, for L5 to L7: `remittances.queries.posted_remittances`.
    """
    cached = {
        (str(claim_id), Account(account)): cents
        for claim_id, account, cents in Balance.objects.filter(practice_id=practice_id).values_list(
            "claim_id", "account", "amount_cents"
        )
    }
    return check_invariants(entry_values(practice_id), remittances=remittances, cached=cached)
