"""Lines and payments that are the same money, and the ledger's word for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from cleanclaim.ledger import Entry as EntryValue
from cleanclaim.ledger import Source, bank_deposit_entry, reverse_entry
from cleanclaim_server.audit.recording import record
from cleanclaim_server.bank.actions.desk import MACHINE, PERSON, BankRefused, Decider, lock_desk
from cleanclaim_server.bank.models import Line, Tie, TiePart, TieUndo
from cleanclaim_server.bank.queries import payments_with_open, with_open
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.tenancy.bulk import create_rows
from cleanclaim_server.tenancy.models import new_id


def tie(
    practice_id: UUID,
    line_ids: Iterable[UUID],
    remittance_ids: Iterable[UUID],
    *,
    kind: str = PERSON,
    why: str,
    by: Decider = MACHINE,
    now: datetime,
) -> Tie:
    """Say that lines and payments are the same money, and move it from deposits on their way to cash.

    Both sides are used up oldest first. Where their sums differ, the smaller one is tied whole and the rest
    of the other stays open; only a person may do that, and says why.

    Raises:
        BankRefused: A side is empty, has nothing open left, is no credit, or the sums differ without
            a person.
    """
    lock_desk(practice_id)
    lines = list(
        with_open(Line.objects.filter(practice_id=practice_id, pk__in=set(line_ids))).order_by(
            "booked_on", "id"
        )
    )
    payments = list(
        payments_with_open(Remittance.objects.filter(practice_id=practice_id, pk__in=set(remittance_ids)))
        .select_related("payer")
        .order_by("paid_on", "id")
    )
    if not lines or not payments:
        raise BankRefused("bank.side_missing", "A match needs a bank line and a payment")
    if any(line.amount_cents < 0 for line in lines):
        raise BankRefused("bank.line_is_debit", "Money that left the account pays no remittance")
    gone = [one for one in (*lines, *payments) if one.open_cents <= 0]
    if gone:
        raise BankRefused("bank.taken", "Part of this was matched or set aside a moment ago; look again")
    left, right = (sum(one.open_cents for one in side) for side in (lines, payments))
    if left != right and (by.id is None or not why.strip()):
        raise BankRefused(
            "bank.sums_differ", "The two sides differ: say why they are the same money all the same"
        )
    made = Tie.objects.create(
        practice_id=practice_id,
        kind=kind,
        amount_cents=min(left, right),
        why=why.strip()[:200],
        made_at=now,
        made_by=by.id,
        made_by_name=by.name[:80],
    )
    parts = [
        TiePart(practice_id=practice_id, tie=made, line=line, remittance=payment, amount_cents=cents)
        for line, payment, cents in _allocate(lines, payments)
    ]
    create_rows(TiePart, parts)
    _book(practice_id, made, parts, by, now)
    record(
        "bank.tied",
        "bank_tie",
        made.pk,
        practice_id=practice_id,
        actor=by.id or "system:bank",
        kind=kind,
        cents=made.amount_cents,
        lines=len(lines),
        payments=len(payments),
        differs=left != right,
    )
    return made


def _allocate(
    lines: Sequence[Line], payments: Sequence[Remittance]
) -> Iterable[tuple[Line, Remittance, int]]:
    """Oldest against oldest, until one side is used up."""
    rows, place, wanted = iter(payments), None, 0
    for line in lines:
        left = line.open_cents
        while left:
            if not wanted:
                place = next(rows, None)
                if place is None:
                    return
                wanted = place.open_cents
            cents = min(left, wanted)
            yield line, place, cents
            left, wanted = left - cents, wanted - cents


def _key(tie_id: UUID, line_id: UUID) -> str:
    return f"bank:{tie_id}:{line_id}"


def _book(practice_id: UUID, made: Tie, parts: Sequence[TiePart], by: Decider, now: datetime) -> None:
    """One entry a line, on its day. It names no payment: an undone posting leaves the deposit where it is."""
    sums: dict[UUID, int] = {}
    for part in parts:
        sums[part.line_id] = sums.get(part.line_id, 0) + part.amount_cents
    lines = Line.objects.filter(pk__in=sums).select_related("file__file").defer("file__file__content")
    for line in lines.order_by("booked_on", "id"):
        source = Source(
            str(practice_id),
            line.booked_on,
            now,
            line.file.sha256,
            position=line.position,
            actor=str(by.id) if by.id else None,
            reason=made.why,
        )
        entry = bank_deposit_entry(
            source, idempotency_key=_key(made.pk, line.pk), amount_cents=sums[line.pk], id=str(new_id())
        )
        write_entries(practice_id, [entry], file=line.file.file)


def undo_tie(made: Tie, *, why: str, by: Decider, now: datetime, today: date) -> TieUndo:
    """Take a tie back: lines and payments are open again, and the ledger gets the opposite entries.

    Raises:
        BankRefused: No reason, or it was taken back before.
    """
    if not why.strip():
        raise BankRefused("bank.reason_missing", "Say why the match is taken back")
    lock_desk(made.practice_id)
    if TieUndo.objects.filter(tie=made, practice_id=made.practice_id).exists():
        raise BankRefused("bank.undone_before", "This match was taken back already")
    undone = TieUndo.objects.create(
        practice_id=made.practice_id,
        tie=made,
        why=why.strip()[:200],
        made_at=now,
        made_by=by.id,
        made_by_name=by.name[:80],
    )
    lines = set(TiePart.objects.filter(tie=made).values_list("line_id", flat=True))
    entries = Entry.objects.filter(
        practice_id=made.practice_id, idempotency_key__in=[_key(made.pk, line) for line in lines]
    )
    back: list[EntryValue] = [
        reverse_entry(
            entry, happened_on=today, learned_at=now, actor=str(by.id) if by.id else None, reason=undone.why,
            id=str(new_id()),
        )
        for entry in entry_values(made.practice_id, entries)
    ]  # fmt: skip
    write_entries(made.practice_id, back)
    record(
        "bank.untied", "bank_tie", made.pk, practice_id=made.practice_id, actor=by.id, cents=made.amount_cents
    )
    return undone
