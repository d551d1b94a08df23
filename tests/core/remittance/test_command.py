"""`cleanclaim remit`: forms in, documents and exit codes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleanclaim_cli.commands.remit import remit

CASES = Path(__file__).parent / "posting_cases.json"

GOOD = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PRACTICE       *261102*1200*^*00501*000000001*0*P*:~"
    "GS*HP*PAYER*PRACTICE*20261102*1200*1*X*005010X221A1~ST*835*0001~BPR*I*90*C*ACH*CCP*01*999999992*DA*123*1123456789**01*999988880*DA*456*20261102~"
    "TRN*1*T0412*1123456789~DTM*405*20261102~N1*PR*EVERGREEN MUTUAL~N3*1 MAIN ST~N4*DENVER*CO*80202~PER*BL*EDI*TE*3035550100~N1*PE*QUIET MIND*XX*1234567893~LX*1~"
    "CLP*A1003*1*150*90*20*12*P1~NM1*QC*1*DOE*JANE****MI*M1~SVC*HC:90837*150*90**1~DTM*472*20261101~CAS*CO*45*40~CAS*PR*2*20~REF*6R*A1003L1~SE*18*0001~GE*1*1~IEA*1*000000001~"
)


def run(*arguments, text=None):
    return CliRunner().invoke(remit, list(arguments), input=text)


@pytest.fixture
def file(tmp_path):
    def write(text, name="october.835"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def test_check_says_what_would_post(file):
    done = run("check", file(GOOD), "--json")
    [payment] = json.loads(done.stdout)
    assert done.exit_code == 0
    wanted = {
        "payer": "EVERGREEN MUTUAL", "trace_number": "T0412", "method": "ACH", "paid_cents": 9000, "claims": 1, "lines": 1, "claim_paid_cents": 9000,
        "plb_cents": 0, "balanced": True, "difference_cents": 0, "claims_by_status": {"1": 1}, "reversals": 0, "denied_claims": 0, "plb": [],
        "would_post": {"ADJ_CONTRACT": 4000, "PMT_INS": 9000, "XFER_PATIENT": 2000}, "to_work": {},
    }  # fmt: skip
    assert {key: payment[key] for key in wanted} == wanted


def test_check_holds_what_does_not_balance_and_goes_on(file):
    bad = file(GOOD.replace("CAS*CO*45*40~", "CAS*CO*45*60~"), "bad.835")
    done = run("check", bad, file(GOOD), "--json")
    first, second = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (first["balanced"], first["posts"], second["balanced"]) == (False, False, True)
    assert [finding["code"] for finding in first["findings"]] == [
        "remittance.line_out_of_balance",
        "remittance.claim_out_of_balance",
    ]
    assert "DOE" not in done.output and "JANE" not in done.output


def test_check_counts_denials_by_adjustment_and_plb(file):
    text = (
        GOOD.replace("CAS*CO*45*40~", "CAS*CO*197*40~")
        .replace("BPR*I*90*", "BPR*I*85*")
        .replace("SE*18*", "PLB*1234567893*20261231*WO:P9*5~SE*19*")
    )
    [payment] = json.loads(run("check", file(text), "--json").stdout)
    assert (payment["denied_claims"], payment["to_work"]) == (
        1,
        {"authorization": {"count": 1, "amount_cents": 4000}},
    )
    assert (payment["plb_cents"], payment["balanced"]) == (500, True)
    assert [
        (item["code"], item["reference"], item["amount_cents"], item["posting_type"])
        for item in payment["plb"]
    ] == [("WO", "P9", 500, "PLB_OVERPAYMENT_RECOVERY")]


@pytest.mark.parametrize("text", ["", "hello", GOOD[:60]])
def test_check_of_what_is_no_remittance(text, file):
    done = run("check", file(text))
    assert done.exit_code == 2
    assert done.stdout == ""


def test_check_of_a_missing_file(tmp_path):
    assert run("check", str(tmp_path / "none")).exit_code == 2


def test_check_text_from_standard_input():
    done = run("check", "-", text=GOOD)
    assert done.exit_code == 0
    assert done.stdout.startswith("-: payment T0412 of EVERGREEN MUTUAL, 90.00 by ACH: balances\n")


def test_plan_of_the_whole_document():
    done = run("plan", str(CASES), "--json")
    answers = json.loads(done.stdout)
    assert (len(answers), answers[0]["id"], answers[0]["next_action"]) == (51, "P01", "BILL_PATIENT")
    assert done.exit_code == 1, "two of the cases do not balance"
    assert '"bank_deposit": 78.40' in done.stdout


def test_plan_of_a_list_and_of_one_case(file):
    case = json.loads(CASES.read_text())["cases"][3]
    assert [
        answer["id"] for answer in json.loads(run("plan", file(json.dumps([case])), "--json").stdout)
    ] == ["P04"]
    one = run("plan", "-", "--json", text=json.dumps(case))
    assert (json.loads(one.stdout)["id"], one.exit_code) == ("P04", 0)
    assert run("plan", "-", text=json.dumps(case)).stdout.startswith("P04: BILL_PATIENT, deposit 78.40\n")


BROKEN = [
    ('{"id": "X", "prior": {}}', "the key 'remit' is missing"),
    ('{"id": "X", "prior": {}, "remit": {"bpr02": "ten"}}', "not a decimal amount"),
    ('{"id": "X", "prior": {}, "remit": {"bpr02": 1e999999}}', "not a decimal amount"),
    ('{"id": "X", "prior": {}, "remit": {"bpr02": 1.005}}', "at most two decimals"),
    ('{"id": "X", "prior": {}, "remit": {"bpr02": 1, "claims": [3]}}', "wrong kind"),
    ('{"id": "X", "prior": [], "remit": {"bpr02": 1}}', "wrong kind"),
]


@pytest.mark.parametrize(("text", "says"), BROKEN)
def test_plan_of_a_broken_case_says_where_and_the_rest_goes_on(text, says, file):
    good = json.dumps(json.loads(CASES.read_text())["cases"][0])
    done = run("plan", file(f"[{text}, {good}]"), "--json")
    first, second = json.loads(done.stdout)
    assert done.exit_code == 2
    assert says in first["errors"][0] and first["errors"][0].startswith("X:")
    assert second["next_action"] == "BILL_PATIENT"


@pytest.mark.parametrize("text", ["", "[1]", "3", '{"cases": 3}', "[NaN]", "{" * 100_000])
def test_plan_of_no_document(text):
    assert run("plan", "-", "--json", text=text).exit_code == 2
