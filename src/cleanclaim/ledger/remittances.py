"""A posting plan into entries: one per claim payment, one per provider-level adjustment.

Every entry carries its own cash leg (on the deposit clearing account), so the cash legs of a posted
remittance add up to BPR02: claims paid less provider adjustments.

    CLP 90.00 paid, 40.00 CO-45, 20.00 PR-2          PLB L6 -2.15
      deposit_clearing          +90.00                 deposit_clearing   +2.15
      insurance_receivable      -90.00                 interest_income    -2.15
      contractual_adjustments   +40.00
      insurance_receivable      -40.00
      patient_receivable        +20.00
      insurance_receivable      -20.00
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import msgspec

from cleanclaim.ledger.accounts import Account, plb_account
from cleanclaim.ledger.entries import Entry, EntryKind, LedgerError, Leg, Source, input_hash, make_entry
from cleanclaim.remittance.posting.records import Posting, PostingPlan, PostingType
from cleanclaim.x12.sets.records import RemitClaim, Remittance

MOVES: dict[str, Account] = {
    PostingType.ADJ_CONTRACT: Account.CONTRACTUAL_ADJUSTMENTS,
    PostingType.ADJ_SEQUESTRATION: Account.SEQUESTRATION,
    PostingType.ADJ_CAPITATION: Account.CAPITATION_ADJUSTMENTS,
    PostingType.ADJ_QMB: Account.QMB_ADJUSTMENTS,
    PostingType.WITHHOLD_RECEIVABLE: Account.WITHHOLD_RECEIVABLE,
    PostingType.XFER_PATIENT: Account.PATIENT_RECEIVABLE,
}
"""Postings that take from the insurance receivable, and the account that receives."""

NO_MOVEMENT = frozenset({PostingType.XFER_NEXT, PostingType.DENY_HOLD, PostingType.INFO})
SUSPENDED = frozenset({PostingType.UNMATCHED_CLAIM, PostingType.SUSPENSE})


class ClaimIds(msgspec.Struct, frozen=True, omit_defaults=True):
    """Our ids of one claim. `lines` maps (place of the CLP in the file, line inside it) to a line's id."""

    claim_id: str
    patient_id: str | None = None
    practice_id: str = ""
    """Set when the claim belongs to another practice than the remittance."""
    encounter_id: str | None = None
    lines: dict[tuple[int, int], str] = {}


def entries_for_plan(
    plan: PostingPlan,
    remittance: Remittance,
    claims: Mapping[str, ClaimIds],
    source: Source,
    *,
    key: str,
    payer_id: str | None = None,
    plb_practices: Mapping[int, str] | None = None,
    new_id: Callable[[], str] | None = None,
) -> list[Entry]:
    """The entries that carry a plan out.

    Args:
        plan: From `cleanclaim.remittance.plan`; it must post.
        remittance: What was planned: line payments and positions come from it.
        claims: Our claim number -> our ids, for every claim the plan names.
        source: Dates, file hash, transaction, actor, remittance id; positions are filled in per entry.
        key: Idempotency prefix: the remittance's identity and the number of the posting. Entries append
            ``:clp:<n>`` or ``:plb:<n>``.
        plb_practices: Place of a PLB pair (from 0) -> practice, in files for several practices.
        new_id: Makes entry ids. Left out, ids follow from practice and key.

    Returns:
        In file order: claim payments, then provider adjustments. Answers that move nothing (a denial
        without payment, pure information) have no entry. The cash legs add up to BPR02.

    Raises:
        LedgerError: The plan does not post, or a claim has no ids.
    """
    if not plan.balanced:
        raise LedgerError("a remittance that does not balance has no entries")
    by_claim: dict[int, list[Posting]] = {}
    provider: list[Posting] = []
    for posting in plan.postings:
        if posting.clp_index >= 0:
            by_claim.setdefault(posting.clp_index, []).append(posting)
        else:
            provider.append(posting)
    entries = []
    for index in sorted(by_claim):
        entry = _claim_entry(
            index, remittance.claims[index], by_claim[index], claims, source, key, payer_id, new_id
        )
        if entry is not None:
            entries.append(entry)
    for posting in provider:
        practice = (plb_practices or {}).get(posting.plb_index, source.practice_id)
        entries.append(_provider_entry(posting, _for(source, practice), key, payer_id, new_id))
    return entries


