"""Each cent of a payment with the segment that says so, what became of it, and the bank line that brought it.

The rows of money add up to the payment (BPR02). The rows of a claim add up to its charge. Both are shown
beside their sums, so that a reader can check what the machine checked.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cleanclaim.remittance.balance import PREDETERMINATION
from cleanclaim.remittance.posting.records import Posting, PostingPlan, PostingType
from cleanclaim.x12.sets.records import RemitClaim, Remittance


class CashRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Money of the payment. `cents` is positive when it came to us."""

    cents: int
    segment: str
    """CLP, SVC or PLB."""
    position: int
    """From ST = 1; 0 for values that came from no file."""
    went_to: str
    """posted, suspense, unmatched or provider level."""
    clp_index: int = -1
    line: int = 0
    claim: str = ""
    """Our claim number; the payer's when it is not ours."""
    code: str = ""
    """Procedure code, or PLB code."""
    why: str = ""


class ChargeRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a part of a claim's charge that was not paid."""

    cents: int
    type: str
    """Posting type; ``held`` where the line waits, ``not posted`` where the claim is not ours."""
    clp_index: int
    line: int
    carc: str
    position: int
    sub: str = ""
    category: str = ""
    why: str = ""


class PaymentProof(msgspec.Struct, frozen=True):
    """The proof of one payment."""

    cash: tuple[CashRow, ...]
    charges: tuple[ChargeRow, ...]
    paid_cents: int
    deposits: tuple[str, ...] = ()
    """Bank lines matched to it."""
    deposited_cents: int | None = None
    """Their sum; None while no deposit is matched."""

    @property
    def cash_cents(self) -> int:
        return sum(row.cents for row in self.cash)

    @property
    def is_proved(self) -> bool:
        """The rows are the payment, and so is the deposit where there is one."""
        deposited = self.paid_cents if self.deposited_cents is None else self.deposited_cents
        return self.cash_cents == self.paid_cents == deposited


def prove_payment(
    remittance: Remittance,
    plan: PostingPlan,
    *,
    deposits: Sequence[str] = (),
    deposited_cents: int | None = None,
) -> PaymentProof:
    """The proof of a payment that balances.

    Args:
        deposits: Keys of the bank lines matched to it, with their sum.

    Raises:
        ValueError: The plan does not balance: a payment that was parked whole has nothing to prove.
    """
    if not plan.balanced:
        raise ValueError("the payment does not balance; nothing of it was posted")
    held = {(one.clp_index, one.line): one.reason for one in plan.held}
    cash: list[CashRow] = []
    charges: list[ChargeRow] = []
    postings: dict[int, list[Posting]] = {}
    for posting in plan.postings:
        postings.setdefault(posting.clp_index, []).append(posting)
    for index, claim in enumerate(remittance.claims):
        ours = plan.matched[index] if index < len(plan.matched) else None
        cash += _cash(index, claim, ours, held)
        charges += _charges(index, claim, ours, held, postings.get(index, ()))
    for item in remittance.provider_adjustments:
        if item.amount_cents:
            why = f"reference {item.reference}" if item.reference else ""
            cash.append(
                CashRow(-item.amount_cents, "PLB", item.position, "provider level", code=item.code, why=why)
            )
    return PaymentProof(tuple(cash), tuple(charges), remittance.paid_cents, tuple(deposits), deposited_cents)


def _fate(
    index: int, line: int, claim: RemitClaim, ours: str | None, held: dict[tuple[int, int], str]
) -> tuple[str, str]:
    if claim.status == PREDETERMINATION:
        return "unmatched", "a predetermination never posts"
    if ours is None:
        return "unmatched", "no claim of ours"
    reason = held.get((index, 0)) or held.get((index, line))
    return ("suspense", reason) if reason else ("posted", "")


def _cash(index: int, claim: RemitClaim, ours: str | None, held: dict[tuple[int, int], str]) -> list[CashRow]:
    """One row a line, and one for what claim-level adjustments take from the lines."""
    number = ours or claim.claim_number
    rows = []
    rest = claim.paid_cents
    for place, line in enumerate(claim.lines, start=1):
        rest -= line.paid_cents
        if line.paid_cents:
            fate, why = _fate(index, place, claim, ours, held)
            rows.append(
                CashRow(line.paid_cents, "SVC", line.position, fate, index, place, number, line.code, why)
            )
    if rest:
        fate, why = _fate(index, 0, claim, ours, held)
        rows.append(CashRow(rest, "CLP", claim.position, fate, index, 0, number, "", why))
    return rows


def _charges(
    index: int,
    claim: RemitClaim,
    ours: str | None,
    held: dict[tuple[int, int], str],
    postings: Sequence[Posting],
) -> list[ChargeRow]:
    """Adjustments as posted; as sent where they wait."""
    moving = (PostingType.PMT_INS, PostingType.SUSPENSE, PostingType.UNMATCHED_CLAIM)
    rows = [
        ChargeRow(
            one.amount_cents, str(one.type), index, one.line, one.carc, one.position, one.sub, one.category,
            one.reason,
        )
        for one in postings
        if one.type not in moving
    ]  # fmt: skip
    for place, items in enumerate((claim.adjustments, *(line.adjustments for line in claim.lines))):
        fate, why = _fate(index, place, claim, ours, held)
        if fate == "posted":
            continue
        kind = "held" if fate == "suspense" else "not posted"
        rows += [
            ChargeRow(
                item.amount_cents, kind, index, place, f"{item.group}-{item.reason}", item.position, why=why
            )
            for item in items
            if item.amount_cents
        ]
    return rows
