"""Explanations lead with what the facts make likeliest, and guard the patient."""

from __future__ import annotations

import pytest

from cleanclaim.claim import PayerKind
from cleanclaim.codesets.remittance_codes import load
from cleanclaim.denials import ClaimFacts, explain

LEADING = [  # group, carc, remarks, facts, start of the first step, why
    (
        "CO",
        "197",
        [],
        ClaimFacts(has_authorization=True),
        "Put the authorization number",
        "a correction, not an appeal",
    ),
    ("CO", "197", [], ClaimFacts(has_authorization=False), "Ask the payer for a retroactive", "none was had"),
    ("CO", "197", [], ClaimFacts(), "Look for an authorization first", "unknown: the playbook's own order"),
    (
        "CO",
        "198",
        [],
        ClaimFacts(has_authorization=True),
        "Compare the authorization",
        "units or dates beyond it",
    ),
    (
        "CO",
        "29",
        [],
        ClaimFacts(has_filing_proof=True),
        "Appeal with the payer's own acceptance",
        "277CA at hand",
    ),
    ("CO", "29", [], ClaimFacts(has_filing_proof=False), "Search for proof", "nothing at hand"),
    (
        "CO",
        "29",
        [],
        ClaimFacts(payer_kind=PayerKind.MEDICARE),
        "Medicare takes no appeal",
        "late filing at Medicare",
    ),
    ("CO", "29", ["MA130"], ClaimFacts(), "Appeal only with proof", "MA130 does not count on 29"),
    ("CO", "16", ["MA130"], ClaimFacts(), "Correct the claim and send it as a new one", "unprocessable"),
    ("CO", "16", [], ClaimFacts(), "Call the payer for the missing remark", "16 needs a remark"),
    ("CO", "97", ["N704"], ClaimFacts(), "Correct the claim and send it again", "not appealable"),
    (
        "PR",
        "27",
        [],
        ClaimFacts(coverage_active=True),
        "Send the payer its own eligibility",
        "its own answer binds",
    ),
    ("PR", "27", [], ClaimFacts(coverage_active=False), "Look for the coverage", "other coverage"),
    (
        "OA",
        "18",
        [],
        ClaimFacts(first_claim_denied=True),
        "Correct the first, denied claim",
        "the copy is refused again",
    ),
    ("CO", "24", [], ClaimFacts(capitated=False), "Run eligibility", "managed plan"),
    (
        "CO",
        "4",
        [],
        ClaimFacts(payer_kind=PayerKind.MEDICARE),
        "Ask the contractor for a clerical",
        "no frequency 7 at Part B",
    ),
    ("CO", "50", [], ClaimFacts(care_ongoing=True), "Ask for peer to peer", "expedited"),
    ("PR", "119", [], ClaimFacts(), "Check parity", "a limit on sessions"),
]


@pytest.mark.parametrize(("group", "carc", "remarks", "facts", "start", "why"), LEADING)
def test_first_step(group, carc, remarks, facts, start, why):
    found = explain(group, carc, remarks, facts)
    assert found.steps[0].startswith(start), why


def guards(group, carc, **facts):
    return [guard.split(":")[0] for guard in explain(group, carc, [], ClaimFacts(**facts)).guards]


def test_guards():
    assert guards("CO", "197") == ["The patient is not billed"]
    assert guards("PI", "96") == ["The patient is not billed"]
    assert guards("PR", "27") == []
    assert guards("PR", "27", in_network=True) == ["No statement before this is worked"]
    assert guards("PR", "27", never_bill_patient=True) == ["The patient is not billed"]


def test_cause_in_plain_words_with_the_remarks_meaning():
    found = explain("CO", "197", ["M62"])
    assert found.cause == "Auth number missing or wrong on claim. M62: Authorization code missing or invalid."
    assert (found.owner, found.action_code, found.confidence) == ("biller", "CORRECT_FREQ7", "known")
    assert found.evidence == "auth letter"
    assert found.deadline_rule == "payer_timely_filing_for_corrected_claims"
    assert len(found.sources) == 2


def test_unknown_code_is_said_and_not_guessed():
    found = explain("CO", "ZZ99")
    assert (found.category, found.matched_by, found.confidence) == ("unknown_code", "unknown", "unknown")
    assert found.steps


def test_every_code_of_the_list_is_explained_within_bounds():
    from cleanclaim.codesets.remittance_codes import _build_carc

    for code in load("carc", _build_carc):
        for group in ("CO", "PR", "OA", "PI"):
            found = explain(group, code, ["N115", "MA130"])
            assert found.steps and found.owner and 0 < len(found.cause) <= 300
