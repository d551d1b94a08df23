"""Claim quality and denials: C1, C2, C3, C4, D1, D3, D4, D5, D6, B1."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from cleanclaim.kpi.facts import KpiFrames, state_of
from cleanclaim.kpi.measure import Measure, Unit, Window, ratio, spread, total

PRIMARY = pl.col("sequence") == "P"


def _ids(frame: pl.DataFrame) -> tuple[str, ...]:
    return tuple(frame.get_column("family_id").to_list())


def _share(
    code: str, name: str, formula: str, some: pl.DataFrame, all_: pl.DataFrame, **more: object
) -> Measure:
    return ratio(
        code,
        name,
        "cohort",
        formula,
        some.height,
        all_.height,
        family_ids=_ids(some),
        denominator_ids=_ids(all_),
        **more,  # type: ignore[arg-type]
    )


def _submitted(facts: KpiFrames, as_of: date, window: Window) -> pl.DataFrame:
    return state_of(facts, as_of).filter(
        PRIMARY & pl.col("submitted_on").is_between(window.starts, window.ends)
    )


def clean_claim_rate(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """C1: families accepted with no human edit and no rejection, of those built in the window."""
    built = state_of(facts, as_of).filter(PRIMARY & pl.col("built_on").is_between(window.starts, window.ends))
    clean = built.filter(pl.col("accepted") & ~pl.col("edited") & ~pl.col("rejected"))
    return _share(
        "C1",
        "Clean claim rate",
        "primary claims accepted with no human edit and no rejection ÷ primary claims built in the period",
        clean,
        built,
    )


def first_pass_acceptance(
    facts: KpiFrames, *, as_of: date, window: Window, maturity_days: int = 7
) -> Measure:
    """C2: families whose first submission was not rejected, of those submitted in the window.

    Silence counts as acceptance after `maturity_days`; until then the family is left out.
    """
    ripe = as_of - timedelta(days=maturity_days)
    sent = _submitted(facts, as_of, window).filter(pl.col("answered") | (pl.col("submitted_on") <= ripe))
    passed = sent.filter(~pl.col("rejected_first"))
    return _share(
        "C2",
        "First-pass acceptance",
        "primary claims whose first submission was not rejected ÷ primary claims submitted in the period",
        passed,
        sent,
        companions={"no_ack": sent.filter(~pl.col("answered")).height},
    )


def rejection_rate(facts: KpiFrames, *, as_of: date, window: Window, maturity_days: int = 7) -> Measure:
    """C3: one minus C2."""
    passed = first_pass_acceptance(facts, as_of=as_of, window=window, maturity_days=maturity_days)
    kept = set(passed.family_ids)
    failed = tuple(family for family in passed.denominator_ids if family not in kept)
    return ratio(
        "C3",
        "Rejection rate",
        "cohort",
        "primary claims whose first submission was rejected ÷ primary claims submitted in the period",
        len(failed),
        passed.denominator,
        family_ids=failed,
        denominator_ids=passed.denominator_ids,
    )


def first_pass_resolution(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """C4: families resolved by the first adjudication of the first submission, of those adjudicated."""
    decided = _submitted(facts, as_of, window).filter(pl.col("adjudicated_on").is_not_null())
    resolved = decided.filter(
        pl.col("denied_on").is_null() & pl.col("reworked_on").is_null() & (pl.col("submissions") == 1)
    )
    return _share(
        "C4",
        "First-pass resolution",
        "primary claims whose first decision left nothing denied and nothing to redo ÷ primary "
        "claims decided",
        resolved,
        decided,
    )


def denial_rate(facts: KpiFrames, *, as_of: date, window: Window, basis: str = "submitted") -> Measure:
    """D1c (basis ``submitted``) or D1a (basis ``adjudicated``): families with a denial.

    Duplicates, rejections, secondary payers and voids are not counted.
    """
    base = _submitted(facts, as_of, window)
    code, what = "D1c", "submitted in the period"
    if basis == "adjudicated":
        base, code, what = base.filter(pl.col("adjudicated_on").is_not_null()), "D1a", "decided"
    denied = base.filter(pl.col("denied_on").is_not_null())
    return _share(code, "Denial rate", f"primary claims with a denial ÷ primary claims {what}", denied, base)


def denial_rate_dollars(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """D1c in dollars: charges of the families with a denial ÷ charges submitted."""
    base = _submitted(facts, as_of, window)
    denied = base.filter(pl.col("denied_on").is_not_null())
    return ratio(
        "D1c$",
        "Denial rate (dollars)",
        "cohort",
        "charges of primary claims with a denial ÷ charges of primary claims submitted in the period",
        total(denied, "charge"),
        total(base, "charge"),
        family_ids=_ids(denied),
        denominator_ids=_ids(base),
    )


def denial_rate_by_category(facts: KpiFrames, category: str, *, as_of: date, window: Window) -> Measure:
    """D6: families denied first for one category ÷ families submitted."""
    base = _submitted(facts, as_of, window)
    denied = base.filter(pl.col("denied_on").is_not_null())
    mine = denied.filter(pl.col("denial_category") == category)
    return _share(
        "D6",
        f"Denial rate: {category.replace('_', ' ')}",
        "primary claims with a denial of this cause ÷ primary claims submitted in the period",
        mine,
        base,
        companions={"all_denials": denied.height},
    )


def denial_write_off_rate(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """D3a on a cohort: expected value of denial write-offs ÷ expected value of the cohort."""
    base = _submitted(facts, as_of, window)
    lost = base.filter(pl.col("denial_written_off") > 0)
    return ratio(
        "D3a",
        "Denial write-offs",
        "cohort",
        "expected value of claims written off for denial ÷ expected value of the claims of the period",
        total(lost, "expected_cents"),
        total(base, "expected_cents"),
        family_ids=_ids(lost),
        denominator_ids=_ids(base),
    )


def _denied(facts: KpiFrames, as_of: date, window: Window) -> pl.DataFrame:
    return state_of(facts, as_of).filter(PRIMARY & pl.col("denied_on").is_between(window.starts, window.ends))


def overturn_rate(facts: KpiFrames, *, as_of: date, window: Window, of: str = "reworked") -> Measure:
    """D4: denied families paid after all, of those appealed or corrected, or (``of="all"``) of all denied.

    A recovery of less than half of the expected value does not count as overturned.
    """
    denied = _denied(facts, as_of, window)
    base = denied.filter(pl.col("reworked_on").is_not_null()) if of == "reworked" else denied
    won = base.filter(pl.col("allowed_after_denial") * 2 >= pl.col("expected_cents").fill_null(1))
    what = "denied claims appealed or corrected" if of == "reworked" else "all denied claims"
    return _share(
        "D4i" if of == "reworked" else "D4ii",
        "Overturn rate",
        f"denied claims later allowed ÷ {what}",
        won,
        base,
    )


def overturn_rate_dollars(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """D4 (iii): recovered expected value ÷ denied expected value."""
    denied = _denied(facts, as_of, window)
    won = denied.filter(pl.col("allowed_after_denial") > 0)
    recovered = won.select(pl.min_horizontal("allowed_after_denial", "expected_cents").sum()).item()
    return ratio(
        "D4iii",
        "Overturn rate (dollars)",
        "cohort",
        "recovered ÷ expected value of the denied claims",
        recovered or 0,
        total(denied, "expected_cents"),
        family_ids=_ids(won),
        denominator_ids=_ids(denied),
    )


def _lag(code: str, name: str, formula: str, frame: pl.DataFrame, start: str, end: str) -> Measure:
    done = frame.filter(pl.col(end).is_not_null())
    days = done.select((pl.col(end) - pl.col(start)).dt.total_days()).to_series().to_list()
    return ratio(
        code,
        name,
        "cohort",
        formula,
        sum(days),
        len(days),
        unit=Unit.DAYS,
        family_ids=_ids(done),
        denominator_ids=_ids(done),
        companions={**spread(days), "open": frame.height - done.height},
    )


def charge_lag(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """B1: days from the service to the first submission; mean, median and p90. Unsent ones are ``open``."""
    base = state_of(facts, as_of).filter(pl.col("date_of_service").is_between(window.starts, window.ends))
    return _lag(
        "B1",
        "Charge lag",
        "days from service to first submission, mean",
        base,
        "date_of_service",
        "submitted_on",
    )


def payment_lag(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """E4: days from first submission to the first insurer's payment. Unpaid ones are ``open``."""
    base = _submitted(facts, as_of, window)
    return _lag(
        "E4",
        "Payment lag",
        "days from first submission to first payment, mean",
        base,
        "submitted_on",
        "first_paid_on",
    )


def denial_to_appeal(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """D5: days from the denial to the appeal."""
    return _lag(
        "D5a",
        "Denial to appeal",
        "days from denial to appeal, mean",
        _denied(facts, as_of, window),
        "denied_on",
        "appealed_on",
    )


def denial_to_resolution(facts: KpiFrames, *, as_of: date, window: Window) -> Measure:
    """D5: days from the denial to its end: allowed after all, or written off."""
    frame = _denied(facts, as_of, window).with_columns(
        pl.coalesce("overturned_on", "written_off_on").alias("ended_on")
    )
    return _lag(
        "D5b", "Denial to resolution", "days from denial to its end, mean", frame, "denied_on", "ended_on"
    )
