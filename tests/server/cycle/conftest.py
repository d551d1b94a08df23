"""Claims that are ready to send, built from the invented claims of the core's tests."""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from cleanclaim.claim import encode_claim
from cleanclaim_server.claims.models import Claim, ClaimFamily
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.coverage.models import Coverage, Payer, Plan
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Provider

CORE = Path(__file__).resolve().parents[2] / "core" / "x12"
for folder in (CORE, CORE / "sets"):
    sys.path.insert(0, str(folder)) if str(folder) not in sys.path else None

from claims import MEDICAID, MEDICARE, PLAIN  # noqa: E402

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KINDS = {"commercial": PLAIN.payer, "medicare": MEDICARE, "medicaid": MEDICAID}


@pytest.fixture
def partner(agency, tmp_path) -> TradingPartner:
    agency.contact_name, agency.contact_phone = "DANA DESK", "5555550101"
    agency.save()
    for name in ("out", "in"):
        (tmp_path / name).mkdir()
    return TradingPartner.objects.create(
        agency=agency, name="Evergreen Clearing", receiver_id="EVERGREEN", receiver_name="EVERGREEN CLEARING",
        config={"outbox": str(tmp_path / "out"), "inbox": str(tmp_path / "in"), "settle_seconds": 0.02},
    )  # fmt: skip


@pytest.fixture
def make_claims(agency, practice_a, partner):
    """`make_claims(3, kind="medicare", change={...})`: claims of practice AA in state ready."""
    patient = Patient.objects.create(
        practice=practice_a, chart_number="1", first_name="TERRY", last_name="TESTER"
    )
    provider = Provider.objects.create(
        practice=practice_a, first_name="CARA", last_name="CLINICIAN", npi="1003000126", taxonomy="101YM0800X",
        credential="PhD",
    )  # fmt: skip
    place = Location.objects.create(
        practice=practice_a,
        name="Office",
        address_line1="1 St",
        city="Albany",
        state="NY",
        postal_code="122070001",
    )
    made = 0

    def make(
        count: int = 1, *, kind: str = "commercial", change: dict | None = None, **fields
    ) -> list[Claim]:
        nonlocal made
        party = KINDS[kind]
        payer, _ = Payer.objects.get_or_create(
            agency=agency, payer_id=party.payer_id,
            defaults={"name": party.name, "kind": kind, "trading_partner": partner},
        )  # fmt: skip
        plan, _ = Plan.objects.get_or_create(agency=agency, payer=payer, name="Plan")
        coverage = Coverage.objects.create(
            practice=practice_a,
            patient=patient,
            plan=plan,
            member_id="W123456789",
            starts_on=date(2026, 1, 1),
        )
        rows = []
        for _ in range(count):
            made += 1
            number = f"AA{made:06d}"
            lines = tuple(
                msgspec.structs.replace(line, control_number=f"{number}L{line.number}")
                for line in PLAIN.lines
            )
            changes = {"claim_number": number, "lines": lines, "payer": party, **(change or {})}
            if kind != "commercial":
                changes["group_number"] = ""
            value = msgspec.structs.replace(PLAIN, **changes)
            encounter = Encounter.objects.create(
                practice=practice_a, patient=patient, rendering_provider=provider, location=place,
                external_id=number, date_of_service=date(2026, 10, 15), service="psychotherapy",
            )  # fmt: skip
            frozen = encode_claim(value)
            rows.append(
                Claim.objects.create(
                    practice=practice_a, patient=patient, coverage=coverage, payer=payer, claim_number=number,
                    family=ClaimFamily.objects.create(practice=practice_a, encounter=encounter, patient=patient),
                    date_of_service=date(2026, 10, 15), date_of_service_end=date(2026, 10, 16),
                    rendering_provider=provider, place_of_service="11", rule_state="NY",
                    total_charge_cents=31000, codes="90837 90834", frozen=frozen, created_at=NOW,
                    frozen_hash=hashlib.sha256(frozen).hexdigest(), **{"lifecycle": "ready", **fields},
                )
            )  # fmt: skip
        return rows

    return make
