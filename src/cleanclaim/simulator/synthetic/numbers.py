"""Numbers that look real to a check digit and belong to nobody."""

from __future__ import annotations

from cleanclaim.simulator.chance import draw, one_of
from cleanclaim.simulator.scenarios import find_scenario

_MEDICARE_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
_NPI_CARD_PREFIX = "80840"


def made_up_npi(number: int) -> str:
    """An NPI with a right check digit in the range 2999000000 to 2999999999.

    Examples:
        >>> made_up_npi(1), made_up_npi(2)
        ('2999000013', '2999000021')
    """
    stem = f"2999{number:05d}"
    total = 0
    for at, digit in enumerate(reversed(_NPI_CARD_PREFIX + stem)):
        value = int(digit) * (2 if at % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{stem}{-total % 10}"


def member_number(prefix: str, number: int) -> str:
    """A member id that names a scenario.

    Examples:
        >>> member_number("PD", 12)
        'PD1000012'
    """
    return f"{prefix}{1_000_000 + number}"


def medicare_number(prefix: str, seed: int, number: int) -> str:
    """A member id of Medicare's shape that carries the scenario in places two and three."""
    scenario = find_scenario(prefix)
    if scenario is None:
        raise ValueError(f"no scenario {prefix}")

    def letter(at: int) -> str:
        return one_of(_MEDICARE_LETTERS, seed, "medicare", number, at)

    def digit(at: int) -> int:
        return draw(seed, "medicare", number, at) % 10

    return (
        f"{1 + digit(0) % 9}{scenario.medicare_mark}{digit(3)}{letter(4)}{letter(5)}{digit(6)}"
        f"{letter(7)}{letter(8)}{number % 100:02d}"
    )
