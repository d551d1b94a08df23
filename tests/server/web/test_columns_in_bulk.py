"""A column prepared at once holds what each field would have made of each value, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.db import DataError, connection, models, transaction

from cleanclaim_server.claims.codes import PayerState
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.ledger.models import Balance, Entry, Leg
from cleanclaim_server.remittances.models import RemittanceClaim
from cleanclaim_server.tenancy.bulk import add_up, insert_rows, update_rows
from cleanclaim_server.tenancy.columns import as_text, cell, constant, prepared
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.underpayments.models import LineComparison
from cleanclaim_server.work.models import WorkItem

NOON = datetime(2026, 11, 20, 12, 30, 15, 123456, tzinfo=UTC)
TEXTS = [
    "plain", "", "  two  ", 'a "quote"', "back\\slash", "ends in \\", "\\n is no line", "a\nb\tc\rd", "{a,b}",
    "NULL", "null", "O'Neil", "%s %(x)s", "Größe 🙂", "\x01\x1f\x7f", "$1", "\\x41",
]  # fmt: skip


@pytest.fixture
def inside(desk):
    with system_context(desk.practice.agency_id):
        yield


def rows_of(desk, **columns: list) -> list[dict]:
    count = len(next(iter(columns.values())))
    return [
        dict(
            id=new_id(),
            practice_id=desk.practice.pk,
            queue="denied",
            subject_type="claim",
            subject_id=new_id(),
            opened_on=date(2026, 11, 20),
            opened_at=NOON,
            **({"title": "T"} | {name: values[at] for name, values in columns.items()}),
        )
        for at in range(count)
    ]


def come_back(rows: list[dict], name: str) -> list:
    found = dict(WorkItem.objects.filter(pk__among=[row["id"] for row in rows]).values_list("pk", name))
    return [found[row["id"]] for row in rows]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("title", TEXTS),
        ("title", [models.TextChoices("Kind", {"A": ("a", "First")}).A, "b"]),
        ("amount_cents", [0, -1, 2**53 + 1, -(2**62)]),
        ("claim_id", [None, UUID(int=0), UUID("018f0000-0000-7000-8000-00000000000f")]),
        ("due_on", [None, date(1, 1, 1), date(2026, 2, 28), date(9999, 12, 31)]),
        ("due_enforceable", [True, False, True]),
        ("is_open", [None, True, None]),
    ],
)
def test_values_come_back_in_columns_that_vary_and_that_do_not(desk, inside, name, values):
    rows = rows_of(desk, **{name: values})
    insert_rows(WorkItem, rows)
    assert come_back(rows, name) == [getattr(value, "value", value) for value in values]
    for value in values:
        same = rows_of(desk, **{name: [value] * 3})
        insert_rows(WorkItem, same)
        assert come_back(same, name) == [getattr(value, "value", value)] * 3


def test_instants_come_back_whatever_their_zone(desk, inside):
    moments = [NOON, NOON.astimezone(timezone(timedelta(hours=-5))), NOON + timedelta(days=200)]
    rows = rows_of(desk, title=["a", "b", "c"])
    for row, moment in zip(rows, moments, strict=True):
        row["opened_at"] = moment
    insert_rows(WorkItem, rows)
    assert come_back(rows, "opened_at") == moments


SAMPLES = {
    "UUIDField": [UUID(int=0), UUID("018f0000-0000-7000-8000-00000000000f")],
    "ForeignKey": [UUID(int=1)],
    "CharField": [*TEXTS, PayerState.PAID],
    "DateField": [date(1, 1, 1), date(9999, 12, 31)],
    "DateTimeField": [NOON, NOON.astimezone(timezone(timedelta(hours=-5)))],
    "BooleanField": [True, False],
    "BigIntegerField": [0, -(2**62), 2**53 + 1],
    "PositiveIntegerField": [0, 7],
    "JSONField": [[], {}, [1, True, None, "a"], {"a": {"b": [1]}}],
}


@pytest.mark.parametrize("model", [Claim, ClaimEvent, Entry, Leg, RemittanceClaim, WorkItem])
def test_a_prepared_column_is_what_the_field_itself_prepares(db, model):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL takes arrays; what comes back is compared above")
    tried = 0
    for field in model._meta.local_concrete_fields:
        for sample in (SAMPLES.get(type(field).__name__, []), [None]):
            assert list(prepared(field, sample)) == [cell(field, value) for value in sample], field
            tried += len(sample)
    assert tried > 20


def test_json_that_python_takes_for_the_same_stays_apart(desk, inside):
    steps = LineComparison._meta.get_field("steps")
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes each value by itself")
    assert not constant(as_text(steps, [[1], [True], [1.0]])[1])
    assert constant(as_text(steps, [["a"], ["a"]])[1])


def test_a_column_that_the_table_has_not_is_refused(desk, inside):
    with pytest.raises(TypeError, match="no column colour"):
        insert_rows(WorkItem, rows_of(desk, colour=["red"]))


def test_rows_given_as_values_are_refused_when_too_long(desk, inside):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite does not look at lengths")
    with pytest.raises(DataError), transaction.atomic():
        insert_rows(WorkItem, rows_of(desk, title=["ok", "x" * 201]))
    with pytest.raises(DataError), transaction.atomic():
        insert_rows(WorkItem, rows_of(desk, title=["x" * 201] * 2))


def test_each_row_takes_its_own_values_and_others_stay(desk, inside):
    rows = rows_of(desk, title=["a", "b", "c"])
    insert_rows(WorkItem, rows)
    first, second, third = (row["id"] for row in rows)
    update_rows(WorkItem, [(first, 'x "1"', 5), (second, "y\n", -5)], ["title", "amount_cents"])
    assert come_back(rows, "title") == ['x "1"', "y\n", "c"]
    assert come_back(rows, "amount_cents") == [5, -5, 0]
    update_rows(WorkItem, [(third, "z", date(2026, 1, 1))], ["title", "due_on"])
    assert come_back(rows, "due_on") == [None, None, date(2026, 1, 1)]


def test_sums_begin_and_go_on(desk, inside):
    claims = [new_id(), new_id()]

    def add(*cents: int) -> dict:
        rows = [
            dict(id=new_id(), practice_id=desk.practice.pk, claim_id=key, account="cash", amount_cents=one)
            for key, one in zip(claims, cents, strict=False)
        ]
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        add_up(Balance, columns, unique=("practice_id", "claim_id", "account"), total="amount_cents")
        found = Balance.objects.filter(claim_id__among=claims)
        return dict(found.values_list("claim_id", "amount_cents"))

    assert add(100) == {claims[0]: 100}
    assert add(-30, 7) == {claims[0]: 70, claims[1]: 7}


def test_among_finds_what_in_finds(desk, inside):
    rows = rows_of(desk, title=TEXTS)
    insert_rows(WorkItem, rows)
    mine = WorkItem.objects.filter(pk__among=[row["id"] for row in rows])
    for some in (TEXTS, TEXTS[:1], TEXTS[6:9], [], ["strange"], [None, "plain"]):
        assert set(mine.filter(title__among=some)) == set(
            mine.filter(title__in=[x for x in some if x is not None])
        )
    assert mine.filter(practice__among=[desk.practice.pk]).count() == len(rows)
    assert mine.filter(practice_id__among=[new_id()]).count() == 0
    assert mine.exclude(title__among=["plain"]).count() == len(rows) - 1
