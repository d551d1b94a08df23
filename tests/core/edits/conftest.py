"""A claim that every edit passes, and the frames that know it."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.claim import (
    Address,
    Claim,
    Clinician,
    Organization,
    PayerKind,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.frames import context_frame

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def good_claim() -> Claim:
    home = Address(line1="12 ELM ST", city="DOVER", state="DE", postal_code="19901")
    patient = Person(last_name="DOE", first_name="JANE", birth_date=date(1990, 4, 2), sex="F", address=home)
    return Claim(
        claim_number="A1003",
        billing_provider=Organization(
            name="RIVER COUNSELING LLC",
            npi="1234567893",
            tax_id="510123456",
            taxonomy="261QM0801X",
            address=Address(line1="100 MAIN ST", city="DOVER", state="DE", postal_code="199011234"),
            contact_name="BILLING",
            contact_phone="3025550100",
        ),
        payer=PayerParty(name="AMERIHEALTH CARITAS NEXT", payer_id="47073", kind=PayerKind.COMMERCIAL),
        subscriber=patient,
        member_id="ABC123456",
        patient=patient,
        lines=(
            ServiceLine(
                number=1,
                control_number="A1003L1",
                code="90837",
                date_of_service=date(2026, 11, 2),
                charge_cents=15000,
                session_minutes=55,
            ),
        ),
        diagnoses=("F41.1",),
        place_of_service="11",
        total_charge_cents=15000,
        rendering=Clinician(
            last_name="LEE", first_name="ANN", npi="1679576722", taxonomy="1041C0700X", credential="LCSW"
        ),
        practice_id="p1",
        patient_id="pt1",
        encounter_id="e1",
        state="DE",
        modality="in_person",
    )


@pytest.fixture(scope="session")
def known():
    """Context frames in which the good claim is clean."""
    return {
        "history": context_frame("history", []),
        "coverage": context_frame(
            "coverage",
            [
                {
                    "patient_id": "pt1",
                    "payer_id": "47073",
                    "payer_kind": "commercial",
                    "member_id": "ABC123456",
                    "sequence": "P",
                    "starts": date(2026, 1, 1),
                    "status": "active",
                    "verified_on": date(2026, 11, 1),
                }
            ],
        ),
        "authorizations": context_frame("authorizations", []),
        "consents": context_frame("consents", []),
        "documents": context_frame("documents", []),
        "charges": context_frame("charges", []),
        "enrollments": context_frame("enrollments", []),
    }
