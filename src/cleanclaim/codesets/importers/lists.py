"""Code lists of other issuers: ICD-10-CM order file, NUCC taxonomy, place of service."""

from __future__ import annotations

import re

from cleanclaim.codesets.diagnoses import normalize
from cleanclaim.codesets.importers.model import Imported, ImportRefused, Release, left_out
from cleanclaim.codesets.importers.reading import rows_of, text_of

ICD_COLUMNS = ("code", "billable", "effective_from", "effective_to", "description")
TAXONOMY_COLUMNS = (
    "taxonomy", "plain_label", "credential", "role", "medicare_direct_billing", "effective_from",
    "effective_to", "source", "confidence", "notes",
)  # fmt: skip
POS_COLUMNS = (
    "pos", "plain_label", "medicare_rate_class", "bh_use", "effective_from", "effective_to", "source",
    "confidence",
)  # fmt: skip
# 00001 A00     0 Cholera (60 characters)                       Cholera (long title)
_ORDER_LINE = re.compile(r"(\d{5}) ([A-Z][0-9A-Z][0-9A-Z][0-9A-Z]{0,4}) +([01]) (.*)\Z")


def diagnoses(file: str, data: bytes, release: Release) -> Imported:
    """Read an ICD-10-CM order file (``icd10cm-order-2027.txt``): every code and heading of a fiscal year."""
    rows: list[tuple[str, ...]] = []
    findings = []
    read = 0
    for number, line in enumerate(text_of(data).splitlines(), start=1):
        if not line.strip():
            continue
        read += 1
        match = _ORDER_LINE.match(line.rstrip("\r"))
        if match is None:
            findings.append(left_out("icd10cm", file, number, "not a line of the order file"))
            continue
        _, code, billable, titles = match.groups()
        # Short title in 60 characters, then the long one; older or cut files have only the short.
        title = titles[61:].strip() or titles[:60].strip()
        rows.append((normalize(code), billable, release.as_of.isoformat(), "", title.replace("\t", " ")))
    if not rows or len(findings) > len(rows):
        raise ImportRefused(
            "icd10cm", file, "the lines do not look like an order file", "5 digits, code, 0 or 1, titles"
        )
    return Imported("icd10cm", ICD_COLUMNS, tuple(rows), release, tuple(findings), read)


def taxonomy(file: str, data: bytes, release: Release) -> Imported:
    """Read the NUCC taxonomy CSV (``nucc_taxonomy_261.csv``): code and name; definitions are dropped."""
    columns = {
        "taxonomy": ("code",),
        "classification": ("classification",),
        "specialization": ("specialization",),
    }
    rows: list[tuple[str, ...]] = []
    findings = []
    read = 0
    for line, cells in rows_of("taxonomy", file, data, columns):
        read += 1
        if not re.fullmatch(r"[0-9A-Z]{10}", cells["taxonomy"]):
            findings.append(left_out("taxonomy", file, line, "a taxonomy code has ten characters"))
            continue
        name = ", ".join(part for part in (cells["classification"], cells["specialization"]) if part)
        rows.append((cells["taxonomy"], name, "", "", "", "", "", release.source, "seen", ""))
    return Imported("taxonomy", TAXONOMY_COLUMNS, tuple(rows), release, tuple(findings), read)


def places_of_service(file: str, data: bytes, release: Release) -> Imported:
    """Read the place-of-service list saved as CSV: codes and names. Unassigned ranges are left out."""
    columns = {
        "pos": ("placeofservicecodes", "placeofservicecode", "poscode", "code*"),
        "name": ("placeofservicename", "posname", "name"),
    }
    rows: list[tuple[str, ...]] = []
    findings = []
    read = 0
    for line, cells in rows_of("places_of_service", file, data, columns):
        read += 1
        if not re.fullmatch(r"\d{1,2}", cells["pos"]) or cells["name"].lower().startswith("unassigned"):
            findings.append(left_out("places_of_service", file, line, f"{cells['pos']} is no assigned place"))
            continue
        rows.append((cells["pos"].zfill(2), cells["name"], "", "", "", "", release.source, "seen"))
    return Imported("places_of_service", POS_COLUMNS, tuple(rows), release, tuple(findings), read)
