"""Generated claims and balanced remittances."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claims import (
    CHILD,
    EVERGREEN,
    GROUP,
    HOME,
    MEDICARE,
    PARENT,
    RENDERING,
    SOLO,
    SUPERVISOR,
    TERRY,
    replace,
)
from hypothesis import strategies as st
from remittances import PLAIN as REMITTANCE

from cleanclaim.claim import (
    Adjustment,
    Claim,
    Frequency,
    Organization,
    OtherPayer,
    OtherPayerLine,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.claim_particulars import (
    Ambulance,
    Condition,
    Contract,
    InpatientAmounts,
    OutpatientAmounts,
    Particulars,
    Repricing,
    SpinalTreatment,
)
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine, RemitParty

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
NUMBERS = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=2, max_size=17)
NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcé-' .~*:^&", min_size=1, max_size=25).filter(
    lambda text: any(ch.isalpha() for ch in text)
)
NOTES = st.sampled_from(["", "LATE ENTRY", "see record; 2nd visit"])
CODES = st.sampled_from(["90837", "90834", "90791", "H0015", "99214"])
MODIFIERS = st.lists(st.sampled_from(["95", "GT", "HO", "U1", "25"]), max_size=4, unique=True).map(tuple)
DIAGNOSES = st.lists(
    st.sampled_from(["F33.1", "F411", "F43.10", "Z63.0", "F10.20", "F90.2", "T74.12XA", "R45.851", "F32.A", "F84.0", "G47.00", "F50.82"]),
    min_size=1, max_size=12, unique_by=lambda code: code.replace(".", ""),
).map(tuple)  # fmt: skip
GROUPS = st.sampled_from(["CO", "PR", "OA", "PI"])
REASONS = st.sampled_from(["45", "1", "2", "3", "253", "97", "B10"])
PEOPLE = st.builds(
    Person, NAMES, NAMES, st.one_of(st.just(""), NAMES), st.sampled_from(["", "JR", "III"]), DAYS, st.sampled_from("FMU"), st.just(HOME)
)  # fmt: skip
CENTS = st.one_of(st.none(), st.integers(0, 10**7))
RATES = st.one_of(st.none(), st.decimals("0", "9.99", places=2))
CONTRACTS = st.builds(
    Contract, st.sampled_from(["02", "05", "06"]), CENTS, RATES, st.sampled_from(["", "PLAN7"]), RATES,
    st.sampled_from(["", "2026"]),
)  # fmt: skip
REPRICINGS = st.builds(
    Repricing, st.sampled_from(["00", "02", "10", "14"]), st.integers(0, 10**7), CENTS,
    st.sampled_from(["", "NETWORK9"]), RATES, group_amount_cents=CENTS,
    reject_reason=st.sampled_from(["", "T1", "T6"]), compliance=st.sampled_from(["", "1", "5"]),
    exception=st.sampled_from(["", "3"]),
)  # fmt: skip
RIDES = st.builds(
    Ambulance, st.sampled_from("ABCDE"), st.decimals("0", "999.9", places=1),
    st.just(None), st.sampled_from(["", "BACK HOME"]), st.sampled_from(["", "COULD NOT SIT"]),
)  # fmt: skip
_HEAVY_RIDES = RIDES.map(lambda ride: replace(ride, weight=Decimal(154), weight_unit="LB"))
SPINAL = st.builds(SpinalTreatment, st.sampled_from("ACM"), st.sampled_from(["", "LOWER BACK"]))
SCREENED = st.builds(
    Condition, st.just("ZZ"), st.sampled_from("YN"),
    st.lists(st.sampled_from(["AV", "NU", "S2", "ST"]), min_size=1, max_size=3).map(tuple),
)  # fmt: skip
RIDDEN = Condition("07", "Y", ("01", "12"))
LINE_PARTICULARS = st.one_of(
    st.none(),
    st.builds(
        Particulars, st.one_of(st.none(), CONTRACTS), st.one_of(st.none(), REPRICINGS),
        st.one_of(st.none(), RIDES, _HEAVY_RIDES),
        conditions=st.sampled_from([(), (Condition("70", "N", ("65",)),)]),
    ),
)  # fmt: skip
CLAIM_PARTICULARS = st.one_of(
    st.none(),
    st.builds(
        Particulars, st.one_of(st.none(), CONTRACTS), st.one_of(st.none(), REPRICINGS),
        st.one_of(st.none(), RIDES, _HEAVY_RIDES), st.one_of(st.none(), SPINAL),
        st.one_of(st.just(()), SCREENED.map(lambda one: (one,)), SCREENED.map(lambda one: (RIDDEN, one))),
    ),
)  # fmt: skip
OUTPATIENT = st.one_of(
    st.none(),
    st.builds(OutpatientAmounts, RATES, CENTS, CENTS, CENTS).filter(lambda one: one != OutpatientAmounts()),
)
INPATIENT = st.one_of(
    st.none(),
    st.builds(InpatientAmounts, st.decimals("0", "90", places=0), CENTS, RATES, CENTS, cost_report_days=RATES,
              capital_exception_cents=CENTS),
)  # fmt: skip
PROVIDERS = st.sampled_from(
    [GROUP, SOLO, replace(GROUP, name="OTHER HARBOR", npi="1245319599", contact_phone="")]
)


@st.composite
def split(draw, total: int, *, parts: int = 4) -> tuple[int, list[Adjustment]]:
    """Some paid, the rest in adjustments: always adding up to the total."""
    adjustments = []
    rest = total
    for _ in range(draw(st.integers(0, parts))):
        amount = draw(st.integers(-abs(total), abs(total)))
        adjustments.append(
            Adjustment(draw(GROUPS), draw(REASONS), amount, draw(st.sampled_from(["", "1", "2.5"])))
        )
        rest -= amount
    return rest, adjustments


@st.composite
def claims(draw, number: str = "") -> Claim:
    """One claim that the guide takes."""
    count = draw(st.integers(1, 4))
    diagnoses = draw(DIAGNOSES)
    billing = draw(PROVIDERS)
    answered = draw(st.booleans())
    lines, answers = [], []
    for at in range(1, count + 1):
        charge = draw(st.integers(0, 500_00))
        start = draw(DAYS)
        pointers = draw(st.lists(st.integers(1, len(diagnoses)), min_size=1, max_size=4, unique=True))
        by_payer = ()
        if answered:
            paid, adjustments = draw(split(charge))
            answer = OtherPayerLine(
                "11111",
                paid,
                draw(CODES),
                draw(MODIFIERS),
                "1",
                tuple(adjustments),
                draw(st.one_of(st.none(), DAYS)),
            )
            answers.append(answer)
            by_payer = (answer,)
        lines.append(
            ServiceLine(
                at, f"{number or 'L'}-{at}", draw(CODES), start, charge, draw(st.sampled_from(["1", "2", "1.5", "12"])), draw(MODIFIERS),
                tuple(pointers), draw(st.sampled_from(["", "10", "11"])),
                draw(st.one_of(st.none(), st.just(start), st.just(date(2031, 1, 1)))), draw(NOTES),
                draw(st.sampled_from([None, RENDERING])), draw(st.sampled_from([None, SUPERVISOR])), by_payer,
                particulars=draw(LINE_PARTICULARS),
            )
        )  # fmt: skip
    total = sum(line.charge_cents for line in lines)
    others: tuple[OtherPayer, ...] = ()
    if answered:
        paid = total - sum(one.amount_cents for answer in answers for one in answer.adjustments)
        rest, adjustments = draw(split(paid, parts=2))
        others = (
            OtherPayer(
                PayerParty(draw(NAMES), "11111", claim_filing_code="BL"), "P", Person(draw(NAMES), draw(NAMES)), draw(NUMBERS), "",
                draw(st.sampled_from(["18", "01", "G8"])), rest, draw(st.one_of(st.none(), st.integers(0, 10**6))), tuple(adjustments),
                draw(st.one_of(st.just(""), NUMBERS)), date(2026, 11, 2), draw(st.sampled_from([(), ("MA18",), ("MA18", "N89")])), draw(OUTPATIENT),
            ),
        )  # fmt: skip
    own = draw(st.booleans())
    patient = draw(st.one_of(PEOPLE, st.sampled_from([TERRY, CHILD])))
    payer = draw(st.sampled_from([EVERGREEN, MEDICARE]))
    frequency = draw(st.sampled_from(list(Frequency)))
    return Claim(
        claim_number=number or draw(st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=1, max_size=17)),
        billing_provider=billing, payer=payer, subscriber=patient if own else draw(st.one_of(PEOPLE, st.just(PARENT))),
        member_id=draw(NUMBERS), patient=patient, lines=tuple(lines), diagnoses=diagnoses,
        place_of_service=draw(st.sampled_from(["11", "10", "02", "53"])), total_charge_cents=total,
        sequence="S" if answered else "P", relationship="18" if own else draw(st.sampled_from(["01", "19", "G8"])),
        group_number=draw(st.sampled_from(["", "G1"])), group_name=draw(st.sampled_from(["", "HARBOR WORKS"])),
        insurance_type="12" if answered and payer is MEDICARE else "", frequency=frequency,
        payer_control_number="" if frequency is Frequency.ORIGINAL else draw(NUMBERS),
        rendering=None if billing is SOLO else RENDERING, supervising=draw(st.sampled_from([None, SUPERVISOR])),
        referring=draw(st.sampled_from([None, SUPERVISOR])),
        service_facility=draw(st.sampled_from([None, Organization("HARBOR ANNEX", "", address=GROUP.address)])),
        pay_to=draw(st.sampled_from([None, HOME])), authorization_number=draw(st.one_of(st.just(""), NUMBERS)),
        referral_number=draw(st.one_of(st.just(""), NUMBERS)), patient_paid_cents=draw(st.integers(0, 9999)), note=draw(NOTES),
        other_payers=others, practice_id="P1", patient_id="PT1", encounter_id="E1", particulars=draw(CLAIM_PARTICULARS),
    )  # fmt: skip


@st.composite
def batches(draw) -> list[Claim]:
    """A few claims of several providers, subscribers and patients."""
    return [draw(claims(f"A{at}")) for at in range(draw(st.integers(1, 4)))]


def _grouped(adjustments: list[Adjustment]) -> tuple[Cas, ...]:
    return tuple(Cas(one.group, one.reason, one.amount_cents, one.quantity) for one in adjustments)


@st.composite
def remit_lines(draw, number: int) -> RemitLine:
    charge = draw(st.integers(-50_000, 50_000))
    paid, adjustments = draw(split(charge, parts=9))
    start = draw(DAYS)
    recoded = draw(st.booleans())
    return RemitLine(
        draw(CODES), charge, paid, "HC", draw(MODIFIERS), draw(st.sampled_from(["", "1", "2.5"])), "",
        draw(CODES) if recoded else "", draw(MODIFIERS) if recoded else (), draw(st.sampled_from(["", "3"])), start,
        draw(st.sampled_from([start, date(2031, 1, 1)])), draw(st.sampled_from(["", f"L{number}"])),
        draw(st.one_of(st.none(), st.integers(0, 50_000))), _grouped(adjustments),
        draw(st.lists(st.sampled_from(["N130", "M76", "MA01"]), max_size=3, unique=True).map(tuple)),
        draw(st.sampled_from([(), (("T", 100),), (("T", 5), ("KH", 1))])),
        draw(st.sampled_from([(), (("G1", "PA1"), ("0K", "P"))])),
        quantities=draw(st.sampled_from([(), (("ZK", "1"),)])), submitted_qualifier="HC" if recoded else "",
    )  # fmt: skip


@st.composite
def remit_claims(draw, number: int) -> RemitClaim:
    lines = tuple(draw(remit_lines(at)) for at in range(draw(st.integers(0, 3))))
    charge = sum(line.charge_cents for line in lines) if lines else draw(st.integers(-50_000, 50_000))
    by_line = sum(one.amount_cents for line in lines for one in line.adjustments)
    paid, adjustments = draw(split(charge - by_line, parts=3))
    person = RemitParty("TESTER", "TERRY", "MI", "W1")
    return RemitClaim(
        f"A{number}", draw(st.sampled_from(["1", "2", "4", "19", "22"])), charge, paid, draw(st.one_of(st.none(), st.integers(0, 9999))),
        draw(st.sampled_from(["12", "MB", "MC", "ZZ"])), draw(NUMBERS), "11", draw(st.sampled_from(["1", "7"])), person,
        draw(st.sampled_from([RemitParty(), person])), adjustments=_grouped(adjustments),
        rendering=draw(st.sampled_from([RemitParty(), RemitParty("CLINICIAN", "CARA", "XX", "1003000126")])),
        remarks=draw(st.lists(st.sampled_from(["MA18", "MA07", "N89"]), max_size=5).map(tuple)),
        service_from=draw(st.one_of(st.none(), DAYS)), received_on=draw(st.one_of(st.none(), DAYS)),
        amounts=draw(st.sampled_from([(), (("AU", 1),), (("AU", 1), ("I", 250))])),
        provider_number=draw(st.sampled_from(["", "", "1234567893"])), lines=lines,
        outpatient=draw(OUTPATIENT), inpatient=draw(INPATIENT),
    )  # fmt: skip


@st.composite
def balanced_remittances(draw):
    """A remittance whose lines, claims and payment add up."""
    claims = tuple(draw(remit_claims(at)) for at in range(draw(st.integers(0, 4))))
    adjustments = tuple(
        ProviderAdjustment("1234567893", date(2026, 12, 31), draw(st.sampled_from(["WO", "L6", "FB"])), draw(st.sampled_from(["", "A1"])), draw(st.integers(-9999, 9999)))
        for _ in range(draw(st.integers(0, 7)))
    )  # fmt: skip
    paid = sum(claim.paid_cents for claim in claims) - sum(one.amount_cents for one in adjustments)
    return replace(
        REMITTANCE, claims=claims, provider_adjustments=adjustments, paid_cents=paid, method=draw(st.sampled_from(["ACH", "CHK", "NON"])),
    )  # fmt: skip
