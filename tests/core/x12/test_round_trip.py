"""What is shown can be written again: segments for every file, outlines for every set, generated claims too."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest
from builders import file_of
from hypothesis import HealthCheck, given, settings

from cleanclaim.x12.generic import from_generic, to_generic
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.outline import outline, segments_of
from cleanclaim.x12.validate import validate
from cleanclaim.x12.writer import WriteRefused

sys.path.insert(0, str(Path(__file__).parent / "sets"))
from claims import file_of as claim_file
from strategies import batches

TRAILERS = ("SE", "GE", "IEA")


def plain(data: bytes) -> list[list[str]]:
    """The segments of a file, without what a writer computes or pads."""
    file = read_x12(data)
    found = []
    for interchange in file.interchanges:
        isa = [text.strip() for text in interchange.isa.elements]
        found.append([*isa[:11], *isa[12:16]])
        found += [ta1.elements for ta1 in interchange.ta1s]
        for group in interchange.groups:
            found.append(_cut(group.gs.elements))
            for transaction in group.transactions:
                found += [_cut(one.elements) for one in transaction.segments if one.id not in TRAILERS]
    return found


def _cut(elements: list[str]) -> list[str]:
    """Without empty elements and components at the end, which mean nothing."""
    kept = [text.rstrip(":>|^") for text in elements]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def valid_samples(samples_dir):
    with open(samples_dir / "MANIFEST.csv", newline="") as table:
        for row in csv.DictReader(table):
            data = (samples_dir / row["file"]).read_bytes()
            file = read_x12(data)
            findings = file.all_findings() + [one for report in validate(file) for one in report.findings]
            if file.interchanges and not any(one.severity.stops for one in findings):
                yield row["file"], data


def test_every_valid_sample_is_written_as_it_was_shown(samples_dir):
    same = 0
    for name, data in valid_samples(samples_dir):
        again = from_generic(to_generic(read_x12(data)))
        assert plain(again) == plain(data), name
        assert from_generic(to_generic(read_x12(again))) == again, name  # written once is written for ever
        same += 1
    assert same >= 90


def test_outlines_of_every_sample_give_their_segments_back(samples_dir):
    outlined = 0
    for row in csv.DictReader(open(samples_dir / "MANIFEST.csv", newline="")):  # noqa: SIM115
        for transaction in read_x12((samples_dir / row["file"]).read_bytes()).transactions():
            found = outline(transaction)
            if found is None:
                continue
            from cleanclaim.x12.generic import segment_from_generic, segment_to_generic

            body = [
                one
                for one in transaction.segments[1:]
                if one.id != "SE" or one is not transaction.segments[-1]
            ]
            assert segments_of(found) == [segment_from_generic(segment_to_generic(one)) for one in body], row[
                "file"
            ]
            outlined += 1
    assert outlined > 400


def test_an_outline_names_its_loops():
    (transaction,) = read_x12(file_of("837P")).transactions()
    root = outline(transaction)
    names = []

    def visit(node, depth=0):
        for one in node["content"]:
            if isinstance(one, dict):
                names.append("  " * depth + one["loop"])
                visit(one, depth + 1)

    visit(root)
    assert names == ["1000A", "1000B", "2000A", "  2010AA", "  2000B", "    2010BA", "    2010BB", "    2300",
                     "      2400", "      2400"]  # fmt: skip


def test_an_unsupported_set_has_no_outline():
    data = file_of("837P").replace(b"005010X222A1", b"004010X098A1")
    (transaction,) = read_x12(data).transactions()
    assert outline(transaction) is None


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(batches())
def test_generated_claims_are_written_as_they_were_shown(claims):
    data = claim_file(*claims)
    assert from_generic(to_generic(read_x12(data))) == data
    (transaction,) = read_x12(data).transactions()
    root = outline(transaction)
    document = to_generic(read_x12(data))
    document[0]["groups"][0]["transactions"][0]["segments"] = [
        [{"repeat": value} if isinstance(value, list) else list(value) if isinstance(value, tuple) else value or ""
         for value in segment]
        for segment in segments_of(root)
    ]  # fmt: skip
    assert from_generic(document) == data


@pytest.mark.parametrize("mark", ["*", "~", "\n", "\x00"])
def test_delimiters_in_data_are_refused(mark):
    document = to_generic(read_x12(file_of("837P")))
    document[0]["groups"][0]["transactions"][0]["segments"][1][3] = f"QUIET{mark}HARBOR"
    with pytest.raises(WriteRefused) as refused:
        from_generic(document)
    assert [one.code for one in refused.value.findings] == ["x12.write.delimiter"]
