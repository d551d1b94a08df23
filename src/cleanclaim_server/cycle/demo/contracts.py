"""What the demo's payers agreed, and how some of them pay by mistake: on both sides, from the same few facts.

The payers' side is an `Agreement` of the simulator, ours a contract with its versions. Four payers of the
market make one mistake each, as payers do: in one place, again and again, for some months.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from cleanclaim.money import apply_rate
from cleanclaim.pricing.contracts import Escalator, Rate, RateKind, differences
from cleanclaim.simulator import Contract as Market
from cleanclaim.simulator.mispaying import Agreement
from cleanclaim.simulator.synthetic import SyntheticAgency, agency_contract
from cleanclaim_server.contracts.actions import How, newest_version, save_version, start_contract
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.underpayments.acting import ProjectRefused, ask_for_project
from cleanclaim_server.identity.models import User
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.underpayments.models import ProjectState, UnderpaymentProject

OLD_SHARE, LEVEL_SHARE, RISE = Decimal("0.95"), Decimal("1.08"), Decimal(3)
MISTAKES = {
    "EXHP1": ("old_schedule", 9),
    "FIXT1": ("escalator_missed", 7),
    "SMUT1": ("wrong_level", 4),
    "SPEC1": ("telehealth_parity", 5),
}
"""Payer -> the mistake that it makes, once in so many lines."""
LEVEL, LEVEL_CODES = "PhD", ("90791", "90834", "90837")
PER_DIEM = {"S9480": 27_300}
"""What each of them agreed for a day of intensive outpatient care, in cents."""
MISTAKES_DAYS = 240
ASK_AFTER_DAYS = 21


def demo_market(synthetic: SyntheticAgency, today: date) -> Market:
    """The contract for the simulator: flat rates for most payers, agreements with mistakes for four."""
    return msgspec.structs.replace(
        agency_contract(synthetic),
        agreements=tuple(_agreement(synthetic, payer_id, today) for payer_id in MISTAKES),
    )


def _agreement(synthetic: SyntheticAgency, payer_id: str, today: date) -> Agreement:
    kind, every = MISTAKES[payer_id]
    amounts = _amounts(synthetic, payer_id)
    # A solo clinician's claims name no rendering clinician, so their payer sees no level.
    solo = {one.code for one in synthetic.practices if one.is_person}
    levels = {one.npi: one.credential for one in synthetic.clinicians if one.practice_code not in solo}
    first = today - timedelta(days=MISTAKES_DAYS)
    return Agreement(
        payer_id,
        amounts,
        _since(today),
        {code: apply_rate(cents, OLD_SHARE) for code, cents in amounts.items()}
        if kind == "old_schedule"
        else dict(amounts),
        by_level={f"{code} {LEVEL}": _at_level(amounts[code]) for code in LEVEL_CODES}
        if kind == "wrong_level"
        else {},
        levels=levels,
        rise_on=_rise(today) if kind == "escalator_missed" else None,
        rise_percent=RISE,
        mistakes=(kind,),
        every=every,
        from_on=first,
    )


def _amounts(synthetic: SyntheticAgency, payer_id: str) -> dict[str, int]:
    payer = next(one for one in synthetic.payers if one.payer_id == payer_id)
    return {price.code: price.cents for price in payer.rates} | PER_DIEM


def _since(today: date) -> date:
    """The first of January about which amounts changed; at least some months of claims lie behind it."""
    return date(today.year if today.month > 3 else today.year - 1, 1, 1)


def _rise(today: date) -> date:
    return (today - timedelta(days=150)).replace(day=1)


def _at_level(cents: int) -> int:
    return apply_rate(cents, LEVEL_SHARE)


def install_contracts(
    synthetic: SyntheticAgency, agency: Agency, *, acting_user: User, now: datetime
) -> None:
    """Contracts of the four payers with every practice, as somebody typed them in from the same papers."""
    today = now.date()
    payers = {one.payer_id: one for one in Payer.objects.filter(agency=agency, payer_id__in=MISTAKES)}
    for practice in Practice.objects.filter(agency=agency).order_by("code"):
        for payer_id, (kind, _) in MISTAKES.items():
            contract = start_contract(practice, payers[payer_id], acting_user=acting_user, now=now)
            value = newest_version(contract).value
            rates = _rates(_amounts(synthetic, payer_id), kind, today)
            rises = (Escalator(_rise(today), RISE, 120),) if kind == "escalator_missed" else ()
            agreed = msgspec.structs.replace(value, rates=rates, escalators=rises)
            if not differences(value, agreed):
                continue  # flat amounts, as the set-up brought them
            save_version(
                contract,
                agreed,
                how=How.TYPED,
                note=f"Agreement of {_since(today).year}, exhibit B",
                based_on=1,
                acting_user=acting_user,
                now=now,
            )


def _rates(amounts: dict[str, int], kind: str, today: date) -> tuple[Rate, ...]:
    since, begin = _since(today), date(2020, 1, 1)
    fixed, source = RateKind.FIXED, f"Agreement of {since.year}, exhibit B"
    rates = []
    for code, cents in amounts.items():
        if kind == "old_schedule":
            old = apply_rate(cents, OLD_SHARE)
            rates.append(
                Rate(f"{code} before", fixed, begin, since - timedelta(1), old, code=code, source="exhibit A")
            )
            rates.append(Rate(code, fixed, since, None, cents, code=code, source=source))
        else:
            rates.append(Rate(code, fixed, begin, None, cents, code=code, source=source))
        if kind == "wrong_level" and code in LEVEL_CODES:
            rates.append(
                Rate(
                    f"{code} {LEVEL}",
                    fixed,
                    begin,
                    None,
                    _at_level(cents),
                    code=code,
                    credential=LEVEL,
                    source=source,
                )
            )
    return tuple(rates)


def ask_payers(practice: Practice, *, acting_user: User, now: datetime, today: date) -> int:
    """What the office does each week: letters for projects that were collected for three weeks."""
    asked = 0
    waiting = UnderpaymentProject.objects.filter(
        practice=practice,
        state=ProjectState.COLLECTING,
        opened_on__lte=today - timedelta(days=ASK_AFTER_DAYS),
    )
    for project in waiting.order_by("number"):
        try:
            ask_for_project(project.pk, practice.pk, acting_user=acting_user, now=now, today=today)
            asked += 1
        except ProjectRefused:
            continue
    return asked
