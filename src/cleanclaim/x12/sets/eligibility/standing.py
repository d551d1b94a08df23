"""What an eligibility answer says of the policy itself: in force, not in force, not found, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from cleanclaim.codesets.eligibility import rejection
from cleanclaim.x12.sets.eligibility.records import (
    AnsweredDependent,
    AnsweredSubscriber,
    AnsweringSource,
    AnswerReceiver,
    Benefit,
    EligibilityAnswer,
)
from cleanclaim.x12.sets.parties import Dated

ACTIVE = frozenset("12345")
INACTIVE = frozenset("678")
NOT_FOUND = frozenset({"67", "75", "77"})
"""AAA03: patient not found, subscriber not found, subscriber found and patient not."""
PLAN = "30"
"""EB03: the plan as a whole. A row that names no service type speaks of it too."""
_OTHER_PAYER, _PRIMARY_PAYER = "R", "PRP"
_BEGINS, _ENDS, _SERVICE = frozenset({"346", "356"}), frozenset({"347", "357"}), "472"


class Standing(msgspec.Struct, frozen=True):
    """What the payer says of one person's policy.

    Attributes:
        said: ``active``, ``inactive``, ``not_found``, or ``unknown`` when neither was said, or both were.
        why: For ``unknown``: the reason in plain words, with what to do.
        speaks_for: The day it speaks of: the service day named, else the day of the answer. An active policy
            whose first day is named is active from that day. None when the file bears no day.
        last_day: The last day in force, when the payer names one. The end of a plan year is none.
        primary_elsewhere: The payer names another payer as the primary one.
        position: Segment of the row that says it, counted from ST = 1; else of the person's name.
    """

    said: str
    why: str
    speaks_for: date | None
    last_day: date | None
    primary_elsewhere: bool
    position: int


class Answered(msgspec.Struct, frozen=True):
    """One person that an answer is about, with whose policy it is and who asked whom."""

    person: AnsweredDependent
    subscriber: AnsweredSubscriber
    receiver: AnswerReceiver
    source: AnsweringSource

    @property
    def trace_number(self) -> str:
        """Our number of the question, `''` when the payer does not repeat it."""
        return self.person.trace_number or self.subscriber.trace_number


def answered_people(answer: EligibilityAnswer) -> Iterator[Answered]:
    """Who an answer is about, in file order: a subscriber only when something is said of it."""
    for source in answer.sources:
        for receiver in source.receivers:
            for subscriber in receiver.subscribers:
                if subscriber.benefits or subscriber.rejections or not subscriber.dependents:
                    yield Answered(subscriber, subscriber, receiver, source)
                for one in subscriber.dependents:
                    yield Answered(one, subscriber, receiver, source)


def standing(person: AnsweredDependent, answered_on: date | None) -> Standing:
    """What is said of one person's policy. What is not said stays unknown: it is never taken for a no.

    Args:
        answered_on: The day of the answer (BHT04).

    Examples:
        ``EB*1**30`` is active; ``EB*6**30`` inactive; ``AAA*N**75*C`` not found; ``EB*I**MH``, which leaves
        mental health out, says nothing of the policy.
    """
    rows = [one for one in person.benefits if not one.service_types or PLAN in one.service_types]
    states = [one for one in rows if one.information in ACTIVE | INACTIVE]
    kinds = {one.information in ACTIVE for one in states}
    said, why, position = "unknown", "", person.position
    if len(kinds) == 1:
        said, position = ("active" if kinds == {True} else "inactive"), states[0].position
    elif kinds:
        why, position = "The plan is called active and not active in one answer. Read it.", states[0].position
    elif refused := next((one for one in person.rejections if one.code in NOT_FOUND), None):
        said, position = "not_found", refused.position
    elif person.rejections:
        first = person.rejections[0]
        words = rejection(first.code)
        why = f"The payer did not answer: {words.meaning} (AAA {first.code}). {words.action}"
        position = first.position
    else:
        why = "Neither active nor inactive is said of the plan as a whole. Read it, or ask again."
    dates = [*person.dates, *(one for row in states for one in row.dates)]
    return Standing(
        said=said,
        why=why,
        speaks_for=_speaks_for(said, dates, answered_on),
        last_day=min(_days(dates, _ENDS), default=None),
        primary_elsewhere=any(map(_names_primary, person.benefits)),
        position=position,
    )


def _speaks_for(said: str, dates: Iterable[Dated], answered_on: date | None) -> date | None:
    asked = next((one.start for one in dates if one.qualifier == _SERVICE and one.start), answered_on)
    if said == "active" and asked is not None:
        return min(asked, max((day for day in _days(dates, _BEGINS) if day <= asked), default=asked))
    return asked


def _days(dates: Iterable[Dated], qualifiers: frozenset[str]) -> list[date]:
    return [one.start for one in dates if one.qualifier in qualifiers and one.start]


def _names_primary(row: Benefit) -> bool:
    return row.information == _OTHER_PAYER and any(one.entity == _PRIMARY_PAYER for one in row.entities)
