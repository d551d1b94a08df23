"""Limits on what a file may ask of us, hit early and by count."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Every limit is inclusive. Raise them for a trusted batch; never take them away."""

    file_bytes: int = 200_000_000
    """Of a file that is held in memory; see `DISK_LIMITS` for one that is not."""
    transactions: int = 300_000
    """Of one file. Each takes about two kilobytes in memory, sixteen bytes of a file on the disk."""
    transaction_bytes: int = 64_000_000
    """From ST to SE. Validation holds five bytes a segment of one on the disk, reading records all of it."""
    segment_bytes: int = 65_536
    elements: int = 1_000
    hl_count: int = 200_000
    claims: int = 50_000
    transaction_segments: int = 5_000_000
    findings: int = 1_000
    """For each transaction and for the envelopes of the file."""


DEFAULT_LIMITS = Limits()

DISK_LIMITS = Limits(file_bytes=10_000_000_000, transactions=1_000_000)
"""For a file read from the disk: its size costs time alone, so what is bounded is each transaction."""
