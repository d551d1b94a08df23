"""Lines that are no insurance money, and payments that need no deposit here."""

from __future__ import annotations

from datetime import datetime

from cleanclaim_server.audit.recording import record
from cleanclaim_server.bank.actions.desk import MACHINE, BankRefused, Decider, lock_desk
from cleanclaim_server.bank.models import (
    LINE_REASONS,
    PAYMENT_REASONS,
    AsideReason,
    Line,
    SetAside,
    SetAsideUndo,
)
from cleanclaim_server.bank.queries import payments_with_open, with_open
from cleanclaim_server.remittances.models import Remittance


def set_aside(
    one: Line | Remittance, *, reason: str, why: str, by: Decider = MACHINE, now: datetime
) -> SetAside:
    """Say that what is left of a line is no insurance money, or of a payment that it needs no deposit here.

    Nothing is booked: such money is none of a remittance's, and what it is stands elsewhere in the books.

    Raises:
        BankRefused: Nothing is left, the reason is none of that side's, or *something else* without words.
    """
    is_line = isinstance(one, Line)
    if reason not in (LINE_REASONS if is_line else PAYMENT_REASONS):
        raise BankRefused("bank.reason_unknown", "Choose what it is")
    if reason == AsideReason.OTHER and not why.strip():
        raise BankRefused("bank.reason_missing", "Say what it is")
    lock_desk(one.practice_id)
    left = _left_of(one)
    if not left:
        raise BankRefused("bank.taken", "Nothing of it is open: it was matched or set aside a moment ago")
    made = SetAside.objects.create(
        practice_id=one.practice_id,
        reason=reason,
        why=why.strip()[:200] or AsideReason(reason).label,
        line=one if is_line else None,
        remittance=None if is_line else one,
        amount_cents=left,
        made_at=now,
        made_by=by.id,
        made_by_name=by.name[:80],
    )
    record(
        "bank.set_aside",
        "bank_line" if is_line else "remittance",
        one.pk,
        practice_id=one.practice_id,
        actor=by.id or "system:bank",
        reason=str(reason),
        cents=left,
    )
    return made


def _left_of(one: Line | Remittance) -> int:
    if isinstance(one, Line):
        return with_open(Line.objects.filter(pk=one.pk)).values_list("open_cents", flat=True).get()
    return payments_with_open(Remittance.objects.filter(pk=one.pk)).values_list("open_cents", flat=True).get()


def undo_aside(made: SetAside, *, why: str, by: Decider, now: datetime) -> SetAsideUndo:
    """Take a setting aside back: the line or payment is open again.

    Raises:
        BankRefused: No reason, or it was taken back before.
    """
    if not why.strip():
        raise BankRefused("bank.reason_missing", "Say why it is taken back")
    lock_desk(made.practice_id)
    if SetAsideUndo.objects.filter(aside=made, practice_id=made.practice_id).exists():
        raise BankRefused("bank.undone_before", "This was taken back already")
    undone = SetAsideUndo.objects.create(
        practice_id=made.practice_id,
        aside=made,
        why=why.strip()[:200],
        made_at=now,
        made_by=by.id,
        made_by_name=by.name[:80],
    )
    record(
        "bank.aside_undone",
        "bank_set_aside",
        made.pk,
        practice_id=made.practice_id,
        actor=by.id,
        cents=made.amount_cents,
    )
    return undone
