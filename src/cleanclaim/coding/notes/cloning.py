"""How much of a note repeats another, and where.

Two notes share a *run* where at least `RUN` words follow each other alike; what share of the note's own words
lies in runs is its likeness. Headings, the patient's standing history and the signature repeat by nature, so
callers pass the spans that do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from cleanclaim.coding.notes.model import Span

RUN = 8
"""Words in a row that count as copied; shorter agreement is how clinicians write."""
_WORD = re.compile(r"[A-Za-z0-9]+(?:['’][A-Za-z]+)?")


class Likeness(NamedTuple):
    """What a note shares with another.

    Attributes:
        percent: Share of the note's own words that lie in copied runs, in whole percent.
        spans: The runs in the note.
        other_spans: The same runs in the other note, in the same order.
        words: The note's own words that were compared.
    """

    percent: int
    spans: tuple[Span, ...]
    other_spans: tuple[Span, ...]
    words: int


def own_words(text: str, without: Iterable[Span]) -> list[tuple[str, Span]]:
    """The words that count in a comparison, in lower case, each with its place."""
    barred = sorted(without)
    found, position = [], 0
    for match in _WORD.finditer(text):
        while position < len(barred) and barred[position][1] <= match.start():
            position += 1
        if position < len(barred) and barred[position][0] < match.end():
            continue
        word = match[0].lower().replace("’", "'")
        # Dates and times change even in a copied note; they are neither alike nor unlike.
        if not word.isdecimal():
            found.append((word, match.span()))
    return found


def likeness(
    text: str, other: str, *, without: Iterable[Span] = (), other_without: Iterable[Span] = ()
) -> Likeness:
    """Compare a note with another.

    Args:
        text: The note in question.
        other: The other note.
        without: Spans of `text` that do not count.
        other_without: Spans of `other` that do not count.

    Examples:
        >>> mine = "one two three four five six seven eight nine"
        >>> likeness(mine, "One two three four five six seven eight. Ten").percent
        88
    """
    mine, theirs = own_words(text, without), own_words(other, other_without)
    if len(mine) < RUN or len(theirs) < RUN:
        return Likeness(0, (), (), len(mine))
    left, right = [word for word, _ in mine], [word for word, _ in theirs]
    known = {tuple(right[at : at + RUN]) for at in range(len(right) - RUN + 1)}
    if not any(tuple(left[at : at + RUN]) in known for at in range(len(left) - RUN + 1)):
        return Likeness(0, (), (), len(mine))
    blocks = [
        block
        for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
        if block.size >= RUN
    ]
    shared = sum(block.size for block in blocks)
    return Likeness(
        percent=shared * 100 // len(mine),
        spans=tuple((mine[block.a][1][0], mine[block.a + block.size - 1][1][1]) for block in blocks),
        other_spans=tuple(
            (theirs[block.b][1][0], theirs[block.b + block.size - 1][1][1]) for block in blocks
        ),
        words=len(mine),
    )
