"""The bank by month: what each account told, what of it is tied, set aside, open; and what was announced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from cleanclaim_server.bank.models import BankAccount, Line
from cleanclaim_server.bank.queries import standing_asides, standing_parts, with_open


@dataclass
class AccountMonth:
    """One account's lines booked in one month, in cents. The last three add up to the first two."""

    account: BankAccount
    month: date
    credits: int = 0
    debits: int = 0
    tied: int = 0
    aside: int = 0
    open: int = 0
    open_lines: int = field(default=0)

    @property
    def difference(self) -> int:
        """0, or rows were lost."""
        return self.credits + self.debits - self.tied - self.aside - self.open


def reconciliation(practice_ids: Iterable[UUID], first: date, last: date) -> list[AccountMonth]:
    """Each account and month with a line booked in the period, oldest first; five queries for any number."""
    accounts = {
        one.pk: one
        for one in BankAccount.objects.filter(practice_id__in=list(practice_ids)).select_related("practice")
    }
    found: dict[tuple[UUID, date], AccountMonth] = {}

    def at(account_id: UUID, month: date) -> AccountMonth:
        return found.setdefault((account_id, month), AccountMonth(accounts[account_id], month))

    lines = Line.objects.filter(account_id__in=accounts, booked_on__range=(first, last)).order_by()
    months = lines.annotate(month=TruncMonth("booked_on")).values_list("account_id", "month")
    for key, month, credits, debits in months.annotate(
        credits=Sum("amount_cents", filter=Q(amount_cents__gt=0)),
        debits=Sum("amount_cents", filter=Q(amount_cents__lt=0)),
    ):
        one = at(key, month)
        one.credits, one.debits = credits or 0, debits or 0
    for key, month, cents in _of_lines(standing_parts(), accounts, first, last):
        at(key, month).tied = cents
    for key, month, cents in _of_lines(standing_asides(), accounts, first, last):
        at(key, month).aside = cents
    for key, day, cents in (
        with_open(lines).exclude(open_cents=0).values_list("account_id", "booked_on", "open_cents")
    ):
        one = at(key, day.replace(day=1))
        one.open += cents
        one.open_lines += 1
    return sorted(
        found.values(), key=lambda one: (one.month, one.account.practice.code, one.account.last_four)
    )


def _of_lines(rows: QuerySet, accounts: Iterable[UUID], first: date, last: date) -> QuerySet:
    mine = rows.filter(line__account_id__in=list(accounts), line__booked_on__range=(first, last))
    months = mine.order_by().annotate(month=TruncMonth("line__booked_on"))
    return months.values_list("line__account_id", "month").annotate(cents=Sum("amount_cents"))
