"""``cleanclaim remit deposits`` and ``cleanclaim remit policy``."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cleanclaim_cli.commands.remit import remit as commands

ERA = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PRACTICE       *260302*1200*^*00501*000000001*0*P*:~"
    "GS*HP*PAYER*PRACTICE*20260302*1200*1*X*005010X221A1~ST*835*0001~BPR*I*90*C*ACH*CCP*01*999999992*DA*123*1999999999**01*999988880*DA*456*20260302~"
    "TRN*1*T12345*1999999999~DTM*405*20260302~N1*PR*EXAMPLE HEALTH~N3*1 MAIN ST~N4*DENVER*CO*80202~PER*BL*EDI*TE*3035550100~N1*PE*NORTH*XX*1234567893~LX*1~"
    "CLP*A1003*1*150*90*20*12*P1~NM1*QC*1*DOE*JANE****MI*M1~SVC*HC:90837*150*90**1~DTM*472*20260301~CAS*CO*45*40~CAS*PR*2*20~REF*6R*A1003L1~SE*18*0001~GE*1*1~IEA*1*000000001~"
)


@pytest.fixture
def files(tmp_path):
    era = tmp_path / "march.835"
    era.write_text(ERA)
    bank = tmp_path / "march.csv"
    bank.write_text(
        "Date,Description,Amount\n2026-03-03,HCCLAIMPMT TRN*1*T12345*1999999999,90.00\n2026-03-04,HCCLAIMPMT TRN*1*T99999*1999999999,12.00\n"
    )
    return bank, era


def test_deposits_are_matched_and_what_is_left_is_named(files):
    bank, era = files
    result = CliRunner().invoke(commands, ["deposits", str(bank), str(era), "--on", "2026-04-01", "--json"])
    document = json.loads(result.stdout)
    assert (document["matched_cents"], document["unexplained_cents"], result.exit_code) == (9000, 0, 1)
    assert [(one["kind"], one["lines"]) for one in document["matches"]] == [("trace", ["line 2"])]
    assert [(one["kind"], one["line"], one["line_cents"]) for one in document["exceptions"]] == [
        ("missing_remittance", "line 3", 1200)
    ]
    text = CliRunner().invoke(commands, ["deposits", str(bank), str(era), "--on", "2026-04-01"]).stdout
    assert "matched 90.00, unexplained 0.00" in text and "missing remittance" in text


def test_files_that_cannot_be_read_are_told(files):
    bank, _ = files
    result = CliRunner().invoke(commands, ["deposits", str(bank), str(bank), "--on", "2026-04-01"])
    assert result.exit_code == 2
    assert (
        CliRunner().invoke(commands, ["deposits", "absent", str(bank), "--on", "2026-04-01"]).exit_code == 2
    )


def test_policy_says_which_row_decides():
    document = json.loads(CliRunner().invoke(commands, ["policy", "co-192", "--json"]).stdout)
    assert (document["effect"], document["rule"], document["trace"][0]["wins"]) == (
        "hold",
        "stop.carc_192",
        True,
    )
    assert "post (no row speaks of it)" in CliRunner().invoke(commands, ["policy", "CO-45"]).stdout
    assert CliRunner().invoke(commands, ["policy", "45"]).exit_code == 2
