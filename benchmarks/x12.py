"""Read and validate generated X12 files with this engine and its open peers, side by side.

Usage: ``.venv/bin/python benchmarks/x12.py [--quick] [--size MB] [--slow-size MB] [--peers] [--no-page]``

One run measures everything, prints it and writes ``docs/reference/x12-speed.md``, so that no figure of that
page is written by hand. ``--quick`` takes small files, reads two sizes less far apart, and writes no page.

Every runner works in a process of its own, on the same file, so that time and peak memory are its own;
the best of its runs counts. Runners of ours are named ``cleanclaim``. pyx12 is installed with the
developer tools. With ``--peers`` a throw-away environment is made under the temporary folder with
linuxforhealth-x12, openx12 and edi-835-parser (never in the lock); without it those lines are left out, or
taken from an environment that is still there. Processor time is what counts on a busy machine; it is
printed beside the time that passed.

What is compared: *835 tables* makes claims, lines and adjustments (for peers: whatever they make of a
remittance); *837P validation* ends with the answer to the group (for pyx12: its 999).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parent.parent
FOLDER = Path(tempfile.gettempdir()) / "cleanclaim-bench-x12"
PAGE = REPO / "docs" / "reference" / "x12-speed.md"
PEERS = {  # environment: what is installed into it
    "peers": ("openx12==0.2.1", "edi-835-parser==1.8.0", "numpy"),
    "linuxforhealth": ("linuxforhealth-x12==0.57.0", "pydantic<2", "python-dotenv"),
}

# -- what is measured; each takes the path of a file and gives a count ---------------------------------------


def ours_tables(path: str) -> int:
    from cleanclaim.x12.columns import read_tables

    tables = read_tables(path, tables=("claims", "lines", "adjustments"))
    return tables["claims"].height


def ours_tables_alone(path: str) -> int:
    """The same with one thread on one processor: what a second brings that nobody shares."""
    os.environ["POLARS_MAX_THREADS"] = "1"  # before Polars is imported
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return ours_tables(path)


def ours_all_tables(path: str) -> int:
    from cleanclaim.x12.columns import read_tables

    return read_tables(path)["claims"].height


def ours_slices(path: str) -> int:
    """Every table, slice by slice, nothing kept: what `x12 tables` costs in memory."""
    from cleanclaim.x12.columns import scan_tables

    return sum(found["claims"].height for found in scan_tables(path))


def ours_typed(path: str) -> int:
    from cleanclaim.x12.index import read_x12
    from cleanclaim.x12.sets.remittance_835 import read_835

    file = read_x12(Path(path).read_bytes())
    return sum(len(read_835(one)[0].claims) for one in file.transactions())


def ours_validate(path: str) -> int:
    from cleanclaim.x12.ack import acknowledge_groups
    from cleanclaim.x12.index import read_x12
    from cleanclaim.x12.validate import validate

    file = read_x12(Path(path).read_bytes())
    reports = validate(file)
    answers = acknowledge_groups(file, reports)
    assert all(answer.result == "A" for answer in answers)
    return sum(report.claims for report in reports)


def ours_validate_from_disk(path: str) -> int:
    """The same without the file in memory: transactions are read when they are checked."""
    from cleanclaim.x12.ack import acknowledge_groups
    from cleanclaim.x12.index import Limits, open_x12
    from cleanclaim.x12.validate import validate

    with open_x12(path, limits=Limits(file_bytes=1 << 40)) as file:
        reports = validate(file)
        assert all(answer.result == "A" for answer in acknowledge_groups(file, reports))
    return sum(report.claims for report in reports)


def ours_validate_each(path: str) -> int:
    """What `x12 validate` and `x12 ack` do: reports one after the other, the 999 made while it is written."""
    from datetime import datetime

    from cleanclaim.x12.ack import answering_envelope, stream_answers
    from cleanclaim.x12.index import Limits, open_x12
    from cleanclaim.x12.sets.acknowledgments import write_999
    from cleanclaim.x12.validate import validate_each
    from cleanclaim.x12.writer import write_x12

    huge = 1 << 40
    limits = Limits(
        file_bytes=huge, transaction_bytes=huge, transactions=huge, claims=huge, hl_count=huge,
        transaction_segments=huge,
    )  # fmt: skip
    with open_x12(path, limits=limits) as file:
        ((group, answers),) = stream_answers(file, validate_each(file, limits=limits))
        assert group.result == "A"
        envelope = answering_envelope(file.interchanges[0], 1, datetime(2026, 11, 23, 9, 30))  # noqa: DTZ001
        write_x12(envelope, [write_999(group, control_number="0001", answers=answers)])
    return len(answers)


def plain_split(path: str) -> int:
    text = Path(path).read_text()
    segments = [segment.split("*") for segment in text.split("~")]
    return sum(segment[0] in ("CLP", "CLM") for segment in segments)


def polars_explode(path: str) -> int:
    """The obvious columnar way: split everything into rows, then into elements."""
    import polars as pl

    segments = pl.Series("s", [Path(path).read_text()]).str.split("~").explode()
    total = 0
    for name, count in (("CLP", 9), ("SVC", 8), ("CAS", 8)):
        rows = segments.filter(segments.str.starts_with(name + "*"))
        table = rows.str.split_exact("*", count).struct.unnest()
        total += table.height if name == "CLP" else 0
    return total


def numpy_offsets(path: str) -> int:
    """Delimiter offsets with numpy, amounts of CLP, SVC and CAS as integers, no texts: a lower bound."""
    import numpy as np

    data = Path(path).read_bytes()
    octets = np.frombuffer(data, np.uint8)
    places = np.flatnonzero((octets == 126) | (octets == 42))
    last = np.flatnonzero(octets[places] == 126)
    first = np.concatenate(([0], last[:-1] + 1))
    begins = np.concatenate(([0], places[last][:-1] + 1))
    keys = np.ndarray((len(octets) - 3,), "<u4", data, strides=(1,))[np.minimum(begins, len(octets) - 4)]
    claims = 0
    for name, elements in ((b"CLP*", (3, 4, 5)), (b"SVC*", (2, 3)), (b"CAS*", (3,))):
        rows = np.flatnonzero(keys == int.from_bytes(name, "little"))
        claims += len(rows) if name == b"CLP*" else 0
        for element in elements:
            begin, stop = places[first[rows] + element - 1] + 1, places[first[rows] + element]
            value = np.zeros(len(rows), np.int64)
            for at in range(int((stop - begin).max(initial=0))):
                octet = octets[np.minimum(begin + at, len(octets) - 1)] - 48
                value = np.where((begin + at < stop) & (octet < 10), value * 10 + octet, value)
    return claims


def pyx12_validate(path: str) -> int:
    import logging

    import pyx12.params
    import pyx12.x12n_document

    logging.disable(logging.CRITICAL)
    answer = io.StringIO()
    with open(path) as source:
        good = pyx12.x12n_document.x12n_document(pyx12.params.params(), source, answer, None, None)
    assert good
    return -1


def openx12_parse(path: str) -> int:
    from openx12 import x835

    return len(x835.parse(Path(path).read_text()).claims)


def edi_835_parser_parse(path: str) -> int:
    import warnings

    warnings.simplefilter("ignore")
    import edi_835_parser

    edi_835_parser.parse(path)  # its dataframe refuses more than one payment
    return -1


def linuxforhealth_parse(path: str) -> int:
    from linuxforhealth.x12.io import X12ModelReader

    with X12ModelReader(path) as reader:
        return sum(1 for _ in reader.models())


RUNNERS: dict[str, tuple[Callable[[str], int], str, str, str, int]] = {
    # name: function, file, environment, size, runs
    "cleanclaim: claims, lines, adjustments": (ours_tables, "835", "", "big", 5),
    "cleanclaim: the same, one thread": (ours_tables_alone, "835", "", "big", 5),
    "cleanclaim: all tables": (ours_all_tables, "835", "", "big", 2),
    "cleanclaim: typed records": (ours_typed, "835", "", "slow", 2),
    "plain split into lists": (plain_split, "835", "", "big", 2),
    "polars: split and explode": (polars_explode, "835", "", "big", 5),
    "numpy: offsets and amounts only": (numpy_offsets, "835", "peers", "big", 5),
    "openx12": (openx12_parse, "835", "peers", "slow", 1),
    "edi-835-parser": (edi_835_parser_parse, "835", "peers", "small", 1),
    "linuxforhealth-x12 835": (linuxforhealth_parse, "835", "linuxforhealth", "small", 1),
    "cleanclaim: SNIP 1-5 and 999": (ours_validate, "837", "", "big", 3),
    "cleanclaim: the same, from the disk": (ours_validate_from_disk, "837", "", "big", 2),
    "cleanclaim: the same, read once": (ours_validate, "837", "", "big", 1),
    "cleanclaim: read once, 64 shapes": (ours_validate, "837-64", "", "slow", 1),
    "cleanclaim: read once, 512 shapes": (ours_validate, "837-shapes", "", "slow", 1),
    "cleanclaim: read once, no shape twice": (ours_validate, "837-worst", "", "slow", 1),
    "pyx12: SNIP 1-2 and 999": (pyx12_validate, "837", "", "small", 1),
    "linuxforhealth-x12 837P": (linuxforhealth_parse, "837", "linuxforhealth", "small", 1),
}


def run_here(name: str, path: str) -> None:
    """Run one runner in this process and print what it took."""
    function, _, _, _, runs = RUNNERS[name]
    best = processor = float("inf")
    count = 0
    for _ in range(runs):
        begun, used = time.perf_counter(), time.process_time()
        count = function(path)
        best = min(best, time.perf_counter() - begun)
        processor = min(processor, time.process_time() - used)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": best, "processor_seconds": processor, "peak_bytes": peak, "count": count}))


def measure(name: str, path: Path) -> dict[str, Any]:
    """Run one runner in a process of its own."""
    environment = RUNNERS[name][2]
    python = sys.executable if not environment else str(FOLDER / environment / "bin/python")
    if not Path(python).exists():
        return {"name": name, "left_out": "not installed; run with --peers to install it"}
    variables = {**os.environ, "PYTHONPATH": str(REPO / "src")} if not environment else dict(os.environ)
    done = subprocess.run(
        [python, __file__, "run", name, str(path)], capture_output=True, text=True, env=variables, check=False
    )
    if done.returncode:
        return {"name": name, "left_out": (done.stderr.strip().splitlines() or ["failed"])[-1][:100]}
    found = json.loads(done.stdout.strip().splitlines()[-1])
    size = path.stat().st_size
    speeds = {
        "mb_per_second": round(size / 1e6 / found["seconds"], 2),
        "mb_per_processor_second": round(size / 1e6 / found["processor_seconds"], 2),
    }
    return {"name": name, "bytes": size, **speeds, **found}


def make_files(sizes: dict[str, float]) -> dict[tuple[str, str], Path]:
    """Generate what is not there yet."""
    import x12_files

    FOLDER.mkdir(exist_ok=True)
    makers = {
        "835": lambda path, size: x12_files.remittances(path, size, claims=min(2000, max(50, size // 4000))),
        "837": lambda path, size: x12_files.professional(path, size, claims=min(2000, max(50, size // 4000))),
        "837-64": lambda path, size: x12_files.professional(path, size, shapes=64),
        "837-shapes": lambda path, size: x12_files.professional(path, size, shapes=512),
        "837-worst": lambda path, size: x12_files.professional(path, size, claims=4000, shapes=1 << 30),
    }
    paths = {}
    for _, kind, _, size, _ in RUNNERS.values():
        path = FOLDER / f"{kind}-{sizes[size]:g}.x12"
        if not path.exists():
            makers[kind](path, int(sizes[size] * 1e6))
        paths[kind, size] = path
    return paths


def install_peers() -> None:
    """Make the throw-away environments that are not there yet."""
    for name, packages in PEERS.items():
        place = FOLDER / name
        if not (place / "bin/python").exists():
            venv.create(place, with_pip=True)
            command = [str(place / "bin/python"), "-m", "pip", "install", "--quiet", *packages]
            subprocess.run(command, check=False)


def _each_alone(path: Path, size: int) -> int:
    import x12_files

    return x12_files.professional(path, size, claims=1)


def _all_in_one(path: Path, size: int) -> int:
    import x12_files

    return x12_files.professional(path, 500, claims=size // 429)  # the first transaction is the last


def memory_by_size(slow: float) -> list[dict[str, Any]]:
    """Peak memory and time at two sizes a decade apart: tables slice by slice, validation from the disk."""
    import x12_files

    results = []
    for what, function, kind, make in (
        ("all tables", "ours_slices", "835", x12_files.remittances),
        ("validation", "ours_validate_from_disk", "837", x12_files.professional),
        ("validation and 999, a claim in each ST", "ours_validate_each", "837-each", _each_alone),
        ("validation and 999, all claims in one ST", "ours_validate_each", "837-one", _all_in_one),
    ):
        for size in (slow * 10, slow * 100):
            path = FOLDER / f"{kind}-{size:g}.x12"
            if not path.exists():
                make(path, int(size * 1e6))
            code = (
                "import json,resource,sys,time\nsys.path.insert(0, sys.argv[2])\nimport x12\n"
                f"b=time.process_time(); n=x12.{function}(sys.argv[1])\n"
                "peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*1024\n"
                "print(json.dumps([time.process_time()-b, peak, n]))"
            )
            variables = {**os.environ, "PYTHONPATH": str(REPO / "src")}
            done = subprocess.run(
                [sys.executable, "-c", code, str(path), str(REPO / "benchmarks")],
                capture_output=True, text=True, env=variables, check=True,
            )  # fmt: skip
            seconds, peak, claims = json.loads(done.stdout)
            found = {"bytes": path.stat().st_size, "processor_seconds": seconds, "peak_bytes": peak}
            results.append({"what": what, **found, "count": claims})
    return results


def main() -> None:
    if len(sys.argv) == 4 and sys.argv[1] == "run":
        return run_here(sys.argv[2], sys.argv[3])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=float, default=50, help="MB for fast readers")
    parser.add_argument("--slow-size", type=float, default=5, help="MB for slow ones")
    parser.add_argument("--small-size", type=float, default=0.5, help="MB for the slowest")
    parser.add_argument("--peers", action="store_true", help="install the peers for this run")
    parser.add_argument("--quick", action="store_true", help="small files, and no page is written")
    parser.add_argument("--no-page", action="store_true", help="write no page")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.quick:
        options.size, options.slow_size, options.small_size, options.no_page = 5, 1, 0.2, True
    sizes = {"big": options.size, "slow": options.slow_size, "small": options.small_size}
    sys.path.insert(0, str(REPO / "benchmarks"))
    paths = make_files(sizes)
    if options.peers:
        install_peers()
    results = [measure(name, paths[kind, size]) for name, (_, kind, _, size, _) in RUNNERS.items()]
    memory = memory_by_size(options.slow_size)
    if options.json:
        print(json.dumps({"results": results, "memory": memory}))
        return None
    page = page_of(results, memory)
    print(page)
    if not options.no_page:
        PAGE.write_text(page)
    return None


def machine() -> str:
    """What the figures depend on; no date, no name."""
    model = platform.machine()
    if Path("/proc/cpuinfo").exists():
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        model = found[1] if found else model
    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} processors ({model}), Python {platform.python_version()}; "
        f"on average {busy:.1f} programs wanted a processor while this ran."
    )


def page_of(results: list[dict[str, Any]], memory: list[dict[str, Any]]) -> str:
    """The page of the documentation, which is also what is printed."""
    by_name = {str(one["name"]): one for one in results}
    lines = [
        "# How quick the X12 engine is", "",
        "Written by `make bench-x12` (`benchmarks/x12.py`); not by hand. Figures of one run on one machine, "
        "all in it. *Ratios* say how many",
        "times as much as this line our first line of the same kind of file does: in the time that passed, "
        "and in a second of the",
        "processor. Two threads on two processors that share a core each do less in their second than one "
        "alone.",
        "", machine(), "",
    ]  # fmt: skip
    passed, processor = "mb_per_second", "mb_per_processor_second"
    for title, of, base in (
        ("Remittances (835) into tables", "835", "cleanclaim: claims, lines, adjustments"),
        ("Claims (837P) validated and answered", "837", "cleanclaim: SNIP 1-5 and 999"),
    ):
        lines += [f"## {title}", "", "| what | MB | MB/s that passed | ratio "
                  "| MB/s of processor | ratio | peak MB |",
                  "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
        for name, (_, kind, _, _, _) in RUNNERS.items():
            found = by_name[name]
            if kind[:3] != of:
                continue
            if "left_out" in found:
                lines.append(f"| {name} | | | | | {found['left_out']} | |")
                continue
            ratios = {one: by_name[base][one] / max(found[one], 0.001) for one in (passed, processor)}
            lines.append(
                f"| {name} | {found['bytes'] / 1e6:.1f} | {found[passed]:.2f} | {ratios[passed]:.1f} "
                f"| {found[processor]:.2f} | {ratios[processor]:.1f} | {found['peak_bytes'] / 1e6:.0f} |"
            )
        lines.append("")
    lines += ["## Two sizes a decade apart", "", "| what | MB | seconds of processor | peak MB |",
              "| --- | ---: | ---: | ---: |"]  # fmt: skip
    for one in memory:
        lines.append(
            f"| {one['what']} | {one['bytes'] / 1e6:.0f} | {one['processor_seconds']:.1f} "
            f"| {one['peak_bytes'] / 1e6:.0f} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
