"""Which patient payments a bank line is: a day's cards, the slip of some days, or the only set that adds up.

A line names no patient, so nothing here is certain: what is found is offered to a person, with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from cleanclaim.bank.subsets import ITEMS_MAX, unique_subset

CARD_DAYS, SLIP_DAYS = 5, 14
"""How long before its line a card is taken, and cash or a check carried to the bank."""


class PatientMoney(msgspec.Struct, frozen=True):
    """A payment of a patient that is not at the bank yet. Whole cents, positive."""

    key: str
    received_on: date
    amount_cents: int
    is_card: bool


class Picked(msgspec.Struct, frozen=True):
    """Payments that add up to the line exactly, in the order in which they were given."""

    keys: tuple[str, ...]
    why: str


def pick_for_line(
    amount_cents: int, booked_on: date, payments: Sequence[PatientMoney], *, is_card: bool | None = None
) -> Picked | None:
    """Find the payments that a line is, where only one set of them fits.

    Args:
        amount_cents: What is open of the line.
        payments: Those that have no line yet, in any order.
        is_card: Whether the bank's words say that it is a card settlement; None when they say nothing.

    Returns:
        All cards of one day, else all cash and checks of one day, else those of days that follow one another,
        else the only set that adds up. None when nothing fits, or two different sets do.

    Examples:
        >>> day = date(2026, 11, 12)
        >>> slip = [PatientMoney("a", day, 2500, False), PatientMoney("b", day, 4000, False)]
        >>> pick_for_line(6500, date(2026, 11, 13), slip)
        Picked(keys=('a', 'b'), why='all cash and checks of 12 Nov')
    """
    for card in (True, False) if is_card is None else (is_card,):
        near = CARD_DAYS if card else SLIP_DAYS
        mine = [
            one for one in payments if one.is_card == card and 0 <= (booked_on - one.received_on).days <= near
        ]
        mine.sort(key=lambda one: (one.received_on, one.key))
        found = _days(amount_cents, mine, "cards" if card else "cash and checks")
        if found is not None:
            return found
        if 0 < len(mine) <= ITEMS_MAX:
            places = unique_subset([one.amount_cents for one in mine], amount_cents, least=1)
            if places is not None and _tells_apart([one.amount_cents for one in mine], places):
                keys = tuple(mine[place].key for place in places)
                return Picked(keys, "the only payments that add up to it")
    return None


def _tells_apart(amounts: Sequence[int], places: Sequence[int]) -> bool:
    """Whether no payment outside is as large as one inside: equal payments of two patients are not alike."""
    inside = {amounts[place] for place in places}
    return all(place in places for place, amount in enumerate(amounts) if amount in inside)


def _days(amount_cents: int, mine: Sequence[PatientMoney], what: str) -> Picked | None:
    """The one run of whole days whose payments add up; the shortest runs first."""
    days = sorted({one.received_on for one in mine})
    for length in range(1, len(days) + 1):
        fits = []
        for start in range(len(days) - length + 1):
            chosen = set(days[start : start + length])
            picked = [one for one in mine if one.received_on in chosen]
            if sum(one.amount_cents for one in picked) == amount_cents:
                fits.append((days[start], days[start + length - 1], picked))
        if len(fits) == 1:
            first, last, picked = fits[0]
            span = f"{first.day} {first:%b}" + (f" to {last.day} {last:%b}" if last != first else "")
            return Picked(tuple(one.key for one in picked), f"all {what} of {span}")
        if fits:
            return None
    return None
