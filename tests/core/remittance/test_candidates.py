"""Scored candidates: order, reasons, limits; hints that decisions teach, and what they may not do."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanclaim.remittance import (
    Candidate,
    CandidateLine,
    HintEffect,
    KnownClaim,
    PayerHint,
    learn,
    match_by_hints,
    score_candidates,
)
from cleanclaim.x12.sets.records import RemitClaim, RemitLine, RemitParty

DAY = date(2026, 3, 2)


def known(
    key="1",
    number="K1000001",
    charge=15000,
    member="W123456789",
    last="Alvarez",
    first="Marisol",
    day=DAY,
    code="90837",
    **more,
):
    lines = (CandidateLine(f"{key}-1", "1", code, charge, day),)
    return KnownClaim(Candidate(key, number, charge, member, lines=lines), last, first, **more)


def answer(
    number="UNKNOWN",
    charge=15000,
    member="W123456789",
    last="ALVAREZ",
    first="MARISOL",
    day=DAY,
    code="90837",
    status="1",
):
    return RemitClaim(
        number, status, charge, 9000, patient=RemitParty(last, first, "MI", member),
        lines=(RemitLine(code, charge, 9000, service_from=day),),
    )  # fmt: skip


SCORES = [  # answer, known, least, most, reason expected, why
    (answer(), known(), 100, 100, "patient's name is equal", "all facts agree"),
    (answer(last="ALVARES", member=""), known(), 90, 99, "patient's name is nearly equal", "a letter wrong, no member number"),
    (answer(last="MARISOL", first="ALVAREZ"), known(), 95, 100, "patient's name is equal", "names turned round"),
    (answer(last="ALVAREZ-GOMEZ"), known(), 85, 99, "patient's name is", "a double name"),
    (answer(member="W123456788"), known(), 80, 92, "member number is equal but for its ending", "another member ending"),
    (answer(day=date(2026, 3, 3)), known(), 80, 90, "date of service is one day apart", "a day off"),
    (answer(charge=20000), known(), 80, 90, "charge differs by 50.00", "another charge"),
    (answer(code="90834"), known(), 85, 95, "codes differ", "recoded"),
    (answer(number="K1000010"), known(), 90, 100, "claim number differs in 2 characters", "digits turned, read from paper"),
    (answer(), known(payer_id="other"), 80, 80, "the claim went to another payer", "another payer"),
    (answer(), known(is_answered=True), 90, 90, "this payer has answered the claim before", "answered before"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "own", "least", "most", "reason", "why"), SCORES)
def test_scores_and_their_reasons(claim, own, least, most, reason, why):
    (found,) = score_candidates(claim, [own], payer_ids=["60054"])
    assert least <= found.score <= most, (found.score, found.why)
    assert reason in found.why, why
    assert "ALVAREZ" not in found.why.upper() and "W1234" not in found.why


STRANGERS = [
    known(last="Nguyen", first="Thu", member="X999999999"),
    known(last="Nguyen", first="Thu", member="", day=date(2026, 5, 2)),
    known(
        last="Alvarez", first="Marisol", member="X999999999", day=date(2025, 5, 2), code="99214", charge=100
    ),
]


@pytest.mark.parametrize("own", STRANGERS)
def test_claims_that_share_little_are_not_shown(own):
    assert score_candidates(answer(), [own]) == []


def test_the_best_stands_first_and_equals_by_key():
    rows = [known("3"), known("2", day=date(2026, 3, 3)), known("1")]
    assert [one.key for one in score_candidates(answer(), rows)] == ["1", "3", "2"]
    assert score_candidates(answer(), rows) == score_candidates(answer(), rows[::-1])
    assert [one.key for one in score_candidates(answer(), rows, most=1)] == ["1"]


NUMBERS = [  # theirs, ours, effect, text, why
    ("XK1000001", "K1000001", HintEffect.CUT_PREFIX, "X", "a letter in front"),
    ("K1000001A2", "K1000001", HintEffect.CUT_SUFFIX, "A2", "a suffix"),
    ("1000001", "K1000001", HintEffect.REPLACE_PREFIX, ">K", "our letter dropped"),
    ("1Z999991", "K1000001", None, "", "nothing simple explains it"),
    ("QQ1000001", "K1000001", HintEffect.KEEP_DIGITS, "", "letters exchanged"),
]  # fmt: skip


@pytest.mark.parametrize(("theirs", "ours", "effect", "text", "why"), NUMBERS)
def test_a_decision_teaches_the_simplest_effect(theirs, ours, effect, text, why):
    hints = learn("60054", answer(theirs), ours)
    if effect is None:
        assert hints == (), why
    elif effect is HintEffect.REPLACE_PREFIX:
        assert hints[0].effect in (HintEffect.REPLACE_PREFIX, HintEffect.KEEP_DIGITS), why
    else:
        assert [(one.effect, one.text, one.right) for one in hints] == [(effect, text, 1)], why


def taught(times: int) -> tuple[PayerHint, ...]:
    hints: tuple[PayerHint, ...] = ()
    for number in range(times):
        hints = learn("60054", answer(f"XK100000{number}"), f"K100000{number}", hints)
    return hints


def test_a_hint_is_safe_only_when_proven_and_the_charge_agrees():
    rows = [known(number="K1000009").candidate]
    once = match_by_hints(answer("XK1000009"), rows, taught(1), ["60054"])
    assert (once.key, once.safe) == ("1", False)
    proven = match_by_hints(answer("XK1000009"), rows, taught(3), ["60054"])
    assert (proven.key, proven.safe, str(proven.rule)) == ("1", True, "hint")
    dear = match_by_hints(answer("XK1000009", charge=9900), rows, taught(3), ["60054"])
    assert (dear.safe, dear.why.endswith("the charge differs")) == (False, True)
    assert match_by_hints(answer("XK1000009"), rows, taught(3), ["other payer"]) is None
    assert match_by_hints(answer("XK99"), rows, taught(3), ["60054"]) is None, "another shape"


def test_a_decision_against_a_hint_takes_its_safety():
    hints = learn("60054", answer("XK1000009"), "Z7654321", taught(5))
    assert [(one.right, one.wrong, one.is_proven) for one in hints] == [(5, 1, False)]
    match = match_by_hints(answer("XK1000009"), [known(number="K1000009").candidate], hints, ["60054"])
    assert not match.safe


def test_what_was_not_ours_is_suggested_as_such_and_never_acted_on():
    hints = learn("60054", answer("OLD-77"), None)
    match = match_by_hints(answer("OLD-78"), [known().candidate], hints, ["60054"])
    assert (match.key, match.safe) == (None, False) and "not ours" in match.why


def test_two_claims_that_fit_a_hint_are_a_tie():
    hints = tuple(PayerHint("60054", "A2 97", HintEffect.KEEP_DIGITS, right=9) for _ in range(1))
    rows = [known("1", number="K1000001").candidate, known("2", number="L1000001").candidate]
    match = match_by_hints(answer("QQ1000001"), rows, hints, ["60054"])
    assert (match.key, match.tied, match.safe) == (None, ("1", "2"), False)


@given(
    st.text("AKXZ019", min_size=1, max_size=10),
    st.text("AKXZ019", min_size=1, max_size=10),
    st.integers(0, 40000),
)
def test_no_hint_is_safe_without_an_equal_charge_and_number(theirs, ours, charge):
    hints = learn("60054", answer(theirs), ours)
    hints = tuple(msgspec.structs.replace(hint, right=50) for hint in hints)
    match = match_by_hints(answer(theirs), [known(number=ours, charge=charge).candidate], hints, ["60054"])
    if match is not None and match.safe:
        assert charge == 15000
