"""The walks of a poster and of a first administrator in a browser: sign in by two steps, bring in and undo a
payment, take a patient's money, set a practice up.

Skipped where Playwright or a Chromium is missing. CLEANCLAIM_CHROMIUM names another browser.
"""

from __future__ import annotations

import os
import shutil
import time

import pyotp
import pytest
from tests.server.conftest import PASSWORD
from tests.server.cycle import remitting

from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.identity.models import Grant, SecondFactor
from cleanclaim_server.practice.models import License, Practice, Provider
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.statements.models import PatientPayment
from cleanclaim_server.tenancy.context import system_context

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = (
    os.environ.get("CLEANCLAIM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def browser(monkeypatch):
    # Playwright runs a loop in this thread; the reads of the database around it are ordinary ones.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_api.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, live_server):
    """`open_page()`: a page of a fresh browser; at the end nothing broke the content policy."""
    wrong: list[str] = []

    def make():
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda one: wrong.append(str(one)))
        page.on("console", lambda one: wrong.append(one.text) if "Content Security" in one.text else None)
        return page

    yield make
    assert wrong == []


def enter(page, user) -> None:
    page.goto("/sign-in")
    page.fill("#email", user.email)
    page.fill("#password", PASSWORD)
    page.click("text=Continue")


def test_sign_in_with_a_phone_from_enrolment_to_the_next_day(
    transactional_db, practice_a, make_user, open_page
):
    user = make_user("poster", [practice_a])
    page = open_page()
    enter(page, user)
    secret = page.inner_text("figcaption .mono").strip()
    page.fill("#code", pyotp.TOTP(secret).at(int(time.time()) - 30))
    page.click("text=Confirm")
    page.wait_for_selector(".codes-list")
    assert page.locator(".codes-list li").count() == 10
    page.click("text=I have kept them")
    page.wait_for_selector("h1")
    assert SecondFactor.objects.get(user=user).confirmed_at

    later = open_page()
    enter(later, user)
    later.fill("#code", "000000")
    later.click("text=Sign in")
    later.wait_for_selector("[role=alert]")
    later.fill("#code", pyotp.TOTP(secret).at(int(time.time())))
    later.click("text=Sign in")
    later.wait_for_selector(".side")


@pytest.fixture
def poster(agency, practice_a, make_user):
    agency.is_demo = True  # a demo asks for no second factor
    agency.save()
    user = make_user("poster", [practice_a])
    Grant.objects.create(user=user, practice=practice_a, role="biller")
    return user


def test_a_payment_is_brought_in_held_posted_and_taken_back(transactional_db, practice_a, poster, open_page):
    with system_context(practice_a.agency_id):
        world = remitting.make_world(practice_a)
        claims = remitting.make_claims(world, 2)
        good = [remitting.answer(claim, 9000, ("CO", "45", 6000)) for claim in claims]
    page = open_page()
    enter(page, poster)
    page.wait_for_selector(".side")

    def add(name: str, data: bytes) -> None:
        page.goto("/remittances")
        page.click("text=Add a file")
        page.set_input_files("#up-file", {"name": name, "mimeType": "text/plain", "buffer": data})
        page.click("text=Read the file")

    add("bad.835", remitting.file_835(remitting.payment(good[:1], trace="BAD", paid=9100), number=1))
    page.wait_for_selector("text=off by $1.00")
    add("good.835", remitting.file_835(remitting.payment(good, trace="GOOD"), number=2))
    page.wait_for_selector("text=Every line adds up")
    page.click("text=Undo the posting")
    page.fill("#undo-reason", "Deposit came back")
    page.click("#undo button[type=submit]")
    page.wait_for_selector("text=Posting undone")
    page.click("text=Post this remittance")
    page.click("#post button[type=submit]")
    page.wait_for_selector("text=Undo the posting")
    assert Remittance.objects.get(trace_number="GOOD").posting_number == 2
    assert Remittance.objects.get(trace_number="BAD").state == "held"


def test_a_patient_pays_at_the_desk(transactional_db, practice_a, poster, open_page):
    from cleanclaim_server.cycle.receiving import receive_file

    with system_context(practice_a.agency_id):
        world = remitting.make_world(practice_a)
        answers = [
            remitting.answer(claim, 8000, ("CO", "45", 4500), ("PR", "3", 2500))
            for claim in remitting.make_claims(world, 2)
        ]
        data = remitting.file_835(remitting.payment(answers))
        receive_file(practice_a.agency_id, name="a.835", data=data, now=remitting.NOW)
    page = open_page()
    enter(page, poster)
    page.wait_for_selector(".side")
    page.goto("/balances")
    page.click("a[data-open]")
    page.fill("#pay-amount", "30.00")
    page.click("text=Record the payment")
    page.wait_for_selector(".toast")
    page.click("#h-paid >> xpath=../.. >> a.strong-link")
    page.wait_for_selector(".receipt")
    assert "$30" in page.inner_text(".receipt")
    payment = PatientPayment.objects.get()
    assert [part["amount_cents"] for part in payment.allocations] == [2500, 500]


def test_a_practice_is_set_up_after_the_installation(transactional_db, agency, make_user, open_page):
    agency.is_demo = True
    agency.save()
    page = open_page()
    enter(page, make_user(is_user_admin=True))
    page.wait_for_selector(".side, .bare-card")
    page.goto("/settings/practices/new")
    for name, value in {
        "code": "hl", "name": "Harbor Lane Counseling", "npi": "1234567890", "taxonomy": "261QM0850X", "tax_id": "12-3456789",
        "address_line1": "1 Example St", "city": "Albany", "postal_code": "12207-0001",
    }.items():  # fmt: skip
        page.fill(f"#f-{name}", value)
    page.select_option("#f-state", "NY")
    page.click("text=Set up the practice")
    page.wait_for_selector("text=The check digit is wrong: 1234567893 would pass.")
    page.fill("#f-npi", "1234567893")
    page.click("text=Set up the practice")
    page.wait_for_selector("text=Add a clinician")
    practice = Practice.objects.get()
    assert (practice.code, practice.npi, practice.tax_id) == ("HL", "1234567893", "123456789")

    page.click("text=Add a clinician")
    for name, value in {
        "first_name": "Ada",
        "last_name": "Birch",
        "npi": "1003000126",
        "taxonomy": "1041C0700X",
    }.items():
        page.fill(f"#f-{name}", value)
    page.select_option("#f-credential", "LCSW")
    page.click("text=Keep the clinician")
    page.wait_for_selector("text=Add the licence")
    page.fill("#f-number", "NY-1")
    page.locator("form[action$=licenses] select[name=state]").select_option("NY")
    page.click("text=Add the licence")
    page.wait_for_selector("text=The licence in NY is on file.")
    page.goto(f"/settings/practices/{practice.pk}/prices")
    page.fill("#f-code", "90837")
    page.fill("#f-amount", "180.00")
    page.click("text=Add the price")
    page.wait_for_selector("text=90837 has its price")
    assert Provider.objects.get().credential == "LCSW" and License.objects.get().state == "NY"
    assert ChargeRate.objects.get().amount_cents == 18000
