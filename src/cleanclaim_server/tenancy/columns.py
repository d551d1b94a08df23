"""Columns of values on their way into the database: what a field would make of each, a column at a time.

A payment writes tens of thousands of rows of a dozen fields. Asking each field for each value is most of the
work; a column whose values all have the plain Python type of its field needs no asking. What is of another
type goes the field's own way, value by value.

PostgreSQL takes a column as one array literal, and a column that is the same in every row as one value:
the driver then looks at a handful of values instead of at every cell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
    TextField,
    UUIDField,
)

from cleanclaim_server.tenancy.sealing import Sealed

Column = Sequence[Any]
NOTHING = type(None)
_PLAIN: tuple[tuple[type[Field], frozenset[type]], ...] = (
    (UUIDField, frozenset({UUID, NOTHING})),
    (CharField, frozenset({str, NOTHING})),
    (TextField, frozenset({str, NOTHING})),
    (BooleanField, frozenset({bool, NOTHING})),
    (IntegerField, frozenset({int, NOTHING})),
    (DateTimeField, frozenset({datetime, NOTHING})),  # before DateField, of which it is a kind
    (DateField, frozenset({date, NOTHING})),
)
"""What each kind of field takes as it is: the same bytes reach the database as by the field's own way."""
_TEXT = TextField()
_SPACES = (b"\\n", b"\\t", b"\\r", b"\\b", b"\\f", b"\\u")
"""What JSON writes otherwise than an array literal does; all else they write alike."""


def prepared(field: Field, column: Column) -> Column:
    """The values of a column as the driver of SQLite takes them."""
    make = _for_sqlite(field, column)
    return [make(value) if value is not None else None for value in column] if make else column


def constant(column: Column) -> bool:
    """Whether a column holds the same in every row."""
    first = column[0]
    return column[-1] == first and column[len(column) // 2] == first and column.count(first) == len(column)


def cell(field: Field, value: Any) -> Any:
    """One value as the driver takes it."""
    return field.get_db_prep_save(value, connection)


def as_text(field: Field, column: Column) -> tuple[Field, Column]:
    """A column of JSON as one of text, so that what Python takes for the same (1 and true) is not."""
    if not isinstance(field, JSONField) or field.encoder is not None:
        return field, column
    return _TEXT, [None if value is None else json.dumps(value) for value in column]


def array(field: Field, column: Column) -> str:
    """A column as the text of a PostgreSQL array of `array_kind(field)`."""
    kinds = set(map(type, column))
    if not _is_plain(field, kinds, column):
        if kinds == {Sealed}:
            column = [f"\\x{value.blob.hex()}" for value in column]
        else:
            column = [_text(cell(field, value)) for value in column]
    encoded = msgspec.json.encode(column)
    if b"\\" in encoded and any(mark in encoded for mark in _SPACES):
        return "{" + ",".join(map(_element, column)) + "}"
    return "{" + encoded[1:-1].decode() + "}"


def array_kind(field: Field) -> str:
    """The type of one element, as SQL. Text of any length: the assignment to the column refuses, not cuts."""
    kind = field.db_type(connection) or "text"
    return "text" if kind.startswith("varchar") else kind


def _is_plain(field: Field, kinds: set[type], column: Column) -> bool:
    while isinstance(field, ForeignKey):
        field = field.target_field
    for known, plain in _PLAIN:
        if isinstance(field, known):
            return kinds <= plain and (datetime not in kinds or all(v is None or v.tzinfo for v in column))
    return False


def _text(value: Any) -> str | int | None:
    """What an array literal holds for a value that a field has prepared for the driver."""
    if value is None or type(value) in (str, int):
        return value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):  # the driver's own sizes of whole numbers
        return int(value)
    inner = getattr(value, "obj", value)
    if isinstance(inner, bytes | bytearray | memoryview):
        return f"\\x{bytes(inner).hex()}"
    return json.dumps(inner) if inner is not value else str(value)


def _element(value: Any) -> str:
    """One element of an array literal, by PostgreSQL's own rules: a backslash gives the next sign itself."""
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _for_sqlite(field: Field, column: Column) -> Callable[[Any], Any] | None:
    """What to do with each value that is something; None when the driver takes them as they are."""
    if not _is_plain(field, set(map(type, column)), column):
        return lambda value: cell(field, value)
    while isinstance(field, ForeignKey):
        field = field.target_field
    if isinstance(field, UUIDField):
        return _hex
    if isinstance(field, DateTimeField):
        return _naive
    return str if isinstance(field, DateField) else None


def _hex(value: UUID) -> str:
    return f"{value.int:032x}"


def _naive(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))
