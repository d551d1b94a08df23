"""Crisis psychotherapy: 30 to 74 minutes, then each started half hour.

Under 30 minutes it is ordinary psychotherapy. Minutes may be broken across the date and are added.
Medicare has its own pair of codes for work at home or in the community.
"""

from __future__ import annotations

from cleanclaim.codesets import procedures
from cleanclaim.coding.families.psychotherapy import ALONE, WITH_EM, band
from cleanclaim.coding.services import Billed, Circumstances, Service, added_blocks, with_added
from cleanclaim.coding.vocabulary import PRESCRIBERS, THERAPISTS

CRISIS_CODES = frozenset({"90839", "90840", "G0017", "G0018"})
FLOOR = 30
FIRST_HOUR_ENDS = 74


def _added(minutes: int, how: str) -> int:
    """Half hours past minute 74. CPT counts blocks of up to 30 minutes; contracts may want more of one."""
    past = minutes - FIRST_HOUR_ENDS
    if past <= 0:
        return 0
    if how == "full":
        return past // 30
    if how == "midpoint":
        return added_blocks(minutes, FIRST_HOUR_ENDS, 30)
    return -(-past // 30)


def _crisis(minutes: int, circumstances: Circumstances) -> Billed:
    if minutes < FLOOR:
        return band(minutes, WITH_EM if circumstances.with_em else ALONE)
    base, addon = "90839", "90840"
    away = circumstances.setting in ("home", "community")
    if circumstances.is_medicare and away and procedures.is_in_force("G0017", circumstances.on):
        base, addon = "G0017", "G0018"
    return with_added(base, 1, addon, _added(minutes, circumstances.crisis_blocks))


SERVICES = (
    Service(
        name="crisis psychotherapy",
        family="crisis",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=_crisis,
        below="E_BELOW_MIN_PSYTX",
        adds_up=True,
        kind="crisis",
        rule="30-74 minutes 90839, each started half hour past 74 a 90840; under 30 the psychotherapy band",
        source="BCBS Illinois psychiatry policy; NCCI add-on code file 2024-06-03; CPT crisis guideline",
    ),
)
