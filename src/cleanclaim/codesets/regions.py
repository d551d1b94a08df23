"""States, territories and provinces as they stand in addresses."""

from __future__ import annotations

import msgspec

from cleanclaim.codesets.table import CodeNotKnown, load


class Region(msgspec.Struct, frozen=True):
    """One state, territory or province. `country` is US or CA."""

    code: str
    country: str
    name: str
    source: str
    confidence: str


def _build(row: dict[str, str]) -> Region:
    return Region(**row)


def lookup(code: str) -> Region:
    """The region with this code.

    Raises:
        CodeNotKnown: No state, territory or province is written so.
    """
    found = load("regions", _build).get(code)
    if not found:
        raise CodeNotKnown("regions", code)
    return found[0]
