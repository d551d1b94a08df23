"""Remittances in the browser against the real cycle: brought in, posted, held, matched, set aside, undone."""

from __future__ import annotations

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.server.cycle import remitting

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import ledger_hash, verify_ledger
from cleanclaim_server.remittances.models import InboxRemittance, Remittance, RemittanceClaim
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.context import tenant_context


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


def add(client, data: bytes, name: str = "era.835"):
    return client.post("/remittances/add", {"file": SimpleUploadedFile(name, data)}, follow=True)


def paid(claim, cents=9000, **more):
    return remitting.answer(claim, cents, ("CO", "45", claim.total_charge_cents - cents), **more)


def test_a_balanced_835_is_kept_read_and_posted_and_comes_back_to_what_was(world, poster, practice_a):
    claims = remitting.make_claims(world, 2)
    before = ledger_hash(practice_a.pk)
    page = add(poster, remitting.file_835(remitting.payment([paid(claim) for claim in claims])))
    one = Remittance.objects.get()
    assert page.redirect_chain[-1][0] == f"/remittances/{one.pk}" and page.status_code == 200
    assert one.state == "posted" and StoredFile.objects.get(pk=one.file_id).stored_by
    text = page.content.decode()
    assert "Every line adds up" in text and "Undo the posting" in text and claims[0].claim_number in text
    assert verify_ledger(practice_a.pk, remittances=posted_remittances(practice_a.pk)) == []

    refused = poster.post(f"/remittances/{one.pk}/undo", {"reason": " "}, follow=True)
    assert "Say why the posting is undone" in refused.content.decode()
    poster.post(f"/remittances/{one.pk}/undo", {"reason": "Deposit came back"})
    one.refresh_from_db()
    assert one.state == "undone" and ledger_hash(practice_a.pk) == before
    count = Entry.objects.count()
    again = poster.post(f"/remittances/{one.pk}/undo", {"reason": "twice"}, follow=True)
    assert "Nothing was changed" in again.content.decode() and Entry.objects.count() == count
    poster.post(f"/remittances/{one.pk}/post")
    one.refresh_from_db()
    assert (one.state, one.posting_number) == ("posted", 2)
    assert verify_ledger(practice_a.pk, remittances=posted_remittances(practice_a.pk)) == []


def test_an_unbalanced_835_is_held_with_its_exact_difference_and_does_not_post(world, poster):
    (claim,) = remitting.make_claims(world)
    page = add(poster, remitting.file_835(remitting.payment([paid(claim)], paid=9512)))
    one = Remittance.objects.get()
    assert one.state == "held"
    assert "off by $5.12" in page.content.decode()
    before = Entry.objects.count()
    answer = poster.post(f"/remittances/{one.pk}/post", follow=True)
    assert "Nothing was posted" in answer.content.decode() and Entry.objects.count() == before


def test_a_payment_that_matches_nothing_is_suggested_its_claim_and_matched_by_hand(world, poster, practice_a):
    (claim,) = remitting.make_claims(world)
    strange = paid(claim)
    lines = tuple(msgspec.structs.replace(line, line_control="") for line in strange.lines)
    strange = msgspec.structs.replace(strange, claim_number="ZZ99", payer_control_number="PC9", lines=lines)
    page = add(poster, remitting.file_835(remitting.payment([strange])))
    row = RemittanceClaim.objects.get()
    text = page.content.decode()
    assert row.claim_id is None and "Which claim is ZZ99?" in text and claim.claim_number in text
    answer = poster.post(
        f"/remittances/{row.remittance_id}/claims/{row.pk}/match", {"claim": str(claim.pk)}, follow=True
    )
    row.refresh_from_db()
    assert row.claim_id == claim.pk and f"Matched to {claim.claim_number}" in answer.content.decode()
    assert AuditRow.objects.filter(action="remittance.match", subject_id=str(row.pk)).exists()
    assert verify_ledger(practice_a.pk) == []
    again = poster.post(
        f"/remittances/{row.remittance_id}/claims/{row.pk}/match", {"claim": str(claim.pk)}, follow=True
    )
    assert "Nothing was changed" in again.content.decode()


