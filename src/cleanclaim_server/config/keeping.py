"""Backup and restore: the database and the other files of the data folder, with a manifest; keys apart.

A backup without its keys is useless to a thief, and to you: the sealing keys and the session secret go
to a folder of their own, or stay where you keep them already. The manifest names the keys by number and
fingerprint, so that a restore knows whether it was given the right ones before it changes anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cleanclaim import __version__
from cleanclaim_server.config.installing import create_app_role

MANIFEST = "manifest.json"
SQLITE_FILE, POSTGRES_FILE = "cleanclaim.sqlite3", "cleanclaim.pgdump"
FILES = "files"
FORM = 1
PG_NAMES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
COUNTED = (
    "practice_practice",
    "patients_patient",
    "claims_claim",
    "clearinghouse_storedfile",
    "ledger_entry",
    "ledger_leg",
    "audit_auditrow",
)


class KeepingError(RuntimeError):
    """A backup or restore was refused or failed; the message says what to do. Nothing was overwritten."""


@dataclass
class Kept:
    """What was written or put back."""

    folder: Path
    database: str
    files: list[str] = field(default_factory=list)
    bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    keys_folder: str = ""
    remarks: list[str] = field(default_factory=list)


def back_up(target: Path, *, now: datetime, keys_folder: Path | None = None, owner_url: str = "") -> Kept:
    """Write a consistent copy into an empty folder; the product may go on running.

    Args:
        target: Made when absent; must be empty.
        keys_folder: Where keys and session secret go; must be empty, and not inside `target`.
        owner_url: PostgreSQL only: the owner's address, whom row security does not hide rows from.

    Raises:
        KeepingError: The folder is not empty, or the database could not be copied.
    """
    from django.conf import settings
    from django.db import connection

    target = target.resolve()
    data_dir = Path(settings.DATA_DIR).resolve()
    if target == data_dir or data_dir in target.parents:
        raise KeepingError(
            "a backup does not go into what it copies: name a folder elsewhere [keeping.inside]"
        )
    _must_be_empty(target)
    if keys_folder is not None:
        keys_folder = keys_folder.resolve()
        if keys_folder == target or target in keys_folder.parents:
            raise KeepingError(
                "keys do not go into the backup: name a folder elsewhere [keeping.keys_inside]"
            )
        _must_be_empty(keys_folder)
    if connection.vendor == "postgresql" and not owner_url:
        raise KeepingError(
            "row security hides rows from the application's role: give the owner's address with "
            "--postgres [keeping.owner_needed]"
        )
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    if connection.vendor == "sqlite":
        _copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), target / SQLITE_FILE)
        rows = _count_sqlite(target / SQLITE_FILE)
    else:
        _run_postgres(
            ["pg_dump", "--format=custom", "--no-owner", f"--file={target / POSTGRES_FILE}"], owner_url
        )
        rows = _count_postgres(owner_url)
    for path in _other_files(data_dir):
        copy = target / FILES / path.relative_to(data_dir)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(path, copy)
    kept = Kept(target, connection.vendor, rows=rows)
    _write_manifest(target, kept, now)
    if keys_folder is not None:
        keys_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in _key_files():
            shutil.copyfile(path, keys_folder / path.name)
        kept.keys_folder = str(keys_folder)
    return kept


def restore(source: Path, *, keys_folder: Path | None = None, owner_url: str = "") -> Kept:
    """Put a backup back into an empty installation, and check that what came back is what was kept.

    Raises:
        KeepingError: The backup is damaged, the target is not empty, or the keys are not the ones that
            sealed it. Nothing is overwritten.
    """
    from django.conf import settings

    source = source.resolve()
    manifest = _read_manifest(source)
    data_dir = Path(settings.DATA_DIR)
    vendor = "postgresql" if settings.DATABASES["default"]["ENGINE"].endswith("postgresql") else "sqlite"
    if manifest["database"] != vendor:
        raise KeepingError(
            f"the backup is of {manifest['database']}, this installation uses {vendor} "
            "[keeping.other_database]"
        )
    if vendor == "postgresql" and not owner_url:
        raise KeepingError("give the owner's address with --postgres [keeping.owner_needed]")
    _must_be_empty(data_dir, but=() if keys_folder else tuple(path.name for path in _key_files()))
    _check_keys(manifest, keys_folder)
    if vendor == "postgresql" and _count_tables(owner_url):
        raise KeepingError("the database has tables already: restore into an empty one [keeping.not_empty]")
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if keys_folder is not None:
        for path, name in _key_targets(keys_folder):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(keys_folder / name, path)
            path.chmod(0o600)
    for name in manifest["files"]:
        if name.startswith(f"{FILES}/"):
            copy = data_dir / Path(name).relative_to(FILES)
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(source / name, copy)
    app_url = ""
    if vendor == "sqlite":
        database = Path(settings.DATABASES["default"]["NAME"])
        _copy_sqlite(source / SQLITE_FILE, database)
        rows = _count_sqlite(database)
    else:
        app_url = create_app_role(owner_url)  # the dump grants to it
        _run_postgres(
            ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname=",
             str(source / POSTGRES_FILE)],
            owner_url,
        )  # fmt: skip
        rows = _count_postgres(owner_url)
    differing = [name for name, count in manifest["rows"].items() if rows.get(name) != count]
    if differing:
        raise KeepingError(
            f"row counts differ after the restore: {', '.join(differing)} [keeping.rows_differ]"
        )
    kept = Kept(data_dir, vendor, files=sorted(manifest["files"]), bytes=manifest["bytes"], rows=rows)
    if app_url:
        kept.remarks.append(f"run with  CLEANCLAIM_DATABASE_URL={app_url}   (shown once)")
    if manifest["product"] != __version__:
        kept.remarks.append(
            f"made by version {manifest['product']}: run `cleanclaim init` to bring it up to date"
        )
    return kept


# --- files ------------------------------------------------------------------------------------------


def _must_be_empty(folder: Path, *, but: tuple[str, ...] = ()) -> None:
    if folder.exists() and not folder.is_dir():
        raise KeepingError(f"{folder} is not a folder [keeping.not_empty]")
    found = [path.name for path in folder.iterdir() if path.name not in but] if folder.is_dir() else []
    if found:
        raise KeepingError(
            f"{folder} is not empty ({len(found)} entries): name an empty folder; nothing was touched "
            "[keeping.not_empty]"
        )


def _key_files() -> list[Path]:
    from django.conf import settings

    paths = [Path(settings.CLEANCLAIM_KEYS_FILE), Path(settings.SECRET_KEY_FILE)]
    return [path for path in paths if path.is_file()]


def _key_targets(folder: Path) -> Iterator[tuple[Path, str]]:
    """Where each file of a keys folder belongs."""
    from django.conf import settings

    for path in (Path(settings.CLEANCLAIM_KEYS_FILE), Path(settings.SECRET_KEY_FILE)):
        if (folder / path.name).is_file():
            yield path, path.name


def _other_files(data_dir: Path) -> Iterator[Path]:
    """Files of the data folder besides database and keys, in order; links are not followed."""
    from django.conf import settings

    database = Path(settings.DATABASES["default"]["NAME"]).name
    left_out = {path.resolve() for path in _key_files()}
    for path in sorted(data_dir.rglob("*")):
        is_database = path.parent == data_dir and path.name.startswith(database)
        if path.is_file() and not path.is_symlink() and path.resolve() not in left_out and not is_database:
            yield path


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# --- manifest and keys ------------------------------------------------------------------------------


def _fingerprints(path: Path) -> dict[str, str]:
    """Key number -> the beginning of the key's hash."""
    try:
        document = json.loads(path.read_text())
        return {
            str(entry["id"]): hashlib.sha256(entry["key"].encode()).hexdigest()[:16]
            for entry in document["keys"]
        }
    except (OSError, ValueError, KeyError, TypeError):
        raise KeepingError(f"{path} is not a readable key file [keeping.keys_unreadable]") from None


