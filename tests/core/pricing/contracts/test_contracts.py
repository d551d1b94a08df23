"""Contracts: which rate wins and why; amounts; what is refused; rates learnt and confirmed once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanclaim.pricing import FeeRow, national_price
from cleanclaim.pricing.contracts import (
    Contract,
    ContractInvalid,
    Escalator,
    Observation,
    Question,
    Rate,
    RateKind,
    check_contract,
    confirm,
    contract_for,
    contract_from_fee_rows,
    interest_due,
    learn_rates,
    payment_due,
    price_day,
    price_line,
    sequestration_percent,
)

START, DAY = date(2025, 1, 1), date(2026, 3, 2)


def fixed(id, cents, code="90837", starts=START, **more):
    return Rate(id, RateKind.FIXED, starts, amount_cents=cents, code=code, **more)


def ask(code="90837", on=DAY, charge=20000, **more):
    return Question("P", code, on, charge, **more)


GRID = Contract(
    "grid", "P",
    (
        fixed("any", 5000, ""), fixed("h", 3000, "H*"), fixed("range", 8000, "90832-90838"), fixed("code", 12000),
        fixed("phd", 13500, credential="PhD"), fixed("home", 11000, place="10"), fixed("mod", 12500, modifier="HO"),
        fixed("second", 12600, modifier="U1"), fixed("plan", 12700, plan_id="gold"),
        fixed("old", 9000, "90791", starts=date(2024, 1, 1), ends=date(2024, 12, 31)), fixed("new", 15000, "90791"),
        Rate("out", RateKind.CARVED_OUT, START, code="96130"), fixed("learnt", 99999, "90834", is_confirmed=False),
        fixed("north", 14000, practice_id="north"),
    ),
)  # fmt: skip

WINNERS = [  # question, rate, cents, why
    (ask(), "code", 12000, "the code itself"),
    (ask("90832"), "range", 8000, "a range of codes"),
    (ask("H0015"), "h", 3000, "a beginning of codes"),
    (ask("99214"), "any", 5000, "no code named"),
    (ask(credential="PhD"), "phd", 13500, "the licence level"),
    (ask(credential="LCSW"), "code", 12000, "another level: the code's rate"),
    (ask(place="10"), "home", 11000, "the place"),
    (ask(place="10", credential="PhD"), "phd", 13500, "level before place"),
    (ask(modifiers=("HO",)), "mod", 12500, "the modifier"),
    (ask(modifiers=("U1", "HO")), "second", 12600, "the first modifier of the line"),
    (ask(modifiers=("HO",), credential="PhD"), "mod", 12500, "modifier before level"),
    (ask(plan_id="gold", credential="PhD"), "plan", 12700, "plan before level"),
    (ask(practice_id="north", plan_id="gold"), "north", 14000, "practice before plan"),
    (ask("90791", on=date(2024, 6, 1)), "old", 9000, "by date of service"),
    (ask("90791"), "new", 15000, "the later one"),
    (ask("96130"), "out", 0, "carved out"),
    (ask("90834"), "range", 8000, "a learnt rate is not used before it is confirmed"),
    (ask(units=2), "code", 20000, "two units, and the charge is less"),
    (ask(units=2, charge=None), "code", 24000, "two units"),
    (ask("99214", on=date(2023, 1, 1)), "", None, "before every rate: unknown, not nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "rate", "cents", "why"), WINNERS)
def test_which_rate_wins(question, rate, cents, why):
    price = price_line(check_contract(GRID), question)
    assert (price.rate_id, price.allowed_cents) == (rate, cents), why
    if rate:
        assert (price.considered[0].rate_id, price.considered[0].wins) == (rate, True)
        assert price.steps[0].startswith(f"rate {rate}: ")


def test_the_trace_says_why_the_others_lost():
    told = {one.rate_id: one.why for one in price_line(GRID, ask(credential="LCSW")).considered}
    assert told["code"] == "names code 90837"
    assert told["range"] == "fits, names code 90832-90838; outranked"
    assert told["phd"] == "is for PhD"
    assert told["home"] == "is for place 10"
    assert told["plan"] == "is for another plan"
    assert "old" not in told, "rates for other codes are not told"


@given(st.permutations(list(GRID.rates)), st.sampled_from([question for question, *_ in WINNERS]))
def test_the_order_of_rates_means_nothing(rates, question):
    shuffled = msgspec.structs.replace(GRID, rates=tuple(rates))
    assert price_line(shuffled, question).allowed_cents == price_line(GRID, question).allowed_cents


BAD = [
    ((fixed("a", 1), fixed("a", 2, "90834")), "id of its own"),
    ((fixed("a", 1), fixed("b", 2, starts=DAY)), "both answer on 2026-03-02"),
    ((fixed("a", -1),), "never negative"),
    ((fixed("a", 1, ends=date(2020, 1, 1)),), "ends before it starts"),
]


@pytest.mark.parametrize(("rates", "message"), BAD)
def test_contracts_that_contradict_themselves_are_refused(rates, message):
    with pytest.raises(ContractInvalid, match=message):
        check_contract(Contract("c", "P", rates))


RISES = [  # date of service, cents, why
    (date(2025, 6, 30), 10000, "before the first rise"),
    (date(2025, 7, 1), 10300, "on the day"),
    (date(2026, 6, 30), 10300, "the day before the second"),
    (date(2026, 7, 1), 10609, "three percent of the raised amount"),
    (date(2027, 7, 1), 10927, "10,927.27 rounded to the cent"),
]


@pytest.mark.parametrize(("on", "cents", "why"), RISES)
def test_yearly_escalators(on, cents, why):
    contract = Contract("c", "P", (fixed("a", 10000),), (Escalator(date(2025, 7, 1), Decimal(3)),))
    assert price_line(contract, ask(on=on)).allowed_cents == cents, why


def test_a_new_rate_does_not_take_the_rise_of_its_first_day():
    contract = Contract(
        "c", "P", (fixed("a", 10000, starts=date(2025, 7, 1)),), (Escalator(date(2025, 7, 1), Decimal(3)),)
    )
    assert price_line(contract, ask(on=date(2025, 8, 1))).allowed_cents == 10000
    assert price_line(contract, ask(on=date(2026, 8, 1))).allowed_cents == 10300


MEDICARE = Contract("m", "P", (Rate("mc", RateKind.MEDICARE, START, percent=Decimal(115)),))
PARTS = [  # credential, place, units, share
    ("", "11", 1, Decimal("1.15")),
    ("LCSW", "11", 1, Decimal("1.15")),
    ("PMHNP", "11", 2, Decimal("1.15")),
    ("", "02", 1, Decimal("1.15")),
]


@pytest.mark.parametrize(("credential", "place", "units", "share"), PARTS)
def test_percent_of_medicare_takes_medicares_own_shares(credential, place, units, share):
    medicare = national_price("90837", on=DAY, place_of_service=place, credential=credential, units=units)
    price = price_line(MEDICARE, ask(credential=credential, place=place, units=units, charge=None))
    assert price.allowed_cents == int(
        (Decimal(medicare.amount_cents) * share).quantize(Decimal(1), "ROUND_HALF_UP")
    )
    assert price.steps[-1].startswith("115 percent of Medicare")


def test_percent_of_medicare_without_a_loaded_locality_is_unknown():
    local = msgspec.structs.replace(MEDICARE, mac="03102", locality="00")
    price = price_line(local, ask(on=date(2029, 1, 1)))
    assert price.allowed_cents is None and "no Medicare" in price.steps[-1]


def test_percent_of_charge_and_licence_percentages():
    charge = Contract("c", "P", (Rate("pc", RateKind.CHARGE, START, percent=Decimal("62.5")),))
    assert price_line(charge, ask(charge=15001)).allowed_cents == 9376
    assert price_line(charge, ask(charge=None)).allowed_cents is None
    levels = Contract(
        "c",
        "P",
        (fixed("a", 10000), fixed("phd", 13000, credential="PhD")),
        credential_percents={"LPC-associate": Decimal(85), "PhD": Decimal(85)},
    )
    assert price_line(levels, ask(credential="LPC-associate")).allowed_cents == 8500
    assert price_line(levels, ask(credential="PhD")).allowed_cents == 13000, (
        "a rate of its own takes no percentage"
    )


def test_telehealth_without_parity_needs_its_own_rate():
    contract = Contract(
        "c", "P", (fixed("office", 12000), fixed("tele", 9600, place="10")), telehealth_parity=False
    )
    assert price_line(contract, ask(place="10")).allowed_cents == 9600
    assert price_line(contract, ask(place="02")).allowed_cents is None
    parity = msgspec.structs.replace(contract, telehealth_parity=True)
    assert price_line(parity, ask(place="02")).allowed_cents == 12000


def test_a_per_diem_is_due_once_a_day():
    contract = Contract("c", "P", (Rate("day", RateKind.PER_DIEM, START, amount_cents=35000, code="H0015", covers=("H*", "90853")), fixed("visit", 9000, "90791")))  # fmt: skip
    lines = [ask(code, charge=50000) for code in ("H0015", "H0015", "90853", "90791")]
    lines.append(ask("H0015", on=DAY + timedelta(1), charge=50000))
    prices = price_day(contract, lines)
    assert [(one.allowed_cents, one.is_included) for one in prices] == [
        (35000, False), (0, True), (0, True), (9000, False), (35000, False),
    ]  # fmt: skip


def test_a_reduction_for_several_procedures_spares_the_dearest():
    contract = Contract("c", "P", (fixed("a", 10000, "96132"), fixed("b", 12000, "96136"), fixed("c", 7000, "90791")), mppr_percent=Decimal(50), mppr_codes=("961*",))  # fmt: skip
    prices = price_day(contract, [ask("96132"), ask("96136"), ask("90791")])
    assert [one.allowed_cents for one in prices] == [5000, 12000, 7000]


SEQUESTERED = [
    (date(2020, 4, 30), 2),
    (date(2020, 5, 1), 0),
    (date(2022, 3, 31), 0),
    (date(2022, 4, 1), 1),
    (date(2022, 6, 30), 1),
    (date(2022, 7, 1), 2),
    (date(2013, 3, 31), 0),
]


@pytest.mark.parametrize(("on", "percent"), SEQUESTERED)
def test_sequestration_by_date(on, percent):
    assert sequestration_percent(on) == percent


def test_what_is_due_in_money():
    medicare = Contract("m", "P", (), sequestration=True, withhold_percent=Decimal(10))
    due = payment_due(medicare, 10000, 2000, DAY)
    assert (due.sequestration_cents, due.withhold_cents, due.paid_cents) == (160, 784, 7056)
    assert payment_due(medicare, 1000, 2000, DAY).paid_cents == 0


LATE = [(30, 0), (31, 3), (60, 99), (0, 0)]


@pytest.mark.parametrize(("days", "cents"), LATE)
def test_interest_of_late_payments(days, cents):
    contract = Contract("c", "P", (), interest_percent_a_year=Decimal(12), clean_claim_days=30)
    assert interest_due(contract, 10000, DAY, DAY + timedelta(days)) == cents


def test_the_practices_contract_before_the_agencys():
    agency, own, other = (
        Contract(id, "P", (), practice_id=practice)
        for id, practice in (("a", ""), ("o", "north"), ("x", "south"))
    )
    assert contract_for([agency, own, other], "P", "north").id == "o"
    assert contract_for([agency, own, other], "P", "west").id == "a"
    assert contract_for([agency], "Q") is None


def test_fee_schedule_rows_become_a_contract():
    rows = [
        FeeRow("P", "90837", 12000, START, source="exhibit B"),
        FeeRow("P", "90837", 13000, START, credential="PhD"),
        FeeRow("Q", "90837", 1, START),
    ]
    contract = contract_from_fee_rows("P", rows)
    assert len(contract.rates) == 2
    assert price_line(contract, ask(credential="PhD")).allowed_cents == 13000
    assert price_line(contract, ask()).source == "exhibit B"


def paid(day, cents, charge=20000, **more):
    return Observation("P", "90837", START + timedelta(day), cents, charge, **more)


LEARNT = [  # observations, proposals as (start offset, cents, agreeing, seen), why
    ([paid(n, 12000) for n in range(3)], [(0, 12000, 3, 3)], "three times the same"),
    ([paid(n, 12000) for n in range(2)], [], "twice is chance"),
    ([paid(n, 20000) for n in range(5)], [], "allowed at the charge: says nothing"),
    ([paid(n, 12000) for n in range(4)] + [paid(n, 12600) for n in range(9, 13)], [(0, 12000, 4, 4), (9, 12600, 4, 4)], "the amount changed for good"),
    ([paid(0, 12000), paid(1, 12000), paid(2, 7000), paid(3, 12000), paid(4, 12000)], [(0, 12000, 4, 5)], "one outlier"),
    ([paid(n, 12000 + n) for n in range(6)], [], "never the same"),
    ([paid(n, 24000, 50000, units=2) for n in range(3)], [(0, 12000, 3, 3)], "by the unit"),
    ([paid(n, 12000, credential="PhD") for n in range(3)] + [paid(n, 9000, credential="LPC") for n in range(3)], [(0, 9000, 3, 3), (0, 12000, 3, 3)], "levels apart"),
]  # fmt: skip


@pytest.mark.parametrize(("observations", "proposals", "why"), LEARNT)
def test_rates_are_learnt(observations, proposals, why):
    found = learn_rates(observations)
    assert [
        ((one.rate.starts - START).days, one.rate.amount_cents, one.agreeing, one.seen) for one in found
    ] == proposals, why
    assert not any(one.rate.is_confirmed for one in found)


def test_a_proposal_is_used_once_confirmed_and_then_not_proposed_again():
    contract = Contract("c", "P", (fixed("a", 11000),))
    lines = [paid(100 + n, 12000) for n in range(4)]
    (proposal,) = learn_rates(lines, contract)
    assert (proposal.known_rate_id, proposal.known_cents) == ("a", 11000)
    assert price_line(contract, ask()).allowed_cents == 11000
    after = confirm(contract, proposal, by="Dana", on=DAY)
    assert price_line(after, ask()).allowed_cents == 12000
    assert price_line(after, ask(on=START)).allowed_cents == 11000
    assert "confirmed by Dana on 2026-03-02" in price_line(after, ask()).source
    assert learn_rates(lines, after) == []
