"""The playbook chooses by the pair of CARC and remark, in file order, and never borrows."""

from __future__ import annotations

import pytest

from cleanclaim.codesets.remittance_codes import carc, rarc
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.denials import classify_denial, playbook

CHOICES = [  # carc, remarks, category, action code, how, why
    ("197", [], "authorization", "APPEAL_AUTH", "default", "no remark: the default row"),
    ("197", ["M62"], "authorization", "CORRECT_FREQ7", "remark", "the number is missing on the claim"),
    ("197", ["N54"], "authorization", "AUTH_MISMATCH", "remark", "claim and authorization differ"),
    (
        "197",
        ["M62", "N54"],
        "authorization",
        "CORRECT_FREQ7",
        "remark",
        "two rows fit: the first of the file",
    ),
    (
        "197",
        ["N54", "M62"],
        "authorization",
        "CORRECT_FREQ7",
        "remark",
        "the order of remarks does not count",
    ),
    ("16", ["M51", "MA130"], "submission_data", "NEW_CLAIM", "remark", "MA130 stands first"),
    ("16", ["MA04"], "cob", "FIX_COB", "remark", "one CARC, another cause"),
    ("16", ["N290"], "provider_id", "CRED_FIX", "remark", "one CARC, another cause"),
    ("96", ["N776"], "telehealth", "CORRECT_OR_APPEAL", "remark", "telehealth not covered"),
    ("96", [], "non_covered", "READ_RARC", "default", "benefit exclusion"),
    ("50", ["ZZZ"], "medical_necessity", "APPEAL_CLINICAL", "default", "an unknown remark does not count"),
    ("209", [], "cob", "BILL_NEXT_PAYER", "carc_table", "no playbook row: the code list answers"),
    ("ZZ99", [], "unknown_code", "REVIEW", "unknown", "in no list"),
]


@pytest.mark.parametrize(("code", "remarks", "category", "action", "how", "why"), CHOICES)
def test_choice(code, remarks, category, action, how, why):
    found = classify_denial(code, remarks)
    assert (found.category, found.action_code, found.matched_by) == (category, action, how), why


def test_the_playbook_is_whole():
    rows = playbook()
    assert len(rows) == 75
    assert [row.number for row in rows] == list(range(1, 76))
    defaults = [code for row in rows for code in row.default_for]
    assert len(defaults) == len(set(defaults)), "a code has one default"
    for row in rows:
        assert row.category and row.root_cause and row.owner and row.action and row.action_code
        assert row.source and row.confidence in ("seen", "known", "uncertain")
        assert row.rarcs or row.default_for, f"row {row.number} can never be chosen"


def test_every_code_of_the_playbook_is_in_its_list():
    missing = set()
    for row in playbook():
        for look_up, codes in ((carc, row.carcs + row.default_for), (rarc, row.rarcs)):
            for code in codes:
                try:
                    look_up(code)
                except CodeNotKnown:
                    missing.add(code)
    assert missing == set()
