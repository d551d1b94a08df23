"""Testing: evaluation and administration in first and added blocks; scales by instrument.

Minutes of one service on several days are added by the caller and billed on the last date.
"""

from __future__ import annotations

from cleanclaim.coding.families.listed import accepted
from cleanclaim.coding.services import Billed, Refusal, Service, first_block, fixed, full_blocks
from cleanclaim.coding.visit import Part, Visit
from cleanclaim.coding.vocabulary import PSYCHOLOGISTS

TESTERS = PSYCHOLOGISTS | {"MD"}
_SOURCE = "APA testing code rules; NCCI add-on code file 2024-06-03"


def _two_tests(part: Part, visit: Visit) -> None:
    tests = visit.whole_number("tests")
    if tests is None:
        raise Refusal("E_FACT_MISSING", column="other_inputs", fact="tests (how many were given)")
    if tests < 2:
        raise Refusal("E_BELOW_UNIT_MIN", column="other_inputs", tests=tests, expected="2 or more tests")


def _scales(part: Part, visit: Visit) -> Billed:
    count = visit.whole_number("instruments")
    if count is None:
        raise Refusal("E_FACT_MISSING", column="other_inputs", fact="instruments (how many were scored)")
    if count < 1:
        raise Refusal("E_BELOW_UNIT_MIN", column="other_inputs", instruments=count, expected="1 or more")
    return (("96127", count),)


def _blocks(name: str, base: str, addon: str, first: int, each: int, check=None) -> Service:  # type: ignore[no-untyped-def]
    return Service(
        name=name,
        family="testing",
        eligible=TESTERS,
        timed=first_block(base, addon, first, each),
        adds_up=True,
        check=check,
        rule=f"{base} from {first // 2 + 1} minutes, then {addon} for each {each} more, past its half",
        source=_SOURCE,
    )


def _instruments(code: str):  # type: ignore[no-untyped-def]
    def compose(part: Part, visit: Visit) -> Billed:
        _scales(part, visit)
        return ((code, int(visit.whole_number("instruments") or 0)),)

    return compose


def _screen(name: str, code: str, what: str) -> Service:
    return Service(
        name=name,
        family="testing",
        eligible=None,
        untimed=_instruments(code),
        check=accepted(code),
        rule=f"{code} once per scored {what}",
        source="NCCI MUE practitioner table 2024-07-01; CMS PFS Relative Value File RVU26C",
    )


def _yearly(name: str, code: str) -> Service:
    return Service(
        name=name,
        family="testing",
        eligible=None,
        timed=full_blocks(code, 5),
        check=accepted(code),
        rule=f"{code} from 5 minutes, once in twelve months",
        source="CMS PFS Relative Value File RVU26C",
    )


SERVICES = (
    _blocks("psychological testing evaluation", "96130", "96131", 60, 60),
    _blocks("neuropsychological testing evaluation", "96132", "96133", 60, 60),
    _blocks("neurobehavioral status exam", "96116", "96121", 60, 60),
    _blocks("developmental test administration", "96112", "96113", 60, 30),
    _blocks("test administration by professional", "96136", "96137", 30, 30, _two_tests),
    _blocks("test administration by technician", "96138", "96139", 30, 30, _two_tests),
    Service(
        name="automated computer test",
        family="testing",
        eligible=TESTERS,
        untimed=fixed("96146"),
        rule="96146 flat, one instrument by computer alone",
        source=_SOURCE,
    ),
    Service(
        name="brief emotional/behavioral scales",
        family="testing",
        eligible=None,
        untimed=_scales,
        rule="96127 once per scored instrument",
        source="NCCI MUE practitioner table 2024-07-01",
    ),
    _screen("developmental screening", "96110", "instrument"),
    _screen("patient risk assessment", "96160", "instrument"),
    _screen("caregiver risk assessment", "96161", "instrument"),
    _yearly("annual depression screening", "G0444"),
    _yearly("annual alcohol misuse screening", "G0442"),
)
