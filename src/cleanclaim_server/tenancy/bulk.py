"""Writing many rows with one statement each: no query in a loop, no row read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import msgspec
from django.db import connection, connections
from django.db.models import BinaryField, Field, Model

T = TypeVar("T")
CHUNK = 2000
"""Values in one `IN (...)`; well below what either database takes."""
VALUES_IN_INSERT = 1000
"""Values in one INSERT, at most: longer statements are no faster."""
ROWS_IN_DOCUMENT = 2000
"""Rows that PostgreSQL gets as one document."""


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


def create_rows(model: type[Model], rows: Sequence[Any], *, ignore_conflicts: bool = False) -> None:
    """Insert model instances by prepared statements of many rows each; the ids are theirs already.

    Several times faster than `bulk_create`, which compiles each batch anew. The fields' own `pre_save` runs,
    so that sealed fields are sealed; signals do not.

    Args:
        ignore_conflicts: Leave out rows whose unique key is taken.
    """
    if not rows:
        return
    here = connections[connection.alias]  # looked up once: the proxy would be asked for every value
    fields = model._meta.local_concrete_fields
    _execute(
        model,
        tuple(fields),
        ([field.get_db_prep_save(field.pre_save(row, True), here) for field in fields] for row in rows),
        ignore_conflicts,
    )
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_values(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as values: for tables of which a payment writes tens of thousands of rows.

    Args:
        names: The fields, in the order of the values; every column that has no default in the database.
        rows: Python values. Sealed fields are not for this.
    """
    here = connections[connection.alias]
    fields = tuple(model._meta.get_field(name) for name in names)
    prepare = [field.get_db_prep_save for field in fields]
    _execute(
        model,
        fields,
        ([make(value, here) for make, value in zip(prepare, row, strict=True)] for row in rows),
        False,
    )


def _execute(model: type[Model], fields: tuple[Field, ...], rows: Iterable[list], ignore: bool) -> None:
    rows = iter(rows)
    if connection.vendor == "postgresql" and not any(type(field) is BinaryField for field in fields):
        statement, places = _insert_document(model, fields, ignore), [str(at) for at in range(len(fields))]
        with connection.cursor() as cursor:
            while part := [dict(zip(places, row, strict=True)) for row in islice(rows, ROWS_IN_DOCUMENT)]:
                cursor.execute(statement, [_ENCODER.encode(part).decode()])
        return
    size = max(1, VALUES_IN_INSERT // len(fields))
    with connection.cursor() as cursor:
        while part := list(islice(rows, size)):
            values = [value for row in part for value in row]
            cursor.execute(_insert(model, fields, len(part), ignore), values)


@lru_cache(maxsize=1024)
def _insert(model: type[Model], fields: tuple[Field, ...], count: int, ignore_conflicts: bool) -> str:
    """The statement for so many rows of a table."""
    meta, quote = model._meta, connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    marks = f"({', '.join(['%s'] * len(fields))})"
    conflict = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    table = quote(meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([marks] * count)}{conflict}"


@lru_cache(maxsize=256)
def _insert_document(model: type[Model], fields: tuple[Field, ...], ignore_conflicts: bool) -> str:
    """The statement that takes rows as one JSON array of objects, whose keys are the places of the fields.

    The driver looks at one value instead of at every cell, which halves a large posting. (COPY would be
    faster still; PostgreSQL does not allow it where rows are secured.) A text that is too long for its
    column is refused, as it is by VALUES: the assignment to the column does not cut.
    """
    meta, quote = model._meta, connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    kinds = [_kind(field) for field in fields]
    given = ", ".join(f'"{at}" {"text" if kind == "bytea" else kind}' for at, kind in enumerate(kinds))
    cells = ", ".join(
        f"decode(given.\"{at}\", 'hex')" if kind == "bytea" else f'given."{at}"'
        for at, kind in enumerate(kinds)
    )
    conflict = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    return (
        f"INSERT INTO {quote(meta.db_table)} ({columns}) "
        f"SELECT {cells} FROM json_to_recordset(%s::json) AS given({given}){conflict}"
    )


def _kind(field: Field) -> str:
    kind = field.db_type(connection) or "text"
    return "text" if kind.startswith("varchar") else kind


def _plain(value: Any) -> Any:
    """What a JSON document holds for a value that the driver wraps: bytes as hex, JSON as itself."""
    if isinstance(value, int):  # the driver's own sizes of whole numbers
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    inner = value.obj
    return bytes(inner).hex() if isinstance(inner, bytes | bytearray | memoryview) else inner


_ENCODER = msgspec.json.Encoder(enc_hook=_plain)
