"""What the guide refuses in a claim: each fault named with its claim, nothing written in part."""

from __future__ import annotations

from datetime import date

import pytest
from claims import (
    DEPENDENT,
    GROUP,
    LINE,
    LINE2,
    MEDICARE,
    PLAIN,
    PRIMARY,
    PRIMARY_ANSWER,
    RECEIVER,
    RENDERING,
    SECONDARY,
    STREET,
    SUBMITTER,
    TERRY,
    WHEN,
    file_of,
    many_lines,
    replace,
)

from cleanclaim.claim import Address, Adjustment, Frequency, Organization
from cleanclaim.findings import Severity
from cleanclaim.x12.sets.claim_837p import Submitter, check_claim, write_837p
from cleanclaim.x12.writer import WriteRefused


def billed_by(**changes):
    return {"billing_provider": replace(GROUP, **changes)}


def patient(**changes):
    person = replace(TERRY, **changes)
    return {"subscriber": person, "patient": person}


def first_line(**changes):
    return {"lines": (replace(LINE, **changes), LINE2)}


def answer(**changes):
    return {"lines": (replace(LINE, other_payers=(replace(PRIMARY_ANSWER, **changes),)), SECONDARY.lines[1])}


BOX = replace(STREET, line1="P.O. Box 12")

REFUSED = [  # claim, change, code without family, loop and element
    (PLAIN, {"claim_number": ""}, "claim_number", "2300 CLM01"),
    (PLAIN, {"claim_number": "a1003"}, "claim_number", "2300 CLM01"),
    (PLAIN, {"claim_number": "A" * 18}, "claim_number", "2300 CLM01"),
    (PLAIN, {"total_charge_cents": 30999}, "charge_sum", "2300 CLM02"),
    (PLAIN, {"place_of_service": "1"}, "place_of_service", "2300 CLM05"),
    (PLAIN, {"sequence": "X"}, "sequence", "2000B SBR01"),
    (PLAIN, {"accept_assignment": "Y"}, "assignment", "2300 CLM07"),
    (PLAIN, {"frequency": Frequency.REPLACEMENT}, "payer_control_number", "2300 REF02"),
    (PLAIN, {"frequency": Frequency.VOID}, "payer_control_number", "2300 REF02"),
    (PLAIN, {"authorization_number": "PA*77"}, "characters", "2300 REF02"),
    (PLAIN, {"patient_paid_cents": -1}, "amount", "2300 AMT02"),
    (PLAIN, {"note": "X" * 81}, "length", "2300 NTE02"),
    (PLAIN, {"insurance_type": "12"}, "secondary_reason", "2000B SBR05"),
    (SECONDARY, {"payer": MEDICARE}, "secondary_reason", "2000B SBR05"),
    (SECONDARY, {"payer": MEDICARE, "insurance_type": "99"}, "secondary_reason", "2000B SBR05"),
    (PLAIN, billed_by(npi=""), "npi", "2010AA NM109"),
    (PLAIN, billed_by(npi="123456789"), "npi", "2010AA NM109"),
    (PLAIN, billed_by(taxonomy=""), "taxonomy", "2000A PRV03"),
    (PLAIN, billed_by(tax_id="12-3456789"), "tax_id", "2010AA REF02"),
    (PLAIN, billed_by(address=replace(STREET, postal_code="62701")), "postal_code", "2010AA N403"),
    (PLAIN, billed_by(address=BOX), "po_box", "2010AA N301"),
    (PLAIN, billed_by(name="~~"), "characters", "2010AA NM103"),
    (PLAIN, billed_by(name=""), "missing", "2010AA NM103"),
    (PLAIN, {"member_id": ""}, "member_id", "2010BA NM109"),
    (PLAIN, {"member_id": "W12*3"}, "member_id", "2010BA NM109"),
    (PLAIN, {"payer": replace(PLAIN.payer, payer_id="")}, "payer_id", "2010BB NM109"),
    (PLAIN, {"payer": replace(PLAIN.payer, claim_filing_code="XX")}, "filing_code", "2000B SBR09"),
    (PLAIN, {"patient": replace(TERRY, first_name="OTHER")}, "patient", "2010BA SBR02"),
    (PLAIN, patient(birth_date=None), "birth_date", "2010BA DMG02"),
    (DEPENDENT, {"patient": replace(DEPENDENT.patient, birth_date=None)}, "birth_date", "2010CA DMG02"),
    (PLAIN, patient(sex="X"), "sex", "2010BA DMG03"),
    (PLAIN, patient(address=Address("1 ELM", "", "PEORIA", "Illinois", "61602")), "address", "2010BA N402"),
    (PLAIN, patient(address=Address("1 ELM", "", "PEORIA", "IL", "6160")), "postal_code", "2010BA N403"),
    (PLAIN, patient(last_name="X" * 61), "length", "2010BA NM103"),
    (PLAIN, {"rendering": None}, "rendering", "2310B NM109"),
    (PLAIN, {"rendering": replace(RENDERING, npi="")}, "npi", "2310B NM109"),
    (PLAIN, {"supervising": replace(RENDERING, npi="12")}, "npi", "2310D NM109"),
    (PLAIN, {"service_facility": Organization("ANNEX", address=replace(STREET, postal_code="62701"))}, "postal_code", "2310C N403"),
    (PLAIN, {"diagnoses": (), **first_line(diagnosis_pointers=(1,))}, "diagnosis_count", "2300 HI01"),
    (PLAIN, {"diagnoses": tuple(f"F{at}.1" for at in range(10, 23))}, "diagnosis_count", "2300 HI01"),
    (PLAIN, {"diagnoses": ("F33.1", "F331")}, "diagnosis_twice", "2300 HI01"),
    (PLAIN, {"diagnoses": ("F33.1", "331")}, "diagnosis", "2300 HI02"),
    (PLAIN, {"lines": many_lines(51), "total_charge_cents": 51 * 17500}, "line_count", "2400 LX01"),
    (PLAIN, {"lines": (), "total_charge_cents": 0}, "line_count", "2400 LX01"),
    (PLAIN, {"lines": (LINE, replace(LINE2, number=3))}, "line_numbers", "2400 LX01"),
    (PLAIN, {"lines": (LINE, replace(LINE2, control_number="A1003L1"))}, "line_control_twice", "2400 REF02"),
    (PLAIN, first_line(control_number="A:1"), "line_control", "2400 REF02"),
    (PLAIN, first_line(code="9083"), "procedure", "2400 SV101"),
    (PLAIN, first_line(modifiers=("95", "HO", "U1", "U2", "U3")), "modifier", "2400 SV101"),
    (PLAIN, first_line(units="0"), "units", "2400 SV104"),
    (PLAIN, first_line(units="NaN"), "units", "2400 SV104"),
    (PLAIN, first_line(place_of_service="1X"), "place_of_service", "2400 SV105"),
    (PLAIN, first_line(diagnosis_pointers=(3,)), "pointer", "2400 SV107"),
    (PLAIN, first_line(diagnosis_pointers=()), "pointer", "2400 SV107"),
    (PLAIN, first_line(date_of_service_end=date(2026, 10, 14)), "period", "2400 DTP03"),
    (PLAIN, first_line(rendering=replace(RENDERING, taxonomy="X")), "taxonomy", "2420A PRV03"),
    (SECONDARY, {"sequence": "P"}, "sequence", "2320 SBR01"),
    (SECONDARY, answer(paid_cents=10999), "answer_sum", "2430 SVD02"),
    (SECONDARY, answer(payer_id="99999"), "answer_payer", "2430 SVD01"),
    (SECONDARY, answer(adjustments=(Adjustment("ZZ", "45", 6500),)), "adjustment", "2430 CAS02"),
    (SECONDARY, {"other_payers": (replace(PRIMARY, paid_cents=19999),)}, "other_payer_sum", "2320 AMT02"),
    (SECONDARY, {"other_payers": (PRIMARY, replace(PRIMARY, sequence="T"))}, "other_payer_twice", "2330B NM109"),
    (SECONDARY, {"other_payers": (replace(PRIMARY, member_id=""),)}, "member_id", "2330A NM109"),
    (SECONDARY, {"lines": PLAIN.lines, "other_payers": (replace(PRIMARY, paid_cents=31000, adjudicated_on=None),)}, "answer_date", "2330B DTP03"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "change", "code", "place"), REFUSED)
