"""Group psychotherapy (per patient) and multiple-family group (per family), both untimed."""

from __future__ import annotations

from cleanclaim.coding.facts import group_size
from cleanclaim.coding.services import Refusal, Service, fixed
from cleanclaim.coding.visit import Part, Visit
from cleanclaim.coding.vocabulary import PRESCRIBERS, THERAPISTS


def _check(part: Part, visit: Visit) -> None:
    size = group_size(part.participant)
    if size is None:
        size = 1 if part.participant == "patient" else None
    if size is None:
        raise Refusal("E_FACT_MISSING", column="participants", fact="the size of the group")
    if size < 2:
        raise Refusal("E_GROUP_SIZE", column="participants", seen=size, expected="2 or more")


SERVICES = (
    Service(
        name="group psychotherapy",
        family="group",
        eligible=PRESCRIBERS | THERAPISTS,
        untimed=fixed("90853"),
        check=_check,
        rule="90853 once per patient and session, at least two patients",
        source="NCCI MUE practitioner table 2024-07-01",
    ),
    Service(
        name="multiple-family group",
        family="group",
        eligible=PRESCRIBERS | THERAPISTS,
        untimed=fixed("90849"),
        check=_check,
        rule="90849 once per family and session, at least two families",
        source="NCCI MUE practitioner table 2024-07-01",
    ),
)
