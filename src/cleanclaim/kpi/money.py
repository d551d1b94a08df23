"""Charges, payments and receivables: E1, E2, E3, E5, E6, E8, F1, A5."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from cleanclaim.kpi.facts import KpiFrames, balances_of, state_of
from cleanclaim.kpi.measure import Measure, Unit, Window, amount, ratio, total

BUCKETS: tuple[tuple[str, int, int | None], ...] = (
    ("0-30", 0, 30),
    ("31-60", 31, 60),
    ("61-90", 61, 90),
    ("91-120", 91, 120),
    ("120+", 121, None),
)
"""Label, first and last day of age. The handbook's word for the last is "120+": more than 120 days."""

TRAILING_DAYS = 90


def _ids(frame: pl.DataFrame) -> tuple[str, ...]:
    return tuple(frame.get_column("family_id").to_list())


def _happened(facts: KpiFrames, kinds: tuple[str, ...], as_of: date, window: Window) -> pl.DataFrame:
    """Events of counted families in a window, as known at a day."""
    counted = balances_of(facts, as_of).select("family_id")
    return facts.events.filter(
        pl.col("kind").is_in(kinds)
        & pl.col("happened_on").is_between(window.starts, min(window.ends, as_of))
        & (pl.col("recorded_on") <= as_of)
    ).join(counted, on="family_id", how="semi")


def _families(events: pl.DataFrame) -> tuple[str, ...]:
    return tuple(events.get_column("family_id").unique().sort().to_list())


