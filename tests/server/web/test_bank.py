"""The pages of the bank with real rows: what they say, what one click does, who may."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.server.cycle.remitting import NOW, PAID_ON
from tests.server.cycle.test_banking import PAID, Bank, csv, trn

from cleanclaim.ledger.accounts import CHART
from cleanclaim_server.bank.models import AsideReason, BankAccount, Line, Proposal, SetAside, Tie
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.web.views.bank.words import in_the_books
from cleanclaim_server.work.models import WorkItem


@pytest.fixture
def bank(practice_a, monkeypatch):
    from cleanclaim_server.web.views import shared

    monkeypatch.setattr(shared, "now", lambda: NOW)
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        return Bank(practice_a)


@pytest.fixture
def inside(practice_a):
    """`with inside():` the practice's own context, for looking at rows."""
    return lambda: tenant_context(practice_a.agency_id, [practice_a.pk])


@pytest.fixture
def poster(make_user, practice_a, client_for):
    return client_for(make_user("poster", [practice_a]))


def upload(client, data: bytes, account: BankAccount | None = None, name: str = "march.csv"):
    body = {"file": SimpleUploadedFile(name, data), "account": str(account.pk) if account else ""}
    return client.post("/bank/add", body, follow=True)


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_file_is_brought_in_and_says_what_became_of_it(bank, inside, poster):
    with inside():
        row = bank.pay("EFT100")
    data = csv((PAID_ON, PAID, trn("EFT100")), (PAID_ON, 5_000, "MOBILE DEPOSIT"), (PAID_ON, -700, "FEE"))
    page = text_of(upload(poster, data))
    assert "3 new lines of 3; 1 match proved, $90.00; 1 set aside." in page
    assert "Nothing explains it" in page and "MOBILE DEPOSIT" in page and "told until 18 Nov" in page
    assert "The same bytes were taken before" in text_of(upload(poster, data))
    page = text_of(poster.get(f"/remittances/{row.pk}"))
    assert "seen on 18 Nov 2026" in page
    assert "The whole payment is at the bank" in page and "Operating …4321" in page
    files = text_of(poster.get("/bank?view=files"))
    assert "march.csv" in files and "18 Nov to 18 Nov" in files


def test_an_unreadable_file_stays_kept_and_says_why(bank, poster, inside):
    page = text_of(upload(poster, b"\x00\x01 no statement", bank.account, "scan.pdf"))
    assert "Kept, and no line was taken" in page and "bank.csv_columns_unknown" in page
    with inside():
        file = StoredFile.objects.get(name="scan.pdf")
        assert file.state == "unreadable" and bytes(file.content) == b"\x00\x01 no statement"
    assert poster.get(f"/files/{file.pk}").status_code in (403, 404)  # whole account numbers stay closed


def test_a_proposed_match_is_accepted_with_one_click_and_taken_back_with_a_reason(bank, inside, poster):
    with inside():
        rows = [bank.pay(f"EFT10{n}", cents) for n, cents in enumerate((9_011, 8_022))]
        bank.bring((PAID_ON, 17_033, "LOCKBOX"))
        line = bank.line()
    page = text_of(poster.get(f"/bank/lines/{line.pk}"))
    assert "Looks like 2 payments together" in page and "Yes, this is it" in page
    answer = poster.post("/bank/accept", {"id": str(line.pk), "next": "1"}, follow=True)
    assert "1 match accepted, $170.33 moved to cash." in text_of(answer)
    with inside():
        made = Tie.objects.get()
        assert (made.kind, made.made_by_name) == ("merged", "Person 1")
        assert [bank.open_of(row) for row in rows] == [0, 0]
        assert not WorkItem.objects.filter(queue="bank", is_open=True).exists()
    poster.post(f"/bank/matches/{made.pk}/undo", {"why": ""})
    with inside():
        assert bank.line().open_cents == 0
    page = text_of(poster.post(f"/bank/matches/{made.pk}/undo", {"why": "Not ours"}, follow=True))
    assert "Taken back by Person 1" in page and "Not ours" in page
    with inside():
        assert bank.line().open_cents == 17_033


def test_many_proposals_are_accepted_at_once(bank, inside, poster):
    with inside():
        bank.pay("EFT100", 9_000)
        bank.pay("EFT200", 8_100)
        bank.bring((PAID_ON, 9_000, "ACH CREDIT"), (PAID_ON, 8_100, "ACH CREDIT"))
        ids = [str(key) for key in Line.objects.values_list("pk", flat=True)]
        assert Proposal.objects.filter(is_match=True, line__isnull=False).count() == 2
    answer = poster.post("/bank/accept", {"id": ids, "back": "/bank?view=matched"}, follow=True)
    assert "2 matches accepted, $171.00 moved to cash." in text_of(answer)
    assert "Amount and day" in text_of(answer)


def test_payments_are_picked_by_hand_and_a_difference_needs_words(bank, inside, poster):
    with inside():
        row = bank.pay("7001", 9_000, method="CHK")
        bank.bring((PAID_ON, 8_800, "COUNTER"))
        line = bank.line()
    target = f"/bank/lines/{line.pk}/match"
    assert "say why they are the same" in text_of(poster.post(target, {"payment": str(row.pk)}, follow=True))
    answer = poster.post(target, {"payment": str(row.pk), "why": "Bank kept a fee"}, follow=True)
    assert "Matched $88.00 with 1 payment." in text_of(answer)
    page = text_of(poster.get(f"/remittances/{row.pk}"))
    assert "$2.00 of it not seen" in page
    answer = poster.post(f"/bank/payments/{row.pk}/aside", {"reason": "card_fee"}, follow=True)
    assert "No deposit of $2.00 is awaited any more." in text_of(answer)
    with inside():
        assert bank.open_of(row) == 0
        aside = SetAside.objects.get()
    poster.post(f"/bank/asides/{aside.pk}/undo", {"why": "It came"})
    with inside():
        assert bank.open_of(row) == 200


