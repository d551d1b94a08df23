"""The offline verifier of one exported trail. Pure: no database, no settings, one pass, little memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cleanclaim_server.audit.chain import START, link_hash

FORMAT = "cleanclaim-audit-1"
MOST_FAULTS = 100


@dataclass(frozen=True)
class Fault:
    """One bad place: the line of the file, the place in the chain, what is wrong."""

    code: str
    line: int
    sequence: int | None
    message: str

    def __str__(self) -> str:
        place = f", place {self.sequence}" if self.sequence is not None else ""
        return f"line {self.line}{place}: {self.message} [{self.code}]"


@dataclass
class Verification:
    """What a verification found. `faults` are in the order of the file; the first is the first bad place."""

    agency_id: str = ""
    rows: int = 0
    last_hash: str = START
    unsealed: int = 0
    checkpoints_met: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.faults


def read_checkpoints(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Read the checkpoints that were kept outside the database; unreadable lines are left out."""
    marks = []
    for line in lines:
        try:
            mark = json.loads(line)
            marks.append({key: mark[key] for key in ("agency_id", "sequence", "hash")})
        except (ValueError, KeyError, TypeError):
            continue
    return marks


def verify(lines: Iterable[str], *, checkpoints: Iterable[Mapping[str, Any]] = ()) -> Verification:
    """Verify an exported trail against itself and against checkpoints kept elsewhere.

    Args:
        lines: The lines of the export.
        checkpoints: Marks from outside (`agency_id`, `sequence`, `hash`); only these show that a whole
            chain was rebuilt, or that its end was cut off together with the file's own end line.

    Returns:
        The verification. After a bad place the check goes on from the hash that is written there, so
        that one changed row is one fault.
    """
    return _Verifier(checkpoints).run(lines)


class _Verifier:
    def __init__(self, checkpoints: Iterable[Mapping[str, Any]]) -> None:
        self.result = Verification()
        self.outside = list(checkpoints)
        self.marks: dict[int, list[tuple[str, str]]] = {}  # place -> hash and where it was kept
        self.seen_rows: set[str] = set()
        self.expected = 1
        self.end: Mapping[str, Any] | None = None
        self.line = 0

    def run(self, lines: Iterable[str]) -> Verification:
        for self.line, text in enumerate(lines, 1):
            document = self._read(text)
            if document is None:
                continue
            if self.line == 1:
                if not self._header(document):
                    return self.result
            elif self.end is not None:
                self._fault("audit.after_end", None, "there are lines after the end")
            elif document.get("end"):
                self.end = document
            else:
                self._link(document)
            if len(self.result.faults) >= MOST_FAULTS:
                return self.result
        self._close()
        return self.result

    def _read(self, text: str) -> Mapping[str, Any] | None:
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            code = "audit.not_an_export" if self.line == 1 else "audit.line_unreadable"
            self._fault(code, None, "this line is not a JSON object")
            return {} if self.line == 1 else None
        return document

    def _header(self, document: Mapping[str, Any]) -> bool:
        if document.get("format") != FORMAT:
            if not self.result.faults:
                self._fault("audit.not_an_export", None, f"expected a {FORMAT} header on the first line")
            return False
        self.result.agency_id = str(document.get("agency_id", ""))
        self.result.unsealed = document.get("unsealed", 0)
        for mark in document.get("checkpoints") or []:
            self.marks.setdefault(mark["sequence"], []).append((mark["hash"], "in the database"))
        for mark in self.outside:
            if mark["agency_id"] == self.result.agency_id:
                self.marks.setdefault(mark["sequence"], []).append((mark["hash"], "outside"))
        return True

    def _link(self, document: Mapping[str, Any]) -> None:
        sequence, row, digest = document.get("sequence"), document.get("row"), document.get("hash")
        if not isinstance(sequence, int) or not isinstance(digest, str):
            self._fault("audit.line_unreadable", None, "this line is no link of a chain")
            return
        if sequence != self.expected:
            message = (
                f"expected place {self.expected}, found {sequence}: rows were taken out, added or renumbered"
            )
            self._fault("audit.out_of_order", sequence, message)
        if document.get("previous_hash") != self.result.last_hash:
            self._fault("audit.chain_broken", sequence, "this link does not hold on to the one before it")
        if not isinstance(row, dict):
            self._fault("audit.row_missing", sequence, "the row of this link was deleted")
        else:
            self._row(document, row, sequence, digest)
        for known, kept in self.marks.pop(sequence, []):
            if known == digest:
                self.result.checkpoints_met += 1
            else:
                message = f"the chain differs from the checkpoint kept {kept}: it was rebuilt"
                self._fault("audit.checkpoint_differs", sequence, message)
        self.result.rows += 1
        self.result.last_hash, self.expected = digest, sequence + 1

    def _row(self, document: Mapping[str, Any], row: Mapping[str, Any], sequence: int, digest: str) -> None:
        row_id = row.get("id")
        if row_id != document.get("row_id"):
            self._fault("audit.row_swapped", sequence, "this link belongs to another row")
        elif row_id in self.seen_rows:
            self._fault("audit.row_twice", sequence, "this row is in the chain twice")
        self.seen_rows.add(str(row_id))
        previous = str(document.get("previous_hash"))
        try:
            agency = self.result.agency_id
            right = link_hash(row, agency_id=agency, sequence=sequence, previous_hash=previous)
        except (KeyError, TypeError, ValueError):
            right = ""
        if right != digest:
            self._fault("audit.row_changed", sequence, "the row, or its place, is not what was sealed")

    def _close(self) -> None:
        if self.line == 0:
            self._fault("audit.not_an_export", None, "the file is empty")
            return
        result = self.result
        if self.end is None:
            self._fault("audit.tail_missing", self.expected - 1, "the file has no end: its tail was cut off")
        else:
            if (self.end.get("rows"), self.end.get("last_hash")) != (result.rows, result.last_hash):
                self._fault(
                    "audit.tail_missing", self.expected - 1, "the end names other rows than the file has"
                )
        # A chain does not become shorter: what a checkpoint knows must be there.
        for sequence in sorted(self.marks)[-1:]:
            kept = self.marks[sequence][-1][1]
            message = f"a checkpoint kept {kept} knows place {sequence}, and the chain ends before it"
            self._fault("audit.tail_missing", self.expected - 1, message)

    def _fault(self, code: str, sequence: int | None, message: str) -> None:
        self.result.faults.append(Fault(code, self.line, sequence, message))
