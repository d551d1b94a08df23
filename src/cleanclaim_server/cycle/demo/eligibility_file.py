"""One eligibility answer (271) of the demo: two policies proved, one person not, one without a word."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from cleanclaim.x12.sets.eligibility import (
    AnsweredSubscriber,
    AnsweringSource,
    AnswerReceiver,
    Benefit,
    EligibilityAnswer,
    write_271,
)
from cleanclaim.x12.sets.parties import Dated, Rejection
from cleanclaim.x12.writer import Envelope, write_x12
from cleanclaim_server.clearinghouse.models import StoredFile, TradingPartner
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.practice.models import Agency

ACTIVE = Benefit("1", coverage_level="IND", service_types=("30",))
COPAY = Benefit("B", coverage_level="IND", service_types=("MH",), period="27", amount_cents=2500)
BUSY = Rejection("42", "R")


def receive_eligibility(
    agency: Agency, partner: TradingPartner, *, on: date, now: datetime
) -> StoredFile | None:
    """Take the file in as any other that lay in the partner's folder; None where too few policies are.

    Works in the caller's open transaction.
    """
    rows = Coverage.objects.filter(practice__agency=agency, starts_on__lte=on, ends_on=None)
    rows = rows.filter(relationship="18").order_by("practice", "id")
    first = rows.first()
    alike = rows.filter(practice=first.practice_id, plan__payer=first.plan.payer_id) if first else rows.none()
    policies = list(alike.select_related("patient", "practice", "plan__payer")[:4])
    if len(policies) < 4:
        return None
    proved, also, unproved, busy = policies
    people = (
        _person(proved, benefits=(ACTIVE, COPAY), dates=(Dated("346", proved.starts_on),)),
        _person(also, benefits=(ACTIVE, COPAY), dates=(Dated("346", also.starts_on),)),
        _person(unproved, benefits=(ACTIVE,), birth_date=_born(unproved) + timedelta(days=9)),
        _person(busy, rejections=(BUSY,)),
    )
    receiver = AnswerReceiver(
        entity="1P", kind="2", name=proved.practice.name[:60].upper(), id_qualifier="XX",
        id=proved.practice.npi, subscribers=people,
    )  # fmt: skip
    payer = proved.plan.payer
    source = AnsweringSource(
        entity="PR",
        kind="2",
        name=payer.name[:60].upper(),
        id_qualifier="PI",
        id=payer.payer_id,
        receivers=(receiver,),
    )
    answer = EligibilityAnswer(f"ELIG{on:%y%m%d}", on, "0605", sources=(source,))
    envelope = Envelope(
        sender_id=partner.receiver_id or "PARTNER", receiver_id=agency.submitter_id or "AGENCY",
        control_number=int(f"{on:%y%m%d}"), group_control_number=1, created_at=now,
    )  # fmt: skip
    data = write_x12(envelope, [write_271(answer, control_number="0001")])
    return receive_file(agency.pk, name=f"eligibility-{on:%Y%m%d}.271", data=data, partner=partner, now=now)


def _born(policy: Coverage) -> date:
    return date.fromisoformat(policy.patient.birth_date_sealed)


def _person(policy: Coverage, **said) -> AnsweredSubscriber:
    patient = policy.patient
    values = {
        "entity": "IL", "kind": "1", "name": patient.last_name.upper(),
        "first_name": patient.first_name.upper(),
        "id_qualifier": "MI", "id": policy.member_id, "birth_date": _born(policy),
    } | said  # fmt: skip
    return AnsweredSubscriber(**values)
