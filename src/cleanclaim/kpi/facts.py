"""The facts that measures read: claim families, and what happened to them.

Nothing here is ever changed: a measure at a day reads only what was recorded by that day, so an old
report run again gives the old numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import polars as pl

from cleanclaim.frames.schema import Column, polars_schema

TEXT, DAY, FLAG, CENTS = pl.String(), pl.Date(), pl.Boolean(), pl.Int64()

FAMILIES: tuple[Column, ...] = (
    Column("family_id", TEXT, "the claim family: original, replacements, voids and re-sends to one payer"),
    Column("sequence", TEXT, "P, S, T: this payer's place"),
    Column("test", FLAG, "a test claim: never counted"),
    Column("date_of_service", DAY, "earliest line"),
    Column("built_on", DAY, "the claim was built"),
    Column("expected_cents", CENTS, "contracted allowed amount; null when no contract is known"),
)
"""One row per claim family. Further text columns (practice_id, payer_id, state, …) are dimensions."""

EVENTS: tuple[Column, ...] = (
    Column("family_id", TEXT, "the claim family"),
    Column("kind", TEXT, "one of `KINDS`"),
    Column("happened_on", DAY, "when it happened"),
    Column("recorded_on", DAY, "when we learned it"),
    Column("cents", CENTS, "amount of the event, null when it has none"),
    Column("category", TEXT, "denial category or reason of a write-off"),
)
"""One row per thing that happened, in the order of recording."""

KINDS = {
    "charge": "charge captured (negative: reversed)",
    "human_edit": "a person changed the claim after it was built",
    "submitted": "sent to the payer; every attempt is one event",
    "accepted": "accepted by clearinghouse or payer front end",
    "rejected": "rejected by clearinghouse or payer front end: never adjudicated",
    "adjudicated": "a remittance decided; cents = allowed amount",
    "denied": "at least one line fully or partly denied, duplicates aside; category = why",
    "duplicate": "came back as a duplicate only; counts in no denial rate",
    "insurance_paid": "insurer's payment (negative: taken back)",
    "patient_assigned": "patient responsibility: deductible, coinsurance, copayment, patient-liable",
    "contractual": "contractual adjustment",
    "patient_paid": "patient's payment (negative: refunded)",
    "appealed": "appeal sent",
    "corrected": "replacement sent after adjudication",
    "written_off": "written off; category denial, bad_debt, small_balance, charity, …",
    "voided": "the family's last accepted submission is a void",
}


class KpiFactsInvalid(ValueError):
    """A row has an unknown column or event kind."""


@dataclass(frozen=True)
class KpiFrames:
    """Families and events as frames."""

    families: pl.DataFrame
    events: pl.DataFrame

    def only(self, condition: pl.Expr) -> KpiFrames:
        """The part of the facts whose families meet a condition, for example one payer."""
        families = self.families.filter(condition)
        return KpiFrames(families, self.events.join(families.select("family_id"), on="family_id", how="semi"))


def kpi_frames(families: Iterable[Mapping[str, Any]], events: Iterable[Mapping[str, Any]]) -> KpiFrames:
    """Build the facts from plain rows.

    Args:
        families: Mappings with the columns of `FAMILIES`; further names become text dimensions.
        events: Mappings with the columns of `EVENTS`; `recorded_on` defaults to `happened_on`.

    Raises:
        KpiFactsInvalid: An event has an unknown kind or column.
    """
    family_rows, event_rows = list(families), list(events)
    known = {column.name for column in FAMILIES}
    extra = sorted({name for row in family_rows for name in row} - known)
    family_schema = {**polars_schema(FAMILIES), **dict.fromkeys(extra, pl.String())}
    defaults = {"sequence": "P", "test": False, **dict.fromkeys(extra, "")}
    columns = {column.name for column in EVENTS}
    for row in event_rows:
        if row.get("kind") not in KINDS or set(row) - columns:
            raise KpiFactsInvalid(f"event kind {row.get('kind')!r} or one of its columns is not known")
    return KpiFrames(
        families=pl.DataFrame(
            {name: [row.get(name, defaults.get(name)) for row in family_rows] for name in family_schema},
            schema=family_schema,
        ),
        events=pl.DataFrame(
            {
                "family_id": [row["family_id"] for row in event_rows],
                "kind": [row["kind"] for row in event_rows],
                "happened_on": [row["happened_on"] for row in event_rows],
                "recorded_on": [row.get("recorded_on") or row["happened_on"] for row in event_rows],
                "cents": [row.get("cents") for row in event_rows],
                "category": [row.get("category", "") for row in event_rows],
            },
            schema=polars_schema(EVENTS),
        ),
    )


def frames_of(families: pl.DataFrame, events: Iterable[pl.DataFrame]) -> KpiFrames:
    """Build the facts from columns, as they come out of a database in bulk.

    Args:
        families: Columns of `FAMILIES`, those with a usual value as wanted; further ones are dimensions.
        events: Parts in the order of recording, each with `family_id`, `kind`, `happened_on` and what it
            has of the others; `recorded_on` defaults to `happened_on`.

    Raises:
        KpiFactsInvalid: An event has an unknown kind, or a column is missing, unknown or of another type.
    """
    schema = polars_schema(EVENTS)
    usual = {"cents": pl.lit(None, CENTS), "category": pl.lit(""), "recorded_on": pl.col("happened_on")}
    try:
        whole = [
            part.with_columns(
                expr.alias(name) for name, expr in usual.items() if name not in part.columns
            ).match_to_schema(schema)
            for part in events
        ]
        found = pl.concat(whole) if whole else pl.DataFrame(schema=schema)
        own = polars_schema(FAMILIES)
        defaults = {"sequence": pl.lit("P"), "test": pl.lit(False)}
        families = families.with_columns(
            expr.alias(name) for name, expr in defaults.items() if name not in families.columns
        )
        extra = sorted(set(families.columns) - set(own))
        families = families.select(*own, *extra).match_to_schema({**own, **dict.fromkeys(extra, TEXT)})
    except pl.exceptions.PolarsError as error:
        raise KpiFactsInvalid(str(error)) from None
    unknown = set(found.get_column("kind").unique()) - set(KINDS)
    if unknown:
        raise KpiFactsInvalid(f"event kind {sorted(map(str, unknown))[0]!r} is not known")
    return KpiFrames(families, found)


def balances_of(facts: KpiFrames, as_of: date) -> pl.DataFrame:
    """Counted families with their balance at the end of a day: `state_of` for those who ask no more."""
    return _cached_balances(_Key(facts.families, facts.events, as_of))


def state_of(facts: KpiFrames, as_of: date) -> pl.DataFrame:
    """Each family as it was known at the end of a day: one row per counted family, by family_id.

    Test claims and voided families are left out. Columns beside those of `FAMILIES`: charge, contractual,
    insurance_paid, patient_paid, assigned, written_off, denial_written_off (cents); submitted_on,
    submissions, accepted, rejected_first (the first submission was rejected), edits, adjudicated_on,
    allowed (latest, null when never adjudicated), denied_on, denial_category, first_paid_on, appealed_on,
    reworked, allowed_after_denial, overturned_on, written_off_on, balance, patient_balance.
    """
    return _state(facts.families, facts.events, as_of)


class _Key:
    """Frames are not hashable; one result per pair of frames and day is kept while they live."""

    def __init__(self, families: pl.DataFrame, events: pl.DataFrame, as_of: date) -> None:
        self.families, self.events, self.as_of = families, events, as_of

    def __hash__(self) -> int:
        return hash((id(self.families), id(self.events), self.as_of))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Key)
            and self.families is other.families
            and self.events is other.events
            and self.as_of == other.as_of
        )


def _state(families: pl.DataFrame, events: pl.DataFrame, as_of: date) -> pl.DataFrame:
    return _cached_state(_Key(families, events, as_of))


BALANCE = {"charge": 1, "contractual": -1, "insurance_paid": -1, "patient_paid": -1, "written_off": -1}
"""What a balance is made of: the sign of each kind of event."""


@lru_cache(maxsize=32)  # two narrow columns each; a year of months reads thirteen days
def _cached_balances(key: _Key) -> pl.DataFrame:
    known = (pl.col("happened_on") <= key.as_of) & (pl.col("recorded_on") <= key.as_of)
    kind = pl.col("kind")
    sums = (
        key.events.lazy()
        .filter(known & kind.is_in([*BALANCE, "voided"]))
        .group_by("family_id")
        .agg(
            (pl.col("cents") * kind.replace_strict(BALANCE, default=0)).sum().alias("balance"),
            (kind == "voided").any().alias("voided"),
        )
    )
    return (
        key.families.lazy()
        .filter(~pl.col("test") & (pl.col("built_on") <= key.as_of))
        .select("family_id")
        .join(sums, on="family_id", how="left")
        .filter(~pl.col("voided").fill_null(False))
        .select("family_id", pl.col("balance").fill_null(0))
        .sort("family_id")
        .collect()
    )


@lru_cache(maxsize=8)
def _cached_state(key: _Key) -> pl.DataFrame:
    kind, cents, day = pl.col("kind"), pl.col("cents"), pl.col("happened_on")

    def total(*kinds: str) -> pl.Expr:
        return cents.filter(kind.is_in(kinds)).sum()

    def first(*kinds: str) -> pl.Expr:
        return day.filter(kind.is_in(kinds)).min()

    seen = (
        key.events.lazy()
        .with_row_index("event_row")
        .filter((day <= key.as_of) & (pl.col("recorded_on") <= key.as_of))
        .sort("family_id", "happened_on", "event_row")
        .with_columns(
            (kind == "submitted")
            .cast(pl.Int32)
            .cum_sum()
            .over("family_id", order_by=["happened_on", "event_row"])
            .alias("attempt"),
            (kind == "denied")
            .cum_max()
            .over("family_id", order_by=["happened_on", "event_row"])
            .alias("after_denial"),
        )
    )
    later = (kind == "adjudicated") & pl.col("after_denial") & (cents > 0)
    state = seen.group_by("family_id", maintain_order=True).agg(
        total("charge").alias("charge"),
        total("contractual").alias("contractual"),
        total("insurance_paid").alias("insurance_paid"),
        total("patient_paid").alias("patient_paid"),
        total("patient_assigned").alias("assigned"),
        total("written_off").alias("written_off"),
        cents.filter((kind == "written_off") & (pl.col("category") == "denial"))
        .sum()
        .alias("denial_written_off"),
        first("submitted").alias("submitted_on"),
        (kind == "submitted").sum().alias("submissions"),
        (kind == "accepted").any().alias("accepted"),
        (kind == "rejected").any().alias("rejected"),
        ((kind == "rejected") & (pl.col("attempt") <= 1)).any().alias("rejected_first"),
        kind.is_in(["accepted", "rejected", "adjudicated"]).any().alias("answered"),
        (kind == "human_edit").any().alias("edited"),
        first("adjudicated").alias("adjudicated_on"),
        cents.filter(kind == "adjudicated").last().alias("allowed"),
        first("denied").alias("denied_on"),
        pl.col("category").filter(kind == "denied").first().alias("denial_category"),
        day.filter((kind == "insurance_paid") & (cents > 0)).min().alias("first_paid_on"),
        first("appealed", "corrected").alias("reworked_on"),
        first("appealed").alias("appealed_on"),
        day.filter(later).min().alias("overturned_on"),
        cents.filter(later).first().alias("allowed_after_denial"),
        first("written_off").alias("written_off_on"),
        (kind == "voided").any().alias("voided"),
    )
    flags = ("accepted", "rejected", "rejected_first", "answered", "edited", "voided")
    amounts = (
        "charge",
        "contractual",
        "insurance_paid",
        "patient_paid",
        "assigned",
        "written_off",
        "denial_written_off",
    )
    return (
        key.families.lazy()
        .filter(~pl.col("test") & (pl.col("built_on") <= key.as_of))
        .join(state, on="family_id", how="left")
        .with_columns(
            pl.col(flags).fill_null(False), pl.col(amounts).fill_null(0), pl.col("submissions").fill_null(0)
        )
        .filter(~pl.col("voided"))
        .with_columns(
            (
                pl.col("charge")
                - pl.col("contractual")
                - pl.col("insurance_paid")
                - pl.col("patient_paid")
                - pl.col("written_off")
            ).alias("balance"),
        )
        .with_columns(
            pl.min_horizontal(
                (pl.col("assigned") - pl.col("patient_paid")).clip(lower_bound=0),
                pl.col("balance").clip(lower_bound=0),
            ).alias("patient_balance"),
            # What may still be collected: the decision's amount, or the contract's where nothing is decided.
            pl.when(pl.col("allowed") > 0).then("allowed").otherwise("expected_cents").alias("collectible"),
        )
        .sort("family_id")
        .collect()
    )
