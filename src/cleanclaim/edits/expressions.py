"""Expressions and joins that several edits share, over the prepared claims and lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from cleanclaim.edits import tables

if TYPE_CHECKING:
    from cleanclaim.edits.prepare import Prepared

MEDICARE = pl.col("payer_kind") == "medicare"
MEDICAID = pl.col("payer_kind") == "medicaid"
NOT_VOID = pl.col("frequency") != "8"
# Work of a month or a device is no visit: how a contact was held changes neither place nor modifiers.
IS_VISIT = ~pl.col("family").is_in(
    ["cocm", "bhi", "apcm", "apcm_bh", "navigation", "dmht", "telephone"]
).fill_null(False)
REMOTE = pl.col("modality").is_in(["video", "audio"]) & IS_VISIT
AUDIO = (pl.col("modality") == "audio") & IS_VISIT
TELEHEALTH_PLACE = pl.col("line_place").is_in(["02", "10"])
PSYCHOTHERAPY = pl.col("family").is_in(["psychotherapy_individual", "psychotherapy_with_em"])
SESSION_FAMILIES = pl.col("family").is_in(
    ["psychotherapy_individual", "psychotherapy_with_em", "diagnostic_eval", "family", "group", "crisis"]
) & ~pl.col("time_rule").is_in(["per_hour", "per_diem"])
VISITS = ("em_office", "em_home", "em_telemed", "em_consult", "em_hospital", "em_nursing")
OFFICE_VISIT = pl.col("family").is_in(VISITS)
TIMED_FAMILIES = (
    (PSYCHOTHERAPY | pl.col("family").is_in(["family", "crisis"]))
    & pl.col("time_rule").is_in(["range", "threshold", "first_block", "addon_block_after_74"])
    & pl.col("min_minutes").is_not_null()
)
NO_LINE = pl.lit(None, dtype=pl.Int32).alias("line_number")

NOT_INDEPENDENT = ("LMSW", "LPC-associate", "LMFT-associate", "LAPC", "LAMFT", "intern", "resident")
"""Licence levels that practise under a supervisor."""
THERAPISTS = ("PhD", "PsyD", "LCSW", "LMFT", "LPC", *NOT_INDEPENDENT)
"""Licence levels that may not report evaluation and management."""


def blank(column: str) -> pl.Expr:
    """True where a text is absent or only blanks."""
    return pl.col(column).str.strip_chars() == ""


def mismatch(column: str, pattern: str) -> pl.Expr:
    """True where a text is present and does not match the whole pattern."""
    return ~blank(column) & ~pl.col(column).str.contains(rf"^(?:{pattern})$")


def has_modifier(*modifiers: str) -> pl.Expr:
    """True where the line carries one of the modifiers."""
    return pl.any_horizontal([pl.col("modifiers").list.contains(modifier) for modifier in modifiers])


def count_of(modifiers: Iterable[str]) -> pl.Expr:
    """How many different modifiers of a set the line carries."""
    return pl.sum_horizontal(
        [pl.col("modifiers").list.contains(modifier).cast(pl.Int32) for modifier in modifiers]
    )


def fact(column: str) -> dict[str, pl.Expr]:
    """A fact of the same name as its column."""
    return {column: pl.col(column)}


def facts(*columns: str) -> dict[str, pl.Expr]:
    """Facts of the same names as their columns."""
    return {column: pl.col(column) for column in columns}


def known_place() -> pl.Expr:
    """True where the place of service is in the code set."""
    return pl.col("line_place").is_in(sorted(tables.places()))


def forbidden_pairs(prepared: Prepared, modifier_indicator: str) -> pl.LazyFrame:
    """Lines whose code is column 2 of an NCCI pair with another line of the claim, day and clinician.

    Columns: claim_row, line_number, code, other_code, date_of_service, edits_as_of, separated (a modifier
    on either line says that the services were separate; Medicare reads it on both since 2019-07-01).
    """
    separating = has_modifier("59", "XE", "XP", "XS", "XU", "25", "24", "57", "58", "78", "79", "27", "91")
    lines = prepared.lines.lazy().filter(MEDICARE & NOT_VOID)
    keys = ["claim_row", "date_of_service", "line_rendering_npi"]
    one = lines.select(*keys, pl.col("code").alias("column1"), separating.alias("separated_1"))
    two = lines.select(*keys, "line_number", pl.col("code").alias("column2"), separating.alias("separated_2"))
    pairs = tables.code_pairs().lazy().filter(pl.col("modifier_indicator") == modifier_indicator)
    return (
        two.join(one, on=keys)
        .join(pairs, on=["column1", "column2"])
        .filter(pl.col("date_of_service").is_between("pair_starts", "pair_ends"))
        .group_by("claim_row", "line_number", "column1", "column2", "date_of_service", "pair_starts")
        .agg((pl.col("separated_1") | pl.col("separated_2")).any().alias("separated"))
        .rename({"column2": "code", "column1": "other_code", "pair_starts": "edits_as_of"})
        .sort("claim_row", "line_number", "other_code")
    )


def lines_with_coverage(prepared: Prepared) -> pl.LazyFrame:
    """Lines joined with the patient's coverages by the claim's payer, with ``in_force``.

    A line without any such coverage is absent: see `claims_without_coverage`.
    """
    coverage = prepared.coverage.lazy().select(
        "patient_id",
        "payer_id",
        "starts",
        "ends",
        "status",
        "status_on",
        "verified_on",
        "authorization_codes",
    )
    day = pl.col("date_of_service")
    return (
        prepared.lines.lazy()
        .filter((pl.col("patient_id") != "") & NOT_VOID)
        .join(coverage, on=["patient_id", "payer_id"], maintain_order="left_right")
        .with_columns(
            (
                (pl.col("starts").is_null() | (pl.col("starts") <= day))
                & (pl.col("ends").is_null() | (pl.col("ends") >= day))
            ).alias("in_force")
        )
    )


def lines_where_payer_said(prepared: Prepared, status: str) -> pl.LazyFrame | None:
    """Lines of whose coverage the payer last said this, for their day or an earlier one.

    Where a patient has several policies with the payer, all of them have this answer. Columns: claim_row,
    line_number, date_of_service, verified_on.
    """
    if status not in prepared.coverage_answers:
        return None
    about = pl.col("status_on").is_null() | (pl.col("status_on") <= pl.col("date_of_service"))
    return (
        prepared.lines_with_coverage.lazy()
        .filter("in_force")
        .group_by("claim_row", "line_number", "date_of_service", maintain_order=True)
        .agg(((pl.col("status") == status) & about).all().alias("said"), pl.col("verified_on").max())
        .filter("said")
        .select("claim_row", "line_number", "date_of_service", "verified_on")
    )


def claims_not_enrolled(prepared: Prepared, role: str) -> pl.LazyFrame | None:
    """Claims to payers of which enrollments of a role are kept, while the billing NPI has none today."""
    known = prepared.enrollments.lazy().filter(pl.col("role") == role)
    if not prepared.enrollments.height or role not in prepared.enrollment_roles:
        return None
    today = pl.lit(prepared.today)
    in_force = known.filter(
        (pl.col("starts").is_null() | (pl.col("starts") <= today))
        & (pl.col("ends").is_null() | (pl.col("ends") >= today))
    )
    return (
        prepared.claims.lazy()
        .filter((pl.col("frequency") != "8") & (pl.col("billing_npi") != ""))
        .join(known.select("payer_id").unique(), on="payer_id", how="semi", maintain_order="left")
        .join(
            in_force,
            left_on=["billing_npi", "payer_id"],
            right_on=["npi", "payer_id"],
            how="anti",
            maintain_order="left",
        )
        .select("claim_row", NO_LINE, "billing_npi", "payer_id")
    )


def claims_without_coverage(prepared: Prepared) -> pl.LazyFrame:
    """Claims whose patient has no coverage by the claim's payer on file."""
    return prepared.claim_keys.lazy().join(
        prepared.coverage.lazy().filter(pl.col("patient_id") != ""), on=["patient_id", "payer_id"], how="anti"
    )


def lines_with_authorization(prepared: Prepared) -> pl.LazyFrame:
    """Lines joined with the authorization that their claim names."""
    return (
        prepared.lines.lazy()
        .filter(pl.col("authorization_number") != "")
        .join(
            prepared.authorizations.lazy(),
            on=["patient_id", "payer_id", "authorization_number"],
            maintain_order="left_right",
        )
    )
