"""CARC, remarks and claim facts into category, cause, next steps and owner."""

from cleanclaim.denials.explain import ClaimFacts, DenialExplanation, explain
from cleanclaim.denials.playbook import (
    UNKNOWN_CATEGORY,
    Classification,
    PlaybookRow,
    classify_denial,
    playbook,
)

__all__ = [
    "UNKNOWN_CATEGORY",
    "ClaimFacts",
    "Classification",
    "DenialExplanation",
    "PlaybookRow",
    "classify_denial",
    "explain",
    "playbook",
]
