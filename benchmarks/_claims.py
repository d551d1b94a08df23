"""Deterministic claims for the benchmarks: a month of many practices, one in twenty with a fault."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise

import polars as pl
from stdnum import luhn

from cleanclaim.claim import (
    Address,
    Claim,
    Clinician,
    Organization,
    PayerKind,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.frames import ClaimFrames, context_frame, schema

TODAY = date(2026, 11, 23)
PAYERS = (
    ("AETNA", "60054", PayerKind.COMMERCIAL, "CI", "W123456789"),
    ("UNITEDHEALTHCARE", "87726", PayerKind.COMMERCIAL, "CI", "912345678"),
    ("MEDICARE", "MEDICARE1", PayerKind.MEDICARE, "MB", "1EG4TE5MK73"),
    ("AMERIHEALTH CARITAS", "77799", PayerKind.MEDICAID, "MC", "0001234567"),
    ("CIGNA", "62308", PayerKind.COMMERCIAL, "CI", "U12345678"),
)
SESSIONS = (("90837", 55, 18000), ("90834", 45, 14000), ("90832", 30, 9500), ("90847", 50, 16000))
DIAGNOSES = ("F41.1", "F33.1", "F43.10", "F90.2", "F32.1", "F34.1")
STATES = ("DE", "GA", "AZ", "NC", "CT", "IL", "OH", "RI", "TN", "TX", "VA", "NH", "FL")
NPIS = tuple(
    stem + luhn.calc_check_digit("80840" + stem) for stem in (str(167957600 + n) for n in range(500))
)


def make_claims(count: int, seed: int = 1) -> list[Claim]:
    """Claims with two or three lines each, in a fixed order."""
    chance = random.Random(seed)
    claims = []
    for number in range(count):
        name, payer_id, kind, filing, member = chance.choice(PAYERS)
        state = chance.choice(STATES)
        home = Address(line1="12 ELM ST", city="DOVER", state=state, postal_code="19901")
        patient = Person(
            last_name="DOE",
            first_name="JANE",
            birth_date=date(1960, 1, 1) + timedelta(days=chance.randrange(20000)),
            sex=chance.choice("FM"),
            address=home,
        )
        first = TODAY - timedelta(days=chance.randrange(3, 60))
        lines = []
        for line in range(1, 3 + (chance.random() < 0.4)):
            code, minutes, charge = chance.choice(SESSIONS)
            lines.append(
                ServiceLine(
                    number=line,
                    control_number=f"B{number}L{line}",
                    code=code,
                    date_of_service=first - timedelta(days=7 * (line - 1)),
                    charge_cents=charge,
                    session_minutes=minutes if chance.random() > 0.02 else 10,
                )
            )
        claims.append(
            Claim(
                claim_number=f"B{number}",
                billing_provider=Organization(
                    name="RIVER COUNSELING LLC",
                    npi="1234567893",
                    tax_id="510123456",
                    taxonomy="261QM0801X",
                    address=Address(
                        line1="100 MAIN ST",
                        city="DOVER",
                        state=state,
                        postal_code="199011234" if chance.random() > 0.01 else "19901",
                    ),
                ),
                payer=PayerParty(name=name, payer_id=payer_id, kind=kind, claim_filing_code=filing),
                subscriber=patient,
                member_id=member,
                patient=patient,
                lines=tuple(lines),
                diagnoses=(chance.choice(DIAGNOSES) if chance.random() > 0.02 else "F33",),
                place_of_service="11",
                total_charge_cents=sum(line.charge_cents for line in lines),
                rendering=Clinician(
                    last_name="LEE",
                    first_name="ANN",
                    npi=chance.choice(NPIS),
                    taxonomy="1041C0700X",
                    credential="LCSW",
                ),
                practice_id=f"p{number % 40}",
                patient_id=f"pt{number % max(count // 8, 1)}",
                encounter_id=f"e{number}",
                state=state,
                modality="in_person",
            )
        )
    return claims


def tiled(frames: ClaimFrames, times: int) -> ClaimFrames:
    """The batch repeated under new row numbers and claim numbers: a large batch without building objects."""
    claims, lines = frames.claims.height, frames.lines.height

    def repeat(frame: pl.DataFrame) -> pl.DataFrame:
        copies = []
        for turn in range(times):
            moved = [pl.col("claim_row") + turn * claims]
            if "line_row" in frame.columns:
                moved.append(pl.col("line_row") + turn * lines)
            if "claim_number" in frame.columns:
                moved.append(pl.col("claim_number") + pl.lit(f"T{turn}"))
            for name in ("encounter_id", "patient_id", "practice_id"):
                if name in frame.columns:
                    moved.append(pl.col(name) + pl.lit(f"T{turn}"))
            copies.append(frame.with_columns(moved))
        return pl.concat(copies).select(frame.columns).cast(dict(frame.schema))

    return ClaimFrames(
        **{
            name: repeat(getattr(frames, name))
            for name in ("claims", "lines", "diagnoses", "other_payers", "other_lines", "adjustments")
        }
    )


def sliced(frames: ClaimFrames, size: int) -> list[ClaimFrames]:
    """The batch in slices of whole claims, each numbered from 0."""
    height = frames.height
    starts = [*range(0, height, size), height]
    return [_between(frames, first, last) for first, last in pairwise(starts)]


def _between(frames: ClaimFrames, first: int, last: int) -> ClaimFrames:
    mine = pl.col("claim_row").is_between(first, last - 1)
    lines = frames.lines.filter(mine)
    line_zero = int(lines.get_column("line_row").min() or 0) if lines.height else 0

    def part(frame: pl.DataFrame) -> pl.DataFrame:
        moved = [pl.col("claim_row") - first]
        if "line_row" in frame.columns:
            moved.append(pl.col("line_row") - line_zero)
        return frame.filter(mine).with_columns(moved).cast(dict(frame.schema))

    return ClaimFrames(
        **{
            name: part(getattr(frames, name))
            for name in ("claims", "lines", "diagnoses", "other_payers", "other_lines", "adjustments")
        }
    )


def known_beside(frames: ClaimFrames) -> dict[str, pl.DataFrame]:
    """What is known beside a batch: a coverage of each patient, and the batch's own lines as history."""
    claims = frames.claims
    coverage = claims.select("patient_id", "payer_id", "payer_kind", "member_id").unique(maintain_order=True)
    coverage = coverage.with_columns(
        sequence=pl.lit("P"),
        starts=pl.lit(date(2020, 1, 1)),
        ends=pl.lit(None, dtype=pl.Date),
        status=pl.lit("active"),
        verified_on=pl.lit(TODAY),
    )
    history = frames.lines.select(
        "claim_row",
        "date_of_service",
        "code",
        "modifiers",
        "units_milli",
        "line_rendering_npi",
        "session_minutes",
    ).join(
        claims.select("claim_row", "practice_id", "patient_id", "claim_number", "encounter_id", "payer_id"),
        on="claim_row",
        maintain_order="left",
    )
    empty = {kind: context_frame(kind, []) for kind in schema.ALL if kind in KNOWN}
    return empty | {"coverage": _shaped("coverage", coverage), "history": _shaped("history", history)}


KNOWN = ("history", "coverage", "authorizations", "consents", "documents", "charges", "enrollments")


def _shaped(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every documented column of its kind, in order."""
    model = context_frame(kind, [])
    return pl.concat(
        [model, frame.select(c for c in model.columns if c in frame.columns)], how="diagonal"
    ).with_columns(
        *(pl.col(name).fill_null("") for name, dtype in model.schema.items() if dtype == pl.String),
        *(pl.col(name).fill_null([]) for name, dtype in model.schema.items() if isinstance(dtype, pl.List)),
    )
