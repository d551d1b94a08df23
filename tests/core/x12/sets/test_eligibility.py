"""270 and 271: what is asked, what is answered row by row, what was refused and what to do about it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from questions import ANSWER_271, QUESTION_270, file_of_body, set_file, stops, transaction_of

from cleanclaim.codesets import eligibility as codes
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.eligibility import (
    AskedSource,
    AskedSubscriber,
    AskingReceiver,
    EligibilityQuestion,
    Inquiry,
    benefit_rows,
    read_270,
    read_271,
    rejection_rows,
    write_270,
    write_271,
)
from cleanclaim.x12.sets.parties import Dated, Trace
from cleanclaim.x12.validate import validate
from cleanclaim.x12.writer import WriteRefused

replace = msgspec.structs.replace
DAY = date(2026, 11, 2)


def asked(**changes):
    """A question about one subscriber, built and not read."""
    subscriber = AskedSubscriber(
        entity="IL", kind="1", name="TESTER", first_name="TERRY", id_qualifier="MI", id="W1",
        birth_date=date(1980, 1, 1), traces=(Trace("OURS1", origin="9123456789"),),
        dates=(Dated("291", DAY),), inquiries=(Inquiry(("30",)), Inquiry(("MH",))),
    )  # fmt: skip
    receiver = AskingReceiver(
        entity="1P", kind="2", name="QUIET HARBOR", id_qualifier="XX", id="1234567893",
        subscribers=(replace(subscriber, **changes),),
    )  # fmt: skip
    source = AskedSource(
        entity="PR", kind="2", name="EVERGREEN", id_qualifier="PI", id="60054", receivers=(receiver,)
    )
    return EligibilityQuestion("ELIG1", DAY, "0930", sources=(source,))


def test_a_question_is_read():
    question, findings = read_270(transaction_of("270"))
    assert findings == []
    (source,) = question.sources
    (receiver,) = source.receivers
    (subscriber,) = receiver.subscribers
    (dependent,) = subscriber.dependents
    assert (question.reference, question.created_on, question.created_clock) == ("ELIG1", DAY, "0930")
    assert (source.id, receiver.id, receiver.taxonomy, receiver.reference("TJ")) == (
        "60054", "1234567893", "101YM0800X", "123456789",
    )  # fmt: skip
    assert (subscriber.traces[0].number, subscriber.dates[0].start, subscriber.birth_date) == (
        "OURS1", DAY, date(1980, 1, 1),
    )  # fmt: skip
    first, second = subscriber.inquiries
    assert first.service_types == ("30",) and first.service is None and first.position == 14
    assert (second.service_types, second.service.code, second.service.modifiers, second.coverage_level) == (
        ("MH",), "90837", ("95",), "IND",
    )  # fmt: skip
    assert (dependent.relationship, dependent.inquiries[0].service_types, dependent.position) == (
        "19",
        ("98",),
        16,
    )


def test_a_question_is_built_from_nothing_but_records():
    data = file_of_body(write_270(asked(), control_number="0001"))
    assert stops(data) == []
    assert b"~HL*3*2*22*0~TRN*1*OURS1*9123456789~NM1*IL*1*TESTER*TERRY****MI*W1~DMG*D8*19800101~" in data
    assert data.count(b"~EQ*30~EQ*MH~") == 1


REFUSED = [  # what is wrong with the subscriber, and where the guide says so
    ({"id_qualifier": "ZZ"}, "x12.element.code", "2100C", "NM108"),
    ({"traces": (Trace("OURS1"),)}, "x12.element.required", "2000C", "TRN03"),
    ({"inquiries": (Inquiry(("??",)),)}, "x12.element.code", "2110C", "EQ01"),
    ({"dates": (Dated("472", DAY),)}, "x12.element.code", "2100C", "DTP01"),
    ({"name": "T" * 61}, "x12.element.too_long", "2100C", "NM103"),
]


@pytest.mark.parametrize(("changes", "code", "loop", "element"), REFUSED)
def test_what_the_guide_refuses_is_not_written(changes, code, loop, element):
    with pytest.raises(WriteRefused) as refused:
        write_270(asked(**changes), control_number="0001")
    assert [(one.code, one.where.loop, one.where.element) for one in refused.value.findings] == [
        (code, loop, element)
    ]


def test_delimiters_in_data_are_refused():
    with pytest.raises(WriteRefused) as refused:
        write_270(asked(name="TES*TER"), control_number="0001")
    assert [one.code for one in refused.value.findings] == ["x12.write.delimiter"]


def test_benefits_are_rows_in_cents_and_decimals():
    answer, findings = read_271(transaction_of("271"))
    assert findings == []
    rows = benefit_rows(answer)
    table = [
        (one.information, one.service_type, one.period, one.amount_cents, one.percent, one.quantity,
         one.authorization_required, one.network)
        for one in rows
    ]  # fmt: skip
    assert table == [
        ("1", "30", "", None, None, None, None, ""),
        ("C", "30", "23", 150000, None, None, None, "Y"),
        ("C", "30", "29", 25050, None, None, None, "Y"),
        ("A", "A6", "27", None, Decimal("0.2"), None, True, "Y"),
        ("A", "MH", "27", None, Decimal("0.2"), None, True, "Y"),
        ("F", "MH", "23", None, None, Decimal(30), None, "W"),
        ("U", "MH", "", None, None, None, None, ""),
        ("B", "", "", 0, None, None, None, ""),  # zero is said; None is not said
    ]
    assert {
        (one.trace_number, one.member_id, one.source_id, one.person, one.is_dependent) for one in rows
    } == {("OURS1", "W1", "60054", 1, False)}
    assert rows[0].plan == "GOLD PPO" and rows[0].insurance_type == "PR"
    assert rows[3].messages == ("TELEHEALTH AS IN THE OFFICE",) and rows[3].places_of_service == ("10",)
    (limit,) = rows[5].limits
    assert (limit.unit, limit.quantity, limit.period, limit.period_count) == ("VS", Decimal(30), "23", 1)
    assert (rows[5].dates[0].start, rows[5].dates[0].end) == (date(2026, 1, 1), date(2026, 12, 31))
    (entity,) = rows[6].entities
    assert (entity.entity, entity.name, entity.id, entity.address.city, entity.contacts[0].numbers) == (
        "VN", "BRIGHT MINDS BH", "BMBH1", "CHICAGO", (("TE", "8005550199"),),
    )  # fmt: skip
    assert [one.position for one in rows] == [18, 19, 20, 21, 21, 24, 27, 34]


NETWORKS = [("Y", True, True), ("N", False, False), ("W", None, True), ("U", None, True), ("", None, True)]


@pytest.mark.parametrize(("code", "inside", "usable"), NETWORKS)
def test_the_network_of_a_benefit(code, inside, usable):
    text = ANSWER_271.replace("EB*U*IND*MH", f"EB*U*IND*MH*********{code}")
    answer, _ = read_271(transaction_of("271", text))
    (benefit,) = [
        one for one in answer.sources[0].receivers[0].subscribers[0].benefits if one.information == "U"
    ]
    assert (benefit.in_network, benefit.concerns_network) == (inside, usable)


def test_a_percentage_above_one_is_kept_and_told():
    answer, findings = read_271(transaction_of("271", ANSWER_271.replace("*27**.2*", "*27**20*")))
    assert [row.percent for row in benefit_rows(answer) if row.percent] == [Decimal(20), Decimal(20)]
    (finding,) = findings
    assert (finding.code, finding.where.segment_index, finding.where.element) == (
        "x12.271.percent_above_one", 21, "EB08",
    )  # fmt: skip


def test_unreadable_money_is_no_money():
    answer, findings = read_271(transaction_of("271", ANSWER_271.replace("*1500*", "*15OO*")))
    assert benefit_rows(answer)[1].amount_cents is None
    assert [(one.code, one.severity.value) for one in findings] == [("x12.271.amount_unreadable", "stop")]


def test_rejections_come_in_plain_words_at_every_level():
    text = ANSWER_271.replace("HL*2*1*21*1", "AAA*Y**42*R\nHL*2*1*21*1").replace(
        "HL*3*2*22*1", "AAA*N**51*C\nHL*3*2*22*1"
    ).replace("EB*1*IND*30*PR*GOLD PPO", "EB*V*IND*30\nAAA*N**Q9*N")  # fmt: skip
    rows = rejection_rows(read_271(transaction_of("271", text))[0])
    assert [(one.level, one.code, one.meaning, one.follow_up, one.may_ask_again) for one in rows] == [
        ("source", "42", "Cannot respond now", "R", True),
        ("receiver", "51", "Provider not on file", "C", True),
        ("benefit", "Q9", "Unknown reason", "N", False),
        ("dependent", "67", "Patient not found", "C", True),
    ]
    assert rows[3].action == "Check the member id, then try name and birth date."
    assert rows[3].trace_number == "OURS2" and rows[0].trace_number == ""
    assert all(one.action for one in rows)


def test_a_whole_question_can_be_rejected():
    text = "\n".join(ANSWER_271.splitlines()[:2]) + "\nAAA*Y**42*P\nNM1*PR*2*EVERGREEN*****PI*60054"
    text = text.replace("HL*1**20*1", "HL*1**20*0")
    answer, findings = read_271(transaction_of("271", text))
    assert findings == [] and benefit_rows(answer) == []
    assert [(one.level, one.follow_up_meaning) for one in rejection_rows(answer)] == [
        ("source", "Send the original again")
    ]
    assert stops(file_of_body(write_271(answer, control_number="0001"))) == []


def test_every_rejection_reason_of_the_guide_has_words_and_an_action():
    from cleanclaim.x12.guide import find_guide

    guide = find_guide("271", "005010X279A1", "11")
    reasons, follows = set(), set()
    for loop in guide.loops.values():
        for child in loop.children:
            if child.segment is not None and child.segment.name == "AAA":
                reasons |= next(one.codes for one in child.segment.elements if one.at == 3)
                follows |= next(one.codes for one in child.segment.elements if one.at == 4)
    assert [code for code in reasons if codes.rejection(code).meaning == "Unknown reason"] == []
    assert [code for code in follows if codes.follow_up(code).may_ask_again is None] == []


def test_codes_in_plain_words_or_not_at_all():
    assert codes.meaning("EB01", "C").meaning.startswith("Deductible")
    assert codes.meaning("EB03", "MH").meaning == "Mental health"
    assert codes.meaning("EB06", "29").element == "EB06"
    with pytest.raises(CodeNotKnown):
        codes.meaning("EB01", "??")
    with pytest.raises(CodeNotKnown):
        codes.meaning("EB02", "MH")


def test_reading_never_fails_on_what_is_cut_short():
    lines = ANSWER_271.splitlines()
    for end in range(1, len(lines)):
        answer, _ = read_271(transaction_of("271", "\n".join(lines[:end])))
        assert len(benefit_rows(answer)) <= 8
    for at in range(1, len(QUESTION_270.splitlines())):
        lines = QUESTION_270.splitlines()
        del lines[at]
        read_270(transaction_of("270", "\n".join(lines)))


@pytest.mark.parametrize(
    ("place", "found"), [("02", []), ("10", []), ("11", []), ("48", ["x12.element.code"])]
)
def test_the_place_of_a_session_may_be_asked(place, found):
    """Telehealth at home (10) and elsewhere (02) are younger than the guide."""
    body = QUESTION_270.replace("EQ*30\n", f"EQ*30\nIII*ZZ*{place}\n")
    assert [code for code, _, _ in stops(set_file("270", body))] == found


@pytest.mark.parametrize(
    ("service", "found"),
    [
        ("HC:90837", []),
        ("HC:90837:95:HO:GT:U1", []),
        ("HC:90832::::::90837", [("x12.element.not_used", 8)]),
        ("HC:90837:::::HOUR", [("x12.element.not_used", 7)]),
        ("HC", [("x12.element.required", 2)]),
    ],
)
def test_a_question_names_a_procedure_with_modifiers_alone(service, found):
    """Public models of the 270 list components 1 to 6 of EQ02."""
    body = QUESTION_270.replace("EQ*30\n", f"EQ*30*{service}\n")
    assert procedure_faults("270", body) == found


@pytest.mark.parametrize(
    ("service", "found"),
    [
        ("HC:90837:95", []),
        ("HC:90832::::::90837", []),
        ("HC:90837:::::HOUR", [("x12.element.not_used", 7)]),
    ],
)
def test_an_answer_names_a_procedure_or_a_range(service, found):
    """Of EB13 they list 1 to 6 and 8: the end of a range, and no description."""
    first = next(line for line in ANSWER_271.splitlines() if line.startswith("EB*"))
    elements = [*first.split("*"), *[""] * 13][:13]
    body = ANSWER_271.replace(first, "*".join([*elements, service]), 1)
    assert procedure_faults("271", body) == found
    read = read_271(transaction_of("271", body))[0]
    # What the guide does not use is read nevertheless.
    assert next(row.procedure for row in benefit_rows(read))


def procedure_faults(kind, body):
    file = read_x12(set_file(kind, body))
    return [
        (one.code, one.where.component)
        for report in validate(file)
        for one in report.findings
        if one.where.element[:4] in ("EQ02", "EB13")
    ]
