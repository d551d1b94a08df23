"""Where each field of an authorization request or answer stands in 005010X217."""

from __future__ import annotations

from typing import Any

from cleanclaim.x12.sets.authorization.records import (
    Admission,
    AuthorizationAnswer,
    AuthorizationRequest,
    Condition,
    Decision,
    Event,
    InstitutionalService,
    ProfessionalService,
    RequestedService,
    Review,
)
from cleanclaim.x12.sets.layouts import (
    CENTS,
    DAY,
    NUMBER,
    POINTERS,
    Child,
    Codes,
    Composite,
    Inline,
    Layout,
    Level,
    Many,
    One,
    Raw,
    Row,
    Texts,
    Value,
)
from cleanclaim.x12.sets.layouts import common as shared
from cleanclaim.x12.sets.layouts.values import Kind
from cleanclaim.x12.sets.parties import Delivery, Diagnosis, Member, Party

DIAGNOSES = ("ABF", "ABJ", "ABK", "ABN", "APR", "BF", "BJ", "BK", "BN", "DR", "LOI", "PR")


class _Components(Kind):
    """Components as a tuple of texts."""

    empty = ()

    def take(self, text: str, segment: Any, at: int, faults: Any) -> tuple[str, ...]:
        return tuple(text.split(segment.delimiters.component))

    def put(self, value: Any) -> Any:
        return tuple(value)


class _ConditionRow(Row):
    """A CRC: up to five codes in elements of their own."""

    def __init__(self) -> None:
        super().__init__("CRC", Value(1, "category"), Value(2, "applies"))

    def read(self, segment: Any, faults: Any) -> dict[str, Any]:
        codes = tuple(text for text in segment.elements[3:8] if text)
        return {"category": segment.get(1), "applies": segment.get(2), "codes": codes}

    def write(self, record: Any) -> tuple[Any, ...]:
        return ("CRC", record.category, record.applies, *record.codes)


_DIAGNOSIS = Composite(
    Diagnosis, Value(1, "qualifier"), Value(2, "code"), Value(4, "on", DAY), fixed={3: "D8"}
)
_REVIEW = Row(
    "UM", Value(1, "category"), Value(2, "certification_type"), Value(3, "service_type"),
    Value(4, "facility_code", component=1), Value(4, "facility_qualifier", component=2),
    Value(4, "frequency", component=3), Value(5, "related_causes", _Components()),
    Value(6, "level_of_service"), Value(7, "current_health"), Value(8, "prognosis"),
    Value(9, "release_of_information"), Value(10, "delay_reason"),
)  # fmt: skip
_DECISION = Row(
    "HCR",
    Value(1, "action"),
    Value(2, "certification_number"),
    Value(3, "reason"),
    Value(4, "second_opinion"),
)
_ADMISSION = Row(
    "CL1", Value(1, "type"), Value(2, "source"), Value(3, "patient_status"), Value(4, "nursing_home_status")
)
_PROFESSIONAL = Row(
    "SV1", Value(1, "service", shared.SERVICE), Value(2, "charge_cents", CENTS), Value(3, "unit"),
    Value(4, "quantity", NUMBER), Value(7, "diagnosis_pointers", POINTERS), Value(11, "epsdt"),
    Value(20, "nursing_home_level"),
)  # fmt: skip
_INSTITUTIONAL = Row(
    "SV2", Value(1, "revenue_code"), Value(2, "service", shared.SERVICE), Value(3, "charge_cents", CENTS),
    Value(4, "unit"), Value(5, "quantity", NUMBER), Value(6, "rate", NUMBER),
    Value(9, "nursing_home_status"), Value(10, "nursing_home_level"),
)  # fmt: skip


def _provider(answer: bool) -> Layout:
    return Layout(
        Party, shared.name(prefix=True), shared.references(), shared.address(), shared.contacts(),
        *_rejections(answer), shared.taxonomy(),
    )  # fmt: skip


def _rejections(answer: bool, field: str = "rejections") -> list[Many]:
    return [shared.rejections(field)] if answer else []


def _decision(answer: bool) -> list[One]:
    return [One(_DECISION, "decision", Decision)] if answer else []


def _service(answer: bool) -> Layout:
    return Layout(
        RequestedService,
        Level("SS"),
        shared.traces(),
        *_rejections(answer),
        One(_REVIEW, "review", Review),
        *_decision(answer),
        shared.references(),
        shared.dates(),
        One(_PROFESSIONAL, "professional", ProfessionalService),
        One(_INSTITUTIONAL, "institutional", InstitutionalService),
        One(shared.DELIVERY, "delivery", Delivery),
        shared.attachments(),
        Texts("MSG", "messages"),
        Child("2010F", "providers", _provider(answer)),
    )


def _event(answer: bool) -> Layout:
    return Layout(
        Event,
        Level("EV", "services"),
        shared.traces(),
        *_rejections(answer),
        One(_REVIEW, "review", Review),
        *_decision(answer),
        shared.references(),
        shared.dates(),
        Codes("diagnoses", _DIAGNOSIS, DIAGNOSES),
        One(shared.DELIVERY, "delivery", Delivery),
        Many(_ConditionRow(), "conditions", Condition),
        One(_ADMISSION, "admission", Admission),
        Raw(("CR1",), "ambulance"),
        Raw(("CR2",), "spinal"),
        shared.attachments(),
        Texts("MSG", "messages"),
        Child("2010EA", "providers", _provider(answer)),
        Child("2010EB", "transports", Layout(Party, shared.name(), shared.address())),
        Child("2000F", "services", _service(answer)),
    )


def _member(answer: bool) -> Layout:
    return Layout(
        Member, shared.name(prefix=True), shared.references(), shared.address(), *_rejections(answer),
        shared.demographics(), shared.membership(),
    )  # fmt: skip


def _transaction(record: Any, answer: bool) -> Layout:
    events = _event(answer)
    reviewer = Layout(Party, shared.name(), *([shared.contacts()] if answer else []), *_rejections(answer))
    requester = (
        Layout(Party, shared.name(), shared.references(), *_rejections(answer), shared.taxonomy())
        if answer
        else Layout(
            Party, shared.name(), shared.references(), shared.address(), shared.contacts(), shared.taxonomy()
        )
    )
    dependent = Inline(
        "2000D",
        Level("23", "events"),
        *_rejections(answer, "dependent_rejections"),
        Child("2010D", "dependent", _member(answer), single=True),
        Child("2000E", "events", events),
        when=lambda one: one.dependent is not None,
    )
    subscriber = Inline(
        "2000C",
        Level("22", "dependent", "events"),
        *_rejections(answer, "subscriber_rejections"),
        Child("2010C", "subscriber", _member(answer), single=True),
        dependent,
        Child("2000E", "events", events, when=lambda one: one.dependent is None),
        when=lambda one: one.subscriber is not None,
    )
    return Layout(
        record,
        shared.heading("0007"),
        Inline(
            "2000A",
            Level("20", "requesters"),
            *_rejections(answer, "reviewer_rejections"),
            Child("2010A", "reviewer", reviewer, single=True),
            Inline(
                "2000B",
                Level("21", "subscriber"),
                Child("2010B", "requesters", requester),
                subscriber,
                when=lambda one: bool(one.requesters),
            ),
        ),
    )


REQUEST = _transaction(AuthorizationRequest, answer=False)
ANSWER = _transaction(AuthorizationAnswer, answer=True)
