"""Health behavior assessment and intervention: for a physical diagnosis, never beside psychotherapy."""

from __future__ import annotations

from cleanclaim.coding.services import Service, first_block, fixed
from cleanclaim.coding.vocabulary import THERAPISTS

ELIGIBLE = THERAPISTS | {"MD"}
_SOURCE = "APA health behavior code rules; NCCI add-on code file 2024-06-03"


def _blocks(name: str, base: str, addon: str) -> Service:
    return Service(
        name=name,
        family="health_behavior",
        eligible=ELIGIBLE,
        timed=first_block(base, addon, 30, 15),
        adds_up=True,
        rule=f"{base} from 16 minutes, then {addon} for each 15 once 8 of it are reached",
        source=_SOURCE,
    )


SERVICES = (
    _blocks("health behavior intervention individual", "96158", "96159"),
    _blocks("health behavior intervention group", "96164", "96165"),
    _blocks("health behavior intervention family with patient", "96167", "96168"),
    _blocks("health behavior intervention family without patient", "96170", "96171"),
    Service(
        name="health behavior assessment",
        family="health_behavior",
        eligible=ELIGIBLE,
        untimed=fixed("96156"),
        rule="96156, untimed",
        source=_SOURCE,
    ),
)
