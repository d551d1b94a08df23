"""What a person brings in is committed before it is read: no fault of the reading loses a byte."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve
from django.utils import timezone
from tests.server.cycle.remitting import answer, file_835, make_claims, make_world, payment

from cleanclaim_server.clearinghouse.files import read_bytes
from cleanclaim_server.clearinghouse.models import Job, StoredFile
from cleanclaim_server.cycle import receiving as cycle_receiving
from cleanclaim_server.cycle.worker import run_worker
from cleanclaim_server.encounters.models import Encounter, SessionImport
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.web.views import receiving, session_import

UPLOADS = ("/remittances/add", "/files/add", "/sessions/import")


class Broken(Exception):
    """A fault that nobody foresaw."""


def broken(*args, **kwargs):
    raise Broken("patient data that no page and no log may show")


def said(page) -> str:
    return " ".join(str(message) for message in page.context["messages"])


@pytest.fixture
def poster(make_user, client_for, practice_a):
    return client_for(make_user("poster", [practice_a]))


@pytest.fixture
def era(practice_a, tenant) -> bytes:
    with tenant(practice_a):
        world = make_world(practice_a)
        (claim,) = make_claims(world)
        return file_835(payment([answer(claim, 9000, ("CO", "45", 6000))]))


@pytest.mark.parametrize("path", UPLOADS)
def test_no_transaction_surrounds_an_upload(path):
    assert "default" in resolve(path).func._non_atomic_requests


@pytest.mark.django_db(transaction=True)
def test_a_payment_whose_reading_fails_is_kept_and_read_later(
    poster, practice_a, tenant, era, monkeypatch, caplog
):
    monkeypatch.setattr(receiving, "process_file", broken)
    page = poster.post("/remittances/add", {"file": SimpleUploadedFile("era.835", era)}, follow=True)
    assert page.status_code == 200
    assert "Kept, but reading it failed. It is tried again in the background" in said(page)
    assert "patient data" not in page.content.decode() + caplog.text
    with tenant(practice_a):
        file = StoredFile.objects.get(name="era.835")
        assert (read_bytes(file), file.state) == (era, "stored")
        assert not Remittance.objects.exists()
        assert Job.objects.get(subject_id=file.pk).due_at > timezone.now()

    run_worker(timezone.now() + timedelta(minutes=3))
    with tenant(practice_a):
        assert StoredFile.objects.get(pk=file.pk).state.startswith("read")
        assert Remittance.objects.get().state == "posted"


@pytest.mark.django_db(transaction=True)
def test_a_death_in_the_middle_of_the_reading_leaves_the_bytes_and_the_job(
    poster, practice_a, tenant, era, monkeypatch
):
    def die(*args, **kwargs):
        raise SystemExit  # as when the process is ended: nothing after it runs

    monkeypatch.setattr(cycle_receiving, "post_remittance", die)
    with pytest.raises(SystemExit):
        poster.post("/remittances/add", {"file": SimpleUploadedFile("era.835", era)})
    with tenant(practice_a):
        file = StoredFile.objects.get(name="era.835")
        assert (read_bytes(file), file.state) == (era, "stored")
        assert Job.objects.filter(subject_id=file.pk).exists() and not Remittance.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_was_read_is_not_read_again_by_the_worker(poster, practice_a, tenant, era):
    poster.post("/remittances/add", {"file": SimpleUploadedFile("era.835", era)})
    run_worker(timezone.now() + timedelta(minutes=3))
    with tenant(practice_a):
        assert [one.state for one in Remittance.objects.all()] == ["posted"]


@pytest.mark.django_db(transaction=True)
def test_sessions_whose_reading_fails_are_kept_and_come_in_the_second_time(
    desk, client_for, tenant, monkeypatch, caplog
):
    client = client_for(desk.user)
    data = client.get("/sessions/import/sample.csv").content

    def bring():
        sent = {"practice": desk.practice.code, "file": SimpleUploadedFile("s.csv", data, "text/csv")}
        return client.post("/sessions/import", sent, follow=True)

    with monkeypatch.context() as patched:
        patched.setattr(session_import, "take_sessions", broken)
        page = bring()
    assert page.status_code == 500
    text = page.content.decode()
    assert "The file is kept, but an error stopped the reading, and no session of it was taken." in text
    assert "Import it again: a session is never taken twice." in text
    assert "patient data" not in text + caplog.text
    with tenant(desk.practice):
        file = StoredFile.objects.get(name="s.csv")
        assert (read_bytes(file), file.practice_ids) == (data, [str(desk.practice.pk)])
        assert not SessionImport.objects.exists() and not Encounter.objects.exists()
    assert bring().context["result"]["taken"] == 3
