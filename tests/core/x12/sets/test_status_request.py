"""276: which claims are asked about, and that the 277 finds its question."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from questions import QUESTION_276, file_of_body, stops, transaction_of

from cleanclaim.x12.sets.parties import Party, Service
from cleanclaim.x12.sets.status_request import (
    AskedClaim,
    AskedLine,
    AskedPatient,
    AskedPayer,
    AskingParty,
    AskingProvider,
    StatusDependent,
    StatusQuestion,
    asked_claims,
    read_276,
    write_276,
)
from cleanclaim.x12.writer import WriteRefused

replace = msgspec.structs.replace
CLAIM = AskedClaim(
    "A1003", claim_number="A1003", charge_cents=31000, service_from=date(2026, 11, 2),
    lines=(AskedLine(Service("HC", "90837", ("95",)), 17500, units=Decimal(1), line_control="L1",
                     service_from=date(2026, 11, 2)),),
)  # fmt: skip


def asked(*claims, **changes):
    """A question about one patient, built and not read."""
    patient = AskedPatient(
        entity="IL", kind="1", name="TESTER", first_name="TERRY", id_qualifier="MI", id="W1",
        birth_date=date(1980, 1, 1), sex="F", claims=claims,
    )  # fmt: skip
    provider = Party("1P", "2", "QUIET HARBOR", id_qualifier="XX", id="1234567893")
    asking = AskingParty(
        "41", "2", "QUIET HARBOR", id_qualifier="46", id="QUIETHARBOR",
        groups=(AskingProvider((provider,), (replace(patient, **changes),)),),
    )  # fmt: skip
    payer = AskedPayer("PR", "2", "EVERGREEN", id_qualifier="PI", id="60054", receivers=(asking,))
    return StatusQuestion("STATUS1", date(2026, 11, 2), "0930", payers=(payer,))


def test_a_question_is_read_claim_by_claim():
    question, findings = read_276(transaction_of("276"))
    assert findings == []
    first, second = asked_claims(question)
    assert (first.payer.id, first.provider.id, first.subscriber.id, first.patient is first.subscriber) == (
        "60054", "1234567893", "W1", True,
    )  # fmt: skip
    claim = first.claim
    assert (claim.trace_number, claim.payer_control_number, claim.claim_number, claim.charge_cents) == (
        "A1003", "2026000001", "A1003", 31000,
    )  # fmt: skip
    assert (claim.service_from, claim.service_to) == (date(2026, 10, 15), date(2026, 10, 16))
    (line,) = claim.lines
    assert (line.service.code, line.service.modifiers, line.charge_cents, line.units, line.line_control) == (
        "90837", ("95",), 17500, Decimal(1), "A1003L1",
    )  # fmt: skip
    assert (claim.position, line.position, claim.end_position) == (12, 17, 19)
    assert (second.subscriber.name, second.patient.first_name, second.claim.charge_cents) == (
        "OTHER",
        "OSCAR",
        13550,
    )
    assert isinstance(second.patient, StatusDependent) and second.patient.birth_date == date(2012, 3, 4)


def test_a_question_is_built_from_nothing_but_records():
    data = file_of_body(write_276(asked(CLAIM), control_number="0001"))
    assert stops(data) == []
    assert b"~HL*4*3*22*0~DMG*D8*19800101*F~NM1*IL*1*TESTER*TERRY****MI*W1~TRN*1*A1003~REF*EJ*A1003~" in data
    assert b"~AMT*T3*310~DTP*472*D8*20261102~SVC*HC:90837:95*175*****1~REF*FJ*L1~DTP*472*D8*20261102~" in data


REFUSED = [
    ((replace(CLAIM, trace_number=""),), {}, "x12.element.required", "2200D", "TRN02"),
    ((CLAIM,), {"sex": "U"}, "x12.element.code", "2000D", "DMG03"),
    ((CLAIM,), {"id": ""}, "x12.element.required", "2100D", "NM109"),
    ((replace(CLAIM, lines=(AskedLine(Service("HC", "90837"), 17500, units=Decimal(1)),)),), {},
     "x12.segment.missing", "2210D", ""),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "changes", "code", "loop", "element"), REFUSED)
def test_what_the_guide_refuses_is_not_written(claims, changes, code, loop, element):
    with pytest.raises(WriteRefused) as refused:
        write_276(asked(*claims, **changes), control_number="0001")
    assert [(one.code, one.where.loop, one.where.element) for one in refused.value.findings] == [
        (code, loop, element)
    ]


def test_reading_never_fails_on_what_is_cut_short():
    lines = QUESTION_276.splitlines()
    for end in range(1, len(lines)):
        assert len(asked_claims(read_276(transaction_of("276", "\n".join(lines[:end])))[0])) <= 2
