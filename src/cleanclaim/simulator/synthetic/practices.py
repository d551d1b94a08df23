"""Five practices of different kinds, and the eighteen clinicians who work there."""

from __future__ import annotations

from datetime import date

from cleanclaim.claim import Address
from cleanclaim.simulator.synthetic.market import charges
from cleanclaim.simulator.synthetic.numbers import made_up_npi
from cleanclaim.simulator.synthetic.records import (
    SyntheticClinician,
    SyntheticGroup,
    SyntheticLicence,
    SyntheticLocation,
    SyntheticPractice,
)
from cleanclaim.simulator.synthetic.words import PLACES

PRESCRIBERS = frozenset({"MD", "PMHNP"})

TAXONOMIES = {
    "MD": "2084P0800X",
    "PMHNP": "363LP0808X",
    "PhD": "103TC0700X",
    "PsyD": "103TC0700X",
    "LCSW": "1041C0700X",
    "LMFT": "106H00000X",
    "LPC": "101YP2500X",
    "LPC-associate": "101Y00000X",
    "LMSW": "104100000X",
}

# code, name, kind, taxonomy, states (the first is home), price factor, telehealth percent
_PRACTICES = (
    ("HL", "Heronlight Psychotherapy", "solo", "103TC0700X", ("GA",), "1.05", 35),
    ("MV", "Mossvale Behavioral Group", "group", "261QM0801X", ("TX", "AZ"), "1.00", 30),
    ("CR", "Copper Ridge Recovery Clinic", "clinic_iop", "261QM0850X", ("OH",), "0.98", 10),
    ("TM", "Telemeadow Care", "telehealth", "261QM0801X", ("NC", "VA", "FL"), "1.02", 92),
    ("BW", "Brightwold Community Counseling", "community", "251S00000X", ("IL",), "0.90", 20),
)

# practice, first name, last name, credential, place of the supervisor in this list (or none)
_CLINICIANS = (
    ("HL", "Vesper", "Heronmead", "PsyD", None),
    ("MV", "Ansel", "Quarrygate", "MD", None),
    ("MV", "Dahlia", "Frostwick", "PhD", None),
    ("MV", "Rowan", "Millbrook", "LPC", None),
    ("MV", "Iris", "Barleycroft", "LMFT", None),
    ("MV", "Teal", "Pebblehurst", "LPC-associate", 3),
    ("CR", "Merle", "Copperdale", "MD", None),
    ("CR", "Sage", "Linnetfern", "LCSW", None),
    ("CR", "Corin", "Wheatwold", "LPC", None),
    ("CR", "Fable", "Nettlebank", "LMSW", 7),
    ("TM", "Juniper", "Goldquill", "PMHNP", None),
    ("TM", "Hazel", "Dewgate", "LCSW", None),
    ("TM", "Jasper", "Lakehurst", "LMFT", None),
    ("TM", "Willow", "Amberfern", "LPC", None),
    ("BW", "Emory", "Silverbrook", "PMHNP", None),
    ("BW", "Laurel", "Ottermead", "LCSW", None),
    ("BW", "Linden", "Thistledale", "PhD", None),
    ("BW", "Marlow", "Umberwick", "LPC", None),
)

GROUPS = (
    SyntheticGroup("CR-IOP", "CR", "CR-08", (0, 2, 4), 17),
    SyntheticGroup("BW-DBT", "BW", "BW-16", (1,), 17),
    SyntheticGroup("MV-ANX", "MV", "MV-04", (3,), 17),
)
"""Evening groups; that of the clinic is its intensive outpatient track, three evenings a week."""


def make_practices() -> tuple[SyntheticPractice, ...]:
    made = []
    for at, (code, name, kind, taxonomy, states, factor, telehealth) in enumerate(_PRACTICES):
        locations = tuple(_location(code, name, state, number) for number, state in enumerate(states))
        solo = kind == "solo"
        owner = next(one for one in _CLINICIANS if one[0] == code)
        made.append(
            SyntheticPractice(
                code=code,
                name=owner[2] if solo else name,
                kind=kind,
                npi=made_up_npi(201 if solo else 101 + at),
                tax_id=f"99000000{at + 1}",
                taxonomy=taxonomy,
                address=locations[0].address,
                phone=f"555555010{at}",
                time_zone=locations[0].time_zone,
                states=states,
                locations=locations,
                charges=charges(factor),
                telehealth_percent=telehealth,
                is_person=solo,
                first_name=owner[1] if solo else "",
            )
        )
    return tuple(made)


def _location(code: str, name: str, state: str, number: int) -> SyntheticLocation:
    town, postal_code, time_zone = PLACES[state]
    return SyntheticLocation(
        id=f"{code}-{state}",
        practice_code=code,
        name=f"{name}, {town}",
        address=Address(
            f"{100 + ord(code[0])} Example Lane", "", town, state, f"{postal_code}{9000 + number:04d}"
        ),
        time_zone=time_zone,
        is_billing_address=number == 0,
    )


def make_clinicians() -> tuple[SyntheticClinician, ...]:
    states = {code: states for code, _, _, _, states, _, _ in _PRACTICES}
    ids = [f"{practice}-{at:02d}" for at, (practice, *_) in enumerate(_CLINICIANS, 1)]
    return tuple(
        SyntheticClinician(
            id=ids[at],
            practice_code=practice,
            first_name=first,
            last_name=last,
            # The solo therapist bills under the same NPI as the practice.
            npi=made_up_npi(201 + at),
            credential=credential,
            taxonomy=TAXONOMIES[credential],
            licences=tuple(
                SyntheticLicence(state, f"{state}-{credential[:3].upper()}-{5000 + at}", date(2015, 1, 1))
                for state in states[practice]
            ),
            supervisor_id="" if supervisor is None else ids[supervisor],
            prescribes=credential in PRESCRIBERS,
        )
        for at, (practice, first, last, credential, supervisor) in enumerate(_CLINICIANS)
    )
