"""Programmes billed by the day (IOP, PHP): what they are billed under, where, and the admission codes."""

from __future__ import annotations

from functools import cache

import msgspec

from cleanclaim_data.loader import read_csv


class Programme(msgspec.Struct, frozen=True):
    """One programme. `name` is the service word of the coding engine."""

    name: str
    short: str
    label: str
    minutes_a_day: int | None
    """What the code's definition wants in a day; None where only a contract says."""
    pairs: tuple[tuple[str, str], ...]
    """(revenue code, HCPCS) that are usual for a day of it."""
    source: str


class Facility(msgspec.Struct, frozen=True):
    """The first two significant digits of a type of bill."""

    code: str
    label: str
    takes_medicare: bool
    source: str


class AdmissionCode(msgspec.Struct, frozen=True):
    """One code of CL1."""

    code: str
    label: str
    is_still_a_patient: bool


@cache
def programmes() -> dict[str, Programme]:
    """Programmes by service word, in the order of the data."""
    pairs = read_csv("programmes/pairs.csv")
    return {
        row["program"]: Programme(
            row["program"],
            row["short"],
            row["label"],
            int(row["minutes_a_day"]) if row["minutes_a_day"] else None,
            tuple((one["revenue_code"], one["code"]) for one in pairs if one["program"] == row["program"]),
            row["source"],
        )
        for row in read_csv("programmes/programmes.csv")
    }


@cache
def facilities() -> dict[str, Facility]:
    """Kinds of facility that bill programme days, by the digits of the type of bill."""
    return {
        row["facility"]: Facility(row["facility"], row["label"], row["medicare"] == "yes", row["source"])
        for row in read_csv("programmes/facilities.csv")
    }


@cache
def admission_codes(kind: str) -> dict[str, AdmissionCode]:
    """Codes of CL1: ``type``, ``source`` or ``status``.

    Raises:
        KeyError: There is no such list.
    """
    rows = [row for row in read_csv("programmes/admission_codes.csv") if row["list"] == kind]
    if not rows:
        raise KeyError(kind)
    return {row["code"]: AdmissionCode(row["code"], row["label"], row["still"] == "yes") for row in rows}


@cache
def wanted_conditions(payer_kind: str) -> dict[str, str]:
    """Revenue code -> condition code that this kind of payer wants on the claim."""
    return {
        row["revenue_code"]: row["condition"]
        for row in read_csv("programmes/conditions.csv")
        if row["payer_kind"] == payer_kind
    }


@cache
def revenue_codes() -> dict[str, str]:
    """Revenue codes of behavioral health with our own labels."""
    rows = read_csv("codesets/procedures.csv")
    return {row["code"]: row["plain_label"] for row in rows if row["system"] == "REV"}
