"""The figures of a month on posted data, to the cent, and the rows behind each."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.server.cycle.remitting import PAID_ON, answer, file_835, make_claims, make_world, payment

from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.reporting.board import board_days, board_money
from cleanclaim_server.reporting.measures import DEFINITIONS, facts_of, families_behind, measure
from cleanclaim_server.reporting.queries import kpi_facts
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.web.views.month import formula_url

OCTOBER, NOVEMBER = PAID_ON.replace(month=10, day=1), PAID_ON.replace(day=1)
TODAY = PAID_ON.replace(day=23)


@pytest.fixture
def posted(practice_a):
    """Three claims of $150.00 of 15 Oct: one paid 90.00 with 20.00 patient share, one denied, one unanswered."""
    from tests.server.cycle.remitting import NOW

    with system_context(practice_a.agency_id) as tenant:
        world = make_world(practice_a)
        claims = make_claims(world, 3)
        paid = answer(claims[0], 9000, ("CO", "45", 4000), ("PR", "2", 2000))
        denied = answer(claims[1], 0, ("CO", "197", 15000), status="4")
        data = file_835(payment([paid, denied]))
        receive_file(practice_a.agency_id, name="r.835", data=data, partner=world.partner, now=NOW)
        yield tenant, claims


def test_what_is_booked_in_the_evening_is_of_that_day(practice_a):
    """21:00 in New York is the next day in UTC: the agency's month must not wait for it."""
    evening = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    with system_context(practice_a.agency_id) as tenant:
        world = make_world(practice_a)
        data = file_835(payment([answer(make_claims(world, 1)[0], 15000)]))
        receive_file(practice_a.agency_id, name="r.835", data=data, partner=world.partner, now=evening)
        facts = kpi_facts(tenant)
    on_the_day = measure(facts, "payments", NOVEMBER, date(2026, 11, 20))
    assert on_the_day.numerator == 15000
    assert measure(facts, "payments", NOVEMBER, date(2026, 11, 19)).numerator == 0


def value(tenant, code, first):
    return measure(facts_of(tenant), code, first, TODAY)


def test_money_to_the_cent(posted):
    tenant, _ = posted
    assert value(tenant, "charges", OCTOBER).numerator == 45000
    assert value(tenant, "charges", NOVEMBER).numerator == 0
    assert value(tenant, "payments", NOVEMBER).numerator == 9000
    assert value(tenant, "payments_insurance", NOVEMBER).numerator == 9000
    assert value(tenant, "payments_patient", NOVEMBER).numerator == 0
    assert value(tenant, "payments", OCTOBER).numerator == 0
    # 450.00 charged, 90.00 paid, 40.00 contractual: 20.00 with the patient, 150.00 denied, 150.00 unanswered
    assert value(tenant, "ar", NOVEMBER).numerator == 32000
    assert [value(tenant, f"ar_{age}", NOVEMBER).numerator for age in ("0-30", "31-60", "61-90")] == [
        0,
        32000,
        0,
    ]
    one = value(tenant, "E1", NOVEMBER)
    assert one.display == "64.0 days"  # 320.00 ÷ (450.00 ÷ 90)
    assert value(tenant, "E3", NOVEMBER).display == "0.0 %"


def test_the_board_says_what_the_month_says(posted):
    tenant, claims = posted
    practice = claims[0].practice_id
    row = next(one for one in board_money(tenant, TODAY) if one["practice_id"] == practice)
    assert (row["open_cents"], row["cash_cents"]) == (32000, 9000)
    assert f"{board_days(tenant, TODAY)[practice]} days" == value(tenant, "E1", NOVEMBER).display


def test_the_families_behind_a_number(posted):
    tenant, claims = posted
    assert families_behind(tenant, "payments", NOVEMBER, TODAY) == [claims[0].family_id]
    assert set(families_behind(tenant, "ar", NOVEMBER, TODAY)) == {one.family_id for one in claims}


def test_facts_are_kept_until_something_happens(posted, django_assert_num_queries):
    tenant, claims = posted
    first = facts_of(tenant)
    with django_assert_num_queries(4):
        assert facts_of(tenant) is first
    claims[0].pk = None
    from cleanclaim_server.claims.models import ClaimEvent

    ClaimEvent.objects.create(
        practice_id=claims[1].practice_id, claim=claims[1], kind="sent", actor_kind="rule",
        happened_at=claims[1].created_at, title="Sent",
    )  # fmt: skip
    assert facts_of(tenant) is not first


@pytest.mark.parametrize("code", sorted(DEFINITIONS))
def test_each_measure_has_a_page_and_its_rows(code, posted, make_user, client_for, practice_a):
    user = make_user("manager", [practice_a])
    Grant.objects.create(user=user, practice=practice_a, role="biller")
    client = client_for(user)
    page = client.get(formula_url(code, NOVEMBER))
    assert page.status_code == 200 and page.context["measure"]["formula"]
    listed = client.get(page.context["rows_url"])
    assert listed.status_code == 200
    assert listed.context["page"]["total"] == len(value(posted[0], code, NOVEMBER).family_ids)


def test_the_month_links_every_figure_to_its_rows(posted, make_user, client_for, practice_a):
    page = client_for(make_user("manager", [practice_a])).get("/month?month=2026-11")
    cash = page.context["cash"]
    assert (cash["cents"], cash["url"]) == (9000, "/claims?measure=payments&month=2026-11")
    assert [one["url"] for one in page.context["figures"]] == [
        f"/claims?measure={code}&month=2026-11"
        for code in ("charges", "payments_insurance", "payments_patient", "ar")
    ]
    assert client_for(make_user("coder", [practice_a])).get("/month").status_code == 403
    assert (
        client_for(make_user("manager", [practice_a])).get("/month/measure?code=nothing").status_code == 404
    )


def test_what_a_person_changed_is_not_clean(posted):
    from cleanclaim_server.claims.models import Claim, ClaimEvent

    tenant, claims = posted
    Claim.objects.update(accepted_at=claims[0].created_at)
    assert value(tenant, "C1", NOVEMBER).numerator == 3
    for actor, clean in (("rule", 3), ("person", 2)):
        ClaimEvent.objects.create(
            practice_id=claims[0].practice_id, claim=claims[0], kind="edited", actor_kind=actor,
            happened_at=claims[0].created_at, title="Edits",
        )  # fmt: skip
        assert value(tenant, "C1", NOVEMBER).numerator == clean
