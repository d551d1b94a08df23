"""The professional claim, 837P 005010X222A1: write, read, and say first what would be refused.

`check_claim` names what the guide refuses in one claim, so that a batch can leave that claim out.
`as_sent` gives a claim as a file carries it; reading what was written gives exactly that value.
"""

from cleanclaim.x12.sets.claim_837p.check import check_claim
from cleanclaim.x12.sets.claim_837p.read import read_837p
from cleanclaim.x12.sets.claim_837p.sent import as_sent
from cleanclaim.x12.sets.claim_837p.write import GUIDE, write_837p
from cleanclaim.x12.sets.records import ClaimInFile, Receiver, Submitter

__all__ = [
    "GUIDE",
    "ClaimInFile",
    "Receiver",
    "Submitter",
    "as_sent",
    "check_claim",
    "read_837p",
    "write_837p",
]
