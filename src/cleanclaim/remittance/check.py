"""What one remittance says, before it meets our claims: does it balance, what would post, what is work.

Rulings assume that each claim is ours, in network, with no further payer and no fee schedule; planning
against real balances may differ where these matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from cleanclaim.codesets.remittance_codes import plb
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.findings import Finding
from cleanclaim.remittance.balance import PREDETERMINATION, REVERSAL, balance
from cleanclaim.remittance.policy import PostingPolicy, default_policy
from cleanclaim.remittance.posting.adjustments import Ruling, rule_on
from cleanclaim.remittance.posting.records import PostingType, PriorClaim
from cleanclaim.x12.sets.records import Cas, RemitClaim, Remittance


def check_document(
    remittance: Remittance,
    *,
    file: str = "",
    reading: Iterable[Finding] = (),
    policy: PostingPolicy | None = None,
) -> dict[str, Any]:
    """One payment as plain values, amounts in whole cents.

    Args:
        reading: Findings of reading the file; one that stops makes `posts` false.

    Returns:
        The document of ``remit check``. `denied_claims` counts claim payments with at least one denied
        amount, decided from the adjustments and never from CLP02.
    """
    policy = policy or default_policy()
    report = balance(remittance, file=file)
    findings = [*reading, *report.findings]
    would_post: dict[str, int] = {}
    work: dict[str, dict[str, int]] = {}
    by_status: dict[str, int] = {}
    denied = 0
    for claim in remittance.claims:
        by_status[claim.status] = by_status.get(claim.status, 0) + 1
        if claim.status == PREDETERMINATION:
            continue
        _add(would_post, PostingType.PMT_INS, claim.paid_cents)
        is_denied = False
        for cas, ruling in _rulings(claim, policy):
            _add(would_post, ruling.type, cas.amount_cents)
            if ruling.type == PostingType.DENY_HOLD and cas.amount_cents > 0 and claim.status != REVERSAL:
                is_denied = True
                item = work.setdefault(ruling.category, {"count": 0, "amount_cents": 0})
                item["count"] += 1
                item["amount_cents"] += cas.amount_cents
        denied += is_denied
    return {
        "file": file,
        "transaction": remittance.control_number,
        "payer": remittance.payer.name,
        "trace_number": remittance.trace_number,
        "trace_payer_id": remittance.trace_payer_id,
        "method": remittance.method,
        "paid_on": remittance.paid_on.isoformat() if remittance.paid_on else None,
        "paid_cents": remittance.paid_cents,
        "claims": len(remittance.claims),
        "lines": sum(len(claim.lines) for claim in remittance.claims),
        "claim_paid_cents": report.claims_paid_cents,
        "plb_cents": report.provider_adjustments_cents,
        "balanced": report.balanced,
        "difference_cents": report.difference_cents,
        "posts": report.balanced and not any(finding.severity.stops for finding in findings),
        "findings": [msgspec.to_builtins(finding) for finding in findings],
        "claims_by_status": dict(sorted(by_status.items())),
        "reversals": by_status.get(REVERSAL, 0),
        "denied_claims": denied,
        "plb": [_plb(item) for item in remittance.provider_adjustments],
        "would_post": dict(sorted(would_post.items())),
        "to_work": dict(sorted(work.items())),
    }


def _rulings(claim: RemitClaim, policy: PostingPolicy) -> Iterable[tuple[Cas, Ruling]]:
    ours = PriorClaim(claim.claim_number, claim.charge_cents)
    for cas in claim.adjustments:
        yield cas, rule_on(cas, claim.remarks, claim.status, ours, policy)
    for line in claim.lines:
        for cas in line.adjustments:
            yield cas, rule_on(cas, line.remarks + claim.remarks, claim.status, ours, policy)


def _add(totals: dict[str, int], kind: str, cents: int) -> None:
    if cents:
        totals[str(kind)] = totals.get(str(kind), 0) + cents


def _plb(item: Any) -> dict[str, Any]:
    try:
        known = plb(item.code)
        meaning, kind = known.meaning, known.posting_type
    except CodeNotKnown:
        meaning, kind = "not in the code list", "PLB_UNKNOWN"
    return {
        "code": item.code,
        "reference": item.reference,
        "amount_cents": item.amount_cents,
        "posting_type": kind,
        "meaning": meaning,
    }
