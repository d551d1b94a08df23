"""All claim edits: one claim warm, a batch, a million claims in slices, and the same claim by claim.

    .venv/bin/python benchmarks/edits.py [--claims 1000000] [--slice 50000]

Bars: one claim p95 under 60 ms; 100,000 claims under 5 s; 1,000,000 claims (2.4 million lines) with their
findings under 30 s on 2 cores and under 4 GB; the same findings whatever the slicing.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time

import polars as pl
from _claims import TODAY, known_beside, make_claims, sliced, tiled

from cleanclaim.claim import Claim
from cleanclaim.edits import all_edits, run_edits
from cleanclaim.edits.model import EditReport
from cleanclaim.frames import ClaimFrames, frames_from_claims
from cleanclaim.rules import load_rule_book

RULES = load_rule_book()
BASE = 10_000


def checked(frames: ClaimFrames, known: dict[str, pl.DataFrame]) -> EditReport:
    return run_edits(frames, today=TODAY, rules=RULES, **known)


def one_claim(claims: list[Claim]) -> float:
    """Prints the times of single claims; answers the mean in seconds."""
    times = []
    for claim in claims[:300]:
        frames = frames_from_claims([claim])
        known = known_beside(frames)
        started = time.perf_counter()
        checked(frames_from_claims([claim]), known).claims  # noqa: B018
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    print(
        f"one claim, {len(all_edits())} edits, warm: p50 {statistics.median(times):.1f} ms, "
        f"p95 {times[int(len(times) * 0.95)]:.1f} ms"
    )
    return statistics.mean(times) / 1000


def batch(frames: ClaimFrames, slice_size: int, known: dict[str, pl.DataFrame]) -> tuple[float, int]:
    """Seconds and findings of a batch taken in slices; each slice sees what is known of its own patients."""
    started = time.perf_counter()
    found = 0
    for part in sliced(frames, slice_size) if slice_size < frames.height else [frames]:
        found += len(checked(part, _near(part, known)).findings)
    return time.perf_counter() - started, found


def _near(part: ClaimFrames, known: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    patients = part.claims.select("patient_id").unique()
    keys = ["practice_id", "line_rendering_npi", "date_of_service"]
    clinicians = (
        part.lines.select("claim_row", *keys[1:])
        .join(part.claims.select("claim_row", "practice_id"), on="claim_row")
        .select(keys)
        .unique()
    )
    history = known["history"]
    # What the server does: lines of the same patients, or of the same clinicians on the same days.
    near = pl.concat(
        [
            history.join(patients, on="patient_id", how="semi"),
            history.join(clinicians, on=keys, how="semi"),
        ]
    ).unique(subset=["claim_number", "date_of_service", "code"])
    return known | {
        "history": near,
        "coverage": known["coverage"].join(patients, on="patient_id", how="semi"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--slice", type=int, default=50_000)
    asked = parser.parse_args()

    claims = make_claims(BASE)
    warm = frames_from_claims(claims[:10])
    checked(warm, known_beside(warm))
    single = one_claim(claims)

    started = time.perf_counter()
    base = frames_from_claims(claims)
    print(f"frames of {BASE:,} claims from objects: {time.perf_counter() - started:.2f} s")

    for count in (100_000, asked.claims // 4, asked.claims // 2, asked.claims):
        frames = tiled(base, max(count // BASE, 1))
        known = known_beside(frames)
        seconds, found = batch(frames, asked.slice, known)
        print(
            f"{frames.height:>9,} claims, {frames.lines.height:>9,} lines: {seconds:6.2f} s, "
            f"{found:,} findings, {frames.height / seconds:,.0f} claims/s, "
            f"{single * frames.height / seconds:.0f} times as fast as claim by claim; "
            f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB"
        )
        del frames

    same_whatever_the_slicing(tiled(base, 2))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def same_whatever_the_slicing(frames: ClaimFrames) -> None:
    known = known_beside(frames)
    order = ["edit", "severity", "line_number", "facts"]
    whole = checked(frames, known).hits.select(order).sort(order)
    for size in (1_000, 7_777):
        parts = [checked(part, _near(part, known)).hits.select(order) for part in sliced(frames, size)]
        same = pl.concat(parts).sort(order).equals(whole)
        print(f"slices of {size:,}: the same {whole.height:,} findings: {same}")


if __name__ == "__main__":
    main()
