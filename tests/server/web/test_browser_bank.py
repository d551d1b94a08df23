"""A poster at the bank in a browser: bring a file, confirm with a key, pick payments and watch the difference.

Skipped where Playwright or a Chromium is missing.
"""

from __future__ import annotations

import pytest
from tests.server.cycle.remitting import PAID_ON
from tests.server.cycle.test_banking import Bank, csv, trn
from tests.server.web.test_browser_money import browser, enter, open_page, poster, pytestmark  # noqa: F401

from cleanclaim_server.bank.models import Line, Tie
from cleanclaim_server.tenancy.context import system_context

__all__ = ["pytestmark"]


@pytest.fixture
def bank(transactional_db, practice_a):
    with system_context(practice_a.agency_id):
        bank = Bank(practice_a)
        for trace, cents in (("EFT100", 9_000), ("EFT101", 8_022), ("EFT102", 7_033), ("7001", 6_100)):
            bank.pay(trace, cents, method="CHK" if trace == "7001" else "ACH")
        return bank


def test_a_file_is_brought_in_confirmed_by_a_key_and_matched_by_picking(
    bank,
    practice_a,
    poster,  # noqa: F811
    open_page,  # noqa: F811
):
    page = open_page()
    enter(page, poster)
    page.wait_for_selector(".side")
    page.goto("/bank")
    page.click("text=Add a bank file")
    data = csv(
        (PAID_ON, 9_000, trn("EFT100")), (PAID_ON, 15_055, "LOCKBOX DEPOSIT"), (PAID_ON, 6_000, "COUNTER DEPOSIT")
    )  # fmt: skip
    page.set_input_files("#up-file", {"name": "march.csv", "mimeType": "text/csv", "buffer": data})
    page.click("text=Read the file")
    page.wait_for_selector("text=1 match proved, $90.00")
    page.click("text=Looks like 2 payments together")
    page.wait_for_selector("text=Yes, this is it")
    page.keyboard.press("1")  # goes on to the next open line by itself
    page.wait_for_selector("text=$60.00 on")
    go = page.locator("[data-tie-go]")
    assert go.is_disabled() and go.inner_text() == "Pick a payment"
    page.check("input[data-side='payment']")
    assert page.inner_text("[data-tie-difference]") == "\u2212$1.00"
    assert go.inner_text() == "Match $60.00" and page.locator("#tie-why").is_visible()
    page.fill("#tie-why", "The bank kept a fee")
    go.click()
    page.wait_for_selector("text=Matched $60.00 with 1 payment")
    with system_context(practice_a.agency_id):
        assert sorted(Tie.objects.values_list("kind", "amount_cents")) == [
            ("merged", 15_055),
            ("person", 6_000),
            ("trace", 9_000),
        ]
        assert Line.objects.count() == 3
