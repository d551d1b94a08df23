"""A file as one document and back: nothing is lost, changed content is what is written."""

from __future__ import annotations

import csv
import json
import random
import sys
import time
from pathlib import Path

import pytest
from builders import file_of
from mutations import mutate
from test_round_trip import plain, valid_samples

from cleanclaim.x12.documents import show_document, write_document
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.writer import WriteRefused

sys.path.insert(0, str(Path(__file__).parent / "sets"))
from questions import ANSWER_271, SETS, set_file


def shown(data, **options):
    """As the command line prints it and reads it again."""
    return json.loads(json.dumps(show_document(read_x12(data), **options)))


def transactions(document):
    return [one for interchange in document["interchanges"] for group in interchange["groups"]
            for one in group["transactions"]]  # fmt: skip


def test_every_valid_sample_is_written_as_it_was_shown(samples_dir):
    same = without = 0
    for name, data in valid_samples(samples_dir):
        document = shown(data)
        again, told = write_document(document)
        assert plain(again) == plain(data) and told == [], name
        same += 1
        without += all("segments" not in one for one in transactions(document))
    assert same >= 90
    assert without >= 20  # the typed records alone say all of these


def test_every_sample_gives_a_document(samples_dir):
    slow = {}
    for row in csv.DictReader(open(samples_dir / "MANIFEST.csv", newline="")):  # noqa: SIM115
        begin = time.process_time()
        shown((samples_dir / row["file"]).read_bytes())
        slow[row["file"]] = time.process_time() - begin
    assert len(slow) > 100
    assert {name: seconds for name, seconds in slow.items() if seconds > 10} == {}  # a runaway, not a measure


@pytest.mark.parametrize("kind", [kind for kind in SETS if kind != "277"])
def test_typed_records_alone_say_all_of_these(kind):
    data = set_file(kind)
    document = shown(data)
    (held,) = transactions(document)
    assert "segments" not in held and "outline" not in held and held["content"] and held["findings"] == []
    assert write_document(document) == (data, [])
    assert write_document(document["interchanges"]) == (data, [])


def test_segments_come_along_where_content_says_less():
    data = set_file("271", ANSWER_271.replace("*1500*", "*1500.00*"))
    document = shown(data)
    assert "segments" in transactions(document)[0]
    assert write_document(document) == (data, [])
    assert "segments" in transactions(shown(set_file("271"), segments=True))[0]


def test_changed_content_is_what_is_written():
    document = shown(set_file("271", ANSWER_271.replace("*1500*", "*1500.00*")))
    (held,) = transactions(document)
    subscriber = held["content"]["sources"][0]["receivers"][0]["subscribers"][0]
    subscriber["benefits"][1]["amount_cents"] = 120000
    data, told = write_document(document)
    assert [one.code for one in told] == ["x12.write.from_content"] and told[0].where.transaction == "0001"
    assert b"~EB*C*IND*30***23*1200*****Y~" in data


def test_changed_content_without_segments_is_written_too():
    document = shown(set_file("276"))
    (held,) = transactions(document)
    held["content"]["reference"] = "STATUS2"
    data, told = write_document(document)
    assert data == set_file("276").replace(b"*STATUS1*", b"*STATUS2*") and told == []


def test_an_835_with_other_marks_is_not_taken_for_changed():
    from cleanclaim.x12.index import Delimiters

    data = file_of("835", delimiters=Delimiters("|", ">", "^", "!")).replace(b"!", b"!\n")
    again, told = write_document(shown(data, segments=True))
    assert told == [] and plain(again) == plain(data)


def test_documents_of_damaged_files_come_back_or_are_refused():
    rng = random.Random(20261123)
    seeds = [set_file(kind) for kind in SETS]
    written = 0
    for _ in range(400):
        file = read_x12(mutate(rng, rng.choice(seeds)))
        document = json.loads(json.dumps(show_document(file)))
        try:
            data, told = write_document(document)
        except WriteRefused:
            continue
        written += 1
        assert told == []  # nobody changed anything
        assert [one.set_id for one in read_x12(data).transactions()] == [
            one.set_id for one in file.transactions()
        ]
    assert written > 100


REFUSED = [
    (lambda held: held["content"].update(sources=3), "x12.write.shape"),
    (lambda held: held["content"].update(created_clock="9"), "x12.element.too_short"),
    (lambda held: held["content"].update(reference="A*B"), "x12.write.delimiter"),
    (lambda held: held.update(content=None), "x12.write.shape"),
    (lambda held: held.pop("guide"), "x12.write.shape"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED)
def test_what_cannot_be_written_is_refused(change, code):
    document = shown(set_file("271"))
    change(transactions(document)[0])
    with pytest.raises(WriteRefused) as refused:
        write_document(document)
    assert [one.code for one in refused.value.findings] == [code]


@pytest.mark.parametrize(
    "document", [3, [], [3], {}, {"interchanges": 3}, {"interchanges": [{}]}, "text", None]
)
def test_other_json_is_refused_or_empty(document):
    if document == []:
        assert write_document(document) == (b"", [])
        return
    with pytest.raises(WriteRefused) as refused:
        write_document(document)
    assert [one.code for one in refused.value.findings] == ["x12.write.shape"]
