"""Who is billed next, and when: crossover, Medicaid last, nothing left, denials first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from cleanclaim.claim import Claim, OtherPayer, OtherPayerLine, PayerKind, ServiceLine
from cleanclaim.remittance.nextpayer.telling import Told
from cleanclaim.remittance.policy import PostingPolicy, default_policy
from cleanclaim.x12.sets.records import RemitClaim

ORDER = "PST"
CROSSOVER_STATUSES = frozenset({"19", "20", "21"})
NOT_OURS_FORWARDED = "23"
CROSSED_REMARKS = frozenset({"MA18", "MA07", "N89"})
NOT_CROSSED_REMARKS = frozenset({"MA08", "MA19", "MA68", "N387"})
CROSSOVER_WAIT_DAYS = 30


class Step(StrEnum):
    """What happens to a claim after an answer, as far as other payers are concerned."""

    BILL_NEXT = "bill_next"
    WAIT_CROSSOVER = "wait_crossover"
    """The payer forwards it itself: billing it too would make a duplicate."""
    WORK_FIRST = "work_first"
    """The answer is a denial that must be worked: the next payer would deny it for that."""
    FIX_ORDER = "fix_order"
    """Medicaid stands before another payer."""
    FIX_BALANCE = "fix_balance"
    NOTHING_LEFT = "nothing_left"
    NO_NEXT = "no_next"


class NextStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """The decision. `look_again_on` is the day a wait ends; `payer_id` the next payer's."""

    step: Step
    why: str
    payer_id: str = ""
    look_again_on: date | None = None


def decide_next(
    claim: Claim, answer: RemitClaim, told: Told | None, *, today: date, policy: PostingPolicy | None = None
) -> NextStep:
    """What to do about the payers after the one that answered. First that fits.

    Args:
        claim: What was sent to the payer that answered; its `other_payers` name those that follow.
        answer: The payer's newest answer.
        told: From `tell`.
    """
    policy = policy or default_policy()
    following = next_payer(claim)
    remarks = {*answer.remarks, *(code for line in answer.lines for code in line.remarks)}
    if answer.status == NOT_OURS_FORWARDED:
        return NextStep(Step.WAIT_CROSSOVER, "not this payer's claim; it sent it on", "", _wait(today))
    if told is None:
        return NextStep(Step.NO_NEXT, "no answer stands")
    crossed = answer.status in CROSSOVER_STATUSES or bool(remarks & CROSSED_REMARKS)
    if crossed and not remarks & NOT_CROSSED_REMARKS:
        name = answer.crossover_to.id
        why = f"status {answer.status} and its remarks say that the payer forwards the claim"
        return NextStep(Step.WAIT_CROSSOVER, why, name, _wait(today))
    if following is None:
        return NextStep(Step.NO_NEXT, "no further coverage is on the claim")
    if _medicaid_before_others(claim, following):
        return NextStep(
            Step.FIX_ORDER, "Medicaid pays last, and another payer stands after it", following.payer.payer_id
        )
    if not told.is_balanced:
        return NextStep(Step.FIX_BALANCE, told.findings[0].message, following.payer.payer_id)
    denied, share = _denied(told, policy), _share(told)
    if denied and not share and not (told.other.paid_cents or 0):
        return NextStep(
            Step.WORK_FIRST, "everything was denied for a reason to be worked", following.payer.payer_id
        )
    if not share and not denied:
        return NextStep(Step.NOTHING_LEFT, "the payer left no share", following.payer.payer_id)
    if not share:
        return NextStep(
            Step.WORK_FIRST, "what is left was denied for a reason to be worked", following.payer.payer_id
        )
    why = "a share is left for the next payer"
    if denied:
        why += "; another part was denied and is worked beside it"
    return NextStep(Step.BILL_NEXT, why, following.payer.payer_id)


def _wait(today: date) -> date:
    return today + timedelta(CROSSOVER_WAIT_DAYS)


def next_payer(claim: Claim) -> OtherPayer | None:
    """The coverage that follows the payer of a claim, by place; None when there is none."""
    after = [
        other
        for other in claim.other_payers
        if other.sequence in ORDER and ORDER.index(other.sequence) > ORDER.index(claim.sequence)
    ]
    return min(after, key=lambda other: ORDER.index(other.sequence), default=None)


def _medicaid_before_others(claim: Claim, following: OtherPayer) -> bool:
    """Medicaid stands next, and somebody who has not answered stands after it."""
    if following.payer.kind is not PayerKind.MEDICAID:
        return False
    place = ORDER.index(following.sequence)
    return any(
        other.sequence in ORDER
        and ORDER.index(other.sequence) > place
        and other.payer.kind is not PayerKind.MEDICAID
        for other in claim.other_payers
    )


