"""Digital treatment devices are not telehealth."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.digital_treatment_place",
    title="Telehealth place for a digital treatment",
    group="Place and telehealth",
    severity=Severity.STOP,
    message="Line {line}: {code} is for a digital treatment device; places 02 and 10 do not go with it.",
    remedy="Use the place where the clinician works, usually 11.",
    sources=(Source("noridian_digital_treatment", "place of service"),),
    prevents=("5",),
    level="line",
    when=(pl.col("family") == "dmht") & x.TELEHEALTH_PLACE,
    facts=x.facts("code", "line_place"),
    claims="professional",
)
