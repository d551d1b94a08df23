"""Limits on what a file may ask of us, hit early and by count."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Every limit is inclusive. Raise them for a trusted batch; never take them away."""

    file_bytes: int = 200_000_000
    segment_bytes: int = 65_536
    elements: int = 1_000
    hl_count: int = 200_000
    claims: int = 50_000
    transaction_segments: int = 5_000_000
    findings: int = 1_000
    """For each transaction and for the envelopes of the file."""


DEFAULT_LIMITS = Limits()
