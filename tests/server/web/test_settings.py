"""Settings: numbers are checked as typed, secrets are never shown, and a connection test says what it tried."""

from __future__ import annotations

import pytest

from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.practice.models import Practice

GOOD = {
    "code": "HL", "name": "Harbor Lane", "npi": "1234567893", "taxonomy": "261QM0850X", "tax_id_kind": "EI", "tax_id": "98-7654321",
    "address_line1": "1 Example St", "city": "Albany", "state": "NY", "postal_code": "12207-0001", "timezone": "America/New_York",
}  # fmt: skip


@pytest.fixture
def admin(agency, make_user, client_for):
    return client_for(make_user(is_user_admin=True))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"npi": "1234567890"}, "The check digit is wrong: 1234567893 would pass."),
        ({"npi": "123"}, "An NPI has ten digits."),
        ({"tax_id": "00-0000000"}, "An EIN has nine digits"),
        ({"tax_id": ""}, "Claims need the tax id."),
        ({"postal_code": "12207"}, "Claims need all nine digits"),
        ({"address_line1": "P.O. Box 7"}, "not a post office box"),
        ({"taxonomy": "nonsense"}, "A taxonomy code has ten characters"),
        ({"code": "H1"}, "Two letters"),
        ({"is_person": "1"}, "Somebody who bills as a person has a first name."),
    ],
)
def test_a_practice_with_a_wrong_field_says_which_and_why(change, words, admin):
    answer = admin.post("/settings/practices/new", GOOD | change)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Practice.objects.exists()


def test_a_practice_keeps_its_letters_and_its_tax_id_stays_sealed(admin):
    admin.post("/settings/practices/new", GOOD)
    one = Practice.objects.get()
    page = admin.get(f"/settings/practices/{one.pk}/edit").content.decode()
    assert "987654321" not in page and "ends in 4321" in page
    assert admin.post(f"/settings/practices/{one.pk}/edit", GOOD | {"code": "ZZ"}).status_code == 422
    assert (
        admin.post(f"/settings/practices/{one.pk}/edit", GOOD | {"tax_id": "", "city": "Troy"}).status_code
        == 302
    )
    one.refresh_from_db()
    assert (one.code, one.city, one.tax_id) == ("HL", "Troy", "987654321")


def test_a_new_price_ends_the_one_before(admin):
    admin.post("/settings/practices/new", GOOD)
    one = Practice.objects.get()
    for day, amount in (("2026-01-01", "150.00"), ("2026-07-01", "160.00")):
        assert (
            admin.post(
                f"/settings/practices/{one.pk}/prices/add",
                {"code": "90834", "amount": amount, "starts_on": day},
            ).status_code
            == 302
        )
    first, second = ChargeRate.objects.order_by("starts_on")
    assert (str(first.ends_on), second.ends_on, second.amount_cents) == ("2026-06-30", None, 16000)
    late = admin.post(
        f"/settings/practices/{one.pk}/prices/add",
        {"code": "90834", "amount": "1", "starts_on": "2026-03-01"},
    )
    assert late.status_code == 422
    bad = admin.post(
        f"/settings/practices/{one.pk}/prices/add",
        {"code": "ABCDE", "amount": "1", "starts_on": "2026-03-01"},
    )
    assert "in no table of ours" in bad.content.decode()


def test_a_payers_filing_code_fits_its_kind(admin):
    body = {
        "name": "State Medicaid",
        "payer_id": "SKNY0",
        "kind": "medicaid",
        "claim_filing_code": "CI",
        "usual_answer_days": "30",
    }
    assert "For this kind of payer it is MC." in admin.post("/settings/payers/new", body).content.decode()
    assert admin.post("/settings/payers/new", body | {"claim_filing_code": "MC"}).status_code == 302
    assert admin.post("/settings/payers/new", body | {"claim_filing_code": "MC"}).status_code == 422
    assert Payer.objects.count() == 1


def test_a_partners_secret_is_sealed_and_its_connection_is_told_honestly(admin, tmp_path):
    for name in ("out", "in"):
        (tmp_path / name).mkdir()
    body = {"name": "House", "transport": "folder", "receiver_id": "HOUSE", "receiver_qualifier": "ZZ", "usage": "T", "is_active": "1",
            "outbox": str(tmp_path / "out"), "inbox": str(tmp_path / "in")}  # fmt: skip
    assert admin.post("/settings/partners/new", body).status_code == 302
    one = TradingPartner.objects.get()
    (tmp_path / "in" / "a.835").write_bytes(b"x")
    good = admin.post(f"/settings/partners/{one.pk}/test", follow=True).content.decode()
    assert "1 files wait for us" in good and "Writing was not tried" in good
    (tmp_path / "out").rmdir()
    bad = admin.post(f"/settings/partners/{one.pk}/test", follow=True).content.decode()
    assert "It does not work: the outbox is not there" in bad

    server = body | {
        "transport": "sftp",
        "host": "sftp.example.test",
        "user": "us",
        "host_key": "ssh-ed25519 AAAA",
        "password": "hush-hush-77",
    }
    admin.post(f"/settings/partners/{one.pk}", server)
    page = admin.get(f"/settings/partners/{one.pk}").content.decode()
    assert "hush-hush-77" not in page and "On file" in page
    admin.post(f"/settings/partners/{one.pk}", server | {"password": ""})
    one.refresh_from_db()
    assert one.config["password"] == "hush-hush-77"
