"""What should have come and did not, as work with dollars and a day; it closes by itself when it is solved.

Alarms are read from the proposals of the last run and from the remittances' own rhythm, so that refreshing
them twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Sum
from django.db.models.functions import Coalesce

from cleanclaim.bank import ExceptionKind, Feed, feeds
from cleanclaim.bank.alarms import NEVER_SEEN_DAYS, SILENT_FACTOR, SILENT_MIN_DAYS
from cleanclaim.bank.matching import business_days_after
from cleanclaim.money import money_text
from cleanclaim_server.bank.models import Line, Proposal
from cleanclaim_server.bank.queries import (
    announced_on,
    covered_until,
    first_told,
    payments_with_open,
    with_open,
)
from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.banking.policy import BankPolicy, policy_of
from cleanclaim_server.cycle.follow_up import UNANSWERED
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.statements.deposits import not_at_the_bank
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.models import Queue, WorkItem

RHYTHM_DAYS = 400
"""How far back the rhythm of a payer's remittances is read."""
DUE_KIND = "bank"


@dataclass
class Thought:
    """One group of proposals with what is open of its two sides."""

    kind: str
    is_match: bool
    why: str
    lines: list[Line] = field(default_factory=list)
    payments: list[Remittance] = field(default_factory=list)

    @property
    def line_cents(self) -> int:
        return sum(line.open_cents for line in self.lines)

    @property
    def payment_cents(self) -> int:
        return sum(row.open_cents for row in self.payments)


def thoughts_of(practice_id: UUID) -> list[Thought]:
    """The proposals of the last run, each with its lines and payments, in three queries."""
    rows = list(Proposal.objects.filter(practice_id=practice_id).order_by("id"))
    lines = Line.objects.filter(practice_id=practice_id, pk__in=[row.line_id for row in rows if row.line_id])
    by_line = {line.pk: line for line in with_open(lines).defer("words").select_related("account")}
    payments = payments_with_open(
        Remittance.objects.filter(pk__in=[row.remittance_id for row in rows if row.remittance_id])
    ).filter(practice_id=practice_id)
    by_payment = {row.pk: row for row in payments}
    found: dict[UUID, Thought] = {}
    for row in rows:
        one = found.setdefault(row.group, Thought(row.kind, row.is_match, row.why))
        if row.line_id in by_line:
            one.lines.append(by_line[row.line_id])
        if row.remittance_id in by_payment:
            one.payments.append(by_payment[row.remittance_id])
    return list(found.values())


def refresh_alarms(practice: Practice, *, now: datetime, today: date) -> int:
    """Open what is due, close what is solved.

    Returns:
        How many were opened.
    """
    policy = policy_of(practice)
    wanted: dict[UUID, NewItem] = {}
    for thought in thoughts_of(practice.pk):
        item = _item(thought, policy, today)
        if item is not None:
            wanted[item.subject_id] = item
    for item in (*_silent(practice, policy, today), *_patients(practice, policy, today)):
        wanted[item.subject_id] = item
    asked = WorkItem.objects.filter(practice=practice, queue=Queue.BANK, is_open=True)
    solved = [key for key in asked.values_list("subject_id", flat=True) if key not in wanted]
    close_items(practice.pk, Queue.BANK, solved, now=now, reason="Bank and remittances agree now")
    return open_items(practice.pk, wanted.values(), now=now, today=today)


def _item(one: Thought, policy: BankPolicy, today: date) -> NewItem | None:
    """The work that a thought makes; None while it only waits, or when its line has the work."""
    if not one.lines:
        missing = one.kind == ExceptionKind.MISSING_DEPOSIT and one.payments
        return _missing_deposit(one.payments[0], policy) if missing else None
    line = one.lines[0]
    money, since = money_text(one.line_cents), line.booked_on
    cents = abs(one.line_cents)
    if one.is_match:
        title = f"Confirm a deposit of {money}: {_said(one)}"
    elif one.kind == ExceptionKind.AMOUNT_DIFFERS:
        cents = abs(one.line_cents - one.payment_cents)
        title = f"The bank has {money}, the remittance says {money_text(one.payment_cents)}"
    elif one.kind == ExceptionKind.MISSING_REMITTANCE:
        since = business_days_after(line.booked_on, policy.remittance_due_business_days)
        title = f"A payer deposited {money}, and no remittance says what for"
    elif one.kind == ExceptionKind.DOUBLED_DEPOSIT:
        title = f"{money} came under a number that was deposited before"
    elif one.kind == ExceptionKind.RETURNED:
        title = f"The bank took {money_text(cents)} back"
    elif one.kind == ExceptionKind.AMBIGUOUS:
        title = f"Several payments could be the deposit of {money}"
    else:
        since = line.booked_on + timedelta(days=policy.unmatched_days)
        title = (
            f"Nothing explains {'a deposit' if cents == one.line_cents else 'a debit'} of {money_text(cents)}"
        )
    if today < since:
        return None
    detail = f"Account {line.account}, {line.booked_on.day} {line.booked_on:%b %Y}: {one.why}"
    return _new("bank_line", line.pk, title, detail, cents, since, policy)


