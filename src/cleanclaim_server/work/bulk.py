"""Many rows at once; the tools live below every table, in `tenancy.bulk`."""

from cleanclaim_server.tenancy.bulk import CHUNK, chunks, create_rows, update_rows

__all__ = ["CHUNK", "chunks", "create_rows", "update_rows"]
