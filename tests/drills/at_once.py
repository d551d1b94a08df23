"""Many hands on one patient's credit and on one month: run by a drill in a process of its own.

    python -m tests.drills.at_once make | credit ROUNDS HANDS [fault] | close ROUNDS HANDS [fault]

Prints one JSON document: what the hands were told, and what the books say.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from uuid import uuid4

from django.db import DatabaseError, connection, transaction
from tests.drills import poster  # sets the product up
from tests.server.cycle import remitting

from cleanclaim.ledger import LedgerError, Source, last_of, transfer_entry
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.credits import actions as credits
from cleanclaim_server.credits.actions import common
from cleanclaim_server.credits.models import Refund
from cleanclaim_server.cycle import closing
from cleanclaim_server.ledger import actions as ledger
from cleanclaim_server.ledger.closing import has_moved, periods_of, trial_balance_as_of
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import verify_ledger
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.statements import actions as payments
from cleanclaim_server.statements.models import PatientPayment
from cleanclaim_server.tenancy import guards
from cleanclaim_server.tenancy.context import system_context

NOW, TODAY = remitting.NOW, remitting.NOW.date()
CREDIT, SHARE, REFUND = 2_000, 1_500, 1_200
FIRST_MONTH = date(2016, 1, 1)


def credit(rounds: int, hands: int) -> dict:
    """Each round a patient pays 20.00 ahead; then all at once apply it, send it back, and take it back."""
    agency, told, negative = Agency.objects.get(), Counter(), 0
    for number in range(rounds):
        with system_context(agency.pk):
            practice, patient, refunds, payment = _ahead(number)
        acts = [_use(number, hand, patient, refunds, payment) for hand in range(hands)]
        told.update(_all_at_once(agency.pk, acts))
        with system_context(agency.pk):
            negative += payments.credit_of(practice.pk, patient.pk) < 0
    with system_context(agency.pk):
        practice = Practice.objects.get()
        copayments = PatientPayment.objects.filter(amount_cents=100).count()
        return {
            "told": dict(sorted(told.items())),
            "negative": negative,
            "copayments": copayments,
            "sent_cents": sum(Refund.objects.filter(state="sent").values_list("amount_cents", flat=True)),
            "broken": sorted({one.code for one in verify_ledger(practice.pk)}),
        }


def _ahead(number: int):
    """A new patient with a share of 15.00 on one visit, 20.00 paid ahead and two refunds asked for."""
    practice = Practice.objects.get()
    claim = Claim.objects.order_by("claim_number")[number]
    patient = Patient.objects.create(
        practice=practice, chart_number=f"D{number}", first_name="Drill", last_name=f"Number{number}"
    )
    Claim.objects.filter(pk=claim.pk).update(patient=patient)
    new = payments.NewPayment(CREDIT, "check", TODAY, f"ahead{number}")
    payment, _ = payments.record_payment(patient, new, actor_id=uuid4(), now=NOW, today=TODAY)
    source = Source(str(practice.pk), TODAY, NOW, actor=str(uuid4()), reason="The share")
    share = transfer_entry(
        source,
        idempotency_key=f"share{number}",
        amount_cents=SHARE,
        claim_id=str(claim.pk),
        patient_id=str(patient.pk),
    )
    ledger.write_entries(practice.pk, [share])
    asked = [
        credits.ask_refund(
            patient, credits.NewRefund("patient", cents, "Moved away", f"r{number}-{place}"), _who()
        )[0]
        for place, cents in enumerate((REFUND, CREDIT - REFUND))
    ]
    return practice, patient, asked, payment


def _use(
    number: int, hand: int, patient: Patient, refunds: Sequence[Refund], payment: PatientPayment
) -> Callable[[], object]:
    """What one hand does: apply the credit, approve a refund, take the payment back, or take a copayment."""
    who = {"actor_id": uuid4(), "now": NOW, "today": TODAY}
    kind = hand % 4
    if kind == 0:
        return partial(payments.apply_credit, patient, request_key=f"a{number}-{hand}", **who)
    if kind == 1:
        one = refunds[hand % len(refunds)]
        return partial(credits.approve_refund, one, method="check", reference="", who=_who())
    if kind == 2:
        return partial(payments.undo_payment, payment, reason="Recorded by mistake", **who)
    # A copayment of the same day: the first two hands press one form, the others forms of their own.
    new = payments.NewPayment(100, "cash", TODAY, f"c{number}-{max(hand, 7)}")
    return partial(payments.record_payment, patient, new, **who)


def _who() -> credits.Who:
    return credits.Who(uuid4(), "A person", NOW, TODAY)


def close(rounds: int, hands: int) -> dict:
    """Each round one hand closes a month into which the others book; then the month must stand still."""
    agency, told = Agency.objects.get(), Counter()
    documents: dict[date, bytes] = {}
    changed = 0
    month = FIRST_MONTH
    for number in range(rounds):
        with system_context(agency.pk):
            practice = Practice.objects.get()
            claim = Claim.objects.order_by("claim_number").first()
        acts = [partial(_close, practice, month)]
        acts += [partial(_book, practice, claim, month, f"m{number}-{hand}") for hand in range(1, hands)]
        told.update(_all_at_once(agency.pk, acts))
        with system_context(agency.pk):
            documents[month] = trial_balance_as_of(practice.pk, last_of(month)).document
            _book(practice, claim, month, f"late{number}")
            changed += sum(
                trial_balance_as_of(practice.pk, last_of(one)).document != document
                for one, document in documents.items()
            )
        month = closing.month.next_month(month)
    with system_context(agency.pk):
        practice = Practice.objects.get()
        entries = Entry.objects.filter(kind="transfer")
        return {
            "told": dict(sorted(told.items())),
            "closed": len(periods_of([practice.pk])),
            "moved": sum(has_moved(period) for period in periods_of([practice.pk])),
            "reports_changed": changed,
            "entries": entries.count(),
            "late_in_open": entries.filter(
                idempotency_key__startswith="late", belongs_on__isnull=False
            ).count(),
            "broken": sorted({one.code for one in verify_ledger(practice.pk)}),
        }


def _close(practice: Practice, month: date) -> None:
    closing.close_books(
        practice.pk,
        month,
        now=NOW,
        today=TODAY,
        actor_id=uuid4(),
        actor_name="A person",
        reason="The drill goes on",
    )


def _book(practice: Practice, claim: Claim, month: date, key: str) -> str:
    source = Source(str(practice.pk), last_of(month), NOW, actor=str(uuid4()), reason="Late")
    entry = transfer_entry(
        source, idempotency_key=key, amount_cents=1, claim_id=str(claim.pk), patient_id=str(claim.patient_id)
    )
    return "booked" if ledger.write_entries(practice.pk, [entry]) else "known"


def _all_at_once(agency_id, acts: Sequence[Callable[[], object]]) -> list[str]:
    gate, answers = threading.Barrier(len(acts)), []

    def one(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            gate.wait()
            with transaction.atomic(durable=True), system_context(agency_id):
                act()
            answers.append("done")
        except (payments.PaymentRefused, credits.CreditRefused, closing.CloseRefused, LedgerError) as error:
            answers.append(f"told: {error.code}")
        except DatabaseError as error:
            answers.append(f"database: {str(error).split('[')[-1].split(']')[0][:40]}")
        except Exception as error:
            answers.append(f"error: {type(error).__name__}")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _forget_the_credit() -> None:
    """The planted fault: the credit is read before anybody else used it, and the database looks away."""
    payments.credit_of = common.credit_of = lambda practice_id, patient_id: CREDIT
    _look_away()


def _forget_the_close() -> None:
    """The planted fault: who books does not ask whether the month is closed, and the database looks away."""
    ledger.into_open_month = lambda practice_id, entries: list(entries)
    _look_away()


def _look_away() -> None:
    with transaction.atomic():
        guards.uninstall(connection)
    connection.close()


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[0] == "make":
        answer = poster.make(int(words[1]))
    else:
        work = {"credit": (credit, _forget_the_credit), "close": (close, _forget_the_close)}[words[0]]
        if len(words) > 3:
            work[1]()
        answer = work[0](int(words[1]), int(words[2]))
    sys.stdout.write(json.dumps(answer) + "\n")
