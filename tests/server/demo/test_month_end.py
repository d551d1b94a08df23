"""The demo's end of month: a payment twice, refunds by two people, statements, closed months; the books hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from tests.server.demo.small import part_of_agency

from cleanclaim.simulator.synthetic import agency_contract
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.credits.models import CreditDecision, Refund
from cleanclaim_server.cycle.demo.desk import Desk
from cleanclaim_server.cycle.demo.loading import load_agency
from cleanclaim_server.cycle.demo.month_end import close_past_months, show_month_end
from cleanclaim_server.cycle.demo.simulate import Simulation
from cleanclaim_server.ledger.closing import has_moved
from cleanclaim_server.ledger.models import Entry, Period
from cleanclaim_server.practice.models import Agency
from cleanclaim_server.reporting.promises import check_promises
from cleanclaim_server.statements.models import StatementRun
from cleanclaim_server.tenancy.context import system_context

FIRST, DAYS = date(2026, 1, 5), 34
NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)


@pytest.fixture
def agency(db) -> Agency:
    last = FIRST + timedelta(days=DAYS - 1)
    synthetic = part_of_agency(7, "HL", "BW", around=last)
    agency = Agency.objects.create(
        name=synthetic.name, submitter_id="EXAMPLE", contact_name="B", contact_phone="5550100"
    )
    with system_context(agency.pk):
        partner = TradingPartner.objects.create(
            agency=agency, name="Simulated", transport="simulator", receiver_id="SIMCLEAR",
            config={"seed": 7, "contract": msgspec.to_builtins(agency_contract(synthetic))},
        )  # fmt: skip
        load_agency(synthetic, agency, partner)
    Simulation(synthetic, agency, partner, Desk(agency.pk, uuid4(), 7)).run(FIRST, last)
    return agency


def test_the_end_of_a_month_is_there_to_see(agency, make_user):
    dana, owner = (
        make_user(of_agency=agency, display_name="Dana"),
        make_user(of_agency=agency, display_name="Owner"),
    )
    with system_context(agency.pk):
        partner = TradingPartner.objects.get(agency=agency)
        count = show_month_end(agency, partner, dana, owner, now=NOW)
        assert 1 <= count <= 3
        sent = Refund.objects.get(state="sent")
        assert (sent.asked_by, sent.approved_by) == (dana.pk, owner.pk)
        assert Refund.objects.count() + CreditDecision.objects.count() == count
        assert StatementRun.objects.count() >= 1
    closed = close_past_months(agency, owner, now=NOW)
    with system_context(agency.pk):
        assert closed == Period.objects.count() > 0
        assert not any(has_moved(one) for one in Period.objects.all())
        assert Entry.objects.filter(belongs_on=date(2026, 2, 28), kind="patient_payment").exists()
        assert [one.name for one in check_promises(agency.pk) if not one.holds] == []
