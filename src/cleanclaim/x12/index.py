"""Read bytes into an index of interchanges, groups, transactions and segments.

`read_x12` is a total function: any bytes give an `X12File`, and what is wrong stands in findings.
It knows envelopes only, never a transaction set. Envelope segments are found by one pass of a
regular expression; the segments of a transaction are split when they are first asked for, so that
reading a large file costs little more than finding its envelopes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cleanclaim.x12.envelopes import EnvelopeReader
from cleanclaim.x12.limits import DEFAULT_LIMITS, DISK_LIMITS, Limits
from cleanclaim.x12.source import FileText, Text
from cleanclaim.x12.structure import (
    Delimiters,
    Group,
    Interchange,
    Segment,
    Transaction,
    X12File,
    split_segments,
)

__all__ = [
    "DEFAULT_LIMITS",
    "DISK_LIMITS",
    "Delimiters",
    "Group",
    "Interchange",
    "Limits",
    "Segment",
    "Transaction",
    "X12File",
    "open_x12",
    "read_x12",
    "split_segments",
]


def read_x12(data: bytes, *, file: str = "", limits: Limits = DEFAULT_LIMITS) -> X12File:
    """Read the bytes of a file.

    Args:
        data: The whole file. Byte order mark, line ends after terminators, blanks and padding
            between segments are tolerated; several interchanges may follow one another.
        file: Name shown in findings. Give one without a patient's name.
        limits: What the file may ask of us.

    Returns:
        The index of the file. What cannot be read as X12 at all has no interchange and a finding
        of severity stop. Never raises on input.

    Examples:
        >>> read_x12(b"name,amount").findings[0].facts
        {'looks_like': 'text without segments'}
    """
    return _read(Text(data), file, limits)


@contextmanager
def open_x12(path: str | Path, *, file: str = "", limits: Limits = DISK_LIMITS) -> Iterator[X12File]:
    """Read a file of any size from the disk; transactions are read from it when they are looked at.

    Args:
        path: The file; it must not change while it is open.
        file: Name shown in findings, by default the last part of the path.
        limits: As for `read_x12`, but `file_bytes` is fifty times as high, for memory does not depend on it.

    Yields:
        What `read_x12` gives. Its transactions can be read until the block is left.

    Raises:
        OSError: The file cannot be read.
    """
    with open(path, "rb") as source:
        yield _read(FileText(source), file or Path(path).name, limits)


def _read(text: Text, file: str, limits: Limits) -> X12File:
    result = X12File(name=file, size=len(text), sha256=text.sha256())
    EnvelopeReader(text, result, limits).read()
    return result
