"""A programme's claim as the UB-04 wants it."""

from __future__ import annotations

from cleanclaim.claim import Claim
from cleanclaim.codesets.programmes import revenue_codes
from cleanclaim.paper.ub04 import ProgrammeClaim, ProgrammeLine, ProgrammePayer

ORDER = "PST"


def programme_claim(claim: Claim) -> ProgrammeClaim:
    """An institutional claim in the order of the form: payers by their place, with what they paid before.

    Raises:
        ValueError: The claim is professional; it goes on a CMS-1500.
    """
    bill = claim.bill
    if bill is None:
        raise ValueError(f"claim {claim.claim_number} is professional: it goes on a CMS-1500")
    own = ProgrammePayer(
        payer=claim.payer,
        subscriber=claim.subscriber,
        member_id=claim.member_id,
        group_name=claim.group_name,
        group_number=claim.group_number,
        relationship=claim.relationship,
        authorization_number=claim.authorization_number,
        payer_control_number=claim.payer_control_number,
    )
    others = [
        (
            other.sequence,
            ProgrammePayer(
                payer=other.payer,
                subscriber=other.subscriber,
                member_id=other.member_id,
                group_number=other.group_number,
                relationship=other.relationship,
                prior_payment_cents=other.paid_cents,
                # Its own number belongs to its own claim; a document number is of the claim replaced.
            ),
        )
        for other in claim.other_payers
    ]
    payers = sorted(
        [(claim.sequence, own), *others], key=lambda one: ORDER.index(one[0]) if one[0] in ORDER else 9
    )
    labels = revenue_codes()
    return ProgrammeClaim(
        claim_number=claim.claim_number,
        bill_type=claim.bill_type,
        billing_provider=claim.billing_provider,
        patient=claim.patient,
        statement_from=bill.statement_from,
        statement_through=bill.statement_to,
        lines=tuple(
            ProgrammeLine(
                line.revenue_code,
                line.charge_cents,
                line.date_of_service,
                line.code,
                line.modifiers,
                line.units,
                labels.get(line.revenue_code, ""),
            )
            for line in claim.lines
        ),
        payers=tuple(payer for _, payer in payers),
        diagnoses=claim.diagnoses,
        attending=bill.attending,
        admitted_on=bill.admitted_on,
        admission_hour=bill.admitted_clock[:2],
        admission_type=bill.admission_type,
        admission_source=bill.admission_source,
        discharge_hour=bill.discharge_clock[:2],
        patient_status=bill.patient_status,
        admitting_diagnosis=bill.admitting_diagnosis,
        conditions=bill.conditions,
        occurrences=bill.occurrences,
        values=bill.values,
        remarks=claim.note,
    )
