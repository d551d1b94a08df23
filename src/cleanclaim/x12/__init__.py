"""X12 transactions of the claim cycle: bytes to segments to typed records and back."""
