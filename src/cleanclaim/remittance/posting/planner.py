"""Planning: what posting a remittance would do, as a value.

Order of work: balance; duplicate; each claim payment in file order; provider-level adjustments; state,
flags, next actions. README.md of `cleanclaim.remittance` defines every word.
"""

from __future__ import annotations

from collections.abc import Mapping

from cleanclaim.remittance.balance import PREDETERMINATION, REVERSAL, balance
from cleanclaim.remittance.policies import RuleTable
from cleanclaim.remittance.policy import PostingPolicy, default_policy
from cleanclaim.remittance.posting import actions
from cleanclaim.remittance.posting.claim_payment import ClaimPayment, Sheet
from cleanclaim.remittance.posting.ledger_state import RunningClaim
from cleanclaim.remittance.posting.provider_level import debt_after, provider_postings
from cleanclaim.remittance.posting.records import (
    ClaimOutcome,
    ClaimState,
    Credit,
    Posting,
    PostingPlan,
    PostingType,
    PriorState,
)
from cleanclaim.x12.sets.records import RemitClaim, Remittance


def claim_key(claim_number: str) -> str:
    """CLP01 and CLM01 as they are compared: trimmed, case ignored."""
    return claim_number.strip().upper()


def plan(
    remittance: Remittance,
    prior: PriorState,
    policy: PostingPolicy | None = None,
    *,
    matches: Mapping[int, str] | None = None,
    file: str = "",
) -> PostingPlan:
    """Work out what posting a remittance would do to these balances. Nothing is changed.

    Args:
        remittance: One payment as read from its 835.
        prior: Our claims and the payer's debt before it.
        policy: Which codes write off, move or wait. The product's default when None.
        matches: Place of a CLP in `remittance.claims` (from 0) -> claim number of ours. Given, it alone
            decides and a place that is missing matches nothing; left out, CLP01 is compared exactly.
        file: Name of the file, for findings.

    Returns:
        The plan. Out of balance, already posted: no postings, claims unchanged, with the reason.
    """
    policy = policy or default_policy()
    claims = {claim_key(claim.claim_number): RunningClaim(claim) for claim in prior.claims}
    sheet = Sheet()
    report = balance(remittance, file=file)
    sheet.findings.extend(report.findings)
    if not report.balanced:
        return _nothing(
            claims, sheet, False, actions.REJECT_OUT_OF_BALANCE, "OUT_OF_BALANCE", report.difference_cents
        )
    if remittance.trace_number and remittance.trace_number in prior.posted_traces:
        return _nothing(claims, sheet, True, actions.DISCARD_DUPLICATE_ERA, "DUPLICATE_ERA", 0)
    matched = _claim_payments(remittance, claims, policy, matches, sheet)
    provider = provider_postings(remittance, sheet.findings)
    sheet.postings.extend(provider)
    debt = debt_after(remittance, prior.payer_debt_cents)
    named = sorted((claim for claim in claims.values() if claim.indexes), key=lambda claim: claim.indexes[0])
    outcomes = tuple(_outcome(claim) for claim in named)
    return PostingPlan(
        balanced=True,
        postings=tuple(sheet.postings),
        claims_after=_states(claims),
        bank_deposit_cents=remittance.paid_cents,
        next_action=_file_action(remittance, outcomes, matched, provider, debt),
        flags=tuple(sorted(sheet.flags)),
        credits=_credits(claims),
        payer_debt_after_cents=debt,
        denials=tuple(sheet.denials),
        outcomes=outcomes,
        held=tuple(sheet.held),
        queued=tuple(sheet.queued),
        matched=tuple(matched),
        findings=tuple(sheet.findings),
    )


def _nothing(
    claims: dict[str, RunningClaim], sheet: Sheet, balanced: bool, action: str, flag: str, difference: int
) -> PostingPlan:
    return PostingPlan(
        balanced,
        (),
        _states(claims),
        0,
        action,
        (flag,),
        difference_cents=difference,
        findings=tuple(sheet.findings),
    )


def _states(claims: dict[str, RunningClaim]) -> dict[str, ClaimState]:
    return {claim.prior.claim_number: claim.state() for claim in claims.values()}


def _claim_payments(
    remittance: Remittance,
    claims: dict[str, RunningClaim],
    policy: PostingPolicy,
    matches: Mapping[int, str] | None,
    sheet: Sheet,
) -> list[str | None]:
    """Post every CLP; returns our claim number for each, in file order."""
    payer = remittance.payer
    payer_ids = tuple(value for value in (remittance.trace_payer_id, payer.id, payer.tax_id) if value)
    rules = RuleTable(policy, payer_ids)
    sheet.has_reversals = any(claim.status == REVERSAL for claim in remittance.claims)
    matched: list[str | None] = []
    for index, claim in enumerate(remittance.claims):
        number = claim.claim_number if matches is None else matches.get(index)
        running = claims.get(claim_key(number)) if number else None
        matched.append(running.prior.claim_number if running else None)
        if claim.status == PREDETERMINATION:
            sheet.flags.add("PREDETERMINATION")
            if claim.paid_cents:
                _unmatched(index, claim, sheet, "a predetermination never posts, and this one carries money")
        elif running is None:
            _unmatched(index, claim, sheet, "no claim of ours has this number")
        else:
            ClaimPayment(index, claim, running, policy, rules, sheet).post()
    return matched


def _unmatched(index: int, claim: RemitClaim, sheet: Sheet, reason: str) -> None:
    """The cash waits in suspense; the adjustments are not posted."""
    sheet.flags.add(actions.MANUAL_MATCH)
    if claim.paid_cents:
        sheet.postings.append(
            Posting(
                PostingType.UNMATCHED_CLAIM,
                claim.paid_cents,
                clp01=claim.claim_number,
                reason=reason,
                clp_index=index,
                position=claim.position,
            )
        )


def _outcome(claim: RunningClaim) -> ClaimOutcome:
    rank, action = actions.claim_action(claim)
    return ClaimOutcome(claim.prior.claim_number, action, rank, tuple(claim.indexes))


def _file_action(
    remittance: Remittance,
    outcomes: tuple[ClaimOutcome, ...],
    matched: list[str | None],
    provider: list[Posting],
    debt: int | None,
) -> str:
    claims = remittance.claims
    if claims and all(claim.status == PREDETERMINATION and not claim.paid_cents for claim in claims):
        return actions.NO_POSTING
    unmatched = sum(
        bool(claim.paid_cents) if claim.status == PREDETERMINATION else number is None
        for number, claim in zip(matched, claims, strict=True)
    )
    return actions.file_action(outcomes, unmatched, provider, debt, has_claims=bool(claims))


def _credits(claims: dict[str, RunningClaim]) -> tuple[Credit, ...]:
    """What claims of the file owe back, payer before patient, in the order of our claims."""
    credits = []
    for claim in claims.values():
        number = claim.prior.claim_number
        if claim.indexes and claim.insurance_balance < 0:
            credits.append(Credit(number, "payer", -claim.insurance_balance))
        if claim.indexes and claim.patient_balance < 0:
            credits.append(Credit(number, "patient", -claim.patient_balance))
    return tuple(credits)
