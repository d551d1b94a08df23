"""The loops of a remittance while they are being read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cleanclaim.claim import Address
from cleanclaim.x12.sets.records import Cas, RemitParty


@dataclass(slots=True)
class Party:
    fields: dict[str, Any] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)
    address: tuple[str, ...] = ("", "", "", "", "")

    def record(self) -> RemitParty:
        """The tax id is taken out of the references: it is REF*TJ, or the id under qualifier FI."""
        references = list(self.references)
        tax_id = self.fields.get("id", "") if self.fields.get("id_qualifier") == "FI" else ""
        tj = next((one for one in references if one[0] == "TJ"), None)
        if tj is not None and not tax_id:
            tax_id = tj[1]
            references.remove(tj)
        return RemitParty(
            **self.fields, tax_id=tax_id, additional_ids=tuple(references), address=Address(*self.address)
        )


@dataclass(slots=True)
class Loop:
    """What 2100 and 2110 have in common, gathered until the record is made."""

    fields: dict[str, Any]
    adjustments: list[Cas] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    amounts: list[tuple[str, int]] = field(default_factory=list)
    quantities: list[tuple[str, str]] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)

    def shared(self) -> dict[str, Any]:
        return {
            "adjustments": tuple(self.adjustments),
            "remarks": tuple(self.remarks),
            "amounts": tuple(self.amounts),
            "quantities": tuple(self.quantities),
            "references": tuple(self.references),
        }
