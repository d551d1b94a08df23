"""A paper explanation of benefits, keyed in as columns, becomes the same remittance that an 835 gives.

Paper shows columns, not codes. Their usual meaning is mapped; what a column does not explain must be keyed
with the reason printed beside it. Nothing is filled in to make a line add up: balancing refuses it, and
says by how much.

Source:
    transactions.md 5.1, paper remittances.
"""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.money import x12_amount
from cleanclaim.remittance.balance import balance
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine, RemitParty, Remittance


class KeyedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the paper, amounts in whole cents as printed."""

    code: str
    service_on: date
    charge_cents: int
    paid_cents: int
    allowed_cents: int | None = None
    """Printed "allowed"; the rest of the charge becomes CO-45 unless `discount_cents` says it."""
    discount_cents: int | None = None
    deductible_cents: int = 0
    coinsurance_cents: int = 0
    copay_cents: int = 0
    reasons: tuple[tuple[str, str, int], ...] = ()
    """(Group, reason code, cents) of everything else that is printed: denied, withheld, other insurance."""
    remarks: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    units: str = "1"
    line_control: str = ""


class KeyedClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """One claim of the paper."""

    claim_number: str
    lines: tuple[KeyedLine, ...]
    payer_control_number: str = ""
    status: str = "1"
    """CLP02: 1 first payer, 2 second, 22 taken back."""
    patient: RemitParty = RemitParty()


class KeyedEob(msgspec.Struct, frozen=True, omit_defaults=True):
    """One paper payment: a check (its number is the trace) or a notice without money."""

    payer: RemitParty
    paid_cents: int
    paid_on: date
    check_number: str
    claims: tuple[KeyedClaim, ...]
    payer_tax_id: str = ""
    method: str = "CHK"
    provider_adjustments: tuple[tuple[str, str, int], ...] = ()
    """(PLB code, reference, cents): positive takes money from us."""
    payee: RemitParty = RemitParty()


class Keyed(msgspec.Struct, frozen=True):
    """The remittance, and by how much it does not add up yet (`{}` when it may be planned)."""

    remittance: Remittance
    differences: dict[str, int]
    """Place (``payment``, ``claim 1``, ``claim 1 line 2``) -> cents that the columns do not explain."""

    @property
    def is_balanced(self) -> bool:
        return not self.differences


def keyed_remittance(eob: KeyedEob) -> Keyed:
    """The paper as a remittance, ready for matching, `plan` and posting like any other.

    Examples:
        >>> line = KeyedLine("90837", date(2026, 3, 2), 15000, 9000, allowed_cents=11000, copay_cents=2000)
        >>> claim = KeyedClaim("A1", (line,))
        >>> found = keyed_remittance(KeyedEob(RemitParty("PLAN"), 9000, date(2026, 3, 20), "777", (claim,)))
        >>> adjustments = found.remittance.claims[0].lines[0].adjustments
        >>> found.is_balanced, [(one.reason, one.amount_cents) for one in adjustments]
        (True, [('45', 4000), ('3', 2000)])
    """
    claims = tuple(_claim(claim) for claim in eob.claims)
    provider = tuple(
        ProviderAdjustment("", None, code, reference, cents)
        for code, reference, cents in eob.provider_adjustments
        if cents
    )
    remittance = Remittance(
        eob.paid_cents,
        eob.method,
        handling="I",
        paid_on=eob.paid_on,
        trace_number=eob.check_number,
        trace_payer_id=f"1{eob.payer_tax_id}" if eob.payer_tax_id else "",
        payer=eob.payer,
        payee=eob.payee,
        claims=claims,
        provider_adjustments=provider,
    )
    return Keyed(remittance, _differences(remittance))


def with_places(remittance: Remittance) -> Remittance:
    """The remittance with a place for every claim, line and amount, in the order of the sheet, from 1.

    Paper has no segments; entries and proofs name these places in their stead.
    """
    place = 0

    def following() -> int:
        nonlocal place
        place += 1
        return place

    claims = []
    for claim in remittance.claims:
        at = following()
        lines = []
        for line in claim.lines:
            own = following()
            items = tuple(msgspec.structs.replace(item, position=following()) for item in line.adjustments)
            lines.append(msgspec.structs.replace(line, position=own, adjustments=items))
        claims.append(msgspec.structs.replace(claim, position=at, end_position=place, lines=tuple(lines)))
    provider = tuple(
        msgspec.structs.replace(item, position=following()) for item in remittance.provider_adjustments
    )
    return msgspec.structs.replace(remittance, claims=tuple(claims), provider_adjustments=provider)


def sheet_rows(remittance: Remittance) -> list[tuple[int, str]]:
    """The keyed sheet as (place, text), in the notation of an 835 so that it reads like one.

    Examples:
        >>> line = KeyedLine("90837", date(2026, 3, 2), 15000, 9000, allowed_cents=9000)
        >>> eob = KeyedEob(RemitParty("PLAN"), 9000, date(2026, 3, 20), "777", (KeyedClaim("A1", (line,)),))
        >>> sheet_rows(with_places(keyed_remittance(eob).remittance))
        [(1, 'CLP*A1*1*150*90~'), (2, 'SVC*HC:90837*150*90~'), (3, 'CAS*CO*45*60~')]
    """
    rows: list[tuple[int, str]] = []
    for claim in remittance.claims:
        paid = f"{x12_amount(claim.charge_cents)}*{x12_amount(claim.paid_cents)}"
        rows.append((claim.position, f"CLP*{claim.claim_number}*{claim.status}*{paid}~"))
        for line in claim.lines:
            code = ":".join(("HC", line.code, *line.modifiers))
            paid = f"{x12_amount(line.charge_cents)}*{x12_amount(line.paid_cents)}"
            rows.append((line.position, f"SVC*{code}*{paid}~"))
            for item in line.adjustments:
                amount = x12_amount(item.amount_cents)
                rows.append((item.position, f"CAS*{item.group}*{item.reason}*{amount}~"))
    for other in remittance.provider_adjustments:
        amount = x12_amount(other.amount_cents)
        rows.append((other.position, f"PLB*{other.code}:{other.reference}*{amount}~"))
    return rows


def _claim(claim: KeyedClaim) -> RemitClaim:
    lines = tuple(_line(line) for line in claim.lines)
    return RemitClaim(
        claim.claim_number,
        claim.status,
        sum(line.charge_cents for line in lines),
        sum(line.paid_cents for line in lines),
        sum(item.amount_cents for line in lines for item in line.adjustments if item.group == "PR"),
        payer_control_number=claim.payer_control_number,
        patient=claim.patient,
        lines=lines,
    )


def _line(line: KeyedLine) -> RemitLine:
    discount = line.discount_cents
    if discount is None and line.allowed_cents is not None:
        # Denials and the like may already explain the part that was not allowed.
        told = sum(
            cents for group, reason, cents in line.reasons if group != "PR" and reason not in _OF_ALLOWED
        )
        discount = line.charge_cents - line.allowed_cents - told
    columns = (
        ("CO", "45", discount or 0),
        ("PR", "1", line.deductible_cents),
        ("PR", "2", line.coinsurance_cents),
        ("PR", "3", line.copay_cents),
        *line.reasons,
    )
    return RemitLine(
        line.code,
        line.charge_cents,
        line.paid_cents,
        modifiers=line.modifiers,
        units_paid=line.units,
        service_from=line.service_on,
        line_control=line.line_control,
        allowed_cents=line.allowed_cents,
        adjustments=tuple(Cas(group, reason, cents) for group, reason, cents in columns if cents),
        remarks=line.remarks,
    )


_OF_ALLOWED = frozenset({"253", "104", "245", "23"})
"""Reasons that take from the allowed amount, not from the rest of the charge."""


def _differences(remittance: Remittance) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, claim in enumerate(remittance.claims, start=1):
        for place, line in enumerate(claim.lines, start=1):
            taken = sum(item.amount_cents for item in line.adjustments)
            if line.charge_cents - taken != line.paid_cents:
                found[f"claim {number} line {place}"] = line.charge_cents - taken - line.paid_cents
    difference = balance(remittance).difference_cents
    if difference:
        found["payment"] = difference
    return found
