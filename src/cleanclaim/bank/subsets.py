"""Which amounts add up to a total, exactly, within a bound on the work.

Money that arrives in one sum for several payments (or the other way round) is a subset-sum question. It is
answered only when the answer is unique: two different sets that both fit prove nothing. And a set proves
something only when chance would hardly give one: among twenty payments, some five add up to any amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

ITEMS_MAX = 40
STATES_MAX = 200_000
ODDS = 1_000
KEPT_MAX = 8


def unique_subset(
    amounts: Sequence[int], total: int, *, least: int = 2, most: int = 12
) -> tuple[int, ...] | None:
    """Places of the only set of amounts that adds up to the total.

    Args:
        amounts: Positive cents. Equal amounts are alike: which of them is taken makes no second answer; the
            first ones are.
        least, most: Bounds on the number of amounts in the set.

    Returns:
        Places in rising order; None when no set fits, several different ones do, or the question is too large
        (more than 40 amounts, or more than 200,000 sums to remember).

    Examples:
        >>> unique_subset([100, 250, 400], 350)
        (0, 1)
        >>> unique_subset([100, 200, 300, 400], 500) is None
        True
        >>> unique_subset([100, 100, 300], 400)
        (0, 2)
    """
    found = _search(amounts, total, least, most)
    return found[0] if len(found) == 1 else None


def size_that_proves(count: int, total: int, *, odds: int = ODDS) -> int:
    """The largest set, out of `count` amounts, that chance would give less than once in `odds` totals.

    Sets of up to that size are fewer than the total's cents divided by the odds. 0 when not even a pair
    proves.

    Examples:
        >>> size_that_proves(10, 500_000), size_that_proves(30, 500_000), size_that_proves(200, 10_000)
        (4, 2, 0)
    """
    sets = size = 0
    for number in range(2, count + 1):
        sets += comb(count, number)
        if sets * odds > total:
            break
        size = number
    return size


def _search(amounts: Sequence[int], total: int, least: int, most: int) -> list[tuple[int, ...]]:
    """At most two different sets, by their amounts; two empty ones when the work exceeds its bound."""
    usable = sorted((cents, place) for place, cents in enumerate(amounts) if 0 < cents <= total)
    if len(usable) > ITEMS_MAX:
        return [(), ()]
    by_amount: dict[int, list[int]] = {}
    for cents, place in usable:
        by_amount.setdefault(cents, []).append(place)
    # sum -> at most eight different choices, each a tuple of (amount, how many)
    truncated = False
    reached: dict[int, list[tuple[tuple[int, int], ...]]] = {0: [()]}
    for cents in sorted(by_amount, reverse=True):
        grown: dict[int, list[tuple[tuple[int, int], ...]]] = {}
        for sum_so_far, choices in reached.items():
            for count in range(1, len(by_amount[cents]) + 1):
                new = sum_so_far + cents * count
                if new > total:
                    break
                kept = grown.get(new, [])
                for choice in choices:
                    truncated = truncated or len(kept) >= KEPT_MAX
                    taken = sum(times for _, times in choice) + count
                    if taken <= most and len(kept) < KEPT_MAX:
                        kept.append((*choice, (cents, count)))
                        grown[new] = kept
        for new, choices in grown.items():
            kept = reached.setdefault(new, [])
            truncated = truncated or len(kept) + len(choices) > KEPT_MAX
            kept += choices[: KEPT_MAX - len(kept)]
        if len(reached) > STATES_MAX:
            return [(), ()]
    fitting = [choice for choice in reached.get(total, ()) if sum(times for _, times in choice) >= least]
    sets = []
    for choice in fitting[:2]:
        places: list[int] = []
        for cents, times in choice:
            places += by_amount[cents][:times]
        sets.append(tuple(sorted(places)))
    # With ways left out, one that fits is not known to be the only one.
    return [*sets, ()] if truncated else sets
