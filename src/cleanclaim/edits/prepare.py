"""One preparation for all edits: what several of them need is computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl
from stdnum import luhn
from stdnum.us import ein

from cleanclaim.edits import by_rule, expressions, filing, tables
from cleanclaim.frames import ClaimFrames

if TYPE_CHECKING:
    from cleanclaim.rules import RuleBook

CLAIM_COLUMNS_ON_LINES = (
    "claim_row", "claim_number", "practice_id", "patient_id", "encounter_id", "payer_id", "payer_kind",
    "claim_filing_code", "frequency", "sequence", "modality", "state", "patient_birth_date",
    "authorization_number", "diagnosis_count", "billing_is_person", "today", "program", "bill_type",
    "statement_from", "statement_to", "conditions",
)  # fmt: skip
_NPI_COLUMNS = (
    "billing_npi",
    "facility_npi",
    "rendering_npi",
    "supervising_npi",
    "referring_npi",
    "attending_npi",
)


@lru_cache(maxsize=65536)
def npi_is_valid(npi: str) -> bool:
    """Ten digits whose last is the check digit (Luhn over the number with 80840 in front).

    Examples:
        >>> npi_is_valid("1234567893"), npi_is_valid("1234567890"), npi_is_valid("")
        (True, False, False)
    """
    return (
        len(npi) == 10
        and npi.isascii()
        and npi.isdecimal()
        and npi[0] in "12"
        and luhn.is_valid("80840" + npi)
    )


@lru_cache(maxsize=65536)
def ein_prefix_is_known(tax_id: str) -> bool:
    """Whether the first two digits are ones that the IRS assigns."""
    return ein.is_valid(tax_id)


_FEW = 64


def distinct(values: pl.Series) -> frozenset[Any]:
    """Distinct values; few rows are looked at plainly, for asking the engine would cost more."""
    return frozenset((values if len(values) <= _FEW else values.unique()).to_list())


def _judge(frame: pl.DataFrame, column: str, test: Callable[[str], bool], name: str) -> pl.Expr:
    """Apply a text test once per distinct value."""
    values = distinct(frame.get_column(column))
    good = sorted(value for value in values if test(value))
    if len(good) in (0, len(values)):
        return pl.lit(bool(good)).alias(name)
    return pl.col(column).is_in(good).alias(name)


@dataclass(frozen=True)
class Prepared:
    """What edits read. Lazy members are views on frames that are already in memory.

    Attributes:
        claims: The claims frame with ``today`` and ``<npi column>_ok``, ``tax_id_known``.
        lines: The lines frame with the claim's columns of `CLAIM_COLUMNS_ON_LINES`, ``npi_ok`` and the
            columns of `tables.codes` (null for a code outside the list).
        context: The frames that were given: history, coverage, authorizations, consents, documents, charges,
            enrollments.
    """

    frames: ClaimFrames
    claims: pl.DataFrame
    lines: pl.DataFrame
    today: date
    rules: RuleBook
    context: dict[str, pl.DataFrame]

    @property
    def history(self) -> pl.DataFrame:
        """See `schema.HISTORY`. Only for edits that need it, or after asking ``"history" in context``."""
        return self.context["history"]

    @property
    def coverage(self) -> pl.DataFrame:
        """See `schema.COVERAGE`."""
        return self.context["coverage"]

    @property
    def authorizations(self) -> pl.DataFrame:
        """See `schema.AUTHORIZATIONS`."""
        return self.context["authorizations"]

    @property
    def consents(self) -> pl.DataFrame:
        """See `schema.CONSENTS`."""
        return self.context["consents"]

    @property
    def documents(self) -> pl.DataFrame:
        """See `schema.DOCUMENTS`."""
        return self.context["documents"]

    @property
    def charges(self) -> pl.DataFrame:
        """See `schema.CHARGES`."""
        return self.context["charges"]

    @property
    def enrollments(self) -> pl.DataFrame:
        """See `schema.ENROLLMENTS`."""
        return self.context["enrollments"]

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Kinds of payer in the batch."""
        return distinct(self.claims.get_column("payer_kind"))

    @cached_property
    def coverage_answers(self) -> frozenset[str]:
        """What payers last said of the batch's coverages."""
        return distinct(self.coverage.get_column("status"))

    @cached_property
    def enrollment_roles(self) -> frozenset[str]:
        """Roles of which enrollments are kept."""
        return distinct(self.enrollments.get_column("role"))

    @cached_property
    def states(self) -> frozenset[str]:
        """States whose rules govern claims of the batch."""
        return distinct(self.claims.get_column("state"))

    @cached_property
    def traits(self) -> frozenset[str]:
        """What the batch holds, in the words of `Edit.only`.

        A kind of payer (medicare, medicaid, …); ``remote``: a claim of a video or audio contact;
        ``modifiers``: a line with a modifier.
        """
        remote = distinct(self.claims.get_column("modality")) & {"video", "audio"}
        modified = bool((self.lines.get_column("modifiers").list.len() > 0).any())
        words = [*self.kinds, *(["remote"] if remote else []), *(["modifiers"] if modified else [])]
        return frozenset(words)

    @cached_property
    def codes(self) -> frozenset[str]:
        """Distinct procedure codes of the batch: lets an edit see at a glance that nothing concerns it."""
        return distinct(self.lines.get_column("code"))

    @cached_property
    def past_codes(self) -> frozenset[str]:
        """Distinct procedure codes of the history; empty when none was given."""
        return distinct(self.history.get_column("code")) if "history" in self.context else frozenset()

    @cached_property
    def diagnosis_codes(self) -> frozenset[str]:
        """Distinct diagnoses of the batch."""
        return distinct(self.frames.diagnoses.get_column("diagnosis"))

    @cached_property
    def has_void(self) -> bool:
        """Whether any claim takes one back."""
        return "8" in distinct(self.claims.get_column("frequency"))

    @cached_property
    def families(self) -> frozenset[str]:
        """Distinct code families of the batch."""
        return distinct(self.lines.get_column("family")) - {None}

    @cached_property
    def has_authorization(self) -> bool:
        """Whether any claim names an authorization."""
        return bool(distinct(self.claims.get_column("authorization_number")) - {""})

    @cached_property
    def has_other_payer(self) -> bool:
        """Whether any claim names another coverage."""
        return self.frames.other_payers.height > 0

    @cached_property
    def has_later_payer(self) -> bool:
        """Whether any claim goes to a second or later payer."""
        return bool(distinct(self.claims.get_column("sequence")) - {"P"})

    @cached_property
    def has_earlier_lines(self) -> bool:
        """Whether any claim of the batch may meet a line of another claim in the history.

        Two claims of one batch may meet each other there, so only a single claim's own lines are passed over.
        """
        own = distinct(self.claims.get_column("claim_number"))
        passed_over = {"", *own} if len(own) == 1 else {""}
        return bool(distinct(self.history.get_column("claim_number")) - passed_over)

    @cached_property
    def claim_kinds(self) -> frozenset[str]:
        """Which kinds of claim the batch holds: professional, institutional."""
        bills = distinct(self.claims.get_column("bill_type"))
        return frozenset("institutional" if bill else "professional" for bill in bills)

    @cached_property
    def has_timed_sessions(self) -> bool:
        """Whether the history knows when sessions began and ended."""
        return self.history.get_column("start_minute").null_count() < self.history.height

    @cached_property
    def lines_with_coverage(self) -> pl.DataFrame:
        """See `expressions.lines_with_coverage`: four edits read it."""
        return expressions.lines_with_coverage(self).collect()

    @cached_property
    def has_several_lines(self) -> bool:
        """Whether any claim has more than one line."""
        return self.lines.height > self.claims.height or any(
            count > 1 for count in distinct(self.claims.get_column("line_count"))
        )

    @cached_property
    def claim_keys(self) -> pl.DataFrame:
        """A few claim columns to join other frames with."""
        return self.claims.select(*CLAIM_COLUMNS_ON_LINES, "first_service_on", "last_service_on")

    @cached_property
    def filing_days(self) -> pl.DataFrame:
        """See `filing.filing_days`: two edits read it."""
        return filing.filing_days(self)

    @cached_property
    def telehealth_coding(self) -> pl.DataFrame:
        """See `by_rule.telehealth_coding`: two edits read it."""
        return by_rule.telehealth_coding(self)

    @cached_property
    def diagnoses(self) -> pl.DataFrame:
        """Diagnoses with the claim's dates of service and what the code list says of them on that day.

        ``releases_from`` and ``releases_through`` are the days between which any loaded release speaks.
        """
        listed = tables.some_diagnoses(self.diagnosis_codes)
        starts, through = tables.diagnoses_span()
        joined = self.frames.diagnoses.join(
            self.claims.select("claim_row", "first_service_on", "last_service_on", "payer_kind"),
            on="claim_row",
            how="left",
            maintain_order="left",
        ).join(listed, on="diagnosis", how="left", maintain_order="left")
        joined = joined.with_columns(
            pl.lit(starts).alias("releases_from"), pl.lit(through).alias("releases_through")
        )
        if joined.height == self.frames.diagnoses.height:
            return joined
        # A code that was a heading once has two rows: the one of the day of service counts.
        holds = pl.col("last_service_on").is_between("listed_from", "listed_to").fill_null(False)
        return (
            joined.with_row_index("row")
            .with_columns(holds.alias("holds"))
            .sort("claim_row", "diagnosis_number", "holds", "row", descending=[False, False, True, False])
            .unique(subset=["claim_row", "diagnosis_number"], keep="first", maintain_order=True)
            .drop("row", "holds")
        )


