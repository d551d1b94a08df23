"""Weeks of the whole cycle against the simulated clearinghouse."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from cleanclaim.simulator.synthetic import agency_contract
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.demo.simulate import Simulation
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.ledger.queries import verify_ledger
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.tenancy.context import system_context

START = date(2026, 3, 2)


@pytest.mark.django_db(transaction=True)
def test_weeks_of_work_leave_balanced_books(agency, partner, demo, synthetic):
    partner.config = {"seed": 7, "contract": msgspec.to_builtins(agency_contract(synthetic))}
    partner.save()
    simulation = Simulation(synthetic, agency, partner)
    reports = simulation.run(START, START + timedelta(days=34), sessions_until=START + timedelta(days=7))
    assert sum(report.claims_sent for report in reports) > 50
    with system_context(agency.id):
        states = set(Claim.objects.values_list("payer_state", flat=True))
        assert {"paid", "denied"} <= states
        assert Remittance.objects.filter(state="posted").exists()
        assert sum(Leg.objects.values_list("amount_cents", flat=True)) == 0
        assert Entry.objects.count() > 100
        for practice in demo.values():
            assert verify_ledger(practice.id) == []
