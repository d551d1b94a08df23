"""The claim status question, 276 005010X212. Its answer, the 277, is `cleanclaim.x12.sets.claim_status`."""

from cleanclaim.x12.sets.status_request.records import (
    AskedClaim,
    AskedClaimRow,
    AskedLine,
    AskedPatient,
    AskedPayer,
    AskingParty,
    AskingProvider,
    StatusDependent,
    StatusQuestion,
)
from cleanclaim.x12.sets.status_request.sets import GUIDE, asked_claims, read_276, write_276

__all__ = [
    "GUIDE", "AskedClaim", "AskedClaimRow", "AskedLine", "AskedPatient", "AskedPayer", "AskingParty",
    "AskingProvider", "StatusDependent", "StatusQuestion", "asked_claims", "read_276", "write_276",
]  # fmt: skip
