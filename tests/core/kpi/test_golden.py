"""The golden fixture: ten claim families of May 2026 and every figure that follows from them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from cleanclaim import kpi

MAY = kpi.Window(date(2026, 5, 1), date(2026, 5, 31))
YEAR = kpi.Window(date(2026, 1, 1), date(2026, 12, 31))
END = date(2026, 9, 30)

# family, code, charge, expected, service, submitted
FAMILIES = [
    ("1", "90837", 200, 140, "05-04", "05-05"),
    ("2", "90834", 150, 105, "05-04", "05-06"),
    ("3", "90837", 200, 140, "05-06", "05-07"),
    ("4", "90837", 200, 140, "05-08", "05-11"),
    ("5", "90791", 250, 180, "05-11", "05-12"),
    ("6", "90853", 80, 50, "05-13", "05-14"),
    ("7", "90834", 150, 105, "05-15", "05-29"),
    ("8", "90837", 200, 140, "05-18", "05-19"),
    ("9", "90834", 150, 105, "05-20", "05-21"),
    ("10", "99214", 220, 130, "05-22", "05-26"),
]

# family, kind, day, dollars or None, category
STORY = [
    ("1", "patient_paid", "05-04", 25, ""),
    ("1", "adjudicated", "05-19", 140, ""),
    ("1", "contractual", "05-19", 60, ""),
    ("1", "insurance_paid", "05-19", 115, ""),
    ("1", "patient_assigned", "05-19", 25, ""),
    ("2", "adjudicated", "05-20", 105, ""),
    ("2", "contractual", "05-20", 45, ""),
    ("2", "patient_assigned", "05-20", 105, ""),
    ("2", "patient_paid", "06-30", 60, ""),
    ("3", "patient_paid", "05-06", 20, ""),
    ("3", "rejected", "05-08", None, ""),
    ("3", "human_edit", "05-12", None, ""),
    ("3", "submitted", "05-12", None, ""),
    ("3", "accepted", "05-12", None, ""),
    ("3", "adjudicated", "05-26", 140, ""),
    ("3", "contractual", "05-26", 60, ""),
    ("3", "insurance_paid", "05-26", 120, ""),
    ("3", "patient_assigned", "05-26", 20, ""),
    ("4", "adjudicated", "05-28", 0, ""),
    ("4", "denied", "05-28", None, "authorization"),
    ("4", "appealed", "06-05", None, ""),
    ("4", "adjudicated", "07-10", 140, ""),
    ("4", "contractual", "07-10", 60, ""),
    ("4", "insurance_paid", "07-10", 115, ""),
    ("4", "patient_assigned", "07-10", 25, ""),
    ("4", "patient_paid", "07-20", 25, ""),
    ("5", "adjudicated", "05-30", 150, ""),
    ("5", "contractual", "05-30", 100, ""),
    ("5", "insurance_paid", "05-30", 150, ""),
    ("6", "adjudicated", "06-03", 0, ""),
    ("6", "denied", "06-03", None, "eligibility"),
    ("6", "written_off", "08-01", 80, "denial"),
    ("7", "adjudicated", "06-12", 105, ""),
    ("7", "contractual", "06-12", 45, ""),
    ("7", "insurance_paid", "06-12", 105, ""),
    ("7", "duplicate", "06-20", None, ""),
    ("9", "patient_paid", "05-20", 15, ""),
    ("9", "adjudicated", "06-04", 105, ""),
    ("9", "contractual", "06-04", 45, ""),
    ("9", "insurance_paid", "06-04", 90, ""),
    ("9", "patient_assigned", "06-04", 15, ""),
    ("10", "human_edit", "05-26", None, ""),
    ("10", "adjudicated", "06-15", 130, ""),
    ("10", "contractual", "06-15", 90, ""),
    ("10", "insurance_paid", "06-15", 110, ""),
    ("10", "patient_assigned", "06-15", 20, ""),
]


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def rows():
    families = [
        {
            "family_id": name,
            "date_of_service": day(dos),
            "built_on": day(dos),
            "expected_cents": expected * 100,
            "code": code,
        }
        for name, code, _, expected, dos, _ in FAMILIES
    ]
    events = []
    for name, _, charge, _, dos, sent in FAMILIES:
        events.append({"family_id": name, "kind": "charge", "happened_on": day(dos), "cents": charge * 100})
        events.append({"family_id": name, "kind": "submitted", "happened_on": day(sent)})
        if name != "3":
            events.append({"family_id": name, "kind": "accepted", "happened_on": day(sent)})
    for name, kind, on, dollars, category in STORY:
        cents = None if dollars is None else dollars * 100
        events.append(
            {"family_id": name, "kind": kind, "happened_on": day(on), "cents": cents, "category": category}
        )
    return families, events


@pytest.fixture(scope="module")
def facts():
    return kpi.kpi_frames(*rows())


JUNE30 = date(2026, 6, 30)
RATES = [  # handbook, measure, numerator, denominator, displayed
    ("C1", lambda f: kpi.clean_claim_rate(f, as_of=END, window=MAY), 8, 10, "80.0 %"),
    ("C2", lambda f: kpi.first_pass_acceptance(f, as_of=END, window=MAY), 9, 10, "90.0 %"),
    ("C3", lambda f: kpi.rejection_rate(f, as_of=END, window=MAY), 1, 10, "10.0 %"),
    ("C4", lambda f: kpi.first_pass_resolution(f, as_of=END, window=MAY), 6, 9, "66.7 %"),
    ("D1c", lambda f: kpi.denial_rate(f, as_of=END, window=MAY), 2, 10, "20.0 %"),
    ("D1c$", lambda f: kpi.denial_rate_dollars(f, as_of=END, window=MAY), 28000, 180000, "15.6 %"),
    ("D1a", lambda f: kpi.denial_rate(f, as_of=END, window=MAY, basis="adjudicated"), 2, 9, "22.2 %"),
    ("D4i", lambda f: kpi.overturn_rate(f, as_of=END, window=YEAR), 1, 1, "100.0 %"),
    ("D4ii", lambda f: kpi.overturn_rate(f, as_of=END, window=YEAR, of="all"), 1, 2, "50.0 %"),
    ("D4iii", lambda f: kpi.overturn_rate_dollars(f, as_of=END, window=YEAR), 14000, 19000, "73.7 %"),
    ("D5a", lambda f: kpi.denial_to_appeal(f, as_of=END, window=YEAR), 8, 1, "8.0 days"),
    ("D5b", lambda f: kpi.denial_to_resolution(f, as_of=END, window=YEAR), 43 + 59, 2, "51.0 days"),
    ("D6", lambda f: kpi.denial_rate_by_category(f, "authorization", as_of=END, window=MAY), 1, 10, "10.0 %"),
    ("D3a", lambda f: kpi.denial_write_off_rate(f, as_of=END, window=MAY), 5000, 123500, "4.0 %"),
    ("B1", lambda f: kpi.charge_lag(f, as_of=END, window=MAY), 29, 10, "2.9 days"),
    ("E4", lambda f: kpi.payment_lag(f, as_of=END, window=MAY), 159, 7, "22.7 days"),
    ("E5", lambda f: kpi.gross_collection_rate(f, as_of=END, window=MAY), 95000, 180000, "52.8 %"),
    ("E6a", lambda f: kpi.net_collection_rate(f, as_of=END, window=MAY), 95000, 120500, "78.8 %"),
    (
        "E6b",
        lambda f: kpi.net_collection_rate(f, as_of=END, window=MAY, basis="contract"),
        95000,
        123500,
        "76.9 %",
    ),
    ("E8", lambda f: kpi.underpayment_rate(f, as_of=END, window=MAY), 1, 8, "12.5 %"),
    ("E8$", lambda f: kpi.underpayment_rate(f, as_of=END, window=MAY, dollars=True), 3000, 104500, "2.9 %"),
    ("F1", lambda f: kpi.patient_collection_rate(f, as_of=END, window=MAY), 14500, 21000, "69.0 %"),
    ("A5", lambda f: kpi.point_of_service_share(f, as_of=END, window=YEAR), 6000, 14500, "41.4 %"),
    ("E1", lambda f: kpi.days_in_receivables(f, as_of=JUNE30), 54500, 180000, "27.3 days"),
    ("E2", lambda f: kpi.net_days_in_receivables(f, as_of=JUNE30), 39500, 123500, "28.8 days"),
    ("E3", lambda f: kpi.receivables_over(f, as_of=JUNE30), 0, 54500, "0.0 %"),
    ("E3", lambda f: kpi.receivables_over(f, as_of=END), 26500, 26500, "100.0 %"),
    ("charges", lambda f: kpi.charges(f, as_of=END, window=MAY), 180000, 1, "1,800.00"),
    ("payments", lambda f: kpi.payments(f, as_of=END, window=YEAR), 95000, 1, "950.00"),
    (
        "payments_insurance",
        lambda f: kpi.payments(f, as_of=END, window=YEAR, of="insurance"),
        80500,
        1,
        "805.00",
    ),
    ("payments_patient", lambda f: kpi.payments(f, as_of=END, window=YEAR, of="patient"), 14500, 1, "145.00"),
]


@pytest.mark.parametrize(
    ("code", "measure", "numerator", "denominator", "shown"), RATES, ids=[row[0] for row in RATES]
)
def test_expected(code, measure, numerator, denominator, shown, facts):
    found = measure(facts)
    assert (found.code, found.numerator, found.denominator, found.display) == (
        code,
        numerator,
        denominator,
        shown,
    )
    assert found.formula and found.name and found.kind


def test_claims_behind_the_numbers(facts):
    assert kpi.denial_rate(facts, as_of=END, window=MAY).family_ids == ("4", "6")
    assert kpi.rejection_rate(facts, as_of=END, window=MAY).family_ids == ("3",)
    assert kpi.underpayment_rate(facts, as_of=END, window=MAY).family_ids == ("5",)
    assert kpi.receivables(facts, as_of=JUNE30).family_ids == ("10", "2", "4", "6", "8")


def test_medians_and_percentiles(facts):
    assert kpi.charge_lag(facts, as_of=END, window=MAY).companions == {"median": 1, "p90": 4, "open": 0}
    assert kpi.payment_lag(facts, as_of=END, window=MAY).companions["median"] == 18


def test_no_charges_is_no_cases(facts):
    found = kpi.days_in_receivables(facts, as_of=END)
    assert (found.value, found.reason, found.display) == (None, "no_charges_in_window", "No cases")


def test_small_numbers_are_marked(facts):
    assert kpi.clean_claim_rate(facts, as_of=END, window=MAY).low_volume


def test_an_empty_month_is_no_cases(facts):
    june = kpi.Window(date(2026, 6, 1), date(2026, 6, 30))
    for measure in (
        kpi.clean_claim_rate,
        kpi.first_pass_acceptance,
        kpi.denial_rate,
        kpi.net_collection_rate,
    ):
        found = measure(facts, as_of=END, window=june)
        assert (found.value, found.reason, found.display) == (None, "no_cases", "No cases")


# Identities that hold on any data


def test_ages_add_up_to_receivables(facts):
    for as_of in (date(2026, 5, 31), JUNE30, END):
        buckets = kpi.receivables_by_age(facts, as_of=as_of)
        assert [bucket.code for bucket in buckets] == [
            "ar_0-30",
            "ar_31-60",
            "ar_61-90",
            "ar_91-120",
            "ar_120+",
        ]
        total = (
            kpi.receivables(facts, as_of=as_of).numerator - kpi.credit_balances(facts, as_of=as_of).numerator
        )
        assert sum(bucket.numerator for bucket in buckets) == total
    assert [b.numerator for b in kpi.receivables_by_age(facts, as_of=JUNE30)] == [0, 54500, 0, 0, 0]
    assert [b.numerator for b in kpi.receivables_by_age(facts, as_of=END)] == [0, 0, 0, 0, 26500]


def test_collectible_is_collected_open_or_lost(facts):
    net = kpi.net_collection_rate(facts, as_of=END, window=MAY)
    state = kpi.state_of(facts, END)
    patient = state["patient_balance"].sum()
    waiting = state.filter(pl.col("adjudicated_on").is_null())["expected_cents"].sum()
    lost = state.filter(pl.col("denial_written_off") > 0)["expected_cents"].sum()
    assert (patient, waiting, lost) == (6500, 14000, 5000)
    assert net.numerator + patient + waiting + lost == net.denominator


def test_difference_of_the_two_bases_is_the_underpayment(facts):
    allowed = kpi.net_collection_rate(facts, as_of=END, window=MAY)
    contract = kpi.net_collection_rate(facts, as_of=END, window=MAY, basis="contract")
    assert contract.denominator - allowed.denominator == 3000


def test_acceptance_and_rejection_make_one(facts):
    accepted = kpi.first_pass_acceptance(facts, as_of=END, window=MAY)
    rejected = kpi.rejection_rate(facts, as_of=END, window=MAY)
    assert accepted.value + rejected.value == Decimal(100)


def test_roll_up_equals_the_total(facts):
    parts = [
        kpi.denial_rate(facts.only(pl.col("code") == code), as_of=END, window=MAY)
        for code in ("90837", "90834", "90791", "90853", "99214")
    ]
    assert (sum(part.numerator for part in parts), sum(part.denominator for part in parts)) == (2, 10)


def test_what_is_learned_later_changes_nothing(facts):
    families, events = rows()
    late = [
        *events,
        {"family_id": "8", "kind": "denied", "happened_on": day("05-20"), "recorded_on": date(2026, 10, 1)},
    ]
    again = kpi.kpi_frames(families, late)
    assert kpi.denial_rate(again, as_of=END, window=MAY) == kpi.denial_rate(facts, as_of=END, window=MAY)
    assert kpi.denial_rate(again, as_of=date(2026, 10, 1), window=MAY).numerator == 3


def test_test_claims_voids_and_secondaries_are_not_counted(facts):
    families, events = rows()
    extra = [("t", {"test": True}), ("v", {}), ("s", {"sequence": "S"})]
    for name, more in extra:
        families.append(
            {"family_id": name, "date_of_service": day("05-20"), "built_on": day("05-20"), **more}
        )
        events.append({"family_id": name, "kind": "submitted", "happened_on": day("05-20")})
        events.append({"family_id": name, "kind": "rejected", "happened_on": day("05-20")})
    events.append({"family_id": "v", "kind": "voided", "happened_on": day("06-20")})
    found = kpi.first_pass_acceptance(kpi.kpi_frames(families, events), as_of=END, window=MAY)
    assert (found.numerator, found.denominator) == (9, 10)


def test_silence_counts_as_accepted_after_a_week():
    families = [{"family_id": "a", "date_of_service": day("05-20"), "built_on": day("05-20")}]
    events = [{"family_id": "a", "kind": "submitted", "happened_on": day("05-20")}]
    quiet = kpi.kpi_frames(families, events)
    assert kpi.first_pass_acceptance(quiet, as_of=day("05-26"), window=MAY).display == "No cases"
    ripe = kpi.first_pass_acceptance(quiet, as_of=day("05-27"), window=MAY)
    assert (ripe.display, ripe.companions) == ("100.0 %", {"no_ack": 1})


def test_credit_balances_are_apart():
    families = [
        {"family_id": "a", "date_of_service": day("05-20"), "built_on": day("05-20"), "expected_cents": 100}
    ]
    events = [
        {"family_id": "a", "kind": "charge", "happened_on": day("05-20"), "cents": 10000},
        {"family_id": "a", "kind": "insurance_paid", "happened_on": day("05-25"), "cents": 12000},
    ]
    facts = kpi.kpi_frames(families, events)
    assert kpi.credit_balances(facts, as_of=END).numerator == -2000
    assert sum(bucket.numerator for bucket in kpi.receivables_by_age(facts, as_of=END)) == 0
    assert kpi.receivables_over(facts, as_of=END).display == "No cases"


def test_unknown_events_are_refused():
    with pytest.raises(kpi.KpiFactsInvalid):
        kpi.kpi_frames([], [{"family_id": "a", "kind": "forgiven", "happened_on": END}])


def test_no_facts_at_all():
    nothing = kpi.kpi_frames([], [])
    assert kpi.charges(nothing, as_of=END, window=MAY).numerator == 0
    assert kpi.days_in_receivables(nothing, as_of=END).display == "No cases"
    assert kpi.point_of_service_share(nothing, as_of=END, window=MAY).display == "No cases"
