"""Lines that are no insurance money, and payments that need no deposit here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cleanclaim_server.audit.recording import AuditEvent, record, record_many
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
from cleanclaim_server.tenancy.bulk import create_rows


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
    return write_asides([NewAside(one, left, reason, why)], by=by, now=now)[0]


@dataclass(frozen=True)
class NewAside:
    """What is left of a line or a payment, as it was read under the lock."""

    one: Line | Remittance
    cents: int
    reason: str
    why: str


def write_asides(wanted: Sequence[NewAside], *, by: Decider = MACHINE, now: datetime) -> list[SetAside]:
    """Write settings aside that were decided under `lock_desk`; two statements for any number."""
    made = []
    for item in wanted:
        is_line = isinstance(item.one, Line)
        made.append(
            SetAside(
                practice_id=item.one.practice_id,
                reason=item.reason,
                why=item.why.strip()[:200] or AsideReason(item.reason).label,
                line=item.one if is_line else None,
                remittance=None if is_line else item.one,
                amount_cents=item.cents,
                made_at=now,
                made_by=by.id,
                made_by_name=by.name[:80],
            )
        )
    create_rows(SetAside, made)
    record_many(
        AuditEvent(
            "bank.set_aside", "bank_line" if row.line_id else "remittance", row.line_id or row.remittance_id,
            practice_id=row.practice_id, actor=by.id or "system:bank",
            detail={"reason": str(row.reason), "cents": row.amount_cents},
        )
        for row in made
    )  # fmt: skip
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
