"""Invented remittances that the tests of the 835 start from."""

from __future__ import annotations

from datetime import date

import msgspec
from claims import ENVELOPE

from cleanclaim.claim import Address
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.records import (
    Cas,
    ProviderAdjustment,
    RemitClaim,
    RemitLine,
    RemitParty,
    Remittance,
)
from cleanclaim.x12.sets.remittance_835 import read_835, write_835
from cleanclaim.x12.writer import write_x12

replace = msgspec.structs.replace

PAYER = RemitParty(
    "EVERGREEN HEALTH", id_qualifier="XV", id="60054", additional_ids=(("2U", "60054"),),
    address=Address("100 PLAZA", "", "SPRINGFIELD", "IL", "627010001"), contact_name="SERVICES", contact_phone="8005550100",
)  # fmt: skip
PAYEE = RemitParty("QUIET HARBOR COUNSELING", id_qualifier="XX", id="1234567893", tax_id="123456789")
PATIENT = RemitParty("TESTER", "TERRY", "MI", "W123456789")
DAY = date(2026, 10, 15)

LINE = RemitLine(
    "90837", 17500, 11000, service_from=DAY, service_to=DAY, line_control="A1003L1", allowed_cents=13000,
    units_paid="1", adjustments=(Cas("CO", "45", 4500), Cas("PR", "3", 2000)), remarks=("N130",),
)  # fmt: skip
CLAIM = RemitClaim(
    "A1003", "1", 17500, 11000, 2000, "12", "2026000001", "11", "1", patient=PATIENT, lines=(LINE,),
    received_on=date(2026, 10, 20), rendering=RemitParty("CLINICIAN", "CARA", "XX", "1003000126"),
)  # fmt: skip
PLAIN = Remittance(
    11000, "ACH", "I", date(2026, 11, 2), "EFT1", "1512345678", production_date=date(2026, 11, 1), payer=PAYER,
    payee=PAYEE, claims=(CLAIM,), control_number="0001",
)  # fmt: skip


def _reversal(line: RemitLine) -> RemitLine:
    return replace(
        line, charge_cents=-line.charge_cents, paid_cents=-line.paid_cents, allowed_cents=None,
        adjustments=tuple(replace(one, amount_cents=-one.amount_cents) for one in line.adjustments),
    )  # fmt: skip


DENIED = replace(
    CLAIM, claim_number="A1004", status="4", paid_cents=0, patient_cents=0, payer_control_number="2026000002",
    lines=(replace(LINE, paid_cents=0, allowed_cents=None, adjustments=(Cas("CO", "197", 17500),), remarks=("N517", "M76")),),
)  # fmt: skip
REVERSED = replace(
    CLAIM, status="22", charge_cents=-17500, paid_cents=-11000, patient_cents=None, received_on=None,
    lines=(_reversal(LINE),), remarks=("MA67",),
)  # fmt: skip
CORRECTED = replace(CLAIM, payer_control_number="2026000009")
CROSSED = replace(
    CLAIM, status="19", remarks=("MA18", "MA07"), filing_code="MB",
    crossover_to=RemitParty("SECOND MUTUAL", id_qualifier="PI", id="22222"),
    corrected_patient=RemitParty("TESTER", "THERESA", "C", "W999", middle_name="Q", suffix="JR"),
    subscriber=RemitParty("TESTER", "PAT", "MI", "W123456789"), other_subscriber=RemitParty("TESTER", "PAT", "MI", "X1"),
    priority_payer=RemitParty("FIRST MUTUAL", id_qualifier="PI", id="11111"), coverage_ended_on=date(2026, 12, 31),
    amounts=(("AU", 13000), ("I", 125)), quantities=(("CA", "1"),), references=(("1L", "G1"), ("EA", "MR7")),
    service_from=DAY, service_to=DAY, provider_number="1234567893",
)  # fmt: skip
MANY_REASONS = replace(
    CLAIM, paid_cents=0, patient_cents=700,
    adjustments=(*tuple(Cas("OA", str(at), 100) for at in range(1, 8)), Cas("PR", "1", 100)),
    lines=(replace(LINE, charge_cents=17500, paid_cents=800, adjustments=tuple(
        [*(Cas("PR", str(at), 100) for at in range(1, 8)), Cas("CO", "45", 16000)])),),
)  # fmt: skip
RECODED = replace(
    CLAIM, lines=(replace(LINE, code="90834", submitted_code="90837", submitted_qualifier="HC", submitted_modifiers=("95",),
                          modifiers=("95", "HO"), units_paid="1", units_billed="2", service_to=date(2026, 10, 16),
                          references=(("G1", "PA1"), ("0K", "POL1")), amounts=(("T", 100), ("KH", 5))),),
)  # fmt: skip
SITUATIONS = {
    "paid": PLAIN,
    "check": replace(PLAIN, method="CHK", handling="C"),
    "zero_pay": replace(PLAIN, paid_cents=0, method="NON", handling="H", claims=(DENIED,)),
    "reversal_and_correction": replace(PLAIN, claims=(REVERSED, CORRECTED), paid_cents=0, method="NON", handling="H"),
    "crossover": replace(PLAIN, claims=(CROSSED,), currency="USD", receiver_id="QHB01", trace_supplement="999999999"),
    "many_reasons": replace(PLAIN, claims=(MANY_REASONS,), paid_cents=0, method="NON", handling="H"),
    "recoded": replace(PLAIN, claims=(RECODED,)),
    "several_lx": replace(PLAIN, claims=(CLAIM, replace(CROSSED, claim_number="A2"), replace(CLAIM, claim_number="A3")), paid_cents=33000),
    "provider_adjustments": replace(
        PLAIN, paid_cents=11000 - 2800, provider_adjustments=tuple(
            ProviderAdjustment("1234567893", date(2026, 12, 31), "WO", f"REF{at}", 400) for at in range(7)),
    ),
    "interest_only": replace(
        PLAIN, claims=(), paid_cents=125,
        provider_adjustments=(ProviderAdjustment("1234567893", date(2026, 12, 31), "L6", "", -125),),
    ),
    "debit": replace(PLAIN, paid_cents=-11000, claims=(REVERSED,), handling="D"),
    "payee_by_tax_id": replace(PLAIN, payee=RemitParty("QUIET HARBOR", id_qualifier="FI", id="123456789", tax_id="123456789",
                               additional_ids=(("PQ", "77"),), address=Address("12 HARBOR ST", "", "SPRINGFIELD", "IL", "62701"))),
}  # fmt: skip


def file_of(remittance: Remittance) -> bytes:
    return write_x12(ENVELOPE, [write_835(remittance, control_number=remittance.control_number or "0001")])


def read_back(data: bytes):
    (transaction,) = read_x12(data).transactions()
    return read_835(transaction)


def without_places(remittance: Remittance) -> Remittance:
    """The remittance without what only a read file has: positions, counts, interchange number."""

    def bare(record):
        names = {name: 0 for name in ("position", "end_position") if hasattr(record, name)}
        return replace(record, **names)

    def line(one):
        return bare(replace(one, adjustments=tuple(map(bare, one.adjustments))))

    def claim(one):
        return bare(
            replace(one, adjustments=tuple(map(bare, one.adjustments)), lines=tuple(map(line, one.lines)))
        )

    return replace(
        remittance, claims=tuple(map(claim, remittance.claims)), segment_count=0, offset=0,
        provider_adjustments=tuple(map(bare, remittance.provider_adjustments)), interchange_control_number="",
    )  # fmt: skip
