"""A programme's code under another programme's revenue code."""

from __future__ import annotations

import polars as pl

from cleanclaim.codesets.programmes import programmes
from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

PAIRS = sorted({f"{revenue}:{code}" for one in programmes().values() for revenue, code in one.pairs})
CODES = sorted({pair.partition(":")[2] for pair in PAIRS})

EDIT = Edit(
    id="edits.revenue_code_against_code",
    title="Revenue code and service code disagree",
    group="Programmes",
    severity=Severity.OVERRIDE,
    message="Line {line} bills {code} under the revenue code {revenue_code}, which is not usual for it.",
    remedy="Compare with the contract: correct the one or the other, or override where the contract says so.",
    sources=(Source("nubc_ub04", "FL 42 and 44"),),
    prevents=("199",),
    level="line",
    when=pl.col("code").is_in(CODES)
    & ~x.blank("revenue_code")
    & ~pl.concat_str(["revenue_code", "code"], separator=":").is_in(PAIRS),
    facts=x.facts("code", "revenue_code"),
    claims="institutional",
)
