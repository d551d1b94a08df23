"""`cleanclaim demo`: prepare once, then run web server and worker until interrupted."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

IDLE_SECONDS, PATIENCE_SECONDS, PAUSE_SECONDS = 2, 10, 0.2


def run_demo(port: int, *, prepare_only: bool) -> None:
    """See the command. The first start takes about half a minute; later ones a few seconds.

    Stopped at any time, it is taken up where it was at the next start.
    """
    started = time.monotonic()
    stopping = _stop_between_days()
    os.umask(0o077)
    os.environ.setdefault("CLEANCLAIM_DATA_DIR", str(Path.cwd() / "var" / "demo"))
    from cleanclaim_server.config import installing

    installing.set_up_django()
    from django.conf import settings

    now = datetime.now(UTC)
    installing.prepare_folder(Path(settings.DATA_DIR), Path(settings.CLEANCLAIM_KEYS_FILE), today=now.date())
    _say(started, "Preparing the database")
    installing.migrate()
    from cleanclaim_server.cycle.demo import install

    def say(text: str) -> None:
        _say(started, text)

    agency = install.install_demo(now, progress=say)
    install.fill_recent(agency, progress=say, stopping=stopping)
    if prepare_only and not stopping():
        install.fill_older(agency, progress=say, stopping=stopping)
    if stopping():
        say("Stopped; the next start goes on from here")
        raise SystemExit(130)
    if not prepare_only:
        _serve(port, started, json.loads(install.sign_in_file().read_text()))


def _serve(port: int, started: float, people: list[dict]) -> None:
    """Run web server and filler until interrupted."""
    port = _free_port(port)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    filler = "from cleanclaim_cli.demo import fill_behind; fill_behind()"
    children = [subprocess.Popen([sys.executable, "-c", filler], env=environment)]
    serve = [sys.executable, "-m", "cleanclaim_cli.main", "serve", "--port", str(port)]
    children.append(subprocess.Popen(serve, env=environment, stderr=subprocess.DEVNULL))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        _wait_until_open(port, children[1])
        _say(started, "Ready")
        click.echo(f"\n  Open     http://127.0.0.1:{port}/")
        for one in people:
            click.echo(f"  Sign in  {one['email']:<22} {one['password']}   ({one['name']})")
        click.echo("\n  Made-up data. Older months fill in behind it. Stop with Ctrl C.\n")
        children[1].wait()
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.terminate()
        for child in children:  # the filler finishes its day, which takes less than a second
            try:
                child.wait(timeout=PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def fill_behind() -> None:
    """Fill the older months, then do the work that is due, for as long as the demo runs."""
    stopping = _stop_between_days()
    from cleanclaim_server.config import installing

    installing.set_up_django()
    from cleanclaim_server.audit.sealer import seal
    from cleanclaim_server.cycle.demo import install
    from cleanclaim_server.cycle.worker import run_worker
    from cleanclaim_server.practice.models import Agency

    os.nice(10)  # the people at the screens come first, and between two transactions they get their turn
    install.fill_older(
        Agency.objects.get(is_demo=True), stopping=stopping, give_way=lambda: time.sleep(PAUSE_SECONDS)
    )
    while not stopping():
        if not (run_worker() or seal()):
            time.sleep(IDLE_SECONDS)


def _stop_between_days() -> Callable[[], bool]:
    """Let Ctrl C and a stop from outside end the work between two days; a second one ends it at once."""
    asked: list[int] = []

    def stop(number: int, frame: object) -> None:
        asked.append(number)
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    return lambda: bool(asked)


def _say(started: float, text: str) -> None:
    click.echo(f"[{time.monotonic() - started:5.1f} s] {text}", err=True)


def _free_port(wanted: int) -> int:
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise click.ClickException(f"no free port from {wanted} on; name another with --port")


def _wait_until_open(port: int, server: subprocess.Popen) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            raise click.ClickException("the web server stopped; run `cleanclaim doctor`")
        time.sleep(0.1)
