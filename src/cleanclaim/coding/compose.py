"""From services and minutes to lines: the time of each service, the E/M, and each family's answer."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache

from cleanclaim.coding.families.em import LEVELS, MDM, level_by_mdm
from cleanclaim.coding.services import Billed, Circumstances, Refusal, Service, register
from cleanclaim.coding.visit import Line, Part, Visit, is_whole

_DAY = 24 * 60
_SEARCH = 121
"""No family has a gap of more than 120 minutes between two thresholds."""


def clock_minutes(start: time, stop: time, crosses_midnight: bool) -> int:
    """Minutes between two clock times; negative when the stop is earlier and midnight was not crossed.

    Examples:
        >>> clock_minutes(time(23, 40), time(0, 35), True)
        55
    """
    first = datetime.combine(date.min, start)
    minutes = int((datetime.combine(date.min, stop) - first).total_seconds() // 60)
    return minutes + _DAY if crosses_midnight and minutes <= 0 else minutes


def _segment_minutes(visit: Visit) -> int | None:
    """The sum of the recorded segments; None when there are none or they are not numbers."""
    pieces = visit.other("segments").split("+")
    return sum(map(int, pieces)) if all(is_whole(piece) for piece in pieces) else None


def read_parts(visit: Visit) -> None:
    """Split the session into services, each with its minutes; repeated ones that add up are joined."""
    facts = visit.facts
    clock = None
    if facts.start_time is not None and facts.stop_time is not None:
        clock = clock_minutes(facts.start_time, facts.stop_time, visit.other("crosses_midnight") == "yes")
        if clock < 0:
            visit.refuse("E_STOP_BEFORE_START", column="stop_time")
            clock = None
    joined: dict[tuple[str, str], Part] = {}
    for position, name in enumerate(facts.service):
        service = register()[name]
        minutes = facts.minutes[position] if position < len(facts.minutes) else None
        if position == 0:
            if minutes is None:
                minutes = clock if clock is not None else _segment_minutes(visit)
            elif clock is not None and minutes > clock:
                visit.tell(
                    "minutes_exceed_clock",
                    "More minutes are recorded than the clock times allow.",
                    "minutes",
                    minutes=minutes,
                    clock=clock,
                )
        participant = facts.participants[position] if position < len(facts.participants) else ""
        part = Part(service, minutes, participant or "patient", position)
        earlier = joined.get((name, part.participant)) if service.adds_up else None
        if earlier is None or earlier.minutes is None or minutes is None:
            visit.parts.append(part)
            joined.setdefault((name, part.participant), part)
        else:
            earlier.minutes += minutes
    kinds = {part.service.kind for part in visit.parts}
    visit.has_em = bool(kinds & {"em", "em_psychotherapy"}) or (facts.with_em and bool(facts.em_basis))


@lru_cache(maxsize=50_000)
def timed_answer(service: Service, minutes: int, circumstances: Circumstances) -> Billed:
    """What a timed service bills at a minute. Cached: bands and thresholds ask for many minutes."""
    if service.timed is None:
        raise ValueError(f"{service.name} is not a timed service")
    return service.timed(minutes, circumstances)


@lru_cache(maxsize=50_000)
def next_change(service: Service, minutes: int, circumstances: Circumstances) -> tuple[int, Billed] | None:
    """The first later minute with another answer, and that answer."""
    now = timed_answer(service, minutes, circumstances)
    for later in range(minutes + 1, minutes + _SEARCH):
        then = timed_answer(service, later, circumstances)
        if then != now:
            return later, then
    return None


def compose_em(visit: Visit) -> None:
    """Add the E/M line, by decision making or by time."""
    if not visit.has_em:
        return
    facts = visit.facts
    if facts.patient_type not in LEVELS:
        visit.refuse("E_FACT_MISSING", column="patient_type", fact="new or established patient")
        return
    if facts.em_basis in MDM:
        code = level_by_mdm(facts.em_basis, facts.patient_type)
        visit.lines.append(Line(code, 1, group=0))
        chosen = facts.em_basis.removeprefix("mdm_")
        visit.because(
            f"{facts.patient_type} patient, {chosen} decision making: {code}",
            "CMS PFS Relative Value File RVU26C",
        )
        return
    if facts.em_basis != "time":
        visit.refuse("E_FACT_MISSING", column="em_basis", fact="how the E/M level was chosen")
        return
    alone = next((part for part in visit.parts if part.service.kind == "em"), None)
    minutes = facts.em_minutes if facts.em_minutes is not None else (alone.minutes if alone else None)
    if minutes is None:
        visit.refuse("E_TIME_MISSING", column="em_minutes")
        return
    service = register()["E/M only"]
    circumstances = visit.circumstances(Part(service, minutes, "patient", 0))
    billed = timed_answer(service, minutes, circumstances)
    if not billed:
        visit.refuse(service.below, minutes=minutes, column="em_minutes")
    for code, units in billed:
        visit.lines.append(Line(code, units, group=0))
    if alone is not None and visit.timed_answer is None:
        visit.timed_answer = (service, minutes, circumstances)
    if billed:
        visit.because(
            f"{minutes} minutes of E/M time: {' + '.join(code for code, _ in billed)}", service.source
        )


def _psychotherapy_of(part: Part) -> bool:
    return part.service.kind in ("individual", "em_psychotherapy", "crisis")


def compose_part(visit: Visit, part: Part) -> None:
    """Add the lines of one service, or note why there are none."""
    service = part.service
    if service.kind == "em":
        return
    if service.check is not None:
        service.check(part, visit)
    if _psychotherapy_of(part) and visit.patient_absent(part):
        visit.refuse("E_NON_FACE_TO_FACE", column="participants")
    if service.untimed is not None:
        billed = service.untimed(part, visit)
    else:
        if part.minutes is None:
            visit.refuse("E_TIME_MISSING", column="minutes", service=service.name)
            return
        circumstances = visit.circumstances(part)
        billed = timed_answer(service, part.minutes, circumstances)
        if visit.timed_answer is None:
            visit.timed_answer = (service, part.minutes, circumstances)
    if not billed and service.timed is not None:
        if _psychotherapy_of(part) and visit.has_em:
            visit.refuse("W_PSYTX_TOO_SHORT", minutes=part.minutes)
            visit.because(
                f"{part.minutes} psychotherapy minutes are under 16: the E/M stands alone", service.source
            )
        else:
            visit.refuse(service.below, minutes=part.minutes, service=service.name)
        return
    for code, units in billed:
        visit.lines.append(
            Line(code, units, group=part.position + 1, revenue_code=visit.revenue_codes.get(code, ""))
        )
    if billed:
        told = f"{part.minutes} minutes" if part.minutes is not None and service.timed else service.name
        answer = " + ".join(code if units == 1 else f"{code} x {units}" for code, units in billed)
        visit.because(f"{told}: {answer} ({service.rule})", service.source)
    beside_em = _psychotherapy_of(part) and any(code in ("90833", "90836", "90838") for code, _ in billed)
    if beside_em and visit.facts.em_basis == "time":
        visit.refuse("E_EM_TIME_WITH_PSYTX", column="em_basis", minutes=part.minutes)


def compose(visit: Visit) -> None:
    """Fill `visit.lines` in claim order: the E/M, then each service in the order held."""
    compose_em(visit)
    for part in visit.parts:
        try:
            compose_part(visit, part)
        except Refusal as refusal:
            visit.refuse(refusal.code, **refusal.facts)
