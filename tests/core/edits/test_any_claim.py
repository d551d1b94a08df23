"""No claim, however odd, makes the edits fail: one bad claim never stops the others."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from cleanclaim.claim import (
    Claim,
    Organization,
    OtherPayer,
    OtherPayerLine,
    PayerKind,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.edits import run_edits
from cleanclaim.frames import context_frame, frames_from_claims

text = st.text(max_size=12)
day = st.dates(date(1890, 1, 1), date(2100, 1, 1))
cents = st.integers(-(10**12), 10**12)

other_lines = st.builds(
    OtherPayerLine, payer_id=text, paid_cents=cents, code=text, adjudicated_on=st.none() | day
)
lines = st.builds(
    ServiceLine,
    number=st.integers(0, 60),
    control_number=text,
    code=st.sampled_from(["90837", "90785", "99214", "G2211", "90839", "97153", "", "é"]) | text,
    date_of_service=day,
    charge_cents=cents,
    units=st.sampled_from(["1", "0", "-1", "1.5", "x", "", "1e9", "9" * 30]),
    modifiers=st.lists(st.sampled_from(["95", "93", "59", "25", "", "é", "HO"]), max_size=6).map(tuple),
    diagnosis_pointers=st.lists(st.integers(-1, 13), max_size=5).map(tuple),
    place_of_service=text,
    date_of_service_end=st.none() | day,
    session_minutes=st.none() | st.integers(-5, 3000),
    other_payers=st.lists(other_lines, max_size=2).map(tuple),
)
payers = st.builds(
    PayerParty, name=text, payer_id=text, kind=st.sampled_from(PayerKind), claim_filing_code=text
)
people = st.builds(Person, last_name=text, birth_date=st.none() | day, sex=text)
others = st.builds(
    OtherPayer, payer=payers, sequence=text, subscriber=people, member_id=text, paid_cents=st.none() | cents
)
claims = st.builds(
    Claim,
    claim_number=text,
    billing_provider=st.builds(Organization, name=text, npi=text, tax_id=text),
    payer=payers,
    subscriber=people,
    member_id=text,
    patient=people,
    lines=st.lists(lines, max_size=4).map(tuple),
    diagnoses=st.lists(
        st.sampled_from(["F32.1", "F33.1", "F32", "R45.851", "Z63.0", "", "F"]) | text, max_size=4
    ).map(tuple),
    place_of_service=text,
    total_charge_cents=cents,
    sequence=text,
    patient_id=text,
    encounter_id=text,
    authorization_number=text,
    other_payers=st.lists(others, max_size=2).map(tuple),
    modality=st.sampled_from(["", "in_person", "video", "audio", "x"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(claims, max_size=4))
def test_any_claims_are_judged(batch):
    known = {name: context_frame(name, []) for name in ("history", "coverage", "authorizations")}
    report = run_edits(frames_from_claims(batch), today=date(2026, 11, 23), **known)
    assert len(report.claims) == len(batch)
    for result in report.claims:
        assert result.result in ("clean", "warn", "stop")
        assert all(finding.message for finding in result.findings)
