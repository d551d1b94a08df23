"""Each paid line against what was due: first what was allowed, then what was paid of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from cleanclaim.money import dollars
from cleanclaim.pricing.contracts import Contract, Price, contract_for, interest_due, payment_due, price_day
from cleanclaim.pricing.contracts.pricing import sequestration_percent
from cleanclaim.pricing.underpayment.naming import BUNDLING, name_allowed, question_of
from cleanclaim.pricing.underpayment.records import Kind, PaidLine, Verdict

CONTRACTUAL = frozenset({"45", "44", "103", "131", "139", "281", "P12", "P24", "P25", "P26"})
SEQUESTRATION, WITHHOLD = frozenset({"253"}), frozenset({"104", "245"})
PRIOR_PAYER = frozenset({"23"})
NO_DENIAL = CONTRACTUAL | SEQUESTRATION | WITHHOLD | PRIOR_PAYER
COST_SHARE = frozenset({"1", "2", "3", "66", "187", "241", "247", "248"})
"""Patient shares of what a payer allows. Other reasons leave a patient what was not covered."""
PENDING = frozenset({"133", "257", "277"})


def allowed_of(line: PaidLine) -> int | None:
    """What the payer allowed: as it says, else paid plus what it names as left to others or held back.

    None for a line that was denied or is pending: nothing was allowed, and nothing can be compared.
    """
    if line.allowed_cents is not None and (line.allowed_cents or line.paid_cents):
        return line.allowed_cents
    patient = sum(item.amount_cents for item in line.adjustments if item.group == "PR")
    kept = sum(
        item.amount_cents
        for item in line.adjustments
        if item.group != "PR" and item.reason in SEQUESTRATION | WITHHOLD | PRIOR_PAYER
    )
    allowed = line.paid_cents + patient + kept
    denied = sum(
        item.amount_cents
        for item in line.adjustments
        if (item.reason not in COST_SHARE if item.group == "PR" else item.reason not in NO_DENIAL)
    )
    if not line.paid_cents and denied >= line.charge_cents > 0:
        return 0 if any(item.reason in BUNDLING for item in line.adjustments) else None
    if not line.paid_cents and any(item.reason in PENDING for item in line.adjustments):
        return None
    return allowed


def compare_lines(
    lines: Iterable[PaidLine], contracts: Sequence[Contract], *, tolerance_cents: int = 0
) -> list[Verdict]:
    """Compare paid lines with their contracts.

    Args:
        lines: The payer's final word on each service, in any order.
        tolerance_cents: Differences up to this count as agreed.

    Returns:
        One verdict per line, in the order given. A line without a contract or a rate is `unknown`, never
        agreed.
    """
    held = list(lines)
    verdicts: list[Verdict | None] = [None] * len(held)
    days: dict[tuple[str, str], list[int]] = {}
    for place, line in enumerate(held):
        days.setdefault((line.payer_id, line.day_key or f"alone {place}"), []).append(place)
    for places in days.values():
        first = held[places[0]]
        contract = contract_for(contracts, first.payer_id, first.practice_id)
        if contract is None:
            for place in places:
                bare = Verdict(held[place], "unknown", why="no contract is loaded for the payer")
                verdicts[place] = _late(held[place], None, bare, tolerance_cents)
            continue
        prices = price_day(contract, [question_of(held[place]) for place in places])
        for place, price in zip(places, prices, strict=True):
            verdicts[place] = compare_line(held[place], contract, price, tolerance_cents)
    return [one for one in verdicts if one is not None]


def compare_line(line: PaidLine, contract: Contract, price: Price, tolerance_cents: int = 0) -> Verdict:
    """Compare one line with the price of it; `compare_lines` also looks at the day."""
    allowed = allowed_of(line)
    expected = price.allowed_cents
    base = Verdict(
        line, "agreed", expected, None, allowed, rate_id=price.rate_id, source=price.source, steps=price.steps
    )
    replace = msgspec.structs.replace
    if expected is None:
        bare = replace(base, status="unknown", why=price.steps[-1] if price.steps else "no rate fits")
        return _late(line, contract, bare, tolerance_cents)
    if allowed is None:
        return replace(base, status="denied", why="the line was denied or is pending")
    if price.is_included:
        return replace(base, status="included", why=price.steps[-1])
    if expected - allowed > tolerance_cents:
        return _underallowed(line, contract, price, base, allowed, expected)
    if allowed - expected > tolerance_cents:
        over = allowed - expected
        why = f"allowed {dollars(allowed)}, the contract has {dollars(expected)}"
        return replace(base, status="overpaid", short_cents=-over, why=why)
    return _payment(line, contract, base, allowed, tolerance_cents)


def _underallowed(
    line: PaidLine, contract: Contract, price: Price, base: Verdict, allowed: int, expected: int
) -> Verdict:
    readings = name_allowed(line, contract, price, allowed)
    kind, why = readings[0]
    patient = _patient(line)
    due = payment_due(contract, expected, patient, line.on).paid_cents
    # The patient's share stays what the payer says: only a reprocessed claim can change it.
    short = expected - allowed if line.is_secondary else max(0, due - line.paid_cents)
    return msgspec.structs.replace(
        base,
        status="underpaid",
        expected_paid_cents=None if line.is_secondary else due,
        short_cents=short or expected - allowed,
        kind=kind,
        also=tuple(one for one, _ in readings[1:]),
        why=f"allowed {dollars(allowed)}, due {dollars(expected)}: {why}",
    )


def _patient(line: PaidLine) -> int:
    return sum(item.amount_cents for item in line.adjustments if item.group == "PR")


def _taken(line: PaidLine, reasons: frozenset[str]) -> int:
    return sum(
        item.amount_cents for item in line.adjustments if item.reason in reasons and item.group != "PR"
    )


def _payment(line: PaidLine, contract: Contract, base: Verdict, allowed: int, tolerance: int) -> Verdict:
    """The allowed amount is right; is the money?"""
    if line.is_secondary:
        return base
    replace = msgspec.structs.replace
    due = payment_due(contract, allowed, _patient(line), line.on)
    base = replace(base, expected_paid_cents=due.paid_cents)
    short = due.paid_cents - line.paid_cents
    if short > tolerance:
        kind, why = _name_payment(line, contract, allowed, due.sequestration_cents, due.withhold_cents, short)
        return replace(base, status="underpaid", short_cents=short, kind=kind, why=why)
    if -short > tolerance:
        why = f"paid {dollars(line.paid_cents)}, due {dollars(due.paid_cents)}"
        return replace(base, status="overpaid", short_cents=short, why=why)
    return _late(line, contract, base, tolerance)


def _late(line: PaidLine, contract: Contract | None, base: Verdict, tolerance: int) -> Verdict:
    """Nothing else is to be said of the line: was it paid in time? The law asks for no contract."""
    if line.is_secondary or line.received_on is None or line.paid_on is None:
        return base
    owed = line.interest_due_cents
    if owed is None:
        owed = interest_due(contract, line.paid_cents, line.received_on, line.paid_on) if contract else 0
    owed -= line.interest_cents
    if owed <= tolerance:
        return base
    days = (line.paid_on - line.received_on).days
    why = f"paid {days} days after receipt, interest {dollars(owed)} is missing"
    if base.status == "unknown":
        why = f"{why}; what it should have paid is unknown: {base.why}"
    return msgspec.structs.replace(
        base, status="underpaid", short_cents=owed, kind=Kind.INTEREST_MISSING, why=why
    )


def _name_payment(
    line: PaidLine, contract: Contract, allowed: int, sequestration: int, withhold: int, short: int
) -> tuple[Kind, str]:
    taken, held = _taken(line, SEQUESTRATION), _taken(line, WITHHOLD)
    if taken > sequestration and not contract.sequestration:
        return Kind.SEQUESTRATION_NOT_AGREED, f"{dollars(taken)} taken as sequestration"
    if taken > sequestration:
        percent = sequestration_percent(line.on)
        return (
            Kind.SEQUESTRATION_BASE,
            f"{dollars(taken)} taken, {percent} percent of the payment is {dollars(sequestration)}",
        )
    if held > withhold:
        return Kind.WITHHOLD_NOT_AGREED, f"{dollars(held)} withheld, agreed is {dollars(withhold)}"
    return Kind.UNEXPLAINED_REDUCTION, f"{dollars(short)} less than allowed less what the payer names"
