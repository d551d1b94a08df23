"""Chance without a clock: every choice is a hash of the seed and of what is chosen for.

A hash, not a running generator: the choice for one claim must not depend on how many claims came
before it, or adding a patient would change everybody's year.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def draw(seed: int, *of: object) -> int:
    """A whole number from 0 to 2**64 - 1, equal for equal input on every machine.

    Examples:
        >>> draw(7, "lag", "DEMO1") == draw(7, "lag", "DEMO1") != draw(8, "lag", "DEMO1")
        True
    """
    text = "\x1f".join(map(str, (seed, *of)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def between(low: int, high: int, seed: int, *of: object) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + draw(seed, *of) % (high - low + 1)


def one_of(choices: Sequence[T], seed: int, *of: object) -> T:
    """One of the choices, each equally likely."""
    return choices[draw(seed, *of) % len(choices)]


def weighted(choices: Sequence[tuple[T, int]], seed: int, *of: object) -> T:
    """One of ``(choice, weight)``."""
    at = draw(seed, *of) % sum(weight for _, weight in choices)
    for choice, weight in choices:
        at -= weight
        if at < 0:
            return choice
    raise AssertionError("weights are positive")


def percent(chance: int, seed: int, *of: object) -> bool:
    """True in `chance` of 100 cases."""
    return draw(seed, *of) % 100 < chance


_STEPS = (0x9E3779B97F4A7C15, 0xC13FA9A902A6328F, 0x91E10DA5C79E7B1D)
"""Odd 64-bit steps of low-discrepancy sequences: multiples fall evenly over the whole range."""


def spread(count: int, number: int, seed: int, word: str, *, series: int = 0) -> int:
    """A whole number from 0 to ``count - 1`` for the item of a number, evenly filled over any run of items.

    Where `draw` would let totals wander from seed to seed, this keeps shares close to exact.
    """
    at = (draw(seed, word) + number * _STEPS[series]) % 2**64
    return at * count >> 64
