"""What payers and clearinghouses said last of a claim. A later word of a lower rung changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from cleanclaim_server.claims.codes import ADJUDICATED, REJECTED, RUNG, HoldCause, Lifecycle, PayerState
from cleanclaim_server.claims.models import BatchClaim, Claim, ClaimHold
from cleanclaim_server.work.bulk import chunks, create_rows, update_rows

ACCEPTED = frozenset({PayerState.FILE_ACCEPTED, PayerState.ACCEPTED_CLEARINGHOUSE, PayerState.ACCEPTED_PAYER})
PROOF_OF_RECEIPT = frozenset({PayerState.ACCEPTED_CLEARINGHOUSE, PayerState.ACCEPTED_PAYER})
FIELDS = (
    "payer_state", "payer_state_on", "payer_control_number", "accepted_at", "adjudicated_on", "lifecycle",
    "was_clean",
)  # fmt: skip


@dataclass(frozen=True)
class StateChange:
    """One word about one claim. `at` is when we learned it, `on` the day the sender gives."""

    claim: Claim
    state: PayerState
    on: date | None
    at: datetime
    payer_control_number: str = ""
    why: str = ""


def is_newer(claim: Claim, state: PayerState, on: date | None) -> bool:
    """Whether a word takes the place of the one the claim has: a higher rung, or the same and not older."""
    have, new = RUNG[PayerState(claim.payer_state)], RUNG[PayerState(state)]
    if new != have:
        return new > have
    return not (on and claim.payer_state_on and on < claim.payer_state_on)


def set_payer_state(
    claim: Claim,
    state: PayerState,
    on: date | None,
    *,
    at: datetime,
    payer_control_number: str = "",
    why: str = "",
) -> bool:
    """Take one word about one claim; see `set_payer_states`. True when the claim's state changed."""
    change = StateChange(claim, state, on, at, payer_control_number, why)
    return bool(set_payer_states([change]))


def set_payer_states(changes: Iterable[StateChange], *, force: bool = False) -> list[Claim]:
    """Take many words, in order; claims are changed in place and written once each.

    A rejection takes the claim back to us: its place in the batch is released, a hold opens, and it is
    no clean claim any more. A payer's control number is kept whatever the rung.

    Args:
        force: The word holds whatever was said before: after a posting was undone.

    Returns:
        The claims whose state changed.
    """
    touched: dict[UUID, Claim] = {}
    changed: dict[UUID, Claim] = {}
    rejected: dict[UUID, StateChange] = {}
    for change in changes:
        claim, state = change.claim, PayerState(change.state)
        if change.payer_control_number and claim.payer_control_number != change.payer_control_number:
            claim.payer_control_number = change.payer_control_number[:50]
            touched[claim.pk] = claim
        if not force and not is_newer(claim, state, change.on):
            continue
        claim.payer_state = state.value
        claim.payer_state_on = change.on
        if state in PROOF_OF_RECEIPT and claim.accepted_at is None:
            claim.accepted_at = change.at
        if state in ADJUDICATED:
            claim.adjudicated_on = change.on
        elif force:
            claim.adjudicated_on = None
        if state in REJECTED:
            claim.was_clean = False
            claim.lifecycle = Lifecycle.HELD.value
            rejected[claim.pk] = change
        touched[claim.pk] = changed[claim.pk] = claim
    update_rows(
        Claim,
        [(claim.pk, *(getattr(claim, name) for name in FIELDS)) for claim in touched.values()],
        FIELDS,
        raise_version=True,
    )
    if rejected:
        _take_back(list(rejected.values()))
    return list(changed.values())


def _take_back(changes: Sequence[StateChange]) -> None:
    held: set[UUID] = set()
    for part in chunks([change.claim.pk for change in changes]):
        BatchClaim.objects.filter(claim_id__in=part, is_live=True).update(is_live=False)
        held.update(
            ClaimHold.objects.filter(
                claim_id__in=part, cause=HoldCause.REJECTED, released_at__isnull=True
            ).values_list("claim_id", flat=True)
        )
    create_rows(
        ClaimHold,
        [
            ClaimHold(
                practice_id=change.claim.practice_id,
                claim_id=change.claim.pk,
                cause=HoldCause.REJECTED,
                detail=change.why[:300],
                opened_at=change.at,
            )
            for change in changes
            if change.claim.pk not in held
        ],
    )


def touch(claim_ids: Sequence[UUID]) -> None:
    """Raise the version of claims, so that a writer who read them before is told."""
    for part in chunks(list(claim_ids)):
        Claim.objects.filter(pk__in=part).update(version=F("version") + 1)
