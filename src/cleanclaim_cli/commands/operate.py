"""``cleanclaim init|serve|worker|doctor``: setting up and running the product."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import date
from pathlib import Path

import click

CLEAN, STOPPED, UNREADABLE = 0, 1, 2
IDLE_SECONDS = 2.0
HOUSEKEEPING_SECONDS = 3600.0
LONGEST_WAIT_SECONDS = 30.0


@click.command("init")
@click.option(
    "--agency", "agency_name", help="Name of the agency (or of the practice that bills for itself)."
)
@click.option("--submitter-id", help="The submitter id (ETIN) that your clearinghouse gave you.")
@click.option("--email", help="E-mail of the first person, who administers users.")
@click.option("--name", "display_name", help="Their name.")
@click.option(
    "--postgres",
    "owner_url",
    metavar="URL",
    help="Set up PostgreSQL with this owner's address, and create the role of the application.",
)
@click.option(
    "--new-app-password", is_flag=True, help="With --postgres: give the application's role a new password."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def init(
    agency_name: str | None,
    submitter_id: str | None,
    email: str | None,
    display_name: str | None,
    owner_url: str | None,
    new_app_password: bool,
    as_json: bool,
) -> None:
    """Prepare the data folder, keys, database and first person. Safe to run again, and after an upgrade.

    \b
    Example:
        cleanclaim init --agency "Example Billing" --submitter-id EX001 --email you@example.com --name "You"
    """
    from cleanclaim_server.config import installing

    os.umask(0o077)  # the database file, too, is the owner's alone
    app_url = ""
    try:
        if owner_url:
            app_url = installing.create_app_role(owner_url, new_password=new_app_password)
            os.environ["CLEANCLAIM_DATABASE_URL"] = owner_url  # the owner migrates; the application does not
        installing.set_up_django()
        from django.conf import settings

        today = date.today()  # noqa: DTZ011 - a date in a key file; no rule hangs on it
        keys_file = Path(settings.CLEANCLAIM_KEYS_FILE)
        made = installing.prepare_folder(Path(settings.DATA_DIR), keys_file, today=today)
        installing.migrate()
    except (installing.InstallError, OSError) as error:
        raise click.ClickException(str(error)) from None
    password = _first_agency(agency_name, submitter_id, email, display_name)
    if as_json:
        document = {"data_dir": str(settings.DATA_DIR), "made": made, "email": email, "password": password}
        click.echo(json.dumps(document | {"database_url": app_url}))
        return
    for path in made:
        click.echo(f"made      {path}")
    click.echo("database  ready, guards in place")
    if app_url:
        click.echo(f"run with  CLEANCLAIM_DATABASE_URL={app_url}   (shown once)")
    if password:
        click.echo(f"sign in   {email}  with  {password}   (shown once; you will choose your own)")
    click.echo(f"keep      a copy of {keys_file} where the database's backups are not", err=True)


def _first_agency(agency_name, submitter_id, email, display_name) -> str:
    """Create the first agency; ask for what is missing when a person is there to answer."""
    from cleanclaim_server.config import installing
    from cleanclaim_server.practice.models import Agency

    given = [agency_name, submitter_id, email, display_name]
    if Agency.objects.exists():
        return ""
    if not any(given) and not sys.stdin.isatty():
        click.echo("no agency yet: run again with --agency, --submitter-id, --email and --name", err=True)
        return ""
    questions = ["Agency", "Submitter id", "E-mail of the first person", "Their name"]
    if not all(given) and not sys.stdin.isatty():
        absent = ", ".join(question for question, value in zip(questions, given, strict=True) if not value)
        raise click.UsageError(f"missing: {absent}")
    answers = [value or click.prompt(question) for question, value in zip(questions, given, strict=True)]
    return installing.first_agency(*answers)[0]


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=int)
@click.option("--threads", default=8, show_default=True, type=int)
def serve(host: str, port: int, threads: int) -> None:
    """Serve the pages. Listens on this machine alone unless an HTTPS proxy stands in front.

    \b
    Example:
        cleanclaim serve --port 8000
    """
    _ready_or_stop()
    import waitress
    from django.conf import settings
    from django.urls import get_resolver

    from cleanclaim_server.config.wsgi import application

    if host not in {"127.0.0.1", "::1", "localhost"} and not settings.HTTPS:
        raise click.ClickException(
            f"not listening on {host} without encryption: "
            "put an HTTPS proxy in front and set CLEANCLAIM_HTTPS=1"
        )
    _stop_on_terminate()
    len(get_resolver().url_patterns)  # imports every page now, so that the first visitor waits for none
    try:
        server = waitress.create_server(
            application,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
            **_proxy(settings.HTTPS),
        )
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror or 'the address is taken'}. Try another --port."
        ) from None
    click.echo(f"Cleanclaim listens on http://{host}:{port}", err=True)
    server.run()


def _proxy(https: bool) -> dict:
    """Which forwarded headers to believe: those of the HTTPS proxy, when one is configured."""
    if not https:
        return {}
    return {
        "trusted_proxy": os.environ.get("CLEANCLAIM_PROXY") or "127.0.0.1",
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-for", "x-forwarded-host"},
    }


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def worker(once: bool) -> None:
    """Do the work that is due: send, receive, post, follow up, seal the audit trail. Any number may run.

    \b
    Example:
        cleanclaim worker
    """
    _ready_or_stop()
    from django.db import InterfaceError, OperationalError, close_old_connections, connection

    from cleanclaim_server.audit.sealer import seal
    from cleanclaim_server.cycle.worker import run_worker

    _stop_on_terminate()
    tidied_at, failures = float("-inf"), 0
    while True:
        close_old_connections()
        if time.monotonic() - tidied_at > HOUSEKEEPING_SECONDS:
            _tidy()
            tidied_at = time.monotonic()
        try:
            done = run_worker() or 0
            sealed = seal()
            failures = 0
        except (OperationalError, InterfaceError) as error:
            if once:
                raise
            connection.close()
            failures += 1
            wait = min(2.0**failures, LONGEST_WAIT_SECONDS)
            click.echo(
                f"The database does not answer ({type(error).__name__}); again in {wait:.0f} s.", err=True
            )
            time.sleep(wait)
            continue
        if once and not sealed:
            return
        if not once and not done and not sealed:
            time.sleep(IDLE_SECONDS)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def doctor(as_json: bool) -> None:
    """Check the installation and say what is missing.

    \b
    Example:
        cleanclaim doctor
    """
    from cleanclaim_server.config import installing
    from cleanclaim_server.config.doctor import examine

    installing.set_up_django()
    checks = examine()
    if as_json:
        click.echo(json.dumps([vars(check) for check in checks]))
    else:
        for check in checks:
            click.echo(f"{check.state:5} {check.name:16} {check.seen}")
            if check.remedy and check.state != "ok":
                click.echo(f"{'':22} -> {check.remedy}")
    raise click.exceptions.Exit(STOPPED if any(check.state == "stop" for check in checks) else CLEAN)


def _ready_or_stop() -> None:
    """Refuse to start on an installation that is not whole. Files made from here on are the owner's alone."""
    os.umask(0o077)
    from cleanclaim_server.config import installing
    from cleanclaim_server.config.doctor import must_hold

    installing.set_up_django()
    for check in must_hold():
        raise click.ClickException(f"{check.name}: {check.seen}\n  {check.remedy}")


def _tidy() -> None:
    """Remove what has ended (sessions, guesses), and look again at how rows are spread."""
    from django.core.management import call_command
    from django.db import connection

    from cleanclaim_server.config.database import refresh_statistics
    from cleanclaim_server.identity.throttle import forget_old

    call_command("clearsessions")
    forget_old()
    refresh_statistics(connection)


def _stop_on_terminate() -> None:
    """A service manager's stop is an orderly one."""

    def stop(number, frame):
        raise SystemExit(CLEAN)

    signal.signal(signal.SIGTERM, stop)


@click.command("demo")
@click.option("--port", default=8000, show_default=True, type=int, help="The next free one is taken.")
@click.option("--prepare-only", is_flag=True, help="Set the demo up, then stop.")
def demo(port: int, prepare_only: bool) -> None:
    """Run the product with a made-up agency: five practices, a year of work, a simulated clearinghouse.

    Listens on this machine only. The data is synthetic; sign-ins are random and shown at the start.

    \b
    Example:
        cleanclaim demo
    """
    from cleanclaim_cli.demo import run_demo

    run_demo(port, prepare_only=prepare_only)


COMMANDS = {"demo": demo, "init": init, "serve": serve, "worker": worker, "doctor": doctor}
