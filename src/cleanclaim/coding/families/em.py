"""Office E/M levels (2021 rules) by time or medical decision making, with prolonged time."""

from __future__ import annotations

from datetime import date

from cleanclaim.coding.services import Billed, Circumstances, Service, with_added
from cleanclaim.coding.vocabulary import PRESCRIBERS

MDM = ("mdm_straightforward", "mdm_low", "mdm_moderate", "mdm_high")
LEVELS = {
    "new": (("99202", 15), ("99203", 30), ("99204", 45), ("99205", 60)),
    "established": (("99212", 10), ("99213", 20), ("99214", 30), ("99215", 40)),
}
"""Level codes with the minutes to be met or exceeded, straightforward to high."""
OFFICE_CODES = frozenset(str(code) for code in range(99202, 99216))

_PROLONGED_CPT = {"99205": 75, "99215": 55}
_PROLONGED_MEDICARE = {"99205": 89, "99215": 69}
_RULES_FROM = date(2021, 1, 1)


def level_by_mdm(basis: str, patient_type: str) -> str:
    """The E/M code of a decision-making level; the caller has checked both words."""
    return LEVELS[patient_type][MDM.index(basis)][0]


def by_time(minutes: int, circumstances: Circumstances) -> Billed:
    """The highest level whose minutes are met, and prolonged units on the highest level."""
    levels = LEVELS.get(circumstances.patient_type)
    if levels is None or circumstances.on < _RULES_FROM:
        return ()
    code = ""
    for level, floor in levels:
        if minutes >= floor:
            code = level
    if not code:
        return ()
    starts = (_PROLONGED_MEDICARE if circumstances.is_medicare else _PROLONGED_CPT).get(code)
    units = (minutes - starts) // 15 + 1 if starts is not None and minutes >= starts else 0
    return with_added(code, 1, "G2212" if circumstances.is_medicare else "99417", units)


SERVICES = (
    Service(
        name="E/M only",
        family="em",
        eligible=PRESCRIBERS,
        timed=by_time,
        below="E_BELOW_UNIT_MIN",
        kind="em",
        rule="the level follows medical decision making, or total time on the date",
        source="CMS PFS Relative Value File RVU26C; CodingAhead 99417; CMS 2021 prolonged-service sheet",
    ),
)