def _for(source: Source, practice_id: str) -> Source:
    if not practice_id or practice_id == source.practice_id:
        return source
    return msgspec.structs.replace(source, practice_id=practice_id)


def _claim_entry(
    index: int,
    claim: RemitClaim,
    postings: Sequence[Posting],
    claims: Mapping[str, ClaimIds],
    source: Source,
    key: str,
    payer_id: str | None,
    new_id: Callable[[], str] | None,
) -> Entry | None:
    number = postings[0].claim
    ids = None
    if number is not None:
        ids = claims.get(number)
        if ids is None:
            raise LedgerError(f"no ids were given for a claim of the plan (claim payment {index + 1})")
    legs: list[Leg] = []
    suspended = {posting.line for posting in postings if posting.type == PostingType.SUSPENSE}
    for posting in postings:
        kind = posting.type
        if kind in NO_MOVEMENT:
            continue
        if kind == PostingType.PMT_INS:
            legs += _payment(index, claim, posting, ids, payer_id, suspended)
        elif kind in SUSPENDED:
            legs += _suspense(posting, ids, payer_id)
        else:
            legs += _move(index, posting, ids, payer_id)
    only_suspense = all(posting.type in SUSPENDED for posting in postings)
    if not only_suspense and not any(posting.type == PostingType.PMT_INS for posting in postings):
        legs += _payment(index, claim, None, ids, payer_id, suspended)
    if not any(leg.amount_cents for leg in legs):
        return None
    return make_entry(
        EntryKind.REMITTANCE_UNMATCHED if only_suspense else EntryKind.REMITTANCE_CLAIM,
        legs,
        _for(source, ids.practice_id if ids else ""),
        f"{key}:clp:{index + 1}",
        id=new_id() if new_id else "",
        position=claim.position,
    )


def _leg(
    account: Account,
    cents: int,
    ids: ClaimIds | None,
    payer_id: str | None,
    *,
    line_id: str | None = None,
    posting: Posting | None = None,
    position: int = 0,
) -> Leg:
    group, _, reason = posting.carc.partition("-") if posting else ("", "", "")
    return Leg(
        account,
        cents,
        ids.claim_id if ids else None,
        line_id,
        ids.encounter_id if ids else None,
        ids.patient_id if ids else None,
        payer_id,
        group,
        reason,
        position or (posting.position if posting else 0),
    )


def _payment(
    index: int,
    claim: RemitClaim,
    posting: Posting | None,
    ids: ClaimIds | None,
    payer_id: str | None,
    suspended: set[int],
) -> list[Leg]:
    """Cash in one leg; the receivable by line as far as the lines say, the rest on the claim.

    Line payments need not add up to CLP04 when adjustments stand at claim level: then CLP04 may even be
    zero (no payment posting) while lines were paid.
    """
    rest = posting.amount_cents if posting else 0
    legs = [_leg(Account.DEPOSIT_CLEARING, rest, ids, payer_id, position=claim.position)]
    for number, line in enumerate(claim.lines, start=1):
        if number in suspended or not line.paid_cents:
            continue
        rest -= line.paid_cents
        legs.append(
            _leg(
                Account.INSURANCE_RECEIVABLE,
                -line.paid_cents,
                ids,
                payer_id,
                line_id=ids.lines.get((index, number)) if ids else None,
                position=line.position,
            )
        )
    if rest:
        legs.append(_leg(Account.INSURANCE_RECEIVABLE, -rest, ids, payer_id, position=claim.position))
    return legs


