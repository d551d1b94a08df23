"""What to do next: one value per claim and one per file (README.md, "Next action").

Lower ranks are more urgent. A claim's value is the first that fits; a file's is the most urgent of
its claims', the earliest in the file on a tie.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cleanclaim.remittance.posting.adjustments import HOLD_PENDING, VERIFY_DUPLICATE, WAIT_FORWARD
from cleanclaim.remittance.posting.ledger_state import RunningClaim
from cleanclaim.remittance.posting.records import ClaimOutcome, DenialItem, Posting

REJECT_OUT_OF_BALANCE = "REJECT_OUT_OF_BALANCE"
DISCARD_DUPLICATE_ERA = "DISCARD_DUPLICATE_ERA"
NO_POSTING = "NO_POSTING"
MANUAL_MATCH = "MANUAL_MATCH"
RESOLVE_HELD = "RESOLVE_HELD_LINES"
CLOSE = "CLOSE"

RANK_MANUAL_MATCH = 3
RANK_CLOSE = 99

DIRECT_ACTIONS = frozenset(
    {"APPEAL_TIMELY", "REDIRECT_PAYER", "SEND_RECORDS", "NEW_CLAIM", "FIX_PRIMARY_FIRST"}
)
CROSSOVER_STATUSES = frozenset({"19", "20", "21"})

# Remarks of a reversal: what the payer says about its reason.
NOT_OURS_ANY_MORE = "N687"
OUR_VOID = "N693"


def denial_action(category: str, action_code: str, carc: str, remarks: Sequence[str]) -> str:
    """The next action of one denied amount.

    Examples:
        >>> denial_action("authorization", "APPEAL_AUTH", "197", ())
        'WORK_DENIAL:authorization'
        >>> denial_action("submission_data", "CORRECT_FREQ7", "16", ("MA130",))
        'NEW_CLAIM'
    """
    if "MA130" in remarks and carc != "29":
        return "NEW_CLAIM"
    if action_code in DIRECT_ACTIONS:
        return action_code
    if action_code == "CAP_OR_REDIRECT":
        return "REDIRECT_PAYER"
    return f"WORK_DENIAL:{category}"


def claim_action(claim: RunningClaim) -> tuple[int, str]:
    """Rank and value for one claim named in the file."""
    work = _work(claim)
    if claim.held:
        return RANK_MANUAL_MATCH, RESOLVE_HELD
    if claim.insurance_balance < 0:
        return 4, "RESOLVE_PAYER_CREDIT"
    if claim.reversed and not claim.answers:
        return _reversal_alone(claim)
    if claim.patient_balance < 0 and claim.insurance_balance == 0 and work is None:
        return (7, "REFUND_PATIENT") if claim.reversed else (8, "REFUND_OR_APPLY_PATIENT_CREDIT")
    bill = _bill(claim)
    if work and bill:
        return work[0], f"{bill[1]}_AND_{work[1]}"
    if work or bill:
        return work or bill  # type: ignore[return-value]
    if claim.insurance_balance > 0:
        return 17, "WAIT_REMAINING"
    return RANK_CLOSE, CLOSE


def _reversal_alone(claim: RunningClaim) -> tuple[int, str]:
    """A reversal that no answer of the same file follows."""
    if NOT_OURS_ANY_MORE in claim.remarks:
        return 5, "REDIRECT_PAYER"
    if OUR_VOID in claim.remarks:
        return (7, "REFUND_PATIENT") if claim.patient_balance < 0 else (9, "CLOSE_VOIDED_CLAIM")
    return 6, "INVESTIGATE_REVERSAL"


def _work(claim: RunningClaim) -> tuple[int, str] | None:
    """Ranks 10 to 12: something must be worked, waited for or reviewed."""
    if claim.items:
        return 10, _largest(claim.items).action
    for item in (WAIT_FORWARD, HOLD_PENDING, VERIFY_DUPLICATE):
        if item in claim.open_items:
            return 11, item
    return (12, "REVIEW_DOWNCODE") if claim.downcoded else None


def _largest(items: Iterable[DenialItem]) -> DenialItem:
    return max(items, key=lambda item: item.amount_cents)  # max keeps the first on a tie


def _bill(claim: RunningClaim) -> tuple[int, str] | None:
    """Ranks 13 to 16: somebody else owes, and may be asked."""
    if claim.moved_to_next > 0:
        return 13, "WAIT_CROSSOVER" if claim.statuses & CROSSOVER_STATUSES else "BILL_SECONDARY"
    if claim.oon_bill > 0:
        return 14, "CHECK_BALANCE_BILLING_LAW"
    before = claim.prior.patient_balance_cents
    if (
        claim.reversed
        and claim.answers
        and before > 0
        and claim.patient_balance > 0
        and claim.moved_to_patient
    ):
        return 15, "REISSUE_STATEMENT"
    if claim.patient_balance > 0 and (claim.moved_to_patient > 0 or claim.reversed):
        return 16, "BILL_PATIENT"
    return None


def file_action(
    outcomes: Sequence[ClaimOutcome],
    unmatched: int,
    provider: Sequence[Posting],
    payer_debt_after: int | None,
    *,
    has_claims: bool,
) -> str:
    """The one value of the file."""
    best_rank, best = RANK_CLOSE, CLOSE
    for outcome in outcomes:
        if outcome.rank < best_rank:
            best_rank, best = outcome.rank, outcome.next_action
    if unmatched and best_rank >= RANK_MANUAL_MATCH:
        return MANUAL_MATCH
    if best_rank < RANK_CLOSE:
        return best
    return _provider_action(provider, payer_debt_after, has_claims=has_claims)


def _provider_action(provider: Sequence[Posting], debt: int | None, *, has_claims: bool) -> str:
    """Counts only when no claim asks for anything."""
    codes = {posting.plb_code for posting in provider}
    if any(posting.ledger_class == "REVIEW" for posting in provider) or (debt is not None and debt < 0):
        return "MATCH_PLB"
    if "J1" in codes:
        return "REVIEW"
    if "OB" in codes:
        return "INTERCOMPANY_RECEIVABLE"
    if "72" in codes:
        return "CLOSE_REFUND"
    return CLOSE if has_claims else "POST_PLB_ONLY"
