"""The synthetic agency on file, for the stories of the cycle."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.simulator.synthetic import make_agency


@pytest.fixture(scope="session")
def synthetic():
    return make_agency(7, around=date(2026, 11, 1))


@pytest.fixture
def partner(agency):
    from cleanclaim_server.clearinghouse.models import TradingPartner

    return TradingPartner.objects.create(
        agency=agency, name="Example Clearinghouse", transport="simulator", receiver_id="SIMCLEAR",
        receiver_name="EXAMPLE CLEARINGHOUSE",
    )  # fmt: skip


@pytest.fixture
def demo(agency, partner, synthetic):
    """The synthetic agency's practices by code."""
    from cleanclaim_server.cycle.demo.loading import load_agency
    from cleanclaim_server.tenancy.context import system_context

    agency.contact_name, agency.contact_phone = "Billing", "5550100"
    agency.save()
    with system_context(agency.id):
        return {practice.code: practice for practice in load_agency(synthetic, agency, partner)}
