"""A payment is itself under any file name, envelope, order or spelling; other content shows."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from cleanclaim.remittance import content_hash, identity_key
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine, RemitParty, Remittance

LINE = RemitLine(
    "90837",
    15000,
    9000,
    adjustments=(Cas("CO", "45", 4000, position=9), Cas("PR", "2", 2000, position=10)),
    position=8,
)
CLAIM = RemitClaim("A1", "1", 15000, 9000, 2000, payer_control_number="P1", lines=(LINE,), position=7)
OTHER = RemitClaim("B1", "1", 5000, 5000, 0, payer_control_number="P2", position=20)
REMIT = Remittance(
    14000, "ACH", paid_on=date(2026, 11, 2), trace_number="T1", trace_payer_id="1123456789", payer=RemitParty(name="Evergreen", id="EV1"),
    claims=(CLAIM, OTHER), provider_adjustments=(ProviderAdjustment("1", None, "L6", "P1", 0),), control_number="0001", interchange_control_number="000000001", offset=100,
)  # fmt: skip


def changed(**fields):
    return msgspec.structs.replace(REMIT, **fields)


SAME = [
    (changed(control_number="0099", interchange_control_number="000000777", offset=9000), "other envelope"),
    (
        changed(payer=RemitParty(name="EVERGREEN HEALTH", id="X9")),
        "another clearinghouse names the payer otherwise",
    ),
    (changed(trace_number=" t1 "), "blanks and case"),
    (changed(claims=(OTHER, CLAIM)), "claims in another order"),
    (changed(claims=(msgspec.structs.replace(CLAIM, position=70), OTHER)), "other positions"),
]


@pytest.mark.parametrize(("remittance", "why"), SAME)
def test_the_same_payment(remittance, why):
    assert identity_key(remittance, practice_id="p") == identity_key(REMIT, practice_id="p"), why
    assert content_hash(remittance) == content_hash(REMIT), why


OTHER_PAYMENT = [
    changed(paid_cents=14001),
    changed(trace_number="T2"),
    changed(trace_payer_id="1999999999"),
    changed(paid_on=date(2026, 11, 3)),
]


@pytest.mark.parametrize("remittance", OTHER_PAYMENT)
def test_another_payment(remittance):
    assert identity_key(remittance, practice_id="p") != identity_key(REMIT, practice_id="p")


def test_each_practice_has_its_own():
    assert identity_key(REMIT, practice_id="p") != identity_key(REMIT, practice_id="q")
    assert len(identity_key(REMIT, practice_id="p")) == 64


OTHER_CONTENT = [
    changed(claims=(CLAIM,)),
    changed(claims=(CLAIM, msgspec.structs.replace(OTHER, paid_cents=4999))),
    changed(
        claims=(
            msgspec.structs.replace(
                CLAIM, lines=(msgspec.structs.replace(LINE, adjustments=(Cas("CO", "45", 6000),)),)
            ),
            OTHER,
        )
    ),
    changed(provider_adjustments=()),
]


@pytest.mark.parametrize("remittance", OTHER_CONTENT)
def test_same_payment_with_other_content_goes_to_quarantine(remittance):
    assert identity_key(remittance, practice_id="p") == identity_key(REMIT, practice_id="p")
    assert content_hash(remittance) != content_hash(REMIT)
