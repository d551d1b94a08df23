"""Patient money at the bank: which payments a line is, the ledger's word for it, and what never arrived."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from cleanclaim.bank.patients import PatientMoney, Picked, pick_for_line
from cleanclaim.ledger import Source, bank_deposit_entry, reverse_entry
from cleanclaim.money import money_text
from cleanclaim_server.audit.recording import record
from cleanclaim_server.bank.actions import BankRefused, Decider, NewAside, lock_desk, undo_aside, write_asides
from cleanclaim_server.bank.models import AsideReason, BankFile, Line, SetAside
from cleanclaim_server.bank.queries import standing_asides, with_open
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.statements.models import PatientDeposit, PatientDepositPart, PatientPayment
from cleanclaim_server.tenancy.bulk import create_rows
from cleanclaim_server.tenancy.models import new_id

PATIENTS = (AsideReason.PATIENT, AsideReason.CARD)
CARD = "card"


def standing_parts() -> QuerySet[PatientDepositPart]:
    """Parts of deposits that hold."""
    return PatientDepositPart.objects.filter(deposit__undone_at__isnull=True)


def not_at_the_bank(
    practice_ids: Iterable[UUID], *, since: dict[UUID, date] | None = None
) -> list[PatientPayment]:
    """Patient payments that hold and have no bank line, oldest first.

    Args:
        since: The first day of which the bank told, by practice: what was taken in before may lie there
            already, and practices without such a day are left out. None: every payment.
    """
    ids = [key for key in practice_ids if since is None or key in since]
    banked = standing_parts().filter(payment_id=OuterRef("pk"), practice_id=OuterRef("practice_id"))
    rows = PatientPayment.objects.filter(~Exists(banked), practice_id__in=ids, undone_at__isnull=True)
    if since:
        rows = rows.filter(received_on__gte=min(since.values()))
    found = rows.select_related("patient").order_by("received_on", "id")
    return [row for row in found if since is None or row.received_on >= since[row.practice_id]]


def counted_cents(line: Line) -> int:
    """What of a line can be counted by patient payments: what is open, and what is set aside uncounted."""
    return line.open_cents + sum(one.amount_cents for one in _uncounted(line))


def _uncounted(line: Line) -> list[SetAside]:
    mine = to_be_counted([line.practice_id]).filter(line_id=line.pk)
    return list(mine.order_by("made_at", "id"))


def to_be_counted(practice_ids: Iterable[UUID]) -> QuerySet[SetAside]:
    """Lines set aside as patients' money of which nobody has said yet which payments they are."""
    counted = PatientDeposit.objects.filter(
        aside_id=OuterRef("pk"), practice_id=OuterRef("practice_id"), undone_at__isnull=True
    )
    return standing_asides().filter(
        ~Exists(counted), practice_id__in=list(practice_ids), line__isnull=False, reason__in=PATIENTS,
        amount_cents__gt=0,
    )  # fmt: skip


def proposed(line: Line, payments: Collection[PatientPayment]) -> Picked | None:
    """The payments that a line seems to be."""
    values = [
        PatientMoney(str(one.pk), one.received_on, one.amount_cents, one.method == CARD) for one in payments
    ]
    return pick_for_line(
        counted_cents(line), line.booked_on, values, is_card=True if line.kind == "card" else None
    )


