"""Times: present, possible, in agreement with each other, with the session and with the codes."""

from __future__ import annotations

from cleanclaim.codesets import procedures
from cleanclaim.coding.compose import clock_minutes, timed_answer
from cleanclaim.coding.notes.clock import (
    ClockRange,
    Stated,
    clock_ranges,
    is_other_date,
    note_dates,
    spelled,
    stated_minutes,
)
from cleanclaim.coding.notes.context import Audit
from cleanclaim.coding.notes.model import Span
from cleanclaim.coding.services import Billed, Circumstances, register

_LONGEST = 8 * 60


def check_date(audit: Audit) -> None:
    """The note's date of service, against the session's."""
    text, dos = audit.note.text, audit.facts.dos
    dates = [found for found in note_dates(text) if found.span[0] < audit.body_end]
    service = [found for found in dates if found.is_service]
    matching = [found for found in dates if found.day == dos]
    if service and not any(found.day == dos for found in service):
        audit.read["date"] = service[0].day
        audit.report("notes.date_differs", [service[0].span], note_date=service[0].day, date_of_service=dos)
    elif matching:
        audit.read["date"] = dos
        audit.evidence["date"] = (matching[0].span,)
    else:
        heads = [
            found
            for found in dates
            if not is_other_date(text, found.span[0]) and text.count("\n", 0, found.span[0]) < 5
        ]
        if heads:
            audit.read["date"] = heads[0].day
            audit.report("notes.date_differs", [heads[0].span], note_date=heads[0].day, date_of_service=dos)
        else:
            audit.report("notes.date_missing", date_of_service=dos)


def _pick(found: list[ClockRange], codes_with_visit: bool) -> list[ClockRange]:
    """The ranges of the service that is billed by time: psychotherapy's own beside a visit, else all."""
    if codes_with_visit:
        therapy = [one for one in found if one.kind == "therapy"]
        return therapy or [one for one in found if one.kind == "session"]
    rest = [one for one in found if one.kind != "visit"] or found
    return list({(one.start, one.stop): one for one in rest}.values())


def _session_minutes(audit: Audit) -> int | None:
    """Minutes of the session record: those of the first service, else stop minus start."""
    facts = audit.facts
    if facts.minutes and facts.minutes[0] is not None:
        return facts.minutes[0]
    if facts.start_time is not None and facts.stop_time is not None:
        return clock_minutes(
            facts.start_time, facts.stop_time, facts.other_inputs.get("crosses_midnight") == "yes"
        )
    return None


def check_time(audit: Audit) -> None:
    """Start and stop, minutes in words, and what they lead to."""
    text, until = audit.note.text, audit.body_end
    with_visit = "psychotherapy_with_em" in audit.classes
    ranges = _pick(
        clock_ranges(
            text, crosses_midnight=audit.facts.other_inputs.get("crosses_midnight") == "yes", until=until
        ),
        with_visit,
    )
    stated = stated_minutes(text, until=until)
    spans = [one.span for one in ranges] + [one.span for one in stated]
    if spans:
        audit.evidence["time"] = tuple(spans)
    bad = [one for one in ranges if not 0 < one.minutes <= _LONGEST]
    for one in bad:
        audit.report(
            "notes.times_impossible", [one.span], note_start=spelled(one.start), note_stop=spelled(one.stop)
        )
    if bad:
        return
    if ranges:
        audit.read["start"], audit.read["stop"] = spelled(ranges[0].start), spelled(ranges[-1].stop)
    clock = sum(one.minutes for one in ranges) or None
    said = _said(stated, with_visit)
    if clock is None and said is None:
        audit.report("notes.time_missing", [], codes=_timed_codes(audit))
        return
    if with_visit and said is None and not any(one.kind == "therapy" for one in ranges):
        audit.report("notes.psychotherapy_time_not_separate", spans, codes=_timed_codes(audit))
        return
    if clock is None and said is not None and "care_management" not in audit.classes:  # a month has no clock
        audit.report("notes.start_stop_missing", [said.span], note_minutes=said.minutes)
    if clock is not None and said is not None and not with_visit and said.minutes > clock:
        audit.report(
            "notes.minutes_conflict",
            [*(one.span for one in ranges), said.span],
            clock_minutes=clock,
            note_minutes=said.minutes,
        )
    # What the note says of face-to-face minutes counts; the clock bounds it.
    minutes = said.minutes if said is not None else clock
    assert minutes is not None
    if clock is not None and minutes > clock and not with_visit:
        minutes = clock
    audit.read["minutes"] = minutes
    _agree(audit, minutes, spans)


