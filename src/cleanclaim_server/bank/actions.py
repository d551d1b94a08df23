"""Writes of the bank: accounts, lines, ties, settings aside, and the opposite of each decision.

Every decision is made under the lock of the practice's accounts (`lock_desk`), so that two people never
give the same money away twice: the second one sees what the first left. Whatever is decided is written once
and never changed; what is taken back gets its opposite.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from cleanclaim.bank import BankLine
from cleanclaim.ledger import Entry as EntryValue
from cleanclaim.ledger import Source, bank_deposit_entry, reverse_entry
from cleanclaim_server.audit.recording import record
from cleanclaim_server.bank.models import (
    LINE_REASONS,
    PAYMENT_REASONS,
    AsideReason,
    BankAccount,
    BankFile,
    Line,
    SetAside,
    SetAsideUndo,
    Tie,
    TiePart,
    TieUndo,
)
from cleanclaim_server.bank.queries import payments_with_open, with_open
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.tenancy.bulk import chunks, create_rows
from cleanclaim_server.tenancy.models import new_id

PERSON = "person"


class BankRefused(ValueError):
    """A decision about the bank that was not taken. `code` is stable and dotted."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Decider:
    """Who decides; without an id the machine."""

    id: UUID | None = None
    name: str = ""


MACHINE = Decider()


def lock_desk(practice_id: UUID) -> None:
    """Wait until nobody else decides about the bank of this practice, until the transaction ends.

    Accounts are locked in the order of their ids. On SQLite writers follow each other anyway.
    """
    list(BankAccount.objects.select_for_update().filter(practice_id=practice_id).order_by("id").values("id"))


def add_account(
    practice: Practice, *, name: str, last_four: str, payees: Sequence[str] = (), by: Decider, now: datetime
) -> BankAccount:
    """Put an account of a practice on file.

    Args:
        last_four: The end of its number; nothing more is kept.
        payees: NPIs of the payees that are paid into it; empty for all that no other account names.

    Raises:
        BankRefused: The name or the four characters are missing, the account is there, or a payee is paid
            into another one.
    """
    name, last_four = name.strip()[:60], last_four.strip()
    wanted = tuple(dict.fromkeys(filter(None, (one.strip() for one in payees))))
    if not name:
        raise BankRefused("bank.account_name_missing", "Give the account a name that your people know")
    if len(last_four) != 4 or not last_four.isalnum():
        raise BankRefused(
            "bank.account_last_four", "Type the last four characters of the account's number, and no more"
        )
    if any(len(one) != 10 or not one.isdigit() for one in wanted):
        raise BankRefused("bank.payee_not_npi", "A payee is an NPI of ten digits")
    for other in BankAccount.objects.filter(practice=practice):
        if other.last_four == last_four:
            raise BankRefused(
                "bank.account_known", f"An account ending in {last_four} is on file: {other.name}"
            )
        if set(other.payees) & set(wanted):
            raise BankRefused("bank.payee_elsewhere", f"This payee is paid into {other}")
    try:
        with transaction.atomic():
            account = BankAccount.objects.create(
                practice=practice,
                name=name,
                last_four=last_four,
                payees=list(wanted),
                created_at=now,
                created_by=by.id,
            )
    except IntegrityError:
        raise BankRefused("bank.account_known", f"An account ending in {last_four} is on file") from None
    record("bank.account_added", "bank_account", account.pk, practice_id=practice.pk, actor=by.id)
    return account


def new_lines(account: BankAccount, lines: Iterable[BankLine]) -> list[BankLine]:
    """Those lines that no earlier file of the account told of; lines of nothing are left out."""
    wanted = {line.key: line for line in lines if line.amount_cents}
    for part in chunks(sorted(wanted)):
        rows = Line.objects.filter(practice_id=account.practice_id, account=account, key__in=part)
        for key in rows.values_list("key", flat=True):
            del wanted[key]
    return list(wanted.values())


def keep_lines(file: BankFile, lines: Iterable[BankLine]) -> None:
    """Write the lines of a file that are new (`new_lines`)."""
    rows = [
        Line(
            practice_id=file.practice_id,
            account_id=file.account_id,
            file=file,
            key=line.key,
            booked_on=line.booked_on,
            amount_cents=line.amount_cents,
            kind=line.kind.value,
            traces=list(line.traces),
            check_number=line.check_number[:20],
            words={
                "text": line.text[:1000],
                "payer_name": line.payer_name[:200],
                "bank_reference": line.bank_reference[:100],
                "customer_reference": line.customer_reference[:100],
            },
            position=line.position,
        )
        for line in lines
    ]
    create_rows(Line, rows)


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


__all__ = [
    "MACHINE",
    "PERSON",
    "BankRefused",
    "Decider",
    "add_account",
    "keep_lines",
    "lock_desk",
    "new_lines",
    "set_aside",
    "tie",
    "undo_aside",
    "undo_tie",
]
