"""The session file: a CSV of sessions held, as practices and their systems export it.

`read_session_rows` turns bytes into `SessionFacts` rows and findings. A row with a fault gets its
own finding with line and column; the others go on. Findings never repeat what a cell says unless it
is a bare date, time or number, since a shifted column may hold a patient's name.
"""

from cleanclaim.coding.session_file.reader import (
    COLUMNS,
    MAX_BYTES,
    REQUIRED_COLUMNS,
    SessionRow,
    read_session_rows,
)

__all__ = ["COLUMNS", "MAX_BYTES", "REQUIRED_COLUMNS", "SessionRow", "read_session_rows"]
