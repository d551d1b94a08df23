"""The queue: two people never get the same, and those who look on take nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.web.views.queue_reads import scored, urgency
from cleanclaim_server.work.models import Queue, WorkItem

DAY = date(2026, 11, 20)


@pytest.fixture
def inside(desk):
    with system_context(desk.practice.agency_id):
        yield


def item(desk, n: int, **fields) -> WorkItem:
    given = {
        "queue": "denied",
        "subject_type": "claim",
        "title": f"T{n}",
        "opened_on": DAY,
        "amount_cents": 1000,
    }
    return WorkItem.objects.create(
        practice=desk.practice, subject_id=desk.patient.pk if n == 0 else WorkItem().pk or desk.coverage.pk,
        opened_at="2026-11-20T12:00Z", **(given | fields),
    )  # fmt: skip


def test_two_people_never_get_the_same(desk, client_for, make_user, inside):
    other = make_user("biller", [desk.practice])
    first, second = desk.claim(), desk.claim()
    answers = [client_for(user).post("/work/next").url for user in (desk.user, other)]
    assert sorted(answers) == sorted(f"/claims/{one.pk}" for one in (first, second))
    held = dict(WorkItem.objects.filter(is_open=True).values_list("assigned_to", "claim_id"))
    assert set(held) == {desk.user.pk, other.pk}
    assert client_for(other).post("/work/next").url == f"/claims/{held[other.pk]}"


def test_an_item_is_taken_given_back_and_put_off(desk, client_for, inside):
    client, claim = client_for(desk.user), desk.claim()
    row = WorkItem.objects.get(claim_id=claim.pk)
    client.post(f"/work/{row.pk}/take", {"back": f"/claims/{claim.pk}"})
    assert WorkItem.objects.get(pk=row.pk).assigned_to == desk.user.pk
    assert client.post(f"/work/{row.pk}/give", {"back": "https://elsewhere.example"}).url == "/work"
    assert client.post("/work/take", {"id": [str(row.pk)]}).url == "/work?mine=1"
    client.post(f"/work/{row.pk}/snooze", {"days": "3"})
    assert client.get("/work").context["rows"] == []
    assert client.post("/work/next", follow=True).redirect_chain[0][0] == "/work"


@pytest.mark.parametrize("path", ["/work/next", "/work/take", "/work/snooze", "/work/{item_id}/take"])
def test_an_auditor_takes_nothing(path, make_user, client_for, practice_a, records_a):
    client = client_for(make_user("auditor", [practice_a]))
    assert client.post(path.format(**records_a)).status_code == 403
    assert client.get("/work").context["next_url"] == "" and client.get("/").context["next_url"] == ""


@pytest.mark.parametrize(
    ("due_in", "proven", "cents", "waited"),
    [(0, True, 0, 0), (7, True, 12000, 9), (31, True, 60000, 90), (3, False, 4100, 1), (None, False, -50, 3), (-4, True, 1, 2)],
)  # fmt: skip
def test_the_database_orders_by_the_score_that_is_shown(desk, inside, due_in, proven, cents, waited):
    due = None if due_in is None else DAY + timedelta(days=due_in)
    item(
        desk,
        0,
        due_on=due,
        due_enforceable=proven,
        amount_cents=cents,
        opened_on=DAY - timedelta(days=waited),
    )
    for queue in Queue:
        WorkItem.objects.update(queue=queue)
        row = scored(WorkItem.objects.all(), DAY).get()
        points, parts = urgency(row, DAY)
        assert row.points == points == sum(one["points"] for one in parts) <= sum(one["of"] for one in parts)


@pytest.mark.parametrize(
    ("queue", "due_in", "cents", "points"),
    [
        ("rejected", 0, 14_000, 45 + 7 + 25),
        ("rejected", None, 14_000, 7 + 25),
        ("denied", 15, 40_000, 23 + 20 + 18),
        ("denied", 30, 40_000, 0 + 20 + 18),
        ("patient", None, 250_000, 20),
        ("bank", None, 0, 15),
    ],
)
def test_what_no_payer_has_comes_before_a_bill_of_a_patient(desk, inside, queue, due_in, cents, points):
    due = None if due_in is None else DAY + timedelta(days=due_in)
    item(desk, 0, queue=queue, due_on=due, due_enforceable=due is not None, amount_cents=cents, opened_on=DAY)
    assert urgency(WorkItem.objects.get(), DAY)[0] == points


def test_filters_and_sorting_stand_in_the_address(desk, client_for, inside):
    client, claim = client_for(desk.user), desk.claim()
    page = client.get(f"/work?queue=ready&q={claim.claim_number}&sort=-cents")
    assert [row["claim_number"] for row in page.context["rows"]] == [claim.claim_number]
    assert next(c for c in page.context["columns"] if c["label"] == "Expected ($)")["sort"] == "descending"
    assert {"name": "queue", "value": "ready"} in page.context["search"]["keep"]
    assert client.get("/work?queue=ready&q=ZZ").context["rows"] == []


def test_changes_are_told_until_seen(desk, client_for, inside):
    client = client_for(desk.user)
    desk.claim()
    assert any("1 session recorded" in one.text for one in client.get("/").context["changed"])
    client.post("/seen")
    assert client.get("/").context["changed"] == []


def test_work_at_the_bank_is_for_those_who_may_open_it(desk, client_for, make_user, inside):
    item(desk, 0, queue="bank", subject_type="bank_line", title="A deposit without a remittance")
    seen = {
        role: [
            row["title"] for row in client_for(make_user(role, [desk.practice])).get("/work").context["rows"]
        ]
        for role in ("biller", "poster")
    }
    assert seen == {"biller": [], "poster": ["A deposit without a remittance"]}
