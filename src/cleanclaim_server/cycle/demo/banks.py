"""The bank of the demo agency: each week a statement comes for every practice, and the office looks at it.

Most lines carry the payment's number and are matched by themselves. The seed says which come otherwise:
several payments in one deposit, one payment in two, no number, another amount, no deposit at all, money
without a remittance, and money that is no payer's. What is older the office has settled; what is left over
in the last weeks is there to be looked at.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from cleanclaim_server.bank.actions import BankRefused, Decider, add_account, set_aside
from cleanclaim_server.bank.models import BankAccount, BankFile, Line, Proposal
from cleanclaim_server.bank.queries import announced_on, lines_of, open_payments, with_open
from cleanclaim_server.cycle.banking import accept_proposals, run_matching, take_bank_file
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.statements.deposits import (
    counted_cents,
    deposit_patients,
    not_at_the_bank,
    proposed,
)
from cleanclaim_server.statements.models import PatientPayment
from cleanclaim_server.tenancy.context import current_tenant

LEFT_OVER_DAYS = 40
"""Before that the office has settled what did not match by itself."""
PEOPLE_AFTER_DAYS = 10
KEEP_DAYS = 4
"""Slips and settlements of the last days are there to be counted."""
SHARES = (("missing", 0.02), ("merged", 0.10), ("split", 0.14), ("differs", 0.155), ("no_number", 0.20))
Row = tuple[date, int, str]


def bring_week(
    practice: Practice, *, seed: int, last: date, actor_id: UUID, now: datetime, today: date
) -> int:
    """Bring in one practice's statement of the week, and settle what has waited; returns the new lines.

    Args:
        last: The demo's last day.
    """
    account = _account(practice, seed, actor_id, now)
    payments = [row for row in open_payments([practice.pk]) if announced_on(row) < today - timedelta(days=1)]
    waiting = set(
        Proposal.objects.filter(practice=practice, remittance__isnull=False, line__isnull=True, is_match=True)
        .values_list("remittance_id", flat=True)
    )  # fmt: skip
    fresh = [row for row in payments if row.pk not in waiting and row.open_cents == row.paid_cents]
    rows = sorted(
        {
            *_deposits(practice, fresh, seed, last),
            *_daily(practice, seed, last, today),
            *_patients(practice, seed, last, today),
        }
    )
    rows = [row for row in rows if row[0] < today]
    if not rows:
        return 0
    done = take_bank_file(
        practice.agency_id, name=f"{practice.code}-{today.isoformat()}.csv", data=_csv(rows), now=now,
        today=today, practice_ids=[practice.pk], account=account, actor_id=actor_id,
    )  # fmt: skip
    _count(practice, actor_id, last, now, today)
    _settle(practice, actor_id, last, now, today)
    return done.lines_new


def _account(practice: Practice, seed: int, actor_id: UUID, now: datetime) -> BankAccount:
    known = BankAccount.objects.filter(practice=practice).first()
    if known is not None:
        return known
    end = f"{Random(f'{seed}|account|{practice.code}').randrange(10_000):04d}"
    return add_account(
        practice, name="Operating", last_four=end, by=Decider(actor_id, "Dana Whitlow"), now=now
    )


def _fate(practice: Practice, seed: int, row: Remittance, last: date) -> str:
    """How a payment's money comes, by its number alone, so that a second look finds the same."""
    dice = Random(f"{seed}|deposit|{practice.code}|{row.trace_number}").random()
    fate = next((name for name, share in SHARES if dice < share), "plain")
    recent = (last - announced_on(row)).days <= LEFT_OVER_DAYS
    return fate if recent or fate in ("merged", "split") else "plain"


def _deposits(practice: Practice, payments: list[Remittance], seed: int, last: date) -> Iterator[Row]:
    together: list[Remittance] = []
    for row in payments:
        on, fate = _business_day(announced_on(row), 1), _fate(practice, seed, row, last)
        words = f"HCCLAIMPMT {row.payer_name} TRN*1*{row.trace_number}*{row.trace_payer_id}"
        if row.method == "CHK":
            on, words = _business_day(announced_on(row), 4), f"CHECK {row.trace_number} DEPOSIT"
        if fate == "missing":
            continue
        if fate == "merged" and row.paid_cents > 100:
            together.append(row)
        elif fate == "split" and row.paid_cents > 5_000:
            part = row.paid_cents * 3 // 5
            yield on, part, words
            yield _business_day(on, 1), row.paid_cents - part, words
        elif fate == "differs" and row.paid_cents > 5_000:
            yield on, row.paid_cents - 1_250, words
        elif fate == "no_number":
            yield on, row.paid_cents, f"ACH CREDIT {row.payer_name}"
        else:
            yield on, row.paid_cents, words
    while len(together) > 1:
        pair, together = together[:2], together[2:]
        on = _business_day(max(announced_on(row) for row in pair), 2)
        yield on, sum(row.paid_cents for row in pair), "LOCKBOX DEPOSIT 2 ITEMS"
    for row in together:
        words = f"HCCLAIMPMT {row.payer_name} TRN*1*{row.trace_number}*{row.trace_payer_id}"
        yield _business_day(announced_on(row), 1), row.paid_cents, words


