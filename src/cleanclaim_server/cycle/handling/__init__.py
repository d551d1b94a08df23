"""What a person does with one claim or session: hold, release, remark, mend, correct, write off, not bill.

Every function works in the open transaction, takes the claim under a lock, writes its event to the
timeline and its row to the audit log, and refuses with `HandlingRefused` what the claim's state does
not allow.
"""

from cleanclaim_server.cycle.handling.correcting import correct_claim
from cleanclaim_server.cycle.handling.fixing import Fix, fix_claim, preview_fix
from cleanclaim_server.cycle.handling.holding import (
    MANUAL_RELEASE,
    OWNERS,
    HandlingRefused,
    add_remark,
    hold_claim,
    release_hold,
    work_denials,
)
from cleanclaim_server.cycle.handling.mending import amend_session, is_unsent, mend_claim
from cleanclaim_server.cycle.handling.not_billing import NOT_BILLABLE, set_not_billable
from cleanclaim_server.cycle.handling.previewing import SessionPreview, preview_session
from cleanclaim_server.cycle.handling.printing import earlier_answers, paper_claim
from cleanclaim_server.cycle.handling.taking_back import take_back_write_off
from cleanclaim_server.cycle.handling.voiding import void_claim
from cleanclaim_server.cycle.handling.writing_off import KINDS as WRITE_OFF_KINDS
from cleanclaim_server.cycle.handling.writing_off import write_off

__all__ = [
    "MANUAL_RELEASE",
    "NOT_BILLABLE",
    "OWNERS",
    "WRITE_OFF_KINDS",
    "Fix",
    "HandlingRefused",
    "SessionPreview",
    "add_remark",
    "amend_session",
    "correct_claim",
    "earlier_answers",
    "fix_claim",
    "hold_claim",
    "is_unsent",
    "mend_claim",
    "paper_claim",
    "preview_fix",
    "preview_session",
    "release_hold",
    "set_not_billable",
    "take_back_write_off",
    "void_claim",
    "work_denials",
    "write_off",
]
