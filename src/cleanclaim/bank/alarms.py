"""What should have come and did not: ageing of what is unmatched, and feeds that fell silent."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from datetime import date
from statistics import median_high

import msgspec

from cleanclaim.bank.matching import BankException, ExceptionKind

BUCKETS = ((3, "0-3"), (10, "4-10"), (30, "11-30"), (60, "31-60"))
OLDEST = "over 60"

SILENT_MIN_DAYS = 10
SILENT_FACTOR = 3
NEVER_SEEN_DAYS = 45


class AgeBucket(msgspec.Struct, frozen=True):
    """Exceptions of one kind and age in days."""

    kind: ExceptionKind
    days: str
    count: int
    amount_cents: int


def age_exceptions(exceptions: Iterable[BankException]) -> list[AgeBucket]:
    """Count and sum by kind and age, oldest last."""
    order = [label for _, label in BUCKETS] + [OLDEST]
    found: dict[tuple[ExceptionKind, str], list[int]] = {}
    for one in exceptions:
        label = next((label for limit, label in BUCKETS if one.age_days <= limit), OLDEST)
        found.setdefault((one.kind, label), []).append(one.line_cents or one.payment_cents)
    keys = sorted(found, key=lambda key: (key[0], order.index(key[1])))
    return [AgeBucket(kind, days, len(found[kind, days]), sum(found[kind, days])) for kind, days in keys]


class Feed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Remittances of one payer to one provider."""

    payer_id: str
    provider_id: str
    last_seen_on: date | None
    silent_days: int | None
    """Days since; None when none was ever seen."""
    usual_gap_days: int | None
    """The usual distance between two; None with fewer than three."""
    awaiting: int
    """Claims sent and unanswered."""
    is_dead: bool
    why: str


def feeds(
    seen: Iterable[tuple[str, str, date]],
    *,
    today: date,
    awaiting: Mapping[tuple[str, str], int] | None = None,
    oldest_awaited: Mapping[tuple[str, str], date] | None = None,
) -> list[Feed]:
    """Last remittance per payer and provider, and which feeds look dead.

    A feed is dead when claims wait for an answer and it has been silent for three times its usual gap, at
    least ten days; or none was ever seen and the oldest claim has waited 45 days (no enrolment for
    electronic remittances, usually). A payer to whom nothing was sent is quiet, not dead.

    Args:
        seen: (Payer, provider, day) of every remittance, in any order.
        awaiting: Unanswered claims by (payer, provider).
        oldest_awaited: Day the oldest of them was sent.

    Returns:
        Dead ones first, then by payer and provider.
    """
    days: dict[tuple[str, str], set[date]] = {}
    for payer, provider, day in seen:
        if day <= today:
            days.setdefault((payer, provider), set()).add(day)
    waiting, oldest = awaiting or {}, oldest_awaited or {}
    found = [
        _feed(key, sorted(days.get(key, ())), waiting.get(key, 0), oldest.get(key), today)
        for key in sorted({*days, *waiting})
    ]
    return sorted(found, key=lambda feed: (not feed.is_dead, feed.payer_id, feed.provider_id))


def _feed(key: tuple[str, str], days: list[date], waiting: int, oldest: date | None, today: date) -> Feed:
    payer, provider = key
    if not days:
        waited = (today - oldest).days if oldest else 0
        dead = waiting > 0 and waited >= NEVER_SEEN_DAYS
        why = f"no remittance was ever seen; the oldest claim waits {waited} days"
        return Feed(payer, provider, None, None, None, waiting, dead, why)
    silent = (today - days[-1]).days
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
    usual = median_high(gaps) if len(gaps) >= 2 else None
    limit = max(SILENT_MIN_DAYS, SILENT_FACTOR * (usual or SILENT_MIN_DAYS))
    dead = waiting > 0 and silent > limit
    rhythm = f"usually every {usual} days" if usual else "too few to know a rhythm"
    why = f"silent for {silent} days, {rhythm}; {waiting} claims wait"
    return Feed(payer, provider, days[-1], silent, usual, waiting, dead, why)
