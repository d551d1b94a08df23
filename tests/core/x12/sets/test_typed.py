"""One door: by guide, from transactions and from JSON."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from claims import DEPENDENT, ENVELOPE, PLAIN, SECONDARY
from claims import file_of as claim_file
from remittances import PLAIN as REMITTANCE
from remittances import file_of as remittance_file
from test_acknowledgments import PARTLY
from test_acknowledgments import file_of as ack_file
from test_claim_status import ANSWER, REPORT
from test_claim_status import file_of as status_file

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets import content_type, from_json, read_typed, to_json, write_typed
from cleanclaim.x12.writer import WriteRefused, write_x12

FILES = {
    "837P": claim_file(PLAIN, DEPENDENT, SECONDARY),
    "835": remittance_file(REMITTANCE),
    "999": ack_file(PARTLY),
    "277CA": status_file(REPORT),
    "277": status_file(ANSWER),
}


@pytest.mark.parametrize("name", FILES)
def test_file_to_json_to_file_is_identity(name):
    data = (
        FILES[name].replace(b"*0930*DG", b"*0000*DG").replace(b"*0930*TH", b"*0000*TH")
    )  # a 277 keeps the day
    (transaction,) = read_x12(data).transactions()
    content, findings = read_typed(transaction)
    assert findings == []
    text = to_json(content)
    assert from_json(transaction.guide, text) == content
    for given in (content, msgspec.json.decode(text)):  # records, and plain JSON values
        body = write_typed(transaction.guide, given, control_number="0001")
        assert write_x12(ENVELOPE, [body]) == data


def test_sets_without_typed_content(samples_dir):
    kinds = {}
    for path in sorted(samples_dir.glob("*/*.edi")):
        if path.parent.name == "bad":
            continue
        for transaction in read_x12(path.read_bytes()).transactions():
            typed = read_typed(transaction)
            kinds.setdefault(
                (transaction.set_id, transaction.guide), type(typed[0]).__name__ if typed else None
            )
    assert {key: kind for key, kind in kinds.items() if kind} == {
        ("270", "005010X279A1"): "EligibilityQuestion",
        ("271", "005010X279A1"): "EligibilityAnswer",
        ("276", "005010X212"): "StatusQuestion",
        ("278", "005010X217"): "AuthorizationRequest",  # the first of them; answers are of another type
        ("277", "005010X212"): "StatusReport",
        ("277", "005010X214"): "StatusReport",
        ("835", "005010X221"): "Remittance",
        ("835", "005010X221A1"): "Remittance",
        ("837", "005010X222"): "list",
        ("837", "005010X222A1"): "list",
        ("837", "005010X222A2"): "list",
        ("837", "005010X223A2"): "list",
        ("837", "005010X223A3"): "list",
        ("997", "005010X230"): "GroupAck",
        ("999", "005010X231"): "GroupAck",
        ("999", "005010X231A1"): "GroupAck",
    }
    assert kinds[("278", "005010X216")] is None and content_type("005010X216") is None


def test_every_sample_837p_gives_its_claims(samples_dir):
    import csv

    with (samples_dir / "MANIFEST.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "837p"]
    wrong = {}
    for row in rows:
        claims, stops = 0, []
        for transaction in read_x12((samples_dir / row["file"]).read_bytes()).transactions():
            found, findings = read_typed(transaction)
            claims += len(found)
            stops += [finding.code for finding in findings if finding.severity.stops]
            assert all(
                one.claim.total_charge_cents == sum(line.charge_cents for line in one.claim.lines)
                for one in found
            )
        if claims != int(row["n_claims"]) or stops:
            wrong[row["file"]] = (claims, row["n_claims"], stops)
    # Two examples use another component mark than their ISA declares, so CLM05 cannot be taken apart.
    assert wrong == {
        "837p/linuxforhealth__demo.example11__a06af3.edi": (1, "1", ["x12.837p.frequency_unknown"]),
        "837p/linuxforhealth__demo.example12__e059d1.edi": (1, "1", ["x12.837p.frequency_unknown"]),
    }
    assert len(rows) == 20


REFUSED = [
    ("005010X279A1", {}, "x12.write.shape"),  # which of two sets it is has to be said
    ("005010X279A1", {"set": "272"}, "x12.write.shape"),
    ("005010X279A1", {"set": "271"}, "x12.loop.missing"),
    ("005010X217", {"set": "278 answer", "events": 3}, "x12.write.shape"),
    ("005010X223A2", [], "x12.837i.empty"),
    ("005010X999", {}, "x12.write.shape"),
    ("005010X222A1", [], "x12.write.shape"),
    ("005010X222A1", [{"claim": 1}], "x12.write.shape"),
    ("005010X221A1", {"paid_cents": "much"}, "x12.write.shape"),
    ("005010X214", {"guide": "005010X214"}, "x12.277ca.write_reference"),
]


@pytest.mark.parametrize(("guide", "content", "code"), REFUSED)
def test_what_has_another_shape_is_refused(guide, content, code):
    from datetime import datetime

    with pytest.raises(WriteRefused) as refusal:
        write_typed(guide, content, control_number="0001", created_at=datetime(2026, 11, 23))  # noqa: DTZ001
    assert refusal.value.findings[0].code == code


def test_a_file_without_time_of_creation_needs_one():
    (transaction,) = read_x12(FILES["277"]).transactions()
    content = msgspec.structs.replace(read_typed(transaction)[0], created_on=None)
    with pytest.raises(WriteRefused):
        write_typed("005010X212", content, control_number="0001")
    dated = msgspec.structs.replace(content, created_on=date(2026, 11, 23))
    assert write_typed("005010X212", dated, control_number="0001").segments[0][4] == "20261123"
