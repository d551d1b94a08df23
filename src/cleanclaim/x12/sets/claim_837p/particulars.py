"""Contract, repricing, ride, spinal treatment and conditions of an 837P: from segments and to segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cleanclaim.claim_particulars import Ambulance, Contract, Particulars, Repricing, SpinalTreatment
from cleanclaim.x12.sets.layouts.particulars import (
    AMBULANCE,
    CONDITION,
    CONTRACT,
    REPRICING,
    SPINAL,
    condition,
)
from cleanclaim.x12.writer import Element

if TYPE_CHECKING:
    from cleanclaim.x12.sets.reading import Faults
    from cleanclaim.x12.structure import Segment

KINDS = {
    "CN1": ("contract", CONTRACT, Contract),
    "HCP": ("repricing", REPRICING, Repricing),
    "CR1": ("ambulance", AMBULANCE, Ambulance),
    "CR2": ("spinal", SPINAL, SpinalTreatment),
}
"""Those that stand once: field, row and record."""


def add_particular(found: dict[str, Any], segment: Segment, faults: Faults) -> None:
    """Gather one of these segments; of those that stand once the first counts."""
    if segment.id == "CRC":
        found["conditions"] = (*found.get("conditions", ()), condition(segment, faults))
        return
    field, row, record = KINDS[segment.id]
    if field not in found:
        found[field] = record(**row.read(segment, faults))


def particulars_of(found: dict[str, Any]) -> Particulars | None:
    """What was gathered of a claim or line; None when nothing was."""
    return Particulars(**found) if found else None


def rides_and_conditions(particulars: Particulars) -> Iterator[tuple[Element, ...]]:
    """CR1, CR2 and CRC, which stand together in the guide."""
    if particulars.ambulance:
        yield AMBULANCE.write(particulars.ambulance)
    if particulars.spinal:
        yield SPINAL.write(particulars.spinal)
    for one in particulars.conditions:
        yield CONDITION.write(one)
