"""How a claim is put right at its payer: replacement, void, a new claim, or the payer's own path."""

from __future__ import annotations

from datetime import date

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.remittance.nextpayer import Correction, PayerNumber, Way, correction_path
from cleanclaim_server.claims.codes import ADJUDICATED, PayerState
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState

REVERSAL = "22"


def way_to_correct(claim: Claim, sent: ClaimValue, *, bills_in_error: bool = False) -> Correction:
    """What this payer takes, with its newest number of the claim, from everything that it answered.

    Args:
        sent: The claim as it left.
        bills_in_error: The service must not have been billed to this payer at all.
    """
    rows = (
        RemittanceClaim.objects.filter(
            practice_id=claim.practice_id, claim_id=claim.pk, remittance__state=RemittanceState.POSTED
        )
        .select_related("remittance")
        .prefetch_related("adjustments", "lines")
        .order_by("remittance__posted_at", "number")
    )
    # What an acknowledgment taught counts as older than any answer.
    numbers = [PayerNumber(claim.payer_control_number, date.min)] if claim.payer_control_number else []
    remarks: set[str] = set()
    carcs: set[str] = set()
    for row in rows:
        learnt = row.remittance.paid_on or date.min
        numbers.append(PayerNumber(row.payer_control_number, learnt, is_reversal=row.status == REVERSAL))
        remarks.update(row.remarks)
        remarks.update(code for line in row.lines.all() for code in line.remarks)
        carcs.update(one.reason for one in row.adjustments.all())
    return correction_path(
        sent.payer,
        numbers,
        is_adjudicated=claim.payer_state in ADJUDICATED,
        is_pending=claim.payer_state == PayerState.PENDING,
        remarks=remarks,
        carcs=carcs,
        bills_in_error=bills_in_error,
    )


def in_words(correction: Correction) -> str:
    """Why a replacement or a void cannot be built, and what the payer takes instead."""
    what = {
        Way.NEW_CLAIM: "Send a new claim",
        Way.REOPENING: "This payer is asked in its own way",
        Way.WAIT: "Wait for the answer",
        Way.VOID: "Void it",
        Way.VOID_THEN_NEW: "Void it, then send a new claim",
        Way.REPLACEMENT: "Send a replacement",
    }[correction.way]
    return f"{what}: {correction.words or correction.why}."
