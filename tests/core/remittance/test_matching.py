"""Every rule of matching, and every refusal to guess."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.remittance import Candidate, CandidateLine, match_claims, match_lines
from cleanclaim.x12.sets.records import RemitClaim, RemitLine, RemitParty

DAY = date(2026, 11, 2)
OTHER_DAY = date(2026, 11, 9)


def line(control="", code="90837", charge=15000, on=DAY, **more):
    return RemitLine(code, charge, charge, line_control=control, service_from=on, **more)


def own(key, number, *lines, charge=15000, member="M1", controls=()):
    return Candidate(
        key,
        number,
        charge,
        member,
        controls,
        lines or (CandidateLine(f"{key}-l", f"{number}L1", "90837", 15000, DAY),),
    )


A = own("a", "A1003")
B = own(
    "b",
    "B2004",
    CandidateLine("b-l", "B2004L1", "90834", 12000, OTHER_DAY),
    charge=12000,
    member="M2",
    controls=("ICN77",),
)


def clp(number, charge=15000, lines=(), control="", member=""):
    return RemitClaim(
        number,
        "1",
        charge,
        charge,
        payer_control_number=control,
        lines=tuple(lines),
        patient=RemitParty(id=member),
    )


MATCHES = [  # answer, candidates, key, rule, safe, why
    (
        clp("ZZ", lines=[line("A1003L1")]),
        [A, B],
        "a",
        "line_control",
        True,
        "line control wins over a strange claim number",
    ),
    (clp(" a1003 "), [A, B], "a", "claim_number", True, "blanks and case do not count"),
    (
        clp("A1003", charge=20000),
        [A, B],
        "a",
        "claim_number",
        False,
        "equal number, larger charge: a person looks",
    ),
    (
        clp("A1003", charge=-15000),
        [A, B],
        "a",
        "claim_number",
        True,
        "a reversal carries the charge negative",
    ),
    (clp("A1003", charge=9000), [A, B], "a", "claim_number", True, "a part of a split claim"),
    (clp("00A1003"), [A, B], "a", "claim_number_altered", True, "leading zeros"),
    (clp("A1003-01"), [A, B], "a", "claim_number_altered", True, "suffix of the payer"),
    (clp("A1003-01", charge=99900), [A, B], None, "", False, "altered number needs a fitting charge"),
    (clp("A1003999999"), [A, B], None, "", False, "a suffix of more than four characters is no suffix"),
    (
        clp("OLD9", charge=12000, control="icn77"),
        [A, B],
        "b",
        "payer_control",
        True,
        "CLP07 known from an earlier answer",
    ),
    (
        clp("OLD9", lines=[line()], member="M1"),
        [A, B],
        "a",
        "facts",
        False,
        "member, date, code, charge; never without a person",
    ),
    (clp("OLD9", lines=[line(on=OTHER_DAY)], member="M1"), [A, B], None, "", False, "other date of service"),
    (
        clp("OLD9", lines=[line(charge=14900)], charge=14900, member="M1"),
        [A, B],
        None,
        "",
        False,
        "other charge",
    ),
    (clp("OLD9"), [A, B], None, "", False, "nothing to go by"),
    (
        clp("OLD9", lines=[line("1")]),
        [
            own("a", "A1003", CandidateLine("x", "1", "90837", 15000, DAY)),
            own("b", "B2004", CandidateLine("y", "1", "90837", 15000, DAY)),
        ],
        None,
        "",
        False,
        "line number 1 is everybody's",
    ),
]


@pytest.mark.parametrize(
    ("answer", "candidates", "key", "rule", "safe", "why"),
    MATCHES,
    ids=lambda v: v if isinstance(v, str) and " " in v else "",
)
def test_one_answer(answer, candidates, key, rule, safe, why):
    [found] = match_claims([answer], candidates)
    assert (found.key, found.rule, found.safe) == (key, rule, safe), why
    assert found.why


TIES = [
    (
        clp("OLD9", lines=[line()], member="M1"),
        [A, own("c", "C3005")],
        ("a", "c"),
        "two sessions of one member, equal in all facts",
    ),
    (
        clp("A1003", lines=[line("B2004L1", "90834", 12000, OTHER_DAY)]),
        [A, B],
        ("a", "b"),
        "claim number says one claim, line control another",
    ),
    (clp("A1003"), [A, own("c", "a1003")], ("a", "c"), "one number twice"),
    (
        clp("OLD9", control="ICN77", charge=12000),
        [
            B,
            own("d", "D1", CandidateLine("d", "D1L", "90834", 12000, DAY), charge=12000, controls=("ICN77",)),
        ],
        ("b", "d"),
        "one payer number on two claims",
    ),
    (clp("A100X12"), [own("a", "A100X"), own("b", "A100X1")], ("b", "a"), "two prefixes of the number sent"),
]


@pytest.mark.parametrize(("answer", "candidates", "keys", "why"), TIES)
def test_a_tie_is_never_decided(answer, candidates, keys, why):
    [found] = match_claims([answer], candidates)
    assert found.key is None, why
    assert set(found.tied) == set(keys)
    assert not found.safe


def test_lines_by_control_number_then_by_facts_then_not_at_all():
    ours = [
        CandidateLine("l1", "C1", "99214", 13000, DAY),
        CandidateLine("l2", "C2", "90833", 10000, DAY),
        CandidateLine("l3", "C3", "90837", 15000, DAY, ("95",)),
        CandidateLine("l4", "C4", "90837", 15000, DAY),
        CandidateLine("l5", "C5", "90853", 5000, DAY),
        CandidateLine("l6", "C6", "90853", 5000, DAY),
    ]
    answer = clp("A1003", lines=[
        line("C2", "99214", 10000, submitted_code="90833"),
        line("", "99214", 13000),
        line("", "90837", 15000, modifiers=("95",)),
        line("", "90837", 15000),
        line("", "90853", 5000),
        line("", "H0015", 5000),
    ])  # fmt: skip
    assert match_lines(answer, ours) == {1: "l2", 2: "l1", 3: "l3", 4: "l4"}


def test_a_line_split_by_the_payer_keeps_its_control_number():
    ours = [CandidateLine("l1", "C1", "90837", 15000, DAY)]
    answer = clp("A1003", lines=[line("C1", "90837", 15000), line("C1", "90785", 0)])
    assert match_lines(answer, ours) == {1: "l1", 2: "l1"}


def test_five_thousand_claims_whose_lines_are_all_numbered_one():
    ours = [own(str(n), f"N{n:05}", CandidateLine(f"l{n}", "1", "90837", 15000, DAY)) for n in range(5000)]
    answers = [clp(f"N{n:05}", lines=[line("1")]) for n in range(5000)]
    assert [match.key for match in match_claims(answers, ours)] == [str(n) for n in range(5000)]