def _with_program(claims: pl.DataFrame, coverage: pl.DataFrame | None) -> pl.DataFrame:
    """The claims with ``program``: what the coverage on file says, '' when it says none or several."""
    if coverage is None or not (coverage.get_column("program") != "").any():
        return claims.with_columns(pl.lit("").alias("program"))
    known = (
        coverage.filter(pl.col("program") != "")
        .group_by("patient_id", "payer_id")
        .agg(pl.col("program").unique())
        .filter(pl.col("program").list.len() == 1)
        .with_columns(pl.col("program").list.first())
    )
    return claims.join(known, on=["patient_id", "payer_id"], how="left", maintain_order="left").with_columns(
        pl.col("program").fill_null("")
    )


def prepare(
    frames: ClaimFrames, *, today: date, rules: RuleBook, context: dict[str, pl.DataFrame]
) -> Prepared:
    """Join what row edits look at onto claims and lines."""
    claims = _with_program(frames.claims, context.get("coverage")).with_columns(
        pl.lit(today).alias("today"),
        *(_judge(frames.claims, column, npi_is_valid, f"{column}_ok") for column in _NPI_COLUMNS),
        _judge(frames.claims, "billing_tax_id", ein_prefix_is_known, "tax_id_known"),
    )
    lines = (
        frames.lines.lazy()
        .with_columns(_judge(frames.lines, "line_rendering_npi", npi_is_valid, "npi_ok"))
        .join(claims.lazy().select(CLAIM_COLUMNS_ON_LINES), on="claim_row", how="left", maintain_order="left")
        .join(tables.codes().lazy(), on="code", how="left", maintain_order="left")
        .collect()
    )
    return Prepared(
        frames=frames,
        claims=claims,
        lines=lines,
        today=today,
        rules=rules,
        context=context,
    )
