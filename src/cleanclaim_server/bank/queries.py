"""Reads of the bank: what is open on either side, and totals that tie out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from cleanclaim_server.bank.models import BankAccount, BankFile, Line, SetAside, Tie, TiePart
from cleanclaim_server.remittances.models import Remittance, RemittanceState
from cleanclaim_server.tenancy.bulk import chunks
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

EXPECTING = (
    RemittanceState.POSTED,
    RemittanceState.READY,
    RemittanceState.HELD,
    RemittanceState.UNDONE,
)
"""Remittances whose money should come. A duplicate, or a contradiction of a posted one, announces none."""
STANDING = {RemittanceState.POSTED: 0, RemittanceState.READY: 1, RemittanceState.HELD: 2}


def standing_parts() -> QuerySet[TiePart]:
    """Parts of ties that hold."""
    return TiePart.objects.filter(tie__undone__isnull=True)


def standing_asides() -> QuerySet[SetAside]:
    """Settings aside that hold."""
    return SetAside.objects.filter(undone__isnull=True)


def _sum(rows: QuerySet, side: str) -> Coalesce:
    mine = rows.filter(**{side: OuterRef("pk"), "practice_id": OuterRef("practice_id")})
    total = mine.order_by().values(side).annotate(total=Sum("amount_cents")).values("total")
    return Coalesce(Subquery(total), Value(0))


def with_open(lines: QuerySet[Line]) -> QuerySet[Line]:
    """Lines with `tied_cents`, `aside_cents` and `open_cents`; the three add up to the amount."""
    return lines.annotate(
        tied_cents=_sum(standing_parts(), "line"), aside_cents=_sum(standing_asides(), "line")
    ).annotate(open_cents=F("amount_cents") - F("tied_cents") - F("aside_cents"))


def payments_with_open(rows: QuerySet[Remittance]) -> QuerySet[Remittance]:
    """Remittances with `tied_cents`, `aside_cents` and `open_cents`: what of the payment has no bank line."""
    return rows.annotate(
        tied_cents=_sum(standing_parts(), "remittance"), aside_cents=_sum(standing_asides(), "remittance")
    ).annotate(open_cents=F("paid_cents") - F("tied_cents") - F("aside_cents"))


def open_payments(practice_ids: Iterable[UUID], *, since: date | None = None) -> list[Remittance]:
    """Payments of which some money has no bank line, each payment once, oldest first.

    A payment that is on file twice (held, and sent again) is expected once: as it is posted, else ready, else
    held.

    Args:
        since: Only payments of that day or later.
    """
    mine = Remittance.objects.filter(
        practice_id__in=list(practice_ids), state__in=EXPECTING, paid_cents__gt=0, part=0
    )
    rows = payments_with_open(mine.select_related("payer", "inbox").defer("inbox__content"))
    rows = rows.filter(open_cents__gt=0)
    if since is not None:
        rows = rows.filter(Q(paid_on__gte=since) | Q(paid_on__isnull=True))
    left = list(rows)
    first = _first_of_equals(mine, {row.trace_number for row in left} - {""})
    return sorted(
        (row for row in left if first.get(_identity(row), row.pk) == row.pk),
        key=lambda row: (announced_on(row), str(row.pk)),
    )


def _first_of_equals(rows: QuerySet[Remittance], numbers: set[str]) -> dict[tuple, UUID]:
    """Of payments on file more than once, the one that its money belongs to."""
    rank = Case(
        When(tied_cents__gt=0, then=Value(-1)),
        *(When(state=state, then=Value(place)) for state, place in STANDING.items()),
        default=Value(9),
        output_field=IntegerField(),
    )
    found: dict[tuple, UUID] = {}
    for part in chunks(sorted(numbers)):
        same = payments_with_open(rows.filter(trace_number__in=part)).annotate(rank=rank)
        for row in same.only(
            "practice_id", "trace_number", "trace_payer_id", "paid_cents", "paid_on", "received_at"
        ).order_by("rank", "-received_at", "id"):
            found.setdefault(_identity(row), row.pk)
    return found


def _identity(row: Remittance) -> tuple:
    number = row.trace_number.strip().upper()
    if not number:
        return (row.practice_id, row.pk)
    return (row.practice_id, number, row.trace_payer_id.strip().upper(), row.paid_cents, row.paid_on)


def announced_on(row: Remittance) -> date:
    """The day of the payment; when it names none, the day on which we heard of it."""
    return row.paid_on or row.received_at.date()


@dataclass(frozen=True)
class Totals:
    """An account's lines in cents. `lines` is what the bank said; the others are added up on their own."""

    lines: int
    credits: int
    debits: int
    tied: int
    aside: int
    open: int
    count: int
    open_count: int
    first_on: date | None
    last_on: date | None

    @property
    def difference(self) -> int:
        """0, or rows were lost."""
        return self.lines - self.tied - self.aside - self.open


