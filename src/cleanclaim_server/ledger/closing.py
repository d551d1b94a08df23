"""Closed months: whether a day may still be booked on, and what a month's books are, as a frozen value.

Sums are made by the database, so that a month of any size is closed in bounded memory; they equal
`cleanclaim.ledger.close_month` over the same entries, and a test holds that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max, Q, QuerySet, Sum

from cleanclaim.ledger import (
    Account,
    MonthClose,
    MonthEntry,
    TrialBalance,
    close_of,
    first_of,
    last_of,
    move_to_open,
    next_month,
)
from cleanclaim.ledger import Entry as EntryValue
from cleanclaim_server.ledger.models import Entry, Leg, Period
from cleanclaim_server.practice.models import Practice


def closed_through(practice_id: UUID) -> date | None:
    """The last day of the last closed month; None while nothing is closed."""
    return Period.objects.filter(practice_id=practice_id).aggregate(last=Max("closed_through"))["last"]


def last_closes(practice_ids: Iterable[UUID]) -> dict[UUID, date]:
    """The last closed day by practice; those that closed nothing are left out."""
    rows = Period.objects.filter(practice_id__in=list(practice_ids)).order_by()
    return dict(rows.values_list("practice_id").annotate(last=Max("closed_through")))


def share_books(practice_id: UUID) -> None:
    """Keep the books from being closed until this transaction ends; any number may share them.

    On SQLite writers follow each other anyway.
    """
    _lock("pg_advisory_xact_lock_shared", practice_id)


def hold_books(practice_id: UUID) -> None:
    """Wait for everybody who books, and let nobody book until this transaction ends: for a close."""
    _lock("pg_advisory_xact_lock", practice_id)


def _lock(function: str, practice_id: UUID) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(hashtextextended('books ' || %s, 0))", [str(practice_id)])


def into_open_month(practice_id: UUID, entries: Sequence[EntryValue]) -> list[EntryValue]:
    """Entries as they may be booked: what is about a closed month goes into the open one."""
    if not entries:
        return []
    share_books(practice_id)
    through = closed_through(practice_id)
    if through is None or all(entry.happened_on > through for entry in entries):
        return list(entries)
    zone = ZoneInfo(Practice.objects.values_list("agency__timezone", flat=True).get(pk=practice_id))
    return [
        move_to_open(entry, closed_through=through, today=entry.learned_at.astimezone(zone).date())
        for entry in entries
    ]


def month_close(practice_id: UUID, month: date) -> MonthClose:
    """What closing a month freezes, computed from the entries as they stand now.

    Args:
        month: Any day of it.
    """
    first, after = first_of(month), next_month(first_of(month))
    before = Entry.objects.filter(practice_id=practice_id, happened_on__lt=after)
    inside = before.filter(happened_on__gte=first)
    rows = inside.values_list(
        "id", "kind", "happened_on", "input_hash", "idempotency_key", "reverses_id", "belongs_on"
    )
    by_claim: dict[str, dict[Account, int]] = {}
    sums = _legs(practice_id, before).filter(claim_id__isnull=False).values_list("claim_id", "account")
    for claim_id, account, cents in sums.annotate(cents=Sum("amount_cents")).iterator():
        by_claim.setdefault(str(claim_id), {})[Account(account)] = cents
    return close_of(
        str(practice_id),
        first,
        (MonthEntry(str(key), kind, on, mark, once, str(back or ""), about)
         for key, kind, on, mark, once, back, about in rows.iterator()),
        _by_account(_legs(practice_id, inside)),
        _by_account(_legs(practice_id, before)),
        by_claim,
    )  # fmt: skip


def _legs(practice_id: UUID, entries: QuerySet[Entry]) -> QuerySet[Leg]:
    return Leg.objects.filter(practice_id=practice_id, entry_id__in=entries.values("pk")).order_by()


def _by_account(legs: QuerySet[Leg]) -> dict[Account, int]:
    sums = legs.values_list("account").annotate(cents=Sum("amount_cents"))
    return {Account(account): cents for account, cents in sorted(sums) if cents}


def period_hash(practice_id: UUID, month: date) -> str:
    """Hash of the trial balance at the end of a month, by account and by claim (64 hex digits)."""
    return month_close(practice_id, month).trial_balance_hash


def has_moved(period: Period) -> bool:
    """Whether a closed month is not what it was when it was closed (L10)."""
    now = month_close(period.practice_id, period.month)
    if now.trial_balance_hash != period.trial_balance_hash:
        return True
    return bool(period.entries_hash) and now.entries_hash != period.entries_hash


def periods_of(practice_ids: Iterable[UUID]) -> list[Period]:
    """Closed months, newest first."""
    rows = Period.objects.filter(practice_id__in=list(practice_ids)).select_related("practice")
    return list(rows.order_by("-month", "practice__code"))


def freeze(
    practice_id: UUID,
    month: date,
    *,
    now: datetime,
    actor_id: UUID | None,
    actor_name: str,
    reason: str = "",
    left_open: Sequence[dict] = (),
) -> Period:
    """Write the close of a month. The caller has decided that it may be closed; see `cycle.closing`.

    Waits until nobody books in this practice, and lets nobody book until the transaction ends, so that the
    hash holds every entry and no entry comes behind it.
    """
    hold_books(practice_id)
    found = month_close(practice_id, month)
    return Period.objects.create(
        practice_id=practice_id,
        month=found.month,
        closed_through=last_of(found.month),
        closed_at=now,
        closed_by=actor_id,
        closed_by_name=actor_name[:80],
        reason=reason[:300],
        left_open=list(left_open),
        entries=found.entries,
        movements={str(account): cents for account, cents in found.movements.items()},
        closing_balances={str(account): cents for account, cents in found.closing_balances.items()},
        entries_hash=found.entries_hash,
        trial_balance_hash=found.trial_balance_hash,
    )


def trial_balance_as_of(practice_id: UUID, on: date, *, known_at: datetime | None = None) -> TrialBalance:
    """Balances by account at the end of a day, as far as we knew at an instant.

    Its `document` has the same bytes for ever: entries are never changed, and what is learnt later is
    left out by its instant.
    """
    kept = Entry.objects.filter(practice_id=practice_id, happened_on__lte=on)
    if known_at is not None:
        known_at = known_at.astimezone(UTC)
        kept = kept.filter(learned_at__lte=known_at)
    return TrialBalance(on, known_at, _by_account(_legs(practice_id, kept)), kept.count())


def document_hash(report: TrialBalance) -> str:
    """SHA-256 of a report's bytes (64 hex digits): what a person compares next year."""
    return hashlib.sha256(report.document).hexdigest()


def corrections_of(practice_id: UUID, month: date, *, most: int = 200) -> list[Entry]:
    """Entries booked after a month that are about it, oldest first: reversals, and what came too late.

    Args:
        most: At most so many.
    """
    first, after = first_of(month), next_month(first_of(month))
    about = Q(reverses__happened_on__gte=first, reverses__happened_on__lt=after)
    about |= Q(belongs_on__gte=first, belongs_on__lt=after)
    rows = Entry.objects.filter(about, practice_id=practice_id, happened_on__gte=after)
    return list(rows.select_related("reverses").order_by("happened_on", "id")[:most])
