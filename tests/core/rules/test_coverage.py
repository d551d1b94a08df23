"""The coverage matrix: no cell without a value or a sourced refusal, and the page is current."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanclaim.rules import load_rule_book
from cleanclaim.rules.coverage import (
    AS_OF,
    PAGE,
    PROGRAMS,
    STATE_TOPICS,
    STATES,
    TOPICS,
    coverage,
    matrix,
    where_to_look,
)
from cleanclaim.rules.listing import PAGE as RULES_PAGE
from cleanclaim.rules.listing import listing

ROOT = Path(__file__).parents[3]
CELLS = coverage(load_rule_book(), AS_OF)


def test_every_cell_says_something():
    assert len(CELLS) == len(STATES) * (len(TOPICS) * len(PROGRAMS) + len(STATE_TOPICS))
    assert [cell for cell in CELLS if cell.status == "missing"] == []


def test_every_cell_is_cited():
    assert [cell for cell in CELLS if not cell.sources or not all(source.at for source in cell.sources)] == []


def test_what_is_not_encoded_says_what_is_known():
    assert [cell for cell in CELLS if cell.status == "not_encoded" and len(cell.text) < 20] == []


def test_one_payers_own_rule_fills_no_cell():
    book = load_rule_book()
    filled = {
        rule_id
        for cell in CELLS
        for rule_id in cell.rules
        if {"payer", "payer_id", "plan_id"} & book.find(rule_id).applies_to.keys()
    }
    assert filled == set()


@pytest.mark.parametrize("state", STATES)
def test_every_programme_has_a_place_to_read_on(state):
    places = where_to_look(state)
    assert set(places) == set(PROGRAMS)
    assert all(len(document) > 20 for document, _, _ in places.values())
    assert all(address.startswith("http") or not address for _, address, _ in places.values())


def test_page_is_current():
    assert (ROOT / PAGE).read_text(encoding="utf-8") == matrix(load_rule_book(), AS_OF), (
        "run: python -m cleanclaim.rules.coverage"
    )


def test_a_gap_would_be_found():
    book = load_rule_book()
    thinner = type(book)(rule for rule in book.rules if not rule.topic.startswith("recoupment"))
    missing = {cell.topic for cell in coverage(thinner, AS_OF) if cell.status == "missing"}
    assert missing == {"Recoupment"}


def test_rule_page_is_current():
    assert (ROOT / RULES_PAGE).read_text(encoding="utf-8") == listing(load_rule_book()), (
        "run: python -m cleanclaim.rules.listing"
    )
