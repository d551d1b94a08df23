"""Every page renders for those who may see it, in few queries, and leaves its trace."""

from __future__ import annotations

import pytest

from cleanclaim_server.audit.models import AuditRow

LISTS = [
    "/", "/work", "/practices", "/patients", "/sessions", "/claims", "/rejections", "/batches", "/batches?view=out",
    "/remittances", "/denials?state=all", "/balances", "/month", "/audit", "/sessions/import", "/sessions/new",
]  # fmt: skip


def staff(make_user, practice):
    from cleanclaim_server.identity.models import Grant

    user = make_user("manager", [practice])
    Grant.objects.create(user=user, practice=practice, role="biller")
    return user


@pytest.mark.parametrize("path", LISTS)
def test_lists_render_in_few_queries(
    path, make_user, client_for, practice_a, records_a, django_assert_max_num_queries
):
    client = client_for(staff(make_user, practice_a))
    before = AuditRow.objects.count()
    with django_assert_max_num_queries(60):
        assert client.get(path).status_code == 200
    assert AuditRow.objects.count() > before


@pytest.mark.parametrize(
    "path",
    ["/patients/{patient_id}", "/sessions/{session_id}", "/claims/{claim_id}", "/batches/{batch_id}",
     "/files/{file_id}", "/files/{file_id}/raw", "/files/{file_id}/download", "/remittances/{remittance_id}",
     "/sessions/import/{import_id}"],
)  # fmt: skip
def test_pages_of_one_record_render(path, make_user, client_for, practice_a, records_a):
    client = client_for(staff(make_user, practice_a))
    assert client.get(path.format(**records_a)).status_code == 200


def test_the_raw_bytes_are_the_bytes(make_user, client_for, practice_a, records_a):
    client = client_for(staff(make_user, practice_a))
    assert client.get(f"/files/{records_a['file_id']}/download").content == b"not X12"


def test_a_list_shows_initials_and_no_name(make_user, client_for, practice_a, records_a):
    page = client_for(staff(make_user, practice_a)).get("/claims").content.decode()
    assert "A.Q." in page and "Quill" not in page


def test_a_clinician_sees_no_money(make_user, client_for, practice_a, records_a):
    client = client_for(make_user("clinician", [practice_a], provider=records_a["provider"]))
    assert client.get(f"/claims/{records_a['claim_id']}").status_code == 200
    assert client.get("/remittances").status_code == 403


def test_next_is_taken_and_mine(make_user, client_for, practice_a, records_a):
    from cleanclaim_server.work.models import WorkItem

    user = staff(make_user, practice_a)
    answer = client_for(user).post("/work/next")
    assert answer.url == f"/claims/{records_a['claim_id']}"
    assert WorkItem.objects.get(pk=records_a["item_id"]).assigned_to == user.pk


def test_the_preview_codes_what_is_typed(make_user, client_for, practice_a, records_a):
    client = client_for(staff(make_user, practice_a))
    typed = {
        "patient": records_a["patient_id"], "provider": records_a["provider"].pk, "date_of_service": "2026-11-09",
        "minutes": "45", "service": "individual psychotherapy", "setting": "office", "modality": "in_person",
    }  # fmt: skip
    assert "90834" in client.post("/sessions/preview", typed).content.decode()


def test_every_jump_leads_to_one_page():
    from cleanclaim_server.web.templatetags.navigation import PAGES

    keys = [page.keys for page in PAGES.values() if page.keys]
    assert sorted(keys) == sorted(set(keys))
