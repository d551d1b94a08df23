"""The session-to-code strip in a browser, and where the first Tab of the pages before sending leads."""

from __future__ import annotations

import pytest
from tests.server.web.desk import SERVED
from tests.server.web.test_browser import browser, desk, page, pytestmark

__all__ = ["browser", "desk", "page", "pytestmark"]  # fixtures, and the skip where no Chromium is


def enter(page, desk, stops_at: str = "10:45", minutes: str = "") -> None:
    """A session of a quarter to eleven, as far as the strip needs it."""
    page.goto("/sessions/new")
    page.select_option("#f-patient", str(desk.patient.pk))
    page.select_option("#f-provider", str(desk.provider.pk))
    page.fill("#f-date_of_service", SERVED.isoformat())
    page.fill("#f-starts_at", "10:00")
    page.fill("#f-stops_at", stops_at)
    if minutes:
        page.fill("#f-minutes", minutes)


def bands(page) -> list[str]:
    return page.locator("#preview .bandbar:visible .band-t").all_text_contents()


def mark(page) -> tuple[str, float]:
    """What the mark says, and its place as a share of the bar."""
    bar = page.locator("#preview svg.bandbar:visible").first
    width = float(bar.get_attribute("viewBox").split()[2])
    return bar.locator(".mark-t").text_content(), float(bar.locator(".mark-line").get_attribute("x1")) / width


def test_the_band_bar_shows_the_thresholds_and_moves_with_the_clock(page, desk):
    enter(page, desk)
    page.wait_for_selector("#preview .code-main:has-text('90834')")
    assert bands(page)[-3:] == ["90832", "90834", "90837"]
    ticks = page.locator("#preview svg.bandbar:visible").first.locator("text").all_text_contents()
    assert {"16", "38", "53"} <= set(ticks)
    said, at_45 = mark(page)
    assert said == "45 min"
    page.fill("#f-stops_at", "10:53")
    page.wait_for_selector("#preview .code-main:has-text('90837')")
    said, at_53 = mark(page)
    assert said == "53 min" and at_53 > at_45


def test_the_typed_minutes_win_by_one_click_too(page, desk):
    enter(page, desk, minutes="60")
    page.wait_for_selector("#preview .strip-odds")
    page.click("#preview button:has-text('Stopped 11:00: 90837')")
    page.wait_for_selector("#preview .strip-odds", state="detached")
    assert page.inner_text("#preview .code-main") == "90837"
    assert (page.input_value("#f-stops_at"), page.input_value("#f-minutes")) == ("11:00", "60")


@pytest.mark.parametrize("path", ["/edits", "/edits/edits.coverage_inactive", "/work", "/practice-rules"])
@pytest.mark.parametrize("height", [900, 420])
def test_the_first_tab_leads_to_the_content(page, desk, path, height):
    """On a low screen the sidebar scrolls to its own entry; the first Tab must not begin there."""
    desk.claim()
    page.set_viewport_size({"width": 1280, "height": height})
    page.goto(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#main').contains(document.activeElement)")
