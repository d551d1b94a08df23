"""What a posting does beside the money, and what must not stop the money."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.cycle.underpayments import compare_claims
from cleanclaim_server.remittances.models import Remittance, RemittanceState
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.models import Queue

log = logging.getLogger(__name__)


def compare_beside(
    remittance: Remittance,
    claim_ids: Iterable[UUID],
    *,
    now: datetime,
    today: date,
    contents: Mapping[UUID, RemittanceValue] | None = None,
) -> None:
    """Compare with contracts in a savepoint: where that fails, it becomes work and the money stays posted."""
    try:
        with transaction.atomic():
            compare_claims(remittance.practice_id, claim_ids, now=now, today=today, contents=contents)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        log.warning("comparison with contracts failed: %s", type(error).__name__)
        item = NewItem(
            Queue.UNDERPAID, "remittance", remittance.pk,
            "These lines could not be compared with their contract",
            detail=f"{type(error).__name__}; the money is posted. Look at the contract's rates.",
            amount_cents=remittance.paid_cents,
        )  # fmt: skip
        open_items(remittance.practice_id, [item], now=now, today=today)
        return
    if remittance.posting_number > 1 or remittance.state == RemittanceState.UNDONE:
        # It was posted before, and may not have been comparable then; a first posting has no such item.
        close_items(
            remittance.practice_id, Queue.UNDERPAID, [remittance.pk], now=now, reason="Compared since"
        )