def account_totals(account_ids: Iterable[UUID]) -> dict[UUID, Totals]:
    """Totals of each account, in four queries for any number of them."""
    ids = list(account_ids)
    lines = Line.objects.filter(account_id__in=ids).order_by()
    said = {
        row["account_id"]: row
        for row in lines.values("account_id").annotate(
            cents=Sum("amount_cents"),
            credits=Sum("amount_cents", filter=Q(amount_cents__gt=0)),
            debits=Sum("amount_cents", filter=Q(amount_cents__lt=0)),
            n=Count("id"),
            first=Min("booked_on"),
            last=Max("booked_on"),
        )
    }
    tied = dict(
        standing_parts()
        .filter(line__account_id__in=ids)
        .order_by()
        .values_list("line__account_id")
        .annotate(c=Sum("amount_cents"))
    )
    aside = dict(
        standing_asides()
        .filter(line__account_id__in=ids)
        .order_by()
        .values_list("line__account_id")
        .annotate(c=Sum("amount_cents"))
    )
    left: dict[UUID, list[int]] = {}
    for key, cents in with_open(lines).exclude(open_cents=0).values_list("account_id", "open_cents"):
        left.setdefault(key, []).append(cents)
    found = {}
    for key in ids:
        row = said.get(key, {})
        found[key] = Totals(
            row.get("cents") or 0, row.get("credits") or 0, row.get("debits") or 0, tied.get(key, 0),
            aside.get(key, 0), sum(left.get(key, ())), row.get("n") or 0, len(left.get(key, ())),
            row.get("first"), row.get("last"),
        )  # fmt: skip
    return found


def accounts(tenant: TenantContext | None) -> list[BankAccount]:
    """Accounts in reach, those in use first."""
    rows = visible(BankAccount.objects.select_related("practice"), tenant)
    return list(rows.order_by("-is_active", "practice__code", "name", "id"))


def lines_of(tenant: TenantContext | None, state: str = "", account_id: UUID | None = None) -> QuerySet[Line]:
    """Lines in reach with what is open of them.

    Args:
        state: `open`, `tied`, `aside`, or empty for all.
    """
    rows = with_open(visible(Line.objects.select_related("account", "practice"), tenant))
    if account_id:
        rows = rows.filter(account_id=account_id)
    if state == "open":
        rows = rows.exclude(open_cents=0)
    elif state == "tied":
        rows = rows.filter(open_cents=0, tied_cents__gt=0)
    elif state == "aside":
        rows = rows.filter(open_cents=0, tied_cents=0)
    return rows


def ties_of(*, line_id: UUID | None = None, remittance_id: UUID | None = None) -> list[Tie]:
    """Every tie that ever named a line or a payment, newest first, with its parts and its opposite."""
    rows = Tie.objects.prefetch_related("parts__line__account", "parts__remittance", "undone")
    rows = rows.filter(parts__line_id=line_id) if line_id else rows.filter(parts__remittance_id=remittance_id)
    return list(rows.distinct().order_by("-made_at", "-id"))


def bank_files(tenant: TenantContext | None, most: int = 20) -> list[BankFile]:
    """The newest files of accounts in reach."""
    rows = visible(BankFile.objects.select_related("account", "file", "practice"), tenant)
    return list(rows.defer("file__content").order_by("-taken_at", "-id")[:most])


@dataclass(frozen=True)
class Deposit:
    """A payment's money at the bank."""

    line_id: UUID
    account: str
    booked_on: date
    amount_cents: int
    line_cents: int


def deposits_of(remittance_ids: Iterable[UUID]) -> dict[UUID, list[Deposit]]:
    """Where the money of payments was seen, by payment; payments without a line are left out."""
    found: dict[UUID, list[Deposit]] = {}
    rows = standing_parts().filter(remittance_id__in=list(remittance_ids)).select_related("line__account")
    for part in rows.order_by("line__booked_on", "id"):
        line = part.line
        found.setdefault(part.remittance_id, []).append(
            Deposit(line.pk, str(line.account), line.booked_on, part.amount_cents, line.amount_cents)
        )
    return found


def covered_until(practice_id: UUID) -> date | None:
    """The last day that every account in use has been told of; None when one has told nothing."""
    last = (
        BankAccount.objects.filter(practice_id=practice_id, is_active=True)
        .annotate(last=Max("files__last_on"))
        .values_list("last", flat=True)
    )
    days = list(last)
    return min(days) if days and None not in days else None


def first_told(practice_id: UUID) -> date | None:
    """The first day of which the bank has told; None while no file was taken."""
    return BankFile.objects.filter(practice_id=practice_id).aggregate(first=Min("first_on"))["first"]
