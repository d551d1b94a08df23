"""The main walks in a browser: sign in and act on an item; a session to a sent claim; a CSV with a faulty row.

Skipped where Playwright or a Chromium is missing. CLEANCLAIM_CHROMIUM names another browser.
"""

from __future__ import annotations

import os
import re
import shutil

import pytest
from tests.server.conftest import PASSWORD
from tests.server.web.desk import SERVED, make_desk

from cleanclaim_server.claims.models import Batch, Claim
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.work.models import WorkItem

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = (
    os.environ.get("CLEANCLAIM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def browser():
    # Playwright runs a loop in this thread; the reads of the database around it are ordinary ones.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_api.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    if before is None:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def desk(transactional_db, agency, practice_a, make_user, tmp_path):
    agency.is_demo = True  # a demo asks for no second factor
    agency.save()
    user = make_user()
    found = make_desk(practice_a, tmp_path, user)
    found.user = user
    return found


@pytest.fixture
def page(browser, live_server, desk):
    """Signed in, on Today; at the end no error was in the console and nothing broke the content policy."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(8000)
    wrong: list[str] = []
    page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: wrong.append(str(one)))
    page.goto("/")
    page.fill("input[name=email]", desk.user.email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1")
    yield page
    context.close()
    assert wrong == []


def test_take_the_first_item_and_act_with_keys(page, desk):
    claim = desk.claim()
    page.goto("/")
    assert page.locator(".items li").count() == 1
    page.keyboard.press("n")
    page.wait_for_url(f"**/claims/{claim.pk}")
    with system_context(desk.practice.agency_id):
        assert WorkItem.objects.get(claim_id=claim.pk, is_open=True).assigned_to == desk.user.pk
    page.keyboard.press("1")  # the likeliest next step: send it
    page.wait_for_selector("[data-toast]")
    assert "1 claim in 1 file" in page.inner_text("[data-toast]")
    with system_context(desk.practice.agency_id):
        assert Batch.objects.count() == 1


def test_a_session_becomes_a_claim_that_is_sent(page, desk):
    page.goto("/sessions/new")
    page.select_option("#f-patient", str(desk.patient.pk))
    page.select_option("#f-provider", str(desk.provider.pk))
    page.fill("#f-date_of_service", SERVED.isoformat())
    page.fill("#f-starts_at", "14:00")
    page.fill("#f-stops_at", "14:52")
    page.wait_for_selector("#preview .code-main:has-text('90834')")
    page.fill("#f-stops_at", "14:53")  # one more minute changes the answer
    page.wait_for_selector("#preview .code-main:has-text('90837')")
    page.fill("#f-diagnoses", "F41.1")
    page.check("input[name=note_signed]")
    page.wait_for_timeout(500)
    page.click("button[value=build]")
    page.wait_for_url(re.compile(r"/sessions/[0-9a-f-]{36}$"))
    assert "is ready to send" in page.inner_text("[data-toast]")
    page.click("table a.code")
    page.wait_for_url(re.compile(r"/claims/[0-9a-f-]{36}$"))
    page.goto("/claims")
    page.click("text=Send 1 claim")
    page.wait_for_url("**/batches")
    with system_context(desk.practice.agency_id):
        assert Claim.objects.get().lifecycle in ("queued", "sent")


def test_a_csv_with_a_faulty_row(page, desk):
    rows = (
        "session_id,patient,provider,dos,service,setting,minutes,diagnoses\n"
        f"A1,C100,{desk.provider.npi},{SERVED},individual psychotherapy,office,45,F41.1\n"
        f"A2,NOBODY,{desk.provider.npi},{SERVED},individual psychotherapy,office,45,F41.1\n"
    )
    page.goto("/sessions/import")
    page.set_input_files("#f-file", {"name": "s.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.click("text=Read the file")
    page.wait_for_url(re.compile(r"/sessions/import/[0-9a-f-]{36}$"))
    assert page.inner_text("h1") == "1 session taken, 1 row with a fault"
    assert "No patient of this practice has this chart number." in page.inner_text("table")


def test_a_phone_scrolls_in_one_direction(page, desk):
    claim = desk.claim()
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", "/work", "/claims", f"/claims/{claim.pk}", "/patients", "/sessions/new", "/month"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