def _write_manifest(target: Path, kept: Kept, now: datetime) -> None:
    from django.conf import settings

    paths = [path for path in sorted(target.rglob("*")) if path.is_file()]
    names = {str(path.relative_to(target)): path for path in paths}
    kept.files = sorted(names)
    kept.bytes = sum(path.stat().st_size for path in paths)
    document = {
        "form": FORM,
        "product": __version__,
        "made_at": now.isoformat(timespec="seconds"),
        "database": kept.database,
        "files": {
            name: {"bytes": path.stat().st_size, "sha256": _sha256(path)} for name, path in names.items()
        },
        "bytes": kept.bytes,
        "rows": kept.rows,
        "keys": _fingerprints(Path(settings.CLEANCLAIM_KEYS_FILE)),
    }
    (target / MANIFEST).write_text(json.dumps(document, indent=1) + "\n")


def _read_manifest(source: Path) -> dict:
    try:
        manifest = json.loads((source / MANIFEST).read_text())
        if manifest["form"] != FORM:
            raise KeepingError(f"{source} was made by another version of backup [keeping.other_form]")
        files, _ = manifest["files"], (manifest["keys"], manifest["rows"], manifest["database"])
    except (OSError, ValueError, KeyError, TypeError):
        raise KeepingError(
            f"{source} holds no readable {MANIFEST}: not a backup [keeping.not_a_backup]"
        ) from None
    for name, facts in files.items():
        path = source / name
        if source not in path.resolve().parents or not path.is_file() or _sha256(path) != facts["sha256"]:
            raise KeepingError(f"{name} is missing or damaged: use another backup [keeping.damaged]")
    return manifest


