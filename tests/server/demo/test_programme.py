"""The demo's programme: who is in it follows from the seed, and its bills leave with the rest."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.claim import decode_claim
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.demo.programmes import attend_lately, start_programme
from cleanclaim_server.programmes.models import Episode, ProgrammeDay
from cleanclaim_server.tenancy.context import system_context

FIRST = date(2026, 3, 2)


@pytest.mark.django_db
def test_one_practice_has_a_programme_with_bills_ready_and_days_that_wait(agency, demo, make_user):
    biller = make_user("biller", list(demo.values()))
    with system_context(agency.id):
        built = start_programme(agency, biller, first=FIRST)
        claims = list(Claim.objects.exclude(bill_type=""))
        assert built == len(claims) == Episode.objects.count() >= 3
        assert {claim.lifecycle for claim in claims} == {"ready"}
        assert {claim.bill_type for claim in claims} == {"0762"}
        assert any(decode_claim(bytes(claim.frozen)).other_payers for claim in claims)
        before = ProgrammeDay.objects.count()
        count = attend_lately(agency, biller, on=date(2026, 4, 17))
        waiting = ProgrammeDay.objects.filter(encounter__isnull=True)
        assert count == waiting.count() == ProgrammeDay.objects.count() - before == 3 * len(claims)
        assert waiting.filter(note_signed_at__isnull=True).count() == 1
