"""The claim fields that a rule may look at, with the operators that fit each.

They are columns of `cleanclaim.frames.schema` and a few derived ones; a field that is not here is refused.
Names, streets and birth dates are left out on purpose: a rule is about a payer's habits, not about a person.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a field holds, which decides its operators."""

    TEXT = "text"
    CODES = "codes"
    NUMBER = "number"
    CENTS = "cents"
    DAY = "day"
    FLAG = "flag"


class Field(NamedTuple):
    """One field of the catalogue.

    Attributes:
        name: As rules write it.
        level: ``claim`` or ``line``.
        kind: Its type.
        label: Plain words, fit for a sentence: "the payer id".
        choices: Closed values with their words, where the field has few.
    """

    name: str
    level: str
    kind: Kind
    label: str
    choices: tuple[tuple[str, str], ...] = ()


_KINDS_OF_PAYER = (
    ("medicare", "Medicare"),
    ("medicaid", "Medicaid"),
    ("commercial", "commercial"),
    ("tricare", "TRICARE"),
    ("self_pay", "self-pay"),
)
_MODALITIES = (("in_person", "in person"), ("video", "video"), ("audio", "audio only"))
_SEQUENCES = (("P", "primary"), ("S", "secondary"), ("T", "tertiary"))
_FREQUENCIES = (("1", "original"), ("7", "replacement"), ("8", "void"))

FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("payer_id", "claim", Kind.TEXT, "the payer id"),
        Field("payer_name", "claim", Kind.TEXT, "the payer's name"),
        Field("payer_kind", "claim", Kind.TEXT, "the kind of payer", _KINDS_OF_PAYER),
        Field("claim_filing_code", "claim", Kind.TEXT, "the claim filing code"),
        Field("sequence", "claim", Kind.TEXT, "the payer's place in the order", _SEQUENCES),
        Field("state", "claim", Kind.TEXT, "the state"),
        Field("member_id", "claim", Kind.TEXT, "the member id"),
        Field("group_number", "claim", Kind.TEXT, "the group number"),
        Field("insurance_type", "claim", Kind.TEXT, "the insurance type"),
        Field("frequency", "claim", Kind.TEXT, "the claim frequency", _FREQUENCIES),
        Field("place_of_service", "claim", Kind.TEXT, "the place of service"),
        Field("modality", "claim", Kind.TEXT, "the way the session was held", _MODALITIES),
        Field("signed_note", "claim", Kind.FLAG, "the note is signed"),
        Field("authorization_number", "claim", Kind.TEXT, "the authorization number"),
        Field("accept_assignment", "claim", Kind.TEXT, "the assignment code"),
        Field("has_facility", "claim", Kind.FLAG, "a service facility is named"),
        Field("has_rendering", "claim", Kind.FLAG, "a rendering provider is named"),
        Field("rendering_npi", "claim", Kind.TEXT, "the rendering provider's NPI"),
        Field("rendering_taxonomy", "claim", Kind.TEXT, "the rendering provider's taxonomy"),
        Field("rendering_credential", "claim", Kind.TEXT, "the rendering provider's credential"),
        Field("has_supervising", "claim", Kind.FLAG, "a supervising provider is named"),
        Field("supervising_npi", "claim", Kind.TEXT, "the supervising provider's NPI"),
        Field("has_referring", "claim", Kind.FLAG, "a referring provider is named"),
        Field("billing_npi", "claim", Kind.TEXT, "the billing provider's NPI"),
        Field("billing_taxonomy", "claim", Kind.TEXT, "the billing provider's taxonomy"),
        Field("total_charge_cents", "claim", Kind.CENTS, "the total charge"),
        Field("patient_paid_cents", "claim", Kind.CENTS, "what the patient paid"),
        Field("line_count", "claim", Kind.NUMBER, "the number of service lines"),
        Field("other_payer_count", "claim", Kind.NUMBER, "the number of other payers"),
        Field("first_service_on", "claim", Kind.DAY, "the first date of service"),
        Field("patient_age", "claim", Kind.NUMBER, "the patient's age in years"),
        Field("days_since_service", "claim", Kind.NUMBER, "the days since the last service"),
        Field("codes", "claim", Kind.CODES, "the claim's codes"),
        Field("diagnoses", "claim", Kind.CODES, "the claim's diagnoses"),
        Field("first_diagnosis", "claim", Kind.TEXT, "the first diagnosis"),
        Field("code", "line", Kind.TEXT, "the line's code"),
        Field("modifiers", "line", Kind.CODES, "the line's modifiers"),
        Field("charge_cents", "line", Kind.CENTS, "the line's charge"),
        Field("units", "line", Kind.NUMBER, "the line's units"),
        Field("line_place", "line", Kind.TEXT, "the line's place of service"),
        Field("line_credential", "line", Kind.TEXT, "the line's credential"),
        Field("line_rendering_npi", "line", Kind.TEXT, "the line's rendering NPI"),
        Field("line_has_supervising", "line", Kind.FLAG, "the line has a supervising provider"),
        Field("session_minutes", "line", Kind.NUMBER, "the session minutes"),
        Field("date_of_service", "line", Kind.DAY, "the date of service"),
    )
}


class Operator(NamedTuple):
    """One operator: its name, how many values it takes (-1: one or more), and its words."""

    name: str
    values: int
    words: str


_IS_EMPTY, _IS_PRESENT = Operator("is_empty", 0, "is empty"), Operator("is_present", 0, "is present")
_IS, _IS_NOT = Operator("is", 1, "is"), Operator("is_not", 1, "is not")
_NUMBERS = (
    _IS,
    _IS_NOT,
    Operator("over", 1, "is over"),
    Operator("under", 1, "is under"),
    Operator("between", 2, "is between"),
)
OPERATORS: dict[Kind, dict[str, Operator]] = {
    kind: {operator.name: operator for operator in operators}
    for kind, operators in {
        Kind.TEXT: (
            _IS,
            _IS_NOT,
            Operator("one_of", -1, "is one of"),
            Operator("none_of", -1, "is none of"),
            Operator("begins_with", -1, "begins with"),
            Operator("contains", 1, "contains"),
            _IS_EMPTY,
            _IS_PRESENT,
        ),
        Kind.CODES: (
            Operator("has", -1, "include"),
            Operator("has_none_of", -1, "include none of"),
            Operator("has_beginning", -1, "include one that begins with"),
            Operator("is_empty", 0, "are empty"),
            Operator("is_present", 0, "are present"),
        ),
        Kind.NUMBER: _NUMBERS,
        Kind.CENTS: _NUMBERS,
        Kind.DAY: (
            _IS,
            Operator("before", 1, "is before"),
            Operator("after", 1, "is after"),
            Operator("between", 2, "is between"),
        ),
        Kind.FLAG: (Operator("yes", 0, ""), Operator("no", 0, "not")),
    }.items()
}
