"""Loading the rule book and asking it.

    .venv/bin/python benchmarks/rules.py

Bars: loading under 50 ms; 10,000 deadlines with their traces under 2 s; 100,000 look-ups under 1 s.
"""

from __future__ import annotations

import time
from datetime import date, timedelta

from cleanclaim.rules import RuleNotEncoded, deadline, load_rule_book, rule_context
from cleanclaim.rules.coverage import STATES


def main() -> None:
    times = []
    for _ in range(5):
        load_rule_book.cache_clear()
        started = time.perf_counter()
        book = load_rule_book()
        times.append((time.perf_counter() - started) * 1000)
    print(f"{len(book.rules)} rules loaded in {min(times):.1f} ms")

    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(300)]
    started = time.perf_counter()
    answered = refused = 0
    for number in range(10_000):
        try:
            deadline(
                ("prompt_pay", "timely_filing", "recoupment")[number % 3],
                payer_kind="insured_plan",
                state=STATES[number % 13],
                on=days[number % 300],
                rules=book,
            )
            answered += 1
        except RuleNotEncoded:
            refused += 1
    seconds = time.perf_counter() - started
    print(f"{answered + refused:,} deadlines ({refused:,} refused) in {seconds:.2f} s")

    contexts = [
        rule_context(payer_kind="medicaid", program="medicaid_mco", state=state, payer_id="77799")
        for state in STATES
    ]
    started = time.perf_counter()
    for number in range(100_000):
        book.lookup("timely_filing.original_claim", contexts[number % 13], days[number % 300])
    print(f"100,000 look-ups in {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()
