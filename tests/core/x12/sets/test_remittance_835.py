"""Remittances out and back, public samples to the cent, and faults that stop nothing but themselves."""

from __future__ import annotations

import csv
import re
from datetime import date

import pytest
from claims import engine_findings
from pyx12_judge import pyx12_errors
from remittances import CLAIM, LINE, PLAIN, SITUATIONS, file_of, read_back, replace, without_places

from cleanclaim.claim import Address
from cleanclaim.findings import Severity
from cleanclaim.money import parse_amount
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.records import Cas, RemitParty
from cleanclaim.x12.sets.remittance_835 import read_835, write_835
from cleanclaim.x12.writer import WriteRefused


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_is_clean_and_reads_back(name):
    remittance = SITUATIONS[name]
    data = file_of(remittance)
    assert pyx12_errors(data) == []
    unbalanced = ("debit",)  # a test partner may send what does not balance
    assert name in unbalanced or engine_findings(data) == []
    found, findings = read_back(data)
    assert findings == []
    assert without_places(found) == remittance


def test_the_judge_catches_a_planted_fault():
    data = file_of(PLAIN)
    assert pyx12_errors(data.replace(b"N3*100 PLAZA~", b"")) != []
    assert pyx12_errors(data.replace(b"CLP*A1003*1*", b"CLP*A1003*99*")) != []


def test_every_cent_can_be_shown_in_its_file():
    data = file_of(SITUATIONS["many_reasons"])
    found, _ = read_back(data)
    (transaction,) = read_x12(data).transactions()
    segments = transaction.segments
    (claim,) = found.claims
    assert segments[claim.position - 1].text().startswith("CLP*A1003*1*175*0*7*12")
    assert [segments[one.position - 1].text() for one in claim.lines] == ["SVC*HC:90837*175*8**1"]
    seen = [(one.group, one.reason, segments[one.position - 1].text()) for one in claim.adjustments]
    six = "CAS*OA*1*1**2*1**3*1**4*1**5*1**6*1"
    assert seen == [("OA", str(at), six) for at in range(1, 7)] + [
        ("OA", "7", "CAS*OA*7*1"),
        ("PR", "1", "CAS*PR*1*1"),
    ]
    assert segments[claim.end_position - 1].text() == "LQ*HE*N130"
    assert data[found.offset :].startswith(b"ST*835*0001~")
    assert found.segment_count == len(segments)
    assert found.interchange_control_number == "000000041"


def _facts(path):
    """The facts of one sample: sums over all its transactions."""
    remittances = [read_835(one) for one in read_x12(path.read_bytes()).transactions()]
    assert all(finding.severity is Severity.TELL for _, findings in remittances for finding in findings)
    claims = [claim for remittance, _ in remittances for claim in remittance.claims]
    lines = [line for claim in claims for line in claim.lines]
    cas = [one for holder in (*claims, *lines) for one in holder.adjustments]
    pairs = [one for remittance, _ in remittances for one in remittance.provider_adjustments]
    return {
        "tx": len(remittances),
        "BPR02": sum(remittance.paid_cents for remittance, _ in remittances),
        "n_CLP": len(claims),
        "sum_CLP03": sum(claim.charge_cents for claim in claims),
        "sum_CLP04": sum(claim.paid_cents for claim in claims),
        "sum_CLP05": sum(claim.patient_cents or 0 for claim in claims),
        "n_SVC": len(lines),
        "sum_SVC03": sum(line.paid_cents for line in lines),
        "sum_CAS": sum(one.amount_cents for one in cas),
        "sum_PLB": sum(one.amount_cents for one in pairs),
    }


