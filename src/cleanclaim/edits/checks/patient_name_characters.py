"""Names are letters."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.patient_name_characters",
    title="Patient name with digits",
    group="Subscriber and payer",
    severity=Severity.OVERRIDE,
    message="The patient's name holds digits or signs that no name has.",
    remedy="Correct the name as the card prints it.",
    sources=(Source("x12_837p", "NM103 and NM104"),),
    prevents=(
        "140",
        "16",
    ),
    when=pl.concat_str("patient_last_name", "patient_first_name").str.contains(r"[0-9@#$%&*_+=<>/\\\\|]"),
)