def test_a_payment_that_is_not_ours_is_set_aside_with_a_reason(world, poster):
    (claim,) = remitting.make_claims(world)
    strange = msgspec.structs.replace(paid(claim), claim_number="ZZ99", payer_control_number="PC9", lines=())
    add(poster, remitting.file_835(remitting.payment([strange])))
    row = RemittanceClaim.objects.get()
    target = f"/remittances/{row.remittance_id}/claims/{row.pk}/not-ours"
    assert "Say how you know" in poster.post(target, {"reason": ""}, follow=True).content.decode()
    poster.post(target, {"reason": "Payer confirmed by phone"})
    row.refresh_from_db()
    assert row.next_action == "NOT_OURS"
    assert AuditRow.objects.filter(action="remittance.not_ours", subject_id=str(row.pk)).exists()


def test_a_payee_of_nobody_waits_for_its_practice_and_posts_there(world, poster, practice_a):
    (claim,) = remitting.make_claims(world)
    page = add(poster, remitting.file_835(remitting.payment([paid(claim)], npi="1003000126")))
    stray = InboxRemittance.objects.get()
    assert page.redirect_chain[-1][0] == f"/remittances/inbox/{stray.pk}"
    assert "No practice of yours bills" in page.content.decode()
    poster.post(f"/remittances/inbox/{stray.pk}/assign", {"practice": practice_a.code})
    assert Remittance.objects.get().state == "posted"
    assert AuditRow.objects.filter(action="remittance.assign").exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "This file is empty"),
        (b"%PDF-1.7 a letter", "looks like a PDF document"),
        (b"name,amount\nA,1\n", "looks like a CSV table"),
        (b"<html></html>", "looks like XML or HTML"),
        (bytes(range(256)) * 4, "looks like binary data"),
    ],
)
def test_what_is_no_x12_says_what_it_is(data, words, poster):
    assert words in add(poster, data, "letter.pdf").content.decode()
    assert StoredFile.objects.count() == (1 if data else 0)


def test_too_large_a_file_is_refused_before_it_is_kept(poster, monkeypatch):
    from cleanclaim_server.web.views import receiving

    monkeypatch.setattr(receiving, "LARGEST", 100)
    assert "Nothing was taken" in add(poster, b"x" * 101).content.decode()
    assert not StoredFile.objects.exists()


def test_the_same_bytes_twice_do_nothing_twice(world, poster):
    data = remitting.file_835(remitting.payment([paid(remitting.make_claims(world)[0])]))
    add(poster, data)
    entries = Entry.objects.count()
    assert "received before" in add(poster, data).content.decode()
    assert Entry.objects.count() == entries


def test_payments_of_practices_out_of_reach_are_kept_and_not_read(world, poster, agency, make_practice):
    make_practice(agency, "BB", npi="1003000126")
    data = remitting.file_835(remitting.payment([paid(remitting.make_claims(world)[0])], npi="1003000126"))
    page = add(poster, data)
    assert "Kept, not read" in page.content.decode()
    assert StoredFile.objects.get().state == "stored" and not Remittance.objects.exists()


def test_every_public_sample_opens_without_an_error(world, poster, samples_dir):
    for path in sorted((samples_dir / "835").iterdir()):
        page = add(poster, path.read_bytes(), path.name)
        assert page.status_code == 200, path.name
    for stray in InboxRemittance.objects.filter(state="unassigned"):
        assert poster.get(f"/remittances/inbox/{stray.pk}").status_code == 200
    for file in StoredFile.objects.filter(direction="in"):
        assert poster.get(f"/files/{file.pk}").status_code == 200
    for one in Remittance.objects.all():
        assert poster.get(f"/remittances/{one.pk}").status_code == 200


def test_the_page_asks_as_little_of_many_claims_as_of_few(world, poster, django_assert_max_num_queries):
    claims = remitting.make_claims(world, 43)
    add(
        poster,
        remitting.file_835(remitting.payment([paid(claim) for claim in claims[:3]], trace="A"), number=1),
        "a",
    )
    add(
        poster,
        remitting.file_835(remitting.payment([paid(claim) for claim in claims[3:]], trace="B"), number=2),
        "b",
    )
    for one in Remittance.objects.all():
        with django_assert_max_num_queries(62):
            assert poster.get(f"/remittances/{one.pk}").status_code == 200
    with django_assert_max_num_queries(34):
        assert poster.get("/remittances?view=all").status_code == 200
