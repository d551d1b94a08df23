"""Many rows at once; the tools live below every table, in `tenancy.bulk`."""

from cleanclaim_server.tenancy.bulk import (
    CHUNK,
    add_up,
    chunks,
    create_rows,
    insert_columns,
    insert_rows,
    update_rows,
)

__all__ = ["CHUNK", "add_up", "chunks", "create_rows", "insert_columns", "insert_rows", "update_rows"]
