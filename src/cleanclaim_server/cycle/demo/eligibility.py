"""What payers said of the demo's policies, and with whom its first practice is enrolled.

Most policies were asked about at the beginning of the month; some in the month before, a few never. Of two
patients whose claims wait, one payer says that the policy is not active, another that somebody else pays.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.coverage.enrolling import add_enrollment
from cleanclaim_server.coverage.models import Coverage, EligibilityAnswer, Enrollment
from cleanclaim_server.coverage.verifying import record_answer
from cleanclaim_server.cycle.handling.consenting import recheck_patient
from cleanclaim_server.identity.models import User
from cleanclaim_server.practice.models import Agency, Practice, Provider
from cleanclaim_server.tenancy.bulk import create_rows

Said, Asked = EligibilityAnswer.Said, EligibilityAnswer.Asked
NEVER, OLD, BY_PHONE = 12, 7, 5
"""One policy in twelve was never asked about, one in seven not this month, one in five by phone."""
REFUSED = (Said.INACTIVE, Said.OTHER_PAYER)


def ask_payers(agency: Agency, biller: User, *, on: date, now: datetime) -> int:
    """Keep answers for the policies in force; returns how many waiting claims were checked with them.

    Works in the caller's open transaction.
    """
    month = on.replace(day=1)
    rows = []
    policies = Coverage.objects.filter(practice__agency=agency, starts_on__lte=on).order_by("practice", "id")
    for number, (pk, practice_id) in enumerate(policies.values_list("pk", "practice_id")):
        if number % NEVER == 0:
            continue
        day = month - timedelta(days=20) if number % OLD == 0 else month
        rows.append(
            EligibilityAnswer(
                practice_id=practice_id,
                coverage_id=pk,
                said=Said.ACTIVE,
                asked_for=day,
                answered_on=day,
                source=Asked.PHONE if number % BY_PHONE == 0 else Asked.PORTAL,
                reference=f"C{number:06d}" if number % BY_PHONE == 0 else "",
                recorded_at=now,
                recorded_by=biller.pk,
            )
        )
    create_rows(EligibilityAnswer, rows)
    for practice in Practice.objects.filter(agency=agency).order_by("code")[:1]:
        _enroll(practice, biller, on=on, now=now)
    return _refuse_two(agency, biller, on=on, now=now)


def _enroll(practice: Practice, biller: User, *, on: date, now: datetime) -> None:
    """The payer of a waiting claim has taken all clinicians of the practice, and both kinds of files."""
    waiting = Claim.objects.filter(practice=practice, lifecycle=Lifecycle.READY, date_of_service=on)
    newest = waiting.select_related("payer").order_by("claim_number").first()
    if newest is None:
        return
    Role = Enrollment.Role
    who = [(Role.RENDERING, one) for one in Provider.objects.filter(practice=practice).order_by("id")]
    for role, provider in [*who, *((role, None) for role in (Role.BILLING, Role.CLAIMS, Role.REMITTANCES))]:
        add_enrollment(
            practice.pk,
            payer=newest.payer,
            role=role,
            provider=provider,
            starts_on=on - timedelta(days=800),
            actor_id=biller.pk,
            now=now,
        )


def _refuse_two(agency: Agency, biller: User, *, on: date, now: datetime) -> int:
    rows = Claim.objects.filter(practice__agency=agency, date_of_service=on, lifecycle=Lifecycle.READY)
    two = list(rows.select_related("coverage").order_by("claim_number")[: len(REFUSED)])
    checked = 0
    for claim, said in zip(two, REFUSED, strict=False):
        record_answer(
            claim.coverage,
            said=said,
            asked_for=on,
            answered_on=on,
            source=Asked.PORTAL,
            actor_id=biller.pk,
            now=now,
            today=on,
        )
        checked += recheck_patient(claim.practice_id, claim.patient_id, now=now, today=on)
    return checked