@transaction.atomic
def deposit_patients(
    line: Line,
    payment_ids: Collection[UUID],
    *,
    fee_cents: int = 0,
    why: str = "",
    by: Decider,
    now: datetime,
) -> PatientDeposit:
    """Say that a bank line, or a part of it, is these patient payments; they move from their way to cash.

    What of the line they do not reach stays open for others, such as a payer's check on the same slip.

    Args:
        line: Came through its door.
        fee_cents: What a card processor kept: the payments are that much more than the line.

    Raises:
        BankRefused: No payment, one that has its line or was taken back, a fee without cards, or more
            money than the line has left.
    """
    lock_desk(line.practice_id)
    line = with_open(Line.objects.filter(pk=line.pk, practice_id=line.practice_id)).get()
    rows = list(
        PatientPayment.objects.select_for_update(of=("self",))
        .filter(pk__in=set(payment_ids), practice_id=line.practice_id)
        .order_by("received_on", "id")
    )
    if not rows or len(rows) != len(set(payment_ids)):
        raise BankRefused("bank.side_missing", "Pick the patient payments that the line is")
    taken = standing_parts().filter(practice_id=line.practice_id, payment__in=rows).exists()
    if taken or any(one.undone_at is not None for one in rows):
        raise BankRefused("bank.taken", "One of them has its bank line, or was taken back, a moment ago")
    if fee_cents < 0 or (fee_cents and not any(one.method == CARD for one in rows)):
        raise BankRefused("bank.fee_without_card", "Only of cards does a processor keep a part")
    total, left = sum(one.amount_cents for one in rows), counted_cents(line)
    net = total - fee_cents
    if not 0 < net <= left:
        more = f"{money_text(total)} were paid, and the line has {money_text(left)} left"
        raise BankRefused("bank.sums_differ", f"They are not the same money: {more}")
    aside = _aside(line, rows, net, why, by, now)
    made = PatientDeposit.objects.create(
        practice_id=line.practice_id, aside=aside, amount_cents=net, fee_cents=fee_cents,
        why=why.strip()[:200], made_at=now, made_by=by.id, made_by_name=by.name[:80],
    )  # fmt: skip
    create_rows(
        PatientDepositPart,
        [
            PatientDepositPart(
                practice_id=line.practice_id, deposit=made, payment=one, amount_cents=one.amount_cents
            )
            for one in rows
        ],
    )
    _book(made, line, by, now)
    record(
        "bank.patients_counted", "bank_line", line.pk, practice_id=line.practice_id, actor=by.id,
        cents=net, fee=fee_cents, payments=len(rows),
    )  # fmt: skip
    return made


def _aside(
    line: Line, rows: list[PatientPayment], net: int, why: str, by: Decider, now: datetime
) -> SetAside:
    """The line's side: one that has just this amount stays, others give way and leave their rest open."""
    before = _uncounted(line)
    for one in before:
        if one.amount_cents == net:
            return one
    for one in before:
        undo_aside(one, why="Counted by payment", by=by, now=now)
    cards = all(one.method == CARD for one in rows)
    reason = AsideReason.CARD if cards else AsideReason.PATIENT
    words = why.strip() or ("Cards of patients, by payment" if cards else "Patients, by payment")
    return write_asides([NewAside(line, net, reason, words)], by=by, now=now)[0]


def _key(made: PatientDeposit) -> str:
    return f"bank-patients:{made.pk}"


def _book(made: PatientDeposit, line: Line, by: Decider, now: datetime) -> None:
    told = BankFile.objects.select_related("file").defer("file__content").get(pk=line.file_id)
    source = Source(
        str(line.practice_id), line.booked_on, now, told.sha256, position=line.position, actor=str(by.id),
        reason=made.why or "Patient payments at the bank",
    )  # fmt: skip
    entry = bank_deposit_entry(
        source, idempotency_key=_key(made), amount_cents=made.amount_cents, fee_cents=made.fee_cents,
        id=str(new_id()),
    )  # fmt: skip
    write_entries(line.practice_id, [entry], file=told.file)


def undo_patient_deposit(aside: SetAside, *, why: str, by: Decider, now: datetime, today: date) -> int:
    """Take the counting of a setting aside back, as its opposite; the setting aside itself stays.

    Returns:
        The cents taken back; 0 when it was not counted.
    """
    made = (
        PatientDeposit.objects.select_for_update(of=("self",))
        .filter(aside=aside, practice_id=aside.practice_id, undone_at__isnull=True)
        .first()
    )
    if made is None:
        return 0
    entries = entry_values(
        aside.practice_id, Entry.objects.filter(practice_id=aside.practice_id, idempotency_key=_key(made))
    )
    write_entries(
        aside.practice_id,
        [
            reverse_entry(
                one, happened_on=today, learned_at=now, actor=str(by.id), reason=why.strip()[:200],
                id=str(new_id()),
            )
            for one in entries
        ],
    )  # fmt: skip
    PatientDeposit.objects.filter(pk=made.pk).update(
        undone_at=now, undone_by=by.id, undone_reason=why.strip()[:200]
    )
    record(
        "bank.patients_uncounted", "bank_line", aside.line_id, practice_id=aside.practice_id, actor=by.id,
        cents=made.amount_cents,
    )  # fmt: skip
    return made.amount_cents
