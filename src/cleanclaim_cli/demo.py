"""`cleanclaim demo`: prepare once, then run web server and worker until interrupted."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click


def run_demo(port: int, *, prepare_only: bool) -> None:
    """See the command. The first start takes about a minute; later ones a few seconds."""
    started = time.monotonic()
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

    agency = install.install_demo(now, progress=lambda text: _say(started, text))
    install.fill_recent(agency, progress=lambda text: _say(started, text))
    if prepare_only:
        install.fill_older(agency, progress=lambda text: _say(started, text))
        return
    port = _free_port(port)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    filler = "from cleanclaim_cli.demo import fill_behind; fill_behind()"
    children = [subprocess.Popen([sys.executable, "-c", filler], env=environment)]
    serve = [sys.executable, "-m", "cleanclaim_cli.main", "serve", "--port", str(port)]
    children.append(subprocess.Popen(serve, env=environment, stderr=subprocess.DEVNULL))
    _wait_until_open(port, children[1])
    _say(started, "Ready")
    click.echo(f"\n  Open     http://127.0.0.1:{port}/")
    for one in json.loads(install.sign_in_file().read_text()):
        click.echo(f"  Sign in  {one['email']:<22} {one['password']}   ({one['name']})")
    click.echo("\n  Made-up data. Older months fill in behind it. Stop with Ctrl C.\n")
    try:
        children[1].wait()
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.terminate()


def fill_behind() -> None:
    """Fill the older months, then do the work that is due, for as long as the demo runs."""
    from cleanclaim_server.config import installing

    installing.set_up_django()
    from cleanclaim_server.audit.sealer import seal
    from cleanclaim_server.cycle.demo import install
    from cleanclaim_server.cycle.worker import run_worker
    from cleanclaim_server.practice.models import Agency

    install.fill_older(Agency.objects.get(is_demo=True))
    while True:
        if not (run_worker() or seal()):
            time.sleep(2)


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
