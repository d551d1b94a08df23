"""``cleanclaim backup|restore``."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from cleanclaim_cli.commands.shared import UNREADABLE, as_json_option, leave, print_json

folder_argument = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
postgres_option = click.option(
    "--postgres", "owner_url", default="", metavar="URL", help="PostgreSQL: the owner's address."
)


@click.command("backup")
@folder_argument
@click.option(
    "--keys", "keys_folder", type=click.Path(file_okay=False, path_type=Path),
    help="Copy the keys to this folder; keep it elsewhere than the backup.",
)  # fmt: skip
@postgres_option
@as_json_option
def backup(folder: Path, keys_folder: Path | None, owner_url: str, as_json: bool) -> None:
    """Write a consistent copy of database and files into an empty FOLDER, with a manifest of hashes.

    The product may go on running. The sealing keys are never part of FOLDER: without them nobody can read
    it, you included. Exit code 2 when FOLDER is not empty or the database cannot be copied.

    \b
    Example:
        cleanclaim backup /backups/2026-11-23 --keys /safe/cleanclaim-keys
    """
    os.umask(0o077)
    from cleanclaim_server.config import installing, keeping

    installing.set_up_django()
    try:
        kept = keeping.back_up(folder, now=datetime.now(UTC), keys_folder=keys_folder, owner_url=owner_url)
    except keeping.KeepingError as error:
        click.echo(f"backup: {error}", err=True)
        leave(UNREADABLE)
        return
    _tell(kept, "kept", as_json)
    if keys_folder is None:
        click.echo("keys are not in it: keep your copy of the key file (docs/operating/keys.md)", err=True)


@click.command("restore")
@folder_argument
@click.option(
    "--keys", "keys_folder", type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Folder of the keys; not needed where the key file is in place.",
)  # fmt: skip
@postgres_option
@as_json_option
def restore(folder: Path, keys_folder: Path | None, owner_url: str, as_json: bool) -> None:
    """Put a backup back into an empty installation (CLEANCLAIM_DATA_DIR, and an empty database).

    Every file is checked against the manifest, and the keys against those that sealed it, before anything
    is written. Exit code 2 when the target is not empty, the backup is damaged or the keys are not right.

    \b
    Example:
        CLEANCLAIM_DATA_DIR=/srv/new cleanclaim restore /backups/2026-11-23 --keys /safe/cleanclaim-keys
    """
    os.umask(0o077)
    from cleanclaim_server.config import installing, keeping

    installing.set_up_django()
    try:
        kept = keeping.restore(folder, keys_folder=keys_folder, owner_url=owner_url)
    except keeping.KeepingError as error:
        click.echo(f"restore: {error}", err=True)
        leave(UNREADABLE)
        return
    _tell(kept, "restored", as_json)
    click.echo("now run `cleanclaim doctor`", err=True)


def _tell(kept, done: str, as_json: bool) -> None:
    if as_json:
        document = {
            "folder": str(kept.folder),
            "database": kept.database,
            "files": kept.files,
            "bytes": kept.bytes,
        }
        print_json(document | {"rows": kept.rows, "keys_folder": kept.keys_folder, "remarks": kept.remarks})
        return
    click.echo(f"{done} {len(kept.files)} files, {kept.bytes / 1_000_000:.1f} MB: {kept.folder}")
    click.echo("rows " + ", ".join(f"{name} {count}" for name, count in kept.rows.items()))
    for remark in kept.remarks:
        click.echo(remark)


COMMANDS = {"backup": backup, "restore": restore}
