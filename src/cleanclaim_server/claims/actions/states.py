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
    writer = StateWriter(force=force)
    changed = {change.claim.pk: change.claim for change in changes if writer.take(change)}
    writer.write()
    return list(changed.values())


class StateWriter:
    """Takes words one by one, changing the claims in place, and writes each claim once at the end.

    All words about one claim must name the same object.
    """

    def __init__(self, *, force: bool = False) -> None:
        self.force = force
        self._touched: dict[UUID, Claim] = {}
        self._rejected: dict[UUID, StateChange] = {}

    def take(self, change: StateChange) -> bool:
        """Take one word; true when the claim's state changed."""
        claim, state = change.claim, PayerState(change.state)
        if change.payer_control_number and claim.payer_control_number != change.payer_control_number:
            claim.payer_control_number = change.payer_control_number[:50]
            self._touched[claim.pk] = claim
        if not self.force and not is_newer(claim, state, change.on):
            return False
        claim.payer_state = state.value
        claim.payer_state_on = change.on
        if state in PROOF_OF_RECEIPT and claim.accepted_at is None:
            claim.accepted_at = change.at
        if state in ADJUDICATED:
            claim.adjudicated_on = change.on
        elif self.force:
            claim.adjudicated_on = None
        if state in REJECTED:
            claim.was_clean = False
            claim.lifecycle = Lifecycle.HELD.value
            self._rejected[claim.pk] = change
        self._touched[claim.pk] = claim
        return True

    def write(self) -> None:
        """Write what was taken."""
        update_rows(
            Claim,
            [(claim.pk, *(getattr(claim, name) for name in FIELDS)) for claim in self._touched.values()],
            FIELDS,
            raise_version=True,
        )
        if self._rejected:
            _take_back(list(self._rejected.values()))


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
