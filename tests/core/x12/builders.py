"""Small synthetic files that the tests of the engine change one thing in. All parties are invented."""

from __future__ import annotations

from datetime import datetime

from cleanclaim.x12.index import Delimiters
from cleanclaim.x12.writer import Envelope, SetBody, write_x12

ENVELOPE = Envelope(
    sender_id="QUIETHARBOR",
    receiver_id="EVERGREEN",
    control_number=41,
    group_control_number=7,
    created_at=datetime(2026, 11, 2, 9, 30),  # noqa: DTZ001 - X12 carries no zone
    usage="T",
)

CLAIM_837P = """BHT*0019*00*B1*20261102*0930*CH
NM1*41*2*QUIET HARBOR*****46*QUIETHARBOR
PER*IC*OFFICE*TE*5555550101
NM1*40*2*EVERGREEN*****46*EVERGREEN
HL*1**20*1
PRV*BI*PXC*101YM0800X
NM1*85*2*QUIET HARBOR*****XX*1234567893
N3*12 HARBOR ST
N4*SPRINGFIELD*IL*627010001
REF*EI*123456789
HL*2*1*22*0
SBR*P*18*G1******CI
NM1*IL*1*TESTER*TERRY****MI*W1
N3*7 ELM AVE
N4*PEORIA*IL*616020001
DMG*D8*19800101*F
NM1*PR*2*EVERGREEN*****PI*60054
CLM*A1003*310***11:B:1*Y*A*Y*Y
HI*ABK:F331
LX*1
SV1*HC:90837*175*UN*1***1
DTP*472*D8*20261015
REF*6R*A1003L1
LX*2
SV1*HC:90834*135*UN*1***1
DTP*472*D8*20261016"""

REMIT_835 = """BPR*I*195*C*ACH*CCP*01*091000019*DA*98765432*1512345678**01*071000013*DA*12345678*20261101
TRN*1*EFT1*1512345678
DTM*405*20261101
N1*PR*EVERGREEN*XV*60054
N3*100 PLAZA
N4*SPRINGFIELD*IL*627010001
PER*BL*SERVICES*TE*8005550100
N1*PE*QUIET HARBOR*XX*1234567893
REF*TJ*123456789
LX*1
CLP*A1003*1*310*200*30*12*2026000001*11*1
NM1*QC*1*TESTER*TERRY****MI*W1
SVC*HC:90837*175*110**1
DTM*472*20261015
CAS*CO*45*45
CAS*PR*3*20
SVC*HC:90834*135*90**1
DTM*472*20261016
CAS*CO*45*35
CAS*PR*3*10
PLB*1234567893*20261231*WO:ADJ1*5"""

ACK_999 = """AK1*HC*7*005010X222A1
AK2*837*0001*005010X222A1
IK5*A
AK9*A*1*1*1"""

BODIES = {
    "837P": ("837", "005010X222A1", "HC", True, CLAIM_837P),
    "835": ("835", "005010X221A1", "HP", False, REMIT_835),
    "999": ("999", "005010X231A1", "FA", True, ACK_999),
}


def set_body(kind: str, text: str | None = None, control_number: str = "0001") -> SetBody:
    """A transaction from lines of text with the usual delimiters."""
    set_id, guide, functional_id, st03, usual = BODIES[kind]
    segments = [segment_of(line) for line in (usual if text is None else text).splitlines()]
    return SetBody(set_id, guide, functional_id, control_number, segments, st03)


def segment_of(line: str):
    """One line as the writer takes it."""
    elements = line.split("*")
    return tuple(tuple(one.split(":")) if ":" in one else one for one in elements)


def file_of(kind: str, text: str | None = None, *, delimiters: Delimiters | None = None) -> bytes:
    """One file with one transaction; `text` replaces the usual content."""
    envelope = ENVELOPE
    if delimiters is not None:
        import msgspec

        envelope = msgspec.structs.replace(ENVELOPE, delimiters=delimiters)
    return write_x12(envelope, [set_body(kind, text)])


def changed(kind: str, old: str, new: str) -> bytes:
    """The usual file with one piece of text replaced; an emptied line goes."""
    text = BODIES[kind][4]
    assert text.count(old) >= 1, old
    lines = [line for line in text.replace(old, new, 1).splitlines() if line]
    return file_of(kind, "\n".join(lines))
