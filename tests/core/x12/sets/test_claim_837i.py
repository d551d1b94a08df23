"""837I: programmes by the day, read and written, and judged by an independent validator."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest
from pyx12_judge import pyx12_errors
from questions import CLAIM_837I, SECONDARY_837I, file_of_body, set_file, stops, transaction_of

from cleanclaim.claim_particulars import OutpatientAnswer
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_837i import read_837i, write_837i
from cleanclaim.x12.sets.parties import Diagnosis, Member, PostalAddress
from cleanclaim.x12.writer import WriteRefused

replace = msgspec.structs.replace


def claim_of(kind="837I", text=None):
    found, findings = read_837i(transaction_of(kind, text))
    assert findings == []
    (one,) = found
    return one


def test_a_programme_claim_is_read():
    one = claim_of()
    claim = one.claim
    assert (one.batch_reference, one.submitter.contacts[0].numbers, one.receiver.id) == (
        "B7", (("TE", "5555550101"),), "EVERGREEN",
    )  # fmt: skip
    assert (claim.claim_number, claim.total_charge_cents, claim.bill_type, claim.frequency) == (
        "I2001",
        82500,
        "0131",
        "1",
    )
    assert (claim.statement_from, claim.statement_to) == (date(2026, 10, 12), date(2026, 10, 16))
    assert (claim.admission_type, claim.admission_source, claim.patient_status) == ("3", "1", "30")
    assert (claim.billing_provider.id, claim.billing_provider.tax_id, claim.billing_provider.taxonomy) == (
        "1234567893", "123456789", "261QM0801X",
    )  # fmt: skip
    assert (claim.coverage.sequence, claim.coverage.filing_code, claim.subscriber.id, claim.payer.id) == (
        "P", "CI", "W1", "60054",
    )  # fmt: skip
    assert claim.patient is None and claim.relationship == ""
    assert [one.code for one in claim.diagnoses] == ["F332", "F411"]
    assert [one.code for one in claim.visit_reasons] == ["F332"]
    assert [(one.code, one.on) for one in claim.occurrences] == [("11", date(2026, 10, 1))]
    assert [(one.code, one.amount_cents) for one in claim.value_codes] == [("80", 300)]
    assert claim.condition_codes == ("92",)
    assert (claim.attending.name, claim.attending.id, claim.authorization_number) == (
        "SENIOR",
        "1245319599",
        "CERT778",
    )
    lines = [
        (one.number, one.revenue_code, one.service.code, one.service.modifiers, one.charge_cents, one.unit, one.quantity,
         one.service_from, one.line_control)
        for one in claim.lines
    ]  # fmt: skip
    assert lines == [
        (1, "0905", "S9480", (), 27500, "UN", Decimal(1), date(2026, 10, 12), "I2001L1"),
        (2, "0905", "S9480", (), 27500, "UN", Decimal(1), date(2026, 10, 14), "I2001L2"),
        (3, "0915", "90853", ("59",), 27500, "UN", Decimal(1), date(2026, 10, 16), "I2001L3"),
    ]
    assert (claim.position, claim.lines[0].position, claim.end_position) == (19, 30, 41)


def test_another_payers_answer_is_read():
    (other,) = claim_of("837I secondary").claim.other_coverages
    assert (other.coverage.sequence, other.coverage.filing_code, other.payer.id) == ("P", "MB", "05130")
    assert [(one.group, one.reason, one.amount_cents) for one in other.adjustments] == [
        ("CO", "45", 42500),
        ("PR", "2", 8000),
    ]
    assert (other.paid_cents, other.remaining_patient_cents) == (32000, 8000)
    assert (other.payer.adjudicated_on, other.payer.reference("F8")) == (date(2026, 10, 30), "22630000001")
    assert other.outpatient == OutpatientAnswer(remarks=("MA01",))
    assert (other.benefits_assigned, other.release_of_information) == ("Y", "Y")


@pytest.mark.parametrize("kind", ["837I", "837I secondary"])
def test_what_is_written_is_accepted_by_pyx12(kind):
    data = file_of_body(write_837i([claim_of(kind)], control_number="0001"))
    assert data == set_file(kind)
    assert stops(data) == [] and pyx12_errors(data) == []


def test_pyx12_does_judge():
    assert pyx12_errors(set_file("837I", CLAIM_837I.replace("CL1*3*1*30\n", ""))) != []


def patients():
    """A subscriber's own claim, two of one child, one of another subscriber."""
    one = claim_of()
    home = PostalAddress("7 ELM AVE", "", "PEORIA", "IL", "616020001")
    child = Member("QC", "1", "TESTER", "TINA", address=home, birth_date=date(2012, 3, 4), sex="F")
    other = replace(one.claim.subscriber, id="W9", name="OTHER")
    without = replace(one.claim.coverage, relationship="")

    def claim(number, **changes):
        lines = tuple(replace(line, line_control=f"{number}L{line.number}") for line in one.claim.lines)
        return replace(one, claim=replace(one.claim, claim_number=number, lines=lines, **changes))

    return [
        claim("I1"),
        claim("I2", coverage=without, relationship="19", patient=child),
        claim("I3", coverage=without, relationship="19", patient=child),
        claim("I4", subscriber=other),
    ]


