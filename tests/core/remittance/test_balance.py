"""Each balancing test passes, fails by a cent, and says where, how much and in which direction."""

from __future__ import annotations

import pytest

from cleanclaim.findings import Severity
from cleanclaim.remittance import balance
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine, Remittance

CO45 = Cas("CO", "45", 4000, position=48)
PR2 = Cas("PR", "2", 2000, position=49)


def remit(*claims, paid=None, plb=()):
    provider = tuple(ProviderAdjustment("1", None, code, "", cents, 90) for code, cents in plb)
    total = sum(claim.paid_cents for claim in claims) - sum(item.amount_cents for item in provider)
    return Remittance(
        total if paid is None else paid,
        "ACH",
        trace_number="0412",
        control_number="0001",
        claims=claims,
        provider_adjustments=provider,
    )


def clp(charge=15000, paid=9000, patient=2000, cas=(), lines=(), status="1"):
    return RemitClaim(
        "A1003",
        status,
        charge,
        paid,
        patient,
        adjustments=tuple(cas),
        lines=tuple(lines),
        position=47,
        end_position=55,
    )


def svc(charge=15000, paid=9000, cas=(CO45, PR2)):
    return RemitLine("90837", charge, paid, adjustments=tuple(cas), position=50)


BALANCED = [
    (remit(clp(lines=[svc()])), "line adjustments"),
    (remit(clp(cas=[CO45, PR2])), "claim adjustments, no lines"),
    (
        remit(clp(cas=[CO45], lines=[svc(paid=13000, cas=[PR2])])),
        "line payments need not add up to CLP04 with claim adjustments",
    ),
    (remit(clp(lines=[svc()]), plb=[("WO", 3000), ("L6", -215)]), "provider adjustments of both signs"),
    (
        remit(
            clp(
                -15000,
                -9000,
                0,
                lines=[svc(-15000, -9000, [Cas("CO", "45", -4000), Cas("PR", "2", -2000)])],
                status="22",
            ),
            plb=[("FB", -9000)],
        ),
        "reversal; CLP05 is not tested on it",
    ),
    (remit(plb=[("E3", -1000)]), "no claims"),
    (remit(clp(patient=None, lines=[svc()])), "CLP05 not sent"),
    (
        remit(
            clp(
                lines=[svc(10000, 15000, [Cas("OA", "94", -5000)]), svc(5000, 0, [Cas("CO", "97", 5000)])],
                paid=15000,
                patient=0,
            )
        ),
        "negative 94",
    ),
]


@pytest.mark.parametrize(("remittance", "why"), BALANCED)
def test_balances_without_a_word(remittance, why):
    report = balance(remittance)
    assert (report.balanced, report.difference_cents, report.findings) == (True, 0, ()), why


BROKEN = [  # remittance, code, position, difference, why
    (
        remit(clp(lines=[svc(paid=9001)])),
        "remittance.line_out_of_balance",
        50,
        1,
        "line paid a cent too much",
    ),
    (
        remit(clp(paid=8999, cas=[CO45, PR2])),
        "remittance.claim_out_of_balance",
        47,
        -1,
        "claim paid a cent too little",
    ),
    (
        remit(clp(lines=[svc(), svc(100, 100, [])])),
        "remittance.line_charges_differ",
        47,
        100,
        "a line more than the claim's charge",
    ),
    (
        remit(clp(lines=[svc()]), paid=9001),
        "remittance.payment_out_of_balance",
        2,
        1,
        "payment a cent too large",
    ),
    (
        remit(clp(lines=[svc()]), paid=9215 - 430, plb=[("L6", -215)]),
        "remittance.payment_out_of_balance",
        2,
        -430,
        "interest with the wrong sign",
    ),
]


@pytest.mark.parametrize(("remittance", "code", "position", "difference", "why"), BROKEN)
def test_one_broken_sum_is_one_finding(remittance, code, position, difference, why):
    report = balance(remittance)
    assert not report.balanced
    found = next(finding for finding in report.findings if finding.code == code)
    assert found.severity is Severity.STOP
    assert found.where.segment_index == position
    assert found.facts["difference_cents"] == difference, why
    assert report.difference_cents == (difference if code.startswith("remittance.payment") else 0)


def test_patient_share_only_warns():
    report = balance(remit(clp(patient=2500, lines=[svc()])))
    assert report.balanced
    [finding] = report.findings
    assert (finding.code, finding.severity, finding.facts["difference_cents"]) == (
        "remittance.patient_share_differs",
        Severity.TELL,
        500,
    )


def test_every_failure_is_reported():
    codes = [finding.code for finding in balance(remit(clp(lines=[svc(paid=10000)]), paid=1)).findings]
    assert codes == ["remittance.line_out_of_balance", "remittance.payment_out_of_balance"]


def test_the_model_error():
    report = balance(remit(clp(paid=9000, cas=[CO45])), file="remit_0412.835")
    assert report.findings[0].text() == (
        "remit_0412.835, transaction 0001, loop 2100, segment 47 (CLP), element CLP04\n"
        "Claim A1003 does not balance: charge 150.00 - adjustments 40.00 = 110.00, but paid is 90.00 (20.00 too little).\n"
        "Held for review: payment 0412 was parked whole, nothing was posted (a payment that does not balance never posts in part).\n"
        "Usual cause: an adjustment (CAS) is missing from the claim or from one of its service lines. Compare segments 47-55 with the payer's portal.\n"
        "[remittance.claim_out_of_balance]"
    )
