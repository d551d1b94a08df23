"""Freezing a month of one practice: when it is over, in order, and with a reason for money that is open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Sum

from cleanclaim.ledger import first_of, last_of, next_month
from cleanclaim_server.audit.recording import record
from cleanclaim_server.cycle.closing.checks import OpenThing, open_things
from cleanclaim_server.ledger.closing import freeze, hold_books, periods_of
from cleanclaim_server.ledger.models import Balance, Entry, Leg, Period

LEAST_REASON = 5


class CloseRefused(ValueError):
    """A month was not closed; nothing was changed. `code` names why, the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Standing:
    """A practice and a month: closed, or what is open in it and why it cannot be closed now."""

    practice_id: UUID
    month: date
    period: Period | None
    things: tuple[OpenThing, ...]
    refusal: str
    """Why it cannot be closed now; empty when it can."""
    last_closed: date | None
    """First day of the last closed month."""

    @property
    def is_closed(self) -> bool:
        """Also a month before the first close: nothing is booked into it any more."""
        return self.last_closed is not None and self.month <= self.last_closed

    @property
    def needs_reason(self) -> bool:
        return any(one.needs_reason for one in self.things)

    @property
    def open_cents(self) -> int:
        return sum(one.cents for one in self.things if one.needs_reason)


def next_to_close(practice_id: UUID) -> date | None:
    """The first day of the month that is to be closed next; None when nothing is booked."""
    last = periods_of([practice_id])[:1]
    if last:
        return next_month(last[0].month)
    first = Entry.objects.filter(practice_id=practice_id).aggregate(on=Min("happened_on"))["on"]
    return first_of(first) if first else None


def standing_of(practice_ids: Collection[UUID], month: date, *, today: date) -> dict[UUID, Standing]:
    """How a month stands in each practice, in a number of queries that does not grow with them."""
    month = first_of(month)
    periods: dict[UUID, list[Period]] = {key: [] for key in practice_ids}
    for period in periods_of(practice_ids):
        periods[period.practice_id].append(period)
    things = open_things(practice_ids, last_of(month))
    found = {}
    for key in practice_ids:
        last = periods[key][0].month if periods[key] else None
        own = next((one for one in periods[key] if one.month == month), None)
        found[key] = Standing(key, month, own, tuple(things[key]), _refusal(month, last, today), last)
    return found


def _refusal(month: date, last: date | None, today: date) -> str:
    if last is not None and month <= last:
        return "It is closed."
    if today <= last_of(month):
        return f"{month:%B %Y} is not over."
    if last is not None and month != next_month(last):
        return f"Months close in order: {next_month(last):%B %Y} is next."
    return ""


def close_books(
    practice_id: UUID,
    month: date,
    *,
    now: datetime,
    today: date,
    actor_id: UUID,
    actor_name: str,
    reason: str = "",
) -> Period:
    """Close a month for ever: its books get a frozen hash, and the database refuses every later entry in it.

    The first close takes all months before with it.

    Args:
        reason: Needed when money of the month is not in its books (`Standing.needs_reason`).

    Raises:
        CloseRefused: The month is not over, not next, closed already, or its books do not add up; or
            money is open and no reason was given.
    """
    month = first_of(month)
    with transaction.atomic():
        hold_books(practice_id)
        standing = standing_of([practice_id], month, today=today)[practice_id]
        if standing.refusal:
            code = "close.closed_before" if standing.is_closed else "close.not_now"
            raise CloseRefused(code, standing.refusal)
        reason = " ".join(reason.split())[:300]
        if standing.needs_reason and len(reason) < LEAST_REASON:
            raise CloseRefused(
                "close.reason_missing", "Money of this month is not in its books: say why it closes anyway."
            )
        if differing := balances_that_differ(practice_id):
            raise CloseRefused(
                "close.books_broken",
                f"{differing} balances are not the sums of their entries. Stop posting and find the cause.",
            )
        left = [one.facts() for one in standing.things if one.count]
        period = freeze(
            practice_id,
            month,
            now=now,
            actor_id=actor_id,
            actor_name=actor_name,
            reason=reason,
            left_open=left,
        )
        record(
            "month.closed", "period", period.pk, practice_id=practice_id, actor=actor_id,
            month=month, entries=period.entries, hash=period.trial_balance_hash,
            open=sum(one["count"] for one in left),
        )  # fmt: skip
    return period


def balances_that_differ(practice_id: UUID) -> int:
    """How many balances do not follow from the legs: the whole ledger (L1) and each claim's cache (L12)."""
    legs = Leg.objects.filter(practice_id=practice_id).order_by()
    total = legs.aggregate(cents=Sum("amount_cents"))["cents"] or 0
    sums = legs.filter(claim_id__isnull=False).values_list("claim_id", "account")
    real = {
        (claim, account): cents for claim, account, cents in sums.annotate(c=Sum("amount_cents")) if cents
    }
    cached = {
        (claim, account): cents
        for claim, account, cents in Balance.objects.filter(practice_id=practice_id)
        .exclude(amount_cents=0)
        .values_list("claim_id", "account", "amount_cents")
    }
    return bool(total) + len(set(real.items()) ^ set(cached.items()))
