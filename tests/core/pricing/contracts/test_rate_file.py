"""Rates from a table and back; each faulty row alone; changes of a contract by dated steps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanclaim.pricing.contracts import (
    Contract,
    ContractInvalid,
    Observation,
    Question,
    Rate,
    RateKind,
    add_rates,
    change_rate,
    check_contract,
    differences,
    end_rate,
    learn_rates,
    plainest,
    price_line,
    rate_id,
)
from cleanclaim.pricing.contracts.rate_file import SAMPLE, read_rate_file, write_rate_file

YEAR, JULY = date(2026, 1, 1), date(2026, 7, 1)
HEAD = "code,modifier,licence,place,plan,kind,amount,percent,starts,ends,covers,source"
PLANS = {"Gold": "plan-1"}


def test_the_sample_reads_whole_and_is_a_contract_without_contradiction():
    found = read_rate_file(SAMPLE.encode())
    assert (found.findings, found.rows, len(found.rates)) == ((), 7, 7)
    check_contract(Contract("c", "p", found.rates))
    assert write_rate_file(found.rates) == write_rate_file(
        read_rate_file(write_rate_file(found.rates).encode()).rates
    )


FAULTY = [  # row, part of the message
    ("90837,,,,,,,,2026-01-01,,,", "amount is empty"),
    ("90837,,,,,,12.345,,2026-01-01,,,", "parts of a cent"),
    ("90837,,,,,,-5,,2026-01-01,,,", "outside"),
    ("90837,,,,,,abc,,2026-01-01,,,", "no amount"),
    ("90837,,,,,,NaN,,2026-01-01,,,", "parts of a cent"),
    ("90837,,,,,,100,,,,,", "starts is empty"),
    ("90837,,,,,,100,,31.01.2026,,,", "no date"),
    ("90837,,,,,,100,,2026-01-01,2025-01-01,,", "ends before it starts"),
    ("90837,,,,Silver,,100,,2026-01-01,,,", "none of this payer's plans: gold"),
    ("90837,,,office,,,100,,2026-01-01,,,", "two digits"),
    ("90837,HOHE,,,,,100,,2026-01-01,,,", "one row for each modifier"),
    ("90837,,,,,free,100,,2026-01-01,,,", "none of fixed"),
    ("90837,,,,,medicare,,,2026-01-01,,,", "no number"),
    ("90837,,,,,medicare,,5000,2026-01-01,,,", "outside 0 to 1000"),
    ("90834,,,,,,100,,2026-01-01,,,", "an earlier row is for the same lines"),
    ("90834,,,,,,100,,2026-06-01,,,", "both answer"),
]


@pytest.mark.parametrize(("row", "said"), FAULTY)
def test_each_faulty_row_is_its_own_finding_and_the_rest_go_on(row, said):
    good = "90834,,,,,,104.40,,2026-01-01,,,A"
    text = f"{HEAD}\n{good}\n{row}\n90791,,,,gold,,162.10,,01/31/2026,,,A\n"
    found = read_rate_file(text.encode(), plans=PLANS)
    assert [rate.code for rate in found.rates] == ["90834", "90791"]
    assert (found.rates[1].starts, found.rates[1].plan_id) == (date(2026, 1, 31), "plan-1")
    (finding,) = found.findings
    assert said in finding.message and finding.facts["row"] == 3, finding


WHOLE = [  # bytes, part of the message
    (b"", "must name the columns"),
    (b"code;amount\n90837;1\n", "starts is missing"),
    (b"\0\0\0", "neither CSV nor XLSX"),
    (b"PK\x03\x04 no workbook", "cannot be read"),
]


@pytest.mark.parametrize(("data", "said"), WHOLE)
def test_a_file_that_is_no_table_is_one_finding(data, said):
    found = read_rate_file(data)
    assert found.rates == () and said in found.findings[0].message


def test_other_separators_and_columns_that_are_not_known():
    found = read_rate_file("code;starts;amount;colour\n90837;2026-01-01;$1,310.50;red\n".encode("cp1252"))
    assert [(rate.code, rate.amount_cents) for rate in found.rates] == [("90837", 131050)]
    assert [str(one.severity) for one in found.findings] == ["tell"]


def contract(*rates: Rate) -> Contract:
    return Contract("c", "p", rates)


BASE = Rate("base", RateKind.FIXED, YEAR, None, 12000, code="90837")


def allowed(held: Contract, on: date) -> int | None:
    return price_line(held, Question("p", "90837", on)).allowed_cents


def test_a_new_amount_from_a_day_ends_the_one_before():
    held = change_rate(contract(BASE), "base", on=JULY, value=12500)
    assert [allowed(held, day) for day in (YEAR, date(2026, 6, 30), JULY)] == [12000, 12000, 12500]
    assert [(one.what, one.before, one.after) for one in differences(contract(BASE), held)] == [
        ("ends", "no end", "2026-06-30"), ("added", "", "125.00"),
    ]  # fmt: skip


def test_an_amount_of_the_same_day_is_a_correction():
    held = change_rate(contract(BASE), "base", on=YEAR, value=12500)
    assert [(one.what, one.before, one.after) for one in differences(contract(BASE), held)] == [
        ("amount", "120.00", "125.00")
    ]


def test_a_percentage_changes_as_a_percentage():
    rate = Rate("m", RateKind.MEDICARE, YEAR, percent=Decimal(110))
    held = change_rate(contract(rate), "m", on=JULY, value=Decimal("112.5"))
    assert held.rates[1].percent == Decimal("112.5")


REFUSED = [  # rate, day, said
    ("base", date(2025, 1, 1), "after 2025-01-01"),
    ("none", JULY, "no such rate"),
    ("gone", JULY, "ended on"),
    ("out", JULY, "no amount"),
]


@pytest.mark.parametrize(("wanted", "on", "said"), REFUSED)
def test_a_change_that_cannot_be_is_refused(wanted, on, said):
    gone = Rate("gone", RateKind.FIXED, YEAR, date(2026, 3, 1), 1, code="90834")
    out = Rate("out", RateKind.CARVED_OUT, YEAR, code="96*")
    with pytest.raises(ContractInvalid, match=said):
        change_rate(contract(BASE, gone, out), wanted, on=on, value=5)


def test_ending_adding_and_replacing():
    held = end_rate(contract(BASE), "base", on=date(2026, 3, 31))
    assert allowed(held, date(2026, 4, 1)) is None
    again = add_rates(held, (msgspec.structs.replace(BASE, id="x", amount_cents=13000),))
    assert [(rate.id, rate.amount_cents) for rate in again.rates] == [("x", 13000)]


def test_terms_are_told_too():
    new = msgspec.structs.replace(contract(BASE), withhold_percent=Decimal(5), telehealth_parity=False)
    assert {(one.name, one.after) for one in differences(contract(BASE), new)} == {
        ("withhold, percent", "5"), ("telehealth as in person", "no"),
    }  # fmt: skip


RATES = st.builds(
    Rate,
    id=st.just(""),
    kind=st.just(RateKind.FIXED),
    starts=st.dates(YEAR, date(2026, 12, 1)),
    amount_cents=st.integers(1, 90_000),
    code=st.sampled_from(["90834", "90837", ""]),
    credential=st.sampled_from(["", "PhD"]),
)


@given(st.lists(RATES, max_size=8))
def test_adding_rates_in_any_order_never_contradicts_and_survives_the_file(rates):
    held = contract()
    for rate in sorted(rates, key=lambda one: one.starts):
        held = add_rates(held, (msgspec.structs.replace(rate, id=rate_id(rate)),))
    check_contract(held)
    back = read_rate_file(write_rate_file(held.rates).encode())
    assert back.findings == ()
    assert differences(held, contract(*back.rates)) == []


def seen(code: str, cents: int, number: int, **more) -> Observation:
    return Observation("p", code, date(2026, 1 + number // 4, 3), cents, 20000, **more)


def test_what_makes_no_difference_to_the_payer_is_not_learnt():
    lines = [
        seen(
            "90837",
            13000,
            number,
            credential=("PhD", "LCSW")[number % 2],
            place=("11", "10")[number // 2 % 2],
        )
        for number in range(24)
    ]
    lines += [
        seen(
            "90834", 11000 if number % 2 else 9000, number, credential=("PhD", "LCSW")[number % 2], place="11"
        )
        for number in range(24)
    ]
    found = {
        (one.rate.code, one.rate.credential, one.rate.place, one.rate.amount_cents)
        for one in learn_rates(plainest(lines))
    }
    assert found == {("90837", "", "", 13000), ("90834", "LCSW", "", 11000), ("90834", "PhD", "", 9000)}
