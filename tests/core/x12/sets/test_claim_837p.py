"""Claims out and back: pyx12 judges what is written, reading gives the claim as sent."""

from __future__ import annotations

import pytest
from claims import (
    CHILD,
    DEPENDENT,
    PARENT,
    PLAIN,
    RECEIVER,
    SITUATIONS,
    SOLO,
    SUBMITTER,
    TERRY,
    body_of,
    engine_findings,
    file_of,
    replace,
)
from pyx12_judge import pyx12_errors

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_837p import as_sent, check_claim, read_837p


def read_back(data: bytes):
    (transaction,) = read_x12(data).transactions()
    return read_837p(transaction)


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_is_clean_and_reads_back(name):
    claim = SITUATIONS[name]
    assert check_claim(claim) == []
    data = file_of(claim)
    assert pyx12_errors(data) == []
    assert engine_findings(data) == []
    found, findings = read_back(data)
    assert findings == []
    assert [one.claim for one in found] == [as_sent(claim)]
    assert (found[0].batch_reference, found[0].submitter, found[0].receiver) == ("B41", SUBMITTER, RECEIVER)


def test_the_judge_catches_a_planted_fault():
    data = file_of(PLAIN)
    assert pyx12_errors(data.replace(b"NM1*IL*1*TESTER*TERRY*Q**JR*MI*W123456789~", b"")) != []
    assert pyx12_errors(data.replace(b"*MI*W123456789", b"*XX*W123456789")) != []
    assert pyx12_errors(data.replace(b"SE*", b"SE*9")) != []


def test_the_whole_file_of_a_plain_claim():
    text = file_of(PLAIN).decode().split("~")[2:-3]
    assert text == [
        "ST*837*0001*005010X222A1",
        "BHT*0019*00*B41*20261123*0930*CH",
        "NM1*41*2*QUIET HARBOR BILLING*****46*QHB01",
        "PER*IC*DANA DESK*TE*5555550101",
        "NM1*40*2*EVERGREEN CLEARING*****46*EVERGREEN",
        "HL*1**20*1",
        "PRV*BI*PXC*261QM0801X",
        "NM1*85*2*QUIET HARBOR COUNSELING*****XX*1234567893",
        "N3*12 HARBOR ST*SUITE 4",
        "N4*SPRINGFIELD*IL*627010001",
        "REF*EI*123456789",
        "PER*IC*DANA DESK*TE*5555550101",
        "HL*2*1*22*0",
        "SBR*P*18*G1******CI",
        "NM1*IL*1*TESTER*TERRY*Q**JR*MI*W123456789",
        "N3*7 ELM AVE",
        "N4*PEORIA*IL*61602",
        "DMG*D8*19800101*F",
        "NM1*PR*2*EVERGREEN HEALTH*****PI*60054",
        "CLM*A1003*310***11:B:1*Y*A*Y*Y",
        "HI*ABK:F331*ABF:F411",
        "NM1*82*1*CLINICIAN*CARA****XX*1003000126",
        "PRV*PE*PXC*101YM0800X",
        "LX*1",
        "SV1*HC:90837*175*UN*1***1",
        "DTP*472*D8*20261015",
        "REF*6R*A1003L1",
        "LX*2",
        "SV1*HC:90834:95*135*UN*1***2:1",
        "DTP*472*D8*20261016",
        "REF*6R*A1003L2",
        "SE*32*0001",
    ]


def test_claims_are_grouped_under_provider_subscriber_and_patient():
    claims = [
        replace(PLAIN, claim_number="C1"),
        replace(DEPENDENT, claim_number="C2"),
        replace(PLAIN, claim_number="C3", billing_provider=SOLO, rendering=None),
        replace(PLAIN, claim_number="C4"),
        replace(DEPENDENT, claim_number="C5", patient=replace(CHILD, first_name="DREW")),
        replace(DEPENDENT, claim_number="C6"),
        replace(PLAIN, claim_number="C7", subscriber=PARENT_SELF, patient=PARENT_SELF),
    ]
    data = file_of(*claims)
    assert pyx12_errors(data) == []
    kept = [one for one in data.decode().split("~") if one[:3] in ("HL*", "CLM")]
    assert [one if one[:2] == "HL" else one.split("*")[1] for one in kept] == [
        "HL*1**20*1",
        "HL*2*1*22*0", "C1", "C4",
        "HL*3*1*22*1",
        "HL*4*3*23*0", "C2", "C6",
        "HL*5*3*23*0", "C5",
        "HL*6*1*22*0", "C7",
        "HL*7**20*1",
        "HL*8*7*22*0", "C3",
    ]  # fmt: skip
    found, findings = read_back(data)
    assert findings == []
    by_number = {claim.claim_number: as_sent(claim) for claim in claims}
    assert {one.claim.claim_number: one.claim for one in found} == by_number


PARENT_SELF = replace(TERRY, first_name=PARENT.first_name)


def test_more_than_a_hundred_claims_of_a_patient_open_the_level_again():
    data = file_of(*(replace(PLAIN, claim_number=f"C{at}") for at in range(101)))
    assert pyx12_errors(data) == []
    assert data.count(b"~HL*") == 3
    assert len(read_back(data)[0]) == 101


def test_equal_claims_give_equal_bytes():
    assert body_of(PLAIN, DEPENDENT) == body_of(PLAIN, DEPENDENT)


def test_places_in_the_file():
    found, _ = read_back(file_of(PLAIN, DEPENDENT))
    text = [one.id for one in next(read_x12(file_of(PLAIN, DEPENDENT)).transactions()).segments]
    assert [text[one.position - 1] for one in found] == ["CLM", "CLM"]
    assert [text[one.end_position - 1] for one in found] == ["REF", "REF"]
    assert text[found[0].end_position] == "HL"
