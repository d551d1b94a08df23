"""R-05, R-06, R-07, and R-60 over values: what does not balance, what is taken back, what the bank says."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import msgspec
import pytest
from tests.core.bank.test_matching import TODAY, month
from tests.core.remittance.building import PLB_CODES, remit, reversed_of

from cleanclaim.bank import match_deposits
from cleanclaim.bank import matching as bank_matching
from cleanclaim.ledger import ClaimIds, Source, cash_cents, entries_for_plan
from cleanclaim.remittance import PriorClaim, PriorState, carry_forward, plan
from cleanclaim.remittance.balance import CHARGES, CLAIM, LINE, PAYMENT
from cleanclaim.remittance.posting import claim_payment, planner
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine, Remittance

replace = msgspec.structs.replace
SOURCE = Source("p", date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC), file_hash="f" * 64)
IDS = {f"A{number}": ClaimIds(f"A{number}", f"patient-{number}") for number in range(8)}
BOOKS = PriorState(tuple(PriorClaim(number, 90_000, expected_allowed_cents=30_000) for number in IDS))
CODES = ("CO-45", "CO-253", "PR-1", "PR-2", "CO-97", "CO-197", "CO-104", "OA-94", "CO-144", "OA-23", "PI-16")


def answer(dice: random.Random, number: str, control: str, charges: list[int]) -> RemitClaim:
    """A primary answer that balances."""
    lines = []
    for place, charge in enumerate(charges, start=1):
        items = []
        for code in dice.sample(CODES, dice.randrange(4)):
            group, reason = code.split("-")
            raises = reason in ("94", "144")
            items.append(
                Cas(group, reason, dice.randrange(-3000, 0) if raises else dice.randrange(1, charge // 3 + 2))
            )
        paid = charge - sum(item.amount_cents for item in items)
        lines.append(
            RemitLine("90837", charge, paid, line_control=f"{number}L{place}", adjustments=tuple(items))
        )
    paid = sum(line.paid_cents for line in lines)
    return RemitClaim(number, "1", sum(charges), paid, payer_control_number=control, lines=tuple(lines))


def payment(dice: random.Random, trace: str) -> Remittance:
    """A payment that balances: claims, unknown claims, reversals, provider-level money."""
    claims = []
    for number in dice.sample([*IDS, "UNKNOWN"], dice.randrange(1, 6)):
        one = answer(
            dice,
            number,
            f"{trace}{number}",
            [dice.randrange(100, 30_000) for _ in range(dice.randrange(1, 4))],
        )
        claims.append(one)
        if dice.random() < 0.2:
            claims.append(reversed_of(one))
    items = tuple(
        ProviderAdjustment("", None, dice.choice(PLB_CODES), "R", dice.randrange(-20_000, 20_001))
        for _ in range(dice.randrange(4))
    )
    paid = sum(one.paid_cents for one in claims) - sum(item.amount_cents for item in items)
    return Remittance(paid, "ACH", trace_number=trace, claims=tuple(claims), provider_adjustments=items)


def spoiled(dice: random.Random, whole: Remittance) -> tuple[Remittance, str]:
    """One amount changed by some cents, and the reason that must be given."""
    cents = dice.choice([-1, 1]) * dice.randrange(1, 5000)
    kind = dice.choice(["payment", "claim", "line", "adjustment", "charge", "provider"])
    if kind == "provider" and whole.provider_adjustments:
        items = list(whole.provider_adjustments)
        items[0] = replace(items[0], amount_cents=items[0].amount_cents + cents)
        return replace(whole, provider_adjustments=tuple(items)), PAYMENT
    if kind in ("payment", "provider"):
        return replace(whole, paid_cents=whole.paid_cents + cents), PAYMENT
    claims = list(whole.claims)
    place = dice.randrange(len(claims))
    claim = claims[place]
    if kind == "claim":
        claims[place] = replace(claim, paid_cents=claim.paid_cents + cents)
        return replace(whole, claims=tuple(claims)), CLAIM
    if kind == "charge":
        claims[place] = replace(
            claim, charge_cents=claim.charge_cents + cents, paid_cents=claim.paid_cents + cents
        )
        return replace(whole, claims=tuple(claims), paid_cents=whole.paid_cents + cents), CHARGES
    line = claim.lines[0]
    if kind == "line":
        # The claim still adds up: only the line tells.
        line = replace(line, paid_cents=line.paid_cents + cents)
    else:
        line = replace(line, adjustments=(*line.adjustments, Cas("CO", "45", cents)))
    claims[place] = replace(claim, lines=(line, *claim.lines[1:]))
    return replace(whole, claims=tuple(claims)), LINE


def r05(seed: int) -> bool:
    """Whether the promise was kept: parked whole, for the right reason, no ledger rows."""
    dice = random.Random(seed)
    wrong, reason = spoiled(dice, payment(dice, "T1"))
    result = plan(wrong, BOOKS)
    reasons = {finding.code for finding in result.findings if finding.severity.stops}
    return (
        not result.balanced and not result.postings and result.bank_deposit_cents == 0 and reason in reasons
    )


def r06(seed: int) -> bool:
    """Answers, reversals and corrections of one claim, in any order, over several files: the last word stands."""
    dice = random.Random(seed)
    charges = [dice.randrange(1000, 30_000) for _ in range(dice.randrange(1, 4))]
    said = [answer(dice, "A1", f"P{number}", charges) for number in range(dice.randrange(2, 5))]
    waiting = [*said, *(reversed_of(one) for one in said[:-1])]
    allowed = dice.choice([None, dice.randrange(40_000)])
    before = PriorState((PriorClaim("A1", sum(charges), expected_allowed_cents=allowed),))
    wanted = plan(remit(said[-1]), before).claims_after["A1"]
    state, file, seen, number = before, [], set(), 0
    while waiting or file:
        ready = [one for one in waiting if one.status != "22" or one.payer_control_number in seen]
        if ready:
            one = dice.choice(ready)
            waiting.remove(one)
            seen.add(one.payer_control_number)
            file.append(one)
        if file and (not waiting or dice.random() < 0.5):
            bundle = remit(*file, trace=f"T{number}")
            result = plan(bundle, state)
            if (
                cash_cents(entries_for_plan(result, bundle, IDS, SOURCE, key=f"T{number}"))
                != bundle.paid_cents
            ):
                return False
            state, file, number = carry_forward(state, result, bundle), [], number + 1
    found = state.claims[0]
    return (
        found.insurance_paid_cents, found.adjusted_cents, found.patient_responsibility_cents, found.insurance_balance_cents,
    ) == (
        wanted.insurance_paid_cents, wanted.adjusted_cents, wanted.patient_responsibility_cents, wanted.insurance_balance_cents,
    )  # fmt: skip


def r07(seed: int) -> bool:
    """Cash is the payment, and provider-level money touches no patient and no claim."""
    dice = random.Random(seed)
    one = payment(dice, "T1")
    entries = entries_for_plan(plan(one, BOOKS), one, IDS, SOURCE, key="T1")
    provider = [leg for entry in entries if entry.kind == "provider_adjustment" for leg in entry.legs]
    return cash_cents(entries) == one.paid_cents and not any(
        leg.patient_id or leg.claim_id for leg in provider
    )


def r60(seed: int) -> bool:
    """A month of deposits: the planted exceptions exactly, nothing unexplained."""
    lines, payments, planted = month(seed)
    found = match_deposits(lines, payments, today=TODAY)
    told = sorted((one.kind, one.line, one.payment) for one in found.exceptions)
    return found.unexplained_cents == 0 and told == sorted(planted)


def _lines_unseen(monkeypatch):
    """Balancing that looks at claims and the payment only."""
    real = planner.balance

    def blind(remittance, *, file=""):
        report = real(remittance, file=file)
        kept = tuple(finding for finding in report.findings if finding.code not in (LINE, CHARGES))
        return type(report)(
            not any(finding.severity.stops for finding in kept), report.difference_cents, report.claims_paid_cents,
            report.provider_adjustments_cents, kept,
        )  # fmt: skip

    monkeypatch.setattr(planner, "balance", blind)


def _reversals_as_sent(monkeypatch):
    """Reversals that undo what was sent, not what was posted."""
    monkeypatch.setattr(claim_payment, "Mirror", lambda claim, history: None)


def _signs_lost(monkeypatch):
    """Provider adjustments booked without their sign."""
    real = planner.provider_postings

    def unsigned(remittance, findings):
        return [replace(one, amount_cents=abs(one.amount_cents)) for one in real(remittance, findings)]

    monkeypatch.setattr(planner, "provider_postings", unsigned)


def _doubles_unseen(monkeypatch):
    """Matching that does not know a deposit it has seen."""
    kept = tuple(rule for rule in bank_matching.RULES if rule.__name__ != "by_doubles")
    monkeypatch.setattr(bank_matching, "RULES", kept)


DRILLS = [  # drill, what, promise, short, full, planted fault, its name
    ("R-05", "payments that do not balance", r05, 300, 2_000, _lines_unseen, "lines not balanced"),
    ("R-06", "reversals and corrections in any order, across files", r06, 300, 10_000, _reversals_as_sent, "reversed as sent"),
    ("R-07", "provider-level money", r07, 300, 10_000, _signs_lost, "signs lost"),
    ("R-60", "months of deposits with planted exceptions", r60, 20, 500, _doubles_unseen, "doubles not known"),
]  # fmt: skip


@pytest.mark.parametrize(("drill", "what", "promise", "short", "much", "fault", "name"), DRILLS)
def test_sums_hold(drill, what, promise, short, much, fault, name, full, drill_row, monkeypatch):
    trials = much if full else short
    failures = [seed for seed in range(trials) if not promise(seed)]
    tried = min(trials, 200)
    with monkeypatch.context() as patch:
        fault(patch)
        caught = sum(not promise(seed) for seed in range(tried))
    drill_row(
        drill=drill, what=what, trials=trials, failures=len(failures), fault_caught=f"{name}: seen in {caught} of {tried} trials"
    )  # fmt: skip
    assert failures == []
    assert caught > 0
