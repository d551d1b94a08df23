"""A programme bill in a browser: days recorded, billed, corrected, sent as 837I.

Skipped where Playwright or a Chromium is missing. CLEANCLAIM_CHROMIUM names another browser.
"""

from __future__ import annotations

import pytest
from pyx12_judge import pyx12_errors
from tests.server.web.test_browser_money import browser, enter, open_page, pytestmark  # noqa: F401 - fixtures

from cleanclaim_server.claims.models import Claim
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.tenancy.context import system_context

from .world import DAYS, NOW, TODAY, make_world


@pytest.fixture
def biller(transactional_db, agency, practice_a, make_user, monkeypatch):
    from cleanclaim_server.web.views import shared

    monkeypatch.setattr(shared, "today", lambda request: TODAY)
    monkeypatch.setattr(shared, "now", lambda: NOW)
    agency.is_demo = True  # a demo asks for no second factor
    agency.save()
    user = make_user("biller", [practice_a])
    with system_context(agency.pk):
        world = make_world(practice_a)
    Grant.objects.create(user=user, practice=practice_a, role="clinician", provider=world.provider)
    return user, world


def test_from_session_days_to_a_sent_837i(biller, open_page):  # noqa: F811
    user, world = biller
    episode = world.episode()
    page = open_page()
    enter(page, user)
    page.wait_for_selector(".side")
    page.goto(f"/programmes/{episode.pk}")
    for day in DAYS:
        page.fill("#f-on", day.isoformat())
        page.fill("#f-minutes", "180")
        page.check("input[name=note_signed]")
        page.click("button:has-text('Record')")
        page.wait_for_selector(f"text={day.day} {day:%b} is recorded")
    page.keyboard.press("b")
    page.wait_for_selector("text=3 days billed")
    page.wait_for_selector("text=ready to send")

    page.goto(f"/programmes/{episode.pk}")
    page.click("a:has-text('Change')")
    page.wait_for_selector("h2:has-text('Occurrence codes')")
    page.fill("#f-occurrence_code_1", "11")
    page.click("button:has-text('Keep it')")
    page.wait_for_selector("text=The code 11 needs its day.")
    page.fill("#f-occurrence_1", "2026-10-01")
    page.fill("#f-value_code_1", "80")
    page.fill("#f-value_1", "3")
    page.fill("#f-conditions", "92")
    page.click("button:has-text('Keep it')")
    page.wait_for_selector("text=says it, and is ready to send")

    page.goto("/edits?light=green")
    page.click("button:has-text('Send')")
    page.wait_for_selector("text=1 claim in 1 file")
    (data,) = world.send()
    for part in (b"005010X223A2", b"BH:11:D8:20261001", b"BE:80:::3", b"BG:92", b"13:A:2"):
        assert part in data, data
    assert data.count(b"~LX*") == 3 and pyx12_errors(data) == []
    with system_context(world.practice.agency_id):
        assert Claim.objects.get().lifecycle == "sent"
