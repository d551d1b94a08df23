"""Holds that people set and take away, remarks, and denials taken into work."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import ActorKind, EventKind, HoldCause, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimHold
from cleanclaim_server.cycle.intake import recheck_claims
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.models import Queue

UNSENT = frozenset({Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY})
OWNERS = {
    "biller": "Biller",
    "clinician": "Clinician",
    "coder": "Coder",
    "manager": "Manager",
    "practice_owner": "Practice owner",
}
"""Who a hold may wait for, as `ClaimHold.owner_role` stores it."""
MANUAL_RELEASE = frozenset({HoldCause.MANUAL, HoldCause.PRIMARY_PENDING, HoldCause.CROSSOVER})
"""Causes that a person's word ends. The others end when what caused them is mended."""
LEAST_REASON = 5


class HandlingRefused(ValueError):
    """What was asked does not fit the claim's state; `code` names why, the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def locked(claim_id: UUID, practice_id: UUID) -> Claim:
    """The claim, for change until the transaction ends."""
    rows = Claim.objects.select_for_update(of=("self",)).select_related(
        "practice", "payer", "family__encounter"
    )
    return rows.get(pk=claim_id, practice_id=practice_id)


def reason_of(text: str, what: str) -> str:
    """A reason of at least five characters.

    Raises:
        HandlingRefused: It is shorter.
    """
    text = " ".join(text.split())[:300]
    if len(text) < LEAST_REASON:
        raise HandlingRefused("claim.reason_missing", f"{what} needs a reason of a few words.")
    return text


def tell(
    claim: Claim, kind: EventKind, title: str, detail: str = "", *, now: datetime, actor_id: UUID | None
) -> None:
    """Write one line of the timeline by a person."""
    ClaimEvent.objects.create(
        practice_id=claim.practice_id,
        claim=claim,
        kind=kind,
        actor_kind=ActorKind.PERSON,
        actor_id=actor_id,
        happened_at=now,
        title=title[:160],
        detail=detail[:400],
    )


def hold_claim(
    claim_id: UUID, practice_id: UUID, *, reason: str, owner: str, actor_id: UUID, now: datetime, today: date
) -> ClaimHold:
    """Stop a claim that has not left. The reason is its cause; `owner` is the role it waits for.

    Raises:
        HandlingRefused: It has left, it is held by a person already, or the reason or owner is missing.
    """
    claim, reason = locked(claim_id, practice_id), reason_of(reason, "A hold")
    if claim.lifecycle not in UNSENT:
        raise HandlingRefused("claim.has_left", "The claim has left; a hold cannot call it back.")
    if owner not in OWNERS:
        raise HandlingRefused("claim.owner_unknown", "Say who the hold waits for.")
    if claim.holds.filter(cause=HoldCause.MANUAL, released_at__isnull=True).exists():
        raise HandlingRefused("claim.held_before", "A person holds this claim already.")
    hold = ClaimHold.objects.create(
        practice_id=practice_id,
        claim=claim,
        cause=HoldCause.MANUAL,
        detail=reason,
        owner_role=owner,
        opened_at=now,
    )
    claim.lifecycle = Lifecycle.HELD
    claim.version += 1
    claim.save(update_fields=["lifecycle", "version"])
    close_items(practice_id, Queue.READY, [claim.pk], now=now, reason="Held", closed_by=actor_id)
    item = NewItem(
        Queue.STOPPED,
        "claim",
        claim.pk,
        f"Held by a person: {reason}",
        claim_id=claim.pk,
        patient_id=claim.patient_id,
        detail=f"Waits for: {OWNERS[owner].lower()}",
        amount_cents=claim.expected_cents if claim.expected_cents is not None else claim.total_charge_cents,
        due_on=claim.filing_limit_on,
        due_enforceable=claim.filing_limit_enforceable,
        due_kind="timely_filing",
    )
    open_items(practice_id, [item], now=now, today=today)
    title = f"Held: {OWNERS[owner].lower()} is asked"
    tell(claim, EventKind.HELD, title, reason, now=now, actor_id=actor_id)
    record("claim.held", "claim", claim.pk, practice_id=practice_id, actor=actor_id, owner=owner)
    return hold


def release_hold(
    hold_id: UUID, practice_id: UUID, *, actor_id: UUID, now: datetime, today: date, reason: str = ""
) -> Claim:
    """End a hold that a person's word ends, and run the edits: ready, or stopped by what else there is.

    Raises:
        HandlingRefused: The hold ends only when its cause is mended, or it has ended already.
    """
    hold = ClaimHold.objects.select_for_update(of=("self",)).get(pk=hold_id, practice_id=practice_id)
    if hold.released_at is not None:
        raise HandlingRefused("claim.released_before", "This hold has been released already.")
    if hold.cause not in MANUAL_RELEASE:
        raise HandlingRefused(
            "claim.hold_has_cause", f"{hold.get_cause_display()}: the hold ends when that is mended."
        )
    claim = locked(hold.claim_id, practice_id)
    hold.released_at, hold.released_by, hold.release_reason = now, actor_id, " ".join(reason.split())[:300]
    hold.save(update_fields=["released_at", "released_by", "release_reason"])
    tell(
        claim,
        EventKind.RELEASED,
        "Hold released",
        hold.release_reason or hold.detail,
        now=now,
        actor_id=actor_id,
    )
    close_items(practice_id, Queue.STOPPED, [claim.pk], now=now, reason="Hold released", closed_by=actor_id)
    record("claim.released", "claim", claim.pk, practice_id=practice_id, actor=actor_id, cause=hold.cause)
    recheck_claims(Practice.objects.get(pk=practice_id), [claim.pk], now=now, today=today)
    claim.refresh_from_db(fields=["lifecycle", "version"])
    return claim


def add_remark(claim_id: UUID, practice_id: UUID, *, text: str, actor_id: UUID, now: datetime) -> None:
    """Leave a remark for colleagues on the timeline; no clinical content belongs there.

    Raises:
        HandlingRefused: Nothing was written.
    """
    text = " ".join(text.split())[:400]
    if not text:
        raise HandlingRefused("claim.remark_empty", "Write a remark first.")
    claim = Claim.objects.get(pk=claim_id, practice_id=practice_id)
    tell(claim, EventKind.NOTE, "Remark", text, now=now, actor_id=actor_id)
    record("claim.remarked", "claim", claim_id, practice_id=practice_id, actor=actor_id)


def work_denials(claim_id: UUID, practice_id: UUID, *, plan: str, actor_id: UUID, now: datetime) -> int:
    """Take the open denials of a claim into work; `plan` is what will be done, for the timeline.

    Raises:
        HandlingRefused: No denial of the claim is open.
    """
    claim = locked(claim_id, practice_id)
    rows = Denial.objects.filter(practice_id=practice_id, claim_id=claim_id, state="open")
    count = rows.update(state="working")
    if not count:
        raise HandlingRefused("denial.not_open", "No denial of this claim is open.")
    tell(claim, EventKind.NOTE, "Denial taken into work", plan, now=now, actor_id=actor_id)
    record("denial.worked", "claim", claim_id, practice_id=practice_id, actor=actor_id, denials=count)
    return count
