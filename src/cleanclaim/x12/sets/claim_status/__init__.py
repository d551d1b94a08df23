"""Answers about claims: the 277CA (005010X214) to a claim file, the 277 (005010X212) to an inquiry."""

from cleanclaim.x12.sets.claim_status.read import read_277, read_277ca
from cleanclaim.x12.sets.claim_status.write import GUIDE_277, GUIDE_277CA, write_277, write_277ca

__all__ = ["GUIDE_277", "GUIDE_277CA", "read_277", "read_277ca", "write_277", "write_277ca"]