def test_public_samples_to_the_cent(samples_dir):
    with (samples_dir / "MANIFEST.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "835"]
    assert len(rows) == 23
    for row in rows:
        stated = dict(re.findall(r"(\w+)=([-\d.]+)", row["key_facts"]))
        expected = {
            name: int(stated[name]) if name[0] in "tn" else parse_amount(stated[name])
            for name in ("tx", "BPR02", "n_CLP", "sum_CLP03", "sum_CLP04", "sum_CLP05", "n_SVC", "sum_SVC03", "sum_CAS", "sum_PLB")
        }  # fmt: skip
        assert _facts(samples_dir / row["file"]) == expected, row["file"]


FAULTS = [  # what is changed, finding, severity, why
    (b"*175*110*20*12", b"*175*A*20*12", "x12.835.amount_unreadable", Severity.STOP, "CLP04 no number"),
    (b"*175*110*20*12", b"**110*20*12", "x12.835.amount_missing", Severity.STOP, "CLP03 absent"),
    (b"CAS*CO*45*45*", b"CAS*CO*45**", "x12.835.amount_missing", Severity.STOP, "CAS03 absent"),
    (b"*45*45**", b"*45*4.555**", "x12.835.amount_unreadable", Severity.STOP, "a fraction of a cent"),
    (b"BPR*I*110*C*", b"BPR*I*110**", "x12.835.payment_sign", Severity.STOP, "credit or debit unknown"),
    (b"DTM*472*20261015", b"DTM*472*20261315", "x12.835.date_unreadable", Severity.TELL, "month 13"),
    (b"TRN*1*EFT1*", b"TRN*1**", "x12.835.trace_missing", Severity.TELL, "no trace"),
    (b"LX*1~", b"CAS*CO*45*1~", "x12.835.stray_segment", Severity.STOP, "an adjustment of nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "severity", "why"), FAULTS)
def test_a_fault_is_a_finding_and_reading_goes_on(old, new, code, severity, why):
    good = file_of(replace(PLAIN, claims=(with_pair(), replace(CLAIM, claim_number="A1005"))))
    assert good.count(old) >= 1, why
    found, findings = read_back(good.replace(old, new, 1))
    assert [(one.code, one.severity) for one in findings] == [(code, severity)]
    assert [claim.claim_number for claim in found.claims] == ["A1003", "A1005"]
    assert all("A" * 2 not in one.message and "4.555" not in one.message for one in findings)


def with_pair():
    """CO and PR twice, so that one CAS has a second triple."""
    line = replace(LINE, adjustments=(Cas("CO", "45", 4500), Cas("CO", "253", 0), Cas("PR", "3", 2000)))
    return replace(CLAIM, lines=(line,))


REFUSED = [  # change, element named
    ({"method": "XXX"}, "BPR04"),
    ({"paid_on": None}, "BPR16"),
    ({"trace_number": ""}, "TRN02"),
    ({"trace_payer_id": "512345678"}, "TRN03"),
    ({"payer": replace(PLAIN.payer, address=Address())}, "N102"),
    ({"payee": RemitParty("QUIET")}, "N104"),
    ({"claims": (replace(CLAIM, status="9"),)}, "CLP02"),
    ({"claims": (replace(CLAIM, filing_code="CI"),)}, "CLP06"),
    ({"claims": (replace(CLAIM, payer_control_number=""),)}, "CLP07"),
    ({"claims": (replace(CLAIM, patient=RemitParty()),)}, "NM103"),
    ({"claims": (replace(CLAIM, remarks=tuple(f"MA{at:02d}" for at in range(6))),)}, "MOA03"),
    ({"claims": (replace(CLAIM, adjustments=(Cas("XX", "45", 1),)),)}, "CAS01"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "element"), REFUSED)
def test_what_the_guide_cannot_carry_is_refused(change, element):
    with pytest.raises(WriteRefused) as refusal:
        write_835(replace(PLAIN, **change), control_number="0001")
    assert [one.where.element for one in refusal.value.findings] == [element]
    assert refusal.value.findings[0].remedy


def test_an_empty_transaction_is_read():
    data = file_of(PLAIN)
    found, findings = read_back(data[: data.index(b"BPR")] + b"SE*2*0001~GE*1*7~IEA*1*000000041~")
    assert (found.paid_cents, found.claims, found.paid_on) == (0, (), None)
    assert [one.code for one in findings] == ["x12.835.payment_missing", "x12.835.trace_missing"]


def test_dates_of_a_line():
    data = file_of(PLAIN).replace(b"DTM*472*20261015", b"DTM*150*20261015~DTM*151*20261017")
    (line,) = read_back(data)[0].claims[0].lines
    assert (line.service_from, line.service_to) == (date(2026, 10, 15), date(2026, 10, 17))
