"""Each scenario from claim to remittance, to the cent, judged by an independent validator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from partner import MEDICAID, MEDICARE, MONDAY, Mailbox, cas, claim, is_balanced, of_claims
from pyx12_judge import pyx12_errors

from cleanclaim.simulator import SCENARIOS, Family

CO45 = ("CO", "45", 3000)

# prefix, CLP02, paid, patient share, adjustments of a 150.00 line allowed at 120.00
ANSWERS = [
    ("PD", "1", 12000, 0, [CO45]),
    ("XX", "1", 12000, 0, [CO45]),
    ("DD", "1", 0, 12000, [CO45, ("PR", "1", 12000)]),
    ("DC", "1", 5600, 6400, [CO45, ("PR", "1", 5000), ("PR", "2", 1400)]),
    ("CP", "1", 9500, 2500, [CO45, ("PR", "3", 2500)]),
    ("CN", "1", 9600, 2400, [CO45, ("PR", "2", 2400)]),
    ("SQ", "1", 9408, 2400, [CO45, ("PR", "2", 2400), ("CO", "253", 192)]),
    ("PT", "1", 12000, 0, [CO45]),
    ("WH", "1", 11400, 0, [CO45, ("CO", "104", 600)]),
    ("UP", "1", 10200, 0, [("CO", "45", 4800)]),
    ("DN", "1", 9000, 0, [("CO", "45", 6000)]),
    ("ID", "1", 12000, 0, [CO45]),
    ("CC", "1", 0, 0, [("CO", "24", 15000)]),
    ("N1", "4", 0, 0, [("CO", "27", 15000)]),
    ("N2", "4", 0, 15000, [("PR", "27", 15000)]),
    ("N3", "1", 0, 0, [("CO", "197", 15000)]),
    ("N4", "1", 0, 0, [("CO", "29", 15000)]),
    ("N5", "1", 0, 0, [("CO", "4", 15000)]),
    ("N6", "1", 0, 0, [("CO", "97", 15000)]),
    ("N7", "1", 0, 0, [("OA", "18", 15000)]),
    ("N8", "1", 0, 0, [("CO", "50", 15000)]),
    ("N9", "1", 0, 0, [("CO", "B7", 15000)]),
    ("NA", "1", 0, 0, [("CO", "185", 15000)]),
    ("NC", "1", 0, 0, [("OA", "22", 15000)]),
    ("ND", "1", 0, 15000, [("PR", "96", 15000)]),
    ("NE", "1", 0, 15000, [("PR", "119", 15000)]),
    ("NF", "1", 0, 0, [("CO", "16", 15000)]),
    ("NG", "1", 0, 0, [("CO", "252", 15000)]),
    ("NH", "1", 0, 0, [("CO", "5", 15000)]),
    ("NJ", "4", 0, 0, [("CO", "31", 15000)]),
    ("NM", "1", 0, 0, [("CO", "11", 15000)]),
    ("NR", "1", 0, 0, [("CO", "198", 15000)]),
    ("NT", "1", 0, 0, [("CO", "109", 15000)]),
]


@pytest.mark.parametrize(
    ("prefix", "status", "paid", "patient", "adjustments"), ANSWERS, ids=lambda one: str(one)
)
def test_one_line_is_answered_to_the_cent(prefix, status, paid, patient, adjustments):
    box = Mailbox()
    box.send(claim(prefix))
    box.wait(30)
    [answer] = box.answers()
    assert (answer.claim_number, answer.status, answer.charge_cents) == ("EC000001", status, 15000)
    assert (answer.paid_cents, answer.patient_cents, cas(answer)) == (paid, patient, adjustments)
    assert answer.lines[0].line_control == "L1X1"
    [remittance] = box.remittances()
    assert (remittance.paid_cents, is_balanced(remittance)) == (paid, True)
    assert (remittance.method, remittance.handling) == (("ACH", "I") if paid else ("NON", "H"))


def test_every_scenario_that_answers_at_once_is_in_the_table():
    later = {"RV", "TB", "TW", "IN", "XO", "SL", "ZB"}
    rejected = {one.prefix for one in SCENARIOS if one.family is Family.REJECTED}
    assert {one[0] for one in ANSWERS} - {"XX"} == {one.prefix for one in SCENARIOS} - later - rejected


REMARKS = [  # prefix, on the claim (MOA), on the line (LQ)
    ("NF", ("MA130",), ("N290",)),
    ("NC", ("MA04",), ()),
    ("NG", (), ("N706",)),
    ("DN", (), ("N22",)),
]


@pytest.mark.parametrize(("prefix", "on_claim", "on_line"), REMARKS)
def test_remarks_stand_where_payers_put_them(prefix, on_claim, on_line):
    box = Mailbox()
    box.send(claim(prefix))
    box.wait(30)
    [answer] = box.answers()
    assert (answer.remarks, answer.lines[0].remarks) == (on_claim, on_line)


def test_the_remittance_names_everybody():
    box = Mailbox()
    box.send(claim("PD"))
    box.wait(30)
    [remittance] = box.remittances()
    assert (remittance.payer.name, remittance.payer.additional_ids) == (
        "EXAMPLE HEALTH PLAN",
        (("2U", "EXHP1"),),
    )
    assert (remittance.payee.id_qualifier, remittance.payee.id, remittance.payee.tax_id) == (
        "XX",
        "2999000013",
        "990000001",
    )
    assert remittance.trace_payer_id.startswith("100")
    assert remittance.receiver_id == "EXAG01"
    assert MONDAY.date() + timedelta(days=7) <= remittance.paid_on <= MONDAY.date() + timedelta(days=30)
    [answer] = remittance.claims
    assert (answer.patient.name, answer.patient.id, answer.rendering.id) == (
        "PATIENT",
        "PD0000001",
        "2999000039",
    )
    assert (answer.filing_code, answer.facility_code, answer.frequency) == ("12", "11", "1")
    assert answer.received_on == MONDAY.date()


def test_partly_paid_denies_the_last_line():
    box = Mailbox()
    box.send(claim("PT", codes=("99214", "90833")))
    box.wait(30)
    [answer] = box.answers()
    assert (answer.charge_cents, answer.paid_cents) == (30000, 10000)
    assert cas(answer) == [("CO", "45", 5000), ("CO", "97", 15000)]
    assert [line.remarks for line in answer.lines] == [(), ("M15",)]


def test_a_copay_is_taken_once_a_claim():
    box = Mailbox()
    box.send(claim("CP", codes=("99214", "90833")))
    box.wait(30)
    [answer] = box.answers()
    assert [line.paid_cents for line in answer.lines] == [7500, 5000]
    assert answer.patient_cents == 2500


def test_a_downcoded_line_shows_both_codes():
    box = Mailbox()
    box.send(claim("DN"))
    box.wait(30)
    [line] = box.answers()[0].lines
    assert (line.code, line.submitted_code, line.charge_cents, line.paid_cents) == (
        "90834",
        "90837",
        15000,
        9000,
    )


def test_a_corrected_member_number_comes_in_nm1_74():
    box = Mailbox()
    box.send(claim("ID"))
    box.wait(30)
    [answer] = box.answers()
    assert answer.corrected_patient.id == "PD0000001"


def test_medicare_and_medicaid_keep_their_filing_codes():
    box = Mailbox()
    box.send(claim("SQ", 1, payer=MEDICARE), claim("PD", 2, payer=MEDICAID))
    box.wait(40)
    assert sorted((one.filing_code, one.paid_cents) for one in box.answers()) == [("MB", 9408), ("MC", 9750)]
    medicare = next(one for one in box.remittances() if one.claims[0].filing_code == "MB")
    assert medicare.paid_on >= MONDAY.date() + timedelta(days=14)


def test_out_of_balance_is_off_by_ten_dollars_in_a_payment_of_its_own():
    box = Mailbox()
    box.send(claim("ZB", 1), claim("PD", 2))
    box.wait(30)
    broken, sound = sorted(box.remittances(), key=is_balanced)
    assert (is_balanced(broken), is_balanced(sound)) == (False, True)
    [answer] = broken.claims
    assert answer.charge_cents - sum(cents for _, _, cents in cas(answer)) == answer.paid_cents - 1000
    assert broken.paid_cents == answer.paid_cents == 12000


def test_silence_is_accepted_and_never_answered():
    box = Mailbox()
    box.send(claim("SL"))
    box.wait(400)
    assert [of_claims(report)[0].statuses[0].category for report in box.reports()] == ["A0", "A2"]
    assert box.remittances() == []


@pytest.mark.parametrize("payer", [None, MEDICARE, MEDICAID], ids=["commercial", "medicare", "medicaid"])
def test_an_independent_validator_finds_no_fault_in_any_file(payer):
    """All scenarios together, two claims each, followed to the end of every later event."""
    changes = {"payer": payer} if payer else {}
    box = Mailbox()
    claims = [
        claim(
            one.prefix,
            at * 10 + copy,
            codes=("99214", "90833") if one.prefix == "PT" else ("90837",),
            **changes,
        )
        for at, one in enumerate(SCENARIOS)
        for copy in (1, 2)
    ]
    box.send(*claims, ask_ta1=True)  # rejected: R9
    box.send(*claims, at=MONDAY + timedelta(days=1), ask_ta1=True)
    for day in range(200):
        box.wait(day)
    assert {file.kind for file in box.files} == {"ta1", "999", "277ca", "835"}
    assert [(file.name, errors) for file in box.files if (errors := pyx12_errors(file.data))] == []
    broken = [one for one in box.remittances() if not is_balanced(one)]
    assert sorted(one.claims[0].patient.id[:2] for one in broken) == ["ZB", "ZB"]
    silent = {one.claim_number for one in claims if one.member_id[:2] in ("SL", "RC", "RP", "RT")}
    assert {one.claim_number for one in box.answers()} == {one.claim_number for one in claims} - silent
