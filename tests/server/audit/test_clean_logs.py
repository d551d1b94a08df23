"""No false alarms: a thousand clean trails of every length and content verify, and each one altered does not."""

from __future__ import annotations

import json
import random
from uuid import UUID

from cleanclaim_server.audit.chain import COLUMNS, START, link_hash
from cleanclaim_server.audit.verifying import FORMAT, verify

AGENCY = "01900000-0000-7000-8000-000000000001"
TEXTS = ["", "claim", "é", "名", '"quoted"', "\\", "a\nb", "\u2028", "0", "null"]
VALUES = [None, True, False, 0, -1, 10**18, "x", [], {}, [1, "b", None], {"b": 1, "a": [2]}]


def clean_trail(chance: random.Random) -> list[str]:
    lines, previous = [{"format": FORMAT, "agency_id": AGENCY, "unsealed": 0, "checkpoints": []}], START
    length = chance.choice([0, 1, 2, 7, 30])
    for sequence in range(1, length + 1):
        row = {column: chance.choice(TEXTS) for column in COLUMNS}
        row |= {"id": str(UUID(int=chance.getrandbits(128))), "agency_id": AGENCY, "practice_id": None}
        row["detail"] = {chance.choice(TEXTS): chance.choice(VALUES) for _ in range(3)}
        digest = link_hash(row, agency_id=AGENCY, sequence=sequence, previous_hash=previous)
        lines.append(
            {"sequence": sequence, "row_id": row["id"], "previous_hash": previous, "hash": digest, "row": row}
        )
        previous = digest
    lines.append({"end": True, "rows": length, "last_hash": previous})
    return [json.dumps(line, ensure_ascii=chance.random() < 0.5) for line in lines]


def test_a_thousand_clean_trails_and_as_many_altered_ones():
    chance = random.Random(13)
    alarms, silent = 0, 0
    for _ in range(1_000):
        lines = clean_trail(chance)
        alarms += not verify(lines).is_sound
        if len(lines) > 2:
            place = chance.randrange(1, len(lines) - 1)
            altered = json.loads(lines[place])
            column = chance.choice([column for column in COLUMNS if column != "detail"])
            altered["row"][column] = f"{altered['row'][column]}~"
            found = verify([*lines[:place], json.dumps(altered), *lines[place + 1 :]])
            silent += not (found.faults and found.faults[0].line == place + 1)
    assert (alarms, silent) == (0, 0)