def test_neighbours_share_their_levels():
    given = patients()
    body = write_837i(given, control_number="0001")
    levels = [segment[1:] for segment in body.segments if segment[0] == "HL"]
    assert levels == [("1", "", "20", "1"), ("2", "1", "22", "0"), ("3", "1", "22", "1"), ("4", "3", "23", "0"),
                      ("5", "1", "22", "0")]  # fmt: skip
    data = file_of_body(body)
    assert stops(data) == [] and pyx12_errors(data) == []
    (transaction,) = read_x12(data).transactions()
    again, findings = read_837i(transaction)
    assert findings == []
    assert [(one.claim.claim_number, one.claim.subscriber.id, one.claim.relationship) for one in again] == [
        ("I1", "W1", ""), ("I2", "W1", "19"), ("I3", "W1", "19"), ("I4", "W9", ""),
    ]  # fmt: skip
    assert [one.claim.patient and one.claim.patient.first_name for one in again] == [
        None,
        "TINA",
        "TINA",
        None,
    ]


def test_the_time_of_creation_may_be_given():
    body = write_837i([claim_of()], control_number="0001", created_at=datetime(2026, 12, 1, 8, 5))  # noqa: DTZ001
    assert body.segments[0][4:6] == ("20261201", "0805")


REFUSED = [  # what is changed in the claim, and one of the faults that the guide finds
    ({"attending": None, "statement_to": None}, "2300", "DTP02"),
    ({"patient_status": ""}, "2300", "CL103"),
    ({"total_charge_cents": 82501}, "2300", "CLM02"),
    ({"principal_diagnosis": None}, "2300", ""),
    ({"frequency": ""}, "2300", "CLM05"),
    ({"lines": ()}, "2400", ""),
    ({"principal_diagnosis": Diagnosis("F332", "ABF")}, "2300", ""),
]


@pytest.mark.parametrize(("changes", "loop", "element"), REFUSED)
def test_what_the_guide_refuses_is_not_written(changes, loop, element):
    one = claim_of()
    with pytest.raises(WriteRefused) as refused:
        write_837i([replace(one, claim=replace(one.claim, **changes))], control_number="0001")
    found = [(one.where.loop, one.where.element) for one in refused.value.findings]
    assert (loop, element) in found, found


def test_no_claim_is_no_file():
    with pytest.raises(WriteRefused) as refused:
        write_837i([], control_number="0001")
    assert [one.code for one in refused.value.findings] == ["x12.837i.empty"]


def test_reading_never_fails_on_what_is_missing():
    for text in (CLAIM_837I, SECONDARY_837I):
        lines = text.splitlines()
        for at in range(1, len(lines)):
            read_837i(transaction_of("837I", "\n".join(lines[:at])))
            read_837i(transaction_of("837I", "\n".join(lines[:at] + lines[at + 1 :])))
