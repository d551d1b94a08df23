"""Money as whole US cents.

Every amount in the core and in the database is an integer number of cents. Decimal appears only at
the borders (X12, CSV, forms) and in rates; float appears nowhere.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Money = NewType("Money", int)
"""Whole US cents, signed. ``Money(1250)`` is $12.50."""

ZERO = Money(0)

# X12 R elements and CSV cells: optional sign, digits, optional fraction. No exponent, no commas.
_AMOUNT = re.compile(r"[+-]?(?:\d{1,16})?(?:\.\d*)?\Z", re.ASCII)


class AmountError(ValueError):
    """A text is not an amount in whole cents. The message never repeats the text."""


def parse_amount(text: str) -> Money:
    """Read a decimal dollar amount as X12 and CSV write it.

    Args:
        text: ``150``, ``150.00``, ``-.5``. At most two digits that matter after the point.

    Returns:
        Whole cents.

    Raises:
        AmountError: Not a number, or a fraction of a cent.

    Examples:
        >>> parse_amount("150"), parse_amount("-.5"), parse_amount("12.340")
        (15000, -50, 1234)
    """
    text = text.strip()
    if not _AMOUNT.match(text) or not any(ch.isdecimal() for ch in text):
        raise AmountError("not a decimal amount")
    sign = -1 if text[0] == "-" else 1
    whole, _, fraction = text.lstrip("+-").partition(".")
    if fraction[2:].strip("0"):
        raise AmountError("an amount has at most two decimals")
    return Money(sign * (int(whole or "0") * 100 + int((fraction[:2] + "00")[:2])))


def usd(text: str) -> Money:
    """Shorthand of `parse_amount` for tests and tables."""
    return parse_amount(text)


def x12_amount(cents: int) -> str:
    """Write cents the way X12 R elements want them: no trailing zeros, no point when whole.

    Examples:
        >>> x12_amount(15000), x12_amount(1250), x12_amount(-5), x12_amount(0)
        ('150', '12.5', '-.05', '0')
    """
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    if not part:
        return f"{sign}{whole}"
    return f"{sign}{whole or ''}.{part:02d}".rstrip("0")


def dollars(cents: int) -> str:
    """Two decimals and thousands separators, for people.

    Examples:
        >>> dollars(123450), dollars(-5)
        ('1,234.50', '-0.05')
    """
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{part:02d}"


def money_text(cents: int) -> str:
    """As `dollars`, with the currency: the form for sentences and titles.

    Examples:
        >>> money_text(123450), money_text(-5)
        ('$1,234.50', '-$0.05')
    """
    sign = "-" if cents < 0 else ""
    return f"{sign}${dollars(abs(cents))}"


def apply_rate(cents: int, rate: Decimal) -> Money:
    """Multiply an amount by a rate and round half away from zero to the cent."""
    return Money(int((Decimal(cents) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def split_evenly(cents: int, parts: int) -> list[Money]:
    """Split an amount into parts that differ by at most a cent and add back exactly.

    The first parts take the remainder, one cent each.

    Examples:
        >>> split_evenly(100, 3)
        [34, 33, 33]
        >>> split_evenly(-100, 3)
        [-34, -33, -33]
    """
    if parts < 1:
        raise ValueError("parts must be at least 1")
    sign = -1 if cents < 0 else 1
    base, rest = divmod(abs(cents), parts)
    return [Money(sign * (base + (1 if i < rest else 0))) for i in range(parts)]
