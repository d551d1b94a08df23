"""What the practice charges: one price per code, modifier and date."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim.money import Money


class ChargeRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One price.

    Attributes:
        code: CPT or HCPCS code.
        amount_cents: Charge for one unit, whole cents.
        starts: First date of service.
        modifier: '' for the code itself; else the price of the code with that modifier.
        ends: Last date of service; None while it holds.
    """

    code: str
    amount_cents: int
    starts: date
    modifier: str = ""
    ends: date | None = None

    def covers(self, on: date) -> bool:
        """Whether the price holds on a date of service."""
        return self.starts <= on and (self.ends is None or on <= self.ends)


class PriceNotSet(LookupError):
    """The charge master has no price for this code on this date. We take no neighbour's."""

    def __init__(self, code: str, modifiers: Sequence[str], on: date, *, known: bool) -> None:
        self.code, self.modifiers, self.on, self.known = code, tuple(modifiers), on, known
        why = "it has prices for other dates only" if known else "the code is not in it"
        super().__init__(f"the charge master has no price for {code} on {on.isoformat()}: {why}")

    def finding(self, subject_id: str = "") -> Finding:
        """The refusal as a value."""
        return Finding(
            code="pricing.price_not_set",
            severity=Severity.STOP,
            message=str(self)[0].upper() + str(self)[1:] + ".",
            subject_id=subject_id,
            facts={
                "code": self.code,
                "modifiers": list(self.modifiers),
                "date_of_service": self.on.isoformat(),
            },
            remedy="Set the price in the charge master from that date on.",
        )


class ChargeMaster:
    """The prices of one practice. Immutable.

    Raises:
        ValueError: Two rows give the same code and modifier a price on one date, a row ends before it
            starts, or an amount is negative.
    """

    def __init__(self, rows: Iterable[ChargeRow]) -> None:
        self._rows: dict[tuple[str, str], list[ChargeRow]] = {}
        for row in rows:
            if row.amount_cents < 0:
                raise ValueError(f"{row.code}: a charge is never negative")
            if row.ends is not None and row.ends < row.starts:
                raise ValueError(f"{row.code}: ends before it starts")
            self._rows.setdefault((row.code, row.modifier), []).append(row)
        for (code, modifier), found in self._rows.items():
            found.sort(key=lambda row: row.starts)
            for earlier, later in itertools.pairwise(found):
                if earlier.ends is None or earlier.ends >= later.starts:
                    raise ValueError(
                        f"{code} {modifier}: two prices on {later.starts.isoformat()}".replace("  ", " ")
                    )

    def find(self, code: str, modifiers: Sequence[str], on: date) -> ChargeRow:
        """The row that prices a code on a date: that of the first modifier with a price, else the code's own.

        Raises:
            PriceNotSet: No such row.
        """
        for modifier in (*modifiers, ""):
            for row in self._rows.get((code, modifier), ()):
                if row.covers(on):
                    return row
        raise PriceNotSet(code, modifiers, on, known=any(known == code for known, _ in self._rows))

    def price(self, code: str, modifiers: Sequence[str], on: date) -> Money:
        """The charge for one unit, whole cents.

        Args:
            code: Procedure code.
            modifiers: In the order of the line; the first one that has its own price decides.
            on: Date of service.

        Raises:
            PriceNotSet: No price for the code on that date.

        Examples:
            >>> master = ChargeMaster([ChargeRow("90837", 20000, date(2026, 1, 1))])
            >>> master.price("90837", (), date(2026, 11, 2))
            20000
        """
        return Money(self.find(code, modifiers, on).amount_cents)

    def charge(self, code: str, modifiers: Sequence[str], units: int, on: date) -> Money:
        """The charge of a line: the price of one unit times whole units.

        Raises:
            PriceNotSet: No price for the code on that date.
            ValueError: Units below 1.
        """
        if units < 1:
            raise ValueError("a line has at least one unit")
        return Money(self.price(code, modifiers, on) * units)
