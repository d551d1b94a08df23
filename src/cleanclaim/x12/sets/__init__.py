"""Typed meaning of each transaction set: records in, segments out, and back.

| set | guide | read | write |
| --- | --- | --- | --- |
| 837P | 005010X222A1 | `claim_837p.read_837p` | `claim_837p.write_837p` |
| 835 | 005010X221A1 | `remittance_835.read_835` | `remittance_835.write_835` |
| 999 | 005010X231A1 | `acknowledgments.read_999` | `acknowledgments.write_999` |
| TA1 | | `acknowledgments.read_ta1` | `acknowledgments.ta1_segment` |
| 277CA | 005010X214 | `claim_status.read_277ca` | `claim_status.write_277ca` |
| 277 | 005010X212 | `claim_status.read_277` | `claim_status.write_277` |
"""

from cleanclaim.x12.sets.typed import content_type, from_json, read_typed, to_json, write_typed

__all__ = ["content_type", "from_json", "read_typed", "to_json", "write_typed"]
