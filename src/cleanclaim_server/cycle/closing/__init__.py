"""Closing a month: what is still open in it, and freezing its books.

`checks.py` looks at what the stages have open up to the month's end; `month.py` closes, when nothing stops
it. There is no reopening: what comes later is booked in the open month and says which day it is about
(docs/decisions/ADR-0022).
"""

from cleanclaim_server.cycle.closing.checks import CHECKS, OpenThing, open_things
from cleanclaim_server.cycle.closing.month import (
    CloseRefused,
    Standing,
    close_books,
    next_to_close,
    standing_of,
)

__all__ = [
    "CHECKS",
    "CloseRefused",
    "OpenThing",
    "Standing",
    "close_books",
    "next_to_close",
    "open_things",
    "standing_of",
]
