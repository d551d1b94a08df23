"""Forms as data: where each value stands, on a grid of 10 characters and 6 lines to the inch."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim_data.loader import read_csv

LINES_STEP = {"cms1500": 2, "ub04": 1}
"""Print rows from one service line to the next."""


class Slot(msgspec.Struct, frozen=True):
    """One place of a form. `row` and `column` from 1; `length` in characters."""

    field: str
    item: str
    row: int
    column: int
    length: int
    align: str
    label: str


class Placed(msgspec.Struct, frozen=True):
    """One text at its place. `column` is where its first character stands."""

    field: str
    row: int
    column: int
    text: str


class Page(msgspec.Struct, frozen=True):
    """One sheet."""

    form: str
    placed: tuple[Placed, ...]
    number: int = 1
    of: int = 1

    def text(self, field: str) -> str:
        """The text of a field; `''` when the sheet has none."""
        return next((one.text for one in self.placed if one.field == field), "")


@cache
def slots(form: str) -> dict[str, Slot]:
    """The places of a form by field: ``cms1500`` or ``ub04``."""
    return {
        row["field"]: Slot(
            row["field"],
            row["item"],
            int(row["row"]),
            int(row["column"]),
            int(row["length"]),
            row["align"],
            row["label"],
        )
        for row in read_csv(f"forms/{form}.csv")
    }


def plain(text: str) -> str:
    """Text as forms take it: capitals without accents, and only what a scanner reads.

    Examples:
        >>> plain("Núñez-O'Brien, José")
        "NUNEZ-O'BRIEN, JOSE"
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^A-Z0-9 ,.'&/()#-]", " ", folded.upper()).split())


def money(cents: int) -> str:
    """Dollars and cents in two columns, without a point: ``175 00``."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    return f"{sign}{whole} {part:02d}"


class Sheet:
    """One page while it is filled in."""

    def __init__(self, form: str, subject_id: str, findings: list[Finding]) -> None:
        self.form, self.subject_id, self.findings = form, subject_id, findings
        self.placed: list[Placed] = []

    def put(self, field: str, text: str, *, line: int = 0, raw: bool = False) -> None:
        """Place a text; too long a one is cut and told."""
        slot = slots(self.form)[field]
        value = text if raw else plain(text)
        if not value:
            return
        if len(value) > slot.length:
            value = value[: slot.length].rstrip()
            self.findings.append(
                Finding(
                    "paper.text_cut",
                    Severity.TELL,
                    f"Item {slot.item} of the form holds {slot.length} characters; its text was cut.",
                    subject_id=self.subject_id,
                    facts={"item": slot.item, "length": slot.length},
                    remedy="Look at the printed form; shorten the name or number where the payer allows it.",
                )
            )
        if slot.align == "right":
            value = value.rjust(slot.length)
        lead = len(value) - len(value.lstrip())
        row = slot.row + LINES_STEP[self.form] * line
        name = f"{field}.{line + 1}" if field.startswith("line.") else field
        self.placed.append(Placed(name, row, slot.column + lead, value.strip()))

    def put_all(self, values: Mapping[str, str]) -> None:
        """Place several texts."""
        for field, text in values.items():
            self.put(field, text)

    def tick(self, field: str) -> None:
        """Mark a box."""
        self.put(field, "X")

    def page(self, number: int, of: int) -> Page:
        """The finished page, in reading order."""
        ordered = sorted(self.placed, key=lambda one: (one.row, one.column))
        return Page(self.form, tuple(ordered), number, of)
