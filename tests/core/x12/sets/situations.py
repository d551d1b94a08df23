"""The files of ``tests/files``: one situation each. Run this module to write them anew.

``python tests/core/x12/sets/situations.py``
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[2] / "files"


def situations() -> dict[str, bytes]:
    """File name to bytes, for every situation that the builders of this folder know."""
    import claims
    import remittances
    import test_acknowledgments as acks
    import test_claim_status as status
    from msgspec.structs import replace

    from cleanclaim.x12.sets.acknowledgments import ta1_segment
    from cleanclaim.x12.sets.claim_837p import write_837p
    from cleanclaim.x12.sets.claim_status import write_277, write_277ca
    from cleanclaim.x12.sets.remittance_835 import write_835
    from cleanclaim.x12.writer import write_x12

    envelope = replace(claims.ENVELOPE, line_ends=True)
    files = {}
    for name, claim in claims.SITUATIONS.items():
        body = write_837p(
            [claim], submitter=claims.SUBMITTER, receiver=claims.RECEIVER, batch_reference="B41",
            control_number="0001", created_at=claims.WHEN,
        )  # fmt: skip
        files[f"837p_{name}.edi"] = write_x12(envelope, [body])
    for name, remittance in remittances.SITUATIONS.items():
        files[f"835_{name}.edi"] = write_x12(envelope, [write_835(remittance, control_number="0001")])
    for name, ack in (
        ("accepted", acks.ACCEPTED),
        ("partly", acks.PARTLY),
        ("group_refused", acks.GROUP_REFUSED),
    ):
        files[f"999_{name}.edi"] = write_x12(envelope, [acks.write_999(ack, control_number="0001")])
    files["ta1_duplicate_refused.edi"] = write_x12(envelope, [], ta1s=[ta1_segment(acks.TA1)])
    for name, report in status.SITUATIONS.items():
        write = write_277 if report is status.ANSWER else write_277ca
        body = write(report, control_number="0001", created_at=claims.WHEN)
        files[f"{'277' if write is write_277 else '277ca'}_{name}.edi"] = write_x12(envelope, [body])
    return files


if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    FOLDER.mkdir(exist_ok=True)
    for file_name, data in situations().items():
        (FOLDER / file_name).write_bytes(data)