def test_refused(claim, change, code, place):
    claim = replace(claim, **change)
    found = {finding.code: finding for finding in check_claim(claim)}
    finding = found[f"x12.837p.{code}"]
    assert f"{finding.where.loop} {finding.where.element}" == place
    assert finding.severity is Severity.STOP
    assert finding.subject_id == claim.claim_number[:50]
    assert finding.remedy.endswith(".") and finding.message.endswith(".")
    with pytest.raises(WriteRefused) as refusal:
        file_of(claim)
    assert finding in refusal.value.findings


def test_one_fault_is_one_finding():
    counts = {
        at: len(check_claim(replace(claim, **change))) for at, (claim, change, _, _) in enumerate(REFUSED)
    }
    several = {at: count for at, count in counts.items() if count != 1}
    # A missing list of diagnoses leaves every pointer without aim; a changed answer breaks both sums.
    assert all(
        REFUSED[at][2] in ("diagnosis_count", "answer_payer", "answer_sum", "line_numbers") for at in several
    ), several


def test_messages_name_the_claim_and_nobody():
    claim = replace(PLAIN, **patient(birth_date=None, sex="X"), member_id="")
    text = "\n".join(finding.text() for finding in check_claim(claim))
    assert text.count("Claim A1003 ") == 3
    assert "TESTER" not in text and "TERRY" not in text and "W1234" not in text


def test_a_batch_can_leave_the_bad_claim_out():
    bad = replace(PLAIN, claim_number="BAD", total_charge_cents=1)
    with pytest.raises(WriteRefused) as refusal:
        file_of(PLAIN, bad)
    assert {finding.subject_id for finding in refusal.value.findings} == {"BAD"}
    good = [claim for claim in (PLAIN, bad) if not check_claim(claim)]
    assert b"CLM*A1003*" in file_of(*good)


FILES_REFUSED = [  # claims, change of the call, code
    ([], {}, "x12.837p.empty"),
    ([PLAIN, PLAIN], {}, "x12.837p.claim_number_twice"),
    ([PLAIN], {"batch_reference": ""}, "x12.837p.batch_reference"),
    ([PLAIN], {"submitter": Submitter("QUIET HARBOR", "QHB01")}, "x12.837p.contact"),
    ([PLAIN], {"submitter": replace(SUBMITTER, name="")}, "x12.837p.party_name"),
    ([PLAIN], {"receiver": replace(RECEIVER, id="")}, "x12.837p.party_id"),
]


@pytest.mark.parametrize(("claims", "change", "code"), FILES_REFUSED)
def test_a_file_is_refused_as_a_whole(claims, change, code):
    usual = {
        "submitter": SUBMITTER,
        "receiver": RECEIVER,
        "batch_reference": "B41",
        "control_number": "0001",
        "created_at": WHEN,
    }
    with pytest.raises(WriteRefused) as refusal:
        write_837p(claims, **(usual | change))
    assert [finding.code for finding in refusal.value.findings] == [code]
