"""No value of a file stands in a message, a log, an exception or a document without values.

Every element in turn is replaced by a marker that occurs nowhere else, in valid files of each set and in broken
ones; then everything that the engine says of the file is searched for it.
"""

from __future__ import annotations

import json
import logging
import random
import sys
from pathlib import Path

import msgspec
import pytest
from builders import BODIES, file_of
from mutations import mutate

sys.path.insert(0, str(Path(__file__).parent / "sets"))
from questions import SETS, set_file

from cleanclaim.x12.ack import acknowledge_groups
from cleanclaim.x12.documents import show_document, write_document
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.report import report_document
from cleanclaim.x12.sets import read_typed
from cleanclaim.x12.sets.claim_837i.claims import read_claims
from cleanclaim.x12.validate import load_profile, validate
from cleanclaim.x12.writer import WriteRefused

FOLDER = Path(__file__).resolve().parents[2] / "files"
FILES = {
    **{kind: file_of(kind) for kind in BODIES},
    **{kind: set_file(kind) for kind in SETS},
    **{path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.edi"))},
}
MARKERS = ("ZQXJ7", "ZQXJKWVY", "904178263", "ZQXJ WV-KY'94", "99471", "Zqxj")
"""Of letters, of digits, as a name, as an amount: what passes for a value of one kind is a fault as another."""

AMOUNTS = ("balance.", "balance_", "segment_count", "sum")
"""Findings that say amounts or counts, which identify nobody."""

OURS = (
    "claim_id",
    "subject_id",
    "control_number",
    "transaction",
    "interchange",
    "group",
    "sender",
    "receiver",
    "usage",
)
"""Names of parties and numbers of claims and envelopes: they say which one is meant, and identify no patient."""


def said_of(data: bytes, *, amounts: bool = True) -> list[str]:
    """Everything that is said of a file, but for names that it was given to be called by.

    Without `amounts`, differences of sums and of counts are left out.
    """
    file = read_x12(data, file="named.x12")
    reports = validate(file, profile=load_profile("strict"))
    findings = [*file.all_findings(), *(one for report in reports for one in report.findings)]
    for transaction in file.transactions():
        typed = read_typed(transaction)
        findings += typed[1] if typed else []
        if transaction.guide.startswith("005010X223"):
            findings += read_claims(transaction)[1]
    said = []
    for finding in findings:
        if not amounts and any(word in finding.code for word in AMOUNTS):
            continue
        place = msgspec.structs.replace(finding.where, interchange="", group="", transaction="")
        bare = msgspec.structs.replace(finding, where=place, subject_id="")
        said += [bare.text(), msgspec.json.encode(bare).decode()]
    document = report_document(file, reports)
    for one in (document, *document["transactions"]):
        told = [
            found
            for found in one.pop("findings")
            if amounts or not any(word in found["code"] for word in AMOUNTS)
        ]
        said.append(json.dumps(_without(told)))
    said.append(json.dumps(_without(document)))
    for group in acknowledge_groups(file, reports):
        # Codes that are wrong are answered by a copy of them: IK404 is made for it.
        said.append(repr([error.code for one in group.transactions for error in one.errors]))
    try:
        said += [finding.text() for finding in write_document(show_document(file))[1]]
    except WriteRefused as refused:
        said.append(str(refused))
    return said


def _without(value):
    if isinstance(value, dict):
        return {key: _without(one) for key, one in value.items() if key not in OURS}
    return [_without(one) for one in value] if isinstance(value, list) else value


def planted(data: bytes, marker: str):
    """The file with a marker in place of each element in turn, ids of segments and counts of SE among them."""
    at = data.index(b"ST*") if b"ST*" in data else data.index(b"TA1*")
    pieces = data[at:].split(b"~")
    for number, piece in enumerate(pieces):
        elements = piece.split(b"*")
        for place in range(len(elements)):
            if elements[0].strip() in (b"ST", b"GE", b"IEA", b"ISA", b"GS"):
                continue
            parts = elements[place].split(b":")
            for part in range(len(parts)):
                spoiled = b":".join([*parts[:part], marker.encode(), *parts[part + 1 :]])
                changed = b"*".join([*elements[:place], spoiled, *elements[place + 1 :]])
                yield data[:at] + b"~".join([*pieces[:number], changed, *pieces[number + 1 :]])


def assert_silent(data: bytes, marker: str, caplog) -> None:
    caplog.clear()
    for text in [*said_of(data, amounts=not marker.isdecimal()), caplog.text]:
        assert marker not in text, text[:600]


@pytest.mark.parametrize("kind", FILES)
def test_no_element_is_repeated(kind, caplog):
    caplog.set_level(logging.DEBUG)
    rng = random.Random(kind)
    for marker in MARKERS:
        planting = list(planted(FILES[kind], marker))
        for data in rng.sample(planting, min(len(planting), 40)):
            assert_silent(data, marker, caplog)


def test_broken_text_is_no_segment_id():
    """A terminator inside a name makes a segment of the rest of it: not three letters of it are said."""
    for kind in (*BODIES, *SETS):
        data = FILES[kind].replace(b"TESTER", b"TES~QZWKER")
        said = "".join(said_of(data))
        assert "QZW" not in said and ("TES" not in FILES[kind].decode() or "?" in said)


@pytest.mark.parametrize("kind", [*BODIES, *SETS])
def test_nor_by_broken_files(kind, caplog):
    caplog.set_level(logging.DEBUG)
    rng = random.Random(kind)
    for number in range(40):
        marker = MARKERS[number % len(MARKERS)]
        data = mutate(rng, rng.choice(list(planted(FILES[kind], marker))))
        assert_silent(data, marker, caplog)
