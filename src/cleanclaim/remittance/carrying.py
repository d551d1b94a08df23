"""The state after a plan was carried out, as the state before the next one.

The server reads this from its tables; simulations, drills and what-if questions compute it here.
"""

from __future__ import annotations

import msgspec

from cleanclaim.remittance.posting.records import PostedBefore, PostingPlan, PostingType, PriorState
from cleanclaim.x12.sets.records import Remittance


def carry_forward(prior: PriorState, plan: PostingPlan, remittance: Remittance) -> PriorState:
    """What planning the next remittance of this payer would look at.

    A plan that posts nothing because the payment does not balance leaves everything as it was.

    Examples:
        >>> from cleanclaim.remittance import PriorClaim, plan
        >>> from cleanclaim.x12.sets.records import RemitClaim, RemitLine
        >>> paid = Remittance(9000, "ACH", trace_number="T1", claims=(
        ...     RemitClaim("A1", "1", 9000, 9000, payer_control_number="P1",
        ...                lines=(RemitLine("90837", 9000, 9000),)),))
        >>> before = PriorState((PriorClaim("A1", 9000),))
        >>> carry_forward(before, plan(paid, before), paid).claims[0].insurance_paid_cents
        9000
    """
    if not plan.balanced:
        return prior
    history: dict[str, list[PostedBefore]] = {}
    for one in plan.postings:
        if one.claim is None or one.type == PostingType.SUSPENSE:
            continue
        control = remittance.claims[one.clp_index].payer_control_number
        history.setdefault(one.claim, []).append(
            PostedBefore(
                control, one.type, one.amount_cents, one.carc, one.line, one.sub, one.category, one.payer_seq
            )
        )
    claims = []
    for claim in prior.claims:
        after = plan.claims_after[claim.claim_number]
        claims.append(
            msgspec.structs.replace(
                claim,
                insurance_paid_cents=after.insurance_paid_cents,
                adjusted_cents=after.adjusted_cents,
                patient_responsibility_cents=after.patient_responsibility_cents,
                denied_open_cents=after.denied_open_cents,
                history=(*claim.history, *history.get(claim.claim_number, ())),
            )
        )
    traces = prior.posted_traces
    if remittance.trace_number:
        traces = traces | {remittance.trace_number}
    debt = plan.payer_debt_after_cents
    return PriorState(tuple(claims), traces, prior.payer_debt_cents if debt is None else debt)
