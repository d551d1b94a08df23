"""Typed meaning of each transaction set: records in, segments out, and back.

| set | guide | read | write |
| --- | --- | --- | --- |
| 837P | 005010X222A1 | `claim_837p.read_837p` | `claim_837p.write_837p` |
| 835 | 005010X221A1 | `remittance_835.read_835` | `remittance_835.write_835` |
| 999 | 005010X231A1 | `acknowledgments.read_999` | `acknowledgments.write_999` |
| TA1 | | `acknowledgments.read_ta1` | `acknowledgments.ta1_segment` |
| 277CA | 005010X214 | `claim_status.read_277ca` | `claim_status.write_277ca` |
| 277 | 005010X212 | `claim_status.read_277` | `claim_status.write_277` |
| 276 | 005010X212 | `status_request.read_276` | `status_request.write_276` |
| 270 | 005010X279A1 | `eligibility.read_270` | `eligibility.write_270` |
| 271 | 005010X279A1 | `eligibility.read_271` | `eligibility.write_271` |
| 278 request | 005010X217 | `authorization.read_278_request` | `authorization.write_278_request` |
| 278 answer | 005010X217 | `authorization.read_278_answer` | `authorization.write_278_answer` |
| 837I | 005010X223A2 | `claim_837i.read_837i` | `claim_837i.write_837i` |
"""

from cleanclaim.x12.sets.typed import content_type, from_json, read_typed, to_json, write_typed

__all__ = ["content_type", "from_json", "read_typed", "to_json", "write_typed"]
