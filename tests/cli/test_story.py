"""A practice's first month by the command line alone: from an empty folder to posted money."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime

import pytest

from cleanclaim.claim import Address
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_837p import read_837p
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine, RemitParty, Remittance
from cleanclaim.x12.sets.remittance_835 import write_835
from cleanclaim.x12.writer import Envelope, write_x12

from .conftest import RECIPES, REPOSITORY

PAYER = RemitParty(
    "EVERGREEN HEALTH", id_qualifier="XV", id="60054", additional_ids=(("2U", "60054"),),
    address=Address("100 PLAZA", "", "ALBANY", "NY", "122070001"), contact_name="SERVICES", contact_phone="8005550100",
)  # fmt: skip
PAYEE = RemitParty("QUIET HARBOR COUNSELING", id_qualifier="XX", id="1234567893", tax_id="990000001")
PAID_ON = date(2026, 11, 20)


@pytest.fixture(scope="module")
def story(make_installation):
    """The recipes' sessions, imported and sent. Each test goes on from here, whichever ran before it."""
    cleanclaim = make_installation()
    cleanclaim.imported = cleanclaim(
        "import", "sessions", RECIPES / "sample-sessions.csv", "--practice", "QH", "--json"
    )
    cleanclaim.sent = cleanclaim.json("send", "--practice", "QH")
    return cleanclaim


def remittance_for(claim, *, paid_cents: int, number: str) -> bytes:
    """An 835 that pays one claim in part: CO-45 for a third, the rest is the patient's."""
    line = claim.lines[0]
    contractual = line.charge_cents // 3
    share = line.charge_cents - contractual - paid_cents
    paid = RemitLine(
        line.code, line.charge_cents, paid_cents, service_from=line.date_of_service, service_to=line.date_of_service,
        line_control=line.control_number, units_paid="1",
        adjustments=(Cas("CO", "45", contractual), Cas("PR", "3", share)),
    )  # fmt: skip
    content = Remittance(
        paid_cents, "ACH", "I", PAID_ON, f"EFT{number}", "1512345678", production_date=PAID_ON, payer=PAYER, payee=PAYEE,
        claims=(
            RemitClaim(
                claim.claim_number, "1", line.charge_cents, paid_cents, share, "12", f"ICN{number}", "11", "1",
                patient=RemitParty("FALLOW", "TERRY", "MI", "W100000001"), lines=(paid,),
            ),
        ),
    )  # fmt: skip
    envelope = Envelope(
        sender_id="60054", receiver_id="EX001", control_number=int(number), group_control_number=int(number),
        created_at=datetime(2026, 11, 20, 9, 0),  # noqa: DTZ001 - X12 carries no zone
    )  # fmt: skip
    return write_x12(envelope, [write_835(content, control_number="0001")])


def test_sessions_are_taken_coded_and_the_short_one_is_not_billable(story):
    answer = json.loads(story.imported.stdout)
    assert story.imported.returncode == 1, "a session that is not billable waits for a person"
    assert (answer["rows"], answer["taken"], answer["findings"]) == (4, 4, [])
    assert answer["states"] == {"charged": 3, "refused": 1}
    again = story.json("import", "sessions", RECIPES / "sample-sessions.csv", "--practice", "QH")
    assert (again["taken"], again["repeated"]) == (0, 4)


def test_signed_sessions_left_as_one_clean_file(story):
    (batch,) = story.sent["batches"]
    assert (batch["claims"], batch["total_charge_cents"], batch["state"]) == (2, 33000, "sent")
    (file,) = story.outbox.iterdir()
    checked = story("x12", "validate", file)
    assert checked.returncode == 0, checked.stdout
    assert story("edit", file, "--today", "2026-11-23").returncode == 0
    assert story.json("send") == {"batches": []}, "each claim leaves once"


def test_the_answers_come_in(story):
    (file,) = story.outbox.iterdir()
    assert story("x12", "ack", file, "--ta1", "always", "-o", story.inbox / "answer.999").returncode == 0
    assert story.json("receive") == {"files": 1, "read": 1, "failed": 0, "parked": 0, "unreached": []}
    assert story.json("receive")["files"] == 0


@pytest.fixture(scope="module")
def paid(story):
    """The story with one of its claims paid in part: workers share a module's tests out, so no test waits for another."""
    (file,) = story.outbox.iterdir()
    (transaction,) = read_x12(file.read_bytes()).transactions()
    claims = {found.claim.lines[0].code: found.claim for found in read_837p(transaction)[0]}
    story.remittance = remittance_for(claims["90837"], paid_cents=10000, number="1")
    (story.folder / "first.835").write_bytes(story.remittance)
    (story.taken,) = story.json("import", "remits", "first.835")["files"]
    story.posted = story.json("post")["remittances"]
    return story


