"""Many at once, on PostgreSQL: contexts do not leak between transactions, and a code passes once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pyotp
import pytest
from django.db import connection, connections, transaction

from cleanclaim_server.identity import second_factor, throttle
from cleanclaim_server.identity.models import SecondFactor
from cleanclaim_server.practice.models import Agency, Location
from cleanclaim_server.tenancy.context import tenant_context

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 8


@pytest.fixture(autouse=True)
def postgres(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("concurrency is promised on PostgreSQL; run with --postgres")


def at_once(work, count: int = WORKERS) -> list:
    """Run `work(number)` in as many threads, started together; each closes its connection."""
    gate = threading.Barrier(count)

    def run(number: int):
        gate.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_contexts_do_not_cross(make_practice):
    agency = Agency.objects.create(name="Example", submitter_id="X")
    practices = [make_practice(agency, f"{number:02}") for number in range(WORKERS)]
    for practice in practices:
        Location.objects.create(
            practice=practice, name=practice.code, address_line1="1", city="C", state="NY", postal_code="1"
        )

    def work(number: int) -> set:
        seen = set()
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE cleanclaim_app")
        for turn in range(25):
            practice = practices[(number + turn) % WORKERS]
            try:
                with tenant_context(agency.pk, [practice.pk]):
                    names = set(Location.objects.values_list("name", flat=True))
                    seen.add(names == {practice.code})
                    if turn % 3 == 0:
                        1 / 0  # a request that fails half-way
                    if turn % 5 == 0:
                        with transaction.atomic(), connection.cursor() as cursor:
                            cursor.execute("SELECT pg_sleep(0.001)")
            except ZeroDivisionError:
                pass
            seen.add(Location.objects.count() == 0)  # outside any context, on the same connection
        return seen

    assert at_once(work) == [{True}] * WORKERS


def test_one_code_sent_at_once_passes_once(make_user):
    user = make_user()
    factor = second_factor.start_enrollment(user)
    generator = pyotp.TOTP(SecondFactor.objects.get(pk=factor.pk).secret)
    now = int(datetime.now(UTC).timestamp())
    with transaction.atomic():
        recovery = second_factor.confirm_enrollment(user, generator.at(now - 30))
    assert len(recovery) == 10
    for code, kind in ((generator.at(now), "totp"), (recovery[0], "recovery")):

        def work(number: int, code=code):
            with transaction.atomic():
                return second_factor.pass_second_step(user, code)

        assert sorted(at_once(work), key=str) == [None] * (WORKERS - 1) + [kind]


def test_guesses_made_at_once_are_all_counted(db):
    def work(number: int) -> int:
        taken = 0
        for _ in range(4):
            with transaction.atomic():
                taken += throttle.take_slot("password:x")
        return taken

    assert sum(at_once(work)) == throttle.GUESSES_PER_ACCOUNT
