"""Claims as columns: the documented columns always, amounts in cents, one row where one belongs."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from msgspec.structs import replace

from cleanclaim.claim import (
    Adjustment,
    Claim,
    Clinician,
    Organization,
    OtherPayer,
    OtherPayerLine,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.frames import context_frame, frames_from_claims, polars_schema
from cleanclaim.frames.schema import ALL

DOS = date(2026, 11, 2)
LINE = ServiceLine(
    number=1,
    control_number="A1L1",
    code="90837",
    date_of_service=DOS,
    charge_cents=15000,
    modifiers=("95", "HO"),
)
CLAIM = Claim(
    claim_number="A1",
    billing_provider=Organization(name="RIVER"),
    payer=PayerParty(name="P", payer_id="1"),
    subscriber=Person(last_name="DOE"),
    member_id="M",
    patient=Person(last_name="DOE"),
    lines=(
        LINE,
        replace(LINE, number=2, control_number="A1L2", charge_cents=5000, modifiers=(), units="1.5"),
    ),
    diagnoses=("F41.1", "F32.1"),
    place_of_service="11",
    total_charge_cents=20000,
)
FRAMES = ("claims", "lines", "diagnoses", "other_payers", "other_lines", "adjustments")


@pytest.mark.parametrize("claims", [[], [CLAIM], [CLAIM] * 3], ids=["none", "one", "three"])
@pytest.mark.parametrize("name", FRAMES)
def test_columns_are_those_of_the_schema(claims, name):
    assert dict(getattr(frames_from_claims(claims), name).schema) == polars_schema(ALL[name])


def test_rows_and_keys():
    frames = frames_from_claims(
        [CLAIM, replace(CLAIM, claim_number="A2", lines=(LINE,), diagnoses=("F33.1",))]
    )
    assert frames.height == 2
    assert frames.claims.select("claim_row", "claim_number", "line_count", "line_charge_cents").rows() == [
        (0, "A1", 2, 20000),
        (1, "A2", 1, 15000),
    ]
    assert frames.lines.select(
        "claim_row", "line_row", "line_number", "charge_cents", "units_milli"
    ).rows() == [
        (0, 0, 1, 15000, 1000),
        (0, 1, 2, 5000, 1500),
        (1, 2, 1, 15000, 1000),
    ]
    assert frames.lines["modifiers"].to_list() == [["95", "HO"], [], ["95", "HO"]]
    assert frames.diagnoses.rows() == [(0, 1, "F41.1"), (0, 2, "F32.1"), (1, 1, "F33.1")]


RENDERED = [  # claim's, line's, billing is a person, NPI on the line, why
    (Clinician("LEE", npi="1"), None, False, "1", "the claim's"),
    (Clinician("LEE", npi="1"), Clinician("FOX", npi="2"), False, "2", "the line's own"),
    (None, None, True, "9", "a billing person"),
    (None, None, False, "", "nobody"),
]


@pytest.mark.parametrize(("on_claim", "on_line", "person", "npi", "why"), RENDERED)
def test_who_rendered(on_claim, on_line, person, npi, why):
    claim = replace(
        CLAIM,
        billing_provider=Organization(name="R", npi="9", is_person=person),
        rendering=on_claim,
        lines=(replace(LINE, rendering=on_line),),
    )
    assert frames_from_claims([claim]).lines["line_rendering_npi"].to_list() == [npi], why


def test_earlier_payers():
    answer = OtherPayerLine(
        payer_id="60054", paid_cents=9000, code="90837", adjudicated_on=date(2026, 11, 15),
        adjustments=(Adjustment("CO", "45", 4000), Adjustment("PR", "2", 2000)),
    )  # fmt: skip
    other = OtherPayer(
        payer=PayerParty(name="AETNA", payer_id="60054"), sequence="P", subscriber=Person(last_name="DOE"),
        member_id="W1", paid_cents=9000, adjustments=(Adjustment("OA", "23", 100),),
    )  # fmt: skip
    silent = replace(
        other, payer=PayerParty(name="X", payer_id="7"), sequence="T", paid_cents=None, adjustments=()
    )
    claim = replace(
        CLAIM, sequence="S", lines=(replace(LINE, other_payers=(answer,)),), other_payers=(other, silent)
    )
    frames = frames_from_claims([claim])
    columns = ("other_payer_id", "other_paid_cents", "other_adjudicated_on", "other_line_count")
    assert frames.other_payers.select(columns).rows() == [
        ("60054", 9000, date(2026, 11, 15), 1),
        ("7", None, None, 0),
    ]
    assert frames.other_lines.select(
        "line_number", "other_line_paid_cents", "other_line_adjusted_cents"
    ).rows() == [(1, 9000, 6000)]
    assert frames.adjustments.select(
        "line_row", "adjustment_group", "adjustment_reason", "adjustment_cents"
    ).rows() == [
        (None, "OA", "23", 100),
        (0, "CO", "45", 4000),
        (0, "PR", "2", 2000),
    ]


def test_context_rows_fill_what_is_missing():
    frame = context_frame("history", [{"patient_id": "p", "date_of_service": DOS}])
    assert dict(frame.schema) == polars_schema(ALL["history"])
    row = frame.row(0, named=True)
    assert (row["claim_number"], row["modifiers"], row["start_minute"]) == ("", [], None)
    assert context_frame("coverage", []).height == 0


def test_context_rows_with_unknown_columns_are_refused():
    with pytest.raises(KeyError, match="no column colour"):
        context_frame("coverage", [{"colour": "red"}])
    with pytest.raises(KeyError):
        context_frame("weather", [])


def test_every_column_is_explained():
    for name, columns in ALL.items():
        assert len({column.name for column in columns}) == len(columns), name
        assert all(column.meaning for column in columns), name
        assert not any(isinstance(column.dtype, pl.Float64) for column in columns), name
