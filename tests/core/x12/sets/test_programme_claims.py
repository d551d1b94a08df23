"""Our own institutional claims: written, judged by an independent validator, and read back alike."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from programmes import DAYS, bill, file_of, programme_claim, secondary
from pyx12_judge import pyx12_errors

from cleanclaim.claim import (
    Clinician,
    Frequency,
    Organization,
    Person,
    ServiceLine,
    decode_claim,
    encode_claim,
)
from cleanclaim.claim_particulars import Condition, Contract, Particulars, Repricing, SpinalTreatment
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_837i import read_837i, write_837i
from cleanclaim.x12.sets.claim_837i.claims import check_institutional, institutional_of, read_claims
from cleanclaim.x12.validate import validate
from cleanclaim.x12.writer import WriteRefused

replace = msgspec.structs.replace


def dependent(claim):
    child = replace(claim.patient, first_name="TINA", birth_date=date(2010, 5, 4))
    parent = Person("TESTER", "TERRY")
    return replace(claim, subscriber=parent, patient=child, relationship="19")


FORMS = {
    "plain": lambda: programme_claim(),
    "a dependent": lambda: dependent(programme_claim()),
    "admitted and discharged": lambda: bill(
        programme_claim(), admitted_on=DAYS[0], admitted_clock="0900", discharge_clock="1500",
        patient_status="01", admitting_diagnosis="F33.2",
    ),
    "condition, occurrence and value codes": lambda: bill(
        programme_claim(), conditions=("41", "92"), occurrences=(("11", date(2026, 10, 1)),),
        values=(("80", 300),),
    ),
    "first of several bills": lambda: bill(programme_claim(), cycle="2"),
    "corrected": lambda: replace(
        programme_claim(), frequency=Frequency.REPLACEMENT, payer_control_number="EV77001"
    ),
    "void": lambda: replace(programme_claim(), frequency=Frequency.VOID, payer_control_number="EV77001"),
    "second payer": secondary,
    "a second place": lambda: replace(
        programme_claim(),
        service_facility=Organization("QUIET HARBOR EAST", "1234567893", address=programme_claim().billing_provider.address),
    ),
    "days of two kinds and a spanned line": lambda: replace(
        programme_claim(),
        lines=(
            *programme_claim().lines[:2],
            ServiceLine(3, "P1001L3", "H0035", DAYS[1], 27_500, "3", ("HE",), date_of_service_end=DAYS[2],
                        revenue_code="0912"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_what_is_sent_is_taken_and_reads_back_alike(form):
    claim = FORMS[form]()
    assert check_institutional(claim) == []
    data = file_of(claim)
    assert pyx12_errors(data) == []
    file = read_x12(data)
    assert not [one for report in validate(file) for one in report.findings if one.severity.stops]
    (transaction,) = file.transactions()
    found, findings = read_claims(transaction)
    assert findings == []
    (one,) = found
    # Sent claims name no diagnosis pointers and no provider signature: the defaults stand for both.
    assert one.claim == claim
    assert (one.batch_reference, one.submitter.id, one.receiver.id) == ("B7", "QHB01", "EVERGREEN")
    assert transaction.segments[one.position - 1].id == "CLM"


@pytest.mark.parametrize(
    ("form", "bill_type"),
    [("plain", "0131"), ("first of several bills", "0132"), ("corrected", "0137"), ("void", "0138")],
)
def test_the_type_of_bill(form, bill_type):
    claim = FORMS[form]()
    assert claim.bill_type == bill_type == institutional_of(claim).bill_type


def test_a_professional_claim_has_no_type_of_bill():
    assert replace(programme_claim(), bill=None).bill_type == ""


def test_the_frozen_copy_keeps_the_bill():
    claim = FORMS["condition, occurrence and value codes"]()
    assert decode_claim(encode_claim(claim)) == claim


def test_several_claims_stand_in_one_file():
    claims = [programme_claim("P1"), dependent(programme_claim("P2")), secondary("P3"), programme_claim("P4")]
    data = file_of(*claims)
    assert pyx12_errors(data) == []
    (transaction,) = read_x12(data).transactions()
    assert [one.claim for one in read_claims(transaction)[0]] == claims


REFUSED = {
    "not_institutional": lambda c: replace(c, bill=None),
    "bill_type": lambda c: bill(c, facility="3"),
    "attending": lambda c: bill(c, attending=None),
    "npi": lambda c: bill(c, attending=Clinician("SENIOR", "SUE", "12453")),
    "revenue_code": lambda c: replace(c, lines=(replace(c.lines[0], revenue_code="905"), *c.lines[1:])),
    "charge_sum": lambda c: replace(c, total_charge_cents=82_501),
    "statement_dates": lambda c: bill(c, statement_from=date(2026, 10, 17)),
    "clock": lambda c: bill(c, admitted_on=DAYS[0]),
    "payer_control_number": lambda c: replace(c, frequency=Frequency.VOID),
    "patient_paid": lambda c: replace(c, patient_paid_cents=100),
    "line_control_twice": lambda c: replace(
        c, lines=(c.lines[0], replace(c.lines[1], control_number=c.lines[0].control_number), c.lines[2])
    ),
    "diagnosis": lambda c: replace(c, diagnoses=("F33", "X1")),
    "diagnosis_twice": lambda c: replace(c, diagnoses=("F33.1", "F331")),
    "diagnosis_count": lambda c: replace(c, diagnoses=()),
    "member_id": lambda c: replace(c, member_id=""),
    "particulars": lambda c: replace(c, particulars=Particulars(spinal=SpinalTreatment("A"))),
    "other_payer_sum": lambda c: replace(
        secondary(), other_payers=(replace(secondary().other_payers[0], paid_cents=1),)
    ),
    "rendering": lambda c: replace(c, rendering=Clinician("SENIOR", "SUE", "1245319599")),
    "obligated": lambda c: bill(
        replace(c, lines=(replace(c.lines[0], obligated_cents=100), *c.lines[1:])), values=(("44", 80_000),)
    ),
    "line_count": lambda c: replace(c, lines=(), total_charge_cents=0),
    "bill_code": lambda c: bill(c, conditions=("9",)),
    "postal_code": lambda c: replace(
        c,
        billing_provider=replace(
            c.billing_provider, address=replace(c.billing_provider.address, postal_code="62701")
        ),
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_the_guide_refuses_is_said_before(code):
    findings = check_institutional(REFUSED[code](programme_claim()))
    assert f"x12.837i.{code}" in {one.code for one in findings}
    assert all(one.severity.stops and "TESTER" not in one.message for one in findings)


def test_what_only_a_line_says_stays_off_an_institutional_claim():
    line = replace(programme_claim().lines[0], particulars=Particulars(Contract("05")))
    claim = programme_claim()
    (finding,) = check_institutional(replace(claim, lines=(line, *claim.lines[1:])))
    assert (finding.code, finding.where.loop) == ("x12.837i.particulars", "2400")


def test_contract_repricing_and_screening_travel_with_an_institutional_claim():
    claim = programme_claim()
    line = replace(claim.lines[0], particulars=Particulars(repricing=Repricing("02", 20_000)))
    told = Particulars(
        Contract("02", 5000), Repricing("10", 70_000), conditions=(Condition("ZZ", "Y", ("ST",)),)
    )
    claim = replace(claim, particulars=told, lines=(line, *claim.lines[1:]))
    assert check_institutional(claim) == []
    data = file_of(claim)
    assert pyx12_errors(data) == []
    assert [one.claim for one in read_claims(next(read_x12(data).transactions()))[0]] == [claim]


def test_records_that_do_not_balance_are_not_written_either():
    """Who writes the guide's records without our claim is refused by the guide's own sums."""
    record = institutional_of(programme_claim())
    (one,), _ = read_837i(next(read_x12(file_of(programme_claim())).transactions()))
    wrong = replace(record, total_charge_cents=record.total_charge_cents + 1)
    with pytest.raises(WriteRefused) as refused:
        write_837i([replace(one, claim=wrong)], control_number="0001")
    assert [finding.code for finding in refused.value.findings] == ["x12.balance.claim_charge"]


def test_the_guide_itself_looks_last():
    """CL101 is required: no check of ours says so, the guide does."""
    findings = check_institutional(bill(programme_claim(), admission_type=""))
    assert findings and all(one.subject_id == "P1001" for one in findings)


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ((None, None, None), []),
        ((25_000, 25_000, 25_000), [("44", 75_000)]),
        ((25_000, None, 0), [("44", 52_500)]),  # a line that no contract cut counts with its charge
        ((27_500, None, None), [("44", 82_500)]),
    ],
)
def test_what_must_be_accepted_in_full_is_one_amount_of_the_bill(accepted, sent):
    claim = bill(secondary(), values=(("80", 300),))
    lines = (replace(line, obligated_cents=cents) for line, cents in zip(claim.lines, accepted, strict=True))
    claim = replace(claim, lines=tuple(lines))
    assert check_institutional(claim) == []
    data = file_of(claim)
    assert pyx12_errors(data) == []
    (transaction,) = read_x12(data).transactions()
    (found,), _ = read_claims(transaction)
    assert list(found.claim.bill.values) == [("80", 300), *sent]
    assert file_of(found.claim) == data
