"""Which add-on code may ride on which base code, by date. The authority for bases."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import msgspec

from cleanclaim.codesets.table import day, in_force, load
from cleanclaim_data.loader import when_overlaid


class AddonPair(msgspec.Struct, frozen=True):
    """One permitted pair. `aoc_type` is type1 (CMS list) or policy (a rule of the programme)."""

    addon: str
    base: str
    aoc_type: str
    effective_from: date | None
    effective_to: date | None
    source: str
    confidence: str


def _build(row: dict[str, str]) -> AddonPair:
    return AddonPair(
        row["addon"],
        row["base"],
        row["aoc_type"],
        day(row["effective_from"]),
        day(row["effective_to"]),
        row["source"],
        row["confidence"],
    )


@lru_cache(maxsize=20_000)
def bases(addon: str, on: date) -> frozenset[str]:
    """Base codes of an add-on on a date; empty when we know none (also for codes that are no add-ons)."""
    return frozenset(
        row.base for row in load("addon_pairs", _build, "addon").get(addon, ()) if in_force(row, on)
    )


def has_bases(addon: str) -> bool:
    """Whether a base list is published for this code at all."""
    return addon in load("addon_pairs", _build, "addon")


when_overlaid(bases.cache_clear)
