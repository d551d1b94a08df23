"""A statement period of a programme on its way to a claim: coded, priced, and said on the bill.

Its encounter carries in `facts` what the coding engine reads and, beside it, ``bill``: the period, its place
among the bills of the episode and how the patient stood at its end. What all bills of an episode say is read
from the episode.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from cleanclaim.claim import Bill
from cleanclaim.coding import CodingResult
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.encounters.models import Encounter

BILL = "bill"
SETTING = "facility_ub04"
CREDENTIAL = "facility"
FACILITY_SETTING = "programme_facility"
"""`Practice.settings`: the two digits of the type of bill under which the practice bills its programmes."""
FACILITY_PROFILE = "bill_facility"
"""`Payer.profile`: the same, where a contract wants another."""


class BillFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one bill of an episode says for itself."""

    episode: UUID
    facility: str
    statement_from: date
    statement_to: date
    days: tuple[date, ...]
    cycle: str = "1"
    patient_status: str = ""
    discharge_clock: str = ""
    conditions: tuple[str, ...] = ()
    """Beside those that the episode says on every bill."""
    occurrences: tuple[tuple[str, date], ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    """Amounts in cents; a number of days or visits counts as dollars, as the guide writes it."""


def is_bill(encounter: Encounter) -> bool:
    """Whether an encounter is a statement period of a programme."""
    return BILL in (encounter.facts or {})


def bill_facts(encounter: Encounter) -> BillFacts:
    """What the bill of an encounter says for itself."""
    return msgspec.convert(encounter.facts[BILL], BillFacts, strict=False)


def each_day(result: CodingResult, encounter: Encounter) -> CodingResult:
    """The answer for one day, said for every day of the bill."""
    days = bill_facts(encounter).days
    return msgspec.structs.replace(result, lines=tuple(line for _ in days for line in result.lines))


def bill_of(encounter: Encounter, masters: Masters) -> Bill:
    """The bill as it would be said today."""
    facts = bill_facts(encounter)
    episode = masters.episode(facts.episode)
    attending = masters.providers[encounter.rendering_provider_id]
    return Bill(
        facility=facts.facility,
        statement_from=facts.statement_from,
        statement_to=facts.statement_to,
        cycle=facts.cycle,
        attending=masters.clinician(attending),
        # The guide takes the day of admission only with its hour.
        admitted_on=episode.admitted_on if episode.admitted_clock else None,
        admitted_clock=episode.admitted_clock,
        discharge_clock=facts.discharge_clock,
        admission_type=episode.admission_type,
        admission_source=episode.admission_source,
        patient_status=facts.patient_status,
        conditions=tuple(dict.fromkeys((*episode.conditions, *facts.conditions))),
        occurrences=facts.occurrences,
        values=facts.values,
        program=episode.program,
    )


def facility_of(practice_settings: dict, payer_profile: dict) -> str:
    """Facility digits of the type of bill: the payer's contract, else the practice's own; '' is not known."""
    return str(payer_profile.get(FACILITY_PROFILE) or practice_settings.get(FACILITY_SETTING) or "")
