"""Health of the source register."""

from __future__ import annotations

from cleanclaim.edits import all_edits
from cleanclaim_data import loader

KEYS = {"id", "title", "publisher", "kind", "link", "retrieved", "licence", "read"}


def test_every_source_is_complete_and_once():
    sources = loader.read_yaml("sources.yaml")
    assert len({source["id"] for source in sources}) == len(sources)
    for source in sources:
        assert set(source) == KEYS, source["id"]
        assert source["title"] and source["publisher"] and source["licence"], source["id"]


def test_every_edit_names_registered_sources():
    known = {source["id"] for source in loader.read_yaml("sources.yaml")}
    assert {source.id for edit in all_edits() for source in edit.sources} - known == set()


def test_every_prevented_denial_is_a_reason_code():
    codes = {row["code"] for row in loader.read_csv("codesets/carc.csv")}
    assert {carc for edit in all_edits() for carc in edit.prevents} - codes == set()


def test_code_lists_that_edits_join_on_have_one_row_a_code():
    for name in ("procedures", "icd10cm", "telehealth_list"):
        rows = {
            tuple(row.items()) for row in loader.read_csv(f"codesets/{name}.csv")
        }  # the tabular list doubles F99
        codes = [dict(row)["code"] for row in rows]
        assert len(codes) == len(set(codes)), f"{name}: an edit would say things twice"
