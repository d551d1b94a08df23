"""Read and write the 278, and its decisions as rows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.x12.sets.authorization.layout import ANSWER, REQUEST
from cleanclaim.x12.sets.authorization.records import (
    AuthorizationAnswer,
    AuthorizationRequest,
    Event,
    RequestedService,
)
from cleanclaim.x12.sets.layouts import read_layout, write_layout
from cleanclaim.x12.sets.parties import Dated, Delivery, Service
from cleanclaim.x12.writer import SetBody, WriteRefused

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Transaction

GUIDE = "005010X217"
DECISIONS = {
    "A1": "certified",
    "A2": "certified in part",
    "A3": "not certified",
    "A4": "pended",
    "A6": "modified",
    "C": "cancelled",
    "CT": "contact the payer",
    "NA": "no authorization needed",
}
"""HCR01 in our own words."""


class DecisionRow(msgspec.Struct, frozen=True):
    """What was decided about an event, or about one of its services."""

    level: str
    """event or service."""
    trace_number: str
    """Our number of the request (TRN*2), of the event when the service has none."""
    action: str
    """HCR01, `''` when nothing is decided here: see the other level."""
    meaning: str
    certification_number: str
    reason: str
    service: Service | None
    revenue_code: str
    delivery: Delivery | None
    """How much was certified, when said."""
    starts: date | None
    ends: date | None
    """The days certified: DTP 472 of a service, else 007 (certification) or 472 of the event."""
    position: int
    """Segment of the HL, counted from ST = 1."""


def read_278_request(transaction: Transaction) -> tuple[AuthorizationRequest, list[Finding]]:
    """Read an authorization request. Never raises on input; what is absent stays empty."""
    request, findings = read_layout(REQUEST, transaction, "x12.278")
    return request, findings


def read_278_answer(transaction: Transaction) -> tuple[AuthorizationAnswer, list[Finding]]:
    """Read the answer to an authorization request. Never raises on input; what is absent stays empty."""
    answer, findings = read_layout(ANSWER, transaction, "x12.278")
    return answer, findings


def write_278_request(request: AuthorizationRequest, *, control_number: str) -> SetBody:
    """Write an authorization request.

    Raises:
        WriteRefused: The guide refuses it; one finding for each fault, with loop and element.
    """
    if not request.events and request.subscriber is not None:
        message = "The request names no event that is to be reviewed."
        remedy = "Add an event with what is asked for."
        where = Where(loop="2000E", segment="HL")
        raise WriteRefused([Finding("x12.278.no_event", Severity.STOP, message, where, remedy=remedy)])
    return write_layout(
        REQUEST, request, set_id="278", guide=GUIDE, functional_id="HI", control_number=control_number
    )


def write_278_answer(answer: AuthorizationAnswer, *, control_number: str) -> SetBody:
    """Write the answer to an authorization request, as a payer would.

    Raises:
        WriteRefused: The guide refuses it; one finding for each fault, with loop and element.
    """
    return write_layout(
        ANSWER, answer, set_id="278", guide=GUIDE, functional_id="HI", control_number=control_number
    )


def decisions(answer: AuthorizationAnswer) -> list[DecisionRow]:
    """One row for each event and each of its services, in file order."""
    found = []
    for event in answer.events:
        trace = _trace(event)
        found.append(_row("event", event, trace, None, ""))
        for one in event.services:
            professional, institutional = one.professional, one.institutional
            billed = professional or institutional
            service = billed.service if billed else None
            revenue_code = institutional.revenue_code if institutional else ""
            found.append(_row("service", one, _trace(one) or trace, service, revenue_code))
    return found


def _trace(level: Event | RequestedService) -> str:
    return next((one.number for one in level.traces if one.kind == "2"), "")


def _row(
    level: str, one: Event | RequestedService, trace: str, service: Service | None, revenue_code: str
) -> DecisionRow:
    decision = one.decision
    action = decision.action if decision else ""
    days = _days(one.dates, ("472", "007") if level == "service" else ("007", "472"))
    return DecisionRow(
        level, trace, action, DECISIONS.get(action, "unknown" if action else "not said"),
        decision.certification_number if decision else "", decision.reason if decision else "",
        service, revenue_code, one.delivery, days[0], days[1], one.position,
    )  # fmt: skip


def _days(dates: tuple[Dated, ...], qualifiers: tuple[str, ...]) -> tuple[date | None, date | None]:
    for qualifier in qualifiers:
        for one in dates:
            if one.qualifier == qualifier:
                return one.start, one.end or one.start
    return None, None
