"""From session to code: minute band, codes, modifiers, place, money, visits left, and disagreements."""

from __future__ import annotations

from datetime import date
from typing import Any

from cleanclaim.codesets.places_of_service import lookup as place_of
from cleanclaim.codesets.procedures import find as procedure_of
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.coding import CodingResult, bands_for, is_timed
from cleanclaim_server.authorizations.queries import units_used
from cleanclaim_server.cycle.handling import SessionPreview
from cleanclaim_server.web.views.session_form.fields import minutes_between


def drawn(found: SessionPreview, service: str, on: date, minutes: int | None, data: dict) -> dict[str, Any]:
    """A preview as `sessions/preview.html` shows it."""
    result = found.result
    assert result is not None
    times = ""
    if data.get("starts_at") and data.get("stops_at"):
        times = f"{data['starts_at']:%H:%M} to {data['stops_at']:%H:%M}"
    shown = coded(result, service, found.payer_kind, on, minutes, times)
    policy = found.coverage
    shown["disagreement"] = disagreement(service, found.payer_kind, on, data)
    shown |= {
        "coverage": {
            "payer": policy.plan.payer.name,
            "plan": policy.plan.name,
            "word": {1: "Primary", 2: "Secondary"}.get(policy.order, "Tertiary"),
            "more": len(found.policies) - 1,
        }
        if policy
        else None,
        "charge_cents": found.charge_cents,
        "no_price": found.no_price,
        "expected_cents": found.expected_cents,
        "expected_note": "by the contract"
        if found.expected_cents is not None
        else "no contract rate on file",
        "patient_cents": None,
        "patient_note": "benefits are not on file",
        "patient_estimate": False,
        "signed": bool(data.get("note_signed")),
    }
    if found.authorization is not None:
        one, used = found.authorization, units_used(found.authorization)
        left = one.units - used - 1
        shown["authorization"] = {
            "number": one.number,
            "used": used,
            "booked": 0,
            "free": max(left, 0),
            "total": one.units,
            "note": f"{max(left, 0)} left after this session, until {one.ends_on:%-d %b %Y}",
        }
    return shown


def disagreement(service: str, kind: str, on: date, data: dict) -> dict[str, Any] | None:
    """Minutes typed and minutes of the clock that lead to other codes, and what each choice would be.

    The engine takes what is typed; one click takes the clock instead, or the typed minutes for good (the stop
    is then the start and those minutes).
    """
    start, stop, typed = data.get("starts_at"), data.get("stops_at"), data.get("minutes")
    if start is None or stop is None or typed is None or not is_timed(service):
        return None
    clock = minutes_between(start, stop)
    if clock == typed:
        return None
    by_clock, by_typed = _code_at(service, kind, on, clock), _code_at(service, kind, on, typed)
    end = (start.hour * 60 + start.minute + typed) % 1440
    return {
        "clock": clock,
        "typed": typed,
        "by_clock": by_clock,
        "by_typed": by_typed,
        "other_code": by_clock != by_typed,
        "stop_for_typed": f"{end // 60:02d}:{end % 60:02d}",
    }


def _code_at(service: str, kind: str, on: date, minutes: int) -> str:
    """The code of a number of minutes, or *no code*."""
    for band in bands_for(service, kind, on):
        if band.from_minutes <= minutes and (band.to_minutes is None or minutes <= band.to_minutes):
            return band.label if band.codes else "no code"
    return "no code"


def coded(
    result: CodingResult, service: str, kind: str, on: date, minutes: int | None, times: str = ""
) -> dict[str, Any]:
    """Codes, band and reasons of an answer of the coding engine."""
    bands = [band for band in bands_for(service, kind, on)] if is_timed(service) else []
    known = [band for band in bands if band.codes][:6]
    lines = [
        {
            "code": one.code,
            "units": one.units,
            "modifiers": " ".join(one.modifiers),
            "label": _label(one.code),
            "why": "",
        }
        for one in result.lines
    ]
    return {
        "ready": True,
        "missing": "",
        "minutes": minutes,
        "bands": [[band.from_minutes, band.label] for band in known],
        "timed": bool(known),
        "times": times or (f"{minutes} minutes" if minutes is not None else "No times yet"),
        "edge": _edge(result, bands, minutes),
        "lines": lines,
        "place": {"code": result.pos, "label": _place(result.pos, on)} if result.pos else None,
        "findings": list(result.findings),
        "result": result.result,
        "trace": {
            "n": len(result.why),
            "items": [{"text": one.text, "source": one.source} for one in result.why],
        },
        "authorization": None,
        "disagreement": None,
        "billed_under": result.billed_under,
    }


def _label(code: str) -> str:
    known = procedure_of(code)
    return known.label if known else ""


def _place(pos: str, on: date) -> str:
    try:
        return place_of(pos, on).label
    except CodeNotKnown:
        return ""


def _edge(result: CodingResult, bands: list, minutes: int | None) -> str:
    """The minute that would change the answer, in words."""
    if minutes is None:
        return "Without minutes a timed service has no code." if bands else ""
    said = []
    band = next(
        (
            one
            for one in bands
            if one.from_minutes <= minutes and (one.to_minutes is None or minutes <= one.to_minutes)
        ),
        None,
    )
    if band and band.codes and band.from_minutes:
        past = minutes - band.from_minutes
        before = next((one for one in bands if one.to_minutes == band.from_minutes - 1), None)
        lower = before.label if before and before.codes else "no code"
        said.append(
            f"{past} minute{'s' if past != 1 else ''} past the threshold: "
            f"under {band.from_minutes} it is {lower}."
        )
    if result.next_threshold is not None:
        later = result.next_codes.replace(";", " + ")
        said.append(f"From {result.next_threshold} minutes it is {later}.")
    return " ".join(said)
