"""An eligibility answer as flat rows: what is covered, and what was refused with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec

from cleanclaim.codesets.eligibility import follow_up, rejection
from cleanclaim.x12.sets.eligibility.records import (
    AnsweredDependent,
    AnsweringSource,
    Benefit,
    EligibilityAnswer,
)
from cleanclaim.x12.sets.parties import Dated, Delivery, Party, Rejection, Service


class BenefitRow(msgspec.Struct, frozen=True):
    """One benefit for one service type: grain is EB segment and repetition of EB03.

    The fields are those of `Benefit`; dates of the person are not repeated here.
    """

    trace_number: str
    """Our number of the question, `''` when not repeated."""
    source_id: str
    source_name: str
    member_id: str
    """Of the subscriber: dependents have none in this guide."""
    is_dependent: bool
    person: int
    """Which person of the answer, from 1, in file order: rows with one number concern one person."""
    service_type: str
    """One code of EB03; `''` when the benefit names none."""
    information: str
    coverage_level: str
    insurance_type: str
    plan: str
    period: str
    amount_cents: int | None
    percent: Decimal | None
    quantity_qualifier: str
    quantity: Decimal | None
    authorization_required: bool | None
    network: str
    procedure: Service | None
    limits: tuple[Delivery, ...]
    dates: tuple[Dated, ...]
    messages: tuple[str, ...]
    places_of_service: tuple[str, ...]
    """Codes of III*ZZ."""
    entities: tuple[Party, ...]
    position: int
    """Segment of the EB, counted from ST = 1."""


class RejectionRow(msgspec.Struct, frozen=True):
    """One AAA in plain words."""

    level: str
    """source, receiver, subscriber, dependent or benefit: who or what was not accepted."""
    code: str
    meaning: str
    """In our own words; says that the code is unknown when it is in no list of ours."""
    action: str
    """What to do."""
    follow_up: str
    """AAA04 as sent."""
    follow_up_meaning: str
    may_ask_again: bool | None
    """Whether the payer wants the question again, corrected or later; None when it does not say."""
    trace_number: str
    position: int


def benefit_rows(answer: EligibilityAnswer) -> list[BenefitRow]:
    """Every benefit of an answer, one row for each service type, in file order.

    Examples:
        ``EB*B*IND*98^MH***27*25`` gives two rows: a copayment of 2500 cents a visit for 98, and for MH.
    """
    return list(_benefit_rows(answer))


def _benefit_rows(answer: EligibilityAnswer) -> Iterator[BenefitRow]:
    for number, (source, member_id, trace, person, is_dependent) in enumerate(_people(answer), 1):
        for benefit in person.benefits:
            for service_type in benefit.service_types or ("",):
                yield _row(source, member_id, trace, number, is_dependent, benefit, service_type)


def _row(
    source: AnsweringSource, member_id: str, trace: str, person: int, is_dependent: bool, benefit: Benefit,
    service_type: str,
) -> BenefitRow:  # fmt: skip
    return BenefitRow(
        trace_number=trace,
        source_id=source.id,
        source_name=source.name,
        member_id=member_id,
        is_dependent=is_dependent,
        person=person,
        service_type=service_type,
        information=benefit.information,
        coverage_level=benefit.coverage_level,
        insurance_type=benefit.insurance_type,
        plan=benefit.plan,
        period=benefit.period,
        amount_cents=benefit.amount_cents,
        percent=benefit.percent,
        quantity_qualifier=benefit.quantity_qualifier,
        quantity=benefit.quantity,
        authorization_required=benefit.authorization_required,
        network=benefit.network,
        procedure=benefit.procedure,
        limits=benefit.limits,
        dates=benefit.dates,
        messages=benefit.messages,
        places_of_service=tuple(one.code for one in benefit.places if one.qualifier == "ZZ"),
        entities=benefit.entities,
        position=benefit.position,
    )


def _people(
    answer: EligibilityAnswer,
) -> Iterator[tuple[AnsweringSource, str, str, AnsweredDependent, bool]]:
    for source in answer.sources:
        for receiver in source.receivers:
            for subscriber in receiver.subscribers:
                yield source, subscriber.id, subscriber.trace_number, subscriber, False
                for one in subscriber.dependents:
                    yield source, subscriber.id, one.trace_number or subscriber.trace_number, one, True


def rejection_rows(answer: EligibilityAnswer) -> list[RejectionRow]:
    """Every rejection of an answer at whatever level it stands, in plain words, in file order."""
    found: list[RejectionRow] = []

    def gather(level: str, rejections: Iterable[Rejection], trace: str = "") -> None:
        for one in rejections:
            words, then = rejection(one.code), follow_up(one.follow_up)
            found.append(
                RejectionRow(
                    level, one.code, words.meaning, words.action, one.follow_up, then.meaning,
                    then.may_ask_again, trace, one.position,
                )
            )  # fmt: skip

    for source in answer.sources:
        gather("source", source.level_rejections)
        gather("source", source.rejections)
        for receiver in source.receivers:
            gather("receiver", receiver.rejections)
    for _, _, trace, person, is_dependent in _people(answer):
        gather("dependent" if is_dependent else "subscriber", person.rejections, trace)
        for benefit in person.benefits:
            gather("benefit", benefit.rejections, trace)
    return sorted(found, key=lambda row: row.position)
