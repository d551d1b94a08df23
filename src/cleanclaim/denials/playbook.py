"""The denial playbook: from CARC and remarks to a category, a cause and a way to work it.

The pair decides, not the CARC alone. Look-up order: the first row whose CARC list has the code and
whose remark list has one of the remarks; else the row that is the default for the CARC; else the
CARC table; else an answer that says the code is unknown. Nothing is guessed from neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import msgspec

from cleanclaim.codesets.remittance_codes import carc as carc_row
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim_data.loader import read_csv

PLAYBOOK = "playbooks/denial_playbook.csv"

UNKNOWN_CATEGORY = "unknown_code"
"""Category of a reason code that is in none of our tables."""


class PlaybookRow(msgspec.Struct, frozen=True):
    """One row of the playbook. `number` is its place in the file, from 1; lists are in file order."""

    number: int
    carcs: tuple[str, ...]
    rarcs: tuple[str, ...]
    default_for: tuple[str, ...]
    usual_groups: tuple[str, ...]
    category: str
    root_cause: str
    owner: str
    action: str
    action_code: str
    evidence: str
    deadline_rule: str
    prevention: str
    source: str
    confidence: str


class Classification(msgspec.Struct, frozen=True):
    """What a denied adjustment is called and which action starts its work.

    Attributes:
        category: authorization, eligibility, bundling, …
        action_code: Starting point of the work: APPEAL_AUTH, CORRECT_FREQ7, …
        cause: In plain words, fit for a biller.
        owner: Who usually works it; empty when no playbook row applies.
        row: The playbook row, or None when the CARC table (or nothing) answered.
        matched_by: ``remark``, ``default``, ``carc_table`` or ``unknown``.
    """

    category: str
    action_code: str
    cause: str
    owner: str
    row: PlaybookRow | None
    matched_by: str


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


@cache
def playbook() -> tuple[PlaybookRow, ...]:
    """All rows, in file order (the order is part of their meaning)."""
    return tuple(
        PlaybookRow(
            number,
            _split(row["carc"]),
            _split(row["rarc"]),
            _split(row["default_for"]),
            tuple(group.strip() for group in row["usual_group"].split(",") if group.strip()),
            row["category"],
            row["root_cause"],
            row["owner"],
            row["action"],
            row["action_code"],
            row["evidence"],
            row["deadline_rule"],
            row["prevention_rule"],
            row["source"],
            row["confidence"],
        )
        for number, row in enumerate(read_csv(PLAYBOOK), start=1)
    )


@cache
def _index() -> tuple[dict[tuple[str, str], PlaybookRow], dict[str, PlaybookRow]]:
    by_remark: dict[tuple[str, str], PlaybookRow] = {}
    defaults: dict[str, PlaybookRow] = {}
    for row in playbook():
        for code in row.carcs:
            for remark in row.rarcs:
                by_remark.setdefault((code, remark), row)
        for code in row.default_for:
            defaults.setdefault(code, row)
    return by_remark, defaults


def classify_denial(carc: str, remarks: Sequence[str] = ()) -> Classification:
    """Find category, cause and starting action of a denied adjustment.

    Args:
        carc: The reason code without its group.
        remarks: Line remarks (LQ) and claim remarks (MOA, MIA), any order.

    Examples:
        >>> classify_denial("197", ["M62"]).action_code
        'CORRECT_FREQ7'
        >>> classify_denial("197").action_code
        'APPEAL_AUTH'
    """
    return _classify(carc, tuple(remarks))


@cache
def _classify(carc: str, remarks: tuple[str, ...]) -> Classification:
    by_remark, defaults = _index()
    found = [by_remark[carc, remark] for remark in remarks if (carc, remark) in by_remark]
    row = min(found, key=lambda row: row.number) if found else defaults.get(carc)
    if row is not None:
        how = "remark" if found else "default"
        return Classification(row.category, row.action_code, row.root_cause, row.owner, row, how)
    try:
        known = carc_row(carc)
    except CodeNotKnown:
        cause = f"The payer sent reason code {carc}, which is not in the code list"
        return Classification(UNKNOWN_CATEGORY, "REVIEW", cause, "", None, "unknown")
    return Classification(known.denial_category, known.default_action, known.meaning, "", None, "carc_table")
