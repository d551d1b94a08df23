"""One run of matching: what is open goes to the core, what it proves is booked, the rest is proposed.

A run repeats nothing that a person took back: what would be tied again is only proposed. The core is told
the last day of which the bank has spoken, not today: a deposit is not missing while no statement could show
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min

from cleanclaim.bank import (
    BankLine,
    ExceptionKind,
    ExpectedPayment,
    LineKind,
    MatchSettings,
    Reconciliation,
    match_deposits,
)
from cleanclaim_server.bank.actions import NewAside, NewTie, lock_desk, write_asides, write_ties
from cleanclaim_server.bank.models import BankAccount, Line, Proposal, SetAsideUndo, TiePart
from cleanclaim_server.bank.queries import announced_on, open_payments, standing_parts, with_open
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.banking.alarms import refresh_alarms
from cleanclaim_server.cycle.banking.policy import policy_of
from cleanclaim_server.cycle.posting import today_of
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.tenancy.bulk import create_rows
from cleanclaim_server.tenancy.models import new_id

EARLIER_DAYS = 120
"""How far back a doubled or returned deposit is recognised."""
BEFORE_FIRST_DAYS = 45
"""How old a payment may be at the first statement and still be looked for by its number."""
MACHINE_REASONS = {LineKind.INTEREST: "fee", LineKind.FEE: "fee", LineKind.CARD: "card"}


@dataclass
class RunOutcome:
    """What a run did."""

    tied: int = 0
    tied_cents: int = 0
    set_aside: int = 0
    proposed: int = 0
    alone: int = 0
    opened: int = 0
    exceptions: list = field(default_factory=list)


@dataclass(frozen=True)
class Pool:
    """Accounts that the same payments could reach."""

    account_ids: tuple[UUID, ...]
    payees: frozenset[str]
    """NPIs; empty for all that no other pool names."""
    first_on: date
    last_on: date


def pools_of(practice_id: UUID) -> list[Pool]:
    """Accounts in use that have told something: each that names payees alone, the others together."""
    rows = BankAccount.objects.filter(practice_id=practice_id, is_active=True).order_by("id")
    told = rows.annotate(first=Min("files__first_on"), last=Max("files__last_on")).exclude(last=None)
    found, others = [], []
    for account in told:
        if account.payees:
            found.append(Pool((account.pk,), frozenset(account.payees), account.first, account.last))
        else:
            others.append(account)
    if others:
        ids = tuple(account.pk for account in others)
        found.append(
            Pool(ids, frozenset(), min(one.first for one in others), min(one.last for one in others))
        )
    return found


@transaction.atomic
def run_matching(practice_id: UUID, *, now: datetime, today: date) -> RunOutcome:
    """Match what is open at one practice, book what is proved, propose the rest, refresh the alarms.

    Runs in a context over the practice. Without an account that has told anything it only refreshes alarms.
    """
    practice = Practice.objects.get(pk=practice_id)
    outcome = RunOutcome()
    pools = pools_of(practice_id)
    if pools:
        lock_desk(practice_id)
        payees = BankAccount.objects.filter(practice_id=practice_id, is_active=True).values_list(
            "payees", flat=True
        )
        named = frozenset(npi for mine in payees for npi in mine)
        names = list(Payer.objects.filter(agency_id=practice.agency_id).values_list("name", flat=True))
        Proposal.objects.filter(practice_id=practice_id).delete()
        for pool in pools:
            _run_pool(practice, pool, named, names, outcome, now, today)
    outcome.opened = refresh_alarms(practice, now=now, today=today)
    return outcome


def may_lie_at_the_bank(practice_id: UUID, came: Iterable[Remittance]) -> bool:
    """Whether an open credit could be one of these payments: booked near it, or with its number.

    A run costs a look at all that is open; most payments come before their money, and need none.
    """
    payments = list(came)
    if not payments or not BankAccount.objects.filter(practice_id=practice_id, is_active=True).exists():
        return False
    since = min(announced_on(row) for row in payments) - timedelta(days=MatchSettings().days_before)
    numbers = {row.trace_number.strip().upper().lstrip("0") for row in payments} - {""}
    lines = with_open(Line.objects.filter(practice_id=practice_id, amount_cents__gt=0))
    for booked_on, traces, check in (
        lines.exclude(open_cents=0).order_by().values_list("booked_on", "traces", "check_number")
    ):
        if booked_on >= since or numbers & {one.upper().lstrip("0") for one in (*traces, check)}:
            return True
    return False


def look_for_money(practice: Practice, came: Iterable[Remittance], *, now: datetime) -> RunOutcome | None:
    """After payments came: match what is open, when one of them may lie at the bank; None when none may."""
    if not may_lie_at_the_bank(practice.pk, came):
        return None
    return run_matching(practice.pk, now=now, today=today_of(practice, now))


def look_at_banks(agency_id: UUID, *, now: datetime) -> int:
    """Run every practice of an agency, since what was awaited becomes late; returns alarms opened."""
    practices = Practice.objects.filter(agency_id=agency_id).select_related("agency").order_by("id")
    return sum(
        run_matching(practice.pk, now=now, today=today_of(practice, now)).opened for practice in practices
    )


def _run_pool(
    practice: Practice,
    pool: Pool,
    named: frozenset[str],
    names: list[str],
    outcome: RunOutcome,
    now: datetime,
    today: date,
) -> None:
    lines = list(
        with_open(Line.objects.filter(account_id__in=pool.account_ids, practice_id=practice.pk))
        .exclude(open_cents=0)
        .select_related("account")
        .order_by("booked_on", "id")
    )
    payments = [
        row
        for row in open_payments([practice.pk], since=pool.first_on - timedelta(days=BEFORE_FIRST_DAYS))
        if _reaches(row, pool, named)
    ]
    answer = match_deposits(
        [core_line(line) for line in lines],
        [core_payment(row) for row in payments],
        today=min(today, pool.last_on),
        payer_names=[*names, *{row.payer_name for row in payments}],
        earlier=_earlier(practice.pk, pool),
        settings=policy_of(practice).matching(),
    )
    _apply(
        practice.pk,
        answer,
        {str(line.pk): line for line in lines},
        {str(row.pk): row for row in payments},
        pool,
        outcome,
        now,
    )


def _reaches(row: Remittance, pool: Pool, named: frozenset[str]) -> bool:
    npi = row.inbox.payee_npi if row.inbox else ""
    return npi in pool.payees if pool.payees else npi not in named


def core_line(line: Line) -> BankLine:
    """A line as the core takes it: the amount is what is open of it, the key our id."""
    words = line.words or {}
    return BankLine(
        str(line.pk),
        line.booked_on,
        getattr(line, "open_cents", line.amount_cents),
        line.account.last_four,
        LineKind(line.kind),
        tuple(line.traces),
        line.check_number,
        words.get("bank_reference", ""),
        words.get("customer_reference", ""),
        words.get("text", ""),
        words.get("payer_name", ""),
        line.position,
    )


def core_payment(row: Remittance) -> ExpectedPayment:
    """A payment as the core takes it: the amount is what has no bank line."""
    return ExpectedPayment(
        str(row.pk),
        row.open_cents,
        announced_on(row),
        row.trace_number,
        row.method,
        row.trace_payer_id or (str(row.payer_id) if row.payer_id else ""),
        row.payer_name,
        str(row.practice_id),
    )


def _earlier(practice_id: UUID, pool: Pool) -> list[BankLine]:
    """Lines that were tied lately, by their numbers: a second deposit of the same number is none."""
    tied = standing_parts().filter(practice_id=practice_id).values("line_id")
    rows = Line.objects.filter(
        practice_id=practice_id,
        account_id__in=pool.account_ids,
        pk__in=tied,
        booked_on__gte=pool.last_on - timedelta(days=EARLIER_DAYS),
    )
    return [
        BankLine(str(key), on, cents, traces=tuple(traces), check_number=check)
        for key, on, cents, traces, check in rows.order_by("booked_on", "id").values_list(
            "id", "booked_on", "amount_cents", "traces", "check_number"
        )
    ]


def _apply(
    practice_id: UUID,
    answer: Reconciliation,
    lines: dict[str, Line],
    payments: dict[str, Remittance],
    pool: Pool,
    outcome: RunOutcome,
    now: datetime,
) -> None:
    refused = _pairs_undone(practice_id, [*map(UUID, lines)])
    kept = _asides_undone(practice_id, [*map(UUID, lines)])
    proposals: list[Proposal] = []
    proved: list[NewTie] = []
    asides: list[NewAside] = []
    for match in answer.matches:
        pairs = {(UUID(line), UUID(one)) for line in match.lines for one in match.payments}
        if match.is_certain and not pairs & refused:
            proved.append(
                NewTie(
                    [lines[key] for key in match.lines],
                    [payments[key] for key in match.payments],
                    match.kind.value,
                    match.why,
                )
            )
            outcome.tied += 1
            outcome.tied_cents += match.amount_cents
            continue
        why = match.why + (", but a person took this match back before" if pairs & refused else "")
        proposals += _rows(practice_id, match.kind, True, why, match.lines, match.payments, now)
        outcome.proposed += 1
    for one in answer.exceptions:
        if one.kind is ExceptionKind.AWAITED:
            continue
        line = lines.get(one.line)
        if one.kind is ExceptionKind.NOT_PAYER_MONEY and line is not None and line.pk not in kept:
            reason = MACHINE_REASONS.get(LineKind(line.kind), "spent" if line.amount_cents < 0 else "")
            if reason:
                asides.append(NewAside(line, line.open_cents, reason, one.why))
                outcome.set_aside += 1
                continue
        before = not one.line and announced_on(payments[one.payment]) < pool.first_on
        if before:
            continue  # it was announced before the first statement: its money may lie there
        own = one.payment or ""
        others = [key for key in one.candidates if key in payments]
        proposals += _rows(
            practice_id,
            one.kind,
            False,
            one.why,
            [one.line] if one.line else [],
            [*([own] if own else []), *others],
            now,
        )
        outcome.alone += 1
        outcome.exceptions.append(one)
    write_ties(practice_id, proved, now=now)
    write_asides(asides, now=now)
    create_rows(Proposal, proposals)


def _rows(
    practice_id: UUID,
    kind: str,
    is_match: bool,
    why: str,
    lines: Sequence[str],
    payments: Sequence[str],
    now: datetime,
) -> Iterable[Proposal]:
    """A row for each line and each payment of one thought; a line and a payment alone share a row."""
    group = new_id()

    def row(line: str = "", payment: str = "") -> Proposal:
        return Proposal(
            practice_id=practice_id,
            group=group,
            kind=str(kind),
            is_match=is_match,
            why=why[:200],
            line_id=UUID(line) if line else None,
            remittance_id=UUID(payment) if payment else None,
            made_at=now,
        )

    yield from (row(line=line) for line in lines)
    yield from (row(payment=payment) for payment in payments)


def _pairs_undone(practice_id: UUID, line_ids: list[UUID]) -> set[tuple[UUID, UUID]]:
    """Lines and payments that a person said are not the same money."""
    rows = TiePart.objects.filter(
        practice_id=practice_id, line_id__in=line_ids, tie__undone__made_by__isnull=False
    )
    return set(rows.values_list("line_id", "remittance_id"))


def _asides_undone(practice_id: UUID, line_ids: list[UUID]) -> set[UUID]:
    rows = SetAsideUndo.objects.filter(
        practice_id=practice_id, aside__line_id__in=line_ids, made_by__isnull=False
    )
    return set(rows.values_list("aside__line_id", flat=True))
