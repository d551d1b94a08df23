"""The synthetic agency and the simulator together: months of sessions become money that adds up."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from partner import is_balanced
from pyx12_judge import pyx12_errors
from synthetic_claims import Builder

from cleanclaim.simulator import SimulatedClearinghouse, scenario_of
from cleanclaim.simulator.synthetic import agency_contract, make_agency, sessions
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_837p import Receiver, Submitter, check_claim, write_837p
from cleanclaim.x12.sets.remittance_835 import read_835
from cleanclaim.x12.writer import Envelope, write_x12

FIRST_DAY = date(2026, 1, 5)
DAYS_OF_WORK = 60
DAYS_IN_ALL = 200


@pytest.fixture(scope="module")
def story():
    """Two months of sessions sent in the evening, and everything that came back."""
    agency = make_agency(7)
    builder = Builder(agency)
    partner = SimulatedClearinghouse(7, agency_contract(agency))
    sent, mails, files = [], [], []
    for offset in range(DAYS_IN_ALL):
        now = datetime.combine(FIRST_DAY + timedelta(days=offset), time(19))
        if offset < DAYS_OF_WORK:
            claims = [one for one in builder.claims(sessions(agency, now.date())) if not check_claim(one)]
            # What would be rejected whole is told in other tests.
            claims = [one for one in claims if scenario_of(one.member_id).prefix != "R9"]
            if claims:
                mails.append(_mail(claims, len(mails) + 1, now))
                partner.receive(mails[-1], now)
                sent += claims
        files += partner.due(now)
    return sent, mails, files


def _mail(claims, number: int, now: datetime) -> bytes:
    body = write_837p(
        claims, submitter=Submitter("FERNQUILL BILLING", "FERNQ", "Desk", "5555550100"),
        receiver=Receiver("SIMULATED CLEARINGHOUSE", "SIMCLEAR"), batch_reference=f"FQ{number:06d}",
        control_number="0001", created_at=now,
    )  # fmt: skip
    envelope = Envelope(
        sender_id="FERNQ", receiver_id="SIMCLEAR", control_number=number, group_control_number=number, created_at=now
    )  # fmt: skip
    return write_x12(envelope, [body])


def test_every_file_is_clean_in_the_independent_validator(story):
    _, mails, files = story
    sample = [*mails[::12], *(file.data for file in files[::12])]
    assert len(sample) > 30
    assert [errors for data in sample if (errors := pyx12_errors(data))] == []


def test_every_payment_balances_but_those_that_should_not(story):
    sent, _, files = story
    remittances = [
        read_835(transaction)[0]
        for file in files
        if file.kind == "835"
        for transaction in read_x12(file.data).transactions()
    ]
    odd = [one for one in remittances if not is_balanced(one)]
    assert {scenario_of(claim.patient.id).prefix for one in odd for claim in one.claims} == {"ZB"}
    assert len({(one.trace_payer_id, one.trace_number) for one in remittances}) == len(remittances)
    assert all(one.paid_cents >= 0 for one in remittances)
    answered = Counter(claim.claim_number for one in remittances for claim in one.claims)
    silent = {
        one.claim_number for one in sent if scenario_of(one.member_id).prefix in ("SL", "RC", "RP", "RT")
    }
    assert set(answered) == {one.claim_number for one in sent} - silent


def test_what_is_paid_is_what_the_contract_allows(story):
    """Every plainly paid line is allowed at its contract rate."""
    sent, _, files = story
    rates = {(rate.payer_id, rate.code): rate.allowed_cents for rate in agency_contract(make_agency(7)).rates}
    payers = {one.claim_number: one.payer.payer_id for one in sent}
    seen = 0
    for file in files:
        if file.kind != "835":
            continue
        for transaction in read_x12(file.data).transactions():
            for claim in read_835(transaction)[0].claims:
                if scenario_of(claim.patient.id).prefix in ("CP", "CN", "DD", "DC") and claim.status == "1":
                    for line in claim.lines:
                        units = int(line.units_paid or "1")
                        assert line.allowed_cents == rates[payers[claim.claim_number], line.code] * units
                        seen += 1
    assert seen > 300
