"""Read and check every public sample file, and write down what came of it.

    python tools/sample_x12.py FOLDER [--write]

FOLDER holds MANIFEST.csv (a row a file, with facts counted by somebody else) and NEGATIVES.csv (files with
one planted fault, and clean ones that look like it). Prints a page, and with --write keeps it as
docs/reliability/x12-samples.md. Ends with 1 if a file raises, takes a second of the processor, disagrees with
a fact, or if a planted fault is not found once, at its place and with its answer.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests/core/x12")]
PAGE = ROOT / "docs" / "reliability" / "x12-samples.md"

COUNTED = {"n_CLM": "CLM", "n_CLP": "CLP", "n_SVC": "SVC", "n_SV1": "SV1", "n_SV2": "SV2", "n_CAS": "CAS",
           "n_PLB": "PLB", "n_HL": "HL", "n_STC": "STC", "n_TRN": "TRN", "n_AK2": "AK2", "n_IK3": "IK3",
           "n_EQ": "EQ", "n_UM": "UM"}  # fmt: skip
SUMMED = {"sum_CLM02": ("CLM", 2), "sum_SV102": ("SV1", 2), "sum_CLP03": ("CLP", 3), "sum_CLP04": ("CLP", 4),
          "sum_CLP05": ("CLP", 5), "sum_SVC03": ("SVC", 3), "BPR02": ("BPR", 2)}  # fmt: skip


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with open(folder / name, newline="") as table:
        return list(csv.DictReader(table))


def examine(data: bytes):  # type: ignore[no-untyped-def]
    """The file, its findings, and the seconds of the processor that reading, checking and answering took."""
    from cleanclaim.x12.ack import acknowledge_groups, acknowledge_interchanges
    from cleanclaim.x12.index import read_x12
    from cleanclaim.x12.report import envelope_findings
    from cleanclaim.x12.validate import validate

    begun = time.process_time()
    file = read_x12(data)
    reports = validate(file)
    acknowledge_groups(file, reports)
    acknowledge_interchanges(file)
    took = time.process_time() - begun
    return file, envelope_findings(file) + [one for report in reports for one in report.findings], took


def facts_of(file, stated: str) -> Iterator[tuple[str, bool]]:  # type: ignore[no-untyped-def]
    """Each stated fact that can be counted in the segments, and whether they say the same."""
    from cleanclaim.money import AmountError, usd

    transactions = list(file.transactions())
    segments = [segment for one in transactions for segment in one.segments]
    for name, value in re.findall(r"(\w+)=(\S+)", stated):
        if name == "tx":
            yield name, len(transactions) == int(value)
        elif name in COUNTED:
            yield name, sum(one.id == COUNTED[name] for one in segments) == int(value)
        elif name in SUMMED:
            segment_id, element = SUMMED[name]
            amounts = [one.get(element) for one in segments if one.id == segment_id]
            try:
                yield name, sum(usd(one) for one in amounts if one) == usd(value)
            except AmountError:
                yield name, False


def samples_table(folder: Path) -> tuple[list[str], list[str]]:
    """A line a file, and what went wrong."""
    lines = [
        "| file | kind | result | facts reproduced | under a second |",
        "| --- | --- | --- | --- | --- |",
    ]
    faults = []
    examine((folder / rows(folder, "MANIFEST.csv")[0]["file"]).read_bytes())
    for row in rows(folder, "MANIFEST.csv"):
        name = row["file"]
        try:
            file, findings, took = examine((folder / name).read_bytes())
        except Exception as error:  # the promise is that there is none
            faults.append(f"{name}: {type(error).__name__}")
            continue
        # Damaged files have a count of what was meant; a TA1 and files of several sets have another unit.
        counts = not name.startswith("bad/") and row["kind"] not in ("ta1", "mixed")
        counted = list(facts_of(file, row["key_facts"])) if counts else []
        good = sum(right for _, right in counted)
        faults += [f"{name}: {fact}" for fact, right in counted if not right]
        if took >= 1:
            faults.append(f"{name}: took {took:.1f} s")
        stops = sorted({one.code for one in findings if one.severity.stops})
        result = "clean" if not stops else ", ".join(f"`{code}`" for code in stops[:3])
        result += f" and {len(stops) - 3} more" if len(stops) > 3 else ""
        facts = f"{good} of {len(counted)}" if counted else "none stated"
        lines.append(f"| {name} | {row['kind']} | {result} | {facts} | {'yes' if took < 1 else 'no'} |")
    return lines, faults


def negatives_table(folder: Path) -> tuple[list[str], list[str]]:
    """A line for each planted fault or clean look-alike, beside the number of pyx12's errors."""
    from pyx12_judge import pyx12_errors

    lines = [
        "| file | expected | found that stops | as expected | errors of pyx12 |",
        "| --- | --- | --- | --- | --- |",
    ]
    faults = []
    for row in rows(folder, "NEGATIVES.csv"):
        data = (folder / row["file"]).read_bytes()
        _, findings, _ = examine(data)
        stops = [one for one in findings if one.severity.stops]
        right = as_expected(row, stops)
        if not right:
            faults.append(row["file"])
        expected = (
            "nothing that stops"
            if row["answer_by"] == "none"
            else f"{row['answer_by']} {row['where']}".replace("|", " or ").strip()
        )
        found = ", ".join(f"`{one.code}`" for one in stops) or "nothing"
        try:
            theirs = str(len(pyx12_errors(data)))
        except Exception as error:  # a peer may fall over a damaged file
            theirs = f"raises {type(error).__name__}"
        lines.append(f"| {row['file']} | {expected} | {found} | {'yes' if right else 'NO'} | {theirs} |")
    return lines, faults


