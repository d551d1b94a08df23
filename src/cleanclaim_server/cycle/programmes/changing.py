"""What one bill says for itself, corrected: its place, its end, condition, occurrence and value codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

from cleanclaim.codesets.programmes import admission_codes
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.intake.bills import BILL, bill_facts
from cleanclaim_server.cycle.programmes.billing import BillRefused, check_place
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.programmes.models import Episode

MOST_CONDITIONS = 11
"""FL 18 to 28 of the UB-04."""
MOST_OCCURRENCES = 8
"""FL 31 to 34, two rows."""
MOST_VALUES = 12
"""FL 39 to 41, four rows."""
MOST_CENTS = 999_999_999
OBLIGATED = "44"
"""Written by itself into the next payer's bill, from what the payer before said."""

_CODE = re.compile(r"[A-Z0-9]{2}\Z")
_CLOCK = re.compile(r"([01]\d|2[0-3])[0-5]\d\Z", re.ASCII)


@dataclass(frozen=True)
class BillInput:
    """What one bill says for itself. Codes as the UB-04 manual lists them; amounts in cents."""

    cycle: str
    patient_status: str
    discharge_clock: str = ""
    """hhmm; empty is not said."""
    conditions: tuple[str, ...] = ()
    """Beside those of the episode."""
    occurrences: tuple[tuple[str, date], ...] = ()
    values: tuple[tuple[str, int], ...] = ()


def bill_input(encounter: Encounter) -> BillInput:
    """What a bill says for itself now."""
    facts = bill_facts(encounter)
    return BillInput(
        facts.cycle, facts.patient_status, facts.discharge_clock, facts.conditions, facts.occurrences,
        facts.values,
    )  # fmt: skip


def change_bill(encounter: Encounter, data: BillInput, *, today: date, actor_id: UUID) -> list[Claim]:
    """Correct what one bill says for itself. Its days stay.

    Returns:
        Its claims, for the caller to build anew or correct.

    Raises:
        BillRefused: A code is not one, stands twice or lacks its day or amount, there are more than a bill
            holds, or the bill's place does not fit the patient's status.
    """
    facts = bill_facts(encounter)
    episode = Episode.objects.get(pk=facts.episode, practice_id=encounter.practice_id)
    _check(data, episode, today)
    after = msgspec.structs.replace(
        facts,
        cycle=data.cycle,
        patient_status=data.patient_status,
        discharge_clock=data.discharge_clock,
        conditions=data.conditions,
        occurrences=data.occurrences,
        values=data.values,
    )
    encounter.facts = {**encounter.facts, BILL: msgspec.to_builtins(after)}
    encounter.save(update_fields=["facts"])
    record(
        "programme.bill_changed", "encounter", encounter.pk, practice_id=encounter.practice_id, actor=actor_id
    )
    return list(
        Claim.objects.filter(practice_id=encounter.practice_id, family__encounter=encounter)
        .defer("frozen")
        .order_by("created_at", "id")
    )


def _check(data: BillInput, episode: Episode, today: date) -> None:
    check_place(data.cycle, data.patient_status)
    if data.discharge_clock:
        if not _CLOCK.match(data.discharge_clock):
            raise BillRefused("bill.clock", "The hour of discharge is of the form 16:30.", "discharge_clock")
        if admission_codes("status")[data.patient_status].is_still_a_patient:
            raise BillRefused(
                "bill.clock", "Who is still a patient has no hour of discharge.", "discharge_clock"
            )
    _conditions(data.conditions, episode)
    _codes([code for code, _ in data.occurrences], "occurrence", "occurrences", MOST_OCCURRENCES)
    _once(data.occurrences, "occurrence", "occurrences")  # one code may stand with two days
    for code, on in data.occurrences:
        if on > today:
            raise BillRefused(
                "bill.occurrence_day", f"The day of occurrence code {code} lies after today.", "occurrences"
            )
    _codes([code for code, _ in data.values], "value", "values", MOST_VALUES)
    _once([(code,) for code, _ in data.values], "value", "values")
    for code, cents in data.values:
        if code == OBLIGATED:
            raise BillRefused(
                "bill.value_by_itself",
                "Value code 44 is written by itself on the next payer's bill, from the answer before.",
                "values",
            )
        if not 0 < cents <= MOST_CENTS:
            raise BillRefused("bill.value_amount", f"Value code {code} needs an amount above 0.", "values")


def _conditions(codes: Sequence[str], episode: Episode) -> None:
    left = max(0, MOST_CONDITIONS - len(episode.conditions))
    _codes(codes, "condition", "conditions", left)
    _once([(code,) for code in codes], "condition", "conditions")
    said = sorted(set(codes) & set(episode.conditions))
    if said:
        raise BillRefused(
            "bill.code_of_episode", f"The episode says {', '.join(said)} on every bill already.", "conditions"
        )


def _codes(codes: Sequence[str], what: str, field: str, most: int) -> None:
    for code in codes:
        if not _CODE.match(code):
            raise BillRefused(
                "bill.code", f"“{code}” is no {what} code: it has two capitals or digits.", field
            )
    if len(codes) > most:
        raise BillRefused("bill.too_many", f"A bill holds at most {most} {what} codes here.", field)


def _once(rows: Sequence[tuple], what: str, field: str) -> None:
    for row in rows:
        if rows.count(row) > 1:
            raise BillRefused("bill.code_twice", f"The {what} code {row[0]} stands twice.", field)
