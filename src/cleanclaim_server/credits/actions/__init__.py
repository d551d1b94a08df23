"""Refunds by two people, credits moved to other visits, and what people say about a payer's credit.

Locks, in this order everywhere: the patient, then the cached balance of the account (which a posting raises
too). So two who use one credit, or a refund and a take-back, follow each other, and the second sees what
the first left. READ COMMITTED is enough: the balance is read after the lock.
"""

from __future__ import annotations

from cleanclaim_server.credits.actions.common import CreditRefused, Who, available
from cleanclaim_server.credits.actions.items import refresh_credit_items
from cleanclaim_server.credits.actions.moving import decide, move_credit
from cleanclaim_server.credits.actions.refunds import (
    METHODS,
    NewRefund,
    approve_refund,
    ask_refund,
    decline_refund,
    void_refund,
)

__all__ = [
    "METHODS",
    "CreditRefused",
    "NewRefund",
    "Who",
    "approve_refund",
    "ask_refund",
    "available",
    "decide",
    "decline_refund",
    "move_credit",
    "refresh_credit_items",
    "void_refund",
]
