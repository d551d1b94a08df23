"""Read and write a 276."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleanclaim.findings import Finding
from cleanclaim.x12.sets.layouts import (
    CENTS,
    NUMBER,
    Child,
    DateRow,
    Inline,
    Layout,
    Level,
    Own,
    Row,
    Value,
    read_layout,
    write_layout,
)
from cleanclaim.x12.sets.layouts import common as shared
from cleanclaim.x12.sets.parties import Party
from cleanclaim.x12.sets.status_request.records import (
    AskedClaim,
    AskedClaimRow,
    AskedLine,
    AskedPatient,
    AskedPayer,
    AskingParty,
    AskingProvider,
    StatusDependent,
    StatusQuestion,
)
from cleanclaim.x12.writer import SetBody

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Transaction

GUIDE = "005010X212"

_SERVICE_DATE = Own(DateRow("service_from", "service_to", keys=("472",)))

_LINE = Layout(
    AskedLine,
    Own(
        Row("SVC", Value(1, "service", shared.SERVICE), Value(2, "charge_cents", CENTS),
            Value(4, "revenue_code"), Value(7, "units", NUMBER)),
        always=True,
    ),
    shared.reference("FJ", "line_control"),
    _SERVICE_DATE,
)  # fmt: skip


def _claims(letter: str) -> Child:
    claim = Layout(
        AskedClaim,
        Own(Row("TRN", Value(2, "trace_number"), fixed={1: "1"}), always=True),
        shared.reference("1K", "payer_control_number"),
        shared.reference("BLT", "bill_type"),
        shared.reference("LU", "application_id"),
        shared.reference("6P", "group_number"),
        shared.reference("EJ", "claim_number"),
        shared.reference("XZ", "pharmacy_number"),
        shared.reference("D9", "clearinghouse_number"),
        shared.amount("T3", "charge_cents", CENTS),
        _SERVICE_DATE,
        Child(f"2210{letter}", "lines", _LINE),
    )
    return Child(f"2200{letter}", "claims", claim)


def _patient(record: Any, letter: str, code: str, *below: Child) -> Layout:
    names = [one.field for one in below]
    return Layout(
        record, Level(code, *names), shared.demographics(), Inline(f"2100{letter}", shared.name()),
        _claims(letter), *below,
    )  # fmt: skip


_SUBSCRIBER = _patient(
    AskedPatient, "D", "22", Child("2000E", "dependents", _patient(StatusDependent, "E", "23"))
)

QUESTION = Layout(
    StatusQuestion,
    shared.heading("0010", "13"),
    Child("2000A", "payers", Layout(
        AskedPayer,
        Level("20", "receivers"),
        Inline("2100A", shared.name()),
        Child("2000B", "receivers", Layout(
            AskingParty,
            Level("21", "groups"),
            Inline("2100B", shared.name()),
            Child("2000C", "groups", Layout(
                AskingProvider,
                Level("19", "subscribers"),
                Child("2100C", "providers", Layout(Party, shared.name())),
                Child("2000D", "subscribers", _SUBSCRIBER),
            )),
        )),
    )),
)  # fmt: skip


def read_276(transaction: Transaction) -> tuple[StatusQuestion, list[Finding]]:
    """Read a claim status question. Never raises on input; what is absent stays empty."""
    question, findings = read_layout(QUESTION, transaction, "x12.276")
    return question, findings


def write_276(question: StatusQuestion, *, control_number: str) -> SetBody:
    """Write a claim status question.

    Raises:
        WriteRefused: The guide refuses it; one finding for each fault, with loop and element.
    """
    return write_layout(
        QUESTION, question, set_id="276", guide=GUIDE, functional_id="HR", control_number=control_number
    )


def asked_claims(question: StatusQuestion) -> list[AskedClaimRow]:
    """Every claim that is asked about, with payer, provider and patient, in file order."""
    found = []
    for payer in question.payers:
        for receiver in payer.receivers:
            for group in receiver.groups:
                provider = group.providers[0] if group.providers else Party()
                for subscriber in group.subscribers:
                    for patient in (subscriber, *subscriber.dependents):
                        for claim in patient.claims:
                            found.append(AskedClaimRow(payer, provider, subscriber, patient, claim))
    return found
