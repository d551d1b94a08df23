"""Parts of a posted payment that wait for a person: kept with their reason, and posted when somebody says so.

A balanced payment books its full amount to cash whatever policy says. What policy holds lies in suspense,
with the claim named and untouched. Posting such a part later moves suspense to the claim, in one entry of
its own; cash does not move again, so L5 holds before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from cleanclaim.money import money_text
from cleanclaim.remittance import PostingPlan
from cleanclaim.x12.sets.records import RemitClaim
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.postingrules.models import HeldPart, PartKind, PartState
from cleanclaim_server.remittances.models import Remittance, RemittanceClaim
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.bulk import chunks, create_rows
from cleanclaim_server.work.models import Queue

REVERSAL = "22"


def pattern_of(claim: RemitClaim, line: int, rule_carc: str = "") -> str:
    """What a waiting part has in common with others: its code, the turning back, or the changed code.

    Examples:
        >>> pattern_of(RemitClaim("1", "22", -100, -100), 0)
        'take-back'
    """
    if rule_carc:
        return rule_carc
    if claim.status == REVERSAL:
        return "take-back"
    chosen = [claim.lines[line - 1]] if line else list(claim.lines)
    if any(one.submitted_code and one.submitted_code != one.code for one in chosen):
        return "code changed"
    items = [*claim.adjustments, *(item for one in chosen for item in one.adjustments)]
    codes = sorted({f"{one.group}-{one.reason}" for one in items if one.amount_cents})
    return " ".join(codes)[:40] or "no adjustment"


def write_parts(
    remittance: Remittance,
    rows: Sequence[RemittanceClaim],
    content: RemittanceValue,
    done: PostingPlan,
    *,
    now: datetime,
    today: date,
) -> list[HeldPart]:
    """Keep what waits, and what posted but should be looked at, and put each claim payment before a person.

    Args:
        rows: The claim payments, in the order of `content.claims`.
    """
    made: dict[tuple[UUID, str, int], HeldPart] = {}

    def add(
        index: int, line: int, kind: PartKind, cents: int, reason: str, rule_id: str, carc: str = ""
    ) -> None:
        row = rows[index]
        key = (row.pk, kind.value, line)
        made.setdefault(
            key,
            HeldPart(
                practice_id=remittance.practice_id,
                remittance_claim=row,
                posting_number=remittance.posting_number,
                kind=kind,
                line=line,
                payer_id=remittance.payer_id,
                pattern=pattern_of(content.claims[index], line, carc),
                amount_cents=cents,
                reason=reason[:200],
                rule_id=rule_id[:60],
                made_at=now,
            ),
        )

    for one in done.held:
        add(one.clp_index, one.line, PartKind.HELD, one.amount_cents, one.reason, one.rule_id)
    for one in done.queued:
        add(one.clp_index, one.line, PartKind.LOOK, 0, one.reason, one.rule_id, one.carc)
    parts = list(made.values())
    if not parts:
        return []
    create_rows(HeldPart, parts)
    by_row: dict[UUID, list[HeldPart]] = {}
    for part in parts:
        by_row.setdefault(part.remittance_claim_id, []).append(part)
    items = []
    for mine in by_row.values():
        held = [part for part in mine if part.kind == PartKind.HELD]
        row, first = mine[0].remittance_claim, (held or mine)[0]
        cents = sum(part.amount_cents for part in held)
        title = f"{money_text(cents)} wait in suspense" if held else "Posted, and policy asks for a look"
        items.append(
            NewItem(
                Queue.REMITTANCE,
                "remittance_claim",
                row.pk,
                title,
                claim_id=row.claim_id,
                detail=first.reason,
                amount_cents=cents,
            )
        )
    open_items(remittance.practice_id, items, now=now, today=today)
    return parts


def settle_parts(parts: Sequence[HeldPart], *, now: datetime, actor_id: UUID, reason: str) -> None:
    """Say that parts are settled; the item of a claim payment closes with its last part."""
    keys = [part.pk for part in parts]
    rows = {part.remittance_claim_id: part.practice_id for part in parts}
    HeldPart.objects.filter(pk__in=keys).update(state=PartState.SETTLED, settled_at=now, settled_by=actor_id)
    open_still = set(
        HeldPart.objects.filter(remittance_claim_id__in=list(rows), state=PartState.WAITING).values_list(
            "remittance_claim_id", flat=True
        )
    )
    for row_id, practice_id in rows.items():
        if row_id not in open_still:
            close_items(
                practice_id, Queue.REMITTANCE, [row_id], now=now, reason=reason[:200], closed_by=actor_id
            )


def forget_parts(practice_id: UUID, row_ids: Sequence[UUID], *, now: datetime, actor_id: UUID) -> None:
    """The posting was undone: nothing of it waits any more."""
    for part in chunks(list(row_ids)):
        HeldPart.objects.filter(
            practice_id=practice_id, remittance_claim_id__in=part, state=PartState.WAITING
        ).update(state=PartState.UNDONE, settled_at=now, settled_by=actor_id)
    close_items(
        practice_id,
        Queue.REMITTANCE,
        list(row_ids),
        now=now,
        reason="The posting was undone",
        closed_by=actor_id,
    )
