"""The demo's last evening: claims under the lights of Before sending."""

from __future__ import annotations

from tests.server.web.conftest import desk  # noqa: F401
from tests.server.web.desk import NOW, TODAY

from cleanclaim_server.claims.models import Claim, ClaimRepair
from cleanclaim_server.cycle.demo.before_sending import leave_unsent
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.tenancy.context import system_context


def test_a_billed_session_comes_again_and_its_repair_is_shown(desk):  # noqa: F811
    desk.claim()
    agency = desk.practice.agency
    with system_context(agency.pk):
        assert leave_unsent(agency, desk.user, on=TODAY, now=NOW) == 1
        session = Encounter.objects.get(date_of_service=TODAY)
        claim = Claim.objects.get(family__encounter=session)
        repair = ClaimRepair.objects.get(claim=claim)
        assert (claim.lifecycle, repair.before, repair.after) == ("ready", "F41.1 F41.1", "F41.1")
        assert leave_unsent(agency, desk.user, on=TODAY, now=NOW) == 0, "nobody is seen twice that day"
