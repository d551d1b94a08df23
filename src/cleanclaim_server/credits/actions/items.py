"""Work items of payers' credits, in step with the books."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim.ledger import (
    Account,
)
from cleanclaim.money import money_text
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.ledger.models import Balance
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.models import Queue


def refresh_credit_items(
    practice_id: UUID, claim_ids: list[UUID], *, now: datetime, today: date, closed_by: UUID | None = None
) -> None:
    """Keep the work items of payers' credits in step with the books: open what is owed, close what is not."""
    rows = Balance.objects.filter(
        practice_id=practice_id,
        claim_id__among=claim_ids,
        account=Account.INSURANCE_RECEIVABLE.value,
        amount_cents__lt=0,
    )
    owed = {claim_id: -cents for claim_id, cents in rows.values_list("claim_id", "amount_cents")}
    patients = dict(
        Claim.objects.filter(practice_id=practice_id, pk__among=owed).values_list("pk", "patient_id")
    )
    items = [
        NewItem(
            Queue.CREDIT,
            "claim",
            key,
            f"A payer is owed {money_text(cents)}",
            claim_id=key,
            patient_id=patients[key],
            amount_cents=cents,
        )
        for key, cents in owed.items()
    ]
    open_items(practice_id, items, now=now, today=today)
    gone = [key for key in claim_ids if key not in owed]
    close_items(practice_id, Queue.CREDIT, gone, now=now, reason="No credit is left", closed_by=closed_by)
