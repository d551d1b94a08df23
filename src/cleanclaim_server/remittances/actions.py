"""Keeping a payment as rows: every CLP, SVC, CAS triple and PLB, each with its segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cleanclaim.remittance import Match
from cleanclaim.x12.sets.records import RemitClaim, RemitParty
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.audit.recording import record
from cleanclaim_server.remittances.models import (
    InboxRemittance,
    ProviderAdjustment,
    Remittance,
    RemittanceAdjustment,
    RemittanceClaim,
    RemittanceLine,
)
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.bulk import create_rows, insert_rows
from cleanclaim_server.work.models import Queue

NOT_OURS = "NOT_OURS"
"""`next_action` of a claim payment that a person found to be somebody else's: its money stays in suspense."""

MOVED_OUT = "MOVED_OUT"
"""`next_action` of a claim payment that was given to another practice."""
PLACED = (NOT_OURS, MOVED_OUT)
"""Claim payments without a claim of ours that wait for nobody."""


class SetAsideRefused(ValueError):
    """A payment cannot be set aside as asked; nothing was changed. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{message} [{code}]")


@dataclass(frozen=True)
class Answered:
    """The claim of ours that a CLP answers: its id, and for each SVC (from 1) our line's id."""

    claim_id: UUID | None = None
    lines: Mapping[int, UUID] = field(default_factory=dict)
    match: Match | None = None


def write_rows(remittance: Remittance, content: RemittanceValue, answered: Sequence[Answered]) -> None:
    """Write the rows of one remittance, in bulk.

    Args:
        answered: One for each CLP, in file order.
    """
    claims: list[dict] = []
    lines: list[dict] = []
    adjustments: list[dict] = []
    practice_id = remittance.practice_id

    def adjust(answer_id: UUID, line_id: UUID | None, items) -> None:
        adjustments.extend(
            dict(
                id=new_id(),
                practice_id=practice_id,
                remittance_claim_id=answer_id,
                line_id=line_id,
                group=item.group,
                reason=item.reason,
                amount_cents=item.amount_cents,
                quantity=item.quantity,
                position=item.position,
            )
            for item in items
        )

    for number, (claim, ours) in enumerate(zip(content.claims, answered, strict=True), start=1):
        row = _claim_row(remittance, number, claim, ours)
        claims.append(row)
        adjust(row["id"], None, claim.adjustments)
        for place, item in enumerate(claim.lines, start=1):
            line_id = new_id()
            lines.append(
                dict(
                    id=line_id,
                    practice_id=practice_id,
                    remittance_claim_id=row["id"],
                    number=place,
                    claim_line_id=ours.lines.get(place),
                    code=item.code[:12],
                    modifiers=",".join(item.modifiers)[:20],
                    submitted_code=item.submitted_code[:12],
                    units=item.units_paid[:10],
                    service_on=item.service_from or claim.service_from,
                    charge_cents=item.charge_cents,
                    paid_cents=item.paid_cents,
                    allowed_cents=item.allowed_cents,
                    remarks=list(item.remarks),
                    position=item.position,
                )
            )
            adjust(row["id"], line_id, item.adjustments)
    insert_rows(RemittanceClaim, claims)
    insert_rows(RemittanceLine, lines)
    insert_rows(RemittanceAdjustment, adjustments)
    create_rows(
        ProviderAdjustment,
        [
            ProviderAdjustment(
                practice_id=practice_id,
                remittance_id=remittance.pk,
                code=item.code[:2],
                reference=item.reference[:50],
                amount_cents=item.amount_cents,
                position=item.position,
            )
            for item in content.provider_adjustments
        ],
    )


def _claim_row(remittance: Remittance, number: int, claim: RemitClaim, ours: Answered) -> dict:
    match, row_id, practice_id = ours.match, new_id(), remittance.practice_id
    sealed = RemittanceClaim._meta.get_field("patient_name")
    # The name is kept where a person will have to match by hand; a matched claim knows its patient.
    name = "" if ours.claim_id else _name(claim.patient)
    return dict(
        id=row_id,
        practice_id=practice_id,
        remittance_id=remittance.pk,
        number=number,
        claim_id=ours.claim_id,
        matched_by=match.rule.value if match and ours.claim_id else "",
        match_why=match.why[:200] if match else "",
        claim_number=claim.claim_number[:40],
        status=claim.status[:3],
        charge_cents=claim.charge_cents,
        paid_cents=claim.paid_cents,
        patient_cents=claim.patient_cents,
        payer_control_number=claim.payer_control_number[:50],
        patient_name=sealed.seal(name, scope=practice_id, row_id=row_id) if name else "",
        remarks=list(claim.remarks),
        crossover_to=_name(claim.crossover_to)[:80],
        position=claim.position,
        position_end=claim.end_position or claim.position,
    )


def _name(party: RemitParty) -> str:
    return " ".join(part for part in (party.first_name, party.name) if part)


def set_aside_claim(row: RemittanceClaim, *, reason: str, actor_id: UUID, now: datetime) -> None:
    """Say that a claim payment is for nobody of ours; its money stays in suspense.

    Raises:
        SetAsideRefused: It has a claim, was set aside before, or no reason was given.
    """
    reason = reason.strip()[:200]
    if row.claim_id is not None or row.next_action in PLACED:
        raise SetAsideRefused("remittance.placed_before", "This claim payment has its place already")
    if not reason:
        raise SetAsideRefused("remittance.reason_missing", "Say how you know that it is not ours")
    RemittanceClaim.objects.filter(pk=row.pk).update(
        next_action=NOT_OURS, match_why=f"Not ours: {reason}"[:200]
    )
    close_items(
        row.practice_id,
        Queue.UNMATCHED,
        [row.pk],
        now=now,
        reason=f"Not ours: {reason}"[:200],
        closed_by=actor_id,
    )
    record(
        "remittance.not_ours", "remittance_claim", row.pk, practice_id=row.practice_id, actor=actor_id,
        cents=row.paid_cents,
    )  # fmt: skip


def set_aside_payment(inbox: InboxRemittance, *, reason: str, actor_id: UUID) -> None:
    """Say that a whole payment is for none of our practices. It is kept and posts nowhere.

    Raises:
        SetAsideRefused: It has a practice already, or no reason was given.
    """
    if not reason.strip():
        raise SetAsideRefused("remittance.reason_missing", "Say how you know that it is not ours")
    changed = InboxRemittance.objects.filter(pk=inbox.pk, state="unassigned").update(state="not_ours")
    if not changed:
        raise SetAsideRefused("remittance.assigned_before", "This payment has its place already")
    record(
        "remittance.not_ours", "inbox_remittance", inbox.pk, agency_id=inbox.agency_id, actor=actor_id,
        cents=inbox.paid_cents, reason_length=len(reason.strip()),
    )  # fmt: skip
