"""The two databases: an SQLite file by default, PostgreSQL in production."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

DATABASE_URL_VARIABLE = "CLEANCLAIM_DATABASE_URL"

# Rollback journal, because the SQLite builds at hand (3.40.1) can corrupt a database on WAL reset.
# Recursive triggers, because INSERT OR REPLACE otherwise deletes rows without firing delete triggers.
SQLITE_INIT = (
    "PRAGMA journal_mode=DELETE; PRAGMA cache_size=-262144; PRAGMA synchronous=FULL; "
    "PRAGMA recursive_triggers=ON; PRAGMA secure_delete=FAST;"
)


class DatabaseUrlError(ValueError):
    """The database URL cannot be used. The message never repeats the URL, which holds a password."""


def sqlite_settings(path: Path) -> dict:
    """Settings for one SQLite file: one writer at a time, taken when the transaction begins."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": SQLITE_INIT},
    }


def postgres_settings(url: str) -> dict:
    """Settings for `postgresql://user:password@host:port/name?option=value`.

    A socket folder is given as `?host=/var/run/postgresql`.

    Raises:
        DatabaseUrlError: Another scheme, or no database name.

    Examples:
        >>> postgres_settings("postgresql://cleanclaim_app:p%40ss@db.internal/cleanclaim")["PASSWORD"]
        'p@ss'
    """
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not name:
        raise DatabaseUrlError(
            "CLEANCLAIM_DATABASE_URL must read postgresql://user:password@host:port/name "
            "[config.database_url]"
        )
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def refresh_statistics(connection) -> None:
    """Let SQLite look again at how its rows are spread; PostgreSQL does so by itself.

    Without it, SQLite takes the index of a practice, which is a fifth of a table, where a key would name
    fifty rows. It looks at a sample only, and at tables that changed much.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA analysis_limit=1000")
        cursor.execute("PRAGMA optimize=0x10002")  # also tables that this connection has not asked about
