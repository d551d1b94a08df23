"""Payments by patients: recorded once, allocated without over-allocation, receipted, taken back."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from tests.server.cycle import remitting

from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import ledger_hash, verify_ledger
from cleanclaim_server.statements.actions import credit_of, owed_by_claim
from cleanclaim_server.statements.models import PatientPayment
from cleanclaim_server.tenancy.context import tenant_context


@pytest.fixture
def owing(practice_a, make_user):
    """A patient who owes 25.00 on each of three visits, by a posted remittance."""
    from cleanclaim_server.cycle.receiving import receive_file

    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        world = remitting.make_world(practice_a)
        claims = remitting.make_claims(world, 3)
        answers = [remitting.answer(claim, 8000, ("CO", "45", 4500), ("PR", "3", 2500)) for claim in claims]
        receive_file(
            practice_a.agency_id,
            name="a.835",
            data=remitting.file_835(remitting.payment(answers)),
            now=remitting.NOW,
        )
        yield world.patient


@pytest.fixture
def poster(make_user, client_for, practice_a):
    return client_for(make_user("poster", [practice_a]))


def pay(client, patient, amount, key="k1", **more):
    body = {
        "amount": amount,
        "method": "cash",
        "received_on": str(timezone.localdate(timezone=ZoneInfo("America/New_York"))),
        "request_key": key,
    } | more
    return client.post(f"/balances/{patient.pk}/pay", body)


def test_the_oldest_visits_are_paid_first_and_the_rest_is_credit(owing, poster, practice_a):
    first, *_ = owed_by_claim(owing)
    assert pay(poster, owing, "30.00").status_code == 302
    assert sorted(owed_by_claim(owing).values()) == [2000, 2500] and first not in owed_by_claim(owing)
    assert pay(poster, owing, "60.00", key="k2").status_code == 302
    assert owed_by_claim(owing) == {} and credit_of(practice_a.pk, owing.pk) == 1500
    assert "15.00" in poster.get(f"/balances/{owing.pk}").content.decode()
    assert verify_ledger(practice_a.pk) == []


def test_the_same_form_twice_is_one_payment_and_two_alike_are_two(owing, poster):
    for _ in range(2):
        pay(poster, owing, "10.00", key="same", method="check", reference="77")
    assert PatientPayment.objects.count() == 1
    pay(poster, owing, "10.00", key="other", method="check", reference="77")
    assert PatientPayment.objects.count() == 2
    assert Entry.objects.filter(kind="patient_payment").count() == 2
    clash = pay(poster, owing, "99.00", key="same", method="check")
    assert clash.status_code == 422 and PatientPayment.objects.count() == 2


@pytest.mark.parametrize(
    ("amount", "more", "words"),
    [
        ("0", {}, "A payment is more than nothing"),
        ("ten", {}, "Type an amount such as"),
        ("", {}, "Type the amount"),
        (
            "10.00",
            {
                "received_on": str(
                    timezone.localdate(timezone=ZoneInfo("America/New_York")) + timedelta(days=2)
                )
            },
            "cannot come from the future",
        ),
        ("10.00", {"received_on": "soon"}, "Type a day such as"),
    ],
)
def test_what_cannot_be_a_payment_says_why_and_keeps_what_was_typed(amount, more, words, owing, poster):
    answer = pay(poster, owing, amount, **more)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not PatientPayment.objects.exists()


def test_no_more_is_given_to_a_visit_than_it_owes_or_than_was_paid(owing, poster):
    claim, other, _ = owed_by_claim(owing)
    over = pay(poster, owing, "50.00", **{f"claim-{claim}": "26.00"})
    assert over.status_code == 422 and "26.00 are given to a visit that owes 25.00" in over.content.decode()
    over = pay(poster, owing, "30.00", **{f"claim-{claim}": "25.00", f"claim-{other}": "25.00"})
    assert (
        over.status_code == 422 and "50.00 are given to visits, and 30.00 were paid" in over.content.decode()
    )
    assert pay(poster, owing, "10.00", **{f"claim-{other}": "10.00"}).status_code == 302
    assert owed_by_claim(owing)[other] == 1500


def test_a_payment_is_taken_back_to_the_cent_and_only_once(owing, poster, practice_a):
    before = ledger_hash(practice_a.pk)
    pay(poster, owing, "80.00")
    payment = PatientPayment.objects.get()
    page = poster.get(f"/balances/{owing.pk}/payments/{payment.pk}").content.decode()
    assert "$80" in page and "Kept as credit" in page and "90837" not in page
    for _ in range(2):
        poster.post(f"/balances/{owing.pk}/payments/{payment.pk}/undo")
    assert ledger_hash(practice_a.pk) == before
    assert Entry.objects.filter(kind="reversal").count() == 1
    assert "Taken back" in poster.get(f"/balances/{owing.pk}").content.decode()


def test_credit_is_applied_once_and_its_payment_then_stands(owing, poster, practice_a):
    claim, *_ = owed_by_claim(owing)
    pay(poster, owing, "40.00", **{f"claim-{claim}": "25.00"})
    assert credit_of(practice_a.pk, owing.pk) == 1500
    for _ in range(2):
        poster.post(f"/balances/{owing.pk}/apply-credit", {"request_key": "c1"})
    assert credit_of(practice_a.pk, owing.pk) == 0 and sum(owed_by_claim(owing).values()) == 3500
    payment = PatientPayment.objects.get()
    answer = poster.post(f"/balances/{owing.pk}/payments/{payment.pk}/undo", follow=True)
    assert "Its credit was applied" in answer.content.decode()
    assert verify_ledger(practice_a.pk) == []


def test_the_list_shows_who_owes_by_the_age_of_the_visit(owing, poster):
    page = poster.get("/balances").content.decode()
    assert f"/balances/{owing.pk}" in page and "75.00" in page
    assert f"/balances/{owing.pk}" not in poster.get("/balances?age=4").content.decode()
    assert f"/balances/{owing.pk}" in poster.get("/balances?q=Fall").content.decode()
    assert f"/balances/{owing.pk}" not in poster.get("/balances?q=Zz").content.decode()


def test_lists_ask_as_little_of_many_as_of_few(owing, poster, django_assert_max_num_queries):
    for target, most in (
        ("/balances", 30),
        ("/balances?age=1", 30),
        (f"/balances/{owing.pk}", 38),
    ):  # PostgreSQL is told the tenant
        with django_assert_max_num_queries(most):
            assert poster.get(target).status_code == 200


def test_a_bounced_payment_comes_back_also_where_its_credit_was_used(owing, poster, practice_a):
    """95.00 for 75.00 owed: 20.00 are credit, of which 15.00 pay a later share; then the check bounces."""
    before = ledger_hash(practice_a.pk)
    pay(poster, owing, "95.00")
    assert credit_of(practice_a.pk, owing.pk) == 2000
    payment = PatientPayment.objects.get()
    # A new share comes, and the credit pays it.
    from cleanclaim_server.claims.models import Claim
    from cleanclaim_server.cycle.receiving import receive_file

    world = owing_world(owing)
    (claim,) = remitting.make_claims(world, 1)
    data = remitting.file_835(
        remitting.payment(
            [remitting.answer(claim, 9000, ("CO", "45", 4500), ("PR", "3", 1500))], trace="LATER"
        )
    )
    receive_file(practice_a.agency_id, name="b.835", data=data, now=remitting.NOW)
    assert owed_by_claim(owing) == {claim.pk: 1500}
    poster.post(f"/balances/{owing.pk}/apply-credit", {"request_key": "a1"})
    assert credit_of(practice_a.pk, owing.pk) == 500 and owed_by_claim(owing) == {}
    undo = f"/balances/{owing.pk}/payments/{payment.pk}/undo"
    poster.post(undo)
    payment.refresh_from_db()
    assert payment.undone_at is None, "an ordinary undo does not reach into what was applied since"
    poster.post(undo, {"bounced": "1"})
    payment.refresh_from_db()
    assert (payment.undone_at is not None, payment.undone_reason) == (True, "Returned by the bank")
    assert sorted(owed_by_claim(owing).values()) == [1500, 2500, 2500, 2500]
    assert credit_of(practice_a.pk, owing.pk) == 0
    assert verify_ledger(practice_a.pk) == [] and before != ledger_hash(practice_a.pk)
    assert Claim.objects.count() == 4
    assert "Returned by the bank" in poster.get(f"/balances/{owing.pk}").content.decode()


def owing_world(patient):
    """The world of `owing`, found again by its rows."""
    from cleanclaim_server.clearinghouse.models import TradingPartner
    from cleanclaim_server.coverage.models import Coverage, Payer, Plan
    from cleanclaim_server.practice.models import Location, Provider

    return remitting.World(
        patient.practice, Payer.objects.get(), Plan.objects.get(), Provider.objects.get(), Location.objects.get(),
        patient, Coverage.objects.get(), TradingPartner.objects.get(), made=3,
    )  # fmt: skip
