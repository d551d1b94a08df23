"""Services that a code list names and no arithmetic of their own: one service for each.

State programmes pay many community, residential and substance use codes whose units follow from the code
alone: fifteen minutes, an hour, an encounter, a day. Each is a service called by its label and code
(``supported employment H2023``). Who may render it, and how a part of a unit is rounded, is the state's or
the payer's to say. Codes that another family bills by its own rules are not listed here.
"""

from __future__ import annotations

from collections.abc import Callable

from cleanclaim.codesets import CodeNotKnown, procedures
from cleanclaim.coding.services import Refusal, Service, Timed, Untimed, fixed, unit_each
from cleanclaim.coding.visit import Part, Visit

_FAMILIES = frozenset({"community", "sud", "case_mgmt", "crisis", "peer"})
_ELSEWHERE = frozenset(
    """H0004 H0015 H0035 H0036 H0038 H2011 H2014 H2015 H2017 H2019 T1016 T1017 S9480 S0201
    90839 90840 G0017 G0018""".split()
)
"""Codes that another family bills."""
_UNTIMED = ("per_encounter", "per_diem", "per_session", "per_event", "untimed")


def accepted(code: str) -> Callable[[Part, Visit], None]:
    """A check that the code is in force on the day, and that Medicare takes it when Medicare pays."""

    def check(part: Part, visit: Visit) -> None:
        try:
            status = procedures.lookup(code, visit.facts.dos).medicare_status
        except CodeNotKnown:
            raise Refusal("E_CODE_DELETED", code=code, date_of_service=visit.facts.dos.isoformat()) from None
        if visit.is_medicare and status in ("I", "N", "E"):
            raise Refusal("E_PAYER_CODE_NOT_ACCEPTED", code=code, medicare_status=status)

    return check


def _listed() -> tuple[Service, ...]:
    """Every listed service, in code order."""
    found = []
    for code in sorted(procedures.all_codes()):
        row = procedures.find(code)
        if row is None or code in _ELSEWHERE or row.family not in _FAMILIES or row.is_addon:
            continue
        if not code[0].isalpha() or len(code) != 5:
            continue
        timed: Timed | None = None
        untimed: Untimed | None = None
        if row.time_rule == "each_unit_midpoint" and row.unit_minutes:
            timed, said = unit_each(code, row.unit_minutes), f"per {row.unit_minutes} minutes"
        elif row.time_rule == "per_hour":
            timed, said = unit_each(code, 60), "per hour"
        elif row.time_rule in _UNTIMED:
            untimed, said = fixed(code), f"once {row.time_rule.replace('_', ' ').replace('diem', 'day')}"
        else:
            continue
        label = row.label.lower().replace(",", "").replace(";", "")
        found.append(
            Service(
                name=f"{label} {code}",
                family="listed",
                eligible=None,
                timed=timed,
                untimed=untimed,
                adds_up=timed is not None,
                check=accepted(code),
                rule=f"{code} {said}; licence, modifiers and limits are the state's",
                source=row.source,
            )
        )
    return tuple(found)


SERVICES = _listed()
