"""Things in an answer that post as they are and that somebody should know."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from cleanclaim.denials.explain import REMARK_REQUIRED
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.remittance.policy import PostingPolicy
from cleanclaim.remittance.posting.ledger_state import RunningClaim
from cleanclaim.remittance.posting.records import PostingType
from cleanclaim.remittance.posting.reversal import Mirror
from cleanclaim.x12.sets.records import RemitClaim, RemitLine

REVERSAL = "22"


def observe_claim(
    claim: RemitClaim, running: RunningClaim, policy: PostingPolicy, findings: list[Finding]
) -> None:
    """Changed lines, missing remarks, a second answer without a reversal."""
    if claim.status == REVERSAL:
        return
    for number, line in enumerate(claim.lines, start=1):
        _changed_line(claim, number, line, policy, findings)
        for cas in line.adjustments:
            if cas.reason in REMARK_REQUIRED and not line.remarks and not claim.remarks:
                _missing_remark(claim, cas.group, cas.reason, cas.position, findings)
    for cas in claim.adjustments:
        if cas.reason in REMARK_REQUIRED and not claim.remarks:
            _missing_remark(claim, cas.group, cas.reason, cas.position, findings)
    _second_answer(claim, running, findings)


def _tell(
    findings: list[Finding],
    code: str,
    message: str,
    claim: RemitClaim,
    segment: str,
    position: int,
    remedy: str,
    facts: dict[str, object],
) -> None:
    where = Where(segment=segment, segment_index=position)
    findings.append(Finding(code, Severity.TELL, message, where, claim.claim_number, facts, remedy))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _changed_line(
    claim: RemitClaim, number: int, line: RemitLine, policy: PostingPolicy, findings: list[Finding]
) -> None:
    if line.submitted_code and line.submitted_code == line.code:
        if line.submitted_modifiers != line.modifiers:
            _tell(
                findings,
                "remittance.modifiers_changed",
                f"Claim {claim.claim_number} line {number}: {line.code} was paid with other modifiers.",
                claim,
                "SVC",
                line.position,
                "Check the payment against the contract for the modifiers that were sent.",
                {"sent": list(line.submitted_modifiers), "adjudicated": list(line.modifiers)},
            )
    elif line.submitted_code and not any(item.reason in policy.bundling for item in line.adjustments):
        _tell(
            findings,
            "remittance.code_changed",
            f"Claim {claim.claim_number} line {number}: {line.submitted_code} was paid as {line.code}.",
            claim,
            "SVC",
            line.position,
            "Review the downcoding; dispute it when the record supports the code that was sent.",
            {"sent": line.submitted_code, "adjudicated": line.code},
        )
    billed, paid = _number(line.units_billed), _number(line.units_paid or "1")
    if billed is not None and paid is not None and paid < billed:
        _tell(
            findings,
            "remittance.units_cut",
            f"Claim {claim.claim_number} line {number}: {billed} units billed, {paid} paid.",
            claim,
            "SVC",
            line.position,
            "Compare with the authorization and the session's minutes.",
            {"units_billed": str(billed), "units_paid": str(paid)},
        )


def _missing_remark(claim: RemitClaim, group: str, carc: str, position: int, findings: list[Finding]) -> None:
    _tell(
        findings,
        "remittance.remark_missing",
        f"Claim {claim.claim_number}: {group}-{carc} must come with a remark code, and none was sent.",
        claim,
        "CAS",
        position,
        "A defect of the payer: call and ask for the reason.",
        {"group": group, "carc": carc},
    )


def _second_answer(claim: RemitClaim, running: RunningClaim, findings: list[Finding]) -> None:
    """A new CLP07 for a claim that this payer has answered in full, with no reversal between."""
    if running.reversed or claim.charge_cents != running.prior.billed_cents:
        return
    number = claim.payer_control_number.strip().upper()
    earlier = {
        item.payer_control_number
        for item in running.prior.history
        if item.type == PostingType.PMT_INS and item.payer_seq == running.prior.current_payer
    }
    if earlier and all(old.strip().upper() != number for old in earlier):
        _tell(
            findings,
            "remittance.second_answer",
            f"Claim {claim.claim_number} was answered before and is answered again without a reversal.",
            claim,
            "CLP",
            claim.position,
            "Posted as sent. If it replaces the first answer, undo that posting; else a credit remains.",
            {"answers_before": len(earlier)},
        )


def observe_reversal(claim: RemitClaim, mirror: Mirror, findings: list[Finding]) -> None:
    """A reversal that is not the exact opposite of what was posted."""
    if mirror.differs:
        _tell(
            findings,
            "remittance.reversal_differs",
            f"The reversal of claim {claim.claim_number} is not the opposite of what was posted.",
            claim,
            "CLP",
            claim.position,
            "Posted as sent where it differs. Compare both answers.",
            {"adjustments": [f"line {line} {carc}" for line, carc in mirror.differs]},
        )
