"""Code sets looked up by code and date.

Each module is one list: `procedures`, `diagnoses`, `addon_pairs`, `ptp`, `mue`, `modifiers`,
`places_of_service`, `remittance_codes` (CARC, RARC, PLB), `claim_status`, `parties` (taxonomy, payers),
`regions` (states and provinces), `icd10cm` (the whole classification; `diagnoses` is its mental-health part
with notes), `external` (lists that X12 elements point to: members by date, and how much of each we hold). A
code that a list lacks raises `CodeNotKnown`; nothing is guessed. `versions()` says what is loaded and of what
date, `stale()` what is out of date; `cleanclaim.codesets.importers` reads the issuers' current files.
"""

from cleanclaim.codesets import (
    addon_pairs,
    claim_status,
    diagnoses,
    icd10cm,
    modifiers,
    mue,
    parties,
    places_of_service,
    procedures,
    ptp,
    regions,
)
from cleanclaim.codesets.parties import payers, taxonomy
from cleanclaim.codesets.remittance_codes import Carc, ProviderAdjustment, Rarc, carc, plb, rarc
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.codesets.versions import CodeSetVersion, stale, versions

__all__ = [
    "Carc",
    "CodeNotKnown",
    "CodeSetVersion",
    "ProviderAdjustment",
    "Rarc",
    "addon_pairs",
    "carc",
    "claim_status",
    "diagnoses",
    "icd10cm",
    "modifiers",
    "mue",
    "parties",
    "payers",
    "places_of_service",
    "plb",
    "procedures",
    "ptp",
    "rarc",
    "regions",
    "stale",
    "taxonomy",
    "versions",
]
