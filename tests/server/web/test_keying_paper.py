"""A paper explanation keyed in: read field by field, balanced as typed, kept with its scan, posted like an 835."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.server.cycle import remitting

from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.ledger.queries import ledger_hash, verify_ledger
from cleanclaim_server.remittances.models import Remittance, RemittanceAdjustment, RemittanceScan
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.context import tenant_context

PDF = b"%PDF-1.4\n% a scanned page\n"


@pytest.fixture
def world(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        yield remitting.make_world(practice_a)


@pytest.fixture
def poster(make_user, client_for, practice_a):
    from cleanclaim_server.identity.models import Grant

    user = make_user("poster", [practice_a])
    Grant.objects.create(user=user, practice=practice_a, role="biller")
    return client_for(user)


def sheet(claim, **changes) -> dict[str, str]:
    """A claim of 150.00: allowed 110.00, copay 20.00, paid 90.00."""
    return {
        "practice": "AA", "payer": "60054", "payer_name": "", "check_number": "CK100", "paid_on": "2026-11-18",
        "paid": "90.00", "method": "CHK", "c0-number": claim.claim_number, "c0-control": "PC1", "c0-status": "1",
        "c0-l0-code": "90837 95", "c0-l0-on": "2026-10-15", "c0-l0-charge": "150", "c0-l0-allowed": "110",
        "c0-l0-paid": "90.00", "c0-l0-deductible": "", "c0-l0-coinsurance": "", "c0-l0-copay": "20",
        "c0-l0-other": "", "c0-l0-remarks": "",
    } | changes  # fmt: skip


def test_a_keyed_payment_that_balances_posts_with_its_scan_kept(world, poster, practice_a):
    (claim,) = remitting.make_claims(world)
    before = ledger_hash(practice_a.pk)
    page = poster.post(
        "/remittances/key", sheet(claim, scan=SimpleUploadedFile("page 1.pdf", PDF)), follow=True
    )
    one = Remittance.objects.get()
    assert one.state == "posted" and one.trace_number == "CK100" and one.paid_cents == 9000
    assert one.claims.get().claim_id == claim.pk
    triples = RemittanceAdjustment.objects.values_list("group", "reason", "amount_cents")
    assert set(triples) == {("CO", "45", 4000), ("PR", "3", 2000)}
    text = page.content.decode()
    assert (
        "Keyed from paper" in text
        and "The scan" in text
        and "CAS*CO*45*40~" in text.replace("<b>", "").replace("</b>", "")
    )
    scan = RemittanceScan.objects.select_related("file").get()
    assert scan.file.sha256 == hashlib.sha256(PDF).hexdigest() and scan.file.name == "page 1.pdf"
    shown = poster.get(f"/remittances/{one.pk}/scan")
    assert shown.content == PDF and shown["Content-Type"] == "application/pdf"
    assert verify_ledger(practice_a.pk, remittances=posted_remittances(practice_a.pk)) == []
    poster.post(f"/remittances/{one.pk}/undo", {"reason": "typed twice"})
    assert ledger_hash(practice_a.pk) == before


#          changed fields                          what the balance says
OFF = [
    ({"c0-l0-paid": "80"}, "Claim 1 line 1"),
    ({"paid": "95.12"}, 'Payment: <span class="num">5.12'),
    ({"c0-l0-other": "OA-23 5"}, "5.00 too much"),
]


@pytest.mark.parametrize(("changes", "words"), OFF)
def test_what_does_not_add_up_is_shown_as_typed_and_never_posts(world, poster, changes, words):
    (claim,) = remitting.make_claims(world)
    text = poster.post("/remittances/key/balance", sheet(claim, **changes)).content.decode()
    assert "It does not add up yet" in text and words in text
    answer = poster.post("/remittances/key", sheet(claim, **changes))
    assert answer.status_code == 422 and "do not add up" in answer.content.decode()
    assert not Remittance.objects.exists() and not StoredFile.objects.filter(kind="eob").exists()


UNREADABLE = [
    ({"paid": "much"}, "An amount such as 90.00."),
    ({"paid_on": "yesterday"}, "A day."),
    ({"check_number": ""}, "The number of the check"),
    ({"payer": ""}, "Choose the payer"),
    ({"c0-number": ""}, "The claim number as printed."),
    ({"c0-l0-other": "twenty"}, "write group, code and amount"),
    ({"c0-l0-other": "CO-999 5"}, "in no list of reason codes"),
    ({"c0-l0-charge": "1e400"}, "An amount such as 90.00."),
]


@pytest.mark.parametrize(("changes", "words"), UNREADABLE)
def test_a_field_that_cannot_be_read_says_so_where_it_stands(world, poster, changes, words):
    (claim,) = remitting.make_claims(world)
    answer = poster.post("/remittances/key", sheet(claim, **changes))
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Remittance.objects.exists()


def test_what_is_no_picture_is_refused_as_a_scan_and_nothing_is_kept(world, poster):
    (claim,) = remitting.make_claims(world)
    evil = SimpleUploadedFile("scan.pdf", b"<script>alert(1)</script>", content_type="application/pdf")
    answer = poster.post("/remittances/key", sheet(claim, scan=evil))
    assert answer.status_code == 422 and "A scan is a PDF" in answer.content.decode()
    assert (
        not Remittance.objects.exists() and not StoredFile.objects.filter(kind__in=("eob", "scan")).exists()
    )


def test_the_same_check_keyed_twice_posts_once(world, poster, practice_a):
    (claim,) = remitting.make_claims(world)
    for _ in range(2):
        poster.post("/remittances/key", sheet(claim))
    assert sorted(Remittance.objects.values_list("state", flat=True)) == ["duplicate", "posted"]
    assert verify_ledger(practice_a.pk, remittances=posted_remittances(practice_a.pk)) == []


def test_the_sheet_takes_the_lines_of_our_claim_and_grows_and_shrinks(world, poster):
    (claim,) = remitting.make_claims(world)
    blank = {"practice": "AA", "c0-number": claim.claim_number.lower(), "c0-control": "", "c0-status": "1"}
    text = poster.post("/remittances/key/sheet", blank | {"act": "fetch-0"}).content.decode()
    assert 'value="90837"' in text and 'value="150.00"' in text and 'value="2026-10-15"' in text
    unknown = poster.post("/remittances/key/sheet", blank | {"c0-number": "ZZ", "act": "fetch-0"})
    assert "No claim of this practice has this number" in unknown.content.decode()
    grown = poster.post("/remittances/key/sheet", sheet(claim, act="line-0")).content.decode()
    assert 'name="c0-l1-code"' in grown
    assert (
        'name="c1-number"'
        in poster.post("/remittances/key/sheet", sheet(claim, act="claim")).content.decode()
    )
    assert 'name="p0-code"' in poster.post("/remittances/key/sheet", sheet(claim, act="plb")).content.decode()
    for odd in ("drop-7", "drop-x", "line", "", "fetch-99", "drop-0-9"):
        assert poster.post("/remittances/key/sheet", sheet(claim, act=odd)).status_code == 200
    gone = poster.post("/remittances/key/sheet", sheet(claim, act="drop-0")).content.decode()
    assert "c0-number" not in gone


def test_a_practice_out_of_reach_cannot_be_keyed_to(world, poster, practice_b):
    (claim,) = remitting.make_claims(world)
    answer = poster.post("/remittances/key", sheet(claim, practice="BB"))
    assert answer.status_code == 422 and "Choose the practice" in answer.content.decode()
