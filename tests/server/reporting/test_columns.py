"""Rows as columns: the same values on both databases as Django's own objects, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from tests.server.cycle.remitting import make_claims, make_world

from cleanclaim_server.claims.models import Claim
from cleanclaim_server.reporting.columns import Kind, columns_of, day_in, plain_key
from cleanclaim_server.tenancy.context import tenant_context

WANTED = {
    "key": ("id", Kind.KEY),
    "number": ("claim_number", Kind.TEXT),
    "on": ("date_of_service", Kind.DAY),
    "made": ("created_at", Kind.INSTANT),
    "accepted": ("accepted_at", Kind.INSTANT),
    "cents": ("total_charge_cents", Kind.CENTS),
    "payer": ("payer__name", Kind.TEXT),
}


@pytest.fixture
def claims(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        yield make_claims(make_world(practice_a), 3)


def test_values_are_those_of_the_rows(claims):
    whole, parted = datetime(2026, 11, 21, 2, tzinfo=UTC), datetime(2026, 11, 21, 4, 59, 59, 120, tzinfo=UTC)
    Claim.objects.filter(pk=claims[0].pk).update(accepted_at=whole)
    Claim.objects.filter(pk=claims[1].pk).update(accepted_at=parted)
    rows = Claim.objects.order_by("claim_number")
    found = columns_of(rows, **WANTED).with_columns(plain_key("key"))
    assert found.rows() == [
        (str(one.pk), one.claim_number, one.date_of_service, one.created_at, one.accepted_at,
         one.total_charge_cents, one.payer.name)
        for one in rows.select_related("payer")
    ]  # fmt: skip
    days = found.select(day=day_in("accepted", ZoneInfo("America/New_York")))["day"].to_list()
    assert [day and day.isoformat() for day in days] == ["2026-11-20", "2026-11-20", None]


def test_keys_of_two_lists_join(claims):
    mine = columns_of(Claim.objects.all(), claim=("id", Kind.KEY), family=("family_id", Kind.KEY))
    again = columns_of(Claim.objects.all(), family=("family__id", Kind.KEY))
    assert mine.join(again, on="family").height == 3


def test_no_rows_are_columns_of_their_types(claims):
    found = columns_of(Claim.objects.none(), **WANTED)
    assert found.height == 0 and found.schema["made"] == pl.Datetime("us", "UTC")
    assert found.with_columns(plain_key("key")).schema["key"] == pl.String


def test_an_agency_without_claims_has_no_figures(practice_a):
    from cleanclaim_server.reporting.queries import kpi_facts

    with tenant_context(practice_a.agency_id, [practice_a.pk]) as tenant:
        facts = kpi_facts(tenant)
    assert (facts.families.height, facts.events.height) == (0, 0)
