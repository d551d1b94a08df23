"""Planted faults: each way of tampering with the trail is found, and the first bad place is named."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cleanclaim_server.audit import record, sealer
from cleanclaim_server.audit.chain import START, link_hash
from cleanclaim_server.audit.exporting import export
from cleanclaim_server.audit.models import AuditCheckpoint, AuditLink, AuditRow
from cleanclaim_server.audit.verifying import read_checkpoints, verify
from cleanclaim_server.tenancy import guards

pytestmark = pytest.mark.django_db
ROWS = 12


@pytest.fixture
def outside(settings, tmp_path) -> Path:
    settings.CLEANCLAIM_CHECKPOINT_FILE = tmp_path / "checkpoints.jsonl"
    return settings.CLEANCLAIM_CHECKPOINT_FILE


@pytest.fixture
def trail(practice_a, tenant, tmp_path, outside, django_capture_on_commit_callbacks):
    """Twelve sealed rows, exported; `.again()` exports anew and verifies with the outside checkpoints."""
    with tenant(practice_a):
        for number in range(ROWS):
            record("claim.read", "claim", number, practice_id=practice_a.pk, number=number)

    class Trail:
        agency_id = practice_a.agency_id
        path = tmp_path / "trail.jsonl"

        def export(self):
            with django_capture_on_commit_callbacks(execute=True):
                return export(self.path, agency_id=self.agency_id)

        def lines(self) -> list[str]:
            return self.path.read_text().splitlines()

        def again(self):
            self.export()
            return verify(self.lines(), checkpoints=read_checkpoints(outside.read_text().splitlines()))

    trail = Trail()
    trail.export()
    return trail


@pytest.fixture
def unguarded(trail):
    """A thief with the owner's rights: the triggers are gone."""
    savepoint = transaction.savepoint()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    guards.uninstall()
    yield
    transaction.savepoint_rollback(savepoint)


def codes(found) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.sequence) for fault in found.faults]


def test_a_clean_trail_verifies(trail):
    found = trail.again()
    assert (found.is_sound, found.rows, found.checkpoints_met) == (True, ROWS, 2)
    assert trail.path.stat().st_mode & 0o777 == 0o600


def test_an_empty_trail_verifies(agency, tmp_path, outside):
    export(tmp_path / "empty.jsonl", agency_id=agency.pk)
    found = verify((tmp_path / "empty.jsonl").read_text().splitlines())
    assert (found.is_sound, found.rows) == (True, 0)


