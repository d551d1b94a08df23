"""`cleanclaim backup` and `restore`: what comes back is what was kept, and nothing is overwritten."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from importlib import util
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Installation


@pytest.fixture(scope="module")
def kept(make_installation):
    """An installation and its backup: `(installation, backup folder, keys folder)`."""
    cleanclaim = make_installation()
    backup, keys = cleanclaim.folder / "backup", cleanclaim.folder / "keys"
    cleanclaim.document = cleanclaim.json("backup", backup, "--keys", keys)
    return cleanclaim, backup, keys


def test_a_backup_has_everything_but_the_keys(kept):
    cleanclaim, backup, keys = kept
    assert cleanclaim.document["rows"]["patients_patient"] == 3
    names = {str(path.relative_to(backup)) for path in backup.rglob("*") if path.is_file()}
    assert names == {"cleanclaim.sqlite3", "manifest.json"}
    assert {path.name for path in keys.iterdir()} == {"sealing-keys.json", "secret.key"}
    secret = json.loads((keys / "sealing-keys.json").read_text())["keys"][0]["key"]
    for path in backup.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes(), path.name
    assert all(
        path.stat().st_mode & 0o077 == 0 for path in (backup, keys, *backup.rglob("*"), *keys.rglob("*"))
    )


def test_what_is_restored_works(kept, tmp_path):
    _, backup, keys = kept
    other = Installation(tmp_path)
    document = other.json("restore", backup, "--keys", keys)
    assert document["rows"] == kept[0].document["rows"]
    assert other("doctor").returncode == 0
    again = other.json(
        "import", "patients", REPOSITORY / "docs/recipes/sample-patients.csv", "--practice", "QH"
    )
    assert (again["patients"], again["repeated"]) == (0, 3), "sealed member numbers are found by their index"
    with (
        sqlite3.connect(tmp_path / "var" / "cleanclaim.sqlite3") as database,
        pytest.raises(sqlite3.DatabaseError),
    ):
        database.execute("DELETE FROM audit_auditrow")  # the guards came back too


def _refused(cleanclaim: Installation, *words: object) -> str:
    """The words of a refusal; the data folder is as it was."""
    folder = cleanclaim.folder / "var"
    before = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else None
    done = cleanclaim(*words)
    assert done.returncode == 2, done.stdout
    assert b"Traceback" not in done.stderr
    assert (sorted(path.name for path in folder.iterdir()) if folder.is_dir() else None) == before
    return done.stderr.decode()


def test_a_restore_never_overwrites(kept, tmp_path):
    cleanclaim, backup, keys = kept
    assert "keeping.not_empty" in _refused(cleanclaim, "restore", backup, "--keys", keys)
    other = Installation(tmp_path)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "letter.txt").write_text("mine")
    assert "keeping.not_empty" in _refused(other, "restore", backup, "--keys", keys)


def test_a_backup_never_overwrites_and_keeps_keys_apart(kept, tmp_path):
    cleanclaim, backup, _ = kept
    assert "keeping.not_empty" in _refused(cleanclaim, "backup", backup)
    assert "keeping.inside" in _refused(cleanclaim, "backup", cleanclaim.folder / "var" / "copies")
    new = tmp_path / "new"
    assert "keeping.keys_inside" in _refused(cleanclaim, "backup", new, "--keys", new / "keys")
    assert not new.exists()


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGE = [  # what happens to the backup and the keys, code
    (lambda backup, keys: _flip(backup / "cleanclaim.sqlite3"), "keeping.damaged"),
    (lambda backup, keys: (backup / "cleanclaim.sqlite3").unlink(), "keeping.damaged"),
    (lambda backup, keys: (backup / "manifest.json").write_text("{}"), "keeping.not_a_backup"),
    (lambda backup, keys: (backup / "manifest.json").unlink(), "keeping.not_a_backup"),
    (lambda backup, keys: (keys / "sealing-keys.json").unlink(), "keeping.keys_missing"),
    (lambda backup, keys: (keys / "sealing-keys.json").write_text("?"), "keeping.keys_unreadable"),
]


@pytest.mark.parametrize(("harm", "code"), DAMAGE)
def test_damage_is_found_before_anything_is_written(kept, tmp_path, harm, code):
    backup, keys = (Path(shutil.copytree(path, tmp_path / path.name)) for path in kept[1:])
    harm(backup, keys)
    assert code in _refused(Installation(tmp_path), "restore", backup, "--keys", keys)


def test_other_keys_are_refused(kept, tmp_path):
    _, backup, keys = kept
    wrong = Path(shutil.copytree(keys, tmp_path / "wrong"))
    document = json.loads((wrong / "sealing-keys.json").read_text())
    document["keys"][0]["key"] = "A" * 43 + "="
    (wrong / "sealing-keys.json").write_text(json.dumps(document))
    assert "keeping.keys_differ" in _refused(Installation(tmp_path), "restore", backup, "--keys", wrong)


def _postgres():
    spec = util.spec_from_file_location(
        "cleanclaim_cli_postgres", REPOSITORY / "tests" / "server" / "postgres.py"
    )
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_postgresql_comes_back_with_its_walls(tmp_path):
    postgres = _postgres()
    try:
        postgres.server_programs()
    except postgres.PostgresMissing as error:
        pytest.skip(str(error))
    import psycopg

    with postgres.throw_away_cluster() as cluster:
        root = cluster.dsn("postgres", "postgres")
        with psycopg.connect(root, autocommit=True) as connection:
            connection.execute(f"ALTER ROLE {postgres.OWNER} CREATEROLE")
            connection.execute(f"DROP ROLE {postgres.APP}")
            connection.execute(f"CREATE DATABASE second OWNER {postgres.OWNER}")
        first, second = Installation(tmp_path / "first"), Installation(tmp_path / "second")
        for one in (first, second):
            one.outbox.mkdir(parents=True)
            one.inbox.mkdir(parents=True)
        people = (
            "--agency",
            "Example",
            "--submitter-id",
            "EX1",
            "--email",
            "ann@example.test",
            "--name",
            "Ann",
        )
        url = first.json("init", *people, "--postgres", cluster.owner_dsn)["database_url"]
        sample = (REPOSITORY / "docs/recipes/sample-practice.yaml").read_text()
        (first.folder / "practice.yaml").write_text(
            sample.replace("/srv/clearing", str(first.folder / "clearing"))
        )
        app = {"CLEANCLAIM_DATABASE_URL": url}
        done = first("import", "practice", "practice.yaml", **app)
        assert done.returncode == 0, done.stderr
        backup, keys = tmp_path / "backup", tmp_path / "keys"
        refused = first("backup", backup, **app)
        assert refused.returncode == 2 and b"keeping.owner_needed" in refused.stderr
        done = first("backup", backup, "--keys", keys, "--postgres", cluster.owner_dsn, **app)
        assert done.returncode == 0, done.stderr
        again = {"CLEANCLAIM_DATABASE_URL": url.removesuffix("/cleanclaim") + "/second"}
        owner = cluster.dsn(postgres.OWNER, "second")
        done = second("restore", backup, "--keys", keys, "--postgres", owner, "--json", **again)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["rows"]["practice_practice"] == 1
        done = second("doctor", **again)
        assert done.returncode == 0, done.stdout
        assert b"in force for cleanclaim_app" in done.stdout
        shutil.rmtree(second.folder / "var")
        full = second("restore", backup, "--keys", keys, "--postgres", owner, **again)
        assert full.returncode == 2 and b"keeping.not_empty" in full.stderr


def test_a_separate_note_is_refused_and_the_other_files_go_on(installation, tmp_path):
    note, other = tmp_path / "a.txt", tmp_path / "b.835"
    note.write_text("PSYCHOTHERAPY NOTES - kept separate from the medical record\nquillfeather")
    other.write_text("ISA*not a whole file~")
    answer = installation.json("receive", note, other, code=1)
    assert [(one["file"], one["state"]) for one in answer["files"]] == [
        ("a.txt", "refused"),
        ("b.835", "unreadable"),
    ]
    assert "quillfeather" not in str(answer) and answer["files"][0]["findings"][0]["remedy"]
    for words in (("import", "patients"), ("import", "sessions"), ("import", "bank")):
        done = installation(*words, note, "--practice", "QH")
        assert done.returncode == 2 and b"quillfeather" not in done.stdout + done.stderr
        assert b"Traceback" not in done.stderr