def _check_keys(manifest: dict, keys_folder: Path | None) -> None:
    from django.conf import settings

    in_place = Path(settings.CLEANCLAIM_KEYS_FILE)
    given = keys_folder / in_place.name if keys_folder is not None else in_place
    if keys_folder is not None and in_place.exists():
        raise KeepingError(
            f"there is a key file at {in_place} already; it was not touched [keeping.not_empty]"
        )
    if not given.is_file():
        raise KeepingError(
            f"no sealing keys at {given}: the backup cannot be read without them. Name their folder with "
            "--keys [keeping.keys_missing]"
        )
    known = _fingerprints(given)
    if any(known.get(number) != mark for number, mark in manifest["keys"].items()):
        raise KeepingError(f"{given} does not hold the keys that sealed this backup [keeping.keys_differ]")


# --- databases --------------------------------------------------------------------------------------


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy: one consistent state, even while others write."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(handle)
    try:
        with closing(_open_read_only(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            verdict = new.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise KeepingError(f"the database could not be copied ({error}) [keeping.copy_failed]") from None
    if verdict != "ok":
        raise KeepingError("the copied database is damaged: keep the original [keeping.copy_damaged]")


def _open_read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _count_sqlite(path: Path) -> dict[str, int]:
    with closing(_open_read_only(path)) as database:
        known = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in COUNTED
            if name in known
        }


def _one(cursor: Any) -> Any:
    """The one cell of an answer of one row."""
    (cell,) = cursor.fetchone()
    return cell


def _count_postgres(owner_url: str) -> dict[str, int]:
    import psycopg
    from psycopg import sql

    counts = {}
    with psycopg.connect(owner_url) as database:
        for name in COUNTED:
            if _one(database.execute("SELECT to_regclass(%s)", [f"public.{name}"])):
                query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
                counts[name] = _one(database.execute(query))
    return counts


def _count_tables(owner_url: str) -> int:
    import psycopg

    try:
        with psycopg.connect(owner_url) as database:
            query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            return _one(database.execute(query))
    except psycopg.Error as error:
        raise KeepingError(f"PostgreSQL refused ({type(error).__name__}) [keeping.unreachable]") from None


def _run_postgres(command: list[str], owner_url: str) -> None:
    """Run a program of PostgreSQL; the password goes by the environment, not by the process list."""
    from psycopg.conninfo import conninfo_to_dict

    parts = {key: str(value) for key, value in conninfo_to_dict(owner_url).items() if value is not None}
    words = [f"--dbname={parts['dbname']}" if word == "--dbname=" else word for word in command]
    if shutil.which(words[0]) is None:
        raise KeepingError(
            f"{words[0]} is not installed: apt-get install postgresql-client [keeping.no_program]"
        )
    environment = {**os.environ, **{PG_NAMES[key]: value for key, value in parts.items() if key in PG_NAMES}}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise KeepingError(f"{words[0]} failed: {last} [keeping.copy_failed]")
