"""R-15: X12 readers are total. Damaged files of every set give a value or a finding, soon and in little memory."""

from __future__ import annotations

import random
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.core.x12.mutations import mutate

FILES = Path(__file__).resolve().parents[1] / "files"
ENVELOPE = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261102*0930*^*00501*000000041*0*T*:~"
    "GS*{kind}*SENDER*RECEIVER*20261102*0930*7*X*{guide}~ST*{set}*0001*{guide}~{body}SE*{count}*0001~"
    "GE*1*7~IEA*1*000000041~"
)
BODIES = {  # set: functional id, guide, segments
    "270": ("HS", "005010X279A1", "BHT*0022*13*R1*20261102*0930~HL*1**20*1~NM1*PR*2*PAYER*****PI*1~HL*2*1*21*1~"
            "NM1*1P*2*CLINIC*****XX*1234567893~HL*3*2*22*0~TRN*1*T1*9123456789~NM1*IL*1*DOE*JO****MI*M1~"
            "DMG*D8*19800101~DTP*291*D8*20261102~EQ*30^MH~"),
    "271": ("HB", "005010X279A1", "BHT*0022*11*R1*20261102*0930~HL*1**20*1~NM1*PR*2*PAYER*****PI*1~HL*2*1*21*1~"
            "NM1*1P*2*CLINIC*****XX*1234567893~HL*3*2*22*0~TRN*2*T1*9123456789~NM1*IL*1*DOE*JO****MI*M1~"
            "EB*B*IND*30^MH**PLAN*27*25~MSG*CALL~LS*2120~NM1*VN*2*OTHER~LE*2120~AAA*N**72*C~"),
    "276": ("HR", "005010X212", "BHT*0010*13*S1*20261102*0930~HL*1**20*1~NM1*PR*2*PAYER*****PI*1~HL*2*1*21*1~"
            "NM1*41*2*CLINIC*****46*C1~HL*3*2*19*1~NM1*1P*2*CLINIC*****XX*1234567893~HL*4*3*22*0~DMG*D8*19800101*F~"
            "NM1*IL*1*DOE*JO****MI*M1~TRN*1*A1~REF*EJ*A1~AMT*T3*100~DTP*472*D8*20261101~SVC*HC:90837*100*****1~"),
    "278": ("HI", "005010X217", "BHT*0007*13*Q1*20261102*0930~HL*1**20*1~NM1*X3*2*PAYER*****PI*1~HL*2*1*21*1~"
            "NM1*1P*2*CLINIC*****XX*1234567893~HL*3*2*22*1~NM1*IL*1*DOE*JO****MI*M1~DMG*D8*19800101*F~HL*4*3*EV*0~"
            "UM*HS*I*MH*11:B~DTP*AAH*RD8*20261101-20261130~HI*ABK:F331~HSD*VS*12~"),
    "837": ("HC", "005010X223A2", "BHT*0019*00*B1*20261102*0930*CH~HL*1**20*1~NM1*85*2*CLINIC*****XX*1234567893~"
            "HL*2*1*22*0~SBR*P*18*******CI~CLM*A1*200***13:A:1**A*Y*Y~DTP*434*RD8*20261001-20261002~CL1*3**01~"
            "HI*ABK:F331~LX*1~SV2*0905*HC:H0015*200*UN*1~DTP*472*D8*20261001~"),
}  # fmt: skip


def seeds() -> list[bytes]:
    """The synthetic files of the repository, and one small file of each further set."""
    found = [path.read_bytes() for path in sorted(FILES.glob("*.edi"))]
    for set_id, (kind, guide, body) in BODIES.items():
        text = ENVELOPE.format(kind=kind, guide=guide, set=set_id, body=body, count=body.count("~") + 2)
        found.append(text.encode())
    return found


def examine(data: bytes, number: int) -> None:
    """Everything that reads a file from outside."""
    from cleanclaim.x12.ack import acknowledge_groups, acknowledge_interchanges
    from cleanclaim.x12.columns import read_tables
    from cleanclaim.x12.documents import show_document
    from cleanclaim.x12.index import read_x12
    from cleanclaim.x12.report import report_document
    from cleanclaim.x12.sets import read_typed
    from cleanclaim.x12.validate import validate

    file = read_x12(data)
    reports = validate(file)
    acknowledge_groups(file, reports)
    acknowledge_interchanges(file)
    report_document(file, reports, values=True)
    for transaction in file.transactions():
        read_typed(transaction)
    if number % 5 == 0:
        show_document(file)
    if number % 20 == 0:  # tables cost much more to set up than to read so small a file
        read_tables(data)


def work(task: tuple[int, int]) -> tuple[int, list[str], float, int]:
    """Examine `count` damaged files from one seed of the dice; say what went wrong."""
    seed, count = task
    dice, basis = random.Random(seed), seeds()
    for data in basis:  # loading the guides is no part of reading a file
        examine(data, 0)
    failures, slowest = [], 0.0
    for number in range(count):
        data = mutate(dice, dice.choice(basis))
        begun = time.process_time()
        try:
            examine(data, number)
        except Exception as error:  # the promise is that there is none
            failures.append(f"seed {seed}, file {number}: {type(error).__name__}: {error}")
        slowest = max(slowest, time.process_time() - begun)
    return count, failures, slowest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_damaged_files_are_survived(full, drill_row):
    trials, batch = (1_000_000, 2_000) if full else (2_000, 500)
    tasks = [(number, batch) for number in range(trials // batch)]
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(work, tasks))
    failures = [one for _, found, _, _ in results for one in found]
    slowest, peak = max(one[2] for one in results), max(one[3] for one in results)
    drill_row(
        drill="R-15", what="damaged X12 files: read, validated, answered, typed, tabled", trials=trials,
        failures=len(failures), fault_caught="yes: a reader that trusts its input falls at once",
        notes=f"slowest {slowest:.2f} s of processor, peak {peak / 1e6:.0f} MB",
    )  # fmt: skip
    assert failures == [], failures[:5]
    assert slowest < 1
    assert peak < 600_000_000


def test_the_drill_can_fail():
    """The damage reaches what a careless reader would trust."""
    dice, basis, fallen = random.Random(15), seeds(), 0
    for _ in range(300):
        try:
            text = mutate(dice, dice.choice(basis)).decode()
            [int(piece.split("*")[1]) for piece in text.split("~") if piece.startswith("SE*")]
            assert text.split("~")[-2].startswith("IEA*1*")
        except (ValueError, IndexError, AssertionError):
            fallen += 1
    assert fallen > 30
