"""Rows written in bulk are the rows that Django would have written, on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DataError, connection, transaction

from cleanclaim_server.patients.models import Patient
from cleanclaim_server.tenancy.bulk import create_rows
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.work.models import WorkItem

ODD = 'O\'Neil \\ "quoted" {1} %s Größe 🙂\ttab'


@pytest.fixture
def inside(desk):
    with system_context(desk.practice.agency_id):
        yield


def item(desk, **fields) -> WorkItem:
    given = {"queue": "denied", "subject_type": "claim", "title": "T", "opened_on": date(2026, 11, 20)}
    return WorkItem(
        practice=desk.practice,
        subject_id=desk.patient.pk,
        opened_at="2026-11-20T12:00:00Z",
        **(given | fields),
    )


def test_odd_text_nothing_and_large_numbers_come_back(desk, inside):
    row = item(desk, title=ODD, detail="", amount_cents=9_007_199_254_740_993, due_on=None, is_open=None)
    create_rows(WorkItem, [row])
    found = WorkItem.objects.get(pk=row.pk)
    assert (found.title, found.detail, found.amount_cents) == (ODD, "", 9_007_199_254_740_993)
    assert (found.due_on, found.is_open, found.due_enforceable) == (None, None, False)
    assert found.opened_on == date(2026, 11, 20)


def test_sealed_fields_open_again(desk, inside):
    known = Patient.objects.get(pk=desk.patient.pk)
    copy = Patient(practice=desk.practice, chart_number="COPY1")
    for field in Patient._meta.concrete_fields:
        if field.name not in ("id", "chart_number"):
            setattr(copy, field.attname, getattr(known, field.attname))
    copy.last_name = ODD
    create_rows(Patient, [copy])
    found = Patient.objects.get(pk=copy.pk)
    assert (found.last_name, found.first_name) == (ODD, known.first_name)


def test_what_is_too_long_is_refused_and_not_cut(desk, inside):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite does not look at lengths")
    with pytest.raises(DataError), transaction.atomic():
        create_rows(WorkItem, [item(desk, title="x" * 201)])
