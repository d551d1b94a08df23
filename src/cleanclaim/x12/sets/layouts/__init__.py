"""One description of a transaction set that reads it into records and writes them again.

A *layout* says which record a loop becomes and which segment and element each of its fields stands in, in the
order of the guide. `reading` and `writing` follow it; neither knows a set. What a layout has no place for is
told (`not_carried`), never dropped in silence, and what it writes is checked by the guide before it leaves.
"""

from cleanclaim.x12.sets.layouts.parts import (
    Addressed,
    Adjusted,
    Child,
    Codes,
    Fixed,
    Inline,
    Layout,
    Level,
    Many,
    One,
    Own,
    Raw,
    Texts,
)
from cleanclaim.x12.sets.layouts.reading import read_layout
from cleanclaim.x12.sets.layouts.rows import ContactRow, DateRow, Row
from cleanclaim.x12.sets.layouts.values import (
    CENTS,
    CLOCK,
    DAY,
    NUMBER,
    POINTERS,
    REPEATS,
    TEXT,
    WHOLE,
    Composite,
    Value,
)
from cleanclaim.x12.sets.layouts.writing import write_layout

__all__ = [
    "CENTS", "CLOCK", "DAY", "NUMBER", "POINTERS", "REPEATS", "TEXT", "WHOLE",
    "Addressed", "Adjusted", "Child", "Codes", "Composite", "ContactRow", "DateRow", "Fixed", "Inline",
    "Layout", "Level", "Many", "One", "Own", "Raw", "Row", "Texts", "Value", "read_layout", "write_layout",
]  # fmt: skip
