"""A consent recorded or ended, and the patient's waiting claims checked with it at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from cleanclaim_server.claims.codes import REJECTED
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling.holding import UNSENT
from cleanclaim_server.cycle.intake import recheck_claims
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.bulk import chunks


def recheck_patient(practice_id: UUID, patient_id: UUID, *, now: datetime, today: date) -> int:
    """Run the edits over a patient's claims that have not left. Returns how many there were."""
    return recheck_patients(Practice.objects.get(pk=practice_id), [patient_id], now=now, today=today)


def recheck_patients(practice: Practice, patient_ids: Collection[UUID], *, now: datetime, today: date) -> int:
    """The same for many patients of one practice, with one run of the edits."""
    ids: list[UUID] = []
    for part in chunks(sorted(patient_ids)):
        rows = Claim.objects.filter(practice=practice, patient_id__in=part, lifecycle__in=UNSENT)
        ids += rows.exclude(payer_state__in=REJECTED).values_list("pk", flat=True)
    return recheck_claims(practice, ids, now=now, today=today) if ids else 0
