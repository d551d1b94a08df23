"""Where each field of an institutional claim stands in 005010X223A2."""

from __future__ import annotations

from typing import Any

from cleanclaim.claim_particulars import (
    Condition,
    Contract,
    InpatientAnswer,
    OutpatientAnswer,
    Repricing,
)
from cleanclaim.dates import ccyymmdd, parse_ccyymmdd
from cleanclaim.x12.sets.claim_837i.records import (
    Batch,
    BillingLevel,
    Coverage,
    InstitutionalClaim,
    InstitutionalLine,
    LineAnswer,
    Note,
    Occurrence,
    OccurrenceSpan,
    OtherCoverage,
    OtherPayer,
    PatientLevel,
    Procedure,
    SubscriberLevel,
    ValueCode,
)
from cleanclaim.x12.sets.layouts import (
    CENTS,
    DAY,
    NUMBER,
    WHOLE,
    Adjusted,
    Child,
    Codes,
    Composite,
    DateRow,
    Inline,
    Layout,
    Level,
    Many,
    One,
    Own,
    Raw,
    Row,
    Texts,
    Value,
)
from cleanclaim.x12.sets.layouts import common as shared
from cleanclaim.x12.sets.layouts.particulars import CONDITION, CONTRACT, INPATIENT, OUTPATIENT, REPRICING
from cleanclaim.x12.sets.parties import Diagnosis, Member, Party


class _SpanKind(Composite):
    """An occurrence span: its two days share one component."""

    def __init__(self) -> None:
        super().__init__(OccurrenceSpan, Value(2, "code"), Value(4, "days"), fixed={1: "BI", 3: "RD8"})

    def take(self, text: str, segment: Any, at: int, faults: Any) -> OccurrenceSpan:
        parts = [*text.split(segment.delimiters.component), "", "", ""]
        first, _, last = parts[3].partition("-")
        start, end = parse_ccyymmdd(first), parse_ccyymmdd(last)
        if parts[2] != "RD8" or start is None or end is None:
            faults.bad_date(segment, at)
        return OccurrenceSpan(parts[1], start, end)

    def put(self, value: Any) -> Any:
        if value.start is None or value.end is None:
            return ("BI", value.code)
        return ("BI", value.code, "RD8", f"{ccyymmdd(value.start)}-{ccyymmdd(value.end)}")


_DIAGNOSIS = Composite(Diagnosis, Value(1, "qualifier"), Value(2, "code"), Value(9, "present_on_admission"))
_PROCEDURE = Composite(
    Procedure, Value(1, "qualifier"), Value(2, "code"), Value(4, "on", DAY), fixed={3: "D8"}
)
_OCCURRENCE = Composite(Occurrence, Value(2, "code"), Value(4, "on", DAY), fixed={1: "BH", 3: "D8"})
_VALUE = Composite(ValueCode, Value(2, "code"), Value(5, "amount_cents", CENTS), fixed={1: "BE"})


def _bare(field: str, qualifier: str) -> Composite:
    return Composite(None, Value(2, field), fixed={1: qualifier})


_CODES = (
    Codes("principal_diagnosis", _DIAGNOSIS, ("ABK", "BK"), single=True),
    Codes("admitting_diagnosis", _DIAGNOSIS, ("ABJ", "BJ"), single=True),
    Codes("visit_reasons", _DIAGNOSIS, ("APR", "PR"), per=3),
    Codes("external_causes", _DIAGNOSIS, ("ABN", "BN")),
    Codes("drg", _bare("drg", "DR"), ("DR",), single=True),
    Codes("other_diagnoses", _DIAGNOSIS, ("ABF", "BF")),
    Codes("principal_procedure", _PROCEDURE, ("BBR", "BR", "CAH"), single=True),
    Codes("other_procedures", _PROCEDURE, ("BBQ", "BQ")),
    Codes("occurrence_spans", _SpanKind(), ("BI",)),
    Codes("occurrences", _OCCURRENCE, ("BH",)),
    Codes("value_codes", _VALUE, ("BE",)),
    Codes("condition_codes", _bare("condition_codes", "BG"), ("BG",)),
    Codes("treatment_codes", _bare("treatment_codes", "TC"), ("TC",)),
)

_COVERAGE = Row("SBR", Value(1, "sequence"), Value(2, "relationship"), Value(3, "group_number"),
                Value(4, "group_name"), Value(9, "filing_code"))  # fmt: skip


def _party(loop: str, field: str, *parts: Any) -> Child:
    return Child(loop, field, Layout(Party, shared.name(), *parts), single=True)


_LINE_ANSWER = Layout(
    LineAnswer,
    Own(
        Row("SVD", Value(1, "payer_id"), Value(2, "paid_cents", CENTS), Value(3, "service", shared.SERVICE),
            Value(4, "revenue_code"), Value(5, "quantity", NUMBER), Value(6, "bundled_into", WHOLE)),
        always=True,
    ),
    Adjusted("adjustments"),
    Own(DateRow("adjudicated_on", keys=("573",))),
    shared.amount("EAF", "remaining_patient_cents", CENTS),
)  # fmt: skip

