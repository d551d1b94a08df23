"""Facts from columns, and balances read by the short way."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanclaim import kpi

START = date(2026, 5, 1)
MONEY = ("charge", "contractual", "insurance_paid", "patient_paid", "patient_assigned", "written_off")


def family(key, built=0, test=False):
    day = START + timedelta(days=built)
    return {"family_id": key, "test": test, "date_of_service": day, "built_on": day}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=6),
    st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from([*MONEY, "submitted", "voided"]), st.integers(0, 12),
                  st.integers(0, 5), st.integers(-900, 900)),
        max_size=40,
    ),
    st.integers(0, 16),
)  # fmt: skip
def test_the_short_way_to_a_balance_is_the_long_way(families, events, until):
    facts = kpi.kpi_frames(
        [family(str(key), *one) for key, one in enumerate(families)],
        [
            {
                "family_id": str(key), "kind": kind, "cents": cents,
                "happened_on": START + timedelta(days=on), "recorded_on": START + timedelta(days=on + late),
            }
            for key, kind, on, late, cents in events
        ],
    )  # fmt: skip
    as_of = START + timedelta(days=until)
    short = kpi.balances_of(facts, as_of)
    assert short.equals(kpi.state_of(facts, as_of).select("family_id", "balance"))


def columns(**more):
    return pl.DataFrame({"family_id": ["a"], "kind": ["charge"], "happened_on": [START], **more})


def test_columns_and_rows_make_the_same_facts():
    families = [family("a")]
    rows = kpi.kpi_frames(
        families,
        [
            {"family_id": "a", "kind": "charge", "happened_on": START, "cents": 5},
            {"family_id": "a", "kind": "submitted", "happened_on": START},
        ],
    )
    built = kpi.frames_of(
        pl.DataFrame(families).drop("test").with_columns(expected_cents=pl.lit(None, pl.Int64)),
        [columns(cents=[5]), columns().with_columns(kind=pl.lit("submitted"))],
    )
    assert built.events.equals(rows.events) and built.families.equals(rows.families)


@pytest.mark.parametrize(
    "part",
    [
        columns(kind=["forgiven"]),
        columns(colour=["blue"]),
        columns(cents=["5"]),
        columns().drop("happened_on"),
    ],
    ids=["kind", "column", "type", "missing"],
)
def test_events_that_do_not_fit_are_refused(part):
    with pytest.raises(kpi.KpiFactsInvalid):
        kpi.frames_of(pl.DataFrame([family("a")]).with_columns(expected_cents=pl.lit(None, pl.Int64)), [part])
