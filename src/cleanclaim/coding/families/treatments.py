"""Device and drug treatments: magnetic stimulation, electroconvulsive therapy, esketamine, digital treatment,
biofeedback; and safety planning and caregiver training."""

from __future__ import annotations

from cleanclaim.coding.families.listed import accepted
from cleanclaim.coding.services import (
    Billed,
    Circumstances,
    Refusal,
    Service,
    first_block,
    fixed,
    full_blocks,
    ranges,
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


def _other(name: str, code: str, eligible: frozenset[str], rule: str, source: str) -> Service:
    return Service(
        name=name,
        family="treatments",
        eligible=eligible,
        untimed=fixed(code),
        check=accepted(code),
        rule=rule,
        source=source,
    )


_RVU = "CMS PFS Relative Value File RVU26C"
_CAREGIVER = "CY2024 and CY2025 PFS final rules; NCCI add-on code file 2024-06-03"

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
    Service(
        name="caregiver training direct care",
        family="treatments",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=first_block("G0541", "G0542", 30, 15),
        adds_up=True,
        check=accepted("G0541"),
        rule="G0541 from 16 minutes, then G0542 for each further 15 once 8 of it are reached",
        source=_CAREGIVER,
    ),
    Service(
        name="caregiver behavior training group",
        family="treatments",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=first_block("96202", "96203", 60, 15),
        adds_up=True,
        check=accepted("96202"),
        rule="96202 from 31 minutes, then 96203 for each further 15 once 8 of it are reached",
        source=_CAREGIVER,
    ),
    _other("caregiver training group", "97552", PRESCRIBERS | THERAPISTS, "97552 once per group", _CAREGIVER),
    _other(
        "caregiver training direct care group",
        "G0543",
        PRESCRIBERS | THERAPISTS,
        "G0543 once per group",
        _CAREGIVER,
    ),
    Service(
        name="biofeedback with psychotherapy",
        family="treatments",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=ranges((16, "90875"), (38, "90876")),
        check=accepted("90875"),
        rule="90875 from 16 minutes, 90876 from 38; most plans want prior agreement",
        source=_RVU,
    ),
    _other(
        "digital mental health treatment device",
        "G0552",
        PRESCRIBERS | THERAPISTS,
        "G0552 once per course, the device and its start; the contractor sets the price",
        "Noridian digital treatment article 10529",
    ),
    _other(
        "post-discharge follow-up month",
        "G0544",
        PRESCRIBERS | THERAPISTS,
        "G0544 for four contacts in the month after an emergency visit in crisis",
        "CY2025 PFS final rule",
    ),
    _other("psychoanalysis", "90845", PRESCRIBERS | THERAPISTS, "90845 once per session, untimed", _RVU),
    _other("hypnotherapy", "90880", PRESCRIBERS | THERAPISTS, "90880 once per session, untimed", _RVU),
)
