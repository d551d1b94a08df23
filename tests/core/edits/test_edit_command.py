"""`cleanclaim edit`: files in, one result a claim out, exit codes as promised."""

from __future__ import annotations

import json

from click.testing import CliRunner

from cleanclaim_cli.commands.edit import COMMANDS

HEAD = """ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261123*0900*^*00501*000000001*0*P*:~
GS*HC*SENDER*RECEIVER*20261123*0900*1*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*B1*20261123*0900*CH~
NM1*41*2*RIVER COUNSELING LLC*****46*SENDER~
PER*IC*BILLING*TE*3025550100~
NM1*40*2*CLEARINGHOUSE*****46*RECEIVER~
HL*1**20*1~
PRV*BI*PXC*261QM0801X~
NM1*85*2*RIVER COUNSELING LLC*****XX*1234567893~
N3*100 MAIN ST~
N4*DOVER*DE*199011234~
REF*EI*510123456~
"""
CLAIM = """HL*{hl}*1*22*0~
SBR*P*18*******CI~
NM1*IL*1*DOE*JANE****MI*ABC123456~
N3*12 ELM ST~
N4*DOVER*DE*19901~
DMG*D8*19900402*F~
NM1*PR*2*AMERIHEALTH CARITAS NEXT*****PI*47073~
CLM*{number}*150***11:B:1*Y*A*Y*Y~
HI*ABK:{diagnosis}~
NM1*82*1*LEE*ANN****XX*1679576722~
PRV*PE*PXC*1041C0700X~
LX*1~
SV1*HC:90837*150*UN*1***1~
DTP*472*D8*20261102~
REF*6R*{number}L1~
"""


def file_of(*claims: tuple[str, str]) -> bytes:
    body = HEAD + "".join(
        CLAIM.format(hl=position, number=number, diagnosis=diagnosis)
        for position, (number, diagnosis) in enumerate(claims, start=2)
    )
    segments = body.count("~") - 2 + 1
    return (body + f"SE*{segments}*0001~\nGE*1*1~\nIEA*1*000000001~\n").encode()


def run(tmp_path, *contents: bytes, options=("--today", "2026-11-23")):
    paths = []
    for position, content in enumerate(contents):
        path = tmp_path / f"{position}.837"
        path.write_bytes(content)
        paths.append(str(path))
    return CliRunner().invoke(COMMANDS["edit"], [*paths, *options])


def test_clean_and_stopped_claims(tmp_path):
    answer = run(
        tmp_path, file_of(("A1", "F411"), ("A2", "F32")), options=("--today", "2026-11-23", "--json")
    )
    assert answer.exit_code == 1
    clean, stopped = json.loads(answer.stdout)
    assert (clean["claim_id"], clean["result"], clean["findings"]) == ("A1", "clean", [])
    assert {"eligibility", "authorization", "history", "session time"} <= set(clean["not_checked"])
    assert (stopped["claim_id"], stopped["result"]) == ("A2", "stop")
    (finding,) = stopped["findings"]
    assert (finding["code"], finding["severity"]) == ("edits.diagnosis_is_header", "stop")
    assert finding["where"]["segment"] == "CLM" and finding["where"]["transaction"] == "0001"


def test_clean_file_exits_0(tmp_path):
    answer = run(tmp_path, file_of(("A1", "F411")))
    assert answer.exit_code == 0
    assert answer.stdout == "A1: clean\n"
    assert "1 of 1 claims can go." in answer.stderr


def test_the_day_decides(tmp_path):
    answer = run(tmp_path, file_of(("A1", "F411")), options=("--today", "2026-11-01"))
    assert answer.exit_code == 1
    assert "edits.service_in_future" in answer.stdout


def test_an_unreadable_file_does_not_stop_the_others(tmp_path):
    answer = run(
        tmp_path, b"name,amount\n", file_of(("A1", "F411")), options=("--today", "2026-11-23", "--json")
    )
    assert answer.exit_code == 2
    assert [document["claim_id"] for document in json.loads(answer.stdout)] == ["A1"]
    assert "DOE" not in answer.output


def test_a_call_without_files_is_wrong():
    assert CliRunner().invoke(COMMANDS["edit"], []).exit_code == 2
