"""Rows of the database as columns, for sums over all of them: typed in bulk, not field by field.

Django makes an object of each id, day and instant that it reads from SQLite; over a year of entries that
costs more than the reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db.models import ExpressionWrapper, F, QuerySet, TextField


class Kind(StrEnum):
    """What a column holds, and so its type in the frame."""

    KEY = "key"
    """An id, as this database writes it: fit for joins. See `plain_key`."""
    TEXT = "text"
    CENTS = "cents"
    DAY = "day"
    INSTANT = "instant"


TYPES: dict[Kind, pl.DataType] = {
    Kind.KEY: pl.String(),
    Kind.TEXT: pl.String(),
    Kind.CENTS: pl.Int64(),
    Kind.DAY: pl.Date(),
    Kind.INSTANT: pl.Datetime("us", "UTC"),
}


def columns_of(rows: QuerySet, **wanted: tuple[str, Kind]) -> pl.DataFrame:
    """Read a list in its order, one column for each name.

    Args:
        wanted: The field (a path of Django) and its kind, by the name of the column.
    """
    paths = [F(path) if kind in _AS_THEY_ARE else _bare(path) for path, kind in wanted.values()]
    found = list(rows.values_list(*paths))
    values: Sequence[Sequence[Any]] = list(zip(*found, strict=True)) if found else [()] * len(wanted)
    return pl.DataFrame(
        [
            _series(name, column, kind)
            for (name, (_, kind)), column in zip(wanted.items(), values, strict=True)
        ]
    )


def plain_key(column: str) -> pl.Expr:
    """Ids with their hyphens, as `str` of a UUID writes them: SQLite keeps the digits alone."""
    key = pl.col(column)
    ends = (0, 8, 12, 16, 20, 32)
    parts = [key.str.slice(start, end - start) for start, end in pairwise(ends)]
    return pl.when(key.str.len_bytes() == 32).then(pl.concat_str(parts, separator="-")).otherwise(key)


def day_in(column: str, zone: ZoneInfo) -> pl.Expr:
    """The day of an instant in a zone."""
    return pl.col(column).dt.convert_time_zone(zone.key).dt.date()


_AS_THEY_ARE = (Kind.TEXT, Kind.CENTS)


def _bare(path: str) -> ExpressionWrapper:
    """The value as the driver gives it: text on SQLite, an object on PostgreSQL."""
    return ExpressionWrapper(F(path), output_field=TextField())


def _series(name: str, column: Sequence[Any], kind: Kind) -> pl.Series:
    first = next((one for one in column if one is not None), None)
    if kind is Kind.KEY and first is not None and not isinstance(first, str):
        column = [None if one is None else str(one) for one in column]
    elif kind is Kind.DAY and isinstance(first, str):
        return pl.Series(name, column, pl.String()).str.to_date("%Y-%m-%d")
    elif kind is Kind.INSTANT and isinstance(first, str):
        text = pl.Series(name, column, pl.String())
        return text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us").dt.replace_time_zone("UTC")
    return pl.Series(name, column, TYPES[kind])
