"""Contractual write-offs within their cap (README.md, "Cap on contractual write-offs")."""

from __future__ import annotations

from typing import NamedTuple

from cleanclaim.remittance.policy import PostingPolicy
from cleanclaim.remittance.posting.adjustments import Ruling
from cleanclaim.remittance.posting.holding import Ruled
from cleanclaim.remittance.posting.ledger_state import RunningClaim
from cleanclaim.remittance.posting.records import PostingType as T
from cleanclaim.x12.sets.records import Cas, RemitClaim

_REPEATED = Ruling(T.INFO, reason="already written off under the prior payer")
_VARIANCE = Ruling(T.DENY_HOLD, category="contract_underpayment", reason="beyond the contract")


class Share(NamedTuple):
    """A part of a contractual adjustment and what becomes of it."""

    number: int
    cas: Cas
    remarks: tuple[str, ...]
    ruling: Ruling
    amount_cents: int

    @property
    def is_repeated(self) -> bool:
        return self.ruling is _REPEATED

    @property
    def is_variance(self) -> bool:
        return self.ruling is _VARIANCE


def share_out(
    claim: RemitClaim, running: RunningClaim, capped: list[Ruled], policy: PostingPolicy
) -> list[Share]:
    """Divide contractual adjustments, in order, into write-off and the rest.

    Everything else of the claim payment is posted by now. The rest is information under a secondary
    payer, who repeats what the first one wrote off, and a dispute under a contract.
    """
    is_secondary = claim.status in policy.secondary_statuses
    cap = _cap(claim, running, policy, is_secondary=is_secondary)
    if cap is not None and not is_secondary:
        beyond = sum(item[1].amount_cents for item in capped) - cap
        if beyond <= policy.variance_tolerance_cents:
            cap = None
    shares = []
    for number, cas, remarks, ruling in capped:
        amount = cas.amount_cents
        taken = amount if cap is None or amount <= 0 else min(amount, cap)
        if cap is not None:
            cap -= taken
        if taken:
            shares.append(Share(number, cas, remarks, ruling, taken))
        if amount != taken:
            rest = _REPEATED if is_secondary else _VARIANCE
            shares.append(Share(number, cas, remarks, rest, amount - taken))
    return shares


def _cap(
    claim: RemitClaim, running: RunningClaim, policy: PostingPolicy, *, is_secondary: bool
) -> int | None:
    """The most that may be written off; None without a limit."""
    if is_secondary:
        left = running.insurance_balance - max(0, running.kept_cents)
        return max(0, left) if policy.cap_secondary else None
    expected = _expected(claim, running) if policy.cap_by_contract else None
    return None if expected is None else max(0, claim.charge_cents - expected)


def _expected(claim: RemitClaim, running: RunningClaim) -> int | None:
    """What the contract allows for the answered lines; for the whole claim when lines are not priced."""
    by_line = running.prior.expected_by_line
    if by_line and claim.lines and all(line.line_control in by_line for line in claim.lines):
        return sum(by_line[control] for control in {line.line_control for line in claim.lines})
    return running.prior.expected_allowed_cents