def test_every_reason_says_what_the_books_show_of_it():
    titles = {info.title for info in CHART.values()}
    for reason in AsideReason:
        words = in_the_books(reason.value)
        assert "Nothing is booked" in words
        named = {title for title in titles if title in words}
        assert named or "No account" in words or "no account" in words, reason


def test_a_line_is_set_aside_with_what_it_is(bank, inside, poster):
    with inside():
        bank.bring((PAID_ON, 5_000, "MOBILE DEPOSIT"))
        line = bank.line()
    target = f"/bank/lines/{line.pk}/aside"
    assert "Choose what it is" in text_of(poster.post(target, {"reason": "replaced"}, follow=True))
    assert "Say what it is" in text_of(poster.post(target, {"reason": "other", "why": " "}, follow=True))
    assert "$50.00 set aside: paid by a patient." in text_of(
        poster.post(target, {"reason": "patient"}, follow=True)
    )
    assert "Paid by a patient" in text_of(poster.get("/bank?view=aside"))
    assert "stays there until somebody says which payments" in text_of(poster.get(f"/bank/lines/{line.pk}"))


def test_a_late_payment_is_said_on_both_pages(bank, inside, poster):
    with inside():
        row = bank.pay("EFT100", on=date(2026, 11, 10))
        bank.bring((date(2026, 11, 9), -100, "FEE"), (date(2026, 11, 19), -100, "FEE"))
    page = text_of(poster.get("/bank?view=payments"))
    assert "EVERGREEN HEALTH" in page and "Late" in page and "1 payments, 1 late" in page
    page = text_of(poster.get(f"/remittances/{row.pk}"))
    assert "no bank line yet for 10 days, told until 19 Nov" in page
    work = text_of(poster.get("/work?queue=bank"))
    assert "announced, no deposit came" in work and f"/remittances/{row.pk}" in work


def test_an_account_is_put_on_file_and_changed(practice_a, inside, poster):
    page = text_of(poster.get("/bank"))
    assert "No bank account is on file" in page
    wrong = poster.post("/bank/accounts/new", {"practice": "AA", "name": "Main", "last_four": "123456"})
    assert wrong.status_code == 422 and "last four characters" in text_of(wrong)
    poster.post("/bank/accounts/new", {"practice": "AA", "name": "Main", "last_four": "5678"})
    with inside():
        account = BankAccount.objects.get()
    assert f"/bank/accounts/{account.pk}" in text_of(poster.get("/bank"))
    body = {"name": "Operating", "payees": "1234567893", "is_active": "1"}
    assert poster.post(f"/bank/accounts/{account.pk}", body).status_code == 302
    with inside():
        account.refresh_from_db()
    assert (account.name, account.payees) == ("Operating", ["1234567893"])


@pytest.mark.parametrize(
    ("role", "sees", "decides"),
    [("poster", 200, True), ("manager", 200, False), ("auditor", 200, False), ("biller", 403, False)],
)
def test_who_sees_and_who_decides(role, sees, decides, bank, inside, make_user, practice_a, client_for):
    with inside():
        bank.bring((PAID_ON, 5_000, "MOBILE DEPOSIT"))
        line = bank.line()
    client = client_for(make_user(role, [practice_a]))
    answer = client.get(f"/bank/lines/{line.pk}")
    assert answer.status_code == sees
    assert (b"Not insurance money" in answer.content) is decides
    assert (client.post(f"/bank/lines/{line.pk}/aside", {"reason": "fee"}).status_code == 403) is not decides


def test_a_biller_sees_on_the_remittance_that_the_money_came_and_no_way_to_the_line(
    bank, inside, make_user, practice_a, client_for
):
    with inside():
        row = bank.pay("EFT100")
        bank.bring((PAID_ON, PAID, trn("EFT100")))
        line = bank.line()
    page = client_for(make_user("biller", [practice_a])).get(f"/remittances/{row.pk}")
    assert "seen on 18 Nov 2026" in text_of(page) and str(line.pk) not in text_of(page)


def test_a_borrowed_payment_is_not_matched(bank, inside, poster, practice_b):
    with inside():
        bank.bring((PAID_ON, 5_000, "COUNTER"))
        line = bank.line()
    with tenant_context(practice_b.agency_id, [practice_b.pk]):
        theirs = Remittance.objects.create(
            practice=practice_b, file=StoredFile.objects.first(), transaction="1", payer_name="X", trace_number="T",
            trace_payer_id="1", paid_cents=5_000, content_hash="0" * 64, state="posted", received_at=NOW,
        )  # fmt: skip
    answer = poster.post(f"/bank/lines/{line.pk}/match", {"payment": str(theirs.pk)}, follow=True)
    assert "needs a bank line and a payment" in text_of(answer)
    with inside():
        assert not Tie.objects.exists()


def test_the_page_costs_as_many_queries_for_thirty_lines_as_for_three(bank, inside, poster):
    counts = []
    for more in (3, 12):
        with inside():
            start = Line.objects.count()
            rows = [(PAID_ON, 100_000 + start + place, f"DEPOSIT {start + place}") for place in range(more)]
            bank.bring(*rows, name=f"{start}.csv")
        for path in ("/bank", "/bank?view=payments", "/bank?view=matched", "/bank?view=files"):
            poster.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert poster.get("/bank").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1], counts
    assert counts[1] <= 45, counts
