"""Which policy on file an eligibility answer is about: member number, name and birth date, or nobody."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.tenancy.bulk import chunks
from cleanclaim_server.tenancy.sealing import blind_index

LIKE_SHOWN = 40


@dataclass(frozen=True)
class About:
    """The person that an answer names. What the payer did not say is empty or None."""

    member_id: str
    last_name: str
    first_name: str
    birth_date: date | None
    payer_id: str = ""


@dataclass(frozen=True)
class Found:
    """The one policy, or None and why; the reason holds no patient data."""

    coverage: Coverage | None
    why: str = ""


class Policies:
    """The policies that some answers may be about, read once.

    Args:
        practice_ids: Whose policies are looked through.
        member_ids: Every member number that will be asked for.
    """

    def __init__(self, practice_ids: Iterable[UUID], member_ids: Iterable[str]) -> None:
        numbers = {number for number in member_ids if number.strip()}
        self._index = {
            (practice_id, number): blind_index(number, purpose="member_id", practice_id=practice_id)
            for practice_id in practice_ids
            for number in numbers
        }
        self._rows: dict[tuple[UUID, str], list[Coverage]] = {}
        for part in chunks(sorted(set(self._index.values()))):
            rows = Coverage.objects.filter(
                practice_id__in=list(practice_ids), member_id_index__in=part
            ).select_related("patient", "plan__payer")
            for row in rows.order_by("order", "id"):
                self._rows.setdefault((row.practice_id, row.member_id_index), []).append(row)

    def with_number(self, practice_ids: Sequence[UUID], member_id: str) -> list[Coverage]:
        """Policies with a member number."""
        keys = ((one, self._index.get((one, member_id), "")) for one in practice_ids)
        return [row for practice_id, index in keys for row in self._rows.get((practice_id, index), ())]

    def find(self, practice_ids: Sequence[UUID], about: About, on: date) -> Found:
        """The one policy that an answer is about.

        The member number leads to the policies; last name, first name and birth date of the patient must
        agree with each that remains. Of several, those in force on the day, then those of the answering
        payer are kept. Nothing is chosen by likeness.
        """
        if not about.member_id.strip():
            return Found(None, "The payer names no member number.")
        rows = self.with_number(practice_ids, about.member_id)
        if not rows:
            return Found(None, "No policy on file has this member number.")
        if about.birth_date is None:
            return Found(None, "The payer does not say the birth date, so the person is not proved.")
        named = [row for row in rows if _same_name(row, about)]
        if not named:
            return Found(None, "A policy has this member number; the patient has another name.")
        rows = [row for row in named if row.patient.birth_date_sealed == about.birth_date.isoformat()]
        if not rows:
            return Found(None, "A policy has this member number and name; the birth date differs.")
        if len(rows) > 1:
            rows = [row for row in rows if row.in_force_on(on)] or rows
        if len(rows) > 1:
            rows = [row for row in rows if row.plan.payer.payer_id == about.payer_id] or rows
        if len(rows) > 1:
            return Found(None, f"{len(rows)} policies on file fit alike.")
        return Found(rows[0])


def like(practice_id: UUID, about: About) -> list[tuple[Coverage, tuple[str, ...]]]:
    """Policies of a practice that agree with an answer in something, and in what; most agreements first.

    For a person to choose from: by member number, or by birth date and last name.
    """
    number = blind_index(about.member_id, purpose="member_id", practice_id=practice_id)
    born = about.birth_date.isoformat() if about.birth_date else ""
    birth = blind_index(born, purpose="birth_date", practice_id=practice_id)
    wanted = Q(member_id_index=number) if number else Q(pk__in=[])
    if birth:
        wanted |= Q(patient__birth_date_index=birth)
    rows = Coverage.objects.filter(wanted, practice_id=practice_id).select_related("patient", "plan__payer")
    found = []
    for row in rows.order_by("order", "id")[:LIKE_SHOWN]:
        same_name = folded(row.patient.last_name) == folded(about.last_name)
        same_number = bool(number) and row.member_id_index == number
        if same_number or same_name:
            facts = {
                "member number": same_number,
                "name": _same_name(row, about),
                "birth date": bool(born) and row.patient.birth_date_sealed == born,
            }
            found.append((row, tuple(name for name, agrees in facts.items() if agrees)))
    return sorted(found, key=lambda one: -len(one[1]))


def _same_name(row: Coverage, about: About) -> bool:
    """Last names alike, and the first word of the first names: payers add middle names there."""
    ours = folded(row.patient.last_name), folded(row.patient.first_name.split(" ")[0])
    return all(ours) and ours == (folded(about.last_name), folded(about.first_name.split(" ")[0]))


def folded(name: str) -> str:
    """A name in small letters, without accents, blanks and signs."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
