"""Make the X12 guide tables of ``cleanclaim_data/x12`` from the handbook and a public map.

Usage: ``python tools/build_x12_guides.py HANDBOOK_FOLDER [--maps FOLDER]``

The handbook table gives loops, segments, elements, usage, lengths, codes and our own labels. From the
BSD-licensed maps of pyx12 (installed with the developer tools) come facts that the table leaves out:
how loops nest and how often they may repeat, where segments share a position, element counts,
standard lengths and syntax notes. Facts only: no name or text of those maps is read.

Two layers come out. ``standard/``: segments with their elements, types, lengths, syntax.
``guides/<guide>/``: loops, segments and elements with usage, repeats and codes.
"""

from __future__ import annotations

import argparse
import csv
import re
import xml.etree.ElementTree as xml
from collections import defaultdict
from pathlib import Path

MAPS = {
    "837P 005010X222A1": "837.5010.X222.A1.xml",
    "837I 005010X223A2": "837Q3.I.5010.X223.A1.v2.xml",
    "835 005010X221A1": "835.5010.X221.A1.v2.xml",
    "277 005010X212": "277.5010.X212.xml",
    "277CA 005010X214": "277.5010.X214.xml",
    "999 005010X231A1": "999.5010X231.A1.xml",
}
SOURCE = "azoner/pyx12 @8893c59 maps, BSD licence, facts only"
OUT = Path(__file__).resolve().parent.parent / "src/cleanclaim_data/x12"

# Code lists whose members hold blanks, which the handbook's blank-separated cells cannot show.
CODES_WITH_BLANKS = {
    "SITUATIONAL TRIGGER": ["SITUATIONAL TRIGGER"],
    "TRN02 NM109 PATIENT NAME NM109 SUBSCRIBER NAME NM109 ENT01 SUBSCRIBER NUMBER REF02 CLM01": [
        "TRN02", "NM109", "PATIENT NAME NM109", "SUBSCRIBER NAME NM109", "ENT01", "SUBSCRIBER NUMBER REF02",
        "CLM01",
    ],
}  # fmt: skip

