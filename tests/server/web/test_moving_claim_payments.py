"""One claim payment that is another practice's: its money between both books, its claim posted there, and back."""

from __future__ import annotations

import msgspec
import pytest
from tests.server.cycle import remitting
from tests.server.web.test_moving_payments import poster, worlds  # noqa: F401 - fixture
from tests.server.web.test_posting_by_hand import add, paid

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.bank.queries import open_payments
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import ledger_hash, trial_balance, verify_ledger
from cleanclaim_server.remittances.models import ClaimTransfer, Remittance, RemittanceClaim
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.reporting.promises import check_promises
from cleanclaim_server.work.models import WorkItem


@pytest.fixture
def moved(worlds, make_user, client_for, practice_a, practice_b):  # noqa: F811
    """A deposit of practice AA with a claim of its own (100.00) and one of practice BB (90.00), not matched yet."""
    ours, theirs = worlds
    both = poster(make_user, client_for, practice_a, practice_b)
    (mine,) = remitting.make_claims(ours)
    (claim,) = remitting.make_claims(theirs)
    add(both, remitting.file_835(remitting.payment([paid(mine, 10000), paid(claim, 9000)])))
    here = Remittance.objects.get()
    row = RemittanceClaim.objects.get(claim=None)
    assert (here.practice_id, here.state, row.paid_cents) == (practice_a.pk, "posted", 9000)
    return both, here, row, claim


def move(client, row, practice="BB", reason="The patient is theirs"):
    body = {"practice": practice, "reason": reason}
    page = client.post(f"/remittances/{row.remittance_id}/claims/{row.pk}/move", body, follow=True)
    return page.content.decode()


def back(client, one, reason="Ours after all"):
    transfer = ClaimTransfer.objects.filter(remittance=one).latest("made_at")
    page = client.post(
        f"/remittances/{one.pk}/transfers/{transfer.transfer_id}/back", {"reason": reason}, follow=True
    )
    return page.content.decode()


def promises_hold(agency):
    """All thirteen; the claims here are made without charges of their own, which L4 compares."""
    found = [finding.code for one in check_promises(agency.pk) for finding in one.breaches]
    return [code for code in found if code != "ledger.l4_charge_differs"] == []


def test_its_money_stands_between_both_books_and_its_claim_is_paid_there(moved, practice_a, practice_b):
    both, _, row, claim = moved
    text = move(both, row)
    assert "$90.00 are Practice BB’s now, on its claim" in text
    there = Remittance.objects.get(practice=practice_b)
    row.refresh_from_db()
    assert (there.state, there.part, there.paid_cents, there.claims.get().claim_id) == (
        "posted",
        2,
        9000,
        claim.pk,
    )
    assert trial_balance(practice_a.pk) | {"patient_service_revenue": 0, "contractual_adjustments": 0} == {
        "deposit_clearing": 19000, "inter_practice": -9000, "patient_service_revenue": 0, "contractual_adjustments": 0,
    }  # fmt: skip
    assert trial_balance(practice_b.pk) == {
        "inter_practice": 9000, "contractual_adjustments": 6000, "patient_service_revenue": -15000,
    }  # fmt: skip
    for practice in (practice_a, practice_b):
        assert verify_ledger(practice.pk, remittances=posted_remittances(practice.pk)) == []
    assert promises_hold(practice_a.agency)
    seen = set(AuditRow.objects.filter(action__contains="claim_moved").values_list("action", "practice_id"))
    assert seen == {
        ("remittance.claim_moved_out", practice_a.pk),
        ("remittance.claim_moved_in", practice_b.pk),
    }
    assert StoredFile.objects.get(kind="835").practice_ids == sorted([str(practice_a.pk), str(practice_b.pk)])
    assert not WorkItem.objects.filter(queue="unmatched", is_open=True).exists()
    assert row.next_action == "MOVED_OUT"


def test_the_bank_awaits_the_deposit_once(moved, practice_a, practice_b):
    both, here, row, _ = moved
    move(both, row)
    assert [one.pk for one in open_payments([practice_a.pk, practice_b.pk])] == [here.pk]


