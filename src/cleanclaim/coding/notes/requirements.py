"""The requirements of ``cleanclaim_data/notes``, and findings made from them."""

from __future__ import annotations

import string
from collections.abc import Iterable
from functools import cache
from typing import Any

from cleanclaim.codesets import procedures
from cleanclaim.coding.notes.model import NoteSource, Requirement, Span
from cleanclaim.findings import Finding, Severity, Source
from cleanclaim_data import loader


@cache
def requirements() -> dict[str, Requirement]:
    """Every requirement by its code, in file order, which is the order of findings."""
    found = {}
    for row in loader.read_yaml("notes/requirements.yaml"):
        found[row["id"]] = Requirement(
            id=row["id"],
            title=row["title"],
            services=frozenset(row["services"]),
            severity={kind: Severity(word) for kind, word in row["severity"].items()},
            message=row["message"],
            remedy=row["remedy"],
            sources=tuple(
                NoteSource(
                    id=source["id"],
                    at=source.get("at", ""),
                    confidence=source["confidence"],
                    payer_kinds=tuple(source.get("payer_kinds", ())),
                    states=tuple(source.get("states", ())),
                )
                for source in row["sources"]
            ),
            limit=row.get("limit"),
        )
    return found


@cache
def _classes() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in loader.read_yaml("notes/services.yaml").items()}


def plain_code(code: str) -> str:
    """The procedure code of a spelled one.

    Examples:
        >>> plain_code("0905:S9480"), plain_code("90837-95"), plain_code(" 96131 x 2")
        ('S9480', '90837', '96131')
    """
    return (
        code.rpartition(":")[2].replace("-", " ").replace("x", " ").split()[0].upper() if code.strip() else ""
    )


def classes_of(codes: Iterable[str]) -> frozenset[str]:
    """The classes of services that codes belong to; ``any`` always.

    Examples:
        >>> sorted(classes_of(["90837", "90785"]))
        ['any', 'interactive_complexity', 'therapy', 'timed']
    """
    found = {"any"}
    for code in codes:
        procedure = procedures.find(code)
        if procedure is None:
            continue
        found |= {name for name, families in _classes().items() if procedure.family in families}
        if procedure.time_rule in _classes()["timed_rules"]:
            found.add("timed")
    return frozenset(found)


class _Words(string.Formatter):
    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        value = kwargs.get(key)
        if isinstance(value, list | tuple):
            return ", ".join(map(str, value))
        return "unknown" if value is None else str(value).replace("_", " ")


_WORDS = _Words()


def make_finding(
    code: str,
    *,
    payer_kind: str,
    state: str = "",
    subject_id: str = "",
    spans: Iterable[Span] = (),
    **facts: Any,
) -> Finding:
    """A finding of a requirement, with the sources that bind this payer and state.

    Args:
        code: Id of a requirement.
        spans: Evidence, as offsets; they go into ``facts["spans"]``, sorted, without repeats.
        facts: Values for the message; never words of the note.
    """
    requirement = requirements()[code]
    bound = [source for source in requirement.sources if source.binds(payer_kind, state)]
    return Finding(
        code=code,
        severity=requirement.severity_for(payer_kind),
        message=_WORDS.vformat(requirement.message, (), facts),
        subject_id=subject_id,
        facts={**facts, "spans": [list(span) for span in sorted(set(spans))]},
        remedy=_WORDS.vformat(requirement.remedy, (), facts),
        sources=tuple(Source(source.id, source.at) for source in bound),
    )
