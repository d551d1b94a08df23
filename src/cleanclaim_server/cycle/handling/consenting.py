"""A consent recorded or ended, and the patient's waiting claims checked with it at once."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim_server.claims.codes import REJECTED
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling.holding import UNSENT
from cleanclaim_server.cycle.intake import recheck_claims
from cleanclaim_server.practice.models import Practice


def recheck_patient(practice_id: UUID, patient_id: UUID, *, now: datetime, today: date) -> int:
    """Run the edits over a patient's claims that have not left. Returns how many there were."""
    rows = Claim.objects.filter(practice_id=practice_id, patient_id=patient_id, lifecycle__in=UNSENT)
    ids = list(rows.exclude(payer_state__in=REJECTED).values_list("pk", flat=True))
    if not ids:
        return 0
    return recheck_claims(Practice.objects.get(pk=practice_id), ids, now=now, today=today)
