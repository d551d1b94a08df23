"""The denial playbook joined with the catalogue: every denial has its edit, or a reason why a claim cannot show it."""

from __future__ import annotations

import pytest

from cleanclaim.denials.playbook import playbook
from cleanclaim.edits import all_edits
from cleanclaim.edits.prevention import BEYOND_EDITS, edits_against, prevention_page, why_none


@pytest.mark.parametrize("row", playbook(), ids=lambda row: f"{row.number}-{row.carcs[0]}")
def test_a_denial_has_an_edit_or_a_reason(row):
    assert bool(edits_against(row)) != bool(why_none(row)), (row.carcs, row.root_cause)


def test_a_reason_stands_only_where_no_edit_does():
    named = {carc for edit in all_edits() for carc in edit.prevents}
    known = {carc for row in playbook() for carc in row.carcs}
    assert not named & set(BEYOND_EDITS), "an edit came: take the reason out"
    assert set(BEYOND_EDITS) <= known


def test_a_denial_without_either_is_found(monkeypatch):
    monkeypatch.delitem(BEYOND_EDITS, "258")
    (row,) = [row for row in playbook() if "258" in row.carcs]
    assert not edits_against(row) and not why_none(row)


def test_the_page_names_every_row_once():
    assert len(prevention_page()) == 4 + len(playbook())