def test_both_pages_show_it_and_the_proof_names_the_account_between(moved, practice_b):
    both, here, row, _ = moved
    assert "Another practice’s" in both.get(f"/remittances/{here.pk}?clp=2").content.decode()
    move(both, row)
    text = both.get(f"/remittances/{here.pk}?clp=2").content.decode()
    assert (
        "1 claim of other practices" in text
        and "The patient is theirs" in text
        and "Between practices" in text
    )
    assert "Take it back" in text and "without a match" not in text and "Which claim is" not in text
    there = Remittance.objects.get(practice=practice_b)
    text = both.get(f"/remittances/{there.pk}").content.decode()
    assert "One claim payment of Practice AA’s" in text and "$190.00" in text and "Between practices" in text
    assert "in the other practice’s deposit" in text and "Owed by the other practice" in text


def test_people_of_the_other_practice_see_the_one_claim_and_no_other(
    moved, make_user, client_for, practice_b
):
    both, here, row, claim = moved
    mine = RemittanceClaim.objects.exclude(claim=None).get()
    move(both, row)
    there = Remittance.objects.get(practice=practice_b)
    theirs = client_for(make_user("poster", [practice_b]))
    for address in (f"/remittances/{there.pk}", f"/remittances/{there.pk}/raw?from=0&to=0"):
        text = theirs.get(address).content.decode()
        assert claim.claim_number in text and mine.claim_number not in text, address
    text = theirs.get(f"/remittances/{there.pk}").content.decode()
    assert "Take it back" not in text and f"/files/{there.file_id}" not in text and str(here.pk) not in text
    assert theirs.get(f"/remittances/{here.pk}").status_code == 404
    transfer = ClaimTransfer.objects.filter(remittance=there).get()
    before = Entry.objects.count()
    answer = theirs.post(f"/remittances/{there.pk}/transfers/{transfer.transfer_id}/back", {"reason": "x"})
    assert answer.status_code == 404 and Entry.objects.count() == before


def test_taken_back_both_books_are_byte_equal_and_it_can_be_moved_again(moved, practice_a, practice_b):
    both, here, row, _ = moved
    before = [ledger_hash(one.pk) for one in (practice_a, practice_b)]
    for times in (1, 2):
        move(both, row)
        there = Remittance.objects.get(practice=practice_b, state="posted")
        assert [ledger_hash(one.pk) for one in (practice_a, practice_b)] != before
        assert "Say why it is taken back" in back(both, there, " ")
        assert "The books of both practices are as before" in back(both, there if times == 1 else here)
        assert [ledger_hash(one.pk) for one in (practice_a, practice_b)] == before
        assert "not given away any more" in back(both, there)
        row.refresh_from_db()
        assert row.next_action == "MANUAL_MATCH"
        assert WorkItem.objects.filter(queue="unmatched", subject_id=row.pk, is_open=True).count() == 1
        assert promises_hold(practice_a.agency)
    assert StoredFile.objects.get(kind="835").practice_ids == [str(practice_a.pk)]
    assert Remittance.objects.filter(practice=practice_b, state="moved").count() == 2
    assert (
        AuditRow.objects.filter(
            action__in=["remittance.claim_taken_back", "remittance.claim_given_back"]
        ).count()
        == 4
    )


def test_a_posting_undone_there_leaves_the_money_there_and_posts_again(moved, practice_a, practice_b):
    both, _, row, _ = moved
    move(both, row)
    there = Remittance.objects.get(practice=practice_b)
    full = ledger_hash(practice_b.pk)
    both.post(f"/remittances/{there.pk}/undo", {"reason": "Wrong claim"})
    assert trial_balance(practice_b.pk)["unapplied_insurance"] == -9000 and promises_hold(practice_a.agency)
    both.post(f"/remittances/{there.pk}/post")
    assert ledger_hash(practice_b.pk) == full and promises_hold(practice_a.agency)


