"""In a browser: a part that waits is decided by keys, and a paper explanation shows its balance as it is typed."""

from __future__ import annotations

import pytest
from tests.server.conftest import PASSWORD
from tests.server.cycle import remitting
from tests.server.web.test_browser import browser, pytestmark  # noqa: F401

from cleanclaim.remittance import Automation
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.postingrules.actions import save_policy
from cleanclaim_server.postingrules.documents import PolicyDocument
from cleanclaim_server.postingrules.models import HeldPart
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.tenancy.context import system_context, tenant_context


@pytest.fixture
def page(browser, live_server, transactional_db, agency, practice_a, make_user):  # noqa: F811
    """Somebody who posts and manages, before a payment of which two parts wait; no error in the console."""
    agency.is_demo = True  # a demo asks for no second factor
    agency.save()
    user = make_user("poster", [practice_a])
    for role in ("biller", "manager"):
        Grant.objects.create(user=user, practice=practice_a, role=role)
    with tenant_context(agency.pk, [practice_a.pk]):
        world = remitting.make_world(practice_a)
        claims = remitting.make_claims(world, 3)
        document = PolicyDocument(automation=Automation.OFF)
        save_policy(document, practice_a, payer=None, trial={}, acting_user=user, now=remitting.NOW)
        answers = [remitting.answer(one, 9000, ("CO", "45", 6000)) for one in claims[:2]]
        data = remitting.file_835(remitting.payment(answers))
        receive_file(agency.pk, name="1.835", data=data, now=remitting.NOW)
    page = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(15000)
    wrong: list[str] = []
    page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: wrong.append(str(one)))
    page.goto("/")
    page.fill("input[name=email]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.claim_number = claims[2].claim_number
    yield page
    assert wrong == []


def test_two_keys_decide_two_parts(page, agency):
    with system_context(agency.pk):
        one = Remittance.objects.get()
    page.goto(f"/remittances/{one.pk}")
    for left in (1, 0):
        with page.expect_navigation():
            page.keyboard.press("1")
        with system_context(agency.pk):
            assert HeldPart.objects.filter(state="waiting").count() == left
    assert "for a person" not in page.content()


def test_the_balance_follows_the_typing_and_posts_when_it_adds_up(page, agency):
    page.goto("/remittances/key")
    page.select_option("#f-payer", "60054")
    page.fill("#f-check", "CK100")
    page.fill("#f-paid", "90.00")
    page.fill("#c0-number", page.claim_number)
    page.click("text=Take our lines")
    page.wait_for_selector("input[name=c0-l0-charge][value='150.00']")
    page.fill("input[name=c0-l0-paid]", "90.00")
    page.fill("input[name=c0-l0-copay]", "20.00")
    page.keyboard.press("Tab")
    page.wait_for_selector("text=It does not add up yet")
    page.fill("input[name=c0-l0-allowed]", "110.00")
    page.keyboard.press("Tab")
    page.wait_for_selector("text=It adds up to")
    page.click("text=Keep and post")
    page.wait_for_url("**/remittances/*-*")
    with system_context(agency.pk):
        assert Remittance.objects.filter(trace_number="CK100").count() == 1
