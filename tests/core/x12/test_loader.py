"""The loader of packaged data: strict about what it reads, silent about nothing."""

from __future__ import annotations

import pytest

from cleanclaim_data import loader


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(loader, "_ROOT", tmp_path)
    for read in (loader.read_csv, loader.read_yaml, loader.read_json):
        read.cache_clear()
    yield tmp_path
    for read in (loader.read_csv, loader.read_yaml, loader.read_json):
        read.cache_clear()


def test_csv_rows_are_texts_in_order(folder):
    (folder / "a.csv").write_text('# a note\ncode,why\n02,\n10,"x, y"\n')
    assert loader.read_csv("a.csv") == ({"code": "02", "why": ""}, {"code": "10", "why": "x, y"})
    assert loader.read_csv("a.csv") is loader.read_csv("a.csv")


@pytest.mark.parametrize("text", ["a,a\n1,2\n", "a,b\n1\n", "a,b\n1,2,3\n"])
def test_ragged_or_doubled_csv_is_refused(folder, text):
    (folder / "bad.csv").write_text(text)
    with pytest.raises(loader.DataInvalid):
        loader.read_csv("bad.csv")


def test_yaml_keeps_quoted_codes_and_refuses_doubled_keys(folder):
    (folder / "a.yaml").write_text('a: "02"\nb: [1]\n')
    assert loader.read_yaml("a.yaml") == {"a": "02", "b": [1]}
    for number, text in enumerate(["a: 1\na: 2\n", "a: {b: 1, b: 2}\n", "a: [\n"]):
        (folder / f"bad{number}.yaml").write_text(text)
        with pytest.raises(loader.DataInvalid):
            loader.read_yaml(f"bad{number}.yaml")


def test_missing_files_and_names_that_leave_the_package_are_refused(folder):
    for name in ("nothing.csv", "../secret.csv", "a/../../b"):
        with pytest.raises(loader.DataMissing):
            loader.read_bytes(name)


def test_folders_are_listed_at_all_depths(folder):
    (folder / "x/y").mkdir(parents=True)
    (folder / "x/b.csv").write_text("a\n")
    (folder / "x/y/a.csv").write_text("a\n")
    (folder / "x/y/a.txt").write_text("")
    assert loader.list_data("x", ".csv") == ["x/b.csv", "x/y/a.csv"]
    assert loader.list_data("nothing") == []


def test_text_is_read_without_byte_order_mark(folder):
    (folder / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\n")
    assert loader.read_text("a.txt") == "one\r\ntwo\n"
    with loader.open_data("a.txt") as text:
        assert text.readlines() == ["one\n", "two\n"]
