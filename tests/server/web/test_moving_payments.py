"""A payment that is another practice's: out of the books here, posted there, by people of both."""

from __future__ import annotations

import pytest
from tests.server.cycle import remitting
from tests.server.web.test_posting_by_hand import add, paid

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.ledger.queries import ledger_hash, verify_ledger
from cleanclaim_server.postingrules.models import Decision
from cleanclaim_server.remittances.models import InboxRemittance, Remittance
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.context import tenant_context


@pytest.fixture
def worlds(practice_a, practice_b):
    practice_b.npi = "1003000126"
    practice_b.save()
    with tenant_context(practice_a.agency_id, [practice_a.pk, practice_b.pk]):
        here = remitting.make_world(practice_a)
        here.payer.payer_id = "60055"
        here.payer.save()
        yield here, remitting.make_world(practice_b)


def poster(make_user, client_for, *practices):
    user = make_user("poster", [practices[0]])
    for practice in practices[1:]:
        Grant.objects.create(user=user, practice=practice, role="poster")
    return client_for(user)


def test_a_payment_is_moved_with_its_money_and_both_practices_know(
    worlds, make_user, client_for, practice_a, practice_b
):
    _, theirs = worlds
    both = poster(make_user, client_for, practice_a, practice_b)
    (claim,) = remitting.make_claims(theirs)
    before = ledger_hash(practice_a.pk)
    add(both, remitting.file_835(remitting.payment([paid(claim)])))  # the payee's NPI is practice AA's
    here = Remittance.objects.get()
    assert here.practice_id == practice_a.pk and here.state == "posted"
    page = both.post(
        f"/remittances/{here.pk}/move", {"practice": "BB", "reason": "Its claims are theirs"}, follow=True
    )
    assert "It belongs to Practice BB now, and is posted there" in page.content.decode()
    there = Remittance.objects.get(practice=practice_b)
    here.refresh_from_db()
    assert (here.state, there.state, there.claims.get().claim_id) == ("moved", "posted", claim.pk)
    assert ledger_hash(practice_a.pk) == before
    for practice in (practice_a, practice_b):
        assert verify_ledger(practice.pk, remittances=posted_remittances(practice.pk)) == []
    assert InboxRemittance.objects.get().practice_id == practice_b.pk
    assert StoredFile.objects.get(kind="835").practice_ids == [str(practice_b.pk)]
    seen = set(
        AuditRow.objects.filter(action__startswith="remittance.moved").values_list("action", "practice_id")
    )
    assert seen == {("remittance.moved_out", practice_a.pk), ("remittance.moved_in", practice_b.pk)}
    assert Decision.objects.get().said == "moved"
    again = both.post(f"/remittances/{here.pk}/move", {"practice": "BB", "reason": "again"}, follow=True)
    assert "cannot be moved" in again.content.decode() and Remittance.objects.count() == 2


def test_whoever_posts_in_one_of_both_moves_nothing(worlds, make_user, client_for, practice_a, practice_b):
    here, _ = worlds
    one = poster(make_user, client_for, practice_a)
    (claim,) = remitting.make_claims(here)
    add(one, remitting.file_835(remitting.payment([paid(claim)])))
    row = Remittance.objects.get()
    assert "Another practice’s" not in one.get(f"/remittances/{row.pk}").content.decode()
    assert one.post(f"/remittances/{row.pk}/move", {"practice": "BB", "reason": "x"}).status_code == 404
    row.refresh_from_db()
    assert row.state == "posted" and row.practice_id == practice_a.pk


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"practice": "BB", "reason": " "}, "how you know"),
        ({"practice": "AA", "reason": "x"}, "another practice"),
    ],
)
def test_a_move_without_reason_or_to_itself_changes_nothing(
    worlds, make_user, client_for, practice_a, practice_b, body, words
):
    here, _ = worlds
    both = poster(make_user, client_for, practice_a, practice_b)
    (claim,) = remitting.make_claims(here)
    add(both, remitting.file_835(remitting.payment([paid(claim)])))
    row = Remittance.objects.get()
    before = ledger_hash(practice_a.pk)
    assert words in both.post(f"/remittances/{row.pk}/move", body, follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == "posted" and ledger_hash(practice_a.pk) == before


def test_a_stray_that_gets_its_practice_gives_its_file_the_practice(
    worlds, make_user, client_for, practice_a, practice_b
):
    here, _ = worlds
    both = poster(make_user, client_for, practice_a, practice_b)
    (claim,) = remitting.make_claims(here)
    add(both, remitting.file_835(remitting.payment([paid(claim)], npi="1999999984")))
    file = StoredFile.objects.get(kind="835")
    assert file.practice_ids == []
    both.post(f"/remittances/inbox/{InboxRemittance.objects.get().pk}/assign", {"practice": "AA"})
    file.refresh_from_db()
    assert file.practice_ids == [str(practice_a.pk)]
