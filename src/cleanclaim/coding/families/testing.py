"""Testing: evaluation and administration in first and added blocks; scales by instrument.

Minutes of one service on several days are added by the caller and billed on the last date.
"""

from __future__ import annotations

from cleanclaim.coding.services import Billed, Refusal, Service, first_block, fixed
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
)