def test_a_remittance_is_read_and_posted_once(paid):
    assert (paid.taken["kind"], paid.taken["state"], paid.taken["findings"]) == ("835", "read", [])
    assert paid.posted in ({"posted": 1}, {}), "posted at once, or now"
    assert paid.json("post") == {"remittances": {}}
    (paid.folder / "again.835").write_bytes(paid.remittance.replace(b"*000000001*", b"*000000009*"))
    paid("import", "remits", "again.835")
    assert paid.json("post") == {"remittances": {}}, "the same payment under another name is not posted again"


def test_the_month_shows_charges_and_payment(paid):
    words = ("report", "measures", "--from", "2026-11-01", "--to", "2026-11-30")
    rows = {row["code"]: row for row in story_report(paid, *words, "--format", "json")}
    assert rows["charges"]["value"] == 58000
    assert rows["payments"]["value"] == 10000
    assert rows["ar"]["value"] == 58000 - 10000 - 6000
    assert rows["payments"]["claims"] == 1
    table = list(csv.DictReader(io.StringIO(paid(*words).stdout.decode())))
    assert {row["code"]: row["numerator"] for row in table}["payments"] == "10000"
    (one,) = story_report(paid, "report", "practices", *words[2:], "--format", "json")
    assert (one["practice"], one["charges_cents"], one["payments_cents"]) == ("QH", 58000, 10000)
    ages = story_report(paid, "report", "receivables", *words[2:], "--format", "json")
    assert sum(row["value"] for row in ages) == rows["ar"]["value"]


def story_report(story, *words) -> list[dict]:
    done = story(*words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["rows"]


REFUSED_REPORTS = [
    (("report", "measures", "--from", "2026-11-30", "--to", "2026-11-01"), b"lies before"),
    (("report", "measures", "--from", "2026-11-01", "--to", "2026-11-30", "--practice", "ZZ"), b"'ZZ'"),
    (("report", "weather", "--from", "2026-11-01", "--to", "2026-11-30"), b"weather"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED_REPORTS)
def test_a_wrong_report_is_refused(story, words, said):
    done = story(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr


def test_a_foreign_remittance_waits_unmatched(story):
    (taken,) = story.json("import", "remits", REPOSITORY / "tests" / "files" / "835_paid.edi")["files"]
    assert taken["kind"] == "835"
    assert story.json("post") == {"remittances": {}}


UNREADABLE = [  # what comes in as sessions, exit code
    (b"", 2),
    (b"PK\x03\x04 a spreadsheet", 2),
    (b"name,amount\nx,1\n", 2),
    (
        b"session_id,dos,service,setting,patient,provider\nX1,2026-11-02,individual psychotherapy,office,9999,1003000126\n",
        1,
    ),
]


@pytest.mark.parametrize(("data", "code"), UNREADABLE)
def test_bad_session_files_are_refused_in_words(story, data, code):
    done = story("import", "sessions", "-", "--practice", "QH", stdin=data)
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr and b"[sessions." in done.stderr


def test_a_partner_out_of_reach_is_told(story):
    story.inbox.rename(story.folder / "gone")
    try:
        answer = story.json("receive", code=1)
    finally:
        (story.folder / "gone").rename(story.inbox)
    assert [one["partner"] for one in answer["unreached"]] == ["Example Clearing"]


def test_claims_of_another_system_are_refused(story):
    (file,) = story.outbox.iterdir()
    done = story("import", "claims", file)
    assert done.returncode == 2 and b"claims.import_refused" in done.stderr


def test_the_month_is_listed_and_closed_by_a_person_who_may(story):
    """The story's sessions are of November 2026 at the earliest; the month before them closes."""
    month = story.json("close", "2020-01", "--practice", "QH", code=0)
    assert (month["practice"], month["month"], month["closed"], month["moved"]) == (
        "QH",
        "2020-01",
        False,
        False,
    )
    assert {one["code"] for one in month["open"]} >= {
        "remittance.not_posted",
        "session.unsigned",
        "claim.unsent",
    }
    assert all(one["count"] == 0 for one in month["open"])
    refused = story("close", "2020-01", "--practice", "QH", "--by", "ann@example.test")
    assert refused.returncode == 2 and b"may not close months" in refused.stderr
    story.grant("ann@example.test", "QH", "manager")
    closed = story.json("close", "2020-01", "--practice", "QH", "--by", "ann@example.test")
    assert (closed["closed"], closed["closed_by"], closed["entries"]) == (True, "Ann", 0)
    assert len(closed["trial_balance_hash"]) == 64
    assert (
        story.json("close", "2020-01", "--practice", "QH")["trial_balance_hash"]
        == closed["trial_balance_hash"]
    )
    again = story.json("close", "2020-01", "--practice", "QH", "--by", "ann@example.test", code=1)
    assert "closed_before" in again["refused"]
    assert story("close", "2020-13", "--practice", "QH").returncode == 2
