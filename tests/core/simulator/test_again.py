"""Claims sent again: duplicates, replacements, voids, and claims to the next payer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from partner import (
    MEDICAID,
    MONDAY,
    SECOND_PLAN,
    Mailbox,
    cas,
    claim,
    is_balanced,
    of_claims,
    replace,
    second_claim,
)

from cleanclaim.claim import Frequency, OtherPayer

DAY_30 = MONDAY + timedelta(days=30)


def answered(*claims):
    """A mailbox in which these claims have been answered, thirty days on."""
    box = Mailbox()
    box.send(*claims)
    box.wait(30)
    return box


def later(box, *claims, at=DAY_30, days=30):
    """Send claims and give the answers that come after that."""
    before = len(box.answers())
    box.send(*claims, at=at)
    box.wait(days, since=at)
    return box.answers()[before:]


AGAIN = [  # first prefix, number of the second claim, adjustments, paid, why
    ("PD", 1, [("OA", "18", 15000)], 0, "the same number after payment"),
    ("PD", 2, [("OA", "18", 15000)], 0, "another number for the same service"),
    ("N3", 1, [("OA", "18", 15000)], 0, "a denied claim is replaced, not sent again"),
    ("N3", 2, [("CO", "197", 15000)], 0, "under another number it is decided anew, and denied again"),
    ("NF", 1, [("CO", "45", 3000)], 12000, "an unprocessable claim is sent as a new one"),
    ("NF", 2, [("CO", "45", 3000)], 12000, "under another number too"),
    ("SL", 1, [("OA", "18", 15000)], 0, "silence is no denial"),
]


@pytest.mark.parametrize(("prefix", "number", "adjustments", "paid", "why"), AGAIN)
def test_an_original_sent_again(prefix, number, adjustments, paid, why):
    first = claim(prefix, 1)
    box = answered(first)
    [answer] = later(box, replace(first, claim_number=f"EC{number:06d}"))
    assert (cas(answer), answer.paid_cents) == (adjustments, paid), why
    assert all(is_balanced(one) for one in box.remittances())


def test_another_session_is_no_duplicate():
    first = claim("PD", 1)
    box = answered(first)
    other_day = replace(first.lines[0], date_of_service=first.lines[0].date_of_service + timedelta(days=7))
    [answer] = later(box, replace(first, claim_number="EC000002", lines=(other_day,)))
    assert answer.paid_cents == 12000


def test_a_replacement_of_a_denied_claim_is_paid():
    first = claim("N5", 1)
    box = answered(first)
    number = box.answers()[0].payer_control_number
    [answer] = later(box, replace(first, frequency=Frequency.REPLACEMENT, payer_control_number=number))
    assert (answer.status, answer.frequency, answer.paid_cents, cas(answer)) == (
        "1",
        "7",
        12000,
        [("CO", "45", 3000)],
    )
    assert answer.payer_control_number not in ("", number)


def test_a_replacement_of_a_paid_claim_reverses_it_first():
    first = claim("UP", 1)
    box = answered(first)
    number = box.answers()[0].payer_control_number
    replacement = replace(
        first, claim_number="EC000009", frequency=Frequency.REPLACEMENT, payer_control_number=number
    )
    reversal, answer = later(box, replacement)
    assert (reversal.claim_number, reversal.status, reversal.paid_cents) == ("EC000001", "22", -10200)
    assert (reversal.payer_control_number, reversal.remarks) == (number, ("N694",))
    assert (answer.claim_number, answer.status, answer.paid_cents) == ("EC000009", "1", 12000)
    assert box.remittances()[-1].paid_cents == 1800


WRONG_NUMBERS = [("999", "never given"), ("", "of the claim replaced before")]


@pytest.mark.parametrize(("number", "why"), WRONG_NUMBERS)
def test_a_replacement_with_a_wrong_number_is_rejected(number, why):
    first = claim("N5", 1)
    box = answered(first)
    right = box.answers()[0].payer_control_number
    if not number:
        later(box, replace(first, frequency=Frequency.REPLACEMENT, payer_control_number=right))
    at = DAY_30 + timedelta(days=30)
    again = replace(first, frequency=Frequency.REPLACEMENT, payer_control_number=number or right)
    assert later(box, again, at=at) == [], why
    [said] = of_claims(box.reports()[-1])
    assert (said.action, said.statuses[0].category, said.statuses[0].status) == ("U", "A7", "464")


def test_a_void_takes_the_payment_back():
    first = claim("PD", 1)
    box = answered(first)
    number = box.answers()[0].payer_control_number
    [answer] = later(box, replace(first, frequency=Frequency.VOID, payer_control_number=number))
    assert (answer.status, answer.charge_cents, answer.paid_cents) == ("22", -15000, -12000)
    assert answer.remarks == ("N693",)
    last = box.remittances()[-1]
    assert (last.paid_cents, [one.amount_cents for one in last.provider_adjustments]) == (0, [-12000])


def test_a_void_before_payment_follows_the_payment():
    first = claim("PD", 1)
    box = Mailbox()
    box.send(first)
    box.wait(4)
    number = of_claims(box.reports()[-1])[0].payer_control_number
    void = replace(first, frequency=Frequency.VOID, payer_control_number=number)
    statuses = [one.status for one in later(box, void, at=MONDAY + timedelta(days=4), days=40)]
    assert statuses == ["1", "22"]
    assert sum(one.paid_cents for one in box.answers()) == 0


def test_a_replacement_stops_the_reversal_that_was_to_come():
    first = claim("RV", 1)
    box = answered(first)
    number = box.answers()[0].payer_control_number
    replacement = replace(first, frequency=Frequency.REPLACEMENT, payer_control_number=number)
    statuses = [(one.status, one.paid_cents) for one in later(box, replacement, days=120)]
    assert statuses == [("22", -12000), ("1", 12000)]


def test_after_the_correction_only_its_number_counts():
    first = claim("RV", 1)
    box = answered(first)
    box.wait(100)
    corrected = box.answers()[-1]
    at = MONDAY + timedelta(days=100)
    stale = replace(
        first, frequency=Frequency.REPLACEMENT, payer_control_number=box.answers()[0].payer_control_number
    )
    assert later(box, stale, at=at) == []
    good = replace(stale, payer_control_number=corrected.payer_control_number)
    answers = later(box, good, at=at + timedelta(days=31))
    assert [(one.status, one.paid_cents) for one in answers] == [("22", -10800), ("1", 12000)]


def test_a_claim_already_taken_back_is_not_reversed_again():
    first = claim("TB", 1)
    box = answered(first)
    at = MONDAY + timedelta(days=100)
    later(box, claim("PD", 2, codes=("90837", "90837"), on=at.date()), at=at)
    number = box.answers()[0].payer_control_number
    replacement = replace(first, frequency=Frequency.REPLACEMENT, payer_control_number=number)
    answers = later(box, replacement, at=at + timedelta(days=31))
    assert [(one.status, one.paid_cents) for one in answers] == [("1", 12000)]
    assert sum(one.paid_cents for one in box.remittances()) == 12000 + 24000 - 12000 + 12000


SECOND = [  # payer, member id, paid, adjustments beside OA-23; 24.00 was left to the patient
    (SECOND_PLAN, "PD9", 1920, [("PR", "2", 480)]),
    (MEDICAID, "PD9", 1920, [("CO", "45", 480)]),
    (SECOND_PLAN, "N1000009", 0, [("CO", "27", 15000)]),
]


@pytest.mark.parametrize(("payer", "member_id", "paid", "beside"), SECOND)
def test_the_next_payer_pays_part_of_what_is_left(payer, member_id, paid, beside):
    first = claim("CN", 1)
    box = answered(first)
    [answer] = later(box, second_claim(first, box.answers()[0], member_id, payer=payer))
    assert (answer.status, answer.paid_cents) == ("2", paid)
    told = [("OA", "23", 12600), *beside] if paid else beside
    assert cas(answer) == told
    assert all(is_balanced(one) for one in box.remittances())


def test_the_next_payer_asked_first_points_to_the_other():
    waiting = OtherPayer(SECOND_PLAN, "P", claim().subscriber, "SM1", paid_cents=None)
    box = answered(claim("PD", 1, sequence="S", other_payers=(waiting,)))
    [answer] = box.answers()
    assert (answer.remarks, cas(answer)) == (("MA04",), [("OA", "22", 15000)])


def test_what_only_the_claim_tells_is_shared_over_its_lines():
    first = claim("PD", 1, codes=("99214", "90833"), sequence="S")
    other = OtherPayer(
        SECOND_PLAN,
        "P",
        first.subscriber,
        "SM1",
        paid_cents=24999,
        remaining_patient_cents=5001,
        adjustments=(),
        adjudicated_on=MONDAY.date(),
    )
    from cleanclaim.simulator.adjudication import left_to_patient

    assert left_to_patient(replace(first, other_payers=(other,))) == [2501, 2500]
