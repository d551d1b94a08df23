"""Provider-level adjustments (PLB): money that belongs to the payment and to no claim."""

from __future__ import annotations

from cleanclaim.codesets.remittance_codes import plb
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.remittance.posting.records import Posting
from cleanclaim.x12.sets.records import Remittance

DEBT_CODES = frozenset({"FB", "WO", "72"})
"""The codes that move what we owe the payer."""

UNKNOWN_TYPE = "PLB_UNKNOWN"


def provider_postings(remittance: Remittance, findings: list[Finding]) -> list[Posting]:
    """One posting per PLB pair with an amount, in file order; the sign is the 835's."""
    postings = []
    for index, item in enumerate(remittance.provider_adjustments):
        try:
            known = plb(item.code)
            kind, ledger_class = known.posting_type, known.ledger_class
        except CodeNotKnown:
            kind, ledger_class = UNKNOWN_TYPE, "REVIEW"
            findings.append(
                Finding(
                    "remittance.provider_adjustment_unknown",
                    Severity.TELL,
                    f"Provider adjustment code {item.code} is not in the code list.",
                    Where(segment="PLB", segment_index=item.position, element="PLB03"),
                    remittance.trace_number,
                    {"code": item.code, "amount_cents": item.amount_cents},
                    "Its amount is booked to provider-level suspense. Ask the payer what it is for.",
                )
            )
        if item.amount_cents:
            postings.append(
                Posting(
                    kind,
                    item.amount_cents,
                    reference=item.reference,
                    cash_effect_cents=-item.amount_cents,
                    plb_index=index,
                    ledger_class=ledger_class,
                    plb_code=item.code,
                    position=item.position,
                )
            )
    return postings


def debt_after(remittance: Remittance, before_cents: int) -> int | None:
    """What we owe the payer afterwards; None when nothing in the remittance touches it.

    A negative result is money taken for a reversal that was never posted.
    """
    moved = [item.amount_cents for item in remittance.provider_adjustments if item.code in DEBT_CODES]
    return before_cents - sum(moved) if moved else None
