"""Accounts of a practice, and the lines that files bring into them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from cleanclaim.bank import BankLine
from cleanclaim_server.audit.recording import record
from cleanclaim_server.bank.actions.desk import BankRefused, Decider
from cleanclaim_server.bank.models import BankAccount, BankFile, Line
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.bulk import chunks, create_rows


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
    if len(last_four) != 4 or not last_four.isalnum():
        raise BankRefused(
            "bank.account_last_four", "Type the last four characters of the account's number, and no more"
        )
    others = list(BankAccount.objects.filter(practice=practice))
    same = next((one for one in others if one.last_four == last_four), None)
    if same is not None:
        raise BankRefused("bank.account_known", f"An account ending in {last_four} is on file: {same.name}")
    wanted = _checked(name, payees, others)
    try:
        with transaction.atomic():
            account = BankAccount.objects.create(
                practice=practice,
                name=name,
                last_four=last_four,
                payees=wanted,
                created_at=now,
                created_by=by.id,
            )
    except IntegrityError:
        raise BankRefused("bank.account_known", f"An account ending in {last_four} is on file") from None
    record("bank.account_added", "bank_account", account.pk, practice_id=practice.pk, actor=by.id)
    return account


def change_account(
    account: BankAccount, *, name: str, payees: Sequence[str], is_active: bool, by: Decider
) -> BankAccount:
    """Change what an account is called, who is paid into it, and whether it is used; its lines stay.

    Raises:
        BankRefused: As for `add_account`.
    """
    others = list(BankAccount.objects.filter(practice_id=account.practice_id).exclude(pk=account.pk))
    account.name = name.strip()[:60]
    account.payees = _checked(account.name, payees, others)
    account.is_active = is_active
    account.save(update_fields=["name", "payees", "is_active"])
    record(
        "bank.account_changed", "bank_account", account.pk, practice_id=account.practice_id, actor=by.id,
        active=is_active,
    )  # fmt: skip
    return account


def _checked(name: str, payees: Sequence[str], others: Sequence[BankAccount]) -> list[str]:
    wanted = list(dict.fromkeys(filter(None, (one.strip() for one in payees))))
    if not name:
        raise BankRefused("bank.account_name_missing", "Give the account a name that your people know")
    if any(len(one) != 10 or not one.isdecimal() for one in wanted):
        raise BankRefused("bank.payee_not_npi", "A payee is an NPI of ten digits")
    for other in others:
        if set(other.payees) & set(wanted):
            raise BankRefused("bank.payee_elsewhere", f"This payee is paid into {other}")
    return wanted


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
