"""Who acts, what is refused, and the credit there is, read under its locks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cleanclaim.ledger import (
    Account,
)
from cleanclaim_server.ledger.models import Balance
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.statements.actions import credit_of

LEAST_REASON = 5


class CreditRefused(ValueError):
    """A credit was not changed as asked; nothing was. `code` names why, the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Who:
    """Who acts, and when."""

    actor_id: UUID
    name: str
    now: datetime
    today: date


def available(payee: str, practice_id: UUID, patient_id: UUID, claim_id: UUID | None) -> int:
    """The credit there is, in cents, read under the locks that guard it; never below nothing."""
    Patient.objects.select_for_update(of=("self",)).get(pk=patient_id, practice_id=practice_id)
    if claim_id is None:
        return max(0, credit_of(practice_id, patient_id)) if payee == "patient" else 0
    account = Account.PATIENT_RECEIVABLE if payee == "patient" else Account.INSURANCE_RECEIVABLE
    row = (
        Balance.objects.select_for_update(of=("self",))
        .filter(practice_id=practice_id, claim_id=claim_id, account=account.value)
        .first()
    )
    return max(0, -row.amount_cents) if row else 0


def reason_of(text: str) -> str:
    text = " ".join(text.split())[:300]
    if len(text) < LEAST_REASON:
        raise CreditRefused("credit.reason_missing", "Say why, in a few words.")
    return text
