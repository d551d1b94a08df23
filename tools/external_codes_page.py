"""docs/reference/external-codes.md: which elements of which guide point to which external list."""

from __future__ import annotations

from cleanclaim.codesets import external as lists
from cleanclaim.codesets.external import ExternalList
from cleanclaim.x12.guide import guide_rows, load_guide
from cleanclaim.x12.validate import external
from cleanclaim.x12.validate.external import Spec

HEAD = """Elements whose codes are kept by others than the guide. Every one of them is named here, also those
that are not asked: a test fails when a guide brings an identifier without codes that is not in this table
(`x12/external_codes.csv`).

- **whole list**: a code that it does not hold is told as `x12.code.unknown`.
- **part of a list**: a code that it does not hold is told as `x12.code.unlisted`, with how much we hold.
- a code that ended before the day of service, or began after it, is told as `x12.code.not_in_force`, with its
  day. A list that calls a code ended without a day is believed from the date of the list on.

All of these tell and none stops; each code is told once a transaction, with the date of the list. A profile
(`x12/profiles.csv`, or one by hand) makes them stop, or leaves them out. The day is that of the line, else
the first day of the claim; it is never later than the day of payment, so nothing is told that was right when
it was paid."""


def page(generated: str) -> str:
    """The whole page."""
    named = lists.external_lists()
    rows: dict[str, list[str]] = {}
    for name, spec in external.all_specs():
        where = _where(name, spec)
        if where:
            rows.setdefault(spec.table, []).append(
                f"| {_element(name, spec)} | {_when(name, spec)} | {where} |"
            )
    overview = ["| list | kept by | we hold | as of | asked |", "| --- | --- | --- | --- | --- |"]
    for one in named.values():
        cells = (
            f"[{one.title}](#{_anchor(one)})",
            one.issuer,
            _extent(one),
            lists.as_of(one.name) or "",
            _asked(one),
        )
        overview.append(f"| {' | '.join(map(str, cells))} |")
    parts = ["# External code lists of X12 elements", generated, HEAD, "\n".join(overview)]
    for one in named.values():
        parts.append(f"## {_heading(one)}")
        if one.why:
            parts.append(one.why)
        parts.append(
            "\n".join(["| element | when | guides |", "| --- | --- | --- |", *rows.get(one.name, ())])
        )
    return "\n\n".join(parts) + "\n"


def _heading(one: ExternalList) -> str:
    return one.title[0].upper() + one.title[1:]


def _anchor(one: ExternalList) -> str:
    kept = "".join(letter for letter in one.title.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def _extent(one: ExternalList) -> str:
    if one.extent == "none":
        return "nothing"
    count = lists.held(one.name)
    if one.extent == "whole":
        return f"all {count}"
    return f"{count} of about {one.about}" if one.about else f"{count}, a part"


def _asked(one: ExternalList) -> str:
    if one.asked == "yes":
        return "unknown and ended codes" if one.extent == "whole" else "unlisted and ended codes"
    return "ended codes only" if one.asked == "ended" else "no"


def _element(name: str, spec: Spec) -> str:
    part = f"-{spec.component}" if spec.component else ""
    return ", ".join(f"{name}{at:02d}{part}" for at in spec.elements)


def _when(name: str, spec: Spec) -> str:
    if spec.when is None:
        return "always"
    element, component, codes = spec.when
    place = f"{name}{element or spec.elements[0]:02d}" if element or len(spec.elements) == 1 else "its"
    place += f"-{component}" if component else ""
    words = " or ".join(sorted(code or "empty" for code in codes))
    return f"{'its component ' + str(component) if place.startswith('its') else place} is {words}"


def _where(name: str, spec: Spec) -> str:
    """The guides that use the element, each with its loops."""
    found = []
    for row in guide_rows():
        loops = [
            child.segment.loop or "header"
            for loop in load_guide(row["folder"]).loops.values()
            for child in loop.children
            if child.segment and child.segment.name == name
            and any(external.may_hold(child.segment, spec, at) for at in spec.elements)
        ]  # fmt: skip
        if loops:
            found.append(
                f"{row['set']} {row['folder'].removeprefix('005010')}: {' '.join(dict.fromkeys(loops))}"
            )
    return "; ".join(found)
