"""Patient money at the bank: slips and card settlements counted by payment, what never arrived, each cent's proof."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.server.cycle.remitting import NOW
from tests.server.cycle.test_banking import TODAY, Bank
from tests.server.web.test_bank import inside, poster, text_of  # noqa: F401 - fixtures

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.bank.models import SetAside
from cleanclaim_server.bank.queries import account_totals
from cleanclaim_server.cycle.banking import run_matching
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import ledger_hash, trial_balance, verify_ledger
from cleanclaim_server.statements.actions import NewPayment, record_payment, undo_payment
from cleanclaim_server.statements.models import PatientDeposit
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.models import WorkItem

DAY = TODAY - timedelta(days=3)


class Desk(Bank):
    """A bank, and a patient who pays."""

    def take_in(self, cents, method="check", on=DAY, reference=""):
        self.number += 1
        new = NewPayment(cents, method, on, f"key{self.number}", reference)
        made, _ = record_payment(self.world.patient, new, actor_id=self.person.id, now=NOW, today=TODAY)
        return made


@pytest.fixture
def desk(practice_a, monkeypatch):
    from cleanclaim_server.web.views import shared

    monkeypatch.setattr(shared, "now", lambda: NOW)
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        yield Desk(practice_a)


def count(client, line, *payments, **body):
    body |= {"payment": [str(one.pk) for one in payments]}
    return text_of(client.post(f"/bank/lines/{line.pk}/patients", body, follow=True))


def test_a_slip_is_proposed_counted_and_every_cent_is_proved(desk, poster, practice_a):  # noqa: F811
    check, cash = desk.take_in(2_500, reference="1042"), desk.take_in(4_000, "cash")
    desk.bring((TODAY - timedelta(days=1), 6_500, "MOBILE DEPOSIT"))
    line = desk.line()
    page = text_of(poster.get(f"/bank/lines/{line.pk}"))
    assert "It looks like all cash and checks of 17 Nov" in page and page.count('" checked') == 2
    assert "No bank line yet for 3 days" not in text_of(
        poster.get(f"/balances/{check.patient_id}/payments/{check.pk}")
    )
    said = count(poster, line, check, cash)
    assert "$65.00 are 2 patient payments." in said
    assert trial_balance(practice_a.pk) == {"cash": 6_500, "patient_credits": -6_500}
    assert desk.line().open_cents == 0 and verify_ledger(practice_a.pk) == []
    page = text_of(poster.get(f"/bank/lines/{line.pk}"))
    assert "Counted by payment:" in page and "Paid by a patient" in page and "Nothing is booked" not in page
    proof = text_of(poster.get(f"/balances/{check.patient_id}/payments/{check.pk}"))
    for words in (
        "At the bank",
        "$65.00 on 19 Nov 2026",
        "Deposits on their way",
        "Patient credits",
        "The whole deposit",
    ):
        assert words in proof
    seen = AuditRow.objects.get(action="bank.patients_counted")
    assert (seen.practice_id, seen.detail["cents"], seen.detail["payments"]) == (practice_a.pk, 6_500, 2)


def test_cards_settle_less_the_fee_which_is_an_expense(desk, poster, practice_a):  # noqa: F811
    one, two = desk.take_in(5_000, "card"), desk.take_in(3_000, "card")
    desk.bring((DAY + timedelta(days=1), 7_765, "BANKCARD MERCHANT SETTLE"))
    line = desk.line()
    assert SetAside.objects.get().reason == "card"  # by its words alone, before anybody counted it
    assert "not the same money" in count(poster, line, one, two)
    assert "kept by the processor" in count(poster, line, one, two, fee="2.35")
    assert trial_balance(practice_a.pk) == {"cash": 7_765, "card_fees": 235, "patient_credits": -8_000}
    assert (
        SetAside.objects.count() == 1 and account_totals([desk.account.pk])[desk.account.pk].difference == 0
    )


def test_what_the_patients_do_not_reach_stays_open_for_a_payer(desk, poster, practice_a):  # noqa: F811
    one = desk.take_in(2_500)
    desk.bring((TODAY - timedelta(days=1), 10_000, "DEPOSIT"))
    count(poster, desk.line(), one)
    assert desk.line().open_cents == 7_500 and trial_balance(practice_a.pk)["cash"] == 2_500


def test_taken_back_the_books_are_byte_equal_and_it_can_be_counted_again(desk, poster, practice_a):  # noqa: F811
    one = desk.take_in(2_500)
    desk.bring((TODAY - timedelta(days=1), 2_500, "MOBILE DEPOSIT"))
    before = ledger_hash(practice_a.pk)
    for _ in range(2):
        count(poster, desk.line(), one)
        assert ledger_hash(practice_a.pk) != before
        aside = SetAside.objects.filter(undone__isnull=True).get()
        poster.post(f"/bank/asides/{aside.pk}/undo", {"why": "Another slip"})
        assert ledger_hash(practice_a.pk) == before and desk.line().open_cents == 2_500
    assert (
        PatientDeposit.objects.filter(undone_at__isnull=False).count() == 2
        and verify_ledger(practice_a.pk) == []
    )


@pytest.mark.parametrize(
    ("fee", "words"),
    [
        ("0", "not the same money"),
        ("abc", "no amount"),
        ("2.345", "no amount"),
        ("-1", "Only of cards"),
        ("1", "Only of cards"),
    ],
)
def test_what_is_not_the_same_money_changes_nothing(desk, poster, practice_a, fee, words):  # noqa: F811
    one = desk.take_in(2_501)
    desk.bring((TODAY - timedelta(days=1), 2_500, "MOBILE DEPOSIT"))
    entries = Entry.objects.count()
    assert words in count(poster, desk.line(), one, fee=fee)
    assert (
        Entry.objects.count() == entries
        and not PatientDeposit.objects.exists()
        and not SetAside.objects.exists()
    )


def test_a_payment_has_one_line_and_one_taken_back_has_none(desk, poster, practice_a):  # noqa: F811
    one, two = desk.take_in(2_500), desk.take_in(3_500)
    desk.bring((TODAY - timedelta(days=1), 2_500, "DEPOSIT"), (TODAY, 6_000, "DEPOSIT"))
    first, second = desk.line(amount_cents=2_500), desk.line(amount_cents=6_000)
    count(poster, first, one)
    assert "has its bank line" in count(poster, second, one)
    undo_payment(two, actor_id=new_id(), now=NOW, today=TODAY, reason="Wrong patient")
    assert "was taken back" in count(poster, second, two)
    assert "Pick the patient payments" in count(poster, second)
    assert PatientDeposit.objects.count() == 1


def test_money_that_never_arrived_is_work_until_it_does(desk, poster, practice_a):  # noqa: F811
    old = desk.take_in(2_500, on=TODAY - timedelta(days=12))
    desk.take_in(4_000, "cash")  # three days ago: on its way
    before = desk.take_in(9_900, on=TODAY - timedelta(days=40))  # before the bank first told
    desk.bring((TODAY - timedelta(days=20), 100, "DEPOSIT"), (TODAY, 2_500, "MOBILE DEPOSIT"))
    assert ("1 patient payment, $25.00, never reached the bank", 2_500) in desk.items()
    page = text_of(poster.get("/bank?view=patients"))
    assert "Never arrived" in page and "On its way" in page and f"/payments/{old.pk}" in page
    assert f"/payments/{before.pk}" not in page
    item = WorkItem.objects.get(subject_type="patient_money")
    assert item.practice_id == item.subject_id == practice_a.pk
    assert "12 days" in text_of(poster.get(f"/balances/{old.patient_id}/payments/{old.pk}"))
    count(poster, desk.line(amount_cents=2_500), old)
    run_matching(practice_a.pk, now=NOW, today=TODAY)
    assert not any("never reached" in title for title, _ in desk.items())


def test_while_no_statement_could_show_it_nothing_is_late(desk):
    desk.take_in(2_500, on=TODAY - timedelta(days=12))
    desk.bring((TODAY - timedelta(days=20), 100, "DEPOSIT"), (TODAY - timedelta(days=4), 200, "DEPOSIT"))
    assert not any("never reached" in title for title, _ in desk.items())


def test_the_page_asks_a_bounded_number_of_questions(desk, poster):  # noqa: F811
    desk.bring((TODAY - timedelta(days=30), 100, "DEPOSIT"), (TODAY, 777, "MOBILE DEPOSIT"))
    line = desk.line(amount_cents=777)

    def asked(address):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            poster.get(address)
        return len(seen)

    desk.take_in(2_500)
    few = [asked("/bank?view=patients"), asked(f"/bank/lines/{line.pk}")]
    for number in range(12):
        desk.take_in(2_600 + number)
    assert [asked("/bank?view=patients"), asked(f"/bank/lines/{line.pk}")] == few


def test_of_another_practice_nothing_is_counted(desk, poster, practice_b, make_user, client_for):  # noqa: F811
    one = desk.take_in(2_500)
    desk.bring((TODAY - timedelta(days=1), 2_500, "MOBILE DEPOSIT"))
    stranger = client_for(make_user("poster", [practice_b]))
    answer = stranger.post(f"/bank/lines/{desk.line().pk}/patients", {"payment": str(one.pk)})
    assert answer.status_code == 404 and not PatientDeposit.objects.exists()
