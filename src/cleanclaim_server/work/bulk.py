"""Writing many rows with one statement each: no query in a loop, no row read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

T = TypeVar("T")
CHUNK = 2000
"""Values in one `IN (...)`; well below what either database takes."""


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut a list for `IN (...)`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def update_rows(
    model: type[Model], rows: Sequence[tuple], fields: Sequence[str], *, raise_version: bool = False
) -> None:
    """Set fields of many rows, each to its own values, by one prepared statement.

    Args:
        rows: (id, value of each field in order), in Python types. Sealed fields are not for this.
        raise_version: Count the row's `version` up, for a writer who read it before.
    """
    if not rows:
        return
    meta, quote = model._meta, connection.ops.quote_name
    columns = [meta.get_field(name) for name in fields]
    sets = [f"{quote(column.column)} = %s" for column in columns]
    if raise_version:
        sets.append("version = version + 1")
    key = meta.pk
    values = [
        [
            *(
                column.get_db_prep_save(value, connection)
                for column, value in zip(columns, row[1:], strict=True)
            ),
            key.get_db_prep_save(row[0], connection),
        ]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(meta.db_table)} SET {', '.join(sets)} WHERE {quote(key.column)} = %s",
            values,
        )


def create_rows(model: type[Model], rows: Sequence[Any]) -> None:
    """Insert model instances; the ids are theirs already."""
    if rows:
        model._default_manager.bulk_create(rows, batch_size=1000)