def test_the_application_cannot_change_the_trail(trail):
    from django.db import DatabaseError

    for queryset in (AuditRow.objects.all(), AuditLink.objects.all(), AuditCheckpoint.objects.all()):
        for attempt in (lambda q=queryset: q.update(agency_id=START[:32]), queryset.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()


# --- faults planted in the database ---


def test_every_changed_column_is_found(trail, unguarded):
    row = AuditLink.objects.get(sequence=5)
    changes = [
        {"action": "claim.printed"}, {"subject_id": "99"}, {"detail": {"number": 99}}, {"actor_kind": "user"},
        {"actor_label": "x"}, {"occurred_at": timezone.now() - timedelta(days=1)}, {"subject_type": "patient"},
        {"practice_id": trail.agency_id}, {"actor_id": trail.agency_id}, {"request_id": trail.agency_id},
    ]  # fmt: skip
    for change in changes:
        before = transaction.savepoint()
        AuditRow.objects.filter(pk=row.row_id).update(**change)
        assert codes(trail.again()) == [("audit.row_changed", 5)], change
        transaction.savepoint_rollback(before)


def test_a_deleted_row_is_found(trail, unguarded):
    AuditRow.objects.filter(pk=AuditLink.objects.get(sequence=5).row_id).delete()
    assert codes(trail.again()) == [("audit.row_missing", 5)]


def test_a_row_deleted_with_its_link_is_found(trail, unguarded):
    link = AuditLink.objects.get(sequence=5)
    AuditRow.objects.filter(pk=link.row_id).delete()
    link.delete()
    assert codes(trail.again())[:2] == [("audit.out_of_order", 6), ("audit.chain_broken", 6)]


def test_a_row_deleted_and_the_rest_renumbered_is_found(trail, unguarded):
    AuditLink.objects.get(sequence=5).delete()
    for link in AuditLink.objects.filter(sequence__gt=5).order_by("sequence"):
        AuditLink.objects.filter(pk=link.pk).update(sequence=link.sequence - 1)
    assert codes(trail.again())[0] == ("audit.chain_broken", 5)


def test_swapped_rows_are_found(trail, unguarded):
    five, six = AuditLink.objects.get(sequence=5), AuditLink.objects.get(sequence=6)
    AuditLink.objects.filter(pk=five.pk).update(row_id=trail.agency_id)
    AuditLink.objects.filter(pk=six.pk).update(row_id=five.row_id)
    AuditLink.objects.filter(pk=five.pk).update(row_id=six.row_id)
    assert codes(trail.again()) == [("audit.row_changed", 5), ("audit.row_changed", 6)]


def test_a_cut_tail_is_found_from_the_checkpoints(trail, unguarded):
    for link in AuditLink.objects.filter(sequence__gt=ROWS - 3):
        AuditRow.objects.filter(pk=link.row_id).delete()
        link.delete()
    assert codes(trail.again()) == [("audit.tail_missing", ROWS - 3)]
    AuditCheckpoint.objects.all().delete()  # the thief knows about those; the file outside is elsewhere
    assert ("audit.tail_missing", ROWS - 3) in codes(trail.again())


def test_a_wholly_rebuilt_chain_is_found_from_outside(trail, unguarded, practice_a, tenant):
    AuditRow.objects.filter(pk=AuditLink.objects.get(sequence=5).row_id).update(action="claim.printed")
    AuditLink.objects.all().delete()
    AuditCheckpoint.objects.all().delete()
    trail.export()
    rebuilt = verify(trail.lines())
    assert rebuilt.is_sound, "the forged chain agrees with itself, and that is why checkpoints live outside"
    assert codes(trail.again()) == [("audit.checkpoint_differs", ROWS)]


# --- faults planted in the file ---


def edited(trail, change):
    lines = [json.loads(line) for line in trail.lines()]
    lines = change(lines) or lines
    return verify([json.dumps(line) for line in lines])


def test_faults_in_the_file(trail):
    def insert(lines):
        lines.insert(6, dict(lines[5]))

    def swap(lines):
        lines[5], lines[6] = lines[6], lines[5]

    def swap_rows(lines):
        lines[5]["row"], lines[6]["row"] = lines[6]["row"], lines[5]["row"]

    def forge(lines):
        lines[5]["row"]["action"] = "claim.printed"
        link = lines[5]
        link["hash"] = link_hash(
            link["row"], agency_id=str(trail.agency_id), sequence=5, previous_hash=link["previous_hash"]
        )

    def other_agency(lines):
        lines[0]["agency_id"] = START[:32]

    table = [  # change, first fault, why
        (lambda lines: lines.pop(5) and None, ("audit.out_of_order", 6), "a line was taken out"),
        (insert, ("audit.out_of_order", 5), "a line is there twice"),
        (swap, ("audit.out_of_order", 6), "two lines changed places"),
        (swap_rows, ("audit.row_swapped", 5), "two rows changed places"),
        (lambda lines: lines[5]["row"].pop("detail") and None, ("audit.row_changed", 5), "a column is gone"),
        (lambda lines: lines[5].update(row=None), ("audit.row_missing", 5), "a row is gone"),
        (forge, ("audit.chain_broken", 6), "a row and its hash were rewritten"),
        (lambda lines: lines[:-3] + lines[-1:], ("audit.tail_missing", ROWS - 2), "the tail was cut"),
        (lambda lines: lines[:-1], ("audit.tail_missing", ROWS), "the end was cut"),
        (lambda lines: [*lines, lines[5]], ("audit.after_end", None), "something follows the end"),
        (other_agency, ("audit.row_changed", 1), "the trail of another agency"),
        (lambda lines: lines[1:], ("audit.not_an_export", None), "no header"),
    ]
    for change, first, why in table:
        found = edited(trail, change)
        assert codes(found)[0] == first, why


UNREADABLE = [[], [""], ["not json"], ["[]"], ['{"format": "other"}'], ["\x00"]]


@pytest.mark.parametrize("lines", UNREADABLE)
def test_what_is_no_export_is_named(lines, db):
    found = verify(lines)
    assert [fault.code for fault in found.faults] == ["audit.not_an_export"]


def test_broken_lines_inside_are_named_and_the_rest_goes_on(trail):
    lines = trail.lines()
    lines[5] = lines[5][:40]
    found = verify(lines)
    assert codes(found)[:2] == [("audit.line_unreadable", None), ("audit.out_of_order", 6)]
    assert found.faults[0].line == 6
    assert found.rows == ROWS - 1


# --- the sealer ---


def test_each_agency_has_its_own_chain(practice_a, foreign_practice, tenant, outside):
    for practice in (practice_a, foreign_practice):
        with tenant(practice):
            record("claim.read", "claim", 1, practice_id=practice.pk)
            record("file.read", "file", 1)
    record("sign_in.failed", "user")
    assert sealer.seal() == 5
    assert sealer.seal() == 0
    chains = list(AuditLink.objects.order_by("agency_id", "sequence").values_list("sequence", flat=True))
    assert sorted(chains) == [1, 1, 1, 2, 2]


def test_rows_that_appear_late_are_sealed_late(practice_a, tenant, outside):
    with tenant(practice_a):
        early = AuditRow(agency_id=practice_a.agency_id, action="a.b", actor_kind="system")
        late = record("c.d")
        sealer.seal()
        early.save(force_insert=True)  # a long transaction commits now
    assert early.pk < late.pk
    assert sealer.seal() == 1
    order = list(AuditLink.objects.order_by("sequence").values_list("row_id", flat=True))
    assert order == [late.pk, early.pk]


def test_a_row_later_than_the_lookback_is_found_by_the_full_look(practice_a, tenant, outside):
    from uuid import UUID

    from cleanclaim_server.tenancy.models import new_id

    with tenant(practice_a):
        record("a.b")
        sealer.seal()
        old = record("c.d")
        fresh = new_id()
    assert old.pk < fresh
    stale = AuditRow(
        pk=UUID(int=fresh.int - (2 * 3_600_000 << 80)),
        agency_id=practice_a.agency_id,
        action="e.f",
        actor_kind="system",
    )
    with tenant(practice_a):
        stale.save(force_insert=True)
    assert sealer.seal() == 1
    assert sealer.seal(lookback=None) == 1


def test_sealing_stops_at_its_limit_and_goes_on(practice_a, tenant, outside):
    with tenant(practice_a):
        for number in range(7):
            record("claim.read", "claim", number)
    assert [sealer.seal(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert list(AuditLink.objects.order_by("sequence").values_list("sequence", flat=True)) == list(
        range(1, 8)
    )


def test_checkpoints_go_outside_after_the_commit(
    practice_a, tenant, outside, django_capture_on_commit_callbacks
):
    with tenant(practice_a):
        record("claim.read", "claim", 1)
    with django_capture_on_commit_callbacks(execute=True):
        sealer.seal()
        assert not outside.exists()
    mark = read_checkpoints(outside.read_text().splitlines())
    last = AuditLink.objects.get()
    assert mark == [{"agency_id": str(practice_a.agency_id), "sequence": 1, "hash": last.hash}]
    assert outside.stat().st_mode & 0o777 == 0o600


def test_sealing_as_the_application(practice_a, tenant, outside, app_role):
    with tenant(practice_a):
        record("claim.read", "claim", 1, practice_id=practice_a.pk)
    record("sign_in.failed", "user")
    with app_role():
        assert sealer.seal() == 2
