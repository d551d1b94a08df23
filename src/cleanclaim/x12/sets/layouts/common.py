"""Rows and parts that stand alike in several guides."""

from __future__ import annotations

from typing import Any

from cleanclaim.x12.sets.layouts.parts import Addressed, Codes, Many, Own
from cleanclaim.x12.sets.layouts.rows import ContactRow, DateRow, Row
from cleanclaim.x12.sets.layouts.values import CLOCK, DAY, NUMBER, WHOLE, Composite, Value
from cleanclaim.x12.sets.parties import (
    Attachment,
    Contact,
    Dated,
    Delivery,
    Diagnosis,
    PostalAddress,
    Reference,
    Rejection,
    Service,
    Trace,
)

BHT_VALUES = (
    Value(3, "reference"),
    Value(4, "created_on", DAY),
    Value(5, "created_clock", CLOCK),
    Value(6, "kind"),
)


def heading(structure: str, purpose_default: str = "") -> Own:
    """The BHT: structure code is fixed, the rest are fields of the transaction."""
    fixed = {1: structure}
    if purpose_default:
        return Own(Row("BHT", *BHT_VALUES, fixed=fixed | {2: purpose_default}), always=True)
    return Own(Row("BHT", Value(2, "purpose"), *BHT_VALUES, fixed=fixed), always=True)


def name(*, keys: tuple[str, ...] = (), prefix: bool = False, relation: bool = False) -> Own:
    """The NM1 of a party."""
    values = [Value(1, "entity"), Value(2, "kind"), Value(3, "name"), Value(4, "first_name"),
              Value(5, "middle_name"), Value(7, "suffix"), Value(8, "id_qualifier"),
              Value(9, "id")]  # fmt: skip
    if prefix:
        values.append(Value(6, "prefix"))
    if relation:
        values.append(Value(10, "relation"))
    return Own(Row("NM1", *values, keys=keys), always=True)


def address() -> Addressed:
    """N3 and N4."""
    return Addressed(
        "address", PostalAddress,
        Row("N3", Value(1, "line1"), Value(2, "line2")),
        Row("N4", Value(1, "city"), Value(2, "state"), Value(3, "postal_code"), Value(4, "country"),
            Value(5, "location_qualifier"), Value(6, "location"), Value(7, "country_subdivision")),
    )  # fmt: skip


def references(field: str = "references", keys: tuple[str, ...] = ()) -> Many:
    """REF segments as a tuple."""
    payer = Composite(None, Value(2, "payer_id"), fixed={1: "2U"})
    row = Row("REF", Value(1, "qualifier"), Value(2, "value"), Value(3, "description"),
              Value(4, "payer_id", payer), keys=keys)  # fmt: skip
    return Many(row, field, Reference)


def reference(qualifier: str, field: str) -> Own:
    """The one REF of a kind, as a field."""
    return Own(Row("REF", Value(2, field), fixed={1: qualifier}, keys=(qualifier,)))


def amount(qualifier: str, field: str, kind: Any) -> Own:
    """The one AMT of a kind, as a field."""
    return Own(Row("AMT", Value(2, field, kind), fixed={1: qualifier}, keys=(qualifier,)))


def contacts() -> Many:
    return Many(ContactRow(), "contacts", Contact)


def taxonomy() -> Own:
    values = (Value(1, "provider_role"), Value(2, "taxonomy_qualifier"), Value(3, "taxonomy"))
    return Own(Row("PRV", *values))


def rejections(field: str = "rejections") -> Many:
    row = Row("AAA", Value(1, "valid"), Value(3, "code"), Value(4, "follow_up"))
    return Many(row, field, Rejection)


def demographics() -> Own:
    return Own(_BirthRow())


def membership() -> Own:
    return Own(
        Row("INS", Value(1, "is_subscriber"), Value(2, "relationship"), Value(3, "maintenance_type"),
            Value(4, "maintenance_reason"), Value(8, "employment_status"), Value(17, "birth_sequence", WHOLE))
    )  # fmt: skip


def traces() -> Many:
    row = Row("TRN", Value(1, "kind"), Value(2, "number"), Value(3, "origin"), Value(4, "supplement"))
    return Many(row, "traces", Trace)


def dates(keys: tuple[str, ...] = ()) -> Many:
    return Many(DateRow("start", "end", "clock", qualifier="qualifier", keys=keys), "dates", Dated)


def deliveries(field: str) -> Many:
    return Many(DELIVERY, field, Delivery)


DELIVERY = Row(
    "HSD", Value(1, "unit"), Value(2, "quantity", NUMBER), Value(3, "per"), Value(4, "frequency", NUMBER),
    Value(5, "period"), Value(6, "period_count", WHOLE), Value(7, "calendar"), Value(8, "time_of_day"),
)  # fmt: skip


def attachments() -> Many:
    row = Row("PWK", Value(1, "report"), Value(2, "way"), Value(5, "number_qualifier"), Value(6, "number"),
              Value(7, "description"))  # fmt: skip
    return Many(row, "attachments", Attachment)


SERVICE = Composite(
    Service, Value(1, "qualifier"), Value(2, "code"), Value(7, "description"), Value(8, "code_end"),
    modifiers="modifiers",
)  # fmt: skip


def diagnoses(keys: tuple[str, ...], *, per: int = 12) -> Codes:
    """Diagnoses with their qualifiers, and the day each was made where the guide has one."""
    kind = Composite(Diagnosis, Value(1, "qualifier"), Value(2, "code"), Value(9, "present_on_admission"))
    return Codes("diagnoses", kind, keys, per=per)


class _BirthRow(Row):
    """A DMG: D8 stands there only with a birth date."""

    def __init__(self) -> None:
        super().__init__("DMG", Value(2, "birth_date", DAY), Value(3, "sex"), fixed={1: "D8"})

    def write(self, record: Any) -> tuple[Any, ...]:
        found = super().write(record)
        return found if not found or record.birth_date else ("DMG", "", *found[2:])
