"""Where contracts, repricing, rides, conditions and claim-level answers stand: the same in all guides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cleanclaim.claim_particulars import (
    Condition,
    InpatientAmounts,
    InpatientAnswer,
    OutpatientAmounts,
    OutpatientAnswer,
)
from cleanclaim.x12.sets.layouts.rows import EMPTY, Row
from cleanclaim.x12.sets.layouts.values import CENTS, NUMBER, Value, not_carried
from cleanclaim.x12.writer import Element

if TYPE_CHECKING:
    from cleanclaim.x12.sets.reading import Faults
    from cleanclaim.x12.structure import Segment


class GatheringRow(Row):
    """A segment of which some elements are one tuple: its remark or condition codes.

    Args:
        field: The tuple.
        places: Its elements, in order; a gap between them closes when it is written again.
    """

    def __init__(self, segment: str, *values: Value, field: str, places: Sequence[int]) -> None:
        super().__init__(segment, *values)
        self.field, self.places = field, tuple(places)

    @property
    def fields(self) -> list[str]:
        return [*super().fields, self.field]

    def read(self, segment: Segment, faults: Faults) -> dict[str, Any]:
        found = {one.field: one.kind.read(segment, one.at, 0, faults) for one in self.values}
        found[self.field] = tuple(filter(None, (segment.get(at) for at in self.places)))
        known = {one.at for one in self.values} | set(self.places)
        for at, text in enumerate(segment.elements):
            if at and text and at not in known:
                not_carried(faults, segment, at)
        return found

    def write(self, record: Any) -> tuple[Element, ...]:
        elements: dict[int, Element] = {
            one.at: one.kind.put(getattr(record, one.field))
            for one in self.values
            if getattr(record, one.field) not in EMPTY
        }
        held = getattr(record, self.field)
        # More codes than there are places stand behind them, for the guide to refuse.
        spare = max(max(self.places), *(one.at for one in self.values)) + 1
        places = (*self.places, *range(spare, spare + len(held)))
        elements |= dict(zip(places, held, strict=False))
        if not elements:
            return ()
        return (self.segment, *(elements.get(at, "") for at in range(1, max(elements) + 1)))


CONTRACT = Row(
    "CN1", Value(1, "kind"), Value(2, "amount_cents", CENTS), Value(3, "percent", NUMBER), Value(4, "code"),
    Value(5, "discount_percent", NUMBER), Value(6, "version"),
)  # fmt: skip

REPRICING = Row(
    "HCP", Value(1, "method"), Value(2, "allowed_cents", CENTS), Value(3, "saving_cents", CENTS),
    Value(4, "organization"), Value(5, "rate", NUMBER), Value(6, "group_code"),
    Value(7, "group_amount_cents", CENTS), Value(8, "revenue_code"), Value(9, "qualifier"), Value(10, "code"),
    Value(11, "unit"), Value(12, "quantity", NUMBER), Value(13, "reject_reason"), Value(14, "compliance"),
    Value(15, "exception"),
)  # fmt: skip

AMBULANCE = Row(
    "CR1", Value(1, "weight_unit"), Value(2, "weight", NUMBER), Value(4, "reason"), Value(5, "distance_unit"),
    Value(6, "miles", NUMBER), Value(9, "round_trip"), Value(10, "stretcher"),
)  # fmt: skip

SPINAL = Row("CR2", Value(8, "condition"), Value(10, "text"), Value(11, "more_text"))

CONDITION = GatheringRow(
    "CRC", Value(1, "category"), Value(2, "holds"), field="codes", places=range(3, 8)
)  # fmt: skip

OUTPATIENT = GatheringRow(
    "MOA", Value(1, "rate", NUMBER), Value(2, "hcpcs_payable_cents", CENTS), Value(8, "esrd_cents", CENTS),
    Value(9, "professional_component_cents", CENTS), field="remarks", places=range(3, 8),
)  # fmt: skip

INPATIENT = GatheringRow(
    "MIA", Value(1, "covered_days", NUMBER), Value(2, "operating_outlier_cents", CENTS),
    Value(3, "psychiatric_days", NUMBER), Value(4, "drg_cents", CENTS),
    Value(6, "disproportionate_share_cents", CENTS), Value(7, "secondary_pass_through_cents", CENTS),
    Value(8, "capital_cents", CENTS), Value(9, "capital_federal_cents", CENTS),
    Value(10, "capital_hospital_cents", CENTS), Value(11, "capital_share_cents", CENTS),
    Value(12, "old_capital_cents", CENTS), Value(13, "capital_teaching_cents", CENTS),
    Value(14, "operating_hospital_cents", CENTS), Value(15, "cost_report_days", NUMBER),
    Value(16, "operating_federal_cents", CENTS), Value(17, "capital_outlier_cents", CENTS),
    Value(18, "teaching_cents", CENTS), Value(19, "professional_component_cents", CENTS),
    Value(24, "capital_exception_cents", CENTS), field="remarks", places=(5, 20, 21, 22, 23),
)  # fmt: skip


def condition(segment: Segment, faults: Faults) -> Condition:
    """A CRC as a record."""
    return Condition(**CONDITION.read(segment, faults))


def outpatient(segment: Segment, faults: Faults) -> tuple[OutpatientAmounts | None, tuple[str, ...]]:
    """The amounts of a MOA, None when there are none, and its remark codes."""
    fields = OUTPATIENT.read(segment, faults)
    remarks = fields.pop("remarks")
    amounts = OutpatientAmounts(**fields)
    return (None if amounts == OutpatientAmounts() else amounts), remarks


def inpatient(segment: Segment, faults: Faults) -> tuple[InpatientAmounts, tuple[str, ...]]:
    """The amounts of a MIA and its remark codes."""
    fields = INPATIENT.read(segment, faults)
    remarks = fields.pop("remarks")
    return InpatientAmounts(**fields), remarks


def outpatient_segment(amounts: OutpatientAmounts | None, remarks: tuple[str, ...]) -> tuple[Element, ...]:
    """A MOA; empty when it would say nothing."""
    return OUTPATIENT.write(OutpatientAnswer(**_fields(amounts), remarks=remarks))


def inpatient_segment(amounts: InpatientAmounts, remarks: tuple[str, ...]) -> tuple[Element, ...]:
    """A MIA; empty when it would say nothing."""
    return INPATIENT.write(InpatientAnswer(**_fields(amounts), remarks=remarks))


def _fields(amounts: Any) -> dict[str, Any]:
    return {} if amounts is None else {name: getattr(amounts, name) for name in amounts.__struct_fields__}
