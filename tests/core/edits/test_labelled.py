"""A labelled set: 300 claims with one fault each, of many kinds, and 300 without any.

The faults are the failing rows of the catalogue, laid on claims of three different people. Every fault is found by its edit; nothing stops on a clean claim.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from cleanclaim.claim import Claim, Clinician, PayerKind
from cleanclaim.edits import run_edits
from cleanclaim.findings import Severity
from cleanclaim.frames import context_frame, frames_from_claims

from .test_catalogue import CASES, TODAY

PAYERS = (
    ("AETNA", "60054", PayerKind.COMMERCIAL, "CI", "W123456789"),
    ("CIGNA", "62308", PayerKind.COMMERCIAL, "CI", "U12345678"),
    ("AMERIHEALTH CARITAS NEXT", "47073", PayerKind.COMMERCIAL, "CI", "ABC123456"),
)
SESSIONS = (("90837", 58), ("90834", 44), ("90832", 30), ("90847", 50), ("90791", None))
CLINICIANS = (("1679576722", "LCSW"), ("1234567893", "PhD"), ("1679576722", "LMFT"), ("1234567893", "LPC"))
CONTEXT = ("history", "coverage", "authorizations", "consents", "documents", "charges", "enrollments")


def clean_claims(good: Claim, count: int, seed: int) -> list[Claim]:
    chance = random.Random(seed)
    claims = []
    for number in range(count):
        name, payer_id, kind, filing, member = chance.choice(PAYERS)
        code, minutes = chance.choice(SESSIONS)
        npi, credential = chance.choice(CLINICIANS)
        charge = chance.randrange(8000, 25000)
        person = replace(good.patient, birth_date=date(1965, 1, 1) + timedelta(days=chance.randrange(15000)))
        claims.append(
            replace(
                good,
                claim_number=f"L{seed}N{number}",
                payer=replace(good.payer, name=name, payer_id=payer_id, kind=kind, claim_filing_code=filing),
                member_id=member,
                patient=person,
                subscriber=person,
                patient_id=f"{seed}pt{number}",
                encounter_id=f"{seed}e{number}",
                state=chance.choice(("DE", "GA", "OH", "RI", "TX")),
                diagnoses=chance.choice((("F41.1",), ("F33.1", "F43.10"), ("F43.23",), ("F90.2",))),
                modality=chance.choice(("in_person", "video")),
                rendering=Clinician("LEE", "ANN", npi=npi, taxonomy="1041C0700X", credential=credential),
                billing_provider=replace(good.billing_provider, npi="1730102450"),
                lines=(
                    replace(
                        good.lines[0],
                        control_number=f"L{seed}N{number}L1",
                        code=code,
                        session_minutes=minutes,
                        charge_cents=charge,
                        date_of_service=TODAY - timedelta(days=chance.randrange(1, 60)),
                    ),
                ),
                total_charge_cents=charge,
            )
        )
    return [replace(claim, place_of_service="10" if claim.modality == "video" else "11") for claim in claims]


def coverage_of(claims):
    return context_frame(
        "coverage",
        [
            {
                "patient_id": claim.patient_id,
                "payer_id": claim.payer.payer_id,
                "payer_kind": str(claim.payer.kind),
                "member_id": claim.member_id,
                "sequence": "P",
                "starts": date(2020, 1, 1),
                "status": "active",
                "verified_on": TODAY,
            }
            for claim in claims
        ],
    )


FAULTS = [row for row in CASES if row[1]]
KINDS = {row[0] for row in FAULTS}


def test_the_set_has_many_kinds():
    assert len(KINDS) >= 60
    assert len(FAULTS) >= 140


def variant(good: Claim, turn: int) -> Claim:
    """The good claim of another person: what the faults do not turn on differs."""
    if turn == 0:
        return good
    person = replace(
        good.patient,
        birth_date=(date(1975, 12, 31), date(1999, 2, 28))[turn - 1],
        sex="MF"[turn - 1],
        address=replace(good.patient.address, line1=f"{turn} OAK ST", postal_code="302011234"),
    )
    return replace(
        good,
        patient=person,
        subscriber=person,
        group_number=f"G{turn}",
        rendering=replace(good.rendering, last_name="FOX", first_name="BEN"),
        billing_provider=replace(good.billing_provider, name="OTHER CLINIC INC", tax_id="460123456"),
    )


LABELLED = [(row, turn) for turn in range(3) for row in FAULTS][:300]


@pytest.fixture(scope="module")
def caught(good_claim, known):
    """(number, edit, found codes) of each of the 300 faulty claims."""
    answers = []
    for number, ((edit, _, change, context, _), turn) in enumerate(LABELLED):
        claim = change(variant(good_claim, turn))
        report = run_edits(frames_from_claims([claim]), today=TODAY, **{**known, **context})
        answers.append((number, edit, {finding.code for finding in report.findings}))
    return answers


def test_every_fault_is_caught_by_its_edit(caught):
    missed = [(number, edit) for number, edit, found in caught if f"edits.{edit}" not in found]
    assert len(caught) == 300
    assert len({edit for _, edit, _ in caught}) >= 60
    assert missed == []


def test_nothing_stops_on_a_clean_claim(good_claim):
    claims = clean_claims(good_claim, 300, seed=7)
    empty = {kind: context_frame(kind, []) for kind in CONTEXT}
    report = run_edits(frames_from_claims(claims), today=TODAY, **{**empty, "coverage": coverage_of(claims)})
    stops = [finding for finding in report.findings if finding.severity is not Severity.TELL]
    assert [(finding.subject_id, finding.code, finding.message) for finding in stops] == []
    assert len(report.claims) == 300
