"""From how many cents on a shortfall is asked for: the practice's own, else the usual one.

Every difference is kept as a fact and shown; below the threshold it opens no project. Percentages and units
round at either side, so that a cent or two says nothing about a contract.
"""

from __future__ import annotations

import msgspec

from cleanclaim_server.practice.models import Practice

SETTING = "underpayments"
MOST_CENTS = 1_000_000


class UnderpaymentPolicy(msgspec.Struct, frozen=True):
    """Kept in `Practice.settings["underpayments"]`; a key that is missing takes its default."""

    least_cents: int = 5
    """A line that is short by less, interest included, opens no project. 1 asks for every cent."""


def policy_of(practice: Practice) -> UnderpaymentPolicy:
    """The threshold of a practice; what is no amount in its settings takes the default."""
    own = practice.settings.get(SETTING)
    least = own.get("least_cents") if isinstance(own, dict) else None
    if type(least) is int and 1 <= least <= MOST_CENTS:
        return UnderpaymentPolicy(least)
    return UnderpaymentPolicy()
