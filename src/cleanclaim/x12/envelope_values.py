"""Check the values of ISA, GS and ST against what the trade allows.

Each check yields ``(code, element, facts, answer)``; an answer of None means that of the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cleanclaim.dates import parse_ccyymmdd
from cleanclaim.x12.structure import Delimiters, Group, Segment

Fault = tuple[str, str, dict[str, Any], dict[str, str] | None]

ID_QUALIFIERS = frozenset(("01", "14", "20", "27", "28", "29", "30", "33", "ZZ"))
"""ISA05 and ISA07 in the 005010 health care guides."""

FUNCTIONAL_IDS = {
    "837": ("HC",), "835": ("HP",), "270": ("HS",), "271": ("HB",), "276": ("HR",), "277": ("HN",),
    "278": ("HI",), "999": ("FA",), "997": ("FA",), "820": ("RA",), "834": ("BE",), "824": ("AG",),
}  # fmt: skip
"""GS01 by set id, for the sets whose functional id we know."""

QUESTION_OF = {"HB": "HS", "HN": "HR"}
"""Kinds of groups of answers, with the kind of their questions."""

_TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d([0-5]\d(\d{1,2})?)?\Z", re.ASCII)


def check_interchange_header(isa: Segment, delimiters: Delimiters) -> Iterator[Fault]:
    """ISA01 to ISA16, one fault for each bad element."""

    def bad(at: int, ta1: str) -> Fault:
        return ("x12.isa.element", f"ISA{at:02d}", {}, {"ta1": ta1})

    marks = [delimiters.element, delimiters.component, delimiters.segment]
    if delimiters.repetition:
        marks.append(delimiters.repetition)
    if len(set(marks)) != len(marks) or any(mark.isalnum() or mark == " " for mark in marks):
        ta1 = "004" if delimiters.segment.isalnum() or delimiters.segment == " " else "027"
        yield ("x12.isa.delimiters", "ISA16", {}, {"ta1": ta1})
    version = isa.get(12).strip()
    if isa.get(1) not in ("00", "03"):
        yield bad(1, "010")
    if isa.get(3) not in ("00", "01"):
        yield bad(3, "012")
    if isa.get(5) not in ID_QUALIFIERS:
        yield bad(5, "005")
    if not isa.get(6).strip():
        yield bad(6, "006")
    if isa.get(7) not in ID_QUALIFIERS:
        yield bad(7, "007")
    if not isa.get(8).strip():
        yield bad(8, "008")
    if parse_ccyymmdd("20" + isa.get(9)) is None:
        yield bad(9, "014")
    if len(isa.get(10)) != 4 or not _TIME.match(isa.get(10)):
        yield bad(10, "015")
    if not re.fullmatch(r"\d{5}", version, re.ASCII):
        yield bad(12, "017")
    else:
        if version >= "00402" and not delimiters.repetition:
            yield ("x12.isa.repetition", "ISA11", {}, None)
        if version != "00501":
            yield ("x12.isa.version", "ISA12", {"seen": version}, None)
    if not re.fullmatch(r"\d{9}", isa.get(13), re.ASCII):
        yield bad(13, "018")
    if isa.get(14) not in ("0", "1"):
        yield bad(14, "019")
    if isa.get(15) not in ("P", "T"):
        yield bad(15, "020")


def check_group_header(gs: Segment) -> Iterator[Fault]:
    """GS01 to GS08."""

    def bad(at: int, **ack: str) -> Fault:
        return ("x12.gs.element", f"GS{at:02d}", {}, ack)

    if not re.fullmatch(r"[A-Z0-9]{2}", gs.get(1)):
        yield bad(1, ak9="1")
    for at in (2, 3):
        if not 2 <= len(gs.get(at).strip()) <= 15:
            yield bad(at, ta1="024")
    if parse_ccyymmdd(gs.get(4)) is None:
        yield bad(4, ta1="024")
    if not _TIME.match(gs.get(5)):
        yield bad(5, ta1="024")
    if not re.fullmatch(r"\d{1,9}", gs.get(6), re.ASCII):
        yield bad(6, ak9="6")
    if gs.get(7) not in ("X", "T"):
        yield bad(7, ta1="024")
    if not re.fullmatch(r"[A-Z0-9]{6,12}", gs.get(8)):
        yield bad(8, ak9="2")


def check_group_kind(st: Segment, group: Group) -> Fault | None:
    """Whether a set may stand in a group of this kind (GS01)."""
    allowed, kind = FUNCTIONAL_IDS.get(st.get(1)), group.functional_id
    if not allowed or not kind or kind in allowed:
        return None
    facts = {"set": st.get(1), "group": kind if len(kind) == 2 else "?"}
    # Payers are seen to answer an eligibility or status question under the kind of the question.
    pair = QUESTION_OF.get(allowed[0]) == kind
    return ("x12.gs.functional_id_of_pair" if pair else "x12.gs.functional_id", "GS01", facts, None)


def check_set_header(st: Segment, group: Group) -> Iterator[Fault]:
    """ST01 to ST03 against their group."""
    if not re.fullmatch(r"[A-Za-z0-9]{4,9}", st.get(2)):
        yield ("x12.st.control_number", "ST02", {}, None)
    if st.get(3) and group.guide and st.get(3).strip() != group.guide.strip():
        facts = {"set": _guide(st.get(3)), "group": _guide(group.guide)}
        yield ("x12.gs.guide_mismatch", "ST03", facts, None)


def _guide(text: str) -> str:
    """A guide id fit for a message; anything else is not repeated."""
    return text if re.fullmatch(r"[A-Z0-9]{4,14}", text) else "another text"
