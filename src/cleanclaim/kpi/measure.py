"""What a measure answers: the number, what it is made of, and why."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

import msgspec
import polars as pl


class Unit(StrEnum):
    """How a value reads."""

    PERCENT = "percent"
    DAYS = "days"
    CENTS = "cents"
    COUNT = "count"


class Window(msgspec.Struct, frozen=True):
    """First and last day, both inside."""

    starts: date
    ends: date


class Measure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One measure at one day.

    Attributes:
        code: Code of the KPI handbook, or a word for plain sums.
        value: Exact to four decimals of its unit (percent as 0-100); None when there is nothing to divide by.
        numerator: Cents, claims or days, as the formula says.
        denominator: Likewise; 1 for plain sums.
        family_ids: The claim families behind the numerator, in order.
        denominator_ids: Those behind the denominator.
        reason: Why there is no value: ``no_cases``, ``no_charges_in_window``, ``not_mature``.
        low_volume: The denominator is under the smallest number that deserves a colour.
        companions: Further figures by name: median, p90, no_ack, …
    """

    code: str
    name: str
    kind: str
    unit: Unit
    formula: str
    value: Decimal | None
    numerator: int
    denominator: int
    family_ids: tuple[str, ...] = ()
    denominator_ids: tuple[str, ...] = ()
    reason: str = ""
    low_volume: bool = False
    companions: dict[str, int] = {}

    @property
    def display(self) -> str:
        """For people: one decimal, or *No cases*.

        Examples:
            >>> ratio("C2", "First-pass acceptance", "cohort", "", 9, 10).display
            '90.0 %'
            >>> ratio("C2", "First-pass acceptance", "cohort", "", 0, 0).display
            'No cases'
        """
        if self.value is None:
            return "No cases"
        if self.unit is Unit.CENTS:
            return f"{self.value / 100:,.2f}"
        if self.unit is Unit.COUNT:
            return f"{self.value:,.0f}"
        rounded = self.value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        return f"{rounded} %" if self.unit is Unit.PERCENT else f"{rounded} days"


MIN_VOLUME = 20


def ratio(
    code: str,
    name: str,
    kind: str,
    formula: str,
    numerator: int,
    denominator: int,
    *,
    unit: Unit = Unit.PERCENT,
    family_ids: tuple[str, ...] = (),
    denominator_ids: tuple[str, ...] = (),
    reason: str = "no_cases",
    scale: Decimal | None = None,
    companions: dict[str, int] | None = None,
) -> Measure:
    """A measure that divides; a denominator of zero gives no value but a reason."""
    factor = scale if scale is not None else Decimal(100 if unit is Unit.PERCENT else 1)
    value = None
    if denominator:
        value = (Decimal(numerator) * factor / Decimal(denominator)).quantize(
            Decimal("0.0001"), rounding=ROUND_HALF_UP
        )
    return Measure(
        code=code,
        name=name,
        kind=kind,
        unit=unit,
        formula=formula,
        value=value,
        numerator=numerator,
        denominator=denominator,
        family_ids=family_ids,
        denominator_ids=denominator_ids,
        reason="" if denominator else reason,
        low_volume=0 < len(denominator_ids) < MIN_VOLUME,
        companions=companions or {},
    )


def amount(code: str, name: str, kind: str, formula: str, cents: int, family_ids: tuple[str, ...]) -> Measure:
    """A plain sum of cents."""
    return Measure(
        code=code,
        name=name,
        kind=kind,
        unit=Unit.CENTS,
        formula=formula,
        value=Decimal(cents),
        numerator=cents,
        denominator=1,
        family_ids=family_ids,
    )


def spread(days: list[int]) -> dict[str, int]:
    """Median and 90th percentile by nearest rank.

    Examples:
        >>> spread([1, 1, 1, 1, 1, 1, 2, 3, 4, 14])
        {'median': 1, 'p90': 4}
    """
    if not days:
        return {}
    ordered = sorted(days)
    median, p90 = (ordered[-(-len(ordered) * share // 100) - 1] for share in (50, 90))
    return {"median": median, "p90": p90}


def total(frame: pl.DataFrame, column: str) -> int:
    """The sum of a column of whole numbers; nulls count nothing."""
    return int(frame.get_column(column).sum())
