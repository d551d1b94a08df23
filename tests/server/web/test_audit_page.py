"""The page of the audit trail: where its rows lead, and what it says of a chain that was tampered with."""

from __future__ import annotations

import re

import pytest
from django.db import connection, transaction

from cleanclaim_server.audit import record, sealer
from cleanclaim_server.audit.models import AuditLink, AuditRow
from cleanclaim_server.tenancy import guards
from cleanclaim_server.tenancy.models import new_id


@pytest.fixture
def auditor(settings, tmp_path, make_user, client_for, practice_a):
    settings.CLEANCLAIM_CHECKPOINT_FILE = tmp_path / "checkpoints.jsonl"
    return client_for(make_user("auditor", [practice_a]))


def test_a_chain_that_was_changed_is_told_by_its_first_bad_row(
    auditor, practice_a, tenant, django_capture_on_commit_callbacks
):
    with tenant(practice_a):
        for number in range(5):
            record("claim.read", "claim", new_id(), practice_id=practice_a.pk, number=number)
    with django_capture_on_commit_callbacks(execute=True):
        sealer.seal()
    page = auditor.get("/audit/check").content.decode()
    assert "Verified just now" in page and "First bad place" not in page

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    savepoint = transaction.savepoint()
    guards.uninstall()
    AuditRow.objects.filter(pk=AuditLink.objects.get(sequence=3).row_id).update(action="claim.printed")
    answer = auditor.get("/audit/check")
    transaction.savepoint_rollback(savepoint)
    assert answer.status_code == 200
    assert "First bad place: row 3:" in answer.content.decode()


def test_a_row_leads_to_the_page_of_what_it_is_about(auditor, practice_a, tenant):
    claim, file, statement = new_id(), new_id(), new_id()
    with tenant(practice_a):
        record("claim.read", "claim", claim, practice_id=practice_a.pk)
        record("file.received", "file", file, practice_id=practice_a.pk, size=7)
        record("file.received", "file", statement, practice_id=practice_a.pk, size=7, kind="bank")
    links = set(re.findall(r'href="([^"]+)"', auditor.get("/audit").content.decode()))
    assert {f"/claims/{claim}", f"/files/{file}", "/bank?view=files"} <= links
    assert f"/files/{statement}" not in links  # a bank file has no page: it holds whole account numbers
