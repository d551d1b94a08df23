"""`among`: one of many values, as one parameter.

`field__in=[...]` hands the driver each value as a parameter of its own, which for thousands of ids costs
more than finding the rows. `field__among=[...]` hands over all of them as one array (PostgreSQL) or one JSON
document (SQLite), of any length. The values have the field's plain Python type: ids, texts, dates, numbers.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Field, ForeignObject, Lookup

from cleanclaim_server.tenancy.columns import array, array_kind, prepared


@ForeignObject.register_lookup
@Field.register_lookup
class Among(Lookup):
    """The column holds one of these values; null is never one of them."""

    lookup_name = "among"
    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Any) -> None:
        super().__init__(lhs, [value for value in rhs if value is not None])

    def as_postgresql(self, compiler, connection) -> tuple[str, list]:
        column, params = self._column(compiler, connection)
        field = self.lhs.output_field
        return f"{column} = ANY(%s::{array_kind(field)}[])", [*params, array(field, self.rhs)]

    def as_sqlite(self, compiler, connection) -> tuple[str, list]:
        column, params = self._column(compiler, connection)
        values = list(prepared(self.lhs.output_field, self.rhs))
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(values)]

    def _column(self, compiler, connection) -> tuple[str, list]:
        if not self.rhs:
            raise EmptyResultSet  # asks nothing of the database
        column, params = self.process_lhs(compiler, connection)
        return column, list(params)
