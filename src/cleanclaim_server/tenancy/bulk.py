"""Writing many rows with one statement each: no query in a loop, no row read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from django.db import connection
from django.db.models import BinaryField, Field, Model

from cleanclaim_server.tenancy.columns import array, array_kind, as_text, cell, constant, prepared
from cleanclaim_server.tenancy.models import new_id, new_ids

T = TypeVar("T")
CHUNK = 2000
"""Values in one `IN (...)`; well below what either database takes."""
VALUES_IN_INSERT = 1000
"""Values in one INSERT, at most: longer statements are no faster."""
ROWS_IN_STATEMENT = 5000
"""Rows that PostgreSQL gets in one statement, as one array a column."""


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut a list for `IN (...)`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def update_rows(
    model: type[Model], rows: Sequence[tuple], fields: Sequence[str], *, raise_version: bool = False
) -> None:
    """Set fields of many rows, each to its own values.

    Args:
        rows: (id, value of each field in order), in Python types; one a row. Sealed fields are not for this.
        raise_version: Count the row's `version` up, for a writer who read it before.
    """
    if not rows:
        return
    meta, quote = model._meta, connection.ops.quote_name
    table, key = quote(meta.db_table), quote(meta.pk.column)
    columns = [meta.pk, *(meta.get_field(name) for name in fields)]
    also = ", version = version + 1" if raise_version else ""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            sets = ", ".join(f"{quote(field.column)} = %s" for field in columns[1:])
            given = zip(columns, zip(*rows, strict=True), strict=True)
            values = [prepared(field, column) for field, column in given]
            cursor.executemany(
                f"UPDATE {table} SET {sets}{also} WHERE {key} = %s", zip(*values[1:], values[0], strict=True)
            )
            return
        for part in chunks(rows, ROWS_IN_STATEMENT):
            cells, source, values = _given(columns, list(zip(*part, strict=True)))
            sets = ", ".join(
                f"{quote(one.column)} = {new}" for one, new in zip(columns[1:], cells[1:], strict=True)
            )
            cursor.execute(
                f"UPDATE {table} SET {sets}{also}{source} WHERE {table}.{key} = {cells[0]}", values
            )


def create_rows(model: type[Model], rows: Sequence[Any], *, ignore_conflicts: bool = False) -> None:
    """Insert model instances by a statement of many rows each; the ids are theirs already.

    Several times faster than `bulk_create`, which compiles each batch anew. The fields' own `pre_save` runs,
    so that sealed fields are sealed; signals do not.

    Args:
        ignore_conflicts: Leave out rows whose unique key is taken.
    """
    if not rows:
        return
    fields = tuple(model._meta.local_concrete_fields)
    taken = [list(map(_taker(field), rows)) for field in fields]
    _insert(model, fields, taken, " ON CONFLICT DO NOTHING" if ignore_conflicts else "")
    alias = connection.alias  # looked up once: the proxy would be asked for every row
    for row in rows:
        row._state.adding, row._state.db = False, alias


def insert_rows(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given as values by column name: for tables of which a payment writes thousands of rows.

    Args:
        rows: Python values, all with the same names; what a model leaves out takes its field's default.
            Sealed values are sealed already (`SealedField.seal`).
    """
    if rows:
        insert_columns(model, {name: list(map(itemgetter(name), rows)) for name in rows[0]})


def insert_columns(model: type[Model], columns: Mapping[str, Sequence[Any]]) -> None:
    """As `insert_rows`, for values that are columns already: a value a row, all of one length."""
    if columns and len(next(iter(columns.values()))):
        _insert(model, *_whole(model, columns), "")


def add_up(
    model: type[Model], columns: Mapping[str, Sequence[Any]], *, unique: Sequence[str], total: str
) -> None:
    """Insert rows as `insert_columns` does; where the unique key is taken, add to what is there.

    Args:
        unique: The columns of the unique key, which no two of the rows share.
        total: The column that is added to.
    """
    if not len(columns[total]):
        return
    quote = connection.ops.quote_name
    table, column, key = quote(model._meta.db_table), quote(total), ", ".join(map(quote, unique))
    conflict = f" ON CONFLICT ({key}) DO UPDATE SET {column} = {table}.{column} + excluded.{column}"
    _insert(model, *_whole(model, columns), conflict)


