"""What an audit row holds, and what it refuses to hold."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from cleanclaim_server.audit import AuditError, AuditEvent, record, record_many
from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.audit.recording import NO_AGENCY
from cleanclaim_server.tenancy.models import new_id

pytestmark = pytest.mark.django_db


def test_a_row_names_who_what_and_whose(practice_a, make_user, tenant):
    user, claim_id = make_user(), new_id()
    with tenant(practice_a, user=user):
        record(
            "claim.read", "claim", claim_id, practice_id=practice_a.pk, fields=["lines"], total_cents=15000
        )
    row = AuditRow.objects.get()
    assert (row.agency_id, row.practice_id) == (practice_a.agency_id, practice_a.pk)
    assert (row.actor_id, row.actor_kind, row.action) == (user.pk, "user", "claim.read")
    assert (row.subject_type, row.subject_id) == ("claim", str(claim_id))
    assert row.detail == {"fields": ["lines"], "total_cents": 15000}


def test_who_acts(practice_a, make_user, tenant):
    user = make_user()
    table = [  # actor given, (id, kind, label)
        (user, (user.pk, "user", "")),
        (user.pk, (user.pk, "user", "")),
        ("system:worker", (None, "system", "worker")),
        (None, (None, "system", "")),
    ]
    for actor, expected in table:
        row = record("claim.read", "claim", 1, actor=actor)
        assert (row.actor_id, row.actor_kind, row.actor_label) == expected
        assert row.agency_id == NO_AGENCY


REFUSED = [
    ({"patient_name": "x"}, "detail_forbidden"),
    ({"outer": {"ssn": "x"}}, "detail_forbidden"),
    ({"amount": 1.5}, "detail_type"),
    ({"thing": object()}, "detail_type"),
    ({"reason": "x" * 201}, "detail_long"),
    ({"reason": "a\x00b"}, "detail_long"),
]


@pytest.mark.parametrize(("detail", "code"), REFUSED)
def test_patient_data_and_unsteady_values_are_refused(detail, code):
    with pytest.raises(AuditError, match=code):
        record("claim.read", "claim", 1, **detail)
    assert AuditRow.objects.count() == 0


def test_values_are_written_in_one_form():
    row = record("x.y", when=date(2026, 11, 2), key=UUID(int=7), codes={"b", "a"}, none=None, yes=True)
    row.refresh_from_db()
    assert row.detail == {
        "when": "2026-11-02", "key": "00000000-0000-0000-0000-000000000007", "codes": ["a", "b"], "none": None,
        "yes": True,
    }  # fmt: skip


def test_many_rows_and_their_order(practice_a, tenant):
    with tenant(practice_a):
        assert record_many(AuditEvent("claim.read", "claim", n, practice_a.pk) for n in range(1200)) == 1200
    assert list(AuditRow.objects.order_by("id").values_list("subject_id", flat=True)) == [
        str(n) for n in range(1200)
    ]


def test_a_row_goes_with_its_transaction():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("claim.changed", "claim", 1)
        1 / 0
    assert AuditRow.objects.count() == 0


def test_a_page_whose_audit_fails_is_not_shown(make_user, practice_a, client_for, monkeypatch):
    from cleanclaim_server.identity.views import managing_users

    def fails(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr(managing_users, "record", fails)
    client = client_for(make_user("manager", [practice_a]), raise_request_exception=False)
    assert client.get("/users").status_code == 500


def test_rows_of_one_request_share_its_id_and_name_its_user(make_user, practice_a, client_for):
    manager = make_user("manager", [practice_a])
    answer = client_for(manager).get("/users")
    row = AuditRow.objects.get(action="user.listed")
    assert str(row.request_id) == answer.headers["X-Request-Id"]
    assert (row.actor_id, row.actor_kind) == (manager.pk, "user")


def test_nobody_is_anonymous_only_inside_a_request(client: Client):
    client.post("/sign-in", {"email": "nobody@example.test", "password": "x"})
    row = AuditRow.objects.get()
    assert (row.actor_kind, row.agency_id, row.detail) == (
        "anonymous",
        NO_AGENCY,
        {"step": "first", "reason": "unknown"},
    )
