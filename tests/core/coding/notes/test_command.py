"""`cleanclaim note audit`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleanclaim_cli.commands.note import note

FOLDER = Path(__file__).resolve().parents[3] / "files" / "notes"
FACTS = (
    "dos=2026-11-09",
    "service=individual psychotherapy",
    "credential=LCSW",
    "payer_kind=medicare",
    "codes=90837",
)


def run(file: str, *facts: str, options: tuple[str, ...] = (), text: str | None = None):
    name = file if file == "-" else str(FOLDER / file)
    return CliRunner().invoke(note, ["audit", name, "--facts", *facts, *options], input=text)


def test_a_good_note_is_clean():
    found = run("good_individual_soap.txt", *FACTS, "minutes=55")
    assert (found.exit_code, found.output.splitlines()[0]) == (0, "clean: 0 findings")


def test_a_fault_stops_and_is_told_with_its_source():
    found = run("fault_short_for_code.txt", *FACTS, "minutes=50", options=("--quote",))
    assert found.exit_code == 1
    assert "50 minutes lead to 90834, not to 90837" in found.output
    assert "novitas_psychotherapy_times" in found.output
    assert "Stop time: 10:52 AM" in found.output


def test_json_holds_offsets_and_no_words():
    found = run("fault_plan_tbd.txt", "dos=2026-11-11", "service=group psychotherapy", "credential=PhD",
                "payer_kind=medicaid", "participants=group:8", "codes=90853", options=("--json",))  # fmt: skip
    document = json.loads(found.output)
    assert [finding["code"] for finding in document["findings"]] == ["notes.plan_missing"]
    first, last = document["findings"][0]["facts"]["spans"][0]
    assert (FOLDER / "fault_plan_tbd.txt").read_text()[first:last] == "Plan: TBD"
    assert "panic" not in json.dumps(document["findings"])


def test_other_notes_are_compared():
    found = run("good_individual_soap.txt", *FACTS, "minutes=55",
                options=("--other", str(FOLDER / "other_individual_soap_previous.txt"), "--json"))  # fmt: skip
    assert [finding["code"] for finding in json.loads(found.output)["findings"]] == ["notes.cloned"]


def test_standard_input_and_a_refused_note():
    found = run("-", *FACTS, text="Psychotherapy notes\nthe flooded house", options=("--json", "--quote"))
    document = json.loads(found.output)
    assert (found.exit_code, document["result"], document["file"]) == (1, "refused", "-")
    assert "flooded" not in found.output


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (("dos=2026-11-09",), "codes=... is missing"),
        (("nonsense",), "is not key=value"),
        ((*FACTS, "colour=red"), "'colour' is no fact of a session"),
        ((*FACTS[1:], "dos=tomorrow"), "Example:"),
        (("codes=90837", "dos=2026-11-09"), "missing required field"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(facts, says):
    found = run("good_individual_soap.txt", *facts)
    assert found.exit_code == 2
    assert says in found.output
