"""The four yes-or-no answers of a claim."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.claim_indicators_invalid",
    title="Signature, assignment or release answer not valid",
    group="Claim",
    severity=Severity.STOP,
    message="Provider signature, assignment, benefits or release of information has no valid answer.",
    remedy="Set them in the practice's billing settings: usually Y, A, Y, Y.",
    sources=(Source("x12_837p", "CLM06 to CLM09"),),
    prevents=("16",),
    when=~pl.col("provider_signature").is_in(["Y", "N"])
    | ~pl.col("accept_assignment").is_in(["A", "B", "C"])
    | ~pl.col("benefits_assigned").is_in(["Y", "N", "W"])
    | ~pl.col("release_of_information").is_in(["Y", "I"]),
    facts=x.facts("provider_signature", "accept_assignment", "benefits_assigned", "release_of_information"),
)
