"""CPT, HCPCS and revenue codes of behavioral health: what each is, by date of service.

Labels are our own plain words; CPT descriptors are licensed and not here.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import msgspec

from cleanclaim.codesets.table import CodeNotKnown, day, in_force, load, number, pick
from cleanclaim_data.loader import when_overlaid


class Procedure(msgspec.Struct, frozen=True):
    """One procedure code.

    Attributes:
        code: CPT, HCPCS or four-digit revenue code.
        system: CPT, HCPCS or REV.
        label: Our own plain words.
        family: psychotherapy_individual, em_office, crisis, testing, aba, …
        kind: standalone, base or addon.
        time_rule: How minutes become units: range, threshold, first_block, untimed, …
        min_minutes, max_minutes: Whole minutes, inclusive; None when the rule has none.
        unit_minutes, first_unit_minutes: Length of a unit and of a first block, in minutes.
        telehealth_medicare: audio and yes are on Medicare's telehealth list, no is not; n/a and
            otp_rule mean that the list does not decide.
        medicare_status: Status letter of the 2026 fee schedule; empty for codes it does not list.
        effective_from: None when in force before 2024, start not checked.
        effective_to: Last day of service; None when in force.
        confidence: seen, known or uncertain.
    """

    code: str
    system: str
    label: str
    family: str
    kind: str
    time_rule: str
    min_minutes: int | None
    max_minutes: int | None
    unit_minutes: int | None
    first_unit_minutes: int | None
    telehealth_medicare: str
    age_min: int | None
    medicare_status: str
    effective_from: date | None
    effective_to: date | None
    source: str
    confidence: str
    notes: str

    @property
    def is_addon(self) -> bool:
        return self.kind == "addon"


def _build(row: dict[str, str]) -> Procedure:
    return Procedure(
        code=row["code"],
        system=row["system"],
        label=row["plain_label"],
        family=row["family"],
        kind=row["kind"],
        time_rule=row["time_rule"],
        min_minutes=number(row["min_minutes"]),
        max_minutes=number(row["max_minutes"]),
        unit_minutes=number(row["unit_minutes"]),
        first_unit_minutes=number(row["first_unit_minutes"]),
        telehealth_medicare=row["telehealth_medicare"],
        age_min=number(row["age_min"]),
        medicare_status=row["medicare_status_2026"],
        effective_from=day(row["effective_from"]),
        effective_to=day(row["effective_to"]),
        source=row["source"],
        confidence=row["confidence"],
        notes=row["notes"],
    )


def _rows() -> dict[str, tuple[Procedure, ...]]:
    return load("procedures", _build)


def lookup(code: str, on: date) -> Procedure:
    """The procedure in force on a date of service.

    Raises:
        CodeNotKnown: Not in our table, not yet in force, or ended.

    Examples:
        >>> lookup("90834", date(2026, 11, 9)).label
        'Individual psychotherapy, 45-min code'
        >>> lookup("99354", date(2026, 11, 9))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        cleanclaim.codesets.table.CodeNotKnown: ...
    """
    found = pick(_rows(), code, on)
    if found is None:
        raise CodeNotKnown("procedures", code, on)
    return found


def find(code: str) -> Procedure | None:
    """The newest row of a code whatever the date, or None when our table lacks it."""
    rows = _rows().get(code)
    return rows[-1] if rows else None


@lru_cache(maxsize=20_000)
def ended_before(code: str, on: date) -> bool:
    """Whether the code was deleted before this date of service. Unknown codes have not ended."""
    rows = _rows().get(code, ())
    return bool(rows) and all(row.effective_to is not None and row.effective_to < on for row in rows)


@lru_cache(maxsize=20_000)
def is_in_force(code: str, on: date) -> bool:
    """Whether our table has the code in force on this date."""
    return any(in_force(row, on) for row in _rows().get(code, ()))


def all_codes() -> tuple[str, ...]:
    """Every code of the table, in file order."""
    return tuple(_rows())


class _ListChange(msgspec.Struct, frozen=True):
    effective_from: date | None
    effective_to: date | None


def _build_change(row: dict[str, str]) -> _ListChange:
    return _ListChange(day(row["listed_from"]), day(row["listed_through"]))


@lru_cache(maxsize=20_000)
def on_medicare_telehealth_list(code: str, on: date) -> bool | None:
    """Whether Medicare lists the code for telehealth on a date; None when the list does not decide.

    Codes with dated changes answer by those dates; the others by their flag.
    """
    changes = load("telehealth_list", _build_change).get(code)
    if changes:
        return any(in_force(change, on) for change in changes)
    found = find(code)
    if found is None or found.telehealth_medicare in ("n/a", "otp_rule"):
        return None
    return found.telehealth_medicare in ("yes", "audio")


for _kept in (ended_before, is_in_force, on_medicare_telehealth_list):
    when_overlaid(_kept.cache_clear)
