"""From an empty folder to a running installation, by the command line, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
PEOPLE = [
    "--agency",
    "Example Billing",
    "--submitter-id",
    "EX1",
    "--email",
    "ann@example.test",
    "--name",
    "Ann",
]


@pytest.fixture
def cleanclaim(tmp_path):
    """`cleanclaim("init", ...)` runs a command on an installation in a fresh folder, on SQLite."""
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY / "src"), "CLEANCLAIM_DATA_DIR": str(tmp_path / "var"),
    }  # fmt: skip
    program = (
        "import sys; from cleanclaim_cli.commands import audit, operate; "
        "commands = operate.COMMANDS | audit.COMMANDS; commands[sys.argv[1]].main(sys.argv[2:])"
    )

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(
            command,
            env=environment | more,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )

    run.folder = tmp_path / "var"
    return run


@pytest.mark.once
def test_init_makes_a_whole_installation_and_may_run_again(cleanclaim):
    first = cleanclaim("init", "--json", *PEOPLE)
    assert first.returncode == 0, first.stderr
    document = json.loads(first.stdout)
    assert len(document["made"]) == 3 and len(document["password"]) == 23
    for name in ("secret.key", "sealing-keys.json", "cleanclaim.sqlite3"):
        assert (cleanclaim.folder / name).stat().st_mode & 0o777 == 0o600, name
    keys = (cleanclaim.folder / "sealing-keys.json").read_bytes()
    again = json.loads(cleanclaim("init", "--json").stdout)
    assert (again["made"], again["password"]) == ([], "")
    assert (cleanclaim.folder / "sealing-keys.json").read_bytes() == keys
    assert document["password"] not in "".join(
        path.read_bytes().decode("latin-1") for path in cleanclaim.folder.iterdir() if path.is_file()
    )

    doctor = cleanclaim("doctor", "--json")
    states = {check["name"]: check["state"] for check in json.loads(doctor.stdout)}
    assert doctor.returncode == 0
    assert states.pop("row security") == "warn"
    assert set(states.values()) == {"ok"}

    trail = cleanclaim.folder / "trail.jsonl"
    assert cleanclaim("audit", "export", str(trail)).returncode == 0
    marks = str(cleanclaim.folder / "audit-checkpoints.jsonl")
    sound = cleanclaim("audit", "verify", str(trail), "--checkpoints", marks, "--json")
    found = json.loads(sound.stdout)
    assert (sound.returncode, found["sound"], found["rows"], found["faults"]) == (0, True, 3, [])
    trail.write_text(trail.read_text().replace("user.created", "user.deleted"))
    bad = cleanclaim("audit", "verify", str(trail))
    assert bad.returncode == 1
    assert "First bad place: line 3, place 2" in bad.stdout
    assert cleanclaim("audit", "verify", str(cleanclaim.folder / "secret.key")).returncode == 2
    assert cleanclaim("audit", "verify", str(cleanclaim.folder / "absent")).returncode == 2


@pytest.mark.once
def test_doctor_names_what_is_missing_and_serve_refuses(cleanclaim):
    bare = cleanclaim("doctor", "--json")
    assert bare.returncode == 1
    stops = [check["name"] for check in json.loads(bare.stdout) if check["state"] == "stop"]
    assert stops == ["data folder", "session secret", "sealing keys", "database"]
    for command in ("serve", "worker"):
        refused = cleanclaim(command)
        assert refused.returncode == 1 and "cleanclaim init" in refused.stderr
    assert not cleanclaim.folder.exists(), "looking makes nothing"


FAULTS = [  # what is done to a whole installation, the check that names it
    ("chmod 644 sealing-keys.json", "sealing keys"),
    ("rm sealing-keys.json", "sealing keys"),
    ("chmod 644 secret.key", "session secret"),
    ("DROP TRIGGER cc_guard_audit_auditrow_no_delete", "database guards"),
    ("DELETE FROM django_migrations WHERE app = 'audit'", "tables"),
]


@pytest.mark.once
def test_doctor_finds_planted_faults(cleanclaim):
    assert cleanclaim("init", *PEOPLE).returncode == 0
    for fault, name in FAULTS:
        import shutil
        import sqlite3

        copy = cleanclaim.folder.with_name("broken")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(cleanclaim.folder, copy)
        if fault.startswith(("chmod", "rm")):
            subprocess.run(fault, shell=True, cwd=copy, check=True)
        else:
            with sqlite3.connect(copy / "cleanclaim.sqlite3") as database:
                database.execute(fault)
        found = cleanclaim("doctor", "--json", CLEANCLAIM_DATA_DIR=str(copy))
        stops = [check["name"] for check in json.loads(found.stdout) if check["state"] == "stop"]
        assert (found.returncode, stops) == (1, [name]), fault


@pytest.mark.once
def test_nothing_listens_outside_without_encryption(cleanclaim):
    cleanclaim("init", *PEOPLE)
    refused = cleanclaim("serve", "--host", "0.0.0.0")
    assert refused.returncode == 1 and "without encryption" in refused.stderr
    refused = cleanclaim("serve", CLEANCLAIM_HOSTS="billing.example.test")
    assert refused.returncode == 1 and "transport" in refused.stderr


@pytest.mark.once
def test_debug_never_meets_a_real_host(cleanclaim):
    show = "import django; django.setup(); from django.conf import settings; print(settings.DEBUG)"
    for hosts, expected in (("127.0.0.1", "True"), ("billing.example.test", "False")):
        environment = {
            "PYTHONPATH": str(REPOSITORY / "src"), "CLEANCLAIM_DEBUG": "1", "CLEANCLAIM_HOSTS": hosts,
            "DJANGO_SETTINGS_MODULE": "cleanclaim_server.config.settings",
        }  # fmt: skip
        done = subprocess.run([sys.executable, "-c", show], env=environment, capture_output=True, text=True)
        assert done.stdout.strip() == expected, done.stderr


@pytest.mark.once
def test_the_frameworks_deploy_check_has_nothing_to_say(cleanclaim):
    cleanclaim("init", *PEOPLE)
    environment = {
        "PATH": os.environ["PATH"], "CLEANCLAIM_DATA_DIR": str(cleanclaim.folder), "CLEANCLAIM_HTTPS": "1",
        "CLEANCLAIM_HOSTS": "billing.example.test",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "manage.py"), "check", "--deploy", "--fail-level", "WARNING"],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_init_on_postgresql_ends_with_the_application_behind_the_wall(cleanclaim):
    """The owner sets up; under the printed address the doctor is content, under the owner's it is not."""
    server = os.environ.get("CLEANCLAIM_TEST_POSTGRES", "")
    if not server:
        pytest.skip("PostgreSQL only; run with --postgres")
    import psycopg

    owner = server.replace("cleanclaim_owner@", "postgres@").rsplit("/", 1)[0] + "/fresh_install"
    with psycopg.connect(owner.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE fresh_install")
    try:
        made = cleanclaim("init", "--json", "--postgres", owner, "--new-app-password", *PEOPLE)
        assert made.returncode == 0, made.stderr
        address = json.loads(made.stdout)["database_url"]
        assert address.startswith("postgresql://cleanclaim_app:")
        again = cleanclaim("init", "--json", "--postgres", owner)
        assert json.loads(again.stdout)["database_url"] == "", "the password stays"
        for url, code in ((address, 0), (owner, 1)):
            doctor = cleanclaim("doctor", "--json", CLEANCLAIM_DATABASE_URL=url)
            stops = [check["name"] for check in json.loads(doctor.stdout) if check["state"] == "stop"]
            assert (doctor.returncode, stops) == (code, ["row security"] if code else [])
    finally:
        with psycopg.connect(owner.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
            connection.execute("DROP DATABASE fresh_install WITH (FORCE)")
