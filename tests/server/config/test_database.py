"""Database settings from the environment."""

from __future__ import annotations

import pytest
from django.db import connection

from cleanclaim_server.config.database import DatabaseUrlError, postgres_settings

URLS = [  # URL, (user, password, host, port, name, options), why
    (
        "postgresql://app:s%40crt@db/cleanclaim",
        ("app", "s@crt", "db", "", "cleanclaim", {}),
        "escaped password",
    ),
    ("postgres://app@db:5433/c", ("app", "", "db", "5433", "c", {}), "short scheme, port"),
    (
        "postgresql:///c?host=/run/postgresql&sslmode=verify-full",
        ("", "", "/run/postgresql", "", "c", {"sslmode": "verify-full"}),
        "socket and options",
    ),
]


@pytest.mark.parametrize(("url", "expected", "why"), URLS)
def test_urls(url, expected, why):
    made = postgres_settings(url)
    keys = ("USER", "PASSWORD", "HOST", "PORT", "NAME", "OPTIONS")
    assert tuple(made[key] for key in keys) == expected, why
    assert made["ATOMIC_REQUESTS"] is True


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "postgresql://u:secret@h/", "nonsense secret"])
def test_an_unfit_url_is_refused_without_repeating_it(url):
    with pytest.raises(DatabaseUrlError) as caught:
        postgres_settings(url)
    assert "secret" not in str(caught.value)


@pytest.mark.django_db
def test_sqlite_runs_as_promised():
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    with connection.cursor() as cursor:
        values = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("cache_size", "recursive_triggers", "foreign_keys", "synchronous")
        }
    assert values == {"cache_size": -262144, "recursive_triggers": 1, "foreign_keys": 1, "synchronous": 2}
    options = connection.settings_dict["OPTIONS"]
    assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 30)
    assert "journal_mode=DELETE" in options["init_command"]
