"""Community services of state programmes: peer support, case management, crisis, skills, rehabilitation.

Units of 15 minutes with the payer's rounding; who may render them is set by the state.
"""

from __future__ import annotations

from cleanclaim.coding.services import Service, unit_each
from cleanclaim.coding.vocabulary import COMMUNITY, PRESCRIBERS, THERAPISTS

CLINICAL = COMMUNITY | THERAPISTS | PRESCRIBERS
CASE_MANAGERS = CLINICAL | {"TCM"}
"""42 CFR 440.169 leaves the qualification to each state; Texas, for one, takes the QMHP (1 TAC 353.1415)."""


def _quarter_hours(name: str, code: str, eligible: frozenset[str]) -> Service:
    return Service(
        name=name,
        family="community",
        eligible=eligible,
        timed=unit_each(code, 15),
        adds_up=True,
        rule=f"{code} per 15 minutes, rounded as the payer says",
        source="HCPCS 15-minute unit; the payer's manual",
    )


SERVICES = (
    _quarter_hours("peer support", "H0038", frozenset({"CPS"})),
    _quarter_hours("targeted case management", "T1017", CASE_MANAGERS),
    _quarter_hours("case management", "T1016", CASE_MANAGERS),
    _quarter_hours("community crisis intervention", "H2011", CLINICAL),
    _quarter_hours("skills training", "H2014", CLINICAL),
    _quarter_hours("comprehensive community support", "H2015", CLINICAL),
    _quarter_hours("psychosocial rehabilitation", "H2017", CLINICAL),
    _quarter_hours("therapeutic behavioral services", "H2019", CLINICAL),
    _quarter_hours("community psychiatric support", "H0036", CLINICAL),
    _quarter_hours("behavioral health counseling", "H0004", CLINICAL),
)
