"""Our own claims as 837I: `Claim` with a `Bill` in, the guide's records and the file out, and back.

The records of the parent package hold everything that the guide can say; a programme's claim says less. What
is sent here reads back as the same `Claim` (`claim_of`), so that every part that knows claims knows these.
"""

from cleanclaim.x12.sets.claim_837i.claims.checking import check_institutional
from cleanclaim.x12.sets.claim_837i.claims.receiving import claim_of, read_claims
from cleanclaim.x12.sets.claim_837i.claims.sending import institutional_of, write_claims

__all__ = ["check_institutional", "claim_of", "institutional_of", "read_claims", "write_claims"]