_LINE = Layout(
    InstitutionalLine,
    Own(Row("LX", Value(1, "number", WHOLE)), always=True),
    Own(
        Row("SV2", Value(1, "revenue_code"), Value(2, "service", shared.SERVICE),
            Value(3, "charge_cents", CENTS), Value(4, "unit"), Value(5, "quantity", NUMBER),
            Value(7, "noncovered_cents", CENTS)),
        always=True,
    ),
    shared.attachments(),
    Own(DateRow("service_from", "service_to", keys=("472",))),
    shared.reference("6R", "line_control"),
    shared.reference("9B", "repriced_number"),
    shared.reference("9D", "adjusted_repriced_number"),
    shared.amount("GT", "service_tax_cents", CENTS),
    shared.amount("N8", "facility_tax_cents", CENTS),
    Own(Row("NTE", Value(2, "note"), fixed={1: "TPO"}, keys=("TPO",))),
    One(REPRICING, "repricing", Repricing),
    Inline("2410", Raw(("LIN", "CTP", "REF"), "drug"), when=lambda one: bool(one.drug)),
    _party("2420A", "operating", shared.references()),
    _party("2420B", "other_operating", shared.references()),
    _party("2420C", "rendering", shared.references()),
    _party("2420D", "referring", shared.references()),
    Child("2430", "answers", _LINE_ANSWER),
)  # fmt: skip

_OTHER = Layout(
    OtherCoverage,
    One(_COVERAGE, "coverage", Coverage),
    Adjusted("adjustments"),
    shared.amount("D", "paid_cents", CENTS),
    shared.amount("EAF", "remaining_patient_cents", CENTS),
    shared.amount("A8", "noncovered_cents", CENTS),
    Own(Row("OI", Value(3, "benefits_assigned"), Value(6, "release_of_information"))),
    One(INPATIENT, "inpatient", InpatientAnswer),
    One(OUTPATIENT, "outpatient", OutpatientAnswer),
    Child(
        "2330A", "subscriber",
        Layout(Member, shared.name(), shared.address(), shared.references()), single=True,
    ),
    Child(
        "2330B", "payer",
        Layout(OtherPayer, shared.name(), shared.address(), Own(DateRow("adjudicated_on", keys=("573",))),
               shared.references()),
        single=True,
    ),
    Child(
        ("2330C", "2330D", "2330E", "2330F", "2330G", "2330H", "2330I"), "providers",
        Layout(Party, shared.name(), shared.references()),
    ),
)  # fmt: skip

_CLAIM = Layout(
    InstitutionalClaim,
    Own(
        Row("CLM", Value(1, "claim_number"), Value(2, "total_charge_cents", CENTS),
            Value(5, "facility_code", component=1), Value(5, "facility_qualifier", component=2),
            Value(5, "frequency", component=3), Value(7, "accept_assignment"), Value(8, "benefits_assigned"),
            Value(9, "release_of_information"), Value(20, "delay_reason")),
        always=True,
    ),
    Own(DateRow("", "", "discharge_clock", keys=("096",))),
    Own(DateRow("statement_from", "statement_to", keys=("434",))),
    Own(DateRow("admitted_on", "", "admitted_clock", keys=("435",))),
    Own(DateRow("repricer_received_on", keys=("050",))),
    Own(Row("CL1", Value(1, "admission_type"), Value(2, "admission_source"), Value(3, "patient_status"))),
    shared.attachments(),
    One(CONTRACT, "contract", Contract),
    shared.amount("F3", "patient_estimated_cents", CENTS),
    shared.reference("4N", "authorization_exception"),
    shared.reference("9F", "referral_number"),
    shared.reference("G1", "authorization_number"),
    shared.reference("F8", "payer_control_number"),
    shared.reference("9A", "repriced_number"),
    shared.reference("9C", "adjusted_repriced_number"),
    shared.references("trial_numbers", keys=("LX",)),
    shared.reference("D9", "clearinghouse_number"),
    shared.reference("LU", "accident_state"),
    shared.reference("EA", "medical_record_number"),
    shared.reference("P4", "demonstration"),
    shared.reference("G4", "peer_review_number"),
    Texts("K3", "state_data"),
    Many(Row("NTE", Value(1, "kind"), Value(2, "text")), "notes", Note),
    One(CONDITION, "epsdt", Condition),
    *_CODES,
    One(REPRICING, "repricing", Repricing),
    _party("2310A", "attending", shared.taxonomy(), shared.references()),
    _party("2310B", "operating", shared.references()),
    _party("2310C", "other_operating", shared.references()),
    _party("2310D", "rendering", shared.references()),
    _party("2310E", "service_facility", shared.address(), shared.references()),
    _party("2310F", "referring", shared.references()),
    Child("2320", "other_coverages", _OTHER),
    Child("2400", "lines", _LINE),
)  # fmt: skip

_PATIENT = Layout(
    PatientLevel,
    Level("23"),
    Own(Row("PAT", Value(1, "relationship"))),
    Child(
        "2010CA", "patient",
        Layout(Member, shared.name(), shared.address(), shared.demographics(), shared.references()),
        single=True,
    ),
    Child("2300", "claims", _CLAIM),
)  # fmt: skip

_SUBSCRIBER = Layout(
    SubscriberLevel,
    Level("22", "patients"),
    One(_COVERAGE, "coverage", Coverage),
    Child(
        "2010BA", "subscriber",
        Layout(Member, shared.name(), shared.address(), shared.demographics(), shared.references()),
        single=True,
    ),
    _party("2010BB", "payer", shared.address(), shared.references()),
    Child("2300", "claims", _CLAIM),
    Child("2000C", "patients", _PATIENT),
)  # fmt: skip

BATCH = Layout(
    Batch,
    shared.heading("0019"),
    _party("1000A", "submitter", shared.contacts()),
    _party("1000B", "receiver"),
    Child("2000A", "providers", Layout(
        BillingLevel,
        Level("20", "subscribers"),
        shared.taxonomy(),
        Own(Row("CUR", Value(2, "currency"), fixed={1: "85"})),
        Inline("2010AA", shared.name(), shared.address(), shared.reference("EI", "tax_id"),
               shared.contacts()),
        _party("2010AB", "pay_to", shared.address()),
        _party("2010AC", "pay_to_plan", shared.address(), shared.references()),
        Child("2000B", "subscribers", _SUBSCRIBER),
    )),
)  # fmt: skip
