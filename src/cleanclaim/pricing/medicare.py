"""What Medicare allows: relative values x geographic indices x conversion factor.

    amount = (work x work GPCI + practice expense x PE GPCI + malpractice x MP GPCI) x conversion factor

in cents, rounded half up once, then the share of the clinician's licence. The place of service chooses the
facility or the non-facility practice expense. Every part must be loaded for the date of service: last year's
index, a neighbouring locality or a proposed factor is never taken in its place.

Source: 42 CFR 414.20 to 414.36; Medicare Claims Processing Manual chapter 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from cleanclaim.codesets.places_of_service import lookup as place_row
from cleanclaim.codesets.table import CodeNotKnown, day, in_force, load
from cleanclaim.money import Money, dollars

SHARES: dict[str, tuple[int, str]] = {
    "LCSW": (75, "clinical social workers, 42 CFR 414.62"),
    "LMFT": (75, "marriage and family therapists from 2024, 42 CFR 410.53"),
    "LPC": (75, "mental health counselors from 2024, 42 CFR 410.54"),
    "PMHNP": (85, "nurse practitioners, 42 CFR 414.56"),
    "NP": (85, "nurse practitioners, 42 CFR 414.56"),
    "PA": (85, "physician assistants, 42 CFR 414.52"),
    "CNS": (85, "clinical nurse specialists, 42 CFR 414.56"),
}
"""Licence -> percent of the fee schedule and why. Physicians and psychologists have the whole."""


class PriceNotLoaded(LookupError):
    """A part of the price is not loaded for the date. Nothing is guessed.

    Attributes:
        part: relative value, geographic index, conversion factor, place or status.
        what: The code, locality or year that was looked for.
    """

    def __init__(self, part: str, what: str, on: date, why: str, remedy: str) -> None:
        self.part, self.what, self.on, self.remedy = part, what, on, remedy
        super().__init__(f"no Medicare {part} for {what} on {on.isoformat()}: {why}. {remedy}")


class MedicarePrice(msgspec.Struct, frozen=True):
    """What Medicare allows for a line.

    Attributes:
        amount_cents: For all units, after the licence's share; whole cents.
        unit_cents: For one unit of a physician.
        steps: The sum in words, in order.
    """

    amount_cents: Money
    unit_cents: Money
    facility: bool
    share_percent: int
    steps: tuple[str, ...]


class _Rvu(msgspec.Struct, frozen=True):
    modifier: str
    work: Decimal
    nonfacility: Decimal
    facility: Decimal
    malpractice: Decimal
    status: str
    nonfacility_na: bool
    facility_na: bool
    effective_from: date | None
    effective_to: date | None
    source: str


class _Gpci(msgspec.Struct, frozen=True):
    locality: str
    name: str
    work: Decimal
    expense: Decimal
    malpractice: Decimal
    effective_from: date | None
    effective_to: date | None


class _Factor(msgspec.Struct, frozen=True):
    track: str
    factor: Decimal
    status: str
    effective_from: date | None
    effective_to: date | None


def medicare_price(
    code: str,
    *,
    on: date,
    mac: str,
    locality: str,
    place_of_service: str,
    credential: str = "",
    modifiers: Sequence[str] = (),
    units: int = 1,
    qualifying_participant: bool = False,
) -> MedicarePrice:
    """The allowed amount of a line in a locality.

    Args:
        mac: Contractor number of five digits, as the index file prints it: ``14412``.
        locality: Two digits: ``01``.
        place_of_service: Two digits; decides facility or non-facility.
        credential: Licence of the rendering clinician, our word; '' is a physician.
        modifiers: A technical or professional component (TC, 26) has its own values.
        qualifying_participant: The clinician has the conversion factor of an advanced payment model.

    Raises:
        PriceNotLoaded: A part is not loaded for that date. 2026 dates raise it until the 2026 indices are.
        ValueError: Units below 1.
    """
    if units < 1:
        raise ValueError("a line has at least one unit")
    indices = _indices(mac, locality, on)
    return _priced(
        code, on, place_of_service, credential, modifiers, units, qualifying_participant,
        (indices.work, indices.expense, indices.malpractice),
        f"Locality {mac}/{locality} {indices.name}: indices {indices.work}, {indices.expense}, "
        f"{indices.malpractice}.",
    )  # fmt: skip


def national_price(
    code: str,
    *,
    on: date,
    place_of_service: str,
    credential: str = "",
    modifiers: Sequence[str] = (),
    units: int = 1,
    qualifying_participant: bool = False,
) -> MedicarePrice:
    """The unadjusted national amount: every index 1. A yardstick, paid nowhere.

    Raises:
        PriceNotLoaded: The relative value or the conversion factor is not loaded for that date.

    Examples:
        >>> national_price("90837", on=date(2026, 3, 10), place_of_service="11").amount_cents
        16700
    """
    if units < 1:
        raise ValueError("a line has at least one unit")
    one = Decimal(1)
    return _priced(
        code, on, place_of_service, credential, modifiers, units, qualifying_participant, (one, one, one),
        "No locality: every index is 1.",
    )  # fmt: skip


def _priced(
    code: str,
    on: date,
    place: str,
    credential: str,
    modifiers: Sequence[str],
    units: int,
    qp: bool,
    indices: tuple[Decimal, Decimal, Decimal],
    first: str,
) -> MedicarePrice:
    share, why = _share(credential, on)
    values, facility = _values(code, modifiers, on), _is_facility(place, on)
    if values.status not in ("A", "R", "T"):
        raise PriceNotLoaded(
            "price", code, on, f"its status is {values.status}, which the fee schedule does not pay",
            "Ask the contractor, or bill another code.",
        )  # fmt: skip
    if values.facility_na if facility else values.nonfacility_na:
        raise PriceNotLoaded(
            "practice expense", code, on, "it is not paid in this class of places",
            "Check the place of service.",
        )  # fmt: skip
    factor = _factor(on, qp)
    expense = values.facility if facility else values.nonfacility
    relative = values.work * indices[0] + expense * indices[1] + values.malpractice * indices[2]
    unit = int((relative * factor * 100).to_integral_value(ROUND_HALF_UP))
    amount = int((Decimal(unit) * units * share / 100).to_integral_value(ROUND_HALF_UP))
    steps = [
        f"{code}: work {values.work}, {'facility' if facility else 'non-facility'} expense {expense}, "
        f"malpractice {values.malpractice} ({values.source}).",
        first,
        f"Adjusted {relative.normalize():f} x {factor} is {dollars(unit)} a unit.",
    ]
    if share != 100:
        steps.append(f"{share} percent for {why}.")
    if units != 1 or share != 100:
        steps.append(f"{units} units: {dollars(amount)}.")
    return MedicarePrice(Money(amount), Money(unit), facility, share, tuple(steps))


def _values(code: str, modifiers: Sequence[str], on: date) -> _Rvu:
    rows = [row for row in load("medicare_rvu", _build_rvu).get(code, ()) if in_force(row, on)]
    component = next((modifier for modifier in modifiers if modifier in ("26", "TC", "53")), "")
    for row in reversed(rows):
        if row.modifier == component:
            return row
    raise PriceNotLoaded(
        "relative value", " ".join((code, component)).strip(), on,
        "no loaded relative value file has it on that date",
        "Load the relative value file (PPRRVU) of that year.",
    )  # fmt: skip


def _indices(mac: str, locality: str, on: date) -> _Gpci:
    known = load("medicare_gpci", _build_gpci, "mac").get(mac, ())
    for row in reversed(known):
        if row.locality == locality and in_force(row, on):
            return row
    why = "the loaded indices are of other years" if known else "no loaded index file has this contractor"
    raise PriceNotLoaded(
        "geographic index", f"{mac}/{locality}", on, why, "Load the index file (GPCI) of that year."
    )


def _factor(on: date, qualifying: bool) -> Decimal:
    track = "qp" if qualifying else "non_qp"
    rows = [
        row
        for year in (str(on.year),)
        for row in load("medicare_cf", _build_factor, "year").get(year, ())
        if in_force(row, on) and row.track in (track, "all")
    ]
    final = [row for row in rows if row.status == "final"]
    if final:
        return final[-1].factor
    why = "only a proposed one is known" if rows else "none is loaded"
    raise PriceNotLoaded("conversion factor", str(on.year), on, why, "Load the final rule's factor.")


def _is_facility(place: str, on: date) -> bool:
    try:
        row = place_row(place, on)
    except CodeNotKnown:
        raise PriceNotLoaded("place", place, on, "it is no place of service", "Correct it.") from None
    return row.rate_class == "facility"


def _share(credential: str, on: date) -> tuple[int, str]:
    if credential in ("LMFT", "LPC") and on < date(2024, 1, 1):
        raise PriceNotLoaded(
            "price", credential, on, "Medicare enrols this licence from 2024-01-01", "Bill another clinician."
        )
    return SHARES.get(credential, (100, "physicians and psychologists"))


def _build_rvu(row: dict[str, str]) -> _Rvu:
    return _Rvu(
        row["modifier"],
        Decimal(row["work"] or 0),
        Decimal(row["nonfac_pe"] or 0),
        Decimal(row["fac_pe"] or 0),
        Decimal(row["mp"] or 0),
        row["status"],
        row["nonfac_na"].upper() == "NA",
        row["fac_na"].upper() == "NA",
        day(row["effective_from"]),
        day(row["effective_to"]),
        row["source"],
    )


def _build_gpci(row: dict[str, str]) -> _Gpci:
    return _Gpci(
        row["locality"],
        row["locality_name"],
        Decimal(row["work_gpci"]),
        Decimal(row["pe_gpci"]),
        Decimal(row["mp_gpci"]),
        day(row["effective_from"]),
        day(row["effective_to"]),
    )


def _build_factor(row: dict[str, str]) -> _Factor:
    return _Factor(
        row["track"],
        Decimal(row["conversion_factor"]),
        row["status"],
        day(row["effective_from"]),
        day(row["effective_to"]),
    )
