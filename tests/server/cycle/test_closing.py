"""What is open in a month, and closing it: refused, with a reason, for ever; the books hold afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from tests.server.cycle.remitting import answer, file_835, make_claims, make_world, payment

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.closing import CloseRefused, close_books, next_to_close, open_things, standing_of
from cleanclaim_server.cycle.posting import undo_posting
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.ledger.closing import corrections_of, has_moved
from cleanclaim_server.ledger.models import Balance, Entry, Period
from cleanclaim_server.ledger.queries import verify_ledger
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.remittances.queries import posted_remittances

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
NOW = datetime(2026, 12, 2, 15, tzinfo=UTC)
TODAY = date(2026, 12, 2)


@pytest.fixture
def world(practice_a, tenant):
    with tenant(practice_a):
        world = make_world(practice_a)
        world.claims = make_claims(world, 2)
        Encounter.objects.update(note_signed_at=NOW, state="charged")
        Claim.objects.update(lifecycle="sent")
        yield world


def post(world, *answers, trace="T1", **more):
    data = file_835(payment(list(answers), trace=trace, **more))
    receive_file(world.practice.agency_id, name=f"{trace}.835", data=data, partner=world.partner, now=NOW)


def close(world, month, **changes):
    said = {"now": NOW, "today": TODAY, "actor_id": uuid4(), "actor_name": "Mo Manager"} | changes
    return close_books(world.practice.pk, month, **said)


def opened(world, through=date(2026, 11, 30)) -> dict[str, tuple[int, int]]:
    found = open_things([world.practice.pk], through)[world.practice.pk]
    return {one.check.code: (one.count, one.cents) for one in found if one.count}


def hold(world):  # BPR02 says 90.00, the claim 80.00
    post(world, answer(world.claims[0], 8000, ("CO", "45", 7000)), paid=9000)


def unmatched(world):
    post(world, answer(world.claims[0], 8000, ("CO", "45", 7000)))
    from cleanclaim_server.remittances.models import RemittanceClaim

    RemittanceClaim.objects.update(claim=None)


def bank_line(world):
    from cleanclaim_server.bank.models import BankAccount, BankFile, Line
    from cleanclaim_server.clearinghouse.files import store_file

    practice = world.practice
    account = BankAccount.objects.create(practice=practice, name="Main", last_four="1234", created_at=NOW)
    stored = store_file(practice.agency_id, name="b.csv", data=b"x", direction="in", partner=None, now=NOW)
    kept = BankFile.objects.create(
        practice=practice, account=account, file=stored, format="csv", sha256="0" * 64, taken_at=NOW
    )
    Line.objects.create(
        practice=practice,
        account=account,
        file=kept,
        key="k",
        booked_on=date(2026, 11, 30),
        amount_cents=7000,
        kind="ach",
    )


OPEN = [  # what is left, (code, count, cents), needs a reason
    (hold, "remittance.not_posted", 1, 9000, True),
    (unmatched, "remittance.unmatched", 1, 8000, True),
    (bank_line, "bank.untied", 1, 7000, True),
    (lambda world: Claim.objects.filter(pk=world.claims[0].pk).update(lifecycle="unsure"), "claim.unsure", 1, 15000, True),
    (lambda world: Claim.objects.filter(pk=world.claims[0].pk).update(lifecycle="ready"), "claim.unsent", 1, 15000, False),
    (lambda world: Encounter.objects.update(note_signed_at=None), "session.unsigned", 2, 30000, False),
    (lambda world: Encounter.objects.update(state="refused"), "session.uncoded", 2, 0, False),
]  # fmt: skip


@pytest.mark.parametrize(("leave", "code", "count", "cents", "reason"), OPEN, ids=[row[1] for row in OPEN])
def test_what_is_open_is_counted_and_money_needs_a_reason(world, leave, code, count, cents, reason):
    assert opened(world) == {}
    leave(world)
    assert opened(world) == {code: (count, cents)}
    standing = standing_of([world.practice.pk], NOVEMBER, today=TODAY)[world.practice.pk]
    assert (standing.needs_reason, standing.refusal) == (reason, "")
    if reason:
        with pytest.raises(CloseRefused) as refused:
            close(world, NOVEMBER, reason=" x ")
        assert refused.value.code == "close.reason_missing"
        assert not Period.objects.exists()
    period = close(world, NOVEMBER, reason="Told the payer; the rest comes in December")
    severity = "stop_unless_overridden" if reason else "tell"
    assert period.left_open == [{"code": code, "count": count, "cents": cents, "severity": severity}]
    assert AuditRow.objects.filter(action="month.closed", subject_id=str(period.pk)).count() == 1


def test_what_is_about_a_later_month_does_not_count(world):
    Claim.objects.update(lifecycle="ready", date_of_service=date(2026, 11, 1))
    Encounter.objects.update(date_of_service=date(2026, 11, 1))
    assert opened(world, date(2026, 10, 31)) == {}
    assert opened(world, date(2026, 11, 1)) == {"claim.unsent": (2, 30000)}


REFUSED = [  # months closed before, month, today, code, why
    ((), NOVEMBER, date(2026, 11, 30), "close.not_now", "its last day is not over"),
    ((), date(2026, 12, 1), TODAY, "close.not_now", "it has hardly begun"),
    ((OCTOBER,), OCTOBER, TODAY, "close.closed_before", "closed"),
    ((OCTOBER,), date(2026, 9, 1), TODAY, "close.closed_before", "closed with a later month"),
    ((date(2026, 9, 1),), NOVEMBER, TODAY, "close.not_now", "October is between"),
]


@pytest.mark.parametrize(("before", "month", "today", "code", "why"), REFUSED)
def test_months_close_when_over_in_order_and_once(world, before, month, today, code, why):
    for one in before:
        close(world, one)
    with pytest.raises(CloseRefused) as refused:
        close(world, month, today=today)
    assert refused.value.code == code, why
    assert Period.objects.count() == len(before)


def test_books_that_do_not_add_up_do_not_close(world):
    Balance.objects.filter(pk=Balance.objects.order_by("id").first().pk).update(amount_cents=7)
    with pytest.raises(CloseRefused) as refused:
        close(world, OCTOBER)
    assert (refused.value.code, Period.objects.count()) == ("close.books_broken", 0)


def test_the_next_month_is_the_one_after_the_last_close(world):
    assert next_to_close(world.practice.pk) == OCTOBER
    close(world, OCTOBER)
    assert next_to_close(world.practice.pk) == NOVEMBER


def test_a_payment_of_a_closed_month_posts_and_undoes_in_the_open_one(world):
    """The payer paid on 18 November; we read the file in December, after November was closed."""
    period = close(world, NOVEMBER)
    post(world, answer(world.claims[0], 9000, ("CO", "45", 4000), ("PR", "2", 2000)))
    entry = Entry.objects.get(kind="remittance_claim")
    assert (entry.happened_on, entry.belongs_on) == (TODAY, date(2026, 11, 18))
    undo_posting(Remittance.objects.get().pk, now=NOW, actor_id=uuid4(), reason="Wrong claim")
    found = corrections_of(world.practice.pk, NOVEMBER)
    assert sorted((row.kind, row.belongs_on) for row in found if row.kind != "reversal") == [
        ("remittance_claim", date(2026, 11, 18))
    ]
    assert not has_moved(period)
    assert period.closing_balances == {"insurance_receivable": 30000, "patient_service_revenue": -30000}
    practice_id = world.practice.pk
    assert verify_ledger(practice_id, remittances=posted_remittances(practice_id)) == []
