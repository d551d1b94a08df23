"""835 and 837 files of any size as tables: Polars frames in, whole cents, every row with its place.

| function | gives |
| --- | --- |
| `read_tables` | all tables of some files, in memory |
| `scan_tables` | the same slice by slice, in bounded memory |
| `write_tables` | one Parquet or CSV file a table, in bounded memory |
| `query` | SQL over the tables |

`SCHEMAS` lists the tables and their columns; ``docs/reference/x12-tables.md`` explains them.
"""

from cleanclaim.x12.columns.output import query, read_tables, scan_tables, write_tables
from cleanclaim.x12.columns.tables import SCHEMAS

__all__ = ["SCHEMAS", "query", "read_tables", "scan_tables", "write_tables"]
