"""One payment for several practices: whose is each claim and each provider-level adjustment.

A payer pays one tax id; an agency may bill for several practices under it, or receive one file with a payment
each. The parts are exact: what every practice receives adds up to BPR02.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.x12.sets.records import Remittance

UNASSIGNED = ""


class PracticeShare(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of one practice. `practice_id` is `''` for what nobody could be found for."""

    practice_id: str
    claims: tuple[int, ...]
    """Places of its CLPs, from 0."""
    provider_adjustments: tuple[int, ...]
    """Places of its PLB pairs, from 0."""
    claims_cents: int
    provider_cents: int

    @property
    def net_cents(self) -> int:
        """Its part of the payment."""
        return self.claims_cents - self.provider_cents


class PracticeShares(msgspec.Struct, frozen=True):
    """All parts, by practice id, the unassigned one first."""

    shares: tuple[PracticeShare, ...]
    findings: tuple[Finding, ...] = ()


def practice_shares(
    remittance: Remittance,
    practices_by_number: Mapping[str, str],
    *,
    claim_practices: Mapping[int, str] | None = None,
) -> PracticeShares:
    """Divide a payment among practices.

    Args:
        practices_by_number: NPI, tax id or payer-given provider number -> practice. A number that two
            practices share must be left out.
        claim_practices: Place of a CLP (from 0) -> practice, where the claim itself was matched. It counts
            before any number.

    Returns:
        Parts that add up to the claims less the provider-level adjustments (BPR02 when the payment balances).
        Order of evidence for a claim: the matched claim; the rendering provider (NM1*82); the provider of the
        section (TS3); the payee. For a PLB: its provider number (PLB01); the payee; the only practice.
    """
    known = {_bare(number): practice for number, practice in practices_by_number.items() if number}
    payee = _first(known, _payee_numbers(remittance))
    owners: list[str] = []
    for index, claim in enumerate(remittance.claims):
        matched = (claim_practices or {}).get(index, "")
        numbers = [claim.rendering.id, claim.rendering.tax_id, claim.provider_number]
        owners.append(matched or _first(known, numbers) or payee)
    only = next(iter(set(owners))) if len(set(owners)) == 1 else ""
    provider = [
        _first(known, [item.provider_id]) or payee or only for item in remittance.provider_adjustments
    ]
    shares = []
    for practice in sorted({*owners, *provider}):
        claims = tuple(index for index, owner in enumerate(owners) if owner == practice)
        pairs = tuple(index for index, owner in enumerate(provider) if owner == practice)
        shares.append(
            PracticeShare(
                practice,
                claims,
                pairs,
                sum(remittance.claims[index].paid_cents for index in claims),
                sum(remittance.provider_adjustments[index].amount_cents for index in pairs),
            )
        )
    return PracticeShares(tuple(shares), tuple(_findings(remittance, shares)))


def _payee_numbers(remittance: Remittance) -> Sequence[str]:
    payee = remittance.payee
    return [payee.id, payee.tax_id, *(value for _, value in payee.additional_ids)]


def _bare(number: str) -> str:
    return "".join(ch for ch in number.upper() if ch.isalnum())


def _first(known: Mapping[str, str], numbers: Sequence[str]) -> str:
    for number in numbers:
        practice = known.get(_bare(number)) if number else None
        if practice:
            return practice
    return UNASSIGNED


def _findings(remittance: Remittance, shares: Sequence[PracticeShare]) -> list[Finding]:
    lost = next((share for share in shares if share.practice_id == UNASSIGNED), None)
    if lost is None:
        return []
    return [
        Finding(
            "remittance.practice_unknown",
            Severity.OVERRIDE,
            f"{len(lost.claims)} claim payments and {len(lost.provider_adjustments)} provider adjustments "
            "name no practice of ours.",
            Where(transaction=remittance.control_number),
            remittance.trace_number,
            {"claims": len(lost.claims), "net_cents": lost.net_cents},
            "Add the provider's number to its practice, or say that the payment is not ours.",
        )
    ]
