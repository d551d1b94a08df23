"""Code lists as frames, in the shape that edits join with.

Each frame is read once per process. The lists themselves, their sources and dates are data of
``cleanclaim_data/codesets``; nothing here adds a fact.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from datetime import date
from functools import cache
from typing import Any, TypeVar

import polars as pl

from cleanclaim.codesets import icd10cm
from cleanclaim.codesets.diagnoses import excludes1
from cleanclaim_data import loader

Read = TypeVar("Read", bound=Callable[..., Any])

_MANY = 500
_OPEN_START, _OPEN_END = date(1900, 1, 1), date(9999, 12, 31)


def _kept(read: Read) -> Read:
    """Read once, and again after an agency loaded newer tables."""
    kept = cache(read)
    loader.when_overlaid(kept.cache_clear)
    return kept  # type: ignore[return-value]


@_kept
def _table(name: str) -> pl.DataFrame:
    table = pl.read_csv(io.BytesIO(loader.read_bytes(f"codesets/{name}.csv")), infer_schema=False)
    return table.fill_null("")


def _day(column: str, empty: date | None) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False).fill_null(empty)


@_kept
def codes() -> pl.DataFrame:
    """Behavioral-health procedure codes, one row each.

    Columns: code, family, code_kind (standalone, base, addon), time_rule, min_minutes, max_minutes,
    unit_minutes, code_starts, code_ends, telehealth_medicare, telehealth_from (first day on
    Medicare's list), medicare_status, age_min, age_max, code_known (true).
    A code outside this list is simply not known here; that is no fault of the claim.
    """
    listed = _table("telehealth_list").select(
        "code", _day("listed_from", _OPEN_START).alias("telehealth_from")
    )
    procedures = _table("procedures").join(listed, on="code", how="left", maintain_order="left")
    return procedures.select(
        "code",
        "family",
        pl.col("kind").alias("code_kind"),
        "time_rule",
        pl.col("min_minutes").cast(pl.Int32, strict=False),
        pl.col("max_minutes").cast(pl.Int32, strict=False),
        pl.col("unit_minutes").cast(pl.Int32, strict=False),
        _day("effective_from", _OPEN_START).alias("code_starts"),
        _day("effective_to", _OPEN_END).alias("code_ends"),
        "telehealth_medicare",
        pl.col("telehealth_from").fill_null(_OPEN_START),
        pl.col("medicare_status_2026").alias("medicare_status"),
        pl.col("age_min").cast(pl.Int32, strict=False),
        pl.col("age_max").cast(pl.Int32, strict=False),
        pl.lit(True).alias("code_known"),
    )


@_kept
def addon_pairs() -> pl.DataFrame:
    """Add-on codes and the codes they may ride on: addon, base, pair_starts, pair_ends."""
    return _table("addon_pairs").select(
        "addon",
        "base",
        _day("effective_from", _OPEN_START).alias("pair_starts"),
        _day("effective_to", _OPEN_END).alias("pair_ends"),
    )


@_kept
def addon_codes() -> frozenset[str]:
    """Codes that are never billed alone."""
    return frozenset(addon_pairs().get_column("addon").to_list())


@_kept
def group_codes() -> tuple[str, ...]:
    """Codes of one session with many patients."""
    return tuple(codes().filter(pl.col("family") == "group").get_column("code").sort().to_list())


@_kept
def code_pairs() -> pl.DataFrame:
    """NCCI procedure-to-procedure pairs: column1, column2, modifier_indicator, pair_ends.

    The public copy gives no start dates: a pair counts from the quarter it was read (2024-07-01).
    """
    return _table("ptp_edits").select(
        "column1",
        "column2",
        "modifier_indicator",
        _day("active_as_of", _OPEN_START).alias("pair_starts"),
        _day("effective_to", _OPEN_END).alias("pair_ends"),
    )


@_kept
def unit_limits() -> pl.DataFrame:
    """NCCI medically unlikely units of a day: code, mue, mai, limit_starts, limit_ends."""
    return _table("mue").select(
        "code",
        pl.col("mue").cast(pl.Int64),
        "mai",
        _day("effective_from", _OPEN_START).alias("limit_starts"),
        _day("effective_to", _OPEN_END).alias("limit_ends"),
    )


@_kept
def diagnoses() -> pl.DataFrame:
    """The whole ICD-10-CM: diagnosis, billable, listed_from, listed_to, listed_through.

    One row per code and period: `listed_from` is the first loaded release that has the code, `listed_to` the
    last day when a later release dropped it, `listed_through` the last day that any release speaks for.
    """
    table = pl.read_csv(
        io.BytesIO(loader.read_gzip_text(icd10cm.FILE).encode()),
        separator="\t",
        quote_char=None,
        infer_schema=False,
    ).fill_null("")
    through = next(
        (
            row["good_through"]
            for row in loader.read_csv("codesets/versions.csv")
            if row["table"] == icd10cm.TABLE
        ),
        "",
    )
    return table.select(
        pl.col("code").alias("diagnosis"),
        (pl.col("billable") == "1").alias("billable"),
        _day("effective_from", _OPEN_START).alias("listed_from"),
        _day("effective_to", _OPEN_END).alias("listed_to"),
        pl.lit(date.fromisoformat(through) if through else _OPEN_END).alias("listed_through"),
    )


@_kept
def _diagnosis_rows() -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, code in enumerate(diagnoses().get_column("diagnosis").to_list()):
        rows.setdefault(code, []).append(row)
    return rows


def some_diagnoses(codes: Collection[str]) -> pl.DataFrame:
    """The rows of `diagnoses` that speak of these codes, in its order."""
    if len(codes) > _MANY:
        return diagnoses().filter(pl.col("diagnosis").is_in(sorted(codes)))
    known = _diagnosis_rows()
    return diagnoses()[sorted(row for code in codes for row in known.get(code, ()))]


@_kept
def diagnoses_span() -> tuple[date, date]:
    """First day of the earliest loaded release, and last day that any release speaks for."""
    listed = diagnoses()
    return listed.get_column("listed_from").min(), listed.get_column("listed_through").max()  # type: ignore[return-value]


@_kept
def member_numbers() -> pl.DataFrame:
    """Shapes of Medicaid programmes' numbers that their agencies publish: state, pattern, in_words, source.

    A state that is not in it is simply not judged.
    """
    return _table("member_numbers")


@_kept
def places() -> frozenset[str]:
    """Place-of-service codes."""
    return frozenset(_table("places_of_service")["pos"].to_list())


@_kept
def modifiers() -> frozenset[str]:
    """Modifiers that the behavioral-health list knows."""
    return frozenset(_table("modifiers")["modifier"].to_list())


@_kept
def excludes_one(one: str, other: str) -> bool:
    """Whether the tabular list forbids two diagnoses together (note type 1 of either, or of a parent).

    R45.851 (suicidal ideation) beside a mental disorder is not raised: the symptom note of that
    chapter speaks of symptoms that belong to the disorder.

    Examples:
        >>> excludes_one("F32.1", "F33.1"), excludes_one("F43.21", "F32.1")
        (True, False)
    """
    if "R45.851" in (one, other):
        return False
    return excludes1(one, other) is not None
