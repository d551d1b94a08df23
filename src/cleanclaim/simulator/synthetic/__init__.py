"""A billing agency that does not exist: five practices, eighteen clinicians, 420 patients.

`make_agency` gives the masters, `sessions` the work of any calendar day, `agency_contract` the
contract for the simulator; `session_row` and `session_facts` put a session in the words of the
session file and of the coding engine. Equal seeds give equal values on every machine.
"""

from __future__ import annotations

from datetime import date

from cleanclaim.simulator.synthetic.market import agency_contract, make_payers
from cleanclaim.simulator.synthetic.people import make_patients
from cleanclaim.simulator.synthetic.practices import GROUPS, make_clinicians, make_practices
from cleanclaim.simulator.synthetic.records import (
    SyntheticAgency,
    SyntheticAuthorization,
    SyntheticClinician,
    SyntheticCoverage,
    SyntheticGroup,
    SyntheticHabit,
    SyntheticLicence,
    SyntheticLocation,
    SyntheticPatient,
    SyntheticPayer,
    SyntheticPlan,
    SyntheticPractice,
    SyntheticPrice,
    SyntheticSession,
)
from cleanclaim.simulator.synthetic.rows import session_facts, session_row
from cleanclaim.simulator.synthetic.sessions import sessions

__all__ = [
    "SyntheticAgency",
    "SyntheticAuthorization",
    "SyntheticClinician",
    "SyntheticCoverage",
    "SyntheticGroup",
    "SyntheticHabit",
    "SyntheticLicence",
    "SyntheticLocation",
    "SyntheticPatient",
    "SyntheticPayer",
    "SyntheticPlan",
    "SyntheticPractice",
    "SyntheticPrice",
    "SyntheticSession",
    "agency_contract",
    "make_agency",
    "session_facts",
    "session_row",
    "sessions",
]

AROUND = date(2026, 11, 1)


def make_agency(seed: int, *, around: date = AROUND) -> SyntheticAgency:
    """Make the agency of a seed.

    Args:
        seed: Chooses names, coverages, habits. Equal seeds give equal agencies.
        around: The day to make it for: ages are counted from it, and authorizations cover the years
            about it. Sessions can be asked for on any day.

    Examples:
        >>> agency = make_agency(7)
        >>> len(agency.practices), len(agency.clinicians), len(agency.patients)
        (5, 18, 420)
    """
    practices, clinicians, payers = make_practices(), make_clinicians(), make_payers()
    return SyntheticAgency(
        seed=seed,
        around=around,
        name="Fernquill Billing Agency",
        practices=practices,
        clinicians=clinicians,
        payers=payers,
        patients=make_patients(seed, around, practices, clinicians, payers),
        groups=GROUPS,
    )
