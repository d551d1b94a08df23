"""``cleanclaim audit``: export an agency's trail, and verify an export offline."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import click

CLEAN, STOPPED, UNREADABLE = 0, 1, 2


@click.group("audit")
def audit() -> None:
    """Export the audit trail, and verify an export.

    \b
    Example:
        cleanclaim audit verify trail.jsonl --checkpoints audit-checkpoints.jsonl
    """


@audit.command("verify")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@click.option(
    "--checkpoints",
    type=click.File("r", encoding="utf-8"),
    help="The checkpoint file that was kept outside the database.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def verify_command(file, checkpoints, as_json: bool) -> None:
    """Verify an exported trail; needs no database. Exit 1 names the first bad place.

    Without the checkpoints kept outside, a chain that was rebuilt as a whole looks sound.

    \b
    Example:
        cleanclaim audit verify trail.jsonl --checkpoints audit-checkpoints.jsonl
    """
    from cleanclaim_server.audit.verifying import read_checkpoints, verify

    found = verify(file, checkpoints=read_checkpoints(checkpoints) if checkpoints else ())
    if as_json:
        document = {
            "file": file.name,
            "sound": found.is_sound,
            "agency_id": found.agency_id,
            "rows": found.rows,
            "last_hash": found.last_hash,
            "unsealed": found.unsealed,
            "checkpoints_met": found.checkpoints_met,
            "faults": [vars(fault) for fault in found.faults],
        }
        click.echo(json.dumps(document))
    elif found.is_sound:
        click.echo(f"{file.name}: sound, {found.rows} rows, {found.checkpoints_met} checkpoints met")
        if found.unsealed:
            click.echo(f"{found.unsealed} rows were not sealed when this was exported", err=True)
        if checkpoints is None:
            click.echo(
                "checked against itself alone: give --checkpoints to know that it was not rebuilt", err=True
            )
    else:
        click.echo(f"{file.name}: NOT SOUND. First bad place: {found.faults[0]}")
        for fault in found.faults[1:]:
            click.echo(f"  then {fault}")
    if any(fault.code == "audit.not_an_export" for fault in found.faults):
        raise click.exceptions.Exit(UNREADABLE)
    raise click.exceptions.Exit(CLEAN if found.is_sound else STOPPED)


@audit.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--agency", "agency_text", help="Name or id of the agency; needed when there are several.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def export_command(file: Path, agency_text: str | None, as_json: bool) -> None:
    """Seal what is left and write an agency's whole trail to FILE.

    \b
    Example:
        cleanclaim audit export trail.jsonl
    """
    from cleanclaim_server.config.installing import set_up_django

    set_up_django()
    from cleanclaim_server.audit.exporting import export
    from cleanclaim_server.audit.recording import record
    from cleanclaim_server.tenancy.context import tenant_context

    agency_id = _agency(agency_text)
    with tenant_context(agency_id, ()):
        record("audit.exported", "agency", agency_id, actor="command line")
    done = export(file, agency_id=agency_id)
    if as_json:
        document = {"file": str(done.path), "agency_id": str(agency_id), "rows": done.rows}
        click.echo(json.dumps(document | {"unsealed": done.unsealed, "last_hash": done.last_hash}))
    else:
        click.echo(
            f"{done.path}: {done.rows} rows, {done.unsealed} not yet sealed, last hash {done.last_hash}"
        )


def _agency(text: str | None) -> UUID:
    from django.db.models import Q

    from cleanclaim_server.practice.models import Agency

    agencies = Agency.objects.all()
    if text:
        by_id = Q(pk=text) if _is_uuid(text) else Q(name=text)
        agencies = agencies.filter(by_id)
    found = list(agencies[:2])
    if len(found) != 1:
        reason = (
            "there is no such agency" if not found else "there are several agencies: name one with --agency"
        )
        raise click.UsageError(reason)
    return found[0].pk


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


COMMANDS = {"audit": audit}