def _suspense(posting: Posting, ids: ClaimIds | None, payer_id: str | None) -> list[Leg]:
    """Cash that waits. The claim is named when known, its receivable is untouched."""
    return [
        _leg(Account.DEPOSIT_CLEARING, posting.amount_cents, ids, payer_id, position=posting.position),
        _leg(Account.UNAPPLIED_INSURANCE, -posting.amount_cents, ids, payer_id, position=posting.position),
    ]


def _move(index: int, posting: Posting, ids: ClaimIds | None, payer_id: str | None) -> list[Leg]:
    line_id = ids.lines.get((index, posting.line)) if ids and posting.line else None
    return [
        _leg(MOVES[posting.type], posting.amount_cents, ids, payer_id, line_id=line_id, posting=posting),
        _leg(
            Account.INSURANCE_RECEIVABLE,
            -posting.amount_cents,
            ids,
            payer_id,
            line_id=line_id,
            posting=posting,
        ),
    ]


def _provider_entry(
    posting: Posting, source: Source, key: str, payer_id: str | None, new_id: Callable[[], str] | None
) -> Entry:
    """A positive PLB lowers the payment: the account named by its class is debited, cash credited."""
    account = plb_account(posting.plb_code, posting.ledger_class)
    code, place = posting.plb_code, posting.position
    cash, amount = Account.DEPOSIT_CLEARING, posting.amount_cents
    legs = [
        Leg(cash, -amount, payer_id=payer_id, reason=code, source_position=place),
        Leg(account, amount, payer_id=payer_id, reason=code, source_position=place),
    ]
    return make_entry(
        EntryKind.PROVIDER_ADJUSTMENT,
        legs,
        source,
        f"{key}:plb:{posting.plb_index + 1}",
        id=new_id() if new_id else "",
        position=posting.position,
    )


def apply_unapplied_entry(
    entry: Entry,
    source: Source,
    *,
    idempotency_key: str,
    claim_id: str,
    patient_id: str | None,
    claim_line_id: str | None = None,
    id: str = "",
) -> Entry:
    """Suspense money of an earlier entry finds its claim: unapplied becomes payment on it.

    Raises:
        LedgerError: The entry holds no suspense money.
    """
    waiting = [leg for leg in entry.legs if leg.account is Account.UNAPPLIED_INSURANCE]
    if not waiting or entry.kind is EntryKind.APPLY_UNAPPLIED:
        raise LedgerError("the entry holds no unapplied money")
    legs = []
    for leg in waiting:
        legs.append(msgspec.structs.replace(leg, amount_cents=-leg.amount_cents))
        legs.append(
            Leg(
                Account.INSURANCE_RECEIVABLE,
                leg.amount_cents,
                claim_id,
                claim_line_id,
                patient_id=patient_id,
                payer_id=leg.payer_id,
                source_position=leg.source_position,
            )
        )
    return make_entry(EntryKind.APPLY_UNAPPLIED, legs, source, idempotency_key, id=id)


def out_of_suspense(entry: Entry, *, happened_on: date, reason: str) -> Entry:
    """The entry of a claim payment whose cash was booked to suspense before: suspense stands for the cash.

    Args:
        entry: From `entries_for_plan`, over the part that waited.
        happened_on: The day of the decision; the cash has its own, earlier one.
        reason: Why it posts now.

    Returns:
        The same movements on the claim. No cash moves: that of the payment is booked already (L5).
    """
    legs = tuple(
        msgspec.structs.replace(leg, account=Account.UNAPPLIED_INSURANCE)
        if leg.account is Account.DEPOSIT_CLEARING
        else leg
        for leg in entry.legs
    )
    kind = EntryKind.APPLY_UNAPPLIED
    return msgspec.structs.replace(
        entry,
        legs=legs,
        kind=kind,
        happened_on=happened_on,
        input_hash=input_hash(kind, legs, happened_on, None),
        reason=reason,
    )
