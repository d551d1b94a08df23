"""An 835 into a posting plan that balances, or the named reason why not. See README.md here."""

from cleanclaim.remittance.balance import BalanceReport, balance
from cleanclaim.remittance.identity import content_hash, identity_key
from cleanclaim.remittance.matching import (
    Candidate,
    CandidateIndex,
    CandidateLine,
    Match,
    MatchRule,
    match_claims,
    match_lines,
)
from cleanclaim.remittance.policy import (
    Automation,
    CodeRule,
    Effect,
    PostingPolicy,
    default_policy,
)
from cleanclaim.remittance.posting import (
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
    claim_key,
    plan,
)

__all__ = [
    "Automation",
    "BalanceReport",
    "Candidate",
    "CandidateIndex",
    "CandidateLine",
    "ClaimOutcome",
    "ClaimState",
    "CodeRule",
    "Credit",
    "DenialItem",
    "Effect",
    "HeldMoney",
    "Match",
    "MatchRule",
    "PostedBefore",
    "Posting",
    "PostingPlan",
    "PostingPolicy",
    "PostingType",
    "PriorClaim",
    "PriorState",
    "balance",
    "claim_key",
    "content_hash",
    "default_policy",
    "identity_key",
    "match_claims",
    "match_lines",
    "plan",
]
