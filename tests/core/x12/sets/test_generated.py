"""Properties over generated claims and remittances, and over damaged files."""

from __future__ import annotations

from claims import PLAIN, SECONDARY, engine_findings
from claims import file_of as claim_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyx12_judge import pyx12_errors
from remittances import SITUATIONS, without_places
from remittances import file_of as remittance_file
from strategies import balanced_remittances, batches
from test_acknowledgments import PARTLY
from test_acknowledgments import file_of as ack_file
from test_claim_status import ANSWER, REPORT
from test_claim_status import file_of as status_file

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets import from_json, read_typed, to_json
from cleanclaim.x12.sets.claim_837p import as_sent, check_claim, read_837p
from cleanclaim.x12.sets.remittance_835 import read_835

slow = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@slow
@given(batches())
def test_generated_claims_are_clean_and_read_back(claims):
    assert [finding for claim in claims for finding in check_claim(claim)] == []
    data = claim_file(*claims)
    assert pyx12_errors(data) == []
    assert engine_findings(data) == []
    (transaction,) = read_x12(data).transactions()
    found, findings = read_837p(transaction)
    assert findings == []
    assert {one.claim.claim_number: one.claim for one in found} == {
        claim.claim_number: as_sent(claim) for claim in claims
    }
    assert [as_sent(one.claim) for one in found] == [one.claim for one in found]  # sent once is sent for ever


@slow
@given(balanced_remittances())
def test_generated_remittances_are_clean_and_read_back(remittance):
    data = remittance_file(remittance)
    assert pyx12_errors(data) == []
    (transaction,) = read_x12(data).transactions()
    found, findings = read_835(transaction)
    assert findings == []
    assert without_places(found) == remittance
    assert from_json(transaction.guide, to_json(found)) == found


FILES = [
    claim_file(PLAIN, SECONDARY),
    *(remittance_file(one) for one in SITUATIONS.values()),
    ack_file(PARTLY),
    status_file(REPORT),
    status_file(ANSWER),
]
PIECES = [
    b"~",
    b"*",
    b":",
    b"^",
    b"~CLP*",
    b"~CAS*CO",
    b"~HL*1**22",
    b"~SVC",
    b"~STC*:::",
    b"~LX*x",
    b"~NM1",
    b"\xff",
    b"-",
    b"9" * 40,
]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(FILES),
    st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 60), st.one_of(st.sampled_from(PIECES), st.binary(max_size=6))), max_size=4
    ),
)  # fmt: skip
def test_damaged_files_are_read_without_failing(data, damage):
    for at, length, piece in damage:
        at = 106 + at % (len(data) - 106)
        data = data[:at] + piece + data[at + length :]
    for transaction in read_x12(data).transactions():
        typed = read_typed(transaction)
        if typed is not None:
            to_json(typed[0])
