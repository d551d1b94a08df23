"""Individual psychotherapy, alone and beside an E/M.

Minute bands choose one code; time is never multiplied into units. 53 minutes and more is one code
however long the session was.
"""

from __future__ import annotations

from cleanclaim.coding.services import Billed, Circumstances, Service
from cleanclaim.coding.vocabulary import PRESCRIBERS, THERAPISTS

FLOORS = (16, 38, 53)
ALONE = ("90832", "90834", "90837")
WITH_EM = ("90833", "90836", "90838")

_SOURCE = "Novitas Medicare page 00026768; APA Services psychotherapy codes page"


def band(minutes: int, codes: tuple[str, str, str]) -> Billed:
    """The psychotherapy code of a session length; nothing under 16 minutes."""
    for floor, code in zip(reversed(FLOORS), reversed(codes), strict=True):
        if minutes >= floor:
            return ((code, 1),)
    return ()


def _individual(minutes: int, circumstances: Circumstances) -> Billed:
    return band(minutes, WITH_EM if circumstances.with_em else ALONE)


def _beside_em(minutes: int, circumstances: Circumstances) -> Billed:
    return band(minutes, WITH_EM)


SERVICES = (
    Service(
        name="individual psychotherapy",
        family="psychotherapy",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=_individual,
        below="E_BELOW_MIN_PSYTX",
        kind="individual",
        rule="16-37 minutes 90832, 38-52 minutes 90834, 53 and more 90837; one unit",
        source=_SOURCE,
    ),
    Service(
        name="E/M + psychotherapy",
        family="psychotherapy",
        eligible=PRESCRIBERS,
        timed=_beside_em,
        below="E_BELOW_MIN_PSYTX",
        kind="em_psychotherapy",
        rule="E/M by medical decision making, then 90833 (16-37), 90836 (38-52) or 90838 (53 and more)",
        source="Texas Medical Association 30416; NCCI add-on code file 2024-06-03",
    ),
)
