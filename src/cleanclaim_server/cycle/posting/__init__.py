"""Posting a payment, undoing it, and telling an unknown payment where it belongs.

A payment posts whole, in one transaction: its identity, every leg, denials, claim states, events, work.
It posts once, whatever file brings it (L7). Undoing adds the exact opposite of every entry (L3).
"""

from __future__ import annotations

from cleanclaim_server.cycle.posting.by_hand import assign_remittance, match_claim_by_hand, set_claim_aside
from cleanclaim_server.cycle.posting.deciding import ask_payer, leave_as_posted, post_part, set_part_aside
from cleanclaim_server.cycle.posting.moving import move_remittance
from cleanclaim_server.cycle.posting.moving_claims import move_claim_payment, take_claim_payment_back
from cleanclaim_server.cycle.posting.patient_items import refresh_patient_items
from cleanclaim_server.cycle.posting.refusal import PostingRefused
from cleanclaim_server.cycle.posting.taking import ask_for_review, take_remittance, today_of
from cleanclaim_server.cycle.posting.undoing import undo_posting
from cleanclaim_server.cycle.posting.whole import post_remittance

__all__ = [
    "PostingRefused",
    "ask_for_review",
    "ask_payer",
    "assign_remittance",
    "leave_as_posted",
    "match_claim_by_hand",
    "move_claim_payment",
    "move_remittance",
    "post_part",
    "post_remittance",
    "refresh_patient_items",
    "set_claim_aside",
    "set_part_aside",
    "take_claim_payment_back",
    "take_remittance",
    "today_of",
    "undo_posting",
]
