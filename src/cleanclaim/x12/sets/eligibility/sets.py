"""Read and write 270 and 271."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.eligibility.layout import ANSWER, QUESTION
from cleanclaim.x12.sets.eligibility.records import AnsweredDependent, EligibilityAnswer, EligibilityQuestion
from cleanclaim.x12.sets.layouts import read_layout, write_layout
from cleanclaim.x12.sets.reading import Faults
from cleanclaim.x12.writer import SetBody

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Transaction

GUIDE = "005010X279A1"


def read_270(transaction: Transaction) -> tuple[EligibilityQuestion, list[Finding]]:
    """Read an eligibility question. Never raises on input; what is absent stays empty."""
    question, findings = read_layout(QUESTION, transaction, "x12.270")
    return question, findings


def read_271(transaction: Transaction) -> tuple[EligibilityAnswer, list[Finding]]:
    """Read an eligibility answer. Never raises on input; what the payer does not say stays empty.

    Benefits stand at the person they concern, in file order; `benefit_rows` gives them flat. A percentage
    above 1 is kept as sent and told: some payers send 20 for twenty percent.
    """
    answer, findings = read_layout(ANSWER, transaction, "x12.271")
    faults = Faults(transaction, "x12.271")
    for person in _people(answer):
        for benefit in person.benefits:
            if benefit.percent is not None and benefit.percent > 1:
                faults.loop = "2110"
                segment = transaction.segments[benefit.position - 1]
                faults.add(
                    "percent_above_one", Severity.TELL, "EB08 says more than the whole.", segment, 8,
                    "Most likely the payer means percent: 20 instead of 0.2. Ask before relying on it.",
                )  # fmt: skip
    return answer, findings + faults.findings


def write_270(question: EligibilityQuestion, *, control_number: str) -> SetBody:
    """Write an eligibility question.

    Raises:
        WriteRefused: The guide refuses it; one finding for each fault, with loop and element.
    """
    return write_layout(
        QUESTION, question, set_id="270", guide=GUIDE, functional_id="HS", control_number=control_number
    )


def write_271(answer: EligibilityAnswer, *, control_number: str) -> SetBody:
    """Write an eligibility answer, as a payer would.

    Raises:
        WriteRefused: The guide refuses it; one finding for each fault, with loop and element.
    """
    return write_layout(
        ANSWER, answer, set_id="271", guide=GUIDE, functional_id="HB", control_number=control_number
    )


def _people(answer: EligibilityAnswer) -> list[AnsweredDependent]:
    found: list[AnsweredDependent] = []
    for source in answer.sources:
        for receiver in source.receivers:
            for subscriber in receiver.subscribers:
                found += [subscriber, *subscriber.dependents]
    return found
