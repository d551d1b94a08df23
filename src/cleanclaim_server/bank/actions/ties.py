"""Lines and payments that are the same money, and the ledger's word for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cleanclaim.ledger import Entry as EntryValue
from cleanclaim.ledger import Source, bank_deposit_entry, reverse_entry
from cleanclaim_server.audit.recording import AuditEvent, record, record_many
from cleanclaim_server.bank.actions.desk import MACHINE, PERSON, BankRefused, Decider, lock_desk
from cleanclaim_server.bank.models import BankFile, Line, Tie, TiePart, TieUndo
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
    return write_ties(practice_id, [NewTie(lines, payments, kind, why)], by=by, now=now)[0]


@dataclass(frozen=True)
class NewTie:
    """Lines and payments as they were read under the lock, with `open_cents`."""

    lines: Sequence[Line]
    payments: Sequence[Remittance]
    kind: str
    why: str

    @property
    def sums(self) -> tuple[int, int]:
        lines, payments = (sum(one.open_cents for one in side) for side in (self.lines, self.payments))
        return lines, payments


def write_ties(
    practice_id: UUID, wanted: Sequence[NewTie], *, by: Decider = MACHINE, now: datetime
) -> list[Tie]:
    """Write ties that were decided under `lock_desk`, with their entries; a few statements for any number.

    No line and no payment may stand in two of them.
    """
    made, parts = [], []
    for one in wanted:
        row = Tie(
            practice_id=practice_id,
            kind=one.kind,
            amount_cents=min(one.sums),
            why=one.why.strip()[:200],
            made_at=now,
            made_by=by.id,
            made_by_name=by.name[:80],
        )
        made.append(row)
        parts += [
            TiePart(practice_id=practice_id, tie=row, line=line, remittance=payment, amount_cents=cents)
            for line, payment, cents in _allocate(one.lines, one.payments)
        ]
    create_rows(Tie, made)
    create_rows(TiePart, parts)
    _book(practice_id, parts, by, now)
    record_many(
        AuditEvent(
            "bank.tied", "bank_tie", row.pk, practice_id=practice_id, actor=by.id or "system:bank",
            detail={
                "kind": one.kind, "cents": row.amount_cents, "lines": len(one.lines),
                "payments": len(one.payments), "differs": one.sums[0] != one.sums[1],
            },
        )
        for row, one in zip(made, wanted, strict=True)
    )  # fmt: skip
    return made


def _allocate(
    lines: Sequence[Line], payments: Sequence[Remittance]
) -> Iterable[tuple[Line, Remittance, int]]:
    """Oldest against oldest, until one side is used up."""
    rows, wanted = iter(payments), 0
    place: Remittance | None = None
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


def _book(practice_id: UUID, parts: Sequence[TiePart], by: Decider, now: datetime) -> None:
    """One entry a tie and line, on the line's day. It names no payment: an undone posting leaves the deposit
    where it is.
    """
    sums: dict[tuple[UUID, UUID], int] = {}
    whys: dict[UUID, str] = {}
    for part in parts:
        key = (part.tie_id, part.line_id)
        sums[key] = sums.get(key, 0) + part.amount_cents
        whys[part.tie_id] = part.tie.why
    lines = {part.line_id: part.line for part in parts}
    files = BankFile.objects.select_related("file").defer("file__content")
    told = files.in_bulk({line.file_id for line in lines.values()})
    entries: dict[UUID, list[EntryValue]] = {}
    for (tie_id, line_id), cents in sums.items():
        line = lines[line_id]
        source = Source(
            str(practice_id),
            line.booked_on,
            now,
            told[line.file_id].sha256,
            position=line.position,
            actor=str(by.id) if by.id else None,
            reason=whys[tie_id],
        )
        entries.setdefault(line.file_id, []).append(
            bank_deposit_entry(
                source, idempotency_key=_key(tie_id, line_id), amount_cents=cents, id=str(new_id())
            )
        )
    for file_id, mine in entries.items():
        write_entries(practice_id, mine, file=told[file_id].file)


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
