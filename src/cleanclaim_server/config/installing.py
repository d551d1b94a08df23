"""Setting an installation up: data folder, keys, database, first agency and first person.

Every step may run again: what is there is kept, what is missing is made.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

SETTINGS = "cleanclaim_server.config.settings"
APP_ROLE = "cleanclaim_app"


class InstallError(RuntimeError):
    """A step could not be done; the message says which and what to do."""


@dataclass
class Installed:
    """What `install` made or found. `password` and `app_url` are shown once and kept nowhere."""

    data_dir: Path
    made: list[str] = field(default_factory=list)
    email: str = ""
    password: str = ""
    app_url: str = ""


def set_up_django() -> None:
    """Make the server importable from the command line. Cheap when it is already done."""
    import django
    from django.apps import apps

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if not apps.ready:
        django.setup()


def prepare_folder(data_dir: Path, keys_file: Path, *, today: date) -> list[str]:
    """Make the data folder, the session secret and the sealing keys; returns what was made."""
    from cleanclaim_server.tenancy.keys import create_key_file

    made = []
    if not data_dir.is_dir():
        data_dir.mkdir(parents=True, mode=0o700)
        made.append(str(data_dir))
    secret = data_dir / "secret.key"
    if not secret.exists():
        handle = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(64))
        made.append(str(secret))
    if not keys_file.exists():
        create_key_file(keys_file, today=today)
        made.append(str(keys_file))
    return made


def create_app_role(owner_url: str, *, new_password: bool = False) -> str:
    """Create the application's role on PostgreSQL and return the address to run the product with.

    The role owns nothing, is no superuser, and is subject to row security. A role that exists keeps its
    password, and the answer is empty, unless a new password is asked for.

    Raises:
        InstallError: The address cannot be used, or its user may not create roles.
    """
    import psycopg
    from psycopg import sql

    match = re.match(r"^(postgres(?:ql)?://)(?:[^@/]*@)?([^/]*/.+)$", owner_url)
    if not match:
        raise InstallError("the owner's address must read postgresql://owner:password@host:port/name")
    password = secrets.token_urlsafe(24)
    role = sql.Identifier(APP_ROLE)
    try:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE]).fetchone()
            if known and not new_password:
                return ""
            command = (
                "ALTER ROLE {} PASSWORD {}"
                if known
                else ("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}")
            )
            connection.execute(sql.SQL(command).format(role, sql.Literal(password)))
            database = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role))
    except psycopg.Error as error:
        raise InstallError(
            f"PostgreSQL refused ({type(error).__name__}): the owner must be reachable and may create roles"
        ) from None
    return f"{match[1]}{APP_ROLE}:{password}@{match[2]}"


def migrate() -> None:
    """Bring the tables up to date and reinstall the guards."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def first_agency(name: str, submitter_id: str, email: str, display_name: str) -> tuple[str, bool]:
    """Create the agency and its administrator of users; returns a temporary password and whether it was new.

    An installation that has an agency keeps it, and nothing is created.
    """
    from django.db import transaction

    from cleanclaim_server.audit.recording import record
    from cleanclaim_server.identity.actions.managing_users import temporary_password
    from cleanclaim_server.identity.models import User
    from cleanclaim_server.practice.models import Agency
    from cleanclaim_server.tenancy.context import tenant_context

    with transaction.atomic():
        if Agency.objects.exists():
            return "", False
        agency = Agency.objects.create(name=name, submitter_id=submitter_id)
        password = temporary_password()
        with tenant_context(agency.pk, ()):
            user = User.objects.create_user(
                email, password, display_name=display_name, agency=agency, is_user_admin=True,
                must_change_password=True,
            )  # fmt: skip
            record("agency.created", "agency", agency.pk, actor="init")
            record("user.created", "user", user.pk, actor="init")
        return password, True
