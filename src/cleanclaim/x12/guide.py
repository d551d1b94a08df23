"""Guides as data: loops, segments and elements of a transaction set, loaded from two layers.

The standard layer (``x12/standard``) holds types, lengths and syntax notes of elements; the
implementation layer (``x12/guides/<guide>``) holds what one guide makes of them: order, usage,
repeats, codes. This module knows no transaction set.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

import msgspec

from cleanclaim_data.loader import read_csv

_TYPE_LENGTH = re.compile(r"(AN|ID|DT|TM|N\d|R|B)(\d+)(?:-(\d+))?\Z")


class ElementRule(msgspec.Struct, frozen=True):
    """One element, or one component of one (`component` > 0)."""

    at: int
    component: int
    used: bool
    required: bool
    """For a component: required once its composite is sent."""
    type: str = ""
    shortest: int = 0
    longest: int = 0
    codes: frozenset[str] = frozenset()
    """Empty: no list in the guide."""
    repeats: int = 1


class SegmentRule(msgspec.Struct, frozen=True, eq=False):
    """One use of a segment at one place of a guide."""

    name: str
    loop: str
    required: bool
    longest_run: int
    """How often it may stand there; 0 is without limit."""
    label: str
    elements: tuple[ElementRule, ...]
    """By element, then component; elements that the guide does not use are there, unused."""
    composites: dict[int, bool]
    """Elements with components, and whether they are required."""
    key: tuple[int, int] | None
    """Element and component that tell this use from others of the same segment."""
    key_codes: frozenset[str]
    syntax: tuple[str, ...]
    formats: tuple[tuple[int, int], ...]
    """Pairs (element with the format qualifier, element with the date)."""


class LoopRule:
    """One loop: its children in order. The loop named '' is the transaction itself."""

    __slots__ = (
        "by_name",
        "children",
        "label",
        "longest_run",
        "name",
        "parents",
        "required",
        "required_children",
    )

    def __init__(
        self, name: str, parents: tuple[str, ...], required: bool, longest_run: int, label: str
    ) -> None:
        self.name = name
        self.parents = parents
        self.required = required
        self.longest_run = longest_run
        self.label = label
        self.children: list[Child] = []
        self.by_name: dict[str, list[Child]] = {}
        """Children that a segment of that id may be or begin."""
        self.required_children: list[Child] = []

    @property
    def first(self) -> SegmentRule:
        """The segment that begins the loop."""
        segment = self.children[0].segment
        assert segment is not None
        return segment

    def __repr__(self) -> str:
        return f"<LoopRule {self.name or 'transaction'}>"


class Child:
    """A segment or a loop at its place in a loop. Children with the same `rank` may come in any order."""

    __slots__ = ("head", "loop", "place", "rank", "segment")

    def __init__(self, place: int, rank: int, segment: SegmentRule | None, loop: LoopRule | None) -> None:
        self.place = place
        self.rank = rank
        self.segment = segment
        self.loop = loop
        self.head: SegmentRule = segment  # type: ignore[assignment]
        """The segment itself, or the first of the loop; filled when all loops are known."""

    @property
    def required(self) -> bool:
        return self.segment.required if self.segment else self.loop.required  # type: ignore[union-attr]

    @property
    def longest_run(self) -> int:
        return self.segment.longest_run if self.segment else self.loop.longest_run  # type: ignore[union-attr]


class Guide:
    """One guide, ready for the engine."""

    def __init__(self, row: dict[str, str], loops: dict[str, LoopRule]) -> None:
        self.id = row["guide"]
        self.base = row["base"]
        self.set_id = row["set"]
        self.functional_id = row["functional_id"]
        self.label = row["label"]
        self.subject_segment = row["subject_segment"]
        self.subject_element = int(row["subject_element"] or 0)
        self.claim_segment = row["claim_segment"]
        self.balance = tuple(row["balance"].split())
        self.loops = loops
        self.root = loops[""]
        self.segment_names = frozenset(
            child.segment.name for loop in loops.values() for child in loop.children if child.segment
        )

    def __repr__(self) -> str:
        return f"<Guide {self.id}>"


def guide_rows() -> tuple[dict[str, str], ...]:
    """The register of guides, one row each."""
    return read_csv("x12/guides.csv")


def find_guide(set_id: str, guide: str, purpose: str = "") -> Guide | None:
    """The guide for ST01 and ST03 (or GS08), found by its base; None when the set is not supported.

    `purpose` (BHT02) tells the question from the answer where both share set and guide, as in a 278.

    Examples:
        >>> find_guide("837", "005010X222A2").id, find_guide("837", "005010X224A2")
        ('005010X222A1', None)
    """
    base = guide.strip()[:10]
    rows = [row for row in guide_rows() if row["base"] == base and row["set"] == set_id]
    for row in rows:
        if purpose in row["purposes"].split("|"):
            return load_guide(row["folder"])
    return load_guide(rows[0]["folder"]) if rows else None


@cache
def load_guide(folder: str) -> Guide:
    """Load a guide by the name of its folder: its exact id, with the set where several share one id.

    Raises:
        LookupError: No such guide is packaged.
    """
    for row in guide_rows():
        if row["folder"] == folder:
            return Guide(row, _loops(folder))
    raise LookupError(folder)


@cache
def interchange_acknowledgment_rule() -> SegmentRule:
    """The rule of the TA1 segment, which stands outside any guide."""
    return _segment_rule(
        "TA1", "", True, 1, "interchange acknowledgment", read_csv("x12/guides/TA1/elements.csv")
    )


def parse_type_length(text: str) -> tuple[str, int, int]:
    """Split a type and length as the tables write it.

    Examples:
        >>> parse_type_length("AN1-50"), parse_type_length("N01-9"), parse_type_length("DT8")
        (('AN', 1, 50), ('N0', 1, 9), ('DT', 8, 8))
    """
    match = _TYPE_LENGTH.match(text)
    if not match:
        raise ValueError(f"not a type and length: {text!r}")
    return match[1], int(match[2]), int(match[3] or match[2])


# -- building ------------------------------------------------------------------------------------------


def _loops(guide: str) -> dict[str, LoopRule]:
    folder = f"x12/guides/{guide}"
    loops = {"": LoopRule("", (), True, 1, "transaction")}
    for row in read_csv(f"{folder}/loops.csv"):
        parents = tuple(row["parents"].split()) or ("",)
        loops[row["loop"]] = LoopRule(
            row["loop"], parents, row["usage"] == "R", int(row["max"] or 0), row["label"]
        )
    elements: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_csv(f"{folder}/elements.csv"):
        elements[row["rule"]].append(row)
    last: dict[str, str] = {}
    for row in read_csv(f"{folder}/segments.csv"):
        loop = loops[row["loop"]]
        rank = loop.children[-1].rank if loop.children else -1
        if last.get(loop.name) != row["position"]:
            rank += 1
        last[loop.name] = row["position"]
        if row["kind"] == "loop":
            child = Child(len(loop.children), rank, None, loops[row["name"]])
        else:
            rule = _segment_rule(
                row["name"], row["loop"], row["usage"] == "R", int(row["max"] or 0), row["label"],
                elements[row["rule"]],
            )  # fmt: skip
            child = Child(len(loop.children), rank, rule, None)
        loop.children.append(child)
    for loop in loops.values():
        for child in loop.children:
            if child.loop is not None:
                child.head = child.loop.first
            loop.by_name.setdefault(child.head.name, []).append(child)
        loop.required_children = [child for child in loop.children if child.required]
    return loops


def _segment_rule(name, loop, required, longest_run, label, rows) -> SegmentRule:  # type: ignore[no-untyped-def]
    standard = _standard_elements().get(name, {})
    count = max([at for at, _ in standard] + [int(row["element"]) for row in rows])
    rules: dict[tuple[int, int], ElementRule] = {}
    composites: dict[int, bool] = {}
    for row in rows:
        at, component = int(row["element"]), int(row["component"] or 0)
        kind, shortest, longest = parse_type_length(row["type_length"])
        rules[at, component] = ElementRule(
            at, component, True, row["usage"] == "R", kind, shortest, longest,
            frozenset(row["codes"].split("|")) if row["codes"] else frozenset(),
            int(row["repeat"] or 0),
        )  # fmt: skip
        if component:
            composites[at] = row["element_usage"] == "R"
    for at in range(1, count + 1):
        if at in composites:
            deepest = max([part for place, part in (*standard, *rules) if place == at])
            for part in range(1, deepest + 1):
                rules.setdefault((at, part), ElementRule(at, part, False, False))
        else:
            rules.setdefault((at, 0), ElementRule(at, 0, False, False))
    key = _qualifiers().get(name)
    codes = rules[key].codes if key in rules else frozenset()
    return SegmentRule(
        name, loop, required, longest_run, label,
        tuple(rules[place] for place in sorted(rules)), composites,
        key, codes, _syntax().get(name, ()), _formats().get(name, ()),
    )  # fmt: skip


@cache
def _standard_elements() -> dict[str, dict[tuple[int, int], dict[str, str]]]:
    table: dict[str, dict[tuple[int, int], dict[str, str]]] = defaultdict(dict)
    for row in (*read_csv("x12/standard/elements.csv"), *read_csv("x12/standard/more_elements.csv")):
        table[row["segment"]][int(row["element"]), int(row["component"] or 0)] = row
    return table


@cache
def _syntax() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for row in (*read_csv("x12/standard/syntax.csv"), *read_csv("x12/standard/more_syntax.csv")):
        table[row["segment"]] = (*table.get(row["segment"], ()), row["note"])
    return table


@cache
def _qualifiers() -> dict[str, tuple[int, int]]:
    rows = read_csv("x12/standard/qualifiers.csv")
    return {row["segment"]: (int(row["element"]), int(row["component"] or 0)) for row in rows}


@cache
def _formats() -> dict[str, tuple[tuple[int, int], ...]]:
    table: dict[str, tuple[tuple[int, int], ...]] = {}
    for row in read_csv("x12/standard/formats.csv"):
        pair = (int(row["format_element"]), int(row["value_element"]))
        table[row["segment"]] = (*table.get(row["segment"], ()), pair)
    return table
