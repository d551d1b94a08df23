"""Policies in the settings with their trial, and the pane in which a waiting part is decided."""

from __future__ import annotations

import re

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.server.cycle import remitting
from tests.server.web.test_posting_by_hand import add, paid

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.ledger.queries import verify_ledger
from cleanclaim_server.postingrules.models import Decision, HeldPart, PolicyVersion
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.work.models import WorkItem


@pytest.fixture
def world(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        yield remitting.make_world(practice_a)


@pytest.fixture
def dana(make_user, client_for, practice_a):
    """Somebody who posts and manages."""
    user = make_user("poster", [practice_a])
    for role in ("biller", "manager"):
        Grant.objects.create(user=user, practice=practice_a, role=role)
    return client_for(user)


def keep(client, practice, **says):
    """Try a policy and keep what was tried; the answer of keeping."""
    base = f"/settings/practices/{practice.pk}/posting"
    trial = client.post(f"{base}/try", says).content.decode()
    tried = re.search(r'name="tried" value="(\w+)"', trial)
    return client.post(f"{base}/add", says | {"tried": tried.group(1) if tried else ""}, follow=True), trial


def test_a_policy_is_tried_on_last_month_and_says_how_many_payments_it_would_have_held(
    world, dana, practice_a
):
    claims = remitting.make_claims(world, 3)
    denied = remitting.answer(claims[2], 0, ("CO", "197", 15_000), status="4")
    add(dana, remitting.file_835(remitting.payment([paid(claims[0])], trace="T1"), number=1), "1.835")
    add(dana, remitting.file_835(remitting.payment([paid(claims[1]), denied], trace="T2"), number=2), "2.835")
    page, trial = keep(dana, practice_a, what="safe_lines", payer="60054")
    assert "From Evergreen Health, lines that need no decision post; the others wait." in trial
    said = re.sub(r"<[^>]+>|\s+", " ", trial)
    assert re.search(r"1\s+of the last 31 days’ 2 payments would have had something waiting", said)
    version = PolicyVersion.objects.get()
    assert (version.trial["payments"], version.trial["held_payments"], version.trial["held_parts"]) == (
        2,
        1,
        1,
    )
    assert page.status_code == 200 and version.sentence in page.content.decode()
    assert AuditRow.objects.filter(action="posting_policy.saved").exists()


WRONG = [
    ({"what": "hold"}, "Name a payer, a code or a kind of answer"),
    ({"what": "hold", "code": "CO-9999"}, "in no list of reason codes"),
    ({"what": "tolerance", "tolerance": "much"}, "Type the tolerance in dollars"),
    ({"what": "tolerance", "tolerance": "0.001"}, "whole cents"),
    ({"what": "off", "payer": "nobody"}, "Choose a payer of the list"),
    ({"what": ""}, "Choose what happens"),
]


@pytest.mark.parametrize(("says", "words"), WRONG)
def test_what_cannot_be_followed_is_not_kept_and_says_why(world, dana, practice_a, says, words):
    page, trial = keep(dana, practice_a, **says)
    assert words in trial and page.status_code == 422 and words in page.content.decode()
    assert not PolicyVersion.objects.exists()


def test_a_policy_changed_after_its_trial_is_not_kept(world, dana, practice_a):
    base = f"/settings/practices/{practice_a.pk}/posting"
    trial = dana.post(f"{base}/try", {"what": "off"}).content.decode()
    tried = re.search(r'name="tried" value="(\w+)"', trial).group(1)
    answer = dana.post(f"{base}/add", {"what": "safe_lines", "tried": tried})
    assert answer.status_code == 422 and "changed since it was tried" in answer.content.decode()


def test_a_part_that_waits_is_decided_with_one_click_and_the_next_opens(world, dana, practice_a):
    keep(dana, practice_a, what="hold", code="CO-45", payer="60054", why="new contract")
    claims = remitting.make_claims(world, 2)
    page = add(dana, remitting.file_835(remitting.payment([paid(claim) for claim in claims])))
    text = page.content.decode()
    first, second = HeldPart.objects.order_by("id")
    assert (
        "2 parts for a person" in text
        and "New contract" in text
        and "90.00" in text
        and "wait in suspense" in text
    )
    assert "Nobody has decided this about" in text and 'data-key="1"' in text
    item = WorkItem.objects.get(subject_id=first.remittance_claim_id)
    opened = dana.get(f"/remittances/claims/{item.subject_id}")
    assert opened.status_code == 302 and opened["Location"].endswith("?clp=1")

    answer = dana.post(f"/remittances/parts/{first.pk}/post")
    assert answer["Location"].endswith(f"?part={second.pk}#h-decide")
    text = dana.get(answer["Location"]).content.decode()
    assert "1 time before with" in text and "1 posted as the payer said" in text and "usual" in text
    again = dana.post(f"/remittances/parts/{first.pk}/post", follow=True).content.decode()
    assert "does not wait any more" in again
    assert (
        "Write what was asked"
        in dana.post(f"/remittances/parts/{second.pk}/ask", follow=True).content.decode()
    )
    dana.post(f"/remittances/parts/{second.pk}/ask", {"note": "called, reference 4471"})
    assert "reference 4471" in dana.get(answer["Location"]).content.decode()
    dana.post(f"/remittances/parts/{second.pk}/post")
    assert not HeldPart.objects.filter(state="waiting").exists()
    assert verify_ledger(practice_a.pk, remittances=posted_remittances(practice_a.pk)) == []


def test_post_and_always_writes_the_policy_of_this_payer_and_code(world, dana, practice_a):
    keep(dana, practice_a, what="safe_lines")
    claims = remitting.make_claims(world, 2)

    def denied(claim):
        return remitting.answer(claim, 0, ("CO", "197", 15_000), status="4")

    add(dana, remitting.file_835(remitting.payment([denied(claims[0])], trace="T1"), number=1), "1.835")
    part = HeldPart.objects.get()
    assert (
        "Post, and always CO-197 from"
        in dana.get(f"/remittances/{Remittance.objects.get().pk}").content.decode()
    )
    dana.post(f"/remittances/parts/{part.pk}/always")
    assert PolicyVersion.objects.order_by("made_at").last().sentence == (
        "From Evergreen Health, lines with CO-197 post without a person."
    )
    add(dana, remitting.file_835(remitting.payment([denied(claims[1])], trace="T2"), number=2), "2.835")
    assert HeldPart.objects.count() == 1


def test_a_poster_without_the_settings_posts_but_writes_no_policy(
    world, dana, make_user, client_for, practice_a
):
    keep(dana, practice_a, what="safe_lines")
    (claim,) = remitting.make_claims(world)
    denied = remitting.answer(claim, 0, ("CO", "197", 15_000), status="4")
    add(dana, remitting.file_835(remitting.payment([denied])))
    poster, part = client_for(make_user("poster", [practice_a])), HeldPart.objects.get()
    assert "and always" not in poster.get(f"/remittances/{Remittance.objects.get().pk}").content.decode()
    answer = poster.post(f"/remittances/parts/{part.pk}/always", follow=True).content.decode()
    assert "managers and owners" in answer and PolicyVersion.objects.count() == 1
    part.refresh_from_db()
    assert part.state == "waiting"  # nothing was posted half


def test_what_was_learnt_is_shown_and_can_be_forgotten(world, dana, practice_a):
    (claim,) = remitting.make_claims(world)
    strange = remitting.answer(claim, 9000, ("CO", "45", 6000), claim_number=f"X{claim.claim_number}")
    lines = tuple(msgspec.structs.replace(line, line_control="") for line in strange.lines)
    strange = msgspec.structs.replace(strange, payer_control_number="PC9", lines=lines)
    add(dana, remitting.file_835(remitting.payment([strange])))
    row = Remittance.objects.get().claims.get()
    dana.post(f"/remittances/{row.remittance_id}/claims/{row.pk}/match", {"claim": str(claim.pk)})
    base = f"/settings/practices/{practice_a.pk}/posting"
    text = dana.get(base).content.decode()
    assert "puts X before our number" in text and "As a suggestion" in text
    body = {"payer": "1999999999", "shape": "A4 98", "effect": "cut_prefix", "text": "X"}
    assert "Forgotten" in dana.post(f"{base}/forget", body, follow=True).content.decode()
    assert "puts X before" not in dana.get(base).content.decode()
    assert "not known any more" in dana.post(f"{base}/forget", body, follow=True).content.decode()
    assert Decision.objects.filter(said="forgotten").count() == 1


def test_many_waiting_parts_cost_no_query_each(world, dana, practice_a):
    keep(dana, practice_a, what="hold", code="CO-45")
    counts = []
    for number, size in ((1, 3), (2, 12)):
        claims = remitting.make_claims(world, size)
        payment = remitting.payment([paid(claim) for claim in claims], trace=f"T{number}")
        add(dana, remitting.file_835(payment, number=number), f"{number}.835")
        one = Remittance.objects.get(trace_number=f"T{number}")
        dana.get(f"/remittances/{one.pk}")
        with CaptureQueriesContext(connection) as seen:
            assert dana.get(f"/remittances/{one.pk}").status_code == 200
        counts.append(len(seen))
    assert HeldPart.objects.filter(state="waiting").count() == 15
    assert counts[0] == counts[1] and counts[1] <= 75, counts