def _daily(practice: Practice, seed: int, last: date, today: date) -> Iterator[Row]:
    """What else the week brings: cards, rent, fees; lately a payer's money that nobody announced."""
    for back in range(7, 0, -1):
        day = today - timedelta(days=back)
        dice = Random(f"{seed}|day|{practice.code}|{day.toordinal()}")
        if day.weekday() >= 5:
            continue
        dice.randrange(4_000, 30_000, 500)  # keeps what follows as it was
        if day.day in (1, 2, 3) and day.weekday() == dice.choice((0, 2, 4)):
            yield day, -dice.randrange(180_000, 320_000, 10_000), "RENT OFFICE SUITE"
        if day.day in (27, 28, 29) and day.weekday() == 3:
            yield day, -1_500, "MONTHLY SERVICE CHARGE FEE"
        if (last - day).days <= LEFT_OVER_DAYS and dice.random() < 0.03:
            number = dice.randrange(10**8, 10**9)
            yield day, dice.randrange(8_000, 60_000), f"HCCLAIMPMT SAMPLE MUTUAL TRN*1*{number}*1999999999"
        if dice.random() < 0.04:
            yield day, dice.randrange(2_000, 9_000, 500), "MOBILE DEPOSIT"


def _patients(practice: Practice, seed: int, last: date, today: date) -> Iterator[Row]:
    """What patients paid, carried to the bank: cards settle day by day, cash and checks go as a slip.

    Of the last weeks a slip now and then stays in a drawer.
    """
    week = (today - timedelta(days=7), today)
    # The last weeks of the year are lived first: only what was told before this week counts.
    told = BankFile.objects.filter(practice=practice, last_on__lt=today).aggregate(last=Max("last_on"))[
        "last"
    ]
    rows = PatientPayment.objects.filter(
        practice=practice, undone_at__isnull=True, received_on__gte=week[0] - timedelta(days=7)
    )
    sums: dict[tuple[date, bool], int] = {}
    for on, method, cents in rows.values_list("received_on", "method", "amount_cents"):
        sums[on, method == "card"] = sums.get((on, method == "card"), 0) + cents
    for (on, is_card), cents in sorted(sums.items()):
        day = _business_day(on, 1 if is_card else 2)
        if told is not None and day <= told:
            continue  # that day is on an earlier statement
        lost = Random(f"{seed}|slip|{practice.code}|{on.toordinal()}").random() < 0.15
        if not week[0] <= day < week[1] or (lost and not is_card and (last - on).days <= LEFT_OVER_DAYS):
            continue
        yield day, cents, "BANKCARD MERCHANT SETTLE" if is_card else "MOBILE DEPOSIT"


def _count(practice: Practice, actor_id: UUID, last: date, now: datetime, today: date) -> None:
    """The office says of each slip and settlement which payments it is; the newest wait for somebody."""
    by = Decider(actor_id, "Dana Whitlow")
    waiting = not_at_the_bank([practice.pk])
    lines = Line.objects.filter(
        practice=practice, booked_on__gte=today - timedelta(days=14), amount_cents__gt=0
    )
    for line in with_open(lines.filter(booked_on__lte=last - timedelta(days=KEEP_DAYS))).order_by(
        "booked_on", "id"
    ):
        if (line.words or {}).get("text") not in ("BANKCARD MERCHANT SETTLE", "MOBILE DEPOSIT"):
            continue
        picked = proposed(line, waiting) if counted_cents(line) else None
        if picked is None:
            continue
        try:
            with transaction.atomic():
                deposit_patients(line, [UUID(key) for key in picked.keys], by=by, now=now)
        except BankRefused:
            continue
        waiting = [one for one in waiting if str(one.pk) not in picked.keys]


def _business_day(day: date, more: int) -> date:
    while more > 0 or day.weekday() >= 5:
        day += timedelta(days=1)
        more -= day.weekday() < 5
    return day


def _csv(rows: list[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("Posting Date", "Description", "Amount"))
    writer.writerows((day.isoformat(), words, _dollars(cents)) for day, cents, words in rows)
    return out.getvalue().encode()


def _dollars(cents: int) -> str:
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{part:02d}"


def _settle(practice: Practice, actor_id: UUID, last: date, now: datetime, today: date) -> None:
    """The office confirms what has waited, and sets small deposits aside as what patients paid."""
    by = Decider(actor_id, "Dana Whitlow")
    waits = today - timedelta(days=PEOPLE_AFTER_DAYS)
    keep = last - timedelta(days=LEFT_OVER_DAYS // 2)
    old = Line.objects.filter(practice=practice, booked_on__lte=min(waits, keep))
    proposed = Proposal.objects.filter(practice=practice, is_match=True, line__in=old)
    lines = list(proposed.order_by("id").values_list("line_id", flat=True))
    moved = 0
    for line in lines_of(current_tenant(), "open").filter(practice=practice, pk__in=old, amount_cents__gt=0):
        if (line.words or {}).get("text") == "MOBILE DEPOSIT":
            try:
                with transaction.atomic():
                    set_aside(line, reason="patient", why="Checks of patients", by=by, now=now)
                moved += 1
            except BankRefused:
                continue
    if lines:
        accept_proposals(practice.pk, lines, by=by, now=now, today=today)
    elif moved:
        run_matching(practice.pk, now=now, today=today)
