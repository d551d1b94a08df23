"""An 835 into a posting plan that balances, or the named reason why not. See README.md here."""

from cleanclaim.remittance.balance import BalanceReport, balance
from cleanclaim.remittance.candidates import KnownClaim, Reason, ScoredCandidate, score_candidates
from cleanclaim.remittance.carrying import carry_forward
from cleanclaim.remittance.changes import Change, LineChange, line_changes
from cleanclaim.remittance.hints import HintEffect, PayerHint, learn, match_by_hints
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
from cleanclaim.remittance.policies import (
    PolicyBook,
    PolicySetting,
    ResolvedPolicy,
    load_policy_book,
    policy_for,
    resolve_rule,
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
    QueuedLook,
    claim_key,
    plan,
)
from cleanclaim.remittance.proof import CashRow, ChargeRow, PaymentProof, prove_payment
from cleanclaim.remittance.shares import PracticeShare, PracticeShares, practice_shares
from cleanclaim.remittance.takebacks import PayerDebt, TakeBack, TakeBacks, follow_take_backs

__all__ = [
    "Automation",
    "BalanceReport",
    "Candidate",
    "CandidateIndex",
    "CandidateLine",
    "CashRow",
    "Change",
    "ChargeRow",
    "ClaimOutcome",
    "ClaimState",
    "CodeRule",
    "Credit",
    "DenialItem",
    "Effect",
    "HeldMoney",
    "HintEffect",
    "KnownClaim",
    "LineChange",
    "Match",
    "MatchRule",
    "PayerDebt",
    "PayerHint",
    "PaymentProof",
    "PolicyBook",
    "PolicySetting",
    "PostedBefore",
    "Posting",
    "PostingPlan",
    "PostingPolicy",
    "PostingType",
    "PracticeShare",
    "PracticeShares",
    "PriorClaim",
    "PriorState",
    "QueuedLook",
    "Reason",
    "ResolvedPolicy",
    "ScoredCandidate",
    "TakeBack",
    "TakeBacks",
    "balance",
    "carry_forward",
    "claim_key",
    "content_hash",
    "default_policy",
    "follow_take_backs",
    "identity_key",
    "learn",
    "line_changes",
    "load_policy_book",
    "match_by_hints",
    "match_claims",
    "match_lines",
    "plan",
    "policy_for",
    "practice_shares",
    "prove_payment",
    "resolve_rule",
    "score_candidates",
]
