"""The pages of credits: lists in few queries, a refund by two people, a credit moved, what is known."""

from __future__ import annotations

import pytest
from tests.server.credits.world import answer, open_world, paid_twice, pay, post, settled

from cleanclaim_server.credits.models import CreditDecision, Refund
from cleanclaim_server.ledger.queries import claim_balances, ledger_hash, verify_ledger
from cleanclaim_server.tenancy.context import tenant_context


@pytest.fixture
def world(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        yield open_world(practice_a)


@pytest.fixture
def poster(make_user, client_for, practice_a):
    return client_for(make_user("poster", [practice_a], display_name="Pat Poster"))


@pytest.fixture
def manager(make_user, client_for, practice_a):
    return client_for(make_user("manager", [practice_a], display_name="Mo Manager"))


def text(answer_) -> str:
    return " ".join(answer_.content.decode().split())


def ask(client, claim, amount="150.00", key="k1", payee="payer"):
    body = {"amount": amount, "payee": payee, "reason": "Paid twice by mistake", "request_key": key}
    return client.post(f"/credits/{claim.pk}/refund", body)


def test_the_list_says_why_and_until_when_and_names_nobody(world, poster):
    claim = paid_twice(world)
    claim.payer.kind, claim.payer.claim_filing_code = "medicare", "MB"
    claim.payer.save()
    page = text(poster.get("/credits"))
    assert "Paid twice" in page and claim.claim_number in page and "150.00" in page
    assert "T.F." in page and "FALL" not in page and "Not decided" in page
    one = text(poster.get(f"/credits/{claim.pk}"))
    assert "42 CFR 401.305" in one and "Ask for the refund" in one and 'value="150.00"' in one


def test_a_refund_is_asked_for_by_one_and_approved_by_another(world, poster, manager, practice_a):
    claim = paid_twice(world)
    asked = ask(poster, claim)
    refund = Refund.objects.get()
    assert (asked.status_code, asked.url) == (302, f"/refunds/{refund.pk}")
    assert ask(poster, claim).status_code == 302 and Refund.objects.count() == 1
    credit = text(poster.get(f"/credits/{claim.pk}"))
    assert "nothing more can be asked for" in credit and "Ask for the refund" not in credit
    page = text(poster.get(asked.url))
    assert "You asked for it: another person approves it." in page and "Approve and book" not in page
    assert poster.post(f"{asked.url}/approve", {"method": "check"}).status_code == 403
    assert "Refund asked" in text(manager.get("/credits"))
    assert "Approve and book" in text(manager.get(asked.url))
    assert manager.post(f"{asked.url}/approve", {"method": "gold"}).status_code == 422
    assert manager.post(f"{asked.url}/approve", {"method": "check", "reference": "1001"}).status_code == 302
    assert claim_balances(practice_a.pk, [claim.pk])[claim.pk]["insurance_receivable"] == 0
    assert "No payer is owed anything" in text(manager.get("/credits"))
    page = text(manager.get("/credits?view=refunds"))
    assert "Refund 1" in page and "Sent" in page and "Pat Poster" in page and "Mo Manager" in page
    assert manager.post(f"{asked.url}/void", {"reason": "Never cashed"}).status_code == 302
    assert claim_balances(practice_a.pk, [claim.pk])[claim.pk]["insurance_receivable"] == -15000
    assert verify_ledger(practice_a.pk) == []


def test_one_person_with_both_roles_does_not_approve_alone(world, make_user, client_for, practice_a):
    from cleanclaim_server.identity.models import Grant

    both = make_user("poster", [practice_a])
    Grant.objects.create(user=both, practice=practice_a, role="manager")
    client, claim = client_for(both), paid_twice(world)
    ask(client, claim)
    refund, before = Refund.objects.get(), ledger_hash(practice_a.pk)
    answer_ = client.post(f"/refunds/{refund.pk}/approve", {"method": "check"})
    assert answer_.status_code == 422 and "Another person approves what you asked for." in text(answer_)
    assert ledger_hash(practice_a.pk) == before
    assert client.post(f"/refunds/{refund.pk}/withdraw").status_code == 302
    assert Refund.objects.get().state == "declined"


@pytest.mark.parametrize(
    ("amount", "says"), [("150.01", "150.01 are asked for and 150.00 are there"), ("a lot", "Type an amount")]
)
def test_what_is_refused_is_said_beside_the_field(world, poster, amount, says):
    answer_ = ask(poster, paid_twice(world), amount)
    assert answer_.status_code == 422 and says in text(answer_)
    assert Refund.objects.count() == 0


def test_what_is_known_moves_the_clock(world, poster):
    claim = paid_twice(world)
    body = {"kind": "offset", "on": "2026-11-20", "reason": "Their letter says so"}
    assert poster.post(f"/credits/{claim.pk}/decide", body).status_code == 302
    assert CreditDecision.objects.get().kind == "offset"
    assert "Payer takes it back" in text(poster.get("/credits"))
    assert poster.post(f"/credits/{claim.pk}/decide", body | {"on": "soon"}).status_code == 422
    assert poster.post(f"/credits/{claim.pk}/decide", body | {"reason": ""}).status_code == 422


def test_a_patients_credit_moves_or_goes_back(world, poster, practice_a):
    claim, other = settled(world, world.claims[0]), settled(world, world.claims[1], share=500, trace="O")
    pay(world, 2000, "share", {claim: 2000})
    back = answer(claim, 11000, ("CO", "45", 2000), ("PR", "2", 2000), status="22", sign=-1)
    post(world, back, answer(claim, 12500, ("CO", "45", 2000), ("PR", "2", 500)), trace="CORRECTED")
    page = text(poster.get("/credits?view=patients"))
    assert "The share was lowered after the patient paid" in page and "15.00" in page
    assert "Move it to the oldest" in text(poster.get(f"/credits/{claim.pk}"))
    assert poster.post(f"/credits/{claim.pk}/move", {"request_key": "m1"}).status_code == 302
    found = claim_balances(practice_a.pk, [claim.pk, other.pk])
    assert (found[claim.pk]["patient_receivable"], found[other.pk]["patient_receivable"]) == (-1000, 0)
    pay(world, 700, "ahead")
    assert "7.00" in text(poster.get("/credits?view=unapplied"))
    body = {"amount": "7.00", "reason": "Moved away", "request_key": "b1"}
    answer_ = poster.post(f"/balances/{world.patient.pk}/refund", body)
    assert answer_.url == f"/refunds/{Refund.objects.get().pk}"
    assert (
        poster.post(f"/balances/{world.patient.pk}/refund", body | {"request_key": "b2"}).url
        == f"/balances/{world.patient.pk}"
    )
    assert Refund.objects.count() == 1


def test_lists_cost_the_same_for_any_number_of_credits(world, poster, django_assert_max_num_queries):
    from tests.server.cycle.remitting import make_claims

    world.claims += make_claims(world, 6)
    for claim in world.claims:
        paid_twice(world, claim)
    with django_assert_max_num_queries(45):
        assert poster.get("/credits").content.count(b"data-href") == 9


def test_lists_go_on_after_the_first_page(world, poster, monkeypatch):
    from tests.server.cycle.remitting import make_claims

    from cleanclaim_server.web.views import shared

    monkeypatch.setattr(shared, "PAGE_SIZE", 2)
    world.claims += make_claims(world, 2)
    for claim in world.claims:
        paid_twice(world, claim)
    seen: list[str] = []
    url = "/credits"
    for first, last in ((1, 2), (3, 4), (5, 5)):
        page = poster.get(url)
        assert (page.context["page"]["first"], page.context["page"]["last"]) == (first, last)
        seen += [row["claim_number"] for row in page.context["rows"]]
        url = page.context["page"]["next_url"]
    assert not url and sorted(seen) == sorted(claim.claim_number for claim in world.claims)
    assert poster.get("/credits?at=99").context["page"]["first"] == 1
    for tab in poster.get("/credits?at=2").context["tabs"]:
        assert "at=" not in tab["url"]


def test_empty_lists_say_so(world, poster):
    for view in ("", "patients", "unapplied", "refunds"):
        assert 'class="empty"' in text(poster.get(f"/credits?view={view}"))
