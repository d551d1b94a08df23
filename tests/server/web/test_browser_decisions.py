"""What runs by script: fixing all alike with its progress, one click in the strip, a link into a field."""

from __future__ import annotations

import pytest
from tests.server.web.desk import SERVED
from tests.server.web.test_browser import browser, desk, page, pytestmark  # noqa: F401

from cleanclaim_server.claims.models import Claim
from cleanclaim_server.tenancy.context import system_context

TWICE = "edits.diagnosis_duplicate"


@pytest.fixture
def doubled(desk):  # noqa: F811
    return [desk.claim(diagnoses=("F41.1", "F41.1")) for _ in range(3)]


def test_fix_all_alike_in_two_clicks_and_send(page, desk, doubled):  # noqa: F811
    page.goto("/edits")
    page.click("text=Fix all alike")
    page.wait_for_selector("ins")
    assert page.locator("ins").count() == 3
    page.click("button:has-text('Fix 3 claims')")
    page.wait_for_selector("[role=status]:has-text('3 claims fixed, 3 of them ready to go')")
    with system_context(desk.practice.agency_id):
        assert {Claim.objects.get(pk=claim.pk).lifecycle for claim in doubled} == {"ready"}
    page.goto("/edits?light=amber")
    page.click("button:has-text('Send 3 repaired claims')")
    page.wait_for_selector("[data-toast]:has-text('3 claims in 1 file')")


def test_a_link_leads_into_the_field_that_mends(page, desk, doubled):  # noqa: F811
    page.goto(f"/edits/{TWICE}")
    page.locator("a:has-text('Open the session')").first.click()
    page.wait_for_url("**/edit?**#f-diagnoses")
    assert page.evaluate("document.activeElement.id") == "f-diagnoses"


def test_one_click_settles_minutes_and_clock(page, desk):  # noqa: F811
    page.goto("/sessions/new")
    for name, label in (("patient", "Quill"), ("provider", "Ray")):
        value = page.locator(f"select[name={name}] option:has-text('{label}')").get_attribute("value")
        page.select_option(f"select[name={name}]", value)
    page.fill("input[name=date_of_service]", SERVED.isoformat())
    page.fill("input[name=starts_at]", "10:00")
    page.fill("input[name=stops_at]", "10:45")
    page.select_option("select[name=service]", "individual psychotherapy")
    page.fill("input[name=minutes]", "60")
    page.wait_for_selector("text=The clock says 45 minutes")
    page.click("button:has-text('Use the clock')")
    page.wait_for_selector(".code-main:has-text('90834')")
    assert page.locator("text=The clock says").count() == 0
    assert page.input_value("input[name=minutes]") == ""
