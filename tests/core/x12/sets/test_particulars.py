"""CN1, HCP, CR1, CR2, CRC, MIA and MOA as records: read, written, refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from claims import PLAIN, SECONDARY, engine_findings, file_of, replace
from pyx12_judge import pyx12_errors
from questions import CLAIM_837I, file_of_body, set_file, stops, transaction_of
from remittances import SITUATIONS
from remittances import file_of as remittance_file

from cleanclaim.claim_particulars import (
    Ambulance,
    Condition,
    Contract,
    InpatientAmounts,
    InpatientAnswer,
    OutpatientAmounts,
    OutpatientAnswer,
    Particulars,
    Repricing,
    SpinalTreatment,
)
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_837i import read_837i, write_837i
from cleanclaim.x12.sets.claim_837p import as_sent, check_claim, read_837p
from cleanclaim.x12.sets.remittance_835 import read_835
from cleanclaim.x12.writer import WriteRefused

ALL = Particulars(
    Contract("02", 12345, Decimal("12.5"), "PLAN7", version="2026"),
    Repricing("02", 9000, 3000, "NETWORK9", Decimal("80.5"), reject_reason="T1"),
    Ambulance("A", Decimal(12), Decimal(154), "BACK HOME", weight_unit="LB"),
    SpinalTreatment("A", "LOWER BACK"),
    (Condition("07", "Y", ("01", "12")), Condition("ZZ", "Y", ("ST", "S2"))),
)
OF_A_LINE = Particulars(
    Contract("05"), Repricing("10", 9000, qualifier="HC", code="90837", unit="UN", quantity=Decimal(1)),
    conditions=(Condition("70", "N", ("65",)),),
)  # fmt: skip


def with_line(claim, **changes):
    return replace(claim, lines=(replace(claim.lines[0], **changes), *claim.lines[1:]))


def test_each_stands_where_the_guide_has_it_and_reads_back():
    claim = with_line(replace(PLAIN, particulars=ALL), particulars=OF_A_LINE)
    data = file_of(claim)
    text = data.decode()
    for segment in (
        "CN1*02*123.45*12.5*PLAN7**2026~", "HCP*02*90*30*NETWORK9*80.5********T1~",
        "CR1*LB*154**A*DH*12***BACK HOME~", "CR2********A**LOWER BACK~", "CRC*07*Y*01*12~", "CRC*ZZ*Y*ST*S2~",
        "CN1*05~", "HCP*10*90*******HC*90837*UN*1~", "CRC*70*N*65~",
    ):  # fmt: skip
        assert segment in text
    assert engine_findings(data) == [] and pyx12_errors(data) == []
    (transaction,) = read_x12(data).transactions()
    found, findings = read_837p(transaction)
    assert findings == [] and [one.claim for one in found] == [as_sent(claim)]


@pytest.mark.parametrize(
    ("changes", "loop", "element", "fault"),
    [
        ({"contract": Contract("99")}, "2300", "CN101", "x12.element.code"),
        ({"contract": Contract("")}, "2300", "CN101", "x12.segment.empty"),
        ({"repricing": Repricing("02")}, "2300", "HCP02", "x12.element.required"),
        ({"repricing": Repricing("02", 1, qualifier="HC")}, "2300", "HCP09", "x12.element.not_used"),
        ({"ambulance": Ambulance("A")}, "2300", "CR106", "x12.element.required"),
        ({"ambulance": Ambulance("A", Decimal(1), Decimal(9))}, "2300", "CR101", "x12.element.syntax_pair"),
        ({"conditions": (Condition("70", "N", ("65",)),)}, "2300", "CRC01", None),
        ({"conditions": (Condition("ZZ", "Y", ()),)}, "2300", "CRC03", "x12.element.required"),
        ({"conditions": (Condition("ZZ", "Y", ("ST",)),) * 2}, "2300", "CRC01", None),
        ({"contract": Contract("02", code="A*B")}, "2300", "CN101", None),
    ],
)
def test_what_the_guide_refuses_is_said_before_writing(changes, loop, element, fault):
    (finding,) = check_claim(replace(PLAIN, particulars=Particulars(**changes)))
    assert (finding.where.loop, finding.where.element) == (loop, element)
    assert finding.facts.get("fault") == fault


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"particulars": Particulars(spinal=SpinalTreatment("A"))}, "CR201"),
        ({"particulars": Particulars(Contract("09", 100))}, "CN101"),
        ({"particulars": Particulars(Contract("05")), "obligated_cents": 100}, "CN101"),
    ],
)
def test_a_line_does_not_say_what_only_a_claim_says_nor_two_contracts(changes, element):
    (finding,) = check_claim(with_line(PLAIN, **changes))
    assert (finding.code, finding.where.element) == ("x12.837p.particulars", element)


def test_another_payers_amounts_stand_beside_its_remarks():
    amounts = OutpatientAmounts(Decimal("0.8"), 12000, None, 500)
    other = replace(SECONDARY.other_payers[0], outpatient=amounts, remark_codes=("MA18", "N89"))
    claim = replace(SECONDARY, other_payers=(other,))
    data = file_of(claim)
    assert b"MOA*.8*120*MA18*N89*****5~" in data
    (transaction,) = read_x12(data).transactions()
    (found,), findings = read_837p(transaction)
    assert findings == [] and found.claim.other_payers[0].outpatient == amounts
    assert pyx12_errors(data) == []


def test_a_remittance_says_how_a_stay_was_priced():
    remittance = next(iter(SITUATIONS.values()))
    stay = InpatientAmounts(Decimal(5), None, Decimal(120), 450000, capital_exception_cents=99)
    claim = replace(remittance.claims[0], inpatient=stay, remarks=("MA01", "N1"))
    data = remittance_file(replace(remittance, claims=(claim, *remittance.claims[1:])))
    assert b"MIA*5**120*4500*MA01***************N1****.99~" in data
    found = read_835(next(read_x12(data).transactions()))[0].claims[0]
    assert (found.inpatient, found.outpatient, found.remarks) == (stay, None, ("MA01", "N1"))
    assert pyx12_errors(data) == []


def test_a_stay_without_its_days_is_not_written():
    remittance = next(iter(SITUATIONS.values()))
    claim = replace(remittance.claims[0], inpatient=InpatientAmounts(drg_cents=1))
    with pytest.raises(WriteRefused) as refused:
        remittance_file(replace(remittance, claims=(claim, *remittance.claims[1:])))
    assert [one.where.element for one in refused.value.findings] == ["MIA01"]


def test_an_institutional_claim_has_them_as_records():
    (one,), _ = read_837i(transaction_of("837I", CLAIM_837I))
    claim = replace(
        one.claim, contract=Contract("02", 5000), epsdt=Condition("ZZ", "Y", ("ST",)),
        repricing=Repricing("02", 9000, revenue_code="0905", unit="DA", quantity=Decimal(3)),
        lines=(replace(one.claim.lines[0], repricing=Repricing("10", 700)), *one.claim.lines[1:]),
    )  # fmt: skip
    data = file_of_body(write_837i([replace(one, claim=claim)], control_number="0001"))
    for segment in (b"CN1*02*50~", b"CRC*ZZ*Y*ST~", b"HCP*02*90******0905***DA*3~", b"HCP*10*7~"):
        assert segment in data
    assert stops(data) == [] and pyx12_errors(data) == []
    (again,), findings = read_837i(next(read_x12(data).transactions()))
    assert findings == []
    kept = again.claim
    assert (kept.contract, kept.epsdt, kept.repricing) == (claim.contract, claim.epsdt, claim.repricing)
    assert kept.lines[0].repricing == Repricing("10", 700)
    with pytest.raises(WriteRefused):
        write_837i([replace(one, claim=replace(claim, contract=Contract("98")))], control_number="0001")


def test_another_payers_stay_reads_as_a_record():
    data = set_file("837I secondary").replace(b"MOA***MA01~", b"MIA*5***4500*MA01~MOA*.8**MA02~")
    transaction = next(read_x12(data).transactions())
    (one,), findings = read_837i(transaction)
    (other,) = one.claim.other_coverages
    assert [finding.code for finding in findings] == []
    assert other.inpatient == InpatientAnswer(Decimal(5), drg_cents=450000, remarks=("MA01",))
    assert other.outpatient == OutpatientAnswer(Decimal("0.8"), remarks=("MA02",))
    assert date(2026, 10, 30) == other.payer.adjudicated_on