def test_the_payment_is_not_undone_or_moved_while_a_claim_of_it_is_elsewhere(moved, practice_a, practice_b):
    both, here, row, _ = moved
    move(both, row)
    there = Remittance.objects.get(practice=practice_b)
    count = Entry.objects.count()
    assert (
        "take that back first"
        in both.post(f"/remittances/{here.pk}/undo", {"reason": "x"}, follow=True).content.decode()
    )
    body = {"practice": "BB", "reason": "x"}
    assert (
        "take that back first"
        in both.post(f"/remittances/{here.pk}/move", body, follow=True).content.decode()
    )
    body = {"practice": "AA", "reason": "x"}
    assert "cannot be moved" in both.post(f"/remittances/{there.pk}/move", body, follow=True).content.decode()
    assert "given to another practice" in move(both, row) and Entry.objects.count() == count


def test_a_claim_payment_that_matches_nothing_there_waits_there_and_is_matched_by_hand(
    moved, practice_a, practice_b
):
    both, here, row, claim = moved
    before = ledger_hash(practice_b.pk)
    transfer_of = RemittanceClaim.objects.filter(claim=claim)
    claim.claim_number = "BBX1"
    claim.save(update_fields=["claim_number"])
    claim.lines.update(control_number="BBX1L1")
    assert "in suspense until somebody finds its claim" in move(both, row)
    there = Remittance.objects.get(practice=practice_b)
    assert trial_balance(practice_b.pk)["unapplied_insurance"] == -9000 and not transfer_of.exists()
    answer = there.claims.get()
    body = {"claim": str(claim.pk)}
    text = both.post(f"/remittances/{there.pk}/claims/{answer.pk}/match", body, follow=True).content.decode()
    assert "Matched to BBX1" in text and "unapplied_insurance" not in trial_balance(practice_b.pk)
    assert promises_hold(practice_a.agency)
    back(both, here)
    assert ledger_hash(practice_b.pk) == before and promises_hold(practice_a.agency)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"reason": " "}, "Say how you know"),
        ({"practice": "AA"}, "Choose another practice"),
    ],
)
def test_without_reason_or_to_itself_nothing_moves(moved, body, words, practice_a):
    both, _, row, _ = moved
    before = Entry.objects.count()
    assert words in move(both, row, **body)
    assert Entry.objects.count() == before and not ClaimTransfer.objects.exists()


def test_a_claim_of_this_practice_and_a_payment_not_posted_do_not_move(moved):
    both, here, row, _ = moved
    matched = RemittanceClaim.objects.exclude(claim=None).get()
    assert "has a claim of this practice" in move(both, matched)
    both.post(f"/remittances/{here.pk}/undo", {"reason": "x"})
    assert "Post the payment first" in move(both, row) and not ClaimTransfer.objects.exists()


def test_whoever_posts_in_one_of_both_moves_nothing(moved, make_user, client_for, practice_a):
    _, here, row, _ = moved
    one = client_for(make_user("poster", [practice_a]))
    assert "Another practice’s" not in one.get(f"/remittances/{here.pk}?clp=2").content.decode()
    answer = one.post(f"/remittances/{here.pk}/claims/{row.pk}/move", {"practice": "BB", "reason": "x"})
    assert answer.status_code == 404 and not ClaimTransfer.objects.exists()


def test_two_equal_claim_payments_of_one_deposit_both_move(
    worlds,  # noqa: F811
    make_user,
    client_for,
    practice_a,
    practice_b,
):
    _, theirs = worlds
    both = poster(make_user, client_for, practice_a, practice_b)
    claims = remitting.make_claims(theirs, 2)
    take_back = msgspec.structs.replace(paid(claims[0], 9000), payer_control_number="P1")
    add(both, remitting.file_835(remitting.payment([take_back, paid(claims[1], 9000)])))
    for row in RemittanceClaim.objects.filter(practice=practice_a).order_by("number"):
        assert "on its claim" in move(both, row)
    parts = Remittance.objects.filter(practice=practice_b, state="posted").order_by("part")
    assert [(one.part, one.paid_cents) for one in parts] == [(1, 9000), (2, 9000)]
    assert trial_balance(practice_b.pk)["inter_practice"] == 18000 and promises_hold(practice_a.agency)
