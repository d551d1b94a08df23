"""What a 271 says of the policy itself: every word of a payer, and what is not one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.x12.sets.questions import transaction_of

from cleanclaim.x12.sets.eligibility import (
    AnsweredDependent,
    AnsweredSubscriber,
    Benefit,
    answered_people,
    read_271,
    standing,
)
from cleanclaim.x12.sets.parties import Dated, Party, Rejection

DAY = date(2026, 11, 2)
ACTIVE = Benefit("1", service_types=("30",), position=9)
INACTIVE = Benefit("6", service_types=("30",), position=9)
CARVED_OUT = Benefit("6", service_types=("MH",), position=11)
PRIMARY = Benefit("R", entities=(Party("PRP", "2", "OTHER HEALTH"),), position=12)
ALSO = Benefit("R", entities=(Party("SEP", "2", "OTHER HEALTH"),), position=12)


def person(*benefits, rejections=(), dates=()):
    return AnsweredDependent(name="TESTER", benefits=benefits, rejections=rejections, dates=dates, position=5)


SAID = [  # person, what is said, position, why
    (person(ACTIVE), "active", 9, "the plan is active"),
    (person(Benefit("5", position=8)), "active", 8, "a row without a service type speaks of the plan"),
    (person(Benefit("1", service_types=("MH", "30"), position=7)), "active", 7, "among other types"),
    (person(INACTIVE), "inactive", 9, "the plan is not active"),
    (person(ACTIVE, CARVED_OUT), "active", 9, "what is left out for one service is no word on the plan"),
    (person(CARVED_OUT), "unknown", 5, "mental health left out: the policy may be in force"),
    (person(Benefit("1", service_types=("MH",), position=9)), "unknown", 5, "one service alone"),
    (person(Benefit("B", service_types=("30",), amount_cents=2500)), "unknown", 5, "a copayment alone"),
    (person(Benefit("I", service_types=("30",))), "unknown", 5, "not covered is not inactive"),
    (person(), "unknown", 5, "nothing said"),
    (person(ACTIVE, INACTIVE), "unknown", 9, "both said"),
    (person(PRIMARY), "unknown", 5, "another payer named, nothing of this one"),
    (person(rejections=(Rejection("75", position=6),)), "not_found", 6, "subscriber not found"),
    (person(rejections=(Rejection("67", position=6),)), "not_found", 6, "patient not found"),
    (person(rejections=(Rejection("42", position=6),)), "unknown", 6, "could not answer"),
    (person(rejections=(Rejection("72", position=6),)), "unknown", 6, "the number was wrong: nobody was sought"),
    (person(rejections=(Rejection("42"), Rejection("75", position=7))), "not_found", 7, "one of several"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "said", "position", "why"), SAID)
def test_what_is_said_of_the_policy(one, said, position, why):
    found = standing(one, DAY)
    assert (found.said, found.position) == (said, position), why
    assert bool(found.why) == (said == "unknown"), "a reason for what is not clear, and for nothing else"


def test_a_refusal_says_what_to_do():
    found = standing(person(rejections=(Rejection("42", position=6),)), DAY)
    assert found.why == (
        "The payer did not answer: Cannot respond now (AAA 42). Ask again in a few minutes, later in a batch."
    )


DAYS = [  # dates, status, the day it speaks for, last day, why
    ((), ACTIVE, DAY, None, "the day of the answer"),
    ((Dated("472", date(2026, 10, 5)),), ACTIVE, date(2026, 10, 5), None, "a day of service named"),
    ((Dated("346", date(2026, 1, 1)),), ACTIVE, date(2026, 1, 1), None, "active since its first day"),
    ((Dated("346", date(2026, 1, 1)),), INACTIVE, DAY, None, "inactive now says nothing of January"),
    ((Dated("356", date(2020, 1, 1)), Dated("346", date(2026, 1, 1))), ACTIVE, date(2026, 1, 1), None,
     "the later of two first days"),
    ((Dated("346", date(2027, 1, 1)),), ACTIVE, DAY, None, "a first day to come says nothing of before"),
    ((Dated("347", date(2026, 9, 30)),), INACTIVE, DAY, date(2026, 9, 30), "it has ended"),
    ((Dated("347", date(2026, 12, 31)), Dated("357", date(2026, 11, 30))), ACTIVE, DAY, date(2026, 11, 30),
     "the earlier of two last days"),
    ((Dated("291", date(2026, 1, 1), date(2026, 12, 31)),), ACTIVE, DAY, None, "a plan year ends no policy"),
]  # fmt: skip


@pytest.mark.parametrize(("dates", "status", "speaks_for", "last_day", "why"), DAYS)
def test_days(dates, status, speaks_for, last_day, why):
    for one in (person(status, dates=dates), person(Benefit(status.information, dates=dates))):
        found = standing(one, DAY)
        assert (found.speaks_for, found.last_day) == (speaks_for, last_day), why


def test_a_file_without_a_day_has_none():
    assert standing(person(ACTIVE), None).speaks_for is None


def test_another_payer_is_primary_only_when_it_is_said_so():
    assert standing(person(ACTIVE, PRIMARY), DAY).primary_elsewhere
    assert not standing(person(ACTIVE, ALSO), DAY).primary_elsewhere
    assert not standing(person(Benefit("1", entities=PRIMARY.entities)), DAY).primary_elsewhere


def test_people_of_an_answer():
    answer, _ = read_271(transaction_of("271"))
    found = list(answered_people(answer))
    assert [(one.person.first_name, one.subscriber.id, one.trace_number) for one in found] == [
        ("TERRY", "W1", "OURS1"), ("TINA", "W1", "OURS2"),
    ]  # fmt: skip
    terry, tina = (standing(one.person, answer.created_on) for one in found)
    assert (terry.said, terry.speaks_for, tina.said) == ("active", date(2026, 1, 1), "not_found")


def test_a_subscriber_who_only_carries_a_dependent_is_not_answered():
    answer, _ = read_271(transaction_of("271"))
    (source,) = answer.sources
    (receiver,) = source.receivers
    frame = AnsweredSubscriber(id="W1", dependents=(person(ACTIVE),))
    receiver = type(receiver)(subscribers=(frame, AnsweredSubscriber(id="W2")))
    found = answered_people(type(answer)(sources=(type(source)(receivers=(receiver,)),)))
    assert [(one.person is one.subscriber, one.subscriber.id) for one in found] == [
        (False, "W1"),
        (True, "W2"),
    ]


@given(
    st.lists(
        st.builds(
            Benefit,
            st.sampled_from("12345678ABCDFGIRU"),
            service_types=st.sampled_from([(), ("30",), ("MH",), ("98", "MH")]),
            percent=st.just(Decimal("0.2")),
        ),
        max_size=6,
    )
)
def test_what_no_row_says_is_unknown(benefits):
    said = standing(person(*benefits), DAY).said
    told = {one.information for one in benefits if "MH" not in one.service_types}
    active, inactive = bool(told & set("12345")), bool(told & set("678"))
    assert said == ("unknown" if active == inactive else "active" if active else "inactive")
