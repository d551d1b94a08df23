"""Deposits against remittances: each rule, each exception, and a drill with planted ones (R-60, short form)."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanclaim.bank import (
    BankLine,
    ExceptionKind,
    ExpectedPayment,
    LineKind,
    MatchKind,
    age_exceptions,
    feeds,
    find_traces,
    match_deposits,
    unique_subset,
)

DAY = date(2026, 3, 2)
TODAY = date(2026, 4, 1)
X, M = ExceptionKind, MatchKind


def line(key, cents, text="", *, day=DAY, check="", kind=LineKind.ACH, reference=""):
    return BankLine(
        key,
        day,
        cents,
        kind=kind,
        traces=find_traces(text),
        check_number=check,
        text=text,
        bank_reference=reference,
    )


def trn(trace):
    return f"HCCLAIMPMT TRN*1*{trace}*1999999999"


def pay(key, cents, *, trace="", day=DAY, method="ACH", payer="60054"):
    return ExpectedPayment(key, cents, day, trace or f"TR-{key}-000", method, payer)


ONE = [  # lines, payments, matches (lines, payments, kind), exceptions (kind, line, payment), why
    ([line("a", 9000, trn("T10001"))], [pay("p", 9000, trace="T10001")], [("a", "p", M.TRACE)], [], "the trace"),
    ([line("a", 9000, "ACH PAYMENT 0T10001 XYZ")], [pay("p", 9000, trace="T10001")], [("a", "p", M.TRACE)], [], "the trace somewhere in the text, with a zero in front"),
    ([line("a", 9000, check="777", kind=LineKind.CHECK)], [pay("p", 9000, trace="00777", method="CHK")], [("a", "p", M.CHECK_NUMBER)], [], "the check's number"),
    ([line("a", 5000, trn("T10001")), line("b", 4000, trn("T10001"))], [pay("p", 9000, trace="T10001")], [("ab", "p", M.TRACE_SPLIT)], [], "a payment in two deposits"),
    ([line("a", 9000, trn("T10001") + " " + trn("T10002"))], [pay("p", 5000, trace="T10001"), pay("q", 4000, trace="T10002")], [("a", "pq", M.TRACE_MERGED)], [], "two traces in one deposit"),
    ([line("a", 9000, trn("T10001"))], [pay("p", 5000, trace="T10001"), pay("q", 4000, trace="T10002")], [("a", "pq", M.TRACE_MERGED)], [], "one trace, and another payment of the payer fills the sum"),
    ([line("a", 9000, "DEPOSIT")], [pay("p", 9000)], [("a", "p", M.AMOUNT_AND_DAY)], [], "amount and day, alone on both sides"),
    ([line("a", 9000, "DEPOSIT", day=DAY + timedelta(8))], [pay("p", 9000)], [], [(X.MISSING_DEPOSIT, "", "p"), (X.UNKNOWN, "a", "")], "too late for amount and day"),
    ([line("a", 9000, "DEPOSIT", day=DAY + timedelta(20), kind=LineKind.CHECK)], [pay("p", 9000, method="CHK")], [("a", "p", M.AMOUNT_AND_DAY)], [], "checks have longer"),
    ([line("a", 9000, "DEPOSIT"), line("b", 9000, "DEPOSIT")], [pay("p", 9000), pay("q", 9000)], [], [(X.AMBIGUOUS, "", "p"), (X.AMBIGUOUS, "", "q"), (X.AMBIGUOUS, "a", ""), (X.AMBIGUOUS, "b", "")], "equal payments of a day are not paired by guess"),
    ([line("a", 12345, "BRANCH DEPOSIT")], [pay("p", 10000), pay("q", 2345), pay("r", 777)], [("a", "pq", M.MERGED)], [(X.MISSING_DEPOSIT, "", "r")], "checks deposited together"),
    ([line("a", 500, "BRANCH DEPOSIT")], [pay("p", 100), pay("q", 400), pay("r", 200), pay("s", 300)], [], [(X.MISSING_DEPOSIT, "", key) for key in "pqrs"] + [(X.UNKNOWN, "a", "")], "two sums fit: neither is taken"),
    ([line("a", 6000, "DEPOSIT"), line("b", 3000, "DEPOSIT")], [pay("p", 9000)], [("ab", "p", M.SPLIT)], [], "a payment in two lines without trace"),
    ([line("a", 9000, trn("T10001")), line("b", 9000, trn("T10001"), day=DAY + timedelta(3))], [pay("p", 9000, trace="T10001")], [("a", "p", M.TRACE)], [(X.DOUBLED_DEPOSIT, "b", "")], "the same deposit twice"),
    ([line("a", 9000, trn("T10001")), line("b", -9000, "RETURN " + trn("T10001"), day=DAY + timedelta(3))], [pay("p", 9000, trace="T10001")], [("a", "p", M.TRACE)], [(X.RETURNED, "b", "")], "a deposit taken back"),
    ([line("a", 8900, trn("T10001"))], [pay("p", 9000, trace="T10001")], [], [(X.AMOUNT_DIFFERS, "a", "p")], "the trace agrees, the amount does not"),
    ([line("a", 9000, trn("T99999"))], [], [], [(X.MISSING_REMITTANCE, "a", "")], "money without a remittance"),
    ([line("a", 9000, trn("T99999"))], [pay("p", 9000, trace="T10001")], [], [(X.AMBIGUOUS, "", "p"), (X.AMBIGUOUS, "a", "")], "the same amount under another trace is not taken"),
    ([], [pay("p", 9000)], [], [(X.MISSING_DEPOSIT, "", "p")], "a remittance without money"),
    ([], [pay("p", 9000, day=TODAY - timedelta(3))], [], [(X.AWAITED, "", "p")], "its money may still come"),
    ([line("a", -500, "SERVICE FEE", kind=LineKind.FEE), line("b", 12, "INTEREST", kind=LineKind.INTEREST)], [], [], [(X.NOT_PAYER_MONEY, "a", ""), (X.NOT_PAYER_MONEY, "b", "")], "the bank's own lines"),
    ([], [pay("p", 0, method="NON")], [], [], "a payment of nothing needs no deposit"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "payments", "matches", "exceptions", "why"), ONE)
def test_each_rule_and_each_exception(lines, payments, matches, exceptions, why):
    found = match_deposits(lines, payments, today=TODAY)
    assert [("".join(one.lines), "".join(one.payments), one.kind) for one in found.matches] == matches, why
    assert [(one.kind, one.line, one.payment) for one in found.exceptions] == sorted(exceptions), why
    assert found.unexplained_cents == 0
    assert found == match_deposits(lines[::-1], payments[::-1], today=TODAY), "the order given means nothing"


def test_payer_names_tell_payer_money():
    unknown = match_deposits([line("a", 9000, "EXAMPLE HLTH PLAN 123")], [], today=TODAY)
    named = match_deposits(
        [line("a", 9000, "EXAMPLE HLTH PLAN 123")], [], today=TODAY, payer_names=["Example Hlth Plan"]
    )
    assert [one.exceptions[0].kind for one in (unknown, named)] == [X.UNKNOWN, X.MISSING_REMITTANCE]


def test_a_deposit_settled_in_an_earlier_run_is_known_when_it_returns():
    before = line("a", 9000, trn("T10001"))
    again = line("b", 9000, trn("T10001"), day=DAY + timedelta(30))
    back = line("c", -9000, trn("T10001"), day=DAY + timedelta(31))
    found = match_deposits([again, back], [], today=TODAY, earlier=[before])
    assert [(one.kind, one.line) for one in found.exceptions] == [(X.DOUBLED_DEPOSIT, "b"), (X.RETURNED, "c")]


SUMS = [  # amounts, total, places, why
    ([100, 250, 400], 350, (0, 1), "one pair"),
    ([100, 200, 300, 400], 500, None, "two pairs"),
    ([100, 100, 300], 400, (0, 2), "equal amounts are alike"),
    ([100], 100, None, "one alone is no sum"),
    ([-100, 200, 300], 200, None, "negative amounts are left out"),
    (list(range(1, 60)), 500, None, "too many to try"),
]  # fmt: skip


@pytest.mark.parametrize(("amounts", "total", "places", "why"), SUMS)
def test_unique_sums(amounts, total, places, why):
    assert unique_subset(amounts, total) == places, why


def test_sums_that_chance_could_give_are_not_matched():
    chance = random.Random(5)
    payments = [pay(f"p{number:02}", chance.randrange(1_000, 900_000)) for number in range(24)]
    five = sum(one.amount_cents for one in payments[:5])
    pair = sum(one.amount_cents for one in payments[5:7])
    found = match_deposits(
        [line("five", five, "DEPOSIT"), line("pair", pair, "DEPOSIT")], payments, today=TODAY
    )
    assert [("".join(one.lines), len(one.payments)) for one in found.matches] == [("pair", 2)]
    assert [one.kind for one in found.exceptions if one.line] == [X.UNKNOWN]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 60), max_size=9), st.integers(1, 120))
def test_unique_sums_agree_with_trying_all(amounts, total):
    sets = set()
    for mask in range(1 << len(amounts)):
        chosen = [amounts[place] for place in range(len(amounts)) if mask >> place & 1]
        if len(chosen) >= 2 and sum(chosen) == total:
            sets.add(tuple(sorted(chosen)))
    found = unique_subset(amounts, total)
    if found is None:
        assert len(sets) != 1
    else:
        assert {tuple(sorted(amounts[place] for place in found))} == sets


def month(seed: int):
    """A month of one practice: payments, the bank's lines, and what was planted, by kind."""
    chance = random.Random(seed)
    lines, payments, planted = [], [], []

    def amount():
        return chance.randrange(2_000, 900_000)

    for number in range(60):
        key, cents, day = f"p{number:03}", amount(), DAY + timedelta(chance.randrange(0, 23))
        trace = f"TR{seed:03}{number:05}"
        kind = chance.choices(
            ("plain", "split", "missing_deposit", "doubled", "late_awaited", "no_remittance", "returned", "differs", "untraced"),
            (60, 6, 5, 5, 3, 5, 4, 4, 8),
        )[0]  # fmt: skip
        deposit = day + timedelta(chance.randrange(0, 3))
        if kind == "no_remittance":
            lines.append(line(f"l{key}", cents, trn(trace), day=deposit))
            planted.append((X.MISSING_REMITTANCE, f"l{key}", ""))
            continue
        if kind == "late_awaited":
            payments.append(pay(key, cents, trace=trace, day=TODAY - timedelta(1)))
            planted.append((X.AWAITED, "", key))
            continue
        payments.append(pay(key, cents, trace=trace, day=day))
        if kind == "missing_deposit":
            planted.append((X.MISSING_DEPOSIT, "", key))
        elif kind == "split":
            part = cents // 3
            lines.append(line(f"l{key}1", part, trn(trace), day=deposit))
            lines.append(line(f"l{key}2", cents - part, trn(trace), day=deposit))
        elif kind == "differs":
            lines.append(line(f"l{key}", cents - 7, trn(trace), day=deposit))
            planted.append((X.AMOUNT_DIFFERS, f"l{key}", key))
        elif kind == "untraced":
            lines.append(line(f"l{key}", cents, "DEPOSIT", day=deposit))
        else:
            lines.append(line(f"l{key}", cents, trn(trace), day=deposit))
            if kind == "doubled":
                lines.append(line(f"m{key}", cents, trn(trace), day=deposit + timedelta(1)))
                planted.append((X.DOUBLED_DEPOSIT, f"m{key}", ""))
            elif kind == "returned":
                lines.append(line(f"m{key}", -cents, f"RETURN {trn(trace)}", day=deposit + timedelta(2)))
                planted.append((X.RETURNED, f"m{key}", ""))
    for number in range(4):  # two electronic payments of one payer, paid in one sum under the first trace
        parts = [
            pay(f"q{number}{part}", amount(), trace=f"MG{seed:03}{number}{part}XX", payer=f"merged{number}")
            for part in range(2)
        ]
        payments += parts
        lines.append(line(f"lq{number}", sum(one.amount_cents for one in parts), trn(parts[0].trace_number)))
    lines.append(line("fee", -1500, "SERVICE FEE", kind=LineKind.FEE))
    planted.append((X.NOT_PAYER_MONEY, "fee", ""))
    chance.shuffle(lines)
    return lines, payments, planted