def _said(one: Thought) -> str:
    if len(one.payments) == 1:
        parts = f"{len(one.lines)} lines for one payment" if len(one.lines) > 1 else "one payment"
        return f"it looks like {parts} of {one.payments[0].payer_name}"
    return f"it looks like {len(one.payments)} payments"


def _missing_deposit(row: Remittance, policy: BankPolicy) -> NewItem:
    day = announced_on(row)
    if row.method == "CHK":
        since = day + timedelta(days=policy.check_due_days)
    else:
        since = business_days_after(day, policy.deposit_due_business_days)
    number = "Check" if row.method == "CHK" else "EFT"
    part = "" if row.open_cents == row.paid_cents else f" of {money_text(row.paid_cents)}"
    title = f"{row.payer_name}: {money_text(row.open_cents)}{part} announced, no deposit came"
    detail = f"{number} {row.trace_number} of {day.day} {day:%b %Y}. Ask the payer to trace it."
    return _new("remittance", row.pk, title, detail, row.open_cents, since, policy)


def _new(
    kind: str, key: UUID, title: str, detail: str, cents: int, since: date, policy: BankPolicy
) -> NewItem:
    due = since + timedelta(days=policy.answer_days)
    return NewItem(
        Queue.BANK, kind, key, title, detail=detail, amount_cents=cents, due_on=due, due_kind=DUE_KIND
    )


def _patients(practice: Practice, policy: BankPolicy, today: date) -> Iterator[NewItem]:
    """Patient money that never reached the bank: one item a practice, with the oldest day.

    Only what a statement could have shown counts: the bank must have told of the day on which it was due.
    """
    first, until = first_told(practice.pk), covered_until(practice.pk)
    if first is None or until is None:
        return
    seen = min(today, until) - timedelta(days=policy.patient_due_days)
    late = [
        one for one in not_at_the_bank([practice.pk], since={practice.pk: first}) if one.received_on <= seen
    ]
    if late:
        cents, oldest = sum(one.amount_cents for one in late), late[0].received_on
        count = "1 patient payment" if len(late) == 1 else f"{len(late):,} patient payments"
        title = f"{count}, {money_text(cents)}, never reached the bank"
        detail = (
            f"The oldest was taken in on {oldest.day} {oldest:%b %Y}. Count the deposit slips and card "
            "settlements by payment, or find the money."
        )
        since = oldest + timedelta(days=policy.patient_due_days)
        yield _new("patient_money", practice.pk, title, detail, cents, since, policy)


# --- feeds ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PayerFeed:
    """Remittances of one payer to one practice, and the claims that wait for them."""

    payer: Payer
    feed: Feed
    waiting_cents: int
    oldest_sent_on: date | None

    @property
    def alarm_on(self) -> date | None:
        """The day from which its silence was too long, if it was ever due."""
        if self.feed.last_seen_on:
            usual = self.feed.usual_gap_days or SILENT_MIN_DAYS
            return self.feed.last_seen_on + timedelta(days=max(SILENT_MIN_DAYS, SILENT_FACTOR * usual))
        return self.oldest_sent_on + timedelta(days=NEVER_SEEN_DAYS) if self.oldest_sent_on else None


def payer_feeds(practice: Practice, *, today: date) -> list[PayerFeed]:
    """The last remittance of every payer of a practice, dead ones first."""
    here = str(practice.pk)
    seen = (
        Remittance.objects.filter(
            practice=practice, payer__isnull=False, received_at__date__gte=today - timedelta(days=RHYTHM_DAYS)
        )
        .order_by()
        .values_list("payer_id", "received_at__date")
        .distinct()
    )
    waits = {
        row["payer_id"]: row
        for row in Claim.objects.filter(
            practice=practice, payer_state__in=UNANSWERED, lifecycle=Lifecycle.SENT
        )
        .order_by()
        .values("payer_id")
        .annotate(
            n=Count("id"),
            cents=Sum(Coalesce("expected_cents", "total_charge_cents")),
            first=Min("first_sent_at"),
        )
    }
    oldest = {key: row["first"].date() for key, row in waits.items() if row["first"]}
    found = feeds(
        ((str(payer), here, day) for payer, day in seen),
        today=today,
        awaiting={(str(key), here): row["n"] for key, row in waits.items()},
        oldest_awaited={(str(key), here): day for key, day in oldest.items()},
    )
    payers = Payer.objects.in_bulk([UUID(one.payer_id) for one in found])
    return [
        PayerFeed(payers[key], one, waits.get(key, {}).get("cents") or 0, oldest.get(key))
        for one in found
        if (key := UUID(one.payer_id)) in payers
    ]


def _silent(practice: Practice, policy: BankPolicy, today: date) -> Iterator[NewItem]:
    for one in payer_feeds(practice, today=today):
        if not one.feed.is_dead or one.alarm_on is None:
            continue
        if one.feed.silent_days is None:
            title = f"No electronic remittance of {one.payer.name} was ever received"
        else:
            title = f"No remittance of {one.payer.name} for {one.feed.silent_days} days"
        detail = f"{one.feed.why}. Check the enrolment with the payer and the clearinghouse."
        yield _new(
            "payer",
            one.payer.pk,
            title,
            detail[0].upper() + detail[1:],
            one.waiting_cents,
            one.alarm_on,
            policy,
        )
