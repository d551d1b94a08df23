"""Diagnoses of the session: specific enough, allowed together, accepted as first-listed."""

from __future__ import annotations

from itertools import combinations

from cleanclaim.codesets import diagnoses
from cleanclaim.coding.checks.telehealth import diagnosis_codes
from cleanclaim.coding.visit import Visit, is_psychotherapy


def check_diagnoses(visit: Visit) -> None:
    """Note E_DX_NOT_BILLABLE, E_DX_EXCLUDES1 and E_DX_NOT_PRIMARY. No diagnoses given: nothing to check."""
    codes = [diagnoses.normalize(code) for code in diagnosis_codes(visit)]
    if not codes:
        return
    on = visit.facts.dos
    for code in codes:
        if diagnoses.is_header(code, on):
            visit.refuse("E_DX_NOT_BILLABLE", diagnosis=code)
    for first, second in combinations(codes, 2):
        exclusion = diagnoses.excludes1(first, second)
        if exclusion is not None:
            visit.refuse("E_DX_EXCLUDES1", first=first, second=second, noted_at=exclusion.noted_at)
    context = "Z55" <= codes[0][:3] <= "Z65" or codes[0][:3] == "Z71"
    if visit.is_medicare and context:
        billed = visit.all_codes()
        if any(is_psychotherapy(code) or code in ("90791", "90792") for code in billed):
            visit.refuse("E_DX_NOT_PRIMARY", first_listed=codes[0])
