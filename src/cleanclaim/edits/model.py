"""What an edit is, and what a run of edits answers."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import polars as pl

from cleanclaim.findings import Finding, Severity, Source
from cleanclaim.money import dollars

if TYPE_CHECKING:
    from cleanclaim.edits.prepare import Prepared


JUDGES_VOIDS = frozenset({"Claim", "Dates", "Disclosure", "Programmes", "Providers", "Subscriber and payer"})
"""Groups whose edits also look at voids (frequency 8).

A void repeats what was paid, to take it back: it must be readable, complete and addressed to whom it may go.
What the service deserved (its code, modifiers, authorization, history, time to file) is not asked again.
"""


@dataclass(frozen=True)
class Edit:
    """One claim edit. Exactly one of `when` and `find` is set.

    Attributes:
        id: ``edits.<file name>``: stable, what people override and count.
        title: A few words for lists.
        group: Section of the catalogue.
        severity: See `Severity`. A relational edit may answer another one in a column ``severity``.
        message: One sentence with ``{facts}``; never anything that identifies a patient.
        remedy: What to do.
        sources: Why.
        prevents: CARCs that this edit keeps from happening, '' when a rejection and not a denial.
        level: Grain of a row edit: ``claim``, ``line`` or ``diagnosis`` (`Prepared.diagnoses`).
        when: Row edits: true where the edit fires. Null counts as not firing.
        facts: Row edits: fact name -> expression over the same frame; one named ``severity`` is the severity.
        find: Relational edits: tables -> lazy frame with ``claim_row``, ``line_number`` (null for the
            claim) and one column per fact.
        needs: Context frames without which the edit is not run: history, coverage, authorizations.
        topic: Word under which a claim says "not checked" when the edit could not judge it.
        unknown: Over the claims frame: true where the edit could not judge the claim.
        only: What a batch must hold for the edit to find anything; all of these words, of
            `Prepared.traits`. It spares looking and never changes a finding.
        claims: Which kind it looks at: ``any``, ``professional`` or ``institutional``; what it finds on the
            other kind is not said.
    """

    id: str
    title: str
    group: str
    severity: Severity
    message: str
    remedy: str
    sources: tuple[Source, ...]
    prevents: tuple[str, ...] = ()
    level: Literal["claim", "line", "diagnosis"] = "claim"
    when: pl.Expr | None = None
    facts: dict[str, pl.Expr] = field(default_factory=dict)
    find: Callable[[Prepared], pl.LazyFrame | None] | None = None
    needs: frozenset[str] = frozenset()
    topic: str = ""
    unknown: pl.Expr | None = None
    only: frozenset[str] = frozenset()
    claims: Literal["any", "professional", "institutional"] = "any"

    @property
    def judges_voids(self) -> bool:
        """Whether it looks at a void at all."""
        return self.group in JUDGES_VOIDS

    def __post_init__(self) -> None:
        if (self.when is None) == (self.find is None):
            raise ValueError(f"{self.id}: a row edit has `when`, a relational edit has `find`")


class NotChecked(msgspec.Struct, frozen=True):
    """A topic that a claim could not be checked for, and why."""

    topic: str
    why: str
    edits: tuple[str, ...] = ()


class ClaimResult(msgspec.Struct, frozen=True):
    """What the edits say of one claim.

    `result` is ``clean``, ``warn`` (only things to tell) or ``stop`` (also what a person may override).
    """

    claim_number: str
    result: str
    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...]


HIT_SCHEMA = {
    "claim_row": pl.UInt32,
    "line_number": pl.Int32,
    "edit": pl.String,
    "severity": pl.String,
    "facts": pl.String,
}


@dataclass(frozen=True)
class EditReport:
    """The answer of `run_edits`.

    Attributes:
        hits: One row per finding, ordered by claim_row, line_number, edit: the columnar form, with
            the facts as JSON. Cheap to count and to join, also for a million claims.
        claim_numbers: By claim_row.
        edits: The edits that ran, by id.
        not_checked: Topics that no claim of the batch could be checked for.
        open_topics: claim_row -> topics that this claim could not be checked for.
    """

    hits: pl.DataFrame
    claim_numbers: list[str]
    edits: dict[str, Edit]
    not_checked: tuple[NotChecked, ...]
    open_topics: dict[int, tuple[str, ...]]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of the batch, in the order of `hits`."""
        return tuple(finding for _, finding in self._located)

    @cached_property
    def claims(self) -> tuple[ClaimResult, ...]:
        """One result per claim, in batch order."""
        mine: dict[int, list[Finding]] = {}
        for row, finding in self._located:
            mine.setdefault(row, []).append(finding)
        always = tuple(item.topic for item in self.not_checked)
        return tuple(
            ClaimResult(
                claim_number=number,
                result=result_of(found := mine.get(row, [])),
                findings=tuple(found),
                not_checked=tuple(dict.fromkeys((*always, *self.open_topics.get(row, ())))),
            )
            for row, number in enumerate(self.claim_numbers)
        )

    @cached_property
    def by_claim(self) -> dict[str, ClaimResult]:
        """Results by claim number; of two claims with one number, the later."""
        return {result.claim_number: result for result in self.claims}

    @cached_property
    def _located(self) -> list[tuple[int, Finding]]:
        return [(row["claim_row"], self._finding(row)) for row in self.hits.iter_rows(named=True)]

    def _finding(self, row: dict[str, Any]) -> Finding:
        edit = self.edits[row["edit"]]
        facts = {name: value for name, value in json.loads(row["facts"]).items() if value is not None}
        sources = edit.sources
        if rule := facts.get("rule_id"):
            sources = (*sources, Source(id=rule))
        if row["line_number"] is not None:
            facts = {"line": row["line_number"], **facts}
        return Finding(
            code=edit.id,
            severity=Severity(row["severity"]),
            message=_WORDS.vformat(edit.message, (), facts),
            subject_id=self.claim_numbers[row["claim_row"]],
            facts=facts,
            remedy=_WORDS.vformat(edit.remedy, (), facts),
            sources=sources,
        )


def result_of(findings: list[Finding] | tuple[Finding, ...]) -> str:
    """``stop`` when something stops, ``warn`` when something is to be told, else ``clean``."""
    if any(finding.severity.stops for finding in findings):
        return "stop"
    return "warn" if findings else "clean"


class _Words(string.Formatter):
    """Messages: amounts in cents (names that end in _cents) print as dollars, a missing fact as a dash."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        value = kwargs.get(key)
        if value is None:
            return "–"
        if isinstance(key, str) and key.endswith("_cents"):
            return dollars(value)
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return value


_WORDS = _Words()
