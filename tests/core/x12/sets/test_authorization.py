"""278: what is asked for and what was certified, for the event and for each service."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from questions import ANSWER_278, REQUEST_278, file_of_body, set_file, stops, transaction_of

from cleanclaim.codesets import eligibility as codes
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.x12.sets.authorization import (
    Decision,
    decisions,
    read_278_answer,
    read_278_request,
    write_278_answer,
    write_278_request,
)
from cleanclaim.x12.sets.parties import Member
from cleanclaim.x12.writer import WriteRefused

replace = msgspec.structs.replace


def test_a_request_is_read():
    request, findings = read_278_request(transaction_of("278 request"))
    assert findings == []
    assert (request.reviewer.id, request.requesters[0].taxonomy, request.patient.id) == (
        "60054",
        "261QM0801X",
        "W1",
    )
    (event,) = request.events
    assert (event.traces[0].number, event.review.service_type, event.review.facility_code) == (
        "AUTHTRACE1",
        "MH",
        "22",
    )
    assert (event.review.release_of_information, event.dates[0].qualifier, event.dates[0].end) == (
        "Y", "AAH", date(2026, 12, 31),
    )  # fmt: skip
    assert [(one.qualifier, one.code) for one in event.diagnoses] == [("ABK", "F332"), ("ABF", "F411")]
    delivery = event.delivery
    assert (delivery.unit, delivery.quantity, delivery.per, delivery.frequency, delivery.period_count) == (
        "VS", Decimal(36), "WK", Decimal(3), 3,
    )  # fmt: skip
    assert (event.attachments[0].number, event.messages) == ("DOC1", ("STEP DOWN FROM INPATIENT CARE",))
    assert (event.providers[0].entity, event.providers[0].id) == ("71", "1245319599")
    (service,) = event.services
    assert (service.institutional.revenue_code, service.institutional.service.code) == ("0905", "S9480")
    assert (service.institutional.charge_cents, service.institutional.quantity) == (27500, Decimal(36))
    assert (event.position, service.position, service.end_position) == (12, 21, 26)


def test_decisions_are_rows():
    answer, findings = read_278_answer(transaction_of("278 answer"))
    assert findings == []
    rows = [
        (one.level, one.trace_number, one.action, one.meaning, one.certification_number, one.reason, one.revenue_code,
         one.service and one.service.code, one.starts, one.ends, one.delivery and one.delivery.quantity)
        for one in decisions(answer)
    ]  # fmt: skip
    days = (date(2026, 11, 9), date(2026, 12, 6))
    assert rows == [
        ("event", "AUTHTRACE1", "A2", "certified in part", "CERT778", "", "", None, *days, None),
        ("service", "AUTHTRACE2", "A6", "modified", "CERT778", "10", "0905", "S9480", *days, Decimal(12)),
    ]
    assert codes.decision_reason(rows[1][5]).startswith("Pattern of delivery")
    with pytest.raises(CodeNotKnown):
        codes.decision_reason("99")


def test_an_event_without_decision_says_so():
    answer, _ = read_278_answer(transaction_of("278 answer", ANSWER_278.replace("HCR*A2*CERT778\n", "")))
    assert [(one.action, one.meaning) for one in decisions(answer)] == [("", "not said"), ("A6", "modified")]


def test_rejections_stand_where_they_were_said():
    lines = ANSWER_278.splitlines()[:9]
    lines[7] += "\nAAA*N**75*C"
    text = "\n".join(lines).replace("HL*3*2*22*1", "HL*3*2*22*0")
    answer, findings = read_278_answer(transaction_of("278 answer", text))
    assert findings == [] and answer.events == ()
    (one,) = answer.subscriber.rejections
    assert (one.code, one.follow_up, codes.rejection(one.code).meaning) == ("75", "C", "Subscriber not found")
    assert stops(file_of_body(write_278_answer(answer, control_number="0001"))) == []


def test_a_request_refused_as_a_whole_has_no_patient():
    text = "BHT*0007*11*AUTH1*20261103*1015\nHL*1**20*0\nAAA*Y**42*R\nNM1*X3*2*EVERGREEN REVIEW*****PI*60054"
    answer, findings = read_278_answer(transaction_of("278 answer", text))
    assert findings == [] and answer.patient is None
    assert [one.code for one in answer.reviewer_rejections] == ["42"]
    body = write_278_answer(answer, control_number="0001")
    assert len(body.segments) == 4 and stops(file_of_body(body)) == []


def test_a_dependent_takes_the_events_along():
    request, _ = read_278_request(transaction_of("278 request"))
    child = Member(
        "QC",
        "1",
        "TESTER",
        "TINA",
        birth_date=date(2012, 3, 4),
        sex="F",
        is_subscriber="N",
        relationship="19",
    )
    body = write_278_request(replace(request, dependent=child), control_number="0001")
    levels = [segment[1:] for segment in body.segments if segment[0] == "HL"]
    assert levels == [("1", "", "20", "1"), ("2", "1", "21", "1"), ("3", "2", "22", "1"), ("4", "3", "23", "1"),
                      ("5", "4", "EV", "1"), ("6", "5", "SS", "0")]  # fmt: skip
    from cleanclaim.x12.index import read_x12

    (again,) = read_x12(file_of_body(body)).transactions()
    found, findings = read_278_request(again)
    assert findings == [] and found.patient.first_name == "TINA" and len(found.events) == 1


REFUSED = [
    (lambda one: replace(one, requesters=()), "x12.loop.missing", "2000B", ""),
    (lambda one: replace(one, events=()), "x12.278.no_event", "2000E", ""),
    (lambda one: replace(one, reference=""), "x12.element.required", "ST", "BHT03"),
    (
        lambda one: replace(one, subscriber=replace(one.subscriber, id="")),
        "x12.element.required",
        "2010C",
        "NM109",
    ),
]


@pytest.mark.parametrize(("change", "code", "loop", "element"), REFUSED)
def test_what_the_guide_refuses_is_not_written(change, code, loop, element):
    request, _ = read_278_request(transaction_of("278 request"))
    with pytest.raises(WriteRefused) as refused:
        write_278_request(change(request), control_number="0001")
    assert (code, loop, element) in [
        (one.code, one.where.loop, one.where.element) for one in refused.value.findings
    ]


def test_an_unknown_decision_is_read_as_unknown_and_never_written():
    answer, _ = read_278_answer(transaction_of("278 answer", ANSWER_278.replace("HCR*A2*", "HCR*Q9*")))
    assert decisions(answer)[0].meaning == "unknown"
    event = replace(answer.events[0], decision=Decision("Q9"))
    with pytest.raises(WriteRefused):
        write_278_answer(replace(answer, events=(event,)), control_number="0001")


def test_a_278_that_neither_asks_nor_answers_has_no_typed_content():
    from cleanclaim.x12.documents import show_document, write_document
    from cleanclaim.x12.index import read_x12
    from cleanclaim.x12.sets import read_typed

    data = file_of_body(
        write_278_request(read_278_request(transaction_of("278 request"))[0], control_number="0001")
    )
    data = data.replace(b"BHT*0007*13*", b"BHT*0007*99*")
    (transaction,) = read_x12(data).transactions()
    assert read_typed(transaction) is None
    assert write_document(show_document(read_x12(data))) == (data, [])


def test_reading_never_fails_on_what_is_cut_short():
    for kind, text, read in (
        ("278 request", REQUEST_278, read_278_request),
        ("278 answer", ANSWER_278, read_278_answer),
    ):
        lines = text.splitlines()
        for at in range(1, len(lines)):
            read(transaction_of(kind, "\n".join(lines[:at])))
            read(transaction_of(kind, "\n".join(lines[:at] + lines[at + 1 :])))


REQUESTER = "NM1*1P*2*QUIET HARBOR*****XX*1234567893\n"
MEMBER = "NM1*IL*1*TESTER*TERRY****MI*W1\n"


@pytest.mark.parametrize(
    ("after", "segment", "found"),
    [
        (REQUESTER, "REF*ZH*77", []),
        (REQUESTER, "REF*ZH*77*IL", ["REF03"]),
        (REQUESTER, "N4*PEORIA*IL*616020001", []),
        (REQUESTER, "N4*PEORIA*IL*616020001**CY*1", ["N405", "N406"]),
        (MEMBER, "REF*6P*G100*WORKERS", ["REF03"]),
        ("HSD*VS*36*WK*3*34*3\n", "CR2*1*4*C1*C2****A*N", []),
        ("HSD*VS*36*WK*3*34*3\n", "CR2*1*4*C1*C2*DA*1*1*A*N", ["CR205", "CR206", "CR207"]),
    ],
)
def test_a_request_says_no_more_than_the_guide_has(after, segment, found):
    """What a public model of the guide, element by element, does not use."""
    assert after in REQUEST_278
    body = REQUEST_278.replace(after, f"{after}{segment}\n", 1)
    assert [element for _, _, element in stops(set_file("278 request", body))] == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("PRV*PE*PXC*261QM0801X", "PRV*PE", []),
        ("PRV*PE*PXC*261QM0801X", "PRV*PE*PXC", ["PRV03"]),
        ("22:B*****Y", "22:B:1*****Y", ["UM04"]),
        ("S9480*275*UN*36", "S9480*275*UN*36****1*2", []),
    ],
)
def test_what_may_be_left_out_and_what_may_be_said(old, new, found):
    assert old in REQUEST_278
    body = REQUEST_278.replace(old, new, 1)
    assert [element for _, _, element in stops(set_file("278 request", body))] == found


VISIT = """BHT*0007*13*4400044*20260414*0129*RU
HL*1**20*1
NM1*X3*2*EVERGREEN*****PI*60054
HL*2*1*21*1
NM1*1P*1*CLINICIAN*CARA****XX*1003000126
HL*3*2*22*1
NM1*IL*1*TESTER*TERRY****MI*W1
DMG*D8*19800514*M
HL*4*3*EV*0
UM*IN*I*1*11:B
DTP*431*D8*20260414
HI*ABK:F331*ABF:F411*ABF:Z630
HSD*VS*1
NM1*SJ*1*CLINICIAN*CARA****XX*1003000126"""


def test_a_request_as_an_office_system_sends_it():
    """The order and qualifiers of a request that a public record system logged; all content is ours."""
    assert stops(set_file("278 request", VISIT)) == []
    request, findings = read_278_request(transaction_of("278 request", VISIT))
    assert findings == [] and request.events[0].review.category == "IN"
    assert request.events[0].providers[0].entity == "SJ"


def test_the_nursing_home_of_a_service_is_kept():
    body = REQUEST_278.replace("S9480*275*UN*36", "S9480*275*UN*36****1*2", 1)
    request, findings = read_278_request(transaction_of("278 request", body))
    service = request.events[0].services[0].institutional
    assert findings == [] and (service.nursing_home_status, service.nursing_home_level) == ("1", "2")
    data = file_of_body(write_278_request(request, control_number="0001"))
    assert b"SV2*0905*HC:S9480*275*UN*36****1*2~" in data
