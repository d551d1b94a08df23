"""Generated claim and remittance files of any size for the benchmarks. All parties are invented."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

_ISA = "ISA*00*          *00*          *ZZ*{:<15}*ZZ*{:<15}*261101*0930*^*00501*000000041*0*P*:~"
_CODES = ("90837", "90834", "90791", "90832", "90853", "99214")
_DIAGNOSES = ("F331", "F411", "F4310", "F902", "F1020", "F250")
_CHARGES = (17500, 13500, 15000, 22550)


def remittances(path: Path, size: int, *, claims: int = 2000, seed: int = 1) -> int:
    """Write a balanced 835 of about `size` bytes; returns the number of claims in it."""
    rng = random.Random(seed)
    group = "GS*HP*EVERGREEN*QUIETHARBOR*20261101*0930*7*X*005010X221A1~"
    head = _ISA.format("EVERGREEN", "QUIETHARBOR") + group
    return _write(path, size, head, lambda number, first: _remittance(rng, number, first, claims), claims)


def professional(path: Path, size: int, *, claims: int = 2000, seed: int = 1, shapes: int = 0) -> int:
    """Write an 837P of about `size` bytes; returns the number of claims in it.

    With `shapes`, claims carry notes and references in so many different combinations.
    """
    rng = random.Random(seed)
    group = "GS*HC*QUIETHARBOR*EVERGREEN*20261101*0930*7*X*005010X222A1~"
    head = _ISA.format("QUIETHARBOR", "EVERGREEN") + group
    return _write(
        path, size, head, lambda number, first: _professional(rng, number, first, claims, shapes), claims
    )


def _write(path, size, head, make, claims) -> int:  # type: ignore[no-untyped-def]
    written, sets = len(head), 0
    with open(path, "w", newline="") as out:
        out.write(head)
        while written < size:
            sets += 1
            for segment in make(sets, (sets - 1) * claims):
                out.write(segment + "~")
                written += len(segment) + 1
        out.write(f"GE*{sets}*7~IEA*1*000000041~")
    return sets * claims


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}".rstrip("0").rstrip(".")


def _remittance(rng: random.Random, number: int, first: int, claims: int) -> list[str]:
    body: list[str] = []
    total = 0
    for claim in range(first + 1, first + claims + 1):
        lines: list[str] = []
        charged = paid = share = 0
        for line in range(1, rng.choice((1, 1, 1, 2, 3, 4)) + 1):
            charge = rng.choice(_CHARGES)
            written_off, owed = rng.choice((4500, 3500, 5025)), rng.choice((2000, 2500, 0))
            service = f"HC:{rng.choice(_CODES)}{rng.choice(('', ':95', ':95:HO'))}"
            got = charge - written_off - owed
            lines += [
                f"SVC*{service}*{_money(charge)}*{_money(got)}**1",
                f"DTM*472*202610{rng.randint(1, 28):02d}",
                f"CAS*CO*45*{_money(written_off)}",
                *([f"CAS*PR*3*{_money(owed)}"] if owed else ()),
                f"REF*6R*A{claim}L{line}",
                f"AMT*B6*{_money(charge - written_off)}",
                *(["LQ*HE*N130"] if rng.random() < 0.3 else ()),
            ]
            charged, paid, share = charged + charge, paid + got, share + owed
        total += paid
        body += [
            f"CLP*A{claim}*1*{_money(charged)}*{_money(paid)}*{_money(share)}*12*20260{claim:08d}*11*1",
            f"NM1*QC*1*TESTER{rng.randint(1, 9999)}*TERRY****MI*W{rng.randint(1, 10**8)}",
            "NM1*82*1*RENDER*RITA****XX*1234567893",
            f"REF*1L*GRP{rng.randint(1, 50)}",
            f"DTM*232*202610{rng.randint(1, 28):02d}",
            f"DTM*050*202610{rng.randint(1, 28):02d}",
            *lines,
        ]
    segments = [
        f"ST*835*{number:04d}",
        f"BPR*I*{_money(total)}*C*ACH*CCP*01*091000019*DA*98765432*1512345678**01*071000013*DA*12345678*20261101",
        f"TRN*1*EFT{number}*1512345678", "DTM*405*20261101", "N1*PR*EVERGREEN*XV*60054", "N3*100 PLAZA",
        "N4*SPRINGFIELD*IL*627010001", "PER*BL*SERVICES*TE*8005550100", "N1*PE*QUIET HARBOR*XX*1234567893",
        "REF*TJ*123456789", "LX*1", *body,
    ]  # fmt: skip
    return [*segments, f"SE*{len(segments) + 1}*{number:04d}"]


def _professional(rng: random.Random, number: int, first: int, claims: int, shapes: int) -> Iterator[str]:
    count = 1
    for part in _professional_parts(rng, number, first, claims, shapes):
        count += len(part)
        yield from part
    yield f"SE*{count}*{number:04d}"


def _professional_parts(
    rng: random.Random, number: int, first: int, claims: int, shapes: int
) -> Iterator[list[str]]:
    yield [
        f"ST*837*{number:04d}*005010X222A1", f"BHT*0019*00*B{number}*20261102*0930*CH",
        "NM1*41*2*QUIET HARBOR*****46*QUIETHARBOR", "PER*IC*OFFICE*TE*5555550101",
        "NM1*40*2*EVERGREEN*****46*EVERGREEN", "HL*1**20*1", "PRV*BI*PXC*101YM0800X",
        "NM1*85*2*QUIET HARBOR*****XX*1234567893", "N3*12 HARBOR ST", "N4*SPRINGFIELD*IL*627010001",
        "REF*EI*123456789",
    ]  # fmt: skip
    level = 1
    for claim in range(first + 1, first + claims + 1):
        level += 1
        dependent = rng.random() < 0.15
        segments = [
            f"HL*{level}*1*22*{int(dependent)}",
            f"SBR*P*{'' if dependent else '18'}*G{rng.randint(1, 40)}******CI",
            f"NM1*IL*1*TESTER{rng.randint(1, 99999)}*TERRY****MI*W{rng.randint(1, 10**8)}",
        ]  # fmt: skip
        person = [
            f"N3*{rng.randint(1, 999)} ELM AVE",
            f"N4*PEORIA*IL*61602{rng.randint(0, 9999):04d}",
            f"DMG*D8*{rng.randint(1950, 2010) * 10000 + 100 * rng.randint(1, 12) + 15}*{rng.choice('FM')}",
        ]
        payer = "NM1*PR*2*EVERGREEN*****PI*60054"
        if dependent:
            level += 1
            segments += [
                payer,
                f"HL*{level}*{level - 1}*23*0",
                "PAT*19",
                f"NM1*QC*1*TESTER{rng.randint(1, 99999)}*TAMMY",
                *person,
            ]
        else:
            segments += [*person, payer]
        yield [*segments, *_claim(rng, claim, shapes)]


def _claim(rng: random.Random, claim: int, shapes: int) -> Iterator[str]:
    charges = [rng.choice(_CHARGES) for _ in range(rng.choice((1, 1, 1, 2, 3, 4)))]
    yield f"CLM*A{claim}*{_money(sum(charges))}***11:B:1*Y*A*Y*Y"
    pick = claim % shapes if shapes else 0
    # Each bit of the number of a shape is one segment that may stand or not.
    optional = ("DTP*454*D8*20260105", "DTP*304*D8*20261001", "AMT*F5*20", "REF*4N*1", "REF*9F*RF1",
                "REF*G1*AU1", "REF*D9*CH1", "REF*EA*MR1", "NTE*ADD*LATE ENTRY")  # fmt: skip
    yield from (text for bit, text in enumerate(optional) if pick >> bit & 1)
    if not shapes:
        if rng.random() < 0.3:
            yield f"REF*G1*AUTH{rng.randint(1, 10**6)}"
        if rng.random() < 0.2:
            yield f"REF*EA*MR{rng.randint(1, 10**6)}"
    codes = rng.sample(_DIAGNOSES, rng.randint(1, 3))
    yield "HI*ABK:" + codes[0] + "".join(f"*ABF:{code}" for code in codes[1:])
    if rng.random() < 0.7:
        yield from ("NM1*82*1*RENDER*RITA****XX*1234567893", "PRV*PE*PXC*101YM0800X")
    if rng.random() < 0.1:
        yield "NM1*77*2*QUIET HARBOR EAST*****XX*1234567893"
        yield from ("N3*14 HARBOR ST", "N4*SPRINGFIELD*IL*627010001")
    for line, charge in enumerate(charges, 1):
        yield f"LX*{line}"
        yield f"SV1*HC:{rng.choice(_CODES)}{rng.choice(('', ':95'))}*{_money(charge)}*UN*1***1"
        yield f"DTP*472*D8*202610{rng.randint(1, 28):02d}"
        yield f"REF*6R*A{claim}L{line}"
        if shapes > 512 and claim >> (8 + line) & 1:
            yield "NTE*ADD*LATE ENTRY"