def _said(stated: list[Stated], with_visit: bool) -> Stated | None:
    """The minutes in words that speak of the billed service."""
    therapy = [one for one in stated if one.kind == "therapy"]
    if with_visit:
        return therapy[0] if therapy else None
    rest = [one for one in stated if one.kind != "visit"]
    return therapy[0] if therapy else rest[0] if rest else stated[0] if stated else None


def _timed_codes(audit: Audit) -> list[str]:
    rules = {code: procedures.find(code) for code in audit.codes}
    return [
        code
        for code, found in rules.items()
        if found is not None and found.time_rule != "untimed" and found.min_minutes
    ] or list(audit.codes)


def _agree(audit: Audit, minutes: int, spans: list[Span]) -> None:
    recorded = _session_minutes(audit)
    single = len(audit.facts.service) <= 1
    if recorded is not None and single and recorded != minutes:
        audit.report(
            "notes.minutes_differ_from_session", spans, note_minutes=minutes, session_minutes=recorded
        )
    if not single:
        audit.not_checked.append("minutes of each service: the session holds several")
        return
    expected = _expected(audit, minutes)
    if expected is None:
        return
    mine = [code for code in audit.codes if _family_is_timed(code)]
    if sorted(code for code, _ in expected) != sorted(mine):
        audit.report(
            "notes.minutes_outside_code",
            spans,
            note_minutes=minutes,
            expected=" + ".join(code for code, _ in expected) or "no billable code",
            billed=" + ".join(mine),
        )


def _family_is_timed(code: str) -> bool:
    """A code whose minutes this check judges: no visits (chosen by decision making), nothing untimed."""
    found = procedures.find(code)
    return (
        found is not None
        and not found.family.startswith("em_")
        and found.family != "prolonged"
        and found.time_rule
        in (
            "range",
            "threshold",
            "first_block",
            "addon_block_after_74",
            "addon_midpoint",
            "each_unit_midpoint",
        )
    )


def _expected(audit: Audit, minutes: int) -> Billed | None:
    """Codes that the coding engine gives for the note's minutes; None when it cannot judge these codes."""
    facts = audit.facts
    mine = {code for code in audit.codes if _family_is_timed(code)}
    if not mine:
        return None
    circumstances = Circumstances(
        on=facts.dos,
        payer_kind=facts.payer_kind,
        setting=facts.setting,
        participant=facts.participants[0] if facts.participants else "patient",
        patient_type=facts.patient_type,
        with_em=facts.with_em or "psychotherapy_with_em" in audit.classes,
        rounding=facts.payer_profile.get("rounding", "midpoint"),
        crisis_blocks=facts.payer_profile.get("crisis_blocks", "started"),
    )
    service = register().get(facts.service[0]) if facts.service else None
    if service is not None and service.timed is not None and service.kind != "em":
        reachable = {code for at in range(241) for code, _ in timed_answer(service, at, circumstances)}
        if mine <= reachable:
            return timed_answer(service, minutes, circumstances)
    # The session names another service than the codes: judge each code by its own minutes.
    rows = [procedures.find(code) for code in mine]
    fits = all(
        row is not None
        and (row.min_minutes is None or minutes >= row.min_minutes)
        and (row.max_minutes is None or minutes <= row.max_minutes)
        for row in rows
    )
    return tuple((code, 1) for code in audit.codes if code in mine) if fits else ()
