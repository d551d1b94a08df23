"""Small harms to files, for tests and drills that feed readers with damaged input."""

from __future__ import annotations

import random

PIECES = [b"~", b"*", b":", b"^", b"\n", b"\x00", b"ISA", b"ST*837*1~", b"SE*1*1~", b"GE~", b"IEA", b"HL*9*9*22*1~",
          b"CLM", b"CAS*CO*45*1", b"~~", b"-", b"9" * 30, b"\xff\xfe", "é".encode(), b"LX*1~", b"NM1*QC~", b" "]  # fmt: skip


def mutate(rng: random.Random, data: bytes) -> bytes:
    """Between one and four small harms: flip, cut, splice, double, insert."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(out) or 1)
        choice = rng.randrange(6)
        if choice == 0 and out:
            out[at] = rng.randrange(256)
        elif choice == 1:
            del out[at : at + rng.randint(1, 80)]
        elif choice == 2:
            out[at:at] = rng.choice(PIECES)
        elif choice == 3:
            start = rng.randrange(len(out) or 1)
            out[at:at] = out[start : start + rng.randint(1, 120)]
        elif choice == 4:
            old = rng.choice(PIECES[:6])
            out = bytearray(bytes(out).replace(old, rng.choice(PIECES), rng.randint(1, 3)))
        else:
            del out[at:]
    return bytes(out)
