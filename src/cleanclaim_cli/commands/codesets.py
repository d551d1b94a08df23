"""``cleanclaim codesets list|load``: which code sets are loaded, and loading an issuer's current file."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import click
import msgspec

from cleanclaim_cli.commands.shared import DAY, STOPPED, UNREADABLE, as_json_option, leave, print_json, today

KINDS = (
    "addon_pairs",
    "icd10cm",
    "medicare_gpci",
    "medicare_rvu",
    "mue",
    "places_of_service",
    "ptp_edits",
    "taxonomy",
)
LEFT_OUT_SHOWN = 10


@click.group("codesets")
def codesets() -> None:
    """Code sets: what is loaded, of which date, and loading the current release.

    \b
    Example:
        cleanclaim codesets list
    """


@codesets.command("list")
@click.option("--on", type=DAY, help="Whether they speak for this date; default: today.")
@as_json_option
def list_command(on: date | None, as_json: bool) -> None:
    """Every loaded code set with its release, its dates, and a warning when it is out of date.

    A table that is out of date still answers. Exit code 0 even then.

    \b
    Example:
        cleanclaim codesets list --on 2026-11-02
    """
    from cleanclaim.codesets import stale, versions

    asked = on or today()
    warnings = stale(asked)
    rows = [
        msgspec.to_builtins(version) | {"stale": version.is_stale(asked)}
        for version in sorted(versions(), key=lambda version: version.table)
    ]
    if as_json:
        print_json({"on": asked, "code_sets": rows, "findings": warnings})
        return
    for row in rows:
        until = f"to {row['good_through']}" if row["good_through"] else "open"
        click.echo(
            f"{'STALE' if row['stale'] else 'ok':5}  {row['table']:21}  {row['as_of']} {until:13}  "
            f"{row['rows']:>6}  {row['release']}"
        )
    if warnings:
        click.echo(
            f"{len(warnings)} speak for dates before {asked.isoformat()} only; "
            "load the current release: cleanclaim codesets load",
            err=True,
        )


@codesets.command("load")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--release", "name", required=True, help="As its issuer calls it: 2026Q4, FY2027.")
@click.option("--from", "starts", type=DAY, required=True, help="First day that it speaks for.")
@click.option("--through", type=DAY, help="Last day; default: the end of its quarter, half or year.")
@click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path),
    help="Data folder of the installation; default: CLEANCLAIM_DATA_DIR, or var.",
)  # fmt: skip
@click.option("--accept-fewer", is_flag=True, help="Take a release that lacks many rows that are loaded.")
@as_json_option
def load_command(
    kind: str,
    files: tuple[Path, ...],
    name: str,
    starts: date,
    through: date | None,
    data_dir: Path | None,
    accept_fewer: bool,
    as_json: bool,
) -> None:
    """Load an issuer's official file into the data folder, instead of the table that came with the product.

    A bad file is refused as a whole (exit code 2) and the prior table stays in use. Rows that cannot be used
    are left out and named (exit code 1). Give all parts of a release at once; unzip them first. Server and
    worker of the data folder read the new table at their next page or job.

    \b
    Example:
        cleanclaim codesets load mue MCR_MUE_PractitionerServices.csv --release 2026Q4 --from 2026-10-01
    """
    from cleanclaim.codesets import importers

    source = f"{importers.IMPORTERS[kind].issuer}: {', '.join(path.name for path in files)}"
    release = importers.Release(name, starts, through or importers.last_day(kind, starts), source)
    folder = (data_dir or Path(os.environ.get("CLEANCLAIM_DATA_DIR", "var"))) / "loaded"
    try:
        contents = {str(path): path.read_bytes() for path in files}
        imported = importers.load_files(kind, contents, release, folder, accept_fewer=accept_fewer)
    except (importers.ImportRefused, OSError) as error:
        hint = " (--accept-fewer)" if "accept fewer" in str(error) else ""
        click.echo(f"codesets load: {error}{hint}\nNothing was changed: the prior table is in use.", err=True)
        leave(UNREADABLE)
        return
    _tell(kind, release, imported, folder, as_json)
    if imported.findings:
        leave(STOPPED)


def _tell(kind: str, release: Any, imported: Any, folder: Path, as_json: bool) -> None:
    if as_json:
        document = {
            "table": kind,
            "release": release,
            "read": imported.read,
            "rows": len(imported.rows),
            "left_out": len(imported.findings),
            "folder": str(folder),
            "findings": imported.findings,
        }
        print_json(document)
        return
    dates = release.as_of.isoformat() + (
        f" to {release.good_through.isoformat()}" if release.good_through else ""
    )
    click.echo(f"{kind}: {len(imported.rows)} rows of {release.name}, {dates}, in {folder}")
    for finding in imported.findings[:LEFT_OUT_SHOWN]:
        click.echo(f"  {finding.where.file} line {finding.where.line}: {finding.message}", err=True)
    if len(imported.findings) > LEFT_OUT_SHOWN:
        click.echo(f"  and {len(imported.findings) - LEFT_OUT_SHOWN} more; --json has them all", err=True)
    click.echo("Start server and worker again: they read it when they start.", err=True)


COMMANDS = {"codesets": codesets}
