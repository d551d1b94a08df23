"""One fault, one finding: a segment left out, put in or moved does not make its neighbours look wrong.

What begins a level, a claim or a line (HL, CLM, CLP, LX, SVC) opens something that then lacks its content: that
is more than one fault, so such segments are not put in here.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest
from builders import CLAIM_837P, ENVELOPE, file_of, segment_of

sys.path.insert(0, str(Path(__file__).parent / "sets"))
from questions import SETS

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.validate import validate
from cleanclaim.x12.writer import SetBody, write_x12

LINES = CLAIM_837P.splitlines()
STRANGERS = ("QQQ*1", "NTE*ADD*X", "REF*EA*1", "N3*1 ST", "DTP*472*D8*20261015", "PER*IC*X*TE*5555550101")


def stops(lines: list[str]) -> list[str]:
    (report,) = validate(read_x12(file_of("837P", "\n".join(lines))))
    return [f"{one.code} {one.where.segment}" for one in report.findings if one.severity.stops]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_segment_put_in(stranger):
    """At most one finding wherever it stands, but for the places that are argued here."""
    found = {at: stops([*LINES[:at], stranger, *LINES[at:]]) for at in range(len(LINES) + 1)}
    name = stranger[:3].rstrip("*")
    for at, told in found.items():
        most = 1
        if name == "DTP" and at and LINES[at - 1].startswith("LX"):
            most = 2  # before SV1, and so the date of the line stands twice
        if name in ("N3", "PER", "REF") and at and not LINES[at - 1].startswith("N"):
            most = 4  # between a level and its first name it may as well be that name that is missing
        assert len(told) <= most, (at, LINES[max(0, at - 1)], told)
    assert sum(len(told) > 1 for told in found.values()) <= 5


@pytest.mark.parametrize("at", range(len(LINES)))
def test_a_segment_left_out(at):
    told = stops([*LINES[:at], *LINES[at + 1 :]])
    name = LINES[at].split("*")[0]
    most = 2 if name in ("CLM", "LX", "SV1", "NM1") else 3 if name == "HL" else 1
    assert len(told) <= most, (LINES[at], told)


def test_a_level_left_out_is_told_once_however_many_follow():
    levels = [LINES[10:]] * 8
    lines = LINES[:10]
    for number, level in enumerate(levels, 2):
        if number != 4:
            lines += [f"HL*{number}*1*22*0", *level[1:]]
    told = Counter(stops([line.replace("A1003", f"A{at}") for at, line in enumerate(lines)]))
    assert told["x12.hl.number HL"] == 1


def test_a_single_wrong_number_is_told_once():
    lines = [*LINES[:10], "HL*7*1*22*0", *LINES[11:], "HL*3*1*22*0", *LINES[11:]]
    assert stops(lines) == ["x12.hl.number HL"]


def test_what_came_too_early_is_told_once():
    at = next(at for at, line in enumerate(LINES) if line.startswith("SV1"))
    assert stops([*LINES[:at], "NTE*ADD*X", *LINES[at:]]) == ["x12.segment.order SV1"]


ACKNOWLEDGED = """BHT*0085*08*A1*20261102*1000*TH
HL*1**20*1
NM1*PR*2*EVERGREEN*****PI*60054
TRN*1*T1
DTP*050*D8*20261102
DTP*009*D8*20261102
HL*2*1*21*1
NM1*41*2*QUIET HARBOR*****46*QUIETHARBOR
TRN*2*B1
STC*A1:20*20261102*WQ*310
HL*3*2*19*1
NM1*85*2*QUIET HARBOR*****XX*1234567893
TRN*1*P1
STC*A1:19**WQ*310
HL*4*3*PT
NM1*QC*1*TESTER*TERRY****MI*W1
TRN*2*A1003
STC*A2:20*20261102*WQ*310
DTP*472*D8*20261015""".splitlines()

WRONG_CODES = [  # a segment of the acknowledgment, what it became, the only thing told
    ("TRN*2*B1", "TRN*1*B1", "x12.element.code TRN01 2200B"),
    ("TRN*1*T1", "TRN*2*T1", "x12.element.code TRN01 2200A"),
    ("HL*4*3*PT", "HL*4*3*22", "x12.element.code HL03 2000D"),
    ("HL*3*2*19*1", "HL*3*2*85*1", "x12.element.code HL03 2000C"),
    ("NM1*41*2*", "NM1*1P*2*", "x12.element.code NM101 2100B"),
    ("NM1*QC*1*", "NM1*PR*1*", "x12.element.code NM101 2100D"),
]


def told_of_acknowledgment(lines: list[str]) -> list[str]:
    data = write_x12(
        ENVELOPE, [SetBody("277", "005010X214", "HN", "0001", [segment_of(one) for one in lines])]
    )
    (report,) = validate(read_x12(data))
    return [f"{one.code} {one.where.element} {one.where.loop}" for one in report.findings]


@pytest.mark.parametrize(("old", "new", "told"), WRONG_CODES)
def test_what_is_due_with_a_wrong_code_is_taken_as_what_is_due(old, new, told):
    """Its code may be one of another level: nothing is missing, and nothing stands in the wrong place."""
    assert told_of_acknowledgment(ACKNOWLEDGED) == []
    assert told_of_acknowledgment([one.replace(old, new) for one in ACKNOWLEDGED]) == [told]


def test_where_the_right_one_follows_the_other_is_too_much():
    at = ACKNOWLEDGED.index("TRN*2*B1")
    told = told_of_acknowledgment([*ACKNOWLEDGED[:at], "TRN*1*B1", *ACKNOWLEDGED[at:]])
    assert [one.split()[0] for one in told][:1] == ["x12.segment.unexpected"]
    assert not any(one.startswith("x12.element.code") for one in told)


def test_a_line_without_its_head_is_not_misnumbered_too():
    assert stops([line for line in LINES if line != "LX*1"]) == ["x12.segment.missing LX"]


def test_every_set_takes_an_unknown_segment_anywhere():
    """An unknown segment is one finding in every place of every set."""
    for set_id, guide, functional_id, text in SETS.values():
        lines = text.splitlines()
        usual = None
        for at in (None, *range(1, len(lines) + 1)):
            some = lines if at is None else [*lines[:at], "QQQ*1", *lines[at:]]
            segments = [
                tuple(
                    one.split("^") if isinstance(one, str) and "^" in one else one for one in segment_of(line)
                )
                for line in some
            ]
            data = write_x12(ENVELOPE, [SetBody(set_id, guide, functional_id, "0001", segments)])
            (report,) = validate(read_x12(data))
            codes = [one.code for one in report.findings]
            if usual is None:
                usual = codes
            else:
                assert sorted(codes) == sorted([*usual, "x12.segment.unknown"]), (set_id, at)
