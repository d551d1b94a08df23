"""What people decide about the bank; after each decision the rest is looked at again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from cleanclaim_server.bank.actions import BankRefused, Decider, set_aside, tie, undo_aside, undo_tie
from cleanclaim_server.bank.models import Line, Proposal, SetAside, Tie
from cleanclaim_server.cycle.banking.running import RunOutcome, run_matching
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.statements.deposits import deposit_patients, undo_patient_deposit
from cleanclaim_server.statements.models import PatientDeposit


@transaction.atomic
def accept_proposals(
    practice_id: UUID, line_ids: Iterable[UUID], *, by: Decider, now: datetime, today: date
) -> tuple[int, int]:
    """Make what the machine proposes for these lines hold, as a person's decision with the machine's reason.

    Returns:
        How many matches were made, and their cents. Lines without a proposed match are left as they are.
    """
    made = cents = 0
    groups = Proposal.objects.filter(practice_id=practice_id, is_match=True, line_id__in=list(line_ids))
    for group in dict.fromkeys(groups.order_by("id").values_list("group", flat=True)):
        rows = list(Proposal.objects.filter(practice_id=practice_id, group=group))
        lines = [row.line_id for row in rows if row.line_id]
        payments = [row.remittance_id for row in rows if row.remittance_id]
        try:
            with transaction.atomic():
                one = tie(practice_id, lines, payments, kind=rows[0].kind, why=rows[0].why, by=by, now=now)
        except BankRefused:  # somebody was faster with a part of it
            continue
        made, cents = made + 1, cents + one.amount_cents
    run_matching(practice_id, now=now, today=today)
    return made, cents


@transaction.atomic
def match_by_hand(
    practice_id: UUID,
    line_ids: Iterable[UUID],
    remittance_ids: Iterable[UUID],
    *,
    why: str,
    by: Decider,
    now: datetime,
    today: date,
) -> Tie:
    """Say that lines and payments are the same money.

    Raises:
        BankRefused: See `bank.actions.tie`.
    """
    made = tie(practice_id, line_ids, remittance_ids, why=why, by=by, now=now)
    run_matching(practice_id, now=now, today=today)
    return made


@transaction.atomic
def count_patients(
    line: Line,
    payment_ids: Collection[UUID],
    *,
    fee_cents: int,
    why: str,
    by: Decider,
    now: datetime,
    today: date,
) -> PatientDeposit:
    """Say that a line, or a part of it, is these patient payments.

    Raises:
        BankRefused: See `statements.deposits.deposit_patients`.
    """
    made = deposit_patients(line, payment_ids, fee_cents=fee_cents, why=why, by=by, now=now)
    run_matching(line.practice_id, now=now, today=today)
    return made


@transaction.atomic
def put_aside(
    one: Line | Remittance, *, reason: str, why: str, by: Decider, now: datetime, today: date
) -> SetAside:
    """Say that what is left of a line is no insurance money, or of a payment that it needs no deposit.

    Raises:
        BankRefused: See `bank.actions.set_aside`.
    """
    made = set_aside(one, reason=reason, why=why, by=by, now=now)
    run_matching(one.practice_id, now=now, today=today)
    return made


@transaction.atomic
def take_back(one: Tie | SetAside, *, why: str, by: Decider, now: datetime, today: date) -> RunOutcome:
    """Take a match or a setting aside back by its opposite.

    Raises:
        BankRefused: No reason, or it was taken back before.
    """
    if isinstance(one, Tie):
        undo_tie(one, why=why, by=by, now=now, today=today)
    else:
        undo_aside(one, why=why, by=by, now=now)
        undo_patient_deposit(one, why=why, by=by, now=now, today=today)
    return run_matching(one.practice_id, now=now, today=today)
