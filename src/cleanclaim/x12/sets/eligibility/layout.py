"""Where each field of an eligibility question or answer stands in 005010X279A1."""

from __future__ import annotations

from typing import Any

from cleanclaim.x12.sets.eligibility.records import (
    AnsweredDependent,
    AnsweredSubscriber,
    AnsweringSource,
    AnswerReceiver,
    AskedDependent,
    AskedSource,
    AskedSubscriber,
    AskingReceiver,
    Benefit,
    EligibilityAnswer,
    EligibilityQuestion,
    Inquiry,
    MilitaryService,
    Place,
)
from cleanclaim.x12.sets.layouts import (
    CENTS,
    NUMBER,
    POINTERS,
    REPEATS,
    Child,
    Fixed,
    Inline,
    Layout,
    Level,
    One,
    Own,
    Row,
    Texts,
    Value,
)
from cleanclaim.x12.sets.layouts import common as shared
from cleanclaim.x12.sets.parties import Party

DIAGNOSES = ("BK", "BF", "ABK", "ABF")
_PLACE = Row("III", Value(1, "qualifier"), Value(2, "code"), Value(3, "category"), Value(4, "text"))

_INQUIRY = Layout(
    Inquiry,
    Own(
        Row("EQ", Value(1, "service_types", REPEATS), Value(2, "service", shared.SERVICE),
            Value(3, "coverage_level"), Value(5, "diagnosis_pointers", POINTERS)),
        always=True,
    ),
    shared.amount("R", "spend_down_cents", CENTS),
    shared.amount("PB", "spend_down_billed_cents", CENTS),
    One(_PLACE, "place", Place),
    shared.references(),
    shared.dates(),
)  # fmt: skip

_BENEFIT_ROW = Row(
    "EB", Value(1, "information"), Value(2, "coverage_level"), Value(3, "service_types", REPEATS),
    Value(4, "insurance_type"), Value(5, "plan"), Value(6, "period"), Value(7, "amount_cents", CENTS),
    Value(8, "percent", NUMBER), Value(9, "quantity_qualifier"), Value(10, "quantity", NUMBER),
    Value(11, "authorization"), Value(12, "network"), Value(13, "procedure", shared.SERVICE),
    Value(14, "diagnosis_pointers", POINTERS),
)  # fmt: skip


def _benefit(letter: str) -> Layout:
    entity = Layout(
        Party, shared.name(relation=True), shared.references(), shared.address(), shared.contacts(),
        shared.taxonomy(),
    )  # fmt: skip
    return Layout(
        Benefit,
        Own(_BENEFIT_ROW, always=True),
        shared.deliveries("limits"),
        shared.references(),
        shared.dates(),
        shared.rejections(),
        Texts("MSG", "messages"),
        Child(f"2115{letter}", "places", Layout(Place, Own(_PLACE, always=True))),
        Fixed(("LS", "2120"), "entities"),
        Child(f"2120{letter}", "entities", entity),
        Fixed(("LE", "2120"), "entities"),
    )


def _person(letter: str, *inner: Any, answer: bool) -> Inline:
    """The loop of the name with all that is known of the person."""
    rejections = (shared.rejections(),) if answer else ()
    military = Row(
        "MPI", Value(1, "information_status"), Value(2, "employment_status"), Value(3, "government_service"),
        Value(4, "description"), Value(5, "rank"), Value(6, "period_format"), Value(7, "period"),
    )  # fmt: skip
    return Inline(
        f"2100{letter}", shared.name(), shared.references(), shared.address(), *rejections, shared.taxonomy(),
        shared.demographics(), shared.membership(), shared.diagnoses(DIAGNOSES, per=8), shared.dates(),
        *((One(military, "military", MilitaryService),) if answer else ()), *inner,
    )  # fmt: skip


def _asked(record: Any, letter: str, code: str, *below: Any) -> Layout:
    names = [one.field for one in below]
    person = _person(letter, Child(f"2110{letter}", "inquiries", _INQUIRY), answer=False)
    return Layout(record, Level(code, *names), shared.traces(), person, *below)


def _answered(record: Any, letter: str, code: str, *below: Any) -> Layout:
    names = [one.field for one in below]
    person = _person(letter, Child(f"2110{letter}", "benefits", _benefit(letter)), answer=True)
    return Layout(record, Level(code, *names), shared.traces(), person, *below)


_ASKED_SUBSCRIBER = _asked(
    AskedSubscriber, "C", "22", Child("2000D", "dependents", _asked(AskedDependent, "D", "23"))
)
_ANSWERED_SUBSCRIBER = _answered(
    AnsweredSubscriber, "C", "22", Child("2000D", "dependents", _answered(AnsweredDependent, "D", "23"))
)

QUESTION = Layout(
    EligibilityQuestion,
    shared.heading("0022"),
    Child("2000A", "sources", Layout(
        AskedSource,
        Level("20", "receivers"),
        Inline("2100A", shared.name()),
        Child("2000B", "receivers", Layout(
            AskingReceiver,
            Level("21", "subscribers"),
            Inline("2100B", shared.name(), shared.references(), shared.address(), shared.taxonomy()),
            Child("2000C", "subscribers", _ASKED_SUBSCRIBER),
        )),
    )),
)  # fmt: skip

ANSWER = Layout(
    EligibilityAnswer,
    shared.heading("0022"),
    Child("2000A", "sources", Layout(
        AnsweringSource,
        Level("20", "receivers"),
        shared.rejections("level_rejections"),
        Inline("2100A", shared.name(), shared.contacts(), shared.rejections()),
        Child("2000B", "receivers", Layout(
            AnswerReceiver,
            Level("21", "subscribers"),
            Inline("2100B", shared.name(), shared.references(), shared.address(), shared.rejections(),
                   shared.taxonomy()),
            Child("2000C", "subscribers", _ANSWERED_SUBSCRIBER),
        )),
    )),
)  # fmt: skip
