"""What an independent validator refuses, we tell. Every single fault in clean files is shown to both."""

from __future__ import annotations

import os
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.core.x12.one_fault import Harmed, one_fault_each
from tests.core.x12.pyx12_judge import pyx12_errors

from cleanclaim.findings import Finding
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.validate import validate

FILES = Path(__file__).resolve().parents[1] / "files"
SAMPLES = os.environ.get("CLEANCLAIM_SAMPLES", "")
KNOWN = ("837p", "837i", "835", "277ca", "999")
"""The kinds the other validator has maps of."""

BLIND_TO = "x12.element.code"

ARGUED = (
    # The guide places the names of a level, and of another payer, at one position: either may stand first.
    ('Mandatory loop "Subscriber Name" (2010BA) missing', "NM1 after the next"),
    ('Mandatory loop "Other Subscriber Name" (2330A) missing', "NM1 after the next"),
)


Opinion = tuple[str, str, list[str]]
"""The place of a fault, what the other one says first (empty: nothing), and what we say."""


def clean_files() -> list[bytes]:
    """Files in which neither finds a fault: the repository's, and the public ones when present."""
    paths = [path for path in sorted(FILES.glob("*.edi")) if path.name.startswith(KNOWN)]
    if SAMPLES:
        paths += [path for kind in KNOWN for path in sorted(Path(SAMPLES, kind).glob("*.edi"))]
    texts = [path.read_bytes() for path in paths if path.stat().st_size < 5_000]
    return [data for data in texts if data.isascii() and not stops(data) and not pyx12_errors(data)]


def findings(data: bytes) -> list[Finding]:
    file = read_x12(data)
    return [*file.findings, *(one for report in validate(file) for one in report.findings)]


def stops(data: bytes) -> bool:
    return any(one.severity.stops for one in findings(data))


def opinion(shown: tuple[Harmed, list[str]]) -> Opinion:
    """Ours is what is told beyond what was told of the clean file: a code that no list has is told, and goes."""
    harmed, usual = shown
    try:
        said = next(iter(pyx12_errors(harmed.data)), "")
    except Exception as error:  # it is not ours to answer for
        said = f"it fell: {type(error).__name__}"
    told = Counter(one.code for one in findings(harmed.data)) - Counter(usual)
    return harmed.place, said, list(told)


def missed(seen: list[Opinion]) -> list[str]:
    """What the other one refuses and we say nothing of."""
    return [
        f"{place}: {said}"
        for place, said, told in seen
        if said and not told and not any(part in said and place.endswith(where) for part, where in ARGUED)
    ]


def test_what_another_validator_refuses_is_told(full, drill_row):
    shown = []
    for data in clean_files():
        usual = [one.code for one in findings(data)]
        shown += [(harmed, usual) for harmed in one_fault_each(data)]
    if not full:
        shown = random.Random(63).sample(shown, 500)
    with ProcessPoolExecutor(2) as pool:
        seen = list(pool.map(opinion, shown, chunksize=50))
    lost = missed(seen)
    blind = missed([(place, said, [one for one in told if one != BLIND_TO]) for place, said, told in seen])
    refused = sum(1 for _, said, _ in seen if said)
    more = sum(1 for _, said, told in seen if told and not said)
    drill_row(
        drill="R-15", what="one fault in a clean 837P, 837I, 835, 277CA or 999: refused by pyx12, told by us",
        trials=len(seen), failures=len(lost), fault_caught=f"yes: blind to one kind, {len(blind)} would be missed",
        notes=f"pyx12 refuses {refused}; we tell of those and of {more} more",
    )  # fmt: skip
    assert refused > len(seen) // 3, "the faults are faults"
    assert lost == [], lost[:5]
    assert blind, "who is blind to a kind of fault is found out"
