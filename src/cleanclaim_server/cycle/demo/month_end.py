"""The demo's end of month: a payer pays twice, refunds, a run of statements, and months that are closed.

All by the doors of the program. Dana posts and asks; the owner of the first practice approves, since nobody
approves their own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction

from cleanclaim.ledger import first_of, last_of
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.credits.actions import NewRefund, Who, approve_refund, ask_refund, decide
from cleanclaim_server.cycle.closing import CloseRefused, close_books
from cleanclaim_server.cycle.demo.oddities import file_of
from cleanclaim_server.cycle.receiving import receive_files
from cleanclaim_server.identity.models import User
from cleanclaim_server.ledger.queries import claim_balances
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.statements.actions import NewPayment, record_payment
from cleanclaim_server.statements.planning import due_statements
from cleanclaim_server.statements.sending import make_statements
from cleanclaim_server.tenancy.context import system_context

TWICE, LOOKED_AT = 3, 400
"""Payments of the first practice that come a second time."""
CLOSED_MONTHS = 3
OPEN_MONTHS = 1
"""Months that are over and still to be closed by who looks at the demo."""
REASON = "The rest was told to the payers and comes with the next month"


def show_month_end(
    agency: Agency, partner: TradingPartner, asker: User, approver: User, *, now: datetime
) -> int:
    """Payments that came twice, what was done about them, and statements of the first two practices.

    Runs in a context over all practices of the agency.

    Returns:
        The claims that were paid twice.
    """
    today = now.date()
    first, second = Practice.objects.filter(agency=agency).order_by("code")[:2]
    rows = _paid_once(first.pk)[:TWICE]
    for number, row in enumerate(rows, start=1):
        _pay_again(agency, partner, row, number, now)
    by, other = (Who(one.pk, one.display_name, now, today) for one in (asker, approver))
    for place, row in enumerate(rows):
        claim = row.claim
        cents = -claim_balances(first.pk, [claim.pk]).get(claim.pk, {}).get("insurance_receivable", 0)
        if cents <= 0:
            continue
        if place == 2:
            decide(claim, "offset", on=today, reason="Their letter says that they take it back", who=by)
            continue
        new = NewRefund("payer", cents, "Paid twice for one visit", f"demo-refund-{place}", claim)
        asked, is_new = ask_refund(claim.patient, new, by)
        if place == 0 and is_new:
            approve_refund(asked, method="check", reference="20417", who=other)
    for practice in (first, second):
        make_statements(
            practice, actor_id=asker.pk, actor_name=asker.display_name, now=now, today=today,
            request_key=f"demo:{practice.code}", patient_ids=_half(practice, now),
        )  # fmt: skip
    return len(rows)


def _paid_once(practice_id: UUID) -> list[RemittanceClaim]:
    """Newest posted payments without a patient's share: a commercial payer's, then those with a clock."""
    rows = RemittanceClaim.objects.filter(
        practice_id=practice_id,
        remittance__state=RemittanceState.POSTED,
        status="1",
        paid_cents__gt=0,
        patient_cents=0,
        claim__sequence="P",
        claim__frequency="1",
    ).select_related("remittance__inbox", "claim__patient", "claim__payer")
    newest = {}
    for row in rows.order_by("-remittance__paid_on", "-paid_cents", "claim__claim_number")[:LOOKED_AT]:
        newest.setdefault(row.claim.payer_id, row)  # one a payer, so that different clocks are seen
    kinds = {"commercial": 0, "medicare": 1, "medicaid": 2}
    first: dict[str, RemittanceClaim] = {}
    for row in newest.values():
        first.setdefault(row.claim.payer.kind, row)
    chosen = sorted(first.values(), key=lambda row: kinds.get(row.claim.payer.kind, 3))
    return chosen + [row for row in newest.values() if row not in chosen]


def _pay_again(
    agency: Agency, partner: TradingPartner, row: RemittanceClaim, number: int, now: datetime
) -> None:
    """The same claim payment once more, under a trace number of its own."""
    content = content_of(row.remittance.inbox)
    claim = content.claims[row.number - 1]
    again = msgspec.structs.replace(
        content,
        claims=(claim,),
        provider_adjustments=(),
        paid_cents=claim.paid_cents,
        trace_number=f"EFT8800{number}",
        paid_on=now.date() - timedelta(days=2),
        production_date=now.date() - timedelta(days=2),
    )
    name = f"paid-again-{number}.835"
    receive_files(agency.id, [(name, file_of(again, 88_000 + number, now))], partner=partner, now=now)


def _half(practice: Practice, now: datetime) -> list[UUID]:
    """Every other patient who is due, so that some stay to be asked."""
    due = [one.patient_id for one in due_statements(practice, now.date()) if one.is_due]
    return due[::2]


def close_past_months(agency: Agency, closer: User, *, now: datetime) -> int:
    """Close the months that are over, but for the last, in every practice; then money comes for one of them.

    Called when no older work is to come: nothing is booked into a closed month.

    Returns:
        The months closed.
    """
    newest = first_of(now.date())
    months = [newest]
    while len(months) < CLOSED_MONTHS + OPEN_MONTHS + 1:
        months.append(first_of(months[-1] - timedelta(days=1)))
    closed = 0
    for practice_id in _practices(agency):
        for month in reversed(months[OPEN_MONTHS + 1 :]):
            try:
                with transaction.atomic(), system_context(agency.id):
                    close_books(
                        practice_id, month, now=now, today=now.date(), actor_id=closer.pk,
                        actor_name=closer.display_name, reason=REASON,
                    )  # fmt: skip
                closed += 1
            except CloseRefused:
                break
        with transaction.atomic(), system_context(agency.id):
            _late_payment(practice_id, closer, last_of(months[OPEN_MONTHS + 1]), now)
    return closed


def _practices(agency: Agency) -> list[UUID]:
    with system_context(agency.id):
        return list(Practice.objects.filter(agency=agency).order_by("code").values_list("pk", flat=True))


def _late_payment(practice_id: UUID, closer: User, received_on: date, now: datetime) -> None:
    """A check of the closed month that lay in a drawer."""
    practice = Practice.objects.get(pk=practice_id)
    due = [one for one in due_statements(practice, now.date()) if one.is_due]
    if due:
        patient = Patient.objects.get(pk=due[-1].patient_id)
        new = NewPayment(1_000, "check", received_on, f"demo-late:{practice.code}")
        record_payment(patient, new, actor_id=closer.pk, now=now, today=now.date())
