"""The demo's office works through part of what waits, by the seed, and its post brings odd files."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import msgspec
import pytest
from tests.server.demo.small import part_of_agency

from cleanclaim.simulator.synthetic import agency_contract
from cleanclaim_server.bank.models import BankAccount, Proposal, Tie
from cleanclaim_server.bank.queries import account_totals
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.clearinghouse.models import StoredFile, TradingPartner
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.demo.desk import Desk
from cleanclaim_server.cycle.demo.loading import load_agency
from cleanclaim_server.cycle.demo.oddities import receive_oddities
from cleanclaim_server.cycle.demo.simulate import Simulation, _at
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.remittances.models import InboxRemittance, RemittanceClaim
from cleanclaim_server.reporting.promises import check_promises
from cleanclaim_server.statements.models import PatientDeposit, PatientPayment
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.work.models import WorkItem

FIRST, DAYS = date(2026, 1, 5), 41


@pytest.fixture
def agency(db) -> Agency:
    last = FIRST + timedelta(days=DAYS - 1)
    synthetic = part_of_agency(7, "BW", "TM", around=last)
    agency = Agency.objects.create(
        name=synthetic.name, submitter_id="EXAMPLE", contact_name="Billing", contact_phone="5550100"
    )
    with system_context(agency.pk):
        partner = TradingPartner.objects.create(
            agency=agency,
            name="Simulated",
            transport="simulator",
            receiver_id="SIMCLEAR",
            config={"seed": 7, "contract": msgspec.to_builtins(agency_contract(synthetic))},
        )
        load_agency(synthetic, agency, partner)
    Simulation(synthetic, agency, partner, Desk(agency.pk, uuid4(), 7, closes_months=True)).run(FIRST, last)
    return agency


def test_the_office_works_and_the_books_hold(agency):
    with system_context(agency.pk):
        assert {"working", "written_off", "open"} <= set(Denial.objects.values_list("state", flat=True))
        assert Claim.objects.filter(frequency="7").exists()
        assert PatientPayment.objects.exists()
        assert ClaimEvent.objects.filter(title="Built anew from the records").exists()
        corrected = Coverage.objects.exclude(ends_on=None).filter(ends_on__gte=FIRST - timedelta(days=40))
        assert corrected.exists()
        promises = {one.name: one for one in check_promises(agency.pk)}
        assert [name for name, one in promises.items() if not one.holds] == []
        # What was corrected and which months are closed is there to be looked at, not only promised.
        assert promises["L3"].checked > 5 and promises["L10"].checked >= Practice.objects.count()
        assert ClaimEvent.objects.filter(kind="undone").exists()
        assert RemittanceClaim.objects.filter(status="22", remittance__state="posted").exists()
        assert WorkItem.objects.filter(is_open=True).exists()
        bank_holds()

        partner = TradingPartner.objects.get(agency=agency)
        outcomes = receive_oddities(agency, partner, now=_at(FIRST + timedelta(days=DAYS), 12))
        assert [one.state for one in outcomes] == ["read", "read", "unreadable"]
        assert WorkItem.objects.filter(queue="unmatched", is_open=True).count() == 2
        assert InboxRemittance.objects.filter(state="unassigned").count() == 1
        assert StoredFile.objects.filter(state="unreadable").count() == 1
        assert [one.name for one in check_promises(agency.pk) if not one.holds] == []


def bank_holds() -> None:
    """The bank spoke each week, and every cent of it is somewhere."""
    kinds = set(Tie.objects.values_list("kind", flat=True))
    assert {"trace", "trace_split"} <= kinds, kinds
    thoughts = set(Proposal.objects.values_list("kind", flat=True))
    assert "missing_remittance" in thoughts or "missing_deposit" in thoughts, thoughts
    totals = account_totals(BankAccount.objects.values_list("pk", flat=True))
    assert len(totals) > 1 and all(one.difference == 0 and one.tied > 0 for one in totals.values())
    assert WorkItem.objects.filter(queue="bank", is_open=True).exists()
    assert PatientDeposit.objects.exists()
