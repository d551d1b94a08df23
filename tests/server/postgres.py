"""A throw-away PostgreSQL for the server tests: made, used, and gone with the test run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

OWNER, APP = "cleanclaim_owner", "cleanclaim_app"


class PostgresMissing(RuntimeError):
    """No PostgreSQL server programs on this machine."""


@dataclass(frozen=True)
class Cluster:
    """A running cluster. `owner_dsn` migrates (and bypasses row security); `app_dsn` is the application."""

    folder: Path
    port: int
    outlives_halts: bool = False
    """Whether what was committed survives `halt`. Costs speed that other tests do not need to pay."""

    def dsn(self, user: str, database: str = "cleanclaim") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    @property
    def owner_dsn(self) -> str:
        return self.dsn(OWNER)

    @property
    def app_dsn(self) -> str:
        return self.dsn(APP)


def server_programs() -> Path:
    """Find the folder of initdb and pg_ctl: Debian's newest, else the one on the path.

    Raises:
        PostgresMissing: Neither is there.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    found = debian[-1] if debian else shutil.which("initdb")
    if not found:
        raise PostgresMissing("PostgreSQL is not installed: apt-get install -y postgresql")
    return Path(found).parent


def start(*, outlives_halts: bool = False) -> Cluster:
    """Create and start a cluster on a free loopback port, with both roles and an empty database."""
    programs = server_programs()
    folder = Path(tempfile.mkdtemp(prefix="cleanclaim-pg-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if os.getuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
    _run(
        programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"
    )
    cluster = Cluster(folder, port, outlives_halts)
    resume(cluster)
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB BYPASSRLS")
        connection.execute(f"CREATE ROLE {APP} LOGIN NOBYPASSRLS")
        connection.execute(f"GRANT {APP} TO {OWNER}")  # lets a test put the application's role on
        connection.execute(f"CREATE DATABASE cleanclaim OWNER {OWNER}")
    return cluster


def halt(cluster: Cluster) -> None:
    """Stop the cluster as if the machine had lost it: no checkpoint, every connection cut."""
    _run(server_programs() / "pg_ctl", "-D", cluster.folder / "data", "-m", "immediate", "-w", "stop")


def resume(cluster: Cluster) -> None:
    """Start a cluster; a halted one recovers from its log."""
    programs = server_programs()
    _run(
        programs / "pg_ctl", "-D", cluster.folder / "data", "-w", "-l", cluster.folder / "log", "-o",
        f"-c listen_addresses=127.0.0.1 -c port={cluster.port} -c unix_socket_directories={cluster.folder} "
        f"-c fsync=off -c synchronous_commit={'on' if cluster.outlives_halts else 'off'} "
        f"-c full_page_writes=off -c max_connections=60", "start",
    )  # fmt: skip


def stop(cluster: Cluster) -> None:
    """Stop the cluster at once and remove it."""
    _run(server_programs() / "pg_ctl", "-D", cluster.folder / "data", "-m", "immediate", "stop")
    shutil.rmtree(cluster.folder, ignore_errors=True)


@contextmanager
def throw_away_cluster(*, outlives_halts: bool = False) -> Iterator[Cluster]:
    """A cluster for the length of a block."""
    cluster = start(outlives_halts=outlives_halts)
    try:
        yield cluster
    finally:
        stop(cluster)


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    if os.getuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    # Output goes nowhere: the started server would hold a pipe open for ever.
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