# The map of the claim status answer lays all levels side by side; the levels stand one below the other.
PARENTS = {"005010X212": {"2000C": "2000B", "2000D": "2000C", "2000E": "2000D"}}
# A claim stands below the subscriber or the patient: required below neither alone.
# A refused batch ends with its receiver: HL04 of that level may be 0, so no provider need follow.
USAGE = {("005010X223A2", "2300"): "S", ("005010X214", "2000C"): "S"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("handbook", type=Path, help="folder with transactions.md and data/x12_elements.csv")
    parser.add_argument("--maps", type=Path, help="folder of pyx12 maps; default: the installed ones")
    options = parser.parse_args()
    maps = options.maps
    if maps is None:
        import pyx12

        maps = Path(pyx12.__file__).parent / "map"
    with open(options.handbook / "data/x12_elements.csv", newline="") as table:
        rows = list(csv.DictReader(table))
    labels = read_loop_labels((options.handbook / "transactions.md").read_text())
    sizes = {
        node.get("ele_num"): (node.get("data_type"), node.get("min_len"), node.get("max_len"))
        for node in xml.parse(maps / "dataele.xml").getroot().iter("data_ele")
    }
    standard = Standard(sizes)
    for transaction, map_name in MAPS.items():
        guide = transaction.split()[1]
        mine = [row for row in rows if row["transaction"] == transaction]
        root = xml.parse(maps / map_name).getroot()
        GuideTables(guide, mine, labels[guide], standard).write(root)
    standard.write()


def read_loop_labels(text: str) -> dict[str, dict[str, str]]:
    """Loop labels by guide and loop, from the rows of the appendices that name a loop."""
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    guide = ""
    for line in text.splitlines():
        heading = re.match(r"## Appendix .*?(005010X\d+(?:A\d)?)", line)
        if heading:
            guide = heading[1]
        loop = re.match(r"\| (\w+) \|\s*\|\s*\| \w \| \S+ \| \*\*(.+?)\*\*", line)
        if loop and guide:
            labels[guide][loop[1]] = loop[2]
    return labels


class Standard:
    """The standard layer, gathered from all guides."""

    def __init__(self, sizes: dict[str, tuple[str, str, str]]) -> None:
        self.sizes = sizes
        self.elements: dict[tuple[str, int, int], dict[str, str]] = {}
        self.syntax: dict[tuple[str, str], dict[str, str]] = {}

    def learn(self, segment: xml.Element) -> None:
        name = segment.get("xid")
        for note in segment.findall("syntax"):
            self.syntax[name, note.text.strip()] = {}
        at = 0
        for child in segment:
            if child.tag not in ("element", "composite"):
                continue
            at += 1
            if child.tag == "element":
                self.add(name, at, 0, child)
                continue
            for part, component in enumerate(child.findall("element"), 1):
                self.add(name, at, part, component)

    def add(self, name: str, at: int, component: int, node: xml.Element) -> None:
        if fact(node, "data_ele") is None:  # a map cuts short what it does not use
            return
        data_type, shortest, longest = self.sizes[fact(node, "data_ele")]
        self.elements.setdefault((name, at, component), {
            "segment": name, "element": f"{at:02d}", "component": str(component or ""),
            "number": fact(node, "data_ele"), "type": data_type, "min": shortest, "max": longest,
        })  # fmt: skip

    def write(self) -> None:
        shared = {"source": SOURCE, "confidence": "seen"}
        save(OUT / "standard/elements.csv", [self.elements[key] | shared for key in sorted(self.elements)])
        notes = [{"segment": name, "note": note} | shared for name, note in sorted(self.syntax)]
        save(OUT / "standard/syntax.csv", notes)


class GuideTables:
    """The implementation layer of one guide."""

    def __init__(
        self, guide: str, rows: list[dict[str, str]], labels: dict[str, str], standard: Standard
    ) -> None:
        self.guide = guide
        self.labels = labels
        self.standard = standard
        self.blocks = blocks_of(rows)
        self.loops: dict[str, dict[str, str]] = {}
        self.segments: list[dict[str, str]] = []
        self.elements: list[dict[str, str]] = []

    def write(self, root: xml.Element) -> None:
        transaction_set = next(loop for loop in root.iter("loop") if loop.get("xid") == "ST_LOOP")
        self.walk(transaction_set, "")
        folder = OUT / "guides" / self.guide
        save(folder / "loops.csv", list(self.loops.values()))
        save(folder / "segments.csv", self.segments)
        save(folder / "elements.csv", self.elements)

    def walk(self, loop: xml.Element, parent: str) -> None:
        """Children in map order. Wrappers (header, detail, footer) melt into what holds them."""
        for child in loop:
            if child.tag == "segment" and child.get("xid") not in ("ST", "SE"):
                self.add_segment(child, parent)
            elif child.tag == "loop":
                name = child.get("xid")
                if child.get("type") == "wrapper" or name in ("HEADER", "DETAIL", "FOOTER"):
                    self.walk(child, parent)
                else:
                    self.add_loop(child, name, parent)

    def add_loop(self, loop: xml.Element, name: str, parent: str) -> None:
        parent = PARENTS.get(self.guide, {}).get(name, parent)
        if name in self.loops:  # a claim stands below subscriber and patient: one loop with two parents
            held = self.loops[name]["parents"].split()
            if parent not in held:
                self.loops[name]["parents"] = " ".join([*held, parent])
                self.segments.append(self.place(name, parent, fact(loop, "pos"), kind="loop"))
            return
        self.loops[name] = {
            "loop": name, "parents": parent, "usage": USAGE.get((self.guide, name)) or fact(loop, "usage"),
            "max": times(fact(loop, "repeat")),
            "label": self.labels.get(name, ""), "source": SOURCE, "confidence": "seen",
        }  # fmt: skip
        self.segments.append(self.place(name, parent, fact(loop, "pos"), kind="loop"))
        self.walk(loop, name)

    def place(self, name: str, parent: str, position: str, kind: str) -> dict[str, str]:
        return {
            "loop": parent, "position": position, "kind": kind, "name": name,
            "rule": "", "usage": "", "max": "",
            "label": "", "source": SOURCE, "confidence": "seen",
        }  # fmt: skip

    def add_segment(self, segment: xml.Element, loop: str) -> None:
        name = segment.get("xid")
        self.standard.learn(segment)
        waiting = (
            self.blocks.get((loop, name))
            or self.blocks.get(("HEADER", name))
            or self.blocks.get(("FOOTER", name))
        )
        if not waiting:
            raise SystemExit(f"{self.guide}: the handbook has no row for {loop} {name}")
        block = waiting.pop(0)
        number = sum(
            1
            for row in self.segments
            if row["kind"] == "segment" and (row["loop"], row["name"]) == (loop, name)
        )
        rule = f"{loop or 'ST'}.{name}.{number + 1}"
        row = self.place(name, loop, fact(segment, "pos"), "segment")
        first = block[0]
        row |= {"rule": rule, "usage": first["segment_usage"], "max": times(first["segment_max"]),
                "label": first["label_own_words"]}  # fmt: skip
        self.segments.append(row)
        for cell in block:
            at, _, component = cell["element"].partition("-")
            usage = cell["element_usage"]
            self.elements.append({
                "rule": rule, "element": at, "component": component, "usage": usage[-1],
                "element_usage": usage[0], "type_length": cell["type_length"],
                "codes": "|".join(CODES_WITH_BLANKS.get(cell["codes"], cell["codes"].split())),
                "repeat": repeats(segment, int(at)),
                "source": cell["source"], "confidence": cell["confidence"],
            })  # fmt: skip


def blocks_of(rows: list[dict[str, str]]) -> dict[tuple[str, str], list[list[dict[str, str]]]]:
    """Element rows of each segment, by loop and segment; a block begins where numbers restart."""
    blocks: dict[tuple[str, str], list[list[dict[str, str]]]] = defaultdict(list)
    last: tuple[str, ...] = ()
    for row in rows:
        key = (row["loop"], row["segment"], row["qualifier"], row["segment_max"], row["label_own_words"])
        held = blocks[row["loop"], row["segment"]]
        if key != last or row["element"] <= held[-1][-1]["element"]:
            held.append([])
        held[-1].append(row)
        last = key
    return blocks


def times(text: str | None) -> str:
    return "" if text in (None, ">1", "many", "-1") else text


def fact(node: xml.Element, name: str) -> str | None:
    """A fact of a map node: older maps hold it as a child, newer ones as an attribute."""
    return node.findtext(name) or node.get(name)


def repeats(segment: xml.Element, at: int) -> str:
    children = [child for child in segment if child.tag in ("element", "composite")]
    found = fact(children[at - 1], "repeat") if at <= len(children) else None
    return times(found) if found else "1"


def save(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="") as out:
        writer = csv.DictWriter(out, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{path.relative_to(OUT)}: {len(rows)} rows")


if __name__ == "__main__":
    main()
