"""From one CAS to its posting: the first row that fits (README.md, "From an adjustment to a posting")."""

from __future__ import annotations

from typing import NamedTuple

from cleanclaim.claim import Adjustment
from cleanclaim.denials.playbook import classify_denial
from cleanclaim.remittance.policy import PostingPolicy
from cleanclaim.remittance.posting.records import PostingType as T
from cleanclaim.remittance.posting.records import PriorClaim

REVERSAL = "22"

VERIFY_DUPLICATE = "VERIFY_DUPLICATE"
HOLD_PENDING = "HOLD_PENDING"
WAIT_FORWARD = "WAIT_FORWARD"
DO_NOT_BILL_PATIENT = "DO_NOT_BILL_PATIENT"
CHECK_BALANCE_BILLING_LAW = "CHECK_BALANCE_BILLING_LAW"


class Ruling(NamedTuple):
    """What an adjustment becomes.

    `capped` marks a contractual write-off that is subject to the cap; `open_item` names something to
    wait for or verify; `flag` is raised on the file.
    """

    type: T
    sub: str = ""
    category: str = ""
    open_item: str = ""
    flag: str = ""
    capped: bool = False
    reason: str = ""


_BONUS = Ruling(T.ADJ_CONTRACT, "BONUS")
_ABOVE_CHARGE = Ruling(T.ADJ_CONTRACT, "PAID_ABOVE_CHARGE")
_INFORMATION = Ruling(T.INFO, reason="what the earlier payer did is already posted")
_DUPLICATE = Ruling(T.INFO, open_item=VERIFY_DUPLICATE, reason="duplicate: no ledger effect")
_PENDING = Ruling(T.INFO, open_item=HOLD_PENDING, reason="pending")
_FORWARDED = Ruling(T.INFO, open_item=WAIT_FORWARD, reason="forwarded")
_SEQUESTRATION = Ruling(T.ADJ_SEQUESTRATION)
_WITHHOLD = Ruling(T.WITHHOLD_RECEIVABLE)
_CAPITATION = Ruling(T.ADJ_CAPITATION)
_QMB = Ruling(T.ADJ_QMB, flag=DO_NOT_BILL_PATIENT)
_QMB_NEXT = Ruling(T.XFER_NEXT, flag=DO_NOT_BILL_PATIENT)
_QMB_HOLD = Ruling(T.DENY_HOLD, category="cob_qmb", flag=DO_NOT_BILL_PATIENT)
_PAID_TO_PATIENT = Ruling(T.XFER_PATIENT, "PAID_TO_PATIENT")
_BALANCE_BILL = Ruling(T.XFER_PATIENT, "BALANCE_BILL_OON", flag=CHECK_BALANCE_BILLING_LAW)
_NETWORK = Ruling(T.DENY_HOLD, category="network")
_REPORTING = Ruling(T.ADJ_CONTRACT, "REPORTING_ONLY")
_CONTRACTUAL = Ruling(T.ADJ_CONTRACT, capped=True)


def rule_on(
    cas: Adjustment, remarks: tuple[str, ...], status: str, claim: PriorClaim, policy: PostingPolicy
) -> Ruling:
    """Decide what one adjustment becomes.

    Args:
        remarks: Line remarks and claim remarks together.
        status: CLP02. On a reversal every sign is turned, so "raises the payment" turns with it.
    """
    group, carc = cas.group, cas.reason
    patient = group == "PR"
    raises = (cas.amount_cents > 0) if status == REVERSAL else (cas.amount_cents < 0)
    if carc in policy.paid_above_charge:
        return _ABOVE_CHARGE
    if carc in policy.bonus and raises:
        return _BONUS
    if not patient and carc in policy.prior_payer_information:
        return _INFORMATION
    if not patient and carc in policy.duplicate:
        return _DUPLICATE
    if carc in policy.pending:
        return _PENDING
    if carc in policy.forwarded:
        return _FORWARDED
    if carc in policy.sequestration:
        return _SEQUESTRATION
    if carc in policy.withhold:
        return _WITHHOLD
    if carc in policy.capitation and claim.capitated:
        return _CAPITATION
    if carc in policy.qmb_write_off:
        return _QMB
    if carc in policy.qmb_never_patient:
        return _QMB_NEXT if claim.next_payer else _QMB_HOLD
    if patient and (kind := policy.share_kind(carc)):
        if claim.next_payer and status in policy.next_payer_statuses:
            return Ruling(T.XFER_NEXT, kind)
        return _QMB_HOLD if claim.never_bill_patient else Ruling(T.XFER_PATIENT, kind)
    if carc in policy.paid_to_patient and group in ("PR", "OA") and claim.out_of_network:
        return _QMB_HOLD if claim.never_bill_patient else _PAID_TO_PATIENT
    if patient and carc in policy.balance_bill:
        if claim.out_of_network:
            return _QMB_HOLD if claim.never_bill_patient else _BALANCE_BILL
        return _NETWORK
    if group == "CO" and carc in policy.reporting_only:
        return _REPORTING
    if group == "CO" and carc in policy.contractual:
        return _CONTRACTUAL
    return Ruling(T.DENY_HOLD, category=classify_denial(carc, remarks).category)


SAFE_TYPES = frozenset(
    {
        T.ADJ_CONTRACT,
        T.ADJ_SEQUESTRATION,
        T.ADJ_CAPITATION,
        T.ADJ_QMB,
        T.WITHHOLD_RECEIVABLE,
        T.XFER_PATIENT,
        T.XFER_NEXT,
        T.INFO,
    }
)


def needs_a_person(ruling: Ruling) -> bool:
    """Whether an adjustment is more than plain sharing of the charge (automation level *safe lines*)."""
    return (
        ruling.type not in SAFE_TYPES
        or bool(ruling.open_item)
        or ruling.flag == CHECK_BALANCE_BILLING_LAW
        or ruling.sub == "PAID_ABOVE_CHARGE"
    )