@pytest.mark.parametrize("seed", range(40))
def test_r60_planted_exceptions_are_found_exactly_and_every_cent_is_explained(seed):
    lines, payments, planted = month(seed)
    found = match_deposits(lines, payments, today=TODAY)
    assert found.unexplained_cents == 0
    assert sorted((one.kind, one.line, one.payment) for one in found.exceptions) == sorted(planted)
    settled = [key for one in found.matches for key in one.lines] + [
        one.line for one in found.exceptions if one.line
    ]
    assert sorted(settled) == sorted(one.key for one in lines)
    by_key = {one.key: one.amount_cents for one in lines} | {one.key: one.amount_cents for one in payments}
    for match in found.matches:
        assert (
            sum(by_key[key] for key in match.lines)
            == sum(by_key[key] for key in match.payments)
            == match.amount_cents
        )


def test_ageing():
    payments = [
        pay("p", 100, day=TODAY - timedelta(90)),
        pay("q", 200, day=TODAY - timedelta(20)),
        pay("r", 300, day=TODAY - timedelta(20)),
    ]
    found = match_deposits([], payments, today=TODAY)
    assert [
        (one.kind, one.days, one.count, one.amount_cents) for one in age_exceptions(found.exceptions)
    ] == [
        (X.MISSING_DEPOSIT, "11-30", 2, 500),
        (X.MISSING_DEPOSIT, "over 60", 1, 100),
    ]


def weekly(payer, until, count=5):
    return [(payer, "npi", until - timedelta(7 * number)) for number in range(count)]


FEEDS = [  # seen, awaiting, oldest awaited, dead, why
    (weekly("A", TODAY - timedelta(22)), 3, None, True, "three weekly remittances missed, claims wait"),
    (weekly("A", TODAY - timedelta(21)), 3, None, False, "three weeks exactly"),
    (weekly("A", TODAY - timedelta(60)), 0, None, False, "nothing was sent: quiet, not dead"),
    (weekly("A", TODAY - timedelta(31), 1), 1, None, True, "seen once, then a month of silence"),
    ([], 2, TODAY - timedelta(45), True, "never seen, a claim waits 45 days"),
    ([], 2, TODAY - timedelta(44), False, "never seen, too early to say"),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "awaiting", "oldest", "dead", "why"), FEEDS)
def test_dead_feeds(seen, awaiting, oldest, dead, why):
    key = ("A", "npi")
    (feed,) = feeds(
        seen, today=TODAY, awaiting={key: awaiting}, oldest_awaited={key: oldest} if oldest else {}
    )
    assert feed.is_dead is dead, why
    assert feed.last_seen_on == (max(day for *_, day in seen) if seen else None)
