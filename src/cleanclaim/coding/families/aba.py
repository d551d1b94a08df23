"""Adaptive behavior services: units of 15 minutes, eight minutes earn one."""

from __future__ import annotations

from cleanclaim.coding.services import Service, unit_each
from cleanclaim.coding.vocabulary import ANALYSTS


def _aba(name: str, code: str, technician: bool = False) -> Service:
    return Service(
        name=f"ABA {name}",
        family="aba",
        eligible=ANALYSTS | {"RBT"} if technician else ANALYSTS,
        timed=unit_each(code, 15),
        adds_up=True,
        rule=f"{code} per 15 minutes, 8 minutes earn a unit",
        source="ABA Coding Coalition; NCCI MUE practitioner table 2024-07-01",
    )


SERVICES = (
    _aba("assessment", "97151"),
    _aba("supporting assessment", "97152", technician=True),
    _aba("protocol treatment", "97153", technician=True),
    _aba("group protocol treatment", "97154", technician=True),
    _aba("protocol modification", "97155"),
    _aba("caregiver guidance", "97156"),
    _aba("multiple-family caregiver guidance", "97157"),
    _aba("group protocol modification", "97158"),
)
