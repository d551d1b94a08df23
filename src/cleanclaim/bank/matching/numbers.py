"""Matches and exceptions that numbers prove: traces, checks, deposits seen before."""

from __future__ import annotations

import re
from collections import Counter

from cleanclaim.bank.matching.desk import Desk, folded, tokens
from cleanclaim.bank.matching.records import ExceptionKind, MatchKind
from cleanclaim.bank.records import BankLine, ExpectedPayment
from cleanclaim.bank.subsets import size_that_proves, unique_subset

TRACED_ODDS = 50
"""Odds wanted of a sum when a trace already names one of its payments."""


def by_trace(desk: Desk) -> None:
    """Rule 1."""
    by_trace: dict[str, list[ExpectedPayment]] = {}
    for payment in desk.payments.values():
        by_trace.setdefault(folded(payment.trace_number), []).append(payment)
    lines = desk.traced()
    for trace, named in by_trace.items():
        if not trace:
            continue
        for payment in named:
            fits = [
                line
                for line in lines.get(trace, ())
                if line.key in desk.lines and line.amount_cents == payment.amount_cents
            ]
            alike = [one for one in named if one.amount_cents == payment.amount_cents]
            if fits and len(alike) == 1:
                why = "the payment's trace number stands in the bank's text"
                desk.settle(fits[:1], [payment], MatchKind.TRACE, why)


def by_check_number(desk: Desk) -> None:
    """Rule 2."""
    by_number: dict[str, list[BankLine]] = {}
    for line in desk.lines.values():
        if line.check_number:
            by_number.setdefault(folded(line.check_number), []).append(line)
    traces = Counter(folded(one.trace_number) for one in desk.payments.values())
    for payment in list(desk.payments.values()):
        number = folded(payment.trace_number)
        if not number or payment.method not in ("CHK", ""):
            continue
        fits = [
            line
            for line in by_number.get(number, ())
            if line.key in desk.lines and line.amount_cents == payment.amount_cents
        ]
        if fits and traces[number] == 1:
            desk.settle(fits[:1], [payment], MatchKind.CHECK_NUMBER, "the check number is equal")


def by_trace_split(desk: Desk) -> None:
    """Rule 3."""
    traced = desk.traced()
    for payment in list(desk.payments.values()):
        parts = [line for line in traced.get(folded(payment.trace_number), ()) if line.key in desk.lines]
        if len(parts) > 1 and sum(line.amount_cents for line in parts) == payment.amount_cents:
            why = f"{len(parts)} lines carry the trace number and add up"
            desk.settle(parts, [payment], MatchKind.TRACE_SPLIT, why)


def by_trace_merged(desk: Desk) -> None:
    """Rule 4: the line's traces name some of the payments, and all together are its amount."""
    for line in list(desk.lines.values()):
        named = [one for one in desk.payments.values() if folded(one.trace_number) in desk.traces[line.key]]
        if not named or line.amount_cents <= 0:
            continue
        if sum(one.amount_cents for one in named) == line.amount_cents:
            desk.settle([line], named, MatchKind.TRACE_MERGED, f"its {len(named)} traces add up to the line")
            continue
        payers = {one.payer_id for one in named}
        others = [
            one
            for one in desk.payments.values()
            if one not in named and one.payer_id in payers and desk.in_window(line, one)
        ]
        rest = line.amount_cents - sum(one.amount_cents for one in named)
        most = max(1, size_that_proves(len(others), rest, odds=TRACED_ODDS))
        chosen = unique_subset([one.amount_cents for one in others], rest, least=1, most=most)
        if chosen:
            found = [*named, *(others[place] for place in chosen)]
            why = f"a trace in the text, and {len(found)} payments of the payer add up to the line"
            desk.settle([line], found, MatchKind.TRACE_MERGED, why)


def by_returns(desk: Desk) -> None:
    """A debit that undoes a deposit of before: same amount, same trace or reference."""
    for line in list(desk.lines.values()):
        if line.amount_cents >= 0 or line.key not in desk.lines:
            continue
        before = [
            other
            for other in (*desk.used, *desk.lines.values())
            if other.amount_cents == -line.amount_cents
            and other.booked_on <= line.booked_on
            and (tokens(other) & tokens(line))
        ]
        if before or re.search(r"RETURN|REVERS|CHARGEBACK|NSF", line.text.upper()):
            why = "the bank took a deposit back"
            desk.except_line(line, ExceptionKind.RETURNED, why, candidates=[one.key for one in before])


def by_doubles(desk: Desk) -> None:
    """A trace or check that was settled before, deposited again."""
    traces: dict[str, str] = {}
    checks: dict[tuple[str, int], str] = {}
    for used in desk.used:
        for trace in desk.traces.get(used.key) or {folded(one) for one in used.traces}:
            traces.setdefault(trace, used.key)
        if used.check_number:
            checks.setdefault((folded(used.check_number), used.amount_cents), used.key)
    open_traces = {folded(one.trace_number) for one in desk.payments.values()}
    for line in list(desk.lines.values()):
        if line.amount_cents <= 0:
            continue
        hits = [traces[trace] for trace in sorted(desk.traces[line.key]) if trace in traces]
        check = checks.get((folded(line.check_number), line.amount_cents)) if line.check_number else None
        if check or (hits and not desk.traces[line.key] & open_traces):
            why = "its trace or check number was deposited before"
            desk.except_line(line, ExceptionKind.DOUBLED_DEPOSIT, why, candidates=[check or hits[0]])


def by_differing_amount(desk: Desk) -> None:
    """The numbers agree and the amounts do not: both sides in one exception."""
    for line in list(desk.lines.values()):
        numbers = desk.traces[line.key] | ({folded(line.check_number)} if line.check_number else set())
        named = [one for one in desk.payments.values() if folded(one.trace_number) in numbers]
        if len(named) == 1 and line.amount_cents > 0:
            why = "the number agrees, the amount does not"
            desk.except_line(line, ExceptionKind.AMOUNT_DIFFERS, why, payment=named[0])
