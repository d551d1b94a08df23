"""Device and drug treatments: magnetic stimulation, electroconvulsive therapy, esketamine, digital treatment,
biofeedback; and safety planning and caregiver training."""

from __future__ import annotations

from cleanclaim.coding.services import (
    Billed,
    Circumstances,
    Refusal,
    Service,
    first_block,
    fixed,
    full_blocks,
)
from cleanclaim.coding.visit import Part, Visit
from cleanclaim.coding.vocabulary import PRESCRIBERS, THERAPISTS

ESKETAMINE_LIMIT_MG = 56
DIGITAL_CODES = frozenset({"G0552", "G0553", "G0554"})


def _esketamine(part: Part, visit: Visit) -> Billed:
    mg = visit.whole_number("mg")
    if mg is None or mg < 1:
        raise Refusal("E_FACT_MISSING", column="other_inputs", fact="mg (dose given)")
    return (("G2082" if mg <= ESKETAMINE_LIMIT_MG else "G2083", 1),)


def _safety(minutes: int, circumstances: Circumstances) -> Billed:
    return (("G0560", minutes // 20),) if minutes >= 20 else ()


def _flat(name: str, code: str, rule: str) -> Service:
    return Service(
        name=name,
        family="treatments",
        eligible=PRESCRIBERS,
        untimed=fixed(code),
        rule=rule,
        source="NCCI MUE practitioner table 2024-07-01; CMS PFS Relative Value File RVU26C",
    )


SERVICES = (
    _flat("TMS planning", "90867", "90867 once per course"),
    _flat("TMS delivery", "90868", "90868 once per session"),
    _flat("TMS motor threshold re-determination", "90869", "90869 once per session"),
    _flat("ECT", "90870", "90870 once per session; anesthesia is billed separately"),
    Service(
        name="esketamine",
        family="treatments",
        eligible=PRESCRIBERS,
        untimed=_esketamine,
        rule="G2082 up to 56 mg, G2083 above; drug, observation and E/M in one",
        source="CMS PFS Relative Value File RVU26C",
    ),
    Service(
        name="digital mental health treatment management",
        family="treatments",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=full_blocks("G0553", 20),
        below="E_THRESHOLD_NOT_MET",
        adds_up=True,
        rule="G0553 needs 20 full minutes in the month",
        source="Noridian digital treatment article 10529",
    ),
    Service(
        name="digital mental health treatment month",
        family="treatments",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=full_blocks("G0553", 20, "G0554", 20),
        below="E_THRESHOLD_NOT_MET",
        adds_up=True,
        rule="G0553 for the first 20 full minutes of the month, G0554 for each full 20 more",
        source="Noridian digital treatment article 10529",
    ),
    Service(
        name="biofeedback",
        family="treatments",
        eligible=PRESCRIBERS | THERAPISTS,
        untimed=fixed("90901"),
        rule="90901, untimed (a time-based structure starts 2027-01-01 and is not loaded)",
        source="CMS PFS Relative Value File RVU26C",
    ),
    Service(
        name="safety planning",
        family="treatments",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=_safety,
        adds_up=True,
        rule="G0560 for each full 20 minutes, personally by the billing practitioner",
        source="CY2025 PFS final rule",
    ),
    Service(
        name="caregiver training",
        family="treatments",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=first_block("97550", "97551", 30, 15),
        adds_up=True,
        rule="97550 from 16 minutes, then 97551 for each further 15 once 8 of it are reached",
        source="CY2024 PFS final rule; NCCI add-on code file 2024-06-03",
    ),
)
