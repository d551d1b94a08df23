"""What a file would change: rows that are new, other, or gone, and nothing written."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.codesets import mue
from cleanclaim.codesets.importers import ImportRefused, Release, difference, load_files
from cleanclaim_data import loader

HEAD = b'"CPT only copyright"\n"HCPCS/CPT Code","Practitioner Services MUE Values","MUE Adjudication Indicator","MUE Rationale"\n'
RELEASE = Release("2026Q4", date(2026, 10, 1), date(2026, 12, 31), "CMS: test")


def mue_file(rows: dict[str, tuple[str, str]]) -> dict[str, bytes]:
    lines = "".join(
        f'{code},{units},"{mai} Date of Service Edit: Clinical",Nature of Service/Procedure\n'
        for code, (units, mai) in rows.items()
    )
    return {"MUE.csv": HEAD + lines.encode()}


@pytest.fixture
def ours() -> dict[str, tuple[str, str]]:
    return {
        row["code"]: (row["mue"], row["mai"])
        for row in loader.read_csv("codesets/mue.csv")
        if not row["effective_to"]
    }


def test_the_same_file_changes_nothing(ours):
    found = difference("mue", mue_file(ours), RELEASE)
    assert (found.added, found.changed, found.removed) == (0, 0, 0) and found.same == len(ours)


def test_each_kind_of_change_is_counted_and_shown(ours):
    rows = dict(ours)
    gone, other = sorted(rows)[:2]
    rows.pop(gone)
    rows[other] = (str(int(rows[other][0]) + 5), rows[other][1])
    rows["90899"] = ("1", "2")
    fresh = "90899" not in ours
    found = difference("mue", mue_file(rows), RELEASE)
    assert (found.added, found.changed, found.removed) == (
        int(fresh),
        1 + (not fresh and ours["90899"] != ("1", "2")),
        1,
    )
    assert gone in [one.key for one in found.examples["removed"]]
    changed = {one.key: one.values for one in found.examples["changed"]}
    assert ("mue", ours[other][0], rows[other][0]) in changed[other]


def test_what_is_shown_is_what_loading_does(ours, tmp_path):
    rows = dict(ours)
    other = sorted(rows)[3]
    rows[other] = (str(int(rows[other][0]) + 5), rows[other][1])
    try:
        found = difference("mue", mue_file(rows), RELEASE)
        load_files("mue", mue_file(rows), RELEASE, tmp_path / "loaded")
        assert str(mue.lookup(other, date(2026, 11, 1)).units) == found.examples["changed"][0].values[0][2]
        again = difference("mue", mue_file(rows), RELEASE)
        assert (again.added, again.changed, again.removed) == (0, 0, 0)
    finally:
        loader.use_overlay(None)


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"PK\x03\x04zip"])
def test_what_is_no_file_of_the_layout_is_refused(data):
    with pytest.raises(ImportRefused):
        difference("mue", {"x.csv": data}, RELEASE)
