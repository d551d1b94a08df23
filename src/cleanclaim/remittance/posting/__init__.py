"""From a remittance and our balances to a posting plan. See the README of `cleanclaim.remittance`."""

from cleanclaim.remittance.posting.planner import claim_key, plan
from cleanclaim.remittance.posting.records import (
    ClaimOutcome,
    ClaimState,
    Credit,
    DenialItem,
    HeldMoney,
    PostedBefore,
    Posting,
    PostingPlan,
    PostingType,
    PriorClaim,
    PriorState,
    QueuedLook,
)

__all__ = [
    "ClaimOutcome",
    "ClaimState",
    "Credit",
    "DenialItem",
    "HeldMoney",
    "PostedBefore",
    "Posting",
    "PostingPlan",
    "PostingType",
    "PriorClaim",
    "PriorState",
    "QueuedLook",
    "claim_key",
    "plan",
]
