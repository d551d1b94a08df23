"""Fixtures of the server tests: an agency with two practices, people, and clients signed in as they.

The tests run on SQLite; with `--postgres` (or CLEANCLAIM_TEST_POSTGRES=1) on a throw-away PostgreSQL.
There the test connection is the owner, who bypasses row security; `app_role` puts on the role of
the application, to which the walls apply.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from datetime import date
from importlib import util
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def _postgres_module():
    """Load tests/server/postgres.py, whichever import mode runs."""
    spec = util.spec_from_file_location("cleanclaim_test_postgres", HERE / "postgres.py")
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_cluster = None
_asked = os.environ.get("CLEANCLAIM_TEST_POSTGRES", "")
if "--postgres" in sys.argv and not _asked:
    _asked = "1"
if _asked and not _asked.startswith("postgresql://"):
    _cluster = _postgres_module().start()
    _asked = os.environ["CLEANCLAIM_TEST_POSTGRES"] = _cluster.owner_dsn  # xdist workers share it
os.environ["CLEANCLAIM_DATABASE_URL"] = _asked
_data = tempfile.TemporaryDirectory(prefix="cleanclaim-test-")
os.environ["CLEANCLAIM_DATA_DIR"] = _data.name
os.environ.pop("CLEANCLAIM_KEYS_FILE", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "cleanclaim_server.config.settings"

import django  # noqa: E402
from django.conf import settings  # noqa: E402

django.setup()
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 has a test of its own
settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
for _template_engine in settings.TEMPLATES:
    _template_engine["DIRS"] = [*_template_engine["DIRS"], HERE / "templates"]

from django.db import connection  # noqa: E402
from django.test import Client, TransactionTestCase  # noqa: E402

from cleanclaim_server.identity import sessions  # noqa: E402
from cleanclaim_server.identity.models import Grant, User  # noqa: E402
from cleanclaim_server.practice.models import Agency, Practice  # noqa: E402
from cleanclaim_server.tenancy import guards  # noqa: E402
from cleanclaim_server.tenancy.context import tenant_context  # noqa: E402
from cleanclaim_server.tenancy.keys import create_key_file  # noqa: E402

# A parallel worker inherits the settings of the process that started it, and with them its key file.
if not Path(settings.CLEANCLAIM_KEYS_FILE).exists():
    create_key_file(Path(settings.CLEANCLAIM_KEYS_FILE), today=date(2026, 11, 23))

# Emptying tables after a test that commits is what the guards refuse; they come back with the flush.
_flush = TransactionTestCase._fixture_teardown


def _flush_without_guards(self) -> None:
    if type(self)._fixture_teardown is _flush_without_guards:
        guards.uninstall()
    _flush(self)


TransactionTestCase._fixture_teardown = _flush_without_guards


def pytest_addoption(parser):
    parser.addoption(
        "--postgres", action="store_true", help="run the server tests on a throw-away PostgreSQL"
    )


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "once: says the same whatever database serves, so --postgres does not run it again",
    )


def pytest_collection_modifyitems(config, items):
    if not _asked:
        return
    again = [item for item in items if item.get_closest_marker("once")]
    if again:
        config.hook.pytest_deselected(items=again)
        items[:] = [item for item in items if item not in again]


def pytest_unconfigure(config):
    if _cluster is not None:
        _postgres_module().stop(_cluster)


PASSWORD = "correct horse battery staple"


def _make_practice(agency: Agency, code: str, **fields) -> Practice:
    """Create a practice with a plausible address."""
    return Practice.objects.create(
        agency=agency,
        code=code,
        **{
            "name": f"Practice {code}", "npi": "1234567893", "taxonomy": "261QM0850X", "tax_id": "990000001",
            "address_line1": "1 Example St", "city": "Albany", "state": "NY", "postal_code": "122070001",
        } | fields,
    )  # fmt: skip


@pytest.fixture
def make_practice():
    """`make_practice(agency, "AA", name=...)`: a practice with a plausible address."""
    return _make_practice


@pytest.fixture
def agency(db) -> Agency:
    return Agency.objects.create(name="Example Billing", submitter_id="EXAMPLE01")


@pytest.fixture
def other_agency(db) -> Agency:
    return Agency.objects.create(name="Another Billing", submitter_id="OTHER01")


@pytest.fixture
def practice_a(agency) -> Practice:
    return _make_practice(agency, "AA")


@pytest.fixture
def practice_b(agency) -> Practice:
    return _make_practice(agency, "BB")


@pytest.fixture
def foreign_practice(other_agency) -> Practice:
    return _make_practice(other_agency, "FF")


@pytest.fixture
def make_user(agency):
    """`make_user("biller", [practice_a])`: a person with that role there; no role: no grants."""
    count = 0

    def make(
        role: str | None = None, practices=(), *, provider=None, of_agency: Agency = agency, **fields
    ) -> User:
        nonlocal count
        count += 1
        defaults = {
            "email": f"person{count}@example.test",
            "display_name": f"Person {count}",
            "agency": of_agency,
        }
        user = User.objects.create_user(**(defaults | fields), password=PASSWORD)
        for practice in practices:
            Grant.objects.create(user=user, practice=practice, role=role, provider=provider)
        return user

    return make


@pytest.fixture
def client_for():
    """`client_for(user)`: a test client signed in as that user, second factor passed."""

    def sign_in(user: User, **options) -> Client:
        client = Client(**options)
        client.force_login(user, backend="cleanclaim_server.identity.backend.SessionBackend")
        session = client.session
        session[sessions.BEGAN] = session[sessions.SEEN] = sessions.now()
        session[sessions.FACTOR] = "totp"
        session.save()
        return client

    return sign_in


@pytest.fixture
def tenant():
    """`with tenant(practice):` works for that practice (or those practices) of its agency."""

    @contextmanager
    def enter(*practices: Practice, user: User | None = None):
        ids = [practice.pk for practice in practices]
        with tenant_context(practices[0].agency_id, ids, user_id=user.pk if user else None) as context:
            yield context

    return enter


@pytest.fixture
def app_role(db):
    """Put on the application's database role for the rest of the test; PostgreSQL only."""
    if connection.vendor != "postgresql":
        pytest.skip("roles and row security are PostgreSQL's; run with --postgres")

    @contextmanager
    def enter():
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE cleanclaim_app")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")

    return enter


@pytest.fixture
def postgres_only(db):
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only; run with --postgres")
