"""A service facility's address."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.facility_address_incomplete",
    title="Facility address incomplete or ZIP without +4",
    group="Providers",
    severity=Severity.STOP,
    message="The service facility needs a street, city, state and nine-digit ZIP code.",
    remedy="Complete the location's address.",
    sources=(Source("x12_837p", "loop 2310C N3, N4"),),
    prevents=("16",),
    when=pl.col("has_facility")
    & (
        x.blank("facility_line1")
        | x.blank("facility_city")
        | x.blank("facility_region")
        | ~pl.col("facility_postal_code").str.contains(r"^\d{9}$")
    ),
)
