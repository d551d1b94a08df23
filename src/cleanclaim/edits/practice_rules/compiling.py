"""From conditions to Polars expressions over the claim frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from typing import Any

import polars as pl

from cleanclaim.edits.practice_rules.actions import SETTABLE
from cleanclaim.edits.practice_rules.fields import FIELDS, Field, Kind
from cleanclaim.edits.practice_rules.model import ADD_MODIFIER, SET, Condition, PracticeRule
from cleanclaim.edits.practice_rules.reading import checked, value_of
from cleanclaim.frames import ClaimFrames

MOST_MODIFIERS = 4


@dataclass(frozen=True)
class View:
    """Claim frames with the derived fields of the catalogue, each computed when a rule first asks for it."""

    frames: ClaimFrames
    today: date

    @cached_property
    def _lists(self) -> pl.DataFrame:
        diagnoses = self.frames.diagnoses.group_by("claim_row", maintain_order=True).agg(
            pl.col("diagnosis").alias("diagnoses"), pl.col("diagnosis").first().alias("first_diagnosis")
        )
        codes = self.frames.lines.group_by("claim_row", maintain_order=True).agg(
            pl.col("code").alias("codes")
        )
        return (
            self.frames.claims.select("claim_row")
            .join(diagnoses, on="claim_row", how="left", maintain_order="left")
            .join(codes, on="claim_row", how="left", maintain_order="left")
        )

    def claims(self, fields: Iterable[str]) -> pl.DataFrame:
        """The claims frame with the derived fields that are named."""
        wanted = set(fields)
        frame = self.frames.claims
        if wanted & {"codes", "diagnoses", "first_diagnosis"}:
            frame = frame.hstack(self._lists.drop("claim_row"))
        if "patient_age" in wanted:
            born, served = pl.col("patient_birth_date"), pl.col("first_service_on")
            before = (served.dt.month() * 100 + served.dt.day()) < (born.dt.month() * 100 + born.dt.day())
            age = served.dt.year() - born.dt.year() - before.cast(pl.Int32)
            frame = frame.with_columns(age.alias("patient_age"))
        if "days_since_service" in wanted:
            days = (pl.lit(self.today) - pl.col("last_service_on")).dt.total_days()
            frame = frame.with_columns(days.alias("days_since_service"))
        return frame

    @property
    def lines(self) -> pl.DataFrame:
        """The lines frame; `units` are thousandths."""
        return self.frames.lines.with_columns(pl.col("units_milli").alias("units"))


def _is_true(condition: Condition, field: Field) -> pl.Expr:
    """The condition as a boolean column. Unknown (null) is false, whatever the operator."""
    values = [value_of(field, value) for value in condition.values]
    column = pl.col(field.name)
    without_points = "diagnos" in field.name
    match field.kind:
        case Kind.TEXT:
            made = _text(condition.operator, column, values, without_points)
        case Kind.CODES:
            made = _codes(condition.operator, column, values, without_points)
        case Kind.FLAG:
            made = column if condition.operator == "yes" else ~column
        case _:
            made = _number(condition.operator, column, values)
    return made.fill_null(False)


def _text(operator: str, column: pl.Expr, values: list[str], without_points: bool) -> pl.Expr:
    plain = column.str.to_uppercase()
    plain = plain.str.replace_all(".", "", literal=True) if without_points else plain
    match operator:
        case "is" | "one_of":
            return plain.is_in(values)
        case "is_not" | "none_of":
            return ~plain.is_in(values)
        case "begins_with":
            return pl.any_horizontal([plain.str.starts_with(value) for value in values])
        case "contains":
            return plain.str.contains(values[0], literal=True)
        case "is_empty":
            return column.str.strip_chars() == ""
        case "is_present":
            return column.str.strip_chars() != ""
    raise ValueError(operator)


def _codes(operator: str, column: pl.Expr, values: list[str], without_points: bool) -> pl.Expr:
    item = pl.element().str.to_uppercase()
    item = item.str.replace_all(".", "", literal=True) if without_points else item
    listed = column.fill_null([])
    match operator:
        case "has":
            return listed.list.eval(item.is_in(values)).list.any()
        case "has_none_of":
            return ~listed.list.eval(item.is_in(values)).list.any()
        case "has_beginning":
            begins = reduce(lambda one, other: one | other, [item.str.starts_with(value) for value in values])
            return listed.list.eval(begins).list.any()
        case "is_empty":
            return listed.list.len() == 0
        case "is_present":
            return listed.list.len() > 0
    raise ValueError(operator)


def _number(operator: str, column: pl.Expr, values: list[Any]) -> pl.Expr:
    value = pl.lit(values[0])
    match operator:
        case "is":
            return column.eq_missing(value) & column.is_not_null()
        case "is_not":
            return column.ne_missing(value) & column.is_not_null()
        case "over" | "after":
            return column > value
        case "under" | "before":
            return column < value
        case "between":
            return column.is_between(values[0], values[1])
    raise ValueError(operator)


class CompiledRule:
    """A rule ready to run over any frames.

    Making one raises `RuleInvalid` when the rule is outside the closed lists: a stored rule is checked
    again, so that one that an older or newer release wrote never runs half understood.
    """

    def __init__(self, rule: PracticeRule) -> None:
        self.rule = checked(rule)
        on_claim: list[pl.Expr] = []
        on_line: list[pl.Expr] = []
        for condition in self.rule.conditions:
            field = FIELDS[condition.field]
            (on_claim if field.level == "claim" else on_line).append(_is_true(condition, field))
        self.claim_fields = {one.field for one in self.rule.conditions if FIELDS[one.field].level == "claim"}
        join = pl.all_horizontal if self.rule.match == "all" else pl.any_horizontal
        self._on_claim = join(on_claim) if on_claim else None
        self._on_line = join(on_line) if on_line else None
        self.acts_on_line = self.rule.action.kind == ADD_MODIFIER or (
            self.rule.action.kind == SET and SETTABLE[self.rule.action.field].level == "line"
        )

    def fired(self, view: View) -> pl.DataFrame:
        """Claims and lines that meet the conditions: claim_row and line_number (null: the claim)."""
        claims = view.claims(self.claim_fields)
        if self._on_line is None and not self.acts_on_line:
            assert self._on_claim is not None
            rows = claims.filter(self._on_claim)
            return rows.select("claim_row", pl.lit(None, dtype=pl.Int32).alias("line_number"))
        lines = view.lines
        every = pl.lit(self.rule.match == "all")
        if self._on_claim is not None:
            marks = claims.select("claim_row", self._on_claim.alias("claim_meets"))
            lines = lines.join(marks, on="claim_row", how="left", maintain_order="left")
            on_claim = pl.col("claim_meets").fill_null(False)
        else:
            on_claim = every
        on_line = self._on_line if self._on_line is not None else every
        both = on_claim & on_line if self.rule.match == "all" else on_claim | on_line
        return lines.filter(both).select("claim_row", "line_number")

    def changing(self, view: View) -> pl.DataFrame:
        """Of what `fired` finds, what the action would change; a repair that is so already changes none."""
        fired = self.fired(view)
        action = self.rule.action
        if action.kind == ADD_MODIFIER:
            mine = pl.col("modifiers")
            room = (mine.list.len() < MOST_MODIFIERS) & ~mine.list.contains(action.value)
            lines = view.lines.filter(room).select("claim_row", "line_number")
            return fired.join(lines, on=["claim_row", "line_number"], how="semi", maintain_order="left")
        if action.kind == SET and self.acts_on_line:
            lines = view.lines.filter(pl.col(action.field) != action.value).select("claim_row", "line_number")
            return fired.join(lines, on=["claim_row", "line_number"], how="semi", maintain_order="left")
        if action.kind == SET:
            claims = view.frames.claims.filter(pl.col(action.field) != action.value).select("claim_row")
            return fired.join(claims, on="claim_row", how="semi", maintain_order="left")
        return fired
