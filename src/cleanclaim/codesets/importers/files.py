"""One door for every official file: which importer reads what."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cleanclaim.codesets.importers import lists, medicare, ncci
from cleanclaim.codesets.importers.model import Imported, ImportRefused, Release


class Importer(msgspec.Struct, frozen=True):
    """An official file that can be read.

    Attributes:
        title: What it is.
        issuer: Who publishes it.
        example: What the file is called.
        period: How often a new one comes.
    """

    title: str
    issuer: str
    example: str
    period: str
    read: Callable[[str, bytes, Release], Imported]


IMPORTERS: dict[str, Importer] = {
    "medicare_rvu": Importer(
        "Medicare relative values", "CMS", "PPRRVU2026_Jul_nonQPP.csv", "quarter", medicare.relative_values
    ),
    "medicare_gpci": Importer(
        "Medicare geographic indices", "CMS", "GPCI2026.csv", "year", medicare.geographic_indices
    ),
    "ptp_edits": Importer(
        "NCCI procedure-to-procedure edits", "CMS", "ccipra-v323r0-f1.txt", "quarter", ncci.code_pairs
    ),
    "mue": Importer(
        "NCCI medically unlikely edits",
        "CMS",
        "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv",
        "quarter",
        ncci.daily_units,
    ),
    "addon_pairs": Importer("NCCI add-on codes", "CMS", "AOC_V2026Q4-MCR.txt", "quarter", ncci.addon_codes),
    "icd10cm": Importer(
        "ICD-10-CM order file", "CDC/NCHS and CMS", "icd10cm-order-2027.txt", "fiscal year", lists.diagnoses
    ),
    "taxonomy": Importer("Provider taxonomy", "NUCC", "nucc_taxonomy_261.csv", "half year", lists.taxonomy),
    "places_of_service": Importer(
        "Place of service codes", "CMS", "place-of-service-codes.csv", "as changed", lists.places_of_service
    ),
}
"""Every official file that `import_file` reads, by the table that it fills."""


def import_file(kind: str, file: str, data: bytes, release: Release) -> Imported:
    """Read one official file.

    Args:
        kind: A key of `IMPORTERS`.
        file: Its name, for messages.
        data: Its bytes, unzipped.
        release: What it is: an issuer's file rarely says so itself.

    Returns:
        The rows and, as findings, those that were left out.

    Raises:
        ImportRefused: Another layout, or no usable row.
    """
    if kind not in IMPORTERS:
        raise ImportRefused(kind, file, "no such table", ", ".join(IMPORTERS))
    imported = IMPORTERS[kind].read(file, data, release)
    if not imported.rows:
        raise ImportRefused(kind, file, "it holds no usable row", IMPORTERS[kind].example)
    return imported
