"""What a payer is expected to allow: contracted amounts by code and licence level."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from cleanclaim.money import Money


class FeeRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One contracted amount for one unit.

    Attributes:
        payer_id: The payer.
        code: CPT or HCPCS code.
        amount_cents: Allowed amount of one unit, whole cents.
        starts: First date of service.
        credential: Licence level it is for; '' for every level.
        modifier: '' for the code itself.
        ends: Last date of service; None while it holds.
        source: The contract or schedule it comes from.
    """

    payer_id: str
    code: str
    amount_cents: int
    starts: date
    credential: str = ""
    modifier: str = ""
    ends: date | None = None
    source: str = ""


class FeeSchedule:
    """Contracted amounts of a practice. Immutable.

    Raises:
        ValueError: Two rows answer for the same payer, code, level, modifier and date.
    """

    def __init__(self, rows: Iterable[FeeRow]) -> None:
        self._rows: dict[tuple[str, str, str, str], list[FeeRow]] = {}
        for row in rows:
            self._rows.setdefault((row.payer_id, row.code, row.credential, row.modifier), []).append(row)
        for key, found in self._rows.items():
            found.sort(key=lambda row: row.starts)
            for earlier, later in itertools.pairwise(found):
                if earlier.ends is None or earlier.ends >= later.starts:
                    raise ValueError(
                        f"{' '.join(filter(None, key))}: two amounts on {later.starts.isoformat()}"
                    )

    def find(
        self, payer_id: str, code: str, *, credential: str = "", modifiers: Sequence[str] = (), on: date
    ) -> FeeRow | None:
        """The row that answers: the level's own before every level's, a modifier's before the code's."""
        for level in dict.fromkeys((credential, "")):
            for modifier in (*modifiers, ""):
                for row in self._rows.get((payer_id, code, level, modifier), ()):
                    if row.starts <= on and (row.ends is None or on <= row.ends):
                        return row
        return None

    def expected(
        self,
        payer_id: str,
        code: str,
        *,
        credential: str = "",
        modifiers: Sequence[str] = (),
        units: int = 1,
        on: date,
        charge_cents: int | None = None,
    ) -> Money | None:
        """The amount that the payer is expected to allow, or None when it is not known.

        Args:
            charge_cents: The line's charge; contracts pay the lesser of charge and schedule.

        Examples:
            >>> schedule = FeeSchedule([FeeRow("60054", "90837", 13800, date(2026, 1, 1))])
            >>> schedule.expected("60054", "90837", on=date(2026, 11, 2), charge_cents=15000)
            13800
            >>> schedule.expected("60054", "90834", on=date(2026, 11, 2)) is None
            True
        """
        row = self.find(payer_id, code, credential=credential, modifiers=modifiers, on=on)
        if row is None:
            return None
        amount = row.amount_cents * units
        return Money(amount if charge_cents is None else min(amount, charge_cents))