def as_expected(row: dict[str, str], stops) -> bool:  # type: ignore[no-untyped-def]
    """Whether exactly the planted fault was found, at its place and with its answer."""
    if row["answer_by"] == "none":
        return not stops
    if len(stops) != 1:
        return False
    where, ack = stops[0].where, stops[0].ack
    place = dict(part.split("=") for part in row["where"].split())
    return (
        str(where.segment_index) == place.get("pos", str(where.segment_index))
        and where.loop == place.get("loop", where.loop)
        and ("el" not in place or int(where.element[-2:]) == int(place["el"]))
        and all(
            not row[column] or ack.get(key) in row[column].split("|")
            for column, key in (("ik304", "ik3"), ("ik403", "ik4"), ("ta1_05", "ta1"))
        )
    )


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    folder = Path(sys.argv[1])
    samples, faults = samples_table(folder)
    negatives, missed = negatives_table(folder)
    facts = [re.search(r"\| (\d+) of (\d+) \|", line) for line in samples]
    right, stated = (sum(int(one[place]) for one in facts if one) for place in (1, 2))
    planted = len(negatives) - 2
    page = [
        "# The X12 engine on public sample files", "",
        "Written by `tools/sample_x12.py` from public samples (they stay outside this repository); "
        "not by hand.",
        "", f"- Files read, checked and answered: {len(samples) - 2}; raised or disagreed: {len(faults)}.",
        f"- Facts counted by others and reproduced: {right} of {stated}.",
        f"- Files with one planted fault, or clean look-alikes: {planted - len(missed)} of {planted} "
        "judged as expected, each fault told once, at its place, with its answer.", "",
        "## Planted faults", "", *negatives, "", "## Samples", "",
        "A file that is not clean holds a fault of its own or belongs to a set that is not supported; "
        "the finding says which.",
        "", *samples, "",
    ]  # fmt: skip
    text = "\n".join(page)
    if "--write" in sys.argv:
        PAGE.write_text(text)
    else:
        print(text)
    for fault in faults + missed:
        print(f"NOT AS EXPECTED: {fault}", file=sys.stderr)
    return 1 if faults or missed else 0


if __name__ == "__main__":
    sys.exit(main())
