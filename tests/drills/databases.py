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
FEW = 5
"""Claims of a base of which a drill makes more itself. One number for all: one base for all."""


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

    def __init__(self, made: Place, count: int) -> None:
        self.made = made
        self.facts = json.loads(made.run("make", str(count)))

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

    def __init__(self, made: Place, count: int, cluster: postgres.Cluster, database: str) -> None:
        self.made, self.cluster, self.database = made, cluster, database
        self.facts = json.loads(made.run("make", str(count)))
        self.copies = 0

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Place]:
        self.copies += 1
        name = f"{self.database}_trial{self.copies}"
        shutil.copytree(self.made.folder, folder)
        copy_database(self.cluster, self.database, name)
        try:
            yield Place(folder, self.cluster.dsn(postgres.APP, name))
        finally:
            _command(self.cluster, f"DROP DATABASE {name} WITH (FORCE)")
            shutil.rmtree(folder)


Base = SqliteBase | PostgresBase


class Bases:
    """The made databases of a run: migrated once for each kind, made once for each number of claims."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.empty: dict[str, Place] = {}
        self.made: dict[tuple[str, int], Base] = {}
        self.cluster: postgres.Cluster | None = None

    def of(self, kind: str, count: int) -> Base:
        """The base of a kind ("sqlite", "postgresql") with `count` claims.

        Raises:
            postgres.PostgresMissing: This machine has no PostgreSQL.
        """
        if (kind, count) not in self.made:
            self.made[kind, count] = self._make(kind, count)
        return self.made[kind, count]

    def close(self) -> None:
        if self.cluster is not None:
            postgres.stop(self.cluster)

    def _make(self, kind: str, count: int) -> Base:
        empty, folder = self._empty(kind), self.folder / f"{kind}-{count}"
        shutil.copytree(empty.folder, folder)
        if kind == "sqlite":
            return SqliteBase(Place(folder), count)
        assert self.cluster is not None  # started for the empty one
        database = f"base{count}"
        copy_database(self.cluster, "cleanclaim", database)
        made = Place(folder, self.cluster.dsn(postgres.OWNER, database))
        return PostgresBase(made, count, self.cluster, database)

    def _empty(self, kind: str) -> Place:
        if kind in self.empty:
            return self.empty[kind]
        url = ""
        if kind == "postgresql":
            postgres.server_programs()
            self.cluster = postgres.start(outlives_halts=True)
            url = self.cluster.owner_dsn
        place = Place(self.folder / f"{kind}-empty", url)
        place.run("migrate")
        self.empty[kind] = place
        return place


def copy_database(cluster: postgres.Cluster, template: str, name: str) -> None:
    _command(cluster, f"CREATE DATABASE {name} TEMPLATE {template} OWNER {postgres.OWNER}")
    _command(cluster, f"GRANT CONNECT ON DATABASE {name} TO {postgres.APP}")


def _command(cluster: postgres.Cluster, sql: str) -> None:
    """One command on a line of its own: the cluster may have been stopped since the last."""
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql)
