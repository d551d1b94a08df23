"""Lists of other issuers that X12 elements point to: what we hold of each, of which date, who is a member.

``external_lists.csv`` names every list with the tables that hold it and how much of the official list they
are: whole, part or none. Some tables are ours with meanings (`remittance_codes`, `claim_status`, `parties`);
the rest of a list, numbers and dates only, is in ``codesets/external/``. A table loaded with a newer release
stands alone: what it lacks is no longer a member.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import msgspec

from cleanclaim.codesets import icd10cm
from cleanclaim.codesets.table import day
from cleanclaim_data.loader import read_csv, when_overlaid


class Member(msgspec.Struct, frozen=True):
    """One code of a list.

    Attributes:
        effective_from: First day; None when in force for long or not known.
        effective_to: Last day; None when in force, or when its end is not known.
        ended: The list says that the code is out of use. Without a last day, it is so from the list's date.
    """

    code: str
    effective_from: date | None = None
    effective_to: date | None = None
    ended: bool = False


class ExternalList(msgspec.Struct, frozen=True):
    """One list.

    Attributes:
        extent: whole, part or none.
        about: How many codes the official list has, when we hold a part and know it.
        asked: yes: every code is looked up; ended: only codes that ended are told; no: never.
        why: Why it is not asked, in plain words.
    """

    name: str
    title: str
    issuer: str
    tables: tuple[str, ...]
    extent: str
    about: int | None
    asked: str
    why: str


@cache
def external_lists() -> dict[str, ExternalList]:
    """Every list by its name, those included of which we hold nothing."""
    return {
        row["list"]: ExternalList(
            row["list"], row["title"], row["issuer"], tuple(filter(None, row["tables"].split("|"))),
            row["extent"], int(row["about"]) if row["about"] else None, row["asked"], row["why"],
        )
        for row in read_csv("codesets/external_lists.csv")
    }  # fmt: skip


@cache
def _loaded(name: str) -> tuple[tuple[date, str], ...]:
    """The date and file of each table of a list. A release that is newer than the others stands alone."""
    tables = external_lists()[name].tables
    found = [
        (date.fromisoformat(row["as_of"]), row["loaded_as"])
        for row in read_csv("codesets/versions.csv")
        if row["table"] in tables
    ]
    newest = max((dated for dated, _ in found), default=None)
    return tuple((dated, file) for dated, file in found if dated == newest)


def as_of(name: str) -> date | None:
    """The date of our copy of a list; None when we hold none."""
    found = _loaded(name)
    return found[0][0] if found else None


def held(name: str) -> int:
    """How many codes of the list we hold."""
    return sum(icd10cm.count() if file == icd10cm.FILE else len(read_csv(file)) for _, file in _loaded(name))


@cache
def members(name: str) -> dict[str, Member]:
    """The codes of a list, each with its newest row. Not for ICD-10-CM, which `icd10cm` looks up itself.

    Examples:
        >>> members("revenue_codes")["0905"].ended, "0999" in members("bill_types")
        (False, False)
    """
    found: dict[str, Member] = {}
    for _, file in _loaded(name):
        for row in read_csv(file):
            code = row.get("code") or row.get("taxonomy") or row.get("pos") or ""
            found[code] = Member(
                code, day(row.get("effective_from", "")), day(row.get("effective_to", "")),
                row.get("state") == "ended" or row.get("status") == "deactivated",
            )  # fmt: skip
    return found


for _kept in (external_lists, _loaded, members):
    when_overlaid(_kept.cache_clear)
