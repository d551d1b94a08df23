"""Who decides about the bank, why a decision is not taken, and the lock under which all are made."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cleanclaim_server.bank.models import BankAccount


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
PERSON = "person"


def lock_desk(practice_id: UUID) -> None:
    """Wait until nobody else decides about the bank of this practice, until the transaction ends.

    Accounts are locked in the order of their ids. On SQLite writers follow each other anyway.
    """
    list(BankAccount.objects.select_for_update().filter(practice_id=practice_id).order_by("id").values("id"))
