"""Claims as columns: the one spine that edits, pricing and measures run on.

`frames_from_claims` takes one claim on a screen or a hundred thousand from a month; the columns are
documented in `cleanclaim.frames.schema`.
"""

from cleanclaim.frames.build import ClaimFrames, context_frame, frames_from_claims, units_milli
from cleanclaim.frames.schema import Column, polars_schema

__all__ = ["ClaimFrames", "Column", "context_frame", "frames_from_claims", "polars_schema", "units_milli"]
