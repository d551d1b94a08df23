"""Sessions coded a second, from the worked cases.

    .venv/bin/python benchmarks/coding.py

Bar: 10,000 sessions within 2 s of processor time.
"""

from __future__ import annotations

import time
from pathlib import Path

from cleanclaim.coding import code_session, read_session_rows

CASES = Path(__file__).parents[1] / "tests/core/coding/coding_cases.csv"


def main() -> None:
    rows, _ = read_session_rows(CASES.read_bytes())
    facts = [row.facts for row in rows]
    code_session(facts[0])
    batch = facts * (20_000 // len(facts))
    started = time.process_time()
    for one in batch:
        code_session(one)
    seconds = time.process_time() - started
    print(
        f"{len(batch):,} sessions in {seconds:.2f} s of processor time: {len(batch) / seconds:,.0f} a second"
    )


if __name__ == "__main__":
    main()
