"""Two patients with Part 2 records in the demo: one consented, of the other nothing is on file."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.coverage.actions import record_consent
from cleanclaim_server.coverage.models import Consent
from cleanclaim_server.cycle.handling.consenting import recheck_patient
from cleanclaim_server.identity.models import User
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Agency


def mark_two(agency: Agency, biller: User, *, on: date, now: datetime) -> int:
    """Mark the patients of the last two ready claims of a day; returns how many claims were checked again.

    Works in the caller's open transaction.
    """
    rows = Claim.objects.filter(practice__agency=agency, date_of_service=on, lifecycle=Lifecycle.READY)
    two = list(rows.order_by("-claim_number").values_list("practice_id", "patient_id")[:2])
    checked = 0
    for number, (practice_id, patient_id) in enumerate(two):
        Patient.objects.filter(pk=patient_id, practice_id=practice_id).update(is_part2=True)
        if number == 0:
            record_consent(
                practice_id,
                patient_id,
                kind=Consent.Kind.DISCLOSURE,
                payer=None,
                starts_on=on - timedelta(days=200),
                ends_on=None,
                actor_id=biller.pk,
                now=now,
            )
        checked += recheck_patient(practice_id, patient_id, now=now, today=on)
    return checked