def charges(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """Charges captured in the window, net of reversals."""
    events = _happened(facts, ("charge",), as_of, window)
    return amount(
        "charges",
        "Charges",
        "activity",
        "charges in the period, less reversals",
        total(events, "cents"),
        _families(events),
    )


def payments(facts: KpiFrames, *, as_of: date, window: Window, of: str = "all") -> Measure:
    """Payments in the window, net of refunds and take-backs; `of` is all, insurance or patient."""
    kinds = {
        "all": ("insurance_paid", "patient_paid"),
        "insurance": ("insurance_paid",),
        "patient": ("patient_paid",),
    }
    events = _happened(facts, kinds[of], as_of, window)
    name = {"all": "Payments", "insurance": "Insurance payments", "patient": "Patient payments"}[of]
    return amount(
        "payments" if of == "all" else f"payments_{of}",
        name,
        "activity",
        "payments in the period, less refunds and take-backs",
        total(events, "cents"),
        _families(events),
    )


def receivables(facts: KpiFrames, *, as_of: date) -> Measure:
    """Open balances at the end of a day, credits subtracted."""
    open_ = balances_of(facts, as_of).filter(pl.col("balance") != 0)
    return amount(
        "ar",
        "Accounts receivable",
        "point in time",
        "charges less payments, adjustments and write-offs, to date",
        total(open_, "balance"),
        _ids(open_),
    )


def receivables_by_age(
    facts: KpiFrames, *, as_of: date, basis: str = "date_of_service"
) -> tuple[Measure, ...]:
    """Open balances by age, one measure a bucket; credits are left out (see `credit_balances`).

    Args:
        basis: ``date_of_service`` or ``submitted_on``. A resubmission never makes a balance younger.
    """
    open_ = _aged(facts, as_of, basis)
    rows = []
    for label, first, last in BUCKETS:
        inside = pl.col("age") >= first if last is None else pl.col("age").is_between(first, last)
        # A balance dated after the day it is read on has no age yet and stands in the first bucket.
        mine = open_.filter(inside | (pl.col("age") < 0) if first == 0 else inside)
        words = f"open balances {label} days after {basis.replace('_', ' ')}; credits left out"
        rows.append(
            amount(
                f"ar_{label}",
                f"A/R {label} days",
                "point in time",
                words,
                total(mine, "balance"),
                _ids(mine),
            )
        )
    return tuple(rows)


def _aged(facts: KpiFrames, as_of: date, basis: str) -> pl.DataFrame:
    start = pl.coalesce(basis, "date_of_service")
    return (
        state_of(facts, as_of)
        .filter(pl.col("balance") > 0)
        .with_columns((pl.lit(as_of) - start).dt.total_days().alias("age"))
    )


def credit_balances(facts: KpiFrames, *, as_of: date) -> Measure:
    """E13: what is owed back to payers and patients."""
    credits = balances_of(facts, as_of).filter(pl.col("balance") < 0)
    return amount(
        "E13",
        "Credit balances",
        "point in time",
        "balances below zero",
        total(credits, "balance"),
        _ids(credits),
    )


def receivables_over(
    facts: KpiFrames, days: int = 90, *, as_of: date, basis: str = "date_of_service"
) -> Measure:
    """E3: share of open balances older than a number of days."""
    open_ = _aged(facts, as_of, basis)
    old = open_.filter(pl.col("age") > days)
    return ratio(
        "E3",
        f"A/R over {days} days",
        "point in time",
        f"open balances more than {days} days after {basis.replace('_', ' ')} ÷ all open balances; "
        f"credits left out",
        total(old, "balance"),
        total(open_, "balance"),
        family_ids=_ids(old),
        denominator_ids=_ids(open_),
    )


def days_in_receivables(facts: KpiFrames, *, as_of: date) -> Measure:
    """E1: receivables less credits ÷ average daily charges of the last 90 days."""
    window = Window(as_of - timedelta(days=TRAILING_DAYS - 1), as_of)
    receivable, charged = receivables(facts, as_of=as_of), charges(facts, as_of=as_of, window=window)
    return ratio(
        "E1",
        "Days in A/R",
        "point in time",
        "(receivables − credits) ÷ (charges of the last 90 days ÷ 90)",
        receivable.numerator,
        charged.numerator,
        unit=Unit.DAYS,
        scale=Decimal(TRAILING_DAYS),
        family_ids=receivable.family_ids,
        denominator_ids=charged.family_ids,
        reason="no_charges_in_window",
    )


def net_days_in_receivables(facts: KpiFrames, *, as_of: date) -> Measure:
    """E2: what can still be collected ÷ average daily expected revenue of the last 90 days."""
    state = state_of(facts, as_of)
    open_ = state.filter(pl.col("balance") != 0).with_columns(
        (pl.col("collectible") - pl.col("insurance_paid") - pl.col("patient_paid")).alias("net")
    )
    starts = as_of - timedelta(days=TRAILING_DAYS - 1)
    recent = state.filter(pl.col("date_of_service").is_between(starts, as_of))
    return ratio(
        "E2",
        "Net days in A/R",
        "point in time",
        "collectible receivables ÷ (expected revenue of the services of the last 90 days ÷ 90)",
        total(open_, "net"),
        total(recent, "expected_cents"),
        unit=Unit.DAYS,
        scale=Decimal(TRAILING_DAYS),
        family_ids=_ids(open_),
        denominator_ids=_ids(recent),
        reason="no_charges_in_window",
    )


def _served(facts: KpiFrames, as_of: date, window: Window) -> pl.DataFrame:
    return state_of(facts, as_of).filter(pl.col("date_of_service").is_between(window.starts, window.ends))


def _paid(frame: pl.DataFrame) -> int:
    return frame.select((pl.col("insurance_paid") + pl.col("patient_paid")).sum()).item() or 0


def gross_collection_rate(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """E5: payments on the services of the window ÷ their charges."""
    base = _served(facts, as_of, window)
    return ratio(
        "E5",
        "Gross collection rate",
        "cohort",
        "payments on the services of the period ÷ their charges",
        _paid(base),
        total(base, "charge"),
        family_ids=_ids(base.filter((pl.col("insurance_paid") != 0) | (pl.col("patient_paid") != 0))),
        denominator_ids=_ids(base),
    )


def net_collection_rate(facts: KpiFrames, *, as_of: date, window: Window, basis: str = "allowed") -> Measure:
    """E6a (basis ``allowed``) or E6b (basis ``contract``): payments ÷ what could be collected.

    Write-offs for denial, lateness, bad debt or small balances never shrink the denominator. Under
    ``allowed`` a decided claim counts its allowed amount, any other its contracted one; families of
    which neither is known are left out and counted in ``unknown``.
    """
    base = _served(facts, as_of, window)
    column = "collectible" if basis == "allowed" else "expected_cents"
    known = base.filter(pl.col(column).is_not_null())
    words = "allowed, or contracted where nothing was allowed" if basis == "allowed" else "contracted"
    return ratio(
        "E6a" if basis == "allowed" else "E6b",
        "Net collection rate",
        "cohort",
        f"payments on the services of the period ÷ their collectible amount ({words})",
        _paid(known),
        total(known, column),
        family_ids=_ids(known.filter((pl.col("insurance_paid") != 0) | (pl.col("patient_paid") != 0))),
        denominator_ids=_ids(known),
        companions={"unknown": base.height - known.height},
    )


def _compared(facts: KpiFrames, as_of: date, window: Window) -> pl.DataFrame:
    short = pl.col("expected_cents") - pl.col("allowed")
    tolerance = pl.max_horizontal(pl.lit(100), pl.col("expected_cents") // 100)
    return (
        _served(facts, as_of, window)
        .filter((pl.col("allowed") > 0) & pl.col("expected_cents").is_not_null())
        .with_columns(pl.when(short > tolerance).then(short).otherwise(0).alias("short"))
    )


def underpayment_rate(facts: KpiFrames, *, as_of: date, window: Window, dollars: bool = False) -> Measure:
    """E8: decided claims allowed less than the contract by more than the greater of $1.00 and 1 %."""
    base = _compared(facts, as_of, window)
    short = base.filter(pl.col("short") > 0)
    if dollars:
        return ratio(
            "E8$",
            "Underpayment rate (dollars)",
            "cohort",
            "shortfall against the contract ÷ contracted amount of the claims allowed and matched",
            total(short, "short"),
            total(base, "expected_cents"),
            family_ids=_ids(short),
            denominator_ids=_ids(base),
        )
    return ratio(
        "E8",
        "Underpayment rate",
        "cohort",
        "claims allowed less than the contract ÷ claims allowed and matched",
        short.height,
        base.height,
        family_ids=_ids(short),
        denominator_ids=_ids(base),
    )


def patient_collection_rate(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """F1: patient payments ÷ patient responsibility assigned, for the services of the window."""
    base = _served(facts, as_of, window).filter(pl.col("assigned") > 0)
    return ratio(
        "F1",
        "Patient collection rate",
        "cohort",
        "patient payments ÷ patient responsibility assigned",
        total(base, "patient_paid"),
        total(base, "assigned"),
        family_ids=_ids(base.filter(pl.col("patient_paid") != 0)),
        denominator_ids=_ids(base),
    )


def point_of_service_share(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """A5: patient payments made on or before the day of service ÷ all patient payments of the window."""
    events = _happened(facts, ("patient_paid",), as_of, window).join(
        facts.families.select("family_id", "date_of_service"), on="family_id"
    )
    early = events.filter(pl.col("happened_on") <= pl.col("date_of_service"))
    return ratio(
        "A5",
        "Point-of-service share",
        "activity",
        "patient payments by the day of the visit ÷ all patient payments",
        total(early, "cents"),
        total(events, "cents"),
        family_ids=_families(early),
        denominator_ids=_families(events),
    )
