"""What an ordinary year takes back: bounced checks, corrections, a posting done over, closed months.

All by the doors of the program, chosen by the seed and the item's own number: equal seeds, equal books.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import msgspec
from django.db import transaction

from cleanclaim.ledger import first_of
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine
from cleanclaim_server.bank.queries import standing_parts
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.cycle.closing import CloseRefused, close_books
from cleanclaim_server.cycle.demo.oddities import file_of
from cleanclaim_server.cycle.posting import PostingRefused, post_remittance, undo_posting
from cleanclaim_server.cycle.receiving import receive_files
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import Remittance, RemittanceClaim, RemittanceState
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.statements.actions import PaymentRefused, undo_payment
from cleanclaim_server.statements.models import PatientPayment

BOUNCES, CORRECTS, DONE_OVER = 0.2, 0.6, 0.4
"""Of checks, and of a practice's weeks: how often it happens."""
LOOKED_AT = 60
CLOSES_FROM = 5
"""The first Saturday from this day on closes the month before."""
LEAST_CUT = 300
CORRECTED_CENTS = 250
REASON = "What is open was told to the payers and comes with the next month"


def bounce_checks(practice: Practice, *, seed: int, actor_id: UUID, now: datetime, today: date) -> int:
    """The bank returned some of the checks of the last two weeks; returns how many."""
    checks = PatientPayment.objects.filter(
        practice=practice, method="check", undone_at__isnull=True,
        received_on__range=(today - timedelta(days=14), today - timedelta(days=7)),
    ).order_by("request_key")  # fmt: skip
    done = 0
    for payment in checks:
        if Random(f"{seed}|bounces|{payment.request_key}").random() > BOUNCES:
            continue
        try:
            with transaction.atomic():
                undo_payment(
                    payment, actor_id=actor_id, now=now, today=today, reason="The bank returned the check",
                    bounced=True,
                )  # fmt: skip
            done += 1
        except PaymentRefused:
            continue
    return done


def correct_a_payment(practice: Practice, *, seed: int, now: datetime, today: date) -> int:
    """A payer takes one payment back (status 22) and pays a little more; returns the answers it corrected."""
    dice = Random(f"{seed}|corrects|{practice.code}|{today.isoformat()}")
    if dice.random() > CORRECTS:
        return 0
    partner = TradingPartner.objects.filter(agency_id=practice.agency_id, transport="simulator").first()
    row = dice.choice(_correctable(practice, today) or [None])
    if row is None or partner is None:
        return 0
    content = content_of(row.remittance.inbox)
    said = content.claims[row.number - 1]
    better = _paid_better(said)
    if better is None:
        return 0
    payment = msgspec.structs.replace(
        content,
        claims=(_reversed(said), better),
        provider_adjustments=(),
        paid_cents=better.paid_cents - said.paid_cents,
        trace_number=f"RC{row.claim.claim_number}",
        paid_on=today,
        production_date=today,
    )
    number = 600_000 + dice.randrange(100_000)
    name = f"corrected-{practice.code}-{today.isoformat()}.835"
    receive_files(practice.agency_id, [(name, file_of(payment, number, now))], partner=partner, now=now)
    return 1


def _correctable(practice: Practice, today: date) -> list[RemittanceClaim]:
    """Plain answers of the last weeks: paid, no share of the patient's, nobody after the payer."""
    rows = RemittanceClaim.objects.filter(
        practice=practice,
        remittance__state=RemittanceState.POSTED,
        remittance__paid_on__range=(today - timedelta(days=35), today - timedelta(days=1)),
        status="1",
        paid_cents__gt=0,
        patient_cents=0,
        claim__sequence="P",
        claim__frequency="1",
    ).select_related("remittance__inbox", "claim")
    found = []
    for row in rows.order_by("claim__claim_number")[:LOOKED_AT]:
        again = RemittanceClaim.objects.filter(practice=practice, claim_id=row.claim_id).count()
        others = Claim.objects.filter(practice=practice, family_id=row.claim.family_id).count()
        if again == 1 and others == 1:
            found.append(row)
    return found


def _reversed(said: RemitClaim) -> RemitClaim:
    def turn(items: tuple[Cas, ...]) -> tuple[Cas, ...]:
        return tuple(msgspec.structs.replace(one, amount_cents=-one.amount_cents) for one in items)

    def turn_line(line: RemitLine) -> RemitLine:
        return msgspec.structs.replace(
            line, charge_cents=-line.charge_cents, paid_cents=-line.paid_cents, amounts=(),
            adjustments=turn(line.adjustments),
        )  # fmt: skip

    return msgspec.structs.replace(
        said, status="22", charge_cents=-said.charge_cents, paid_cents=-said.paid_cents, patient_cents=None,
        adjustments=turn(said.adjustments), lines=tuple(map(turn_line, said.lines)), amounts=(),
    )  # fmt: skip


def _paid_better(said: RemitClaim) -> RemitClaim | None:
    """The same answer with a little of the contract's cut paid; None where no line has one."""
    for place, line in enumerate(said.lines):
        for at, cas in enumerate(line.adjustments):
            if (cas.group, cas.reason) != ("CO", "45") or cas.amount_cents < LEAST_CUT:
                continue
            less = msgspec.structs.replace(cas, amount_cents=cas.amount_cents - CORRECTED_CENTS)
            better = msgspec.structs.replace(
                line, paid_cents=line.paid_cents + CORRECTED_CENTS, amounts=(),
                adjustments=(*line.adjustments[:at], less, *line.adjustments[at + 1 :]),
            )  # fmt: skip
            return msgspec.structs.replace(
                said, paid_cents=said.paid_cents + CORRECTED_CENTS, amounts=(),
                payer_control_number=f"{said.payer_control_number}C",
                lines=(*said.lines[:place], better, *said.lines[place + 1 :]),
            )  # fmt: skip
    return None


def post_over(practice: Practice, *, seed: int, actor_id: UUID, now: datetime, today: date) -> int:
    """A posting of the week is taken back, looked at, and posted again; returns how many."""
    dice = Random(f"{seed}|over|{practice.code}|{today.isoformat()}")
    if dice.random() > DONE_OVER:
        return 0
    tied = standing_parts().filter(practice_id=practice.pk).values("remittance_id")
    rows = Remittance.objects.filter(
        practice=practice, state=RemittanceState.POSTED, posted_at__gte=now - timedelta(days=7)
    ).exclude(pk__in=tied)
    row = rows.order_by("trace_number", "paid_on").first()
    if row is None:
        return 0
    try:
        with transaction.atomic():
            undo_posting(row.pk, now=now, actor_id=actor_id, reason="Posted before the question was answered")
            post_remittance(row.pk, now=now, actor_id=actor_id)
    except PostingRefused:
        return 0
    return 1


def close_last_month(practice: Practice, *, actor_id: UUID, now: datetime, today: date) -> int:
    """Close the month before, once it is time; returns the months closed."""
    if today.day < CLOSES_FROM:
        return 0
    month = first_of(first_of(today) - timedelta(days=1))
    try:
        close_books(
            practice.pk,
            month,
            now=now,
            today=today,
            actor_id=actor_id,
            actor_name="Dana Whitlow",
            reason=REASON,
        )
    except CloseRefused:
        return 0
    return 1
