"""The claims of the last months as frames, and what became of them: what a rule is tried on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from threading import Lock
from uuid import UUID

import polars as pl
from django.db.models import Count, Max, Sum

from cleanclaim.claim import decode_claim
from cleanclaim.edits.practice_rules import OUTCOME_SCHEMA, PracticeRule, Replay, replay_rule
from cleanclaim.frames import ClaimFrames, frames_from_claims
from cleanclaim_server.claims.codes import ADJUDICATED, REJECTED, PayerState
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState

OUTCOME_OF = {
    state.value: "rejected"
    if state in REJECTED
    else state.value
    if state in ADJUDICATED
    else "not_sent"
    if state is PayerState.NONE
    else "waiting"
    for state in PayerState
}
"""The word of a replay for each state that payers leave a claim in."""


@dataclass(frozen=True)
class Past:
    """Claims of the past: their ids by claim_row, their frames, and what became of them."""

    claim_ids: list[UUID]
    frames: ClaimFrames
    outcomes: pl.DataFrame


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last day of that month.

    Examples:
        >>> months_before(date(2026, 11, 23), 12), months_before(date(2026, 3, 31), 1)
        (datetime.date(2025, 11, 23), datetime.date(2026, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


_KEPT = 4
_kept: OrderedDict[tuple, Past] = OrderedDict()
_lock = Lock()


def past_claims(practice_ids: Collection[UUID], *, today: date, months: int = 12) -> Past:
    """Claims by date of service over the last months, as they stand or left. The tenant is the caller's.

    Opening a year of sealed claims takes seconds, and a rule is tried several times while it is written: the
    last few answers are kept in memory, and given again as long as no claim and no posting has changed.
    """
    since = months_before(today, months)
    mine = Claim.objects.filter(practice_id__in=practice_ids, date_of_service__range=(since, today))
    posted = RemittanceClaim.objects.filter(
        practice_id__in=practice_ids, remittance__state=RemittanceState.POSTED
    )
    stand = mine.aggregate(n=Count("id"), versions=Sum("version"), newest=Max("created_at"))
    money = posted.aggregate(n=Count("id"), cents=Sum("paid_cents"))
    key = (frozenset(practice_ids), since, today, *stand.values(), *money.values())
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    past = _read_past(practice_ids, since, today)
    with _lock:
        _kept[key] = past
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return past


def _read_past(practice_ids: Collection[UUID], since: date, today: date) -> Past:
    rows = list(
        Claim.objects.filter(practice_id__in=practice_ids, date_of_service__range=(since, today))
        .order_by("date_of_service", "id")
        .values_list("id", "practice_id", "payer_state", "frozen")
    )
    frozen = Claim._meta.get_field("frozen").open_many(
        (blob, practice, key) for key, practice, _, blob in rows
    )
    paid = dict(
        RemittanceClaim.objects.filter(
            practice_id__in=practice_ids,
            claim__date_of_service__range=(since, today),
            remittance__state=RemittanceState.POSTED,
        )
        .order_by()
        .values_list("claim_id")
        .annotate(cents=Sum("paid_cents"))
    )
    outcomes = pl.DataFrame(
        {
            "claim_row": list(range(len(rows))),
            "outcome": [OUTCOME_OF[state] for _, _, state, _ in rows],
            "paid_cents": [paid.get(key) for key, *_ in rows],
        },
        schema=OUTCOME_SCHEMA,
    )
    return Past(
        claim_ids=[key for key, *_ in rows],
        frames=_without_people(frames_from_claims([decode_claim(data) for data in frozen])),
        outcomes=outcomes,
    )


def try_rule(
    rule: PracticeRule, practice_ids: Collection[UUID], *, today: date, months: int = 12
) -> tuple[Replay, Past]:
    """Replay a rule over the last months of these practices."""
    past = past_claims(practice_ids, today=today, months=months)
    return replay_rule(rule, past.frames, past.outcomes, today=today), past


def summary(replay: Replay) -> dict:
    """What a version keeps of its trial: counts and cents, no claim."""
    return {
        "rule_hash": replay.rule_hash,
        "first_on": replay.first_on and replay.first_on.isoformat(),
        "last_on": replay.last_on and replay.last_on.isoformat(),
        "looked_at": replay.looked_at,
        "matched": replay.matched,
        "changed": replay.changed,
        "charge_cents": replay.charge_cents,
        "paid_cents": replay.paid_cents,
        "unanswered": replay.unanswered,
        "outcomes": {
            share.label: {
                "claims": share.claims,
                "charge_cents": share.charge_cents,
                "paid_cents": share.paid_cents,
            }
            for share in replay.outcomes
        },
    }


def _without_people(frames: ClaimFrames) -> ClaimFrames:
    """The frames without names, streets and member names: no rule may look at them, so they are not kept."""
    claims = frames.claims
    people = [
        name
        for name in claims.columns
        if name.startswith(("subscriber_", "patient_"))
        and name not in ("patient_birth_date", "patient_paid_cents")
    ]
    return replace(frames, claims=claims.drop(people))
