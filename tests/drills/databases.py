"""Databases of a drill: a made one that is copied for each trial, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from tests.server import postgres

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class Place:
    """A data folder and a database in which the product runs."""

    folder: Path
    url: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        plain = {
            key: value for key, value in os.environ.items() if not key.startswith(("CLEANCLAIM_", "DJANGO_"))
        }
        return plain | {
            "CLEANCLAIM_DATA_DIR": str(self.folder), "CLEANCLAIM_DATABASE_URL": self.url,
            "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'src'}", "PYTHONUNBUFFERED": "1",
        } | more  # fmt: skip

    def start(self, *words: str, **more: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.drills.poster", *words], cwd=REPOSITORY, env=self.environment(**more),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *words: str, **more: str) -> str:
        """Run to the end; its last line.

        Raises:
            AssertionError: It did not end well; with what it said.
        """
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err[-2000:]
        return out.strip().splitlines()[-1]

    def tell(self, *, quick: bool = False) -> dict:
        return json.loads(self.run("tell", **({"CLEANCLAIM_DRILL_QUICK": "1"} if quick else {})))


class SqliteBase:
    """Copies the file of the database with the data folder."""

    name = "SQLite"

    def __init__(self, folder: Path, count: int) -> None:
        self.made = Place(folder / "base")
        self.facts = json.loads(self.made.run("make", str(count)))

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Place]:
        shutil.copytree(self.made.folder, folder)
        try:
            yield Place(folder)
        finally:
            shutil.rmtree(folder)


class PostgresBase:
    """Copies a database by template; the product works as the application's role, behind row security."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, count: int, cluster: postgres.Cluster) -> None:
        self.cluster = cluster
        self.made = Place(folder / "base", cluster.owner_dsn)
        self.facts = json.loads(self.made.run("make", str(count)))
        self.copies = 0

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Place]:
        self.copies += 1
        name = f"trial{self.copies}"
        shutil.copytree(self.made.folder, folder)
        self._command(f"CREATE DATABASE {name} TEMPLATE cleanclaim OWNER {postgres.OWNER}")
        self._command(f"GRANT CONNECT ON DATABASE {name} TO {postgres.APP}")
        try:
            yield Place(folder, self.cluster.dsn(postgres.APP, name))
        finally:
            self._command(f"DROP DATABASE {name} WITH (FORCE)")
            shutil.rmtree(folder)

    def _command(self, sql: str) -> None:
        """One command on a line of its own: the cluster may have been stopped since the last."""
        with psycopg.connect(self.cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(sql)
