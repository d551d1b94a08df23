"""The institutional claim, 837I 005010X223A2: programmes (IOP, PHP), residential and inpatient care.

Each claim carries its billing provider, coverage, patient and payer, so that it can be read alone; writing
gathers neighbours that share them into one level.
"""

from cleanclaim.x12.sets.claim_837i.records import (
    BillingProvider,
    Coverage,
    InstitutionalClaim,
    InstitutionalClaimInFile,
    InstitutionalLine,
    LineAnswer,
    Note,
    Occurrence,
    OccurrenceSpan,
    OtherCoverage,
    OtherPayer,
    Procedure,
    ValueCode,
)
from cleanclaim.x12.sets.claim_837i.sets import GUIDE, read_837i, write_837i

__all__ = [
    "GUIDE", "BillingProvider", "Coverage", "InstitutionalClaim", "InstitutionalClaimInFile",
    "InstitutionalLine", "LineAnswer", "Note", "Occurrence", "OccurrenceSpan", "OtherCoverage", "OtherPayer",
    "Procedure", "ValueCode", "read_837i", "write_837i",
]  # fmt: skip
