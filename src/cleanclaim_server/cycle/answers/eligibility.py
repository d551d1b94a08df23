"""271: what payers say of policies. What is proved goes on file at once; the rest waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.x12.sets.eligibility import Answered, EligibilityAnswer, Standing, answered_people, standing
from cleanclaim_server.audit.recording import AuditEvent, record_many
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.coverage.actions import CoverageRefused
from cleanclaim_server.coverage.matching import About, Policies
from cleanclaim_server.coverage.models import Coverage, EligibilityReply
from cleanclaim_server.coverage.models import EligibilityAnswer as KeptAnswer
from cleanclaim_server.coverage.verifying import check_answer
from cleanclaim_server.cycle.handling.consenting import recheck_patients
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.work.actions import NewItem, open_items
from cleanclaim_server.work.bulk import create_rows
from cleanclaim_server.work.models import Queue

Said = KeptAnswer.Said
NOBODYS = "cycle.eligibility_of_nobody"
TITLES = {
    Said.ACTIVE: "Says active: whose policy?",
    Said.INACTIVE: "Says not active: whose policy?",
    Said.OTHER_PAYER: "Says another payer: whose policy?",
    Said.NOT_FOUND: "Patient not found: which one?",
    Said.UNKNOWN: "No clear answer: read it",
}


@dataclass
class EligibilityTaken:
    """What one 271 did: answers on file, replies that wait, waiting claims checked again."""

    answers: int = 0
    waiting: int = 0
    checked: int = 0
    practices: set[UUID] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def take_eligibility(
    file: StoredFile, answer: EligibilityAnswer, *, now: datetime, today: date
) -> EligibilityTaken:
    """Take in a 271: one answer at the policy of each person that is proved, and a reply for each other one.

    A person is proved by member number, name and birth date at exactly one policy. Our number of the question
    decides nothing: no question of ours leaves by this system yet. An answer that is not clear is never put
    on file by itself: it would stand in the place of an earlier clear one.
    """
    taken = EligibilityTaken()
    people = list(answered_people(answer))
    practices = list(Practice.objects.filter(agency_id=file.agency_id).order_by("code"))
    policies = Policies([one.pk for one in practices], {one.subscriber.id for one in people})
    day = answer.created_on or today
    rows: list[KeptAnswer] = []
    patients: dict[UUID, set[UUID]] = {}
    replies: list[EligibilityReply] = []
    homeless = 0
    for one in people:
        said = standing(one.person, day)
        whose = _practices_of(one, practices)
        about = _about(one)
        found = policies.find([row.pk for row in whose], about, said.speaks_for or day)
        why = said.why or found.why
        if found.coverage is not None and not why:
            row, why = _answer(found.coverage, said, file, answer, day=day, now=now, today=today)
            if row is not None:
                rows.append(row)
                patients.setdefault(row.practice_id, set()).add(found.coverage.patient_id)
                continue
        home = found.coverage.practice_id if found.coverage else _home(policies, whose, about)
        if home is None:
            homeless += 1
            continue
        replies.append(_reply(one, about, said, home, why, file, answer, day=day, now=now))
    create_rows(KeptAnswer, rows)
    create_rows(EligibilityReply, replies)
    record_many(
        AuditEvent(
            "coverage.answer_recorded", "coverage", row.coverage_id, agency_id=file.agency_id,
            practice_id=row.practice_id, detail={"said": str(row.said), "by": "271"},
        )
        for row in rows
    )  # fmt: skip
    for practice_id in {row.practice_id for row in replies}:
        mine = [row for row in replies if row.practice_id == practice_id]
        open_items(practice_id, map(_item, mine), now=now, today=today)
    taken.answers, taken.waiting = len(rows), len(replies)
    taken.practices = {row.practice_id for row in (*rows, *replies)}
    for practice in practices:
        if practice.pk in patients:
            taken.checked += recheck_patients(practice, patients[practice.pk], now=now, today=today)
    taken.findings = _told(file, answer, taken, homeless, people=len(people))
    return taken


def _practices_of(one: Answered, practices: Sequence[Practice]) -> list[Practice]:
    """The practice whose NPI asked; every practice when a clinician or nobody known did."""
    asked = [row for row in practices if one.receiver.id_qualifier == "XX" and row.npi == one.receiver.id]
    return asked or list(practices)


def _home(policies: Policies, whose: Sequence[Practice], about: About) -> UUID | None:
    """Where an unproved reply waits: the practice that asked, or the only one with this member number."""
    if len(whose) == 1:
        return whose[0].pk
    with_number = {
        row.practice_id for row in policies.with_number([row.pk for row in whose], about.member_id)
    }
    return with_number.pop() if len(with_number) == 1 else None


def _about(one: Answered) -> About:
    person = one.person
    return About(one.subscriber.id, person.name, person.first_name, person.birth_date, one.source.id)


def _said_of(coverage: Coverage, said: Standing) -> str:
    """An active policy that is ours to bill first, while the payer names another as primary, is not first."""
    if said.said == Said.ACTIVE and said.primary_elsewhere and coverage.order == 1:
        return Said.OTHER_PAYER
    return said.said


def _answer(
    coverage: Coverage, said: Standing, file: StoredFile, answer: EligibilityAnswer, *, day: date,
    now: datetime, today: date,
) -> tuple[KeptAnswer | None, str]:  # fmt: skip
    """The row to keep; None and why, when it cannot be."""
    word, speaks_for = _said_of(coverage, said), said.speaks_for or day
    try:
        check_answer(
            coverage, word, asked_for=speaks_for, answered_on=day, ended_on=said.last_day, today=today
        )
    except CoverageRefused as refused:
        return None, str(refused)
    row = KeptAnswer(
        practice_id=coverage.practice_id, coverage=coverage, said=word, asked_for=speaks_for,
        answered_on=day, ended_on=said.last_day, source=KeptAnswer.Asked.ANSWER_271,
        reference=answer.reference[:40], file=file, transaction=answer.control_number[:9],
        position=said.position, recorded_at=now,
    )  # fmt: skip
    return row, ""


def _reply(
    one: Answered, about: About, said: Standing, practice_id: UUID, why: str, file: StoredFile,
    answer: EligibilityAnswer, *, day: date, now: datetime,
) -> EligibilityReply:  # fmt: skip
    return EligibilityReply(
        practice_id=practice_id, file=file, transaction=answer.control_number[:9], position=said.position,
        about={
            "member_id": about.member_id, "first_name": about.first_name, "last_name": about.last_name,
            "birth_date": about.birth_date.isoformat() if about.birth_date else "",
            "payer": one.source.name, "payer_id": about.payer_id,
        },
        said=said.said, speaks_for=said.speaks_for or day, answered_on=day, ended_on=said.last_day,
        primary_elsewhere=said.primary_elsewhere, reference=answer.reference[:40], why=why[:300],
        received_at=now,
    )  # fmt: skip


def _item(row: EligibilityReply) -> NewItem:
    return NewItem(Queue.ELIGIBILITY, "eligibility", row.pk, TITLES[Said(row.said)], detail=row.why)


def _told(
    file: StoredFile, answer: EligibilityAnswer, taken: EligibilityTaken, homeless: int, *, people: int
) -> list[Finding]:
    where = Where(file=file.name, transaction=answer.control_number)
    found = []
    refusals = any(one.level_rejections or one.rejections for one in answer.sources) or any(
        receiver.rejections for one in answer.sources for receiver in one.receivers
    )
    if not people:
        found.append(
            Finding(
                "cycle.eligibility_refused" if refusals else "cycle.eligibility_empty", Severity.TELL,
                "The payer took none of the questions." if refusals else "The answer names nobody.", where,
                remedy="The file below says why. Ask again." if refusals else "",
            )
        )  # fmt: skip
    if taken.waiting:
        found.append(
            Finding(
                "cycle.eligibility_waits", Severity.TELL,
                f"{taken.waiting} of {people} answers are about nobody who is proved, or are not clear.",
                where,
                remedy="They wait in the work queue under eligibility.",
            )
        )  # fmt: skip
    if homeless:
        found.append(
            Finding(
                NOBODYS, Severity.TELL,
                f"{homeless} of {people} answers name no practice and no member number of ours.", where,
                remedy="Nothing was kept of them but this file. Ask the sender whose they are.",
            )
        )  # fmt: skip
    return found