def _whole(
    model: type[Model], columns: Mapping[str, Sequence[Any]]
) -> tuple[tuple[Field, ...], list[Sequence[Any]]]:
    """Every field of a table, and its column: the given one, or the field's default in each row."""
    fields, count = tuple(model._meta.local_concrete_fields), len(next(iter(columns.values())))
    if strange := columns.keys() - {field.attname for field in fields}:
        raise TypeError(f"{model._meta.label} has no column {', '.join(sorted(strange))}")
    if any(len(column) != count for column in columns.values()):
        raise ValueError(f"the columns of {model._meta.label} differ in length")
    return fields, [
        columns[field.attname] if field.attname in columns else _defaults(field, count) for field in fields
    ]


def _defaults(field: Field, count: int) -> list[Any]:
    if field.default is new_id:
        return new_ids(count)
    if callable(field.default):
        return [field.get_default() for _ in range(count)]
    return [field.get_default()] * count


def _taker(field: Field) -> Callable[[Model], Any]:
    """How a field's value is read off an instance that is about to be inserted."""
    if type(field).pre_save is Field.pre_save:
        return attrgetter(field.attname)
    return lambda row: field.pre_save(row, True)


def _insert(
    model: type[Model], fields: tuple[Field, ...], columns: Sequence[Sequence[Any]], conflict: str
) -> None:
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(quote(field.column) for field in fields)})"
    in_arrays = connection.vendor == "postgresql" and not any(type(field) is BinaryField for field in fields)
    size = ROWS_IN_STATEMENT if in_arrays else max(1, VALUES_IN_INSERT // len(fields))
    with connection.cursor() as cursor:
        for start in range(0, len(columns[0]), size):
            part = [column[start : start + size] for column in columns]
            if in_arrays:
                cells, source, values = _given(fields, part)
                cursor.execute(f"INSERT INTO {into} SELECT {', '.join(cells)}{source}{conflict}", values)
                continue
            given = zip(fields, part, strict=True)
            if connection.vendor == "postgresql":
                part = [[cell(field, one) for one in column] for field, column in given]
            else:
                part = [prepared(field, column) for field, column in given]
            values = list(chain.from_iterable(zip(*part, strict=True)))
            cursor.execute(f"INSERT INTO {into} VALUES {_marks(len(fields), len(part[0]))}{conflict}", values)


@lru_cache(maxsize=1024)
def _marks(fields: int, rows: int) -> str:
    mark = f"({', '.join(['%s'] * fields)})"
    return ", ".join([mark] * rows)


def _given(fields: Sequence[Field], columns: Sequence[Sequence]) -> tuple[list[str], str, list[Any]]:
    """Columns as PostgreSQL takes them: SQL of each field's cell, where from, and the values in that order.

    A field that is the same in every row is a value in the place of the cell, all others are arrays side by
    side. (COPY is not allowed where rows are secured, and by way of a bare table it is slower than this.)
    A text that is too long for its column is refused, as it is by VALUES: the assignment does not cut.
    """
    cells: list[str] = []
    arrays: list[str] = []
    names: list[str] = []
    same: list[Any] = []
    values: list[Any] = []
    for at, (field, column) in enumerate(zip(fields, columns, strict=True)):
        kind = array_kind(field)
        field, column = as_text(field, column)
        # The first column is the key; it makes the rows, even where there is one row or all are alike.
        if at and constant(column):
            cells.append(f"%s::{kind}")
            same.append(cell(field, column[0]))
        else:
            names.append(f'"{at}"')
            cells.append(f'given."{at}"')
            arrays.append(f"%s::{kind}[]")
            values.append(array(field, column))
    source = f" FROM unnest({', '.join(arrays)}) AS given({', '.join(names)})"
    return cells, source, same + values
