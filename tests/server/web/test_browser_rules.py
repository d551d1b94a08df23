"""The builder of rules in a browser: tried straight after the last letter, then saved."""

from __future__ import annotations

from tests.server.web.test_browser import browser, desk, page, pytestmark

from cleanclaim_server.claimrules.models import BillingRule

__all__ = ["browser", "desk", "page", "pytestmark"]  # fixtures, and the skip where no Chromium is


def write_and_try(page) -> None:
    """A rule on one code; the trial is asked for while the last value still has the focus."""
    page.goto("/practice-rules/new")
    page.fill("#f-name", "No 90834 by paper")
    with page.expect_response("**/practice-rules/fields"):
        page.select_option("#f-field-1", "code")
    page.wait_for_selector("#f-field-1 option[value=code][selected]", state="attached")
    page.wait_for_load_state("networkidle")
    page.fill("input[name=values]", "90834")
    page.click("button:has-text('Try it on the last 12 months')")
    page.wait_for_selector("#h-trial")


def test_a_trial_follows_the_last_letter_at_once_and_the_rule_is_saved(page, desk):
    """The sentence that is drawn anew waits for the trial, and does not end it."""
    desk.claim()
    write_and_try(page)
    page.wait_for_selector("#rule-sentence:has-text('90834')")
    assert "1 claim of 1 would have shown the message" in page.inner_text("#rule-trial")
    page.click("button:has-text('Save the rule')")
    page.wait_for_selector("h1:has-text('No 90834 by paper')")
    assert BillingRule.objects.filter(practice=desk.practice).count() == 1


def test_the_trial_fits_a_phone(page, desk):
    desk.claim()
    page.set_viewport_size({"width": 390, "height": 844})
    write_and_try(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