def _adjustments(told: Told) -> list[tuple[str, str, int]]:
    items = [*told.other.adjustments, *(item for line in told.lines.values() for item in line.adjustments)]
    return [(item.group, item.reason, item.amount_cents) for item in items]


def _share(told: Told) -> int:
    """What is the patient's in this payer's eyes, whatever the reason: the next payer may pay it."""
    return max(0, sum(cents for group, _, cents in _adjustments(told) if group == "PR"))


def _denied(told: Told, policy: PostingPolicy) -> int:
    """Amounts that are neither shared, nor contractual, nor information."""
    quiet = policy.contractual | policy.sequestration | policy.withhold | policy.prior_payer_information
    quiet |= policy.paid_above_charge | policy.bonus | policy.reporting_only | policy.qmb_write_off
    return sum(
        max(0, cents) for group, reason, cents in _adjustments(told) if group != "PR" and reason not in quiet
    )


def order_payers(payers: Sequence[OtherPayer]) -> list[OtherPayer]:
    """Coverages in the order of benefits with Medicaid put last; the others keep their order.

    Source:
        42 CFR 433.139: Medicaid pays after every liable third party.
    """
    held = sorted(payers, key=lambda other: ORDER.index(other.sequence) if other.sequence in ORDER else 9)
    held.sort(key=lambda other: other.payer.kind is PayerKind.MEDICAID)
    return [msgspec.structs.replace(other, sequence=ORDER[place]) for place, other in enumerate(held[:3])]


def next_claim(
    claim: Claim,
    told: Told,
    *,
    claim_number: str,
    insurance_type: str = "",
    authorization_number: str = "",
    plan_id: str = "",
) -> Claim:
    """The claim to the next payer: that payer in front, those that answered among the others.

    Args:
        claim: What was sent to the payer that answered.
        insurance_type: SBR05, when Medicare follows another payer: the reason (12 working aged, ...).
        authorization_number: The next payer's own; the first one's is never sent on.

    Returns:
        A claim with the same lines and charges. Two answers and more are all carried (tertiary claims).

    Raises:
        LookupError: No coverage follows.
        ValueError: The answer does not add up (see `Told.findings`).
    """
    following = next_payer(claim)
    if following is None:
        raise LookupError("no coverage follows the payer that answered")
    if not told.is_balanced:
        raise ValueError(told.findings[0].message)
    is_medicare = following.payer.kind is PayerKind.MEDICARE
    lines = tuple(
        msgspec.structs.replace(
            line,
            control_number=f"{claim_number}L{line.number}",
            other_payers=(*line.other_payers, *_one(told.lines.get(line.number))),
            obligated_cents=_to_accept(line, told) if is_medicare else None,
        )
        for line in claim.lines
    )
    others = tuple(other for other in claim.other_payers if other.sequence != following.sequence)
    answered = tuple(other for other in others if other.paid_cents is not None)
    waiting = tuple(other for other in others if other.paid_cents is None)
    return msgspec.structs.replace(
        claim,
        claim_number=claim_number,
        payer=following.payer,
        subscriber=following.subscriber,
        member_id=following.member_id,
        group_number=following.group_number,
        relationship=following.relationship,
        sequence=following.sequence,
        insurance_type=insurance_type,
        payer_control_number="",
        authorization_number=authorization_number,
        lines=lines,
        other_payers=(*answered, told.other, *waiting),
        plan_id=plan_id,
    )


def _to_accept(line: ServiceLine, told: Told) -> int | None:
    """What we must accept for a line in full payment from the payer that answered, as Medicare asks.

    The charge less what its contract cut off, said when the contract cut something off and the payer paid
    less than that. An earlier payer's lower amount stands.

    Source:
        42 CFR 411.33 (a); transactions.md 5.3: CN1*09, value code 44.
    """
    answer = told.lines.get(line.number)
    if answer is None:
        return line.obligated_cents
    cut = sum(
        item.amount_cents
        for item in answer.adjustments
        if item.group == "CO" and item.reason in default_policy().contractual
    )
    accepted = line.charge_cents - cut
    if cut <= 0 or not answer.paid_cents < accepted:
        return line.obligated_cents
    return accepted if line.obligated_cents is None else min(accepted, line.obligated_cents)


def _one(line: OtherPayerLine | None) -> tuple[OtherPayerLine, ...]:
    return () if line is None else (line,)
