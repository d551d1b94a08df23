"""Codes that payers read together with a diagnosis."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source

# Codes, the diagnoses (as a pattern) of which one must be pointed to, and how that is said.
_SUPPORT = (
    ("H0015 H0020 G2067 G2068 G2069 G2070 G2071 G2072 G2073 G2074 G2075 G2086 G2087 G2088",
     r"^F1[0-9]", "a substance use disorder (F10 to F19)"),
    ("97151 97152 97153 97154 97155 97156 97157 97158 0362T 0373T", r"^F(84|7[0-9]|8[0-9]|9[0-8])",
     "autism or another developmental disorder (F70 to F98)"),
    ("90867 90868 90869", r"^F(32|33|42)", "major depression or OCD (F32, F33, F42)"),
    ("G2082 G2083", r"^F3[23]", "major depression (F32, F33)"),
)  # fmt: skip


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    wanted = pl.DataFrame(
        [(code, pattern, said) for codes, pattern, said in _SUPPORT for code in codes.split()],
        schema=["code", "pattern", "wanted"],
        orient="row",
    )
    ours = [code for code in wanted.get_column("code").to_list() if code in prepared.codes]
    if not ours:
        return None
    pointed = (
        prepared.lines.lazy()
        .filter(pl.col("code").is_in(ours) & x.NOT_VOID & (pl.col("diagnosis_pointers").list.len() > 0))
        .select("claim_row", "line_number", "line_row", "code", "diagnosis_pointers")
        .explode("diagnosis_pointers", empty_as_null=True, keep_nulls=True)
        .rename({"diagnosis_pointers": "diagnosis_number"})
        .join(
            prepared.diagnoses.lazy().select("claim_row", "diagnosis_number", "diagnosis"),
            on=["claim_row", "diagnosis_number"],
            how="left",
            maintain_order="left",
        )
        .join(wanted.lazy(), on="code", maintain_order="left")
        .with_columns(
            pl.any_horizontal(
                [
                    (pl.col("pattern") == pattern) & pl.col("diagnosis").str.contains(pattern)
                    for _, pattern, _ in _SUPPORT
                ]
            )
            .fill_null(False)
            .alias("supports")
        )
    )
    return (
        pointed.group_by("claim_row", "line_number", "line_row", "code", "wanted", maintain_order=True)
        .agg(pl.col("supports").any())
        .filter(~pl.col("supports"))
        .select("claim_row", "line_number", "code", "wanted")
    )


EDIT = Edit(
    id="edits.diagnosis_does_not_support_code",
    title="Diagnosis does not support the code",
    group="Diagnoses",
    severity=Severity.OVERRIDE,
    message="Line {line}: none of the diagnoses that {code} points to is {wanted}.",
    remedy="Point to the diagnosis that the note supports; if there is none, the service is not the one "
    "billed.",
    sources=(Source("cleanclaim_handbook_coding", "sections 10 to 18, diagnosis of each family"),),
    prevents=(
        "11",
        "167",
    ),
    find=_find,
)
