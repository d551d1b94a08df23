"""The cycle from the command line: bring in, send, receive, post. Each calls what the web calls."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click
import msgspec

from cleanclaim.findings import Finding
from cleanclaim_cli.commands.bank import import_bank

CLEAN, STOPPED, UNREADABLE = 0, 1, 2
file_argument = click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=str))
as_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


class _Commands(dict):
    """A command that this installation lacks is absent from the list, not an error."""

    def __missing__(self, name: str) -> None:
        return None


@click.group("import")
def import_() -> None:
    """Bring in a practice, patients, sessions, remittances or a bank's statement from a file.

    \b
    Example:
        cleanclaim import sessions sessions.csv --practice AA
    """


@import_.command("sessions")
@file_argument
@click.option("--practice", "code", required=True, help="Two-letter code of the practice.")
@as_json_option
def import_sessions(file: str, code: str, as_json: bool) -> None:
    """Take a CSV of sessions; rows that came before change nothing.

    Columns: docs/recipes/sample-sessions.csv. Exit code 1 when a row was not taken or cannot be billed, 2
    when the file cannot be read.

    \b
    Example:
        cleanclaim import sessions sessions.csv --practice AA
    """
    now, practices = begin()
    from cleanclaim_server.cycle.intake import take_sessions
    from cleanclaim_server.encounters.models import Encounter
    from cleanclaim_server.tenancy.context import system_context

    practice = only(practices, code)[0]
    data = _let_in(_bytes(file))
    with system_context(practice.agency_id):
        today = today_of(practice.agency, now)
        taken = take_sessions(practice, data, name=_name(file), now=now, today=today)
        sessions = Encounter.objects.filter(practice=practice, session_import=taken)
        states = Counter(sessions.values_list("state", flat=True))
    answer = {
        "file": _name(file),
        "rows": taken.rows_total,
        "taken": taken.rows_taken,
        "repeated": taken.rows_repeated,
        "states": dict(sorted(states.items())),
        "findings": taken.findings,
    }
    for finding in taken.findings:
        click.echo(msgspec.convert(finding, Finding).text(), err=True)
    words = (
        f"{taken.rows_taken} of {taken.rows_total} rows taken, {taken.rows_repeated} came before; "
        f"{states['charged']} charged, {states['refused']} not billable"
    )
    code_of_file = UNREADABLE if taken.findings and not taken.rows_total else None
    stopped = bool(taken.findings or states["refused"])
    _answer(answer, words, as_json, stopped=stopped, code=code_of_file)


@import_.command("practice")
@file_argument
@click.option(
    "--agency", "agency_name", default="", help="Name of the agency; needed when there are several."
)
@as_json_option
def import_practice(file: str, agency_name: str, as_json: bool) -> None:
    """Put a practice on file: itself, places, clinicians, payers, prices and clearinghouse, from YAML.

    May be run again: what is on file stays as it is, what is missing is added.

    \b
    Example:
        cleanclaim import practice practice.yaml
    """
    now, _ = begin()
    from cleanclaim_server.cycle.registering import PracticeFileError, read_practice_file, set_up_practice
    from cleanclaim_server.practice.models import Agency
    from cleanclaim_server.tenancy.context import system_context

    agencies = list(Agency.objects.filter(name=agency_name) if agency_name else Agency.objects.all()[:2])
    if len(agencies) != 1:
        raise click.UsageError("name the agency with --agency" if agencies else "there is no such agency")
    try:
        found = read_practice_file(_bytes(file))
        with system_context(agencies[0].id):
            practice, made = set_up_practice(agencies[0], found, actor="command line", now=now)
    except PracticeFileError as error:
        click.echo(f"{_name(file)}: {error}", err=True)
        raise click.exceptions.Exit(UNREADABLE) from None
    words = ", ".join(f"{count} {kind}" for kind, count in made.items()) or "nothing was missing"
    _answer(
        {"practice": practice.code, "added": dict(made)}, f"{practice.code}: {words}", as_json, stopped=False
    )


@import_.command("patients")
@file_argument
@click.option("--practice", "code", required=True, help="Two-letter code of the practice.")
@as_json_option
def import_patients(file: str, code: str, as_json: bool) -> None:
    """Take a CSV of patients and their policies; what is on file stays as it is.

    Columns: docs/recipes/sample-patients.csv. Each row with a fault is named, the others are taken.

    \b
    Example:
        cleanclaim import patients patients.csv --practice AA
    """
    _, practices = begin()
    from cleanclaim_server.cycle.registering import take_patients
    from cleanclaim_server.tenancy.context import system_context

    practice = only(practices, code)[0]
    data = _let_in(_bytes(file))
    with system_context(practice.agency_id):
        taken = take_patients(practice, data, actor="command line")
    answer = {
        "file": _name(file),
        "rows": taken.rows,
        "patients": taken.patients,
        "coverages": taken.coverages,
        "repeated": taken.repeated,
        "findings": [msgspec.to_builtins(finding) for finding in taken.findings],
    }
    for finding in taken.findings:
        click.echo(finding.text(), err=True)
    if taken.findings and not taken.rows:
        _answer(answer, "nothing was taken", as_json, stopped=True, code=UNREADABLE)
    words = f"{taken.patients} patients and {taken.coverages} policies taken, {taken.repeated} were on file"
    _answer(answer, words, as_json, stopped=bool(taken.findings))


@import_.command("claims")
@file_argument
def import_claims(file: str) -> None:
    """Refused: claims are built here from sessions, and a claim built elsewhere has no session behind it.

    Check such a file with `cleanclaim edit` and `cleanclaim x12 validate`; bring in its sessions instead.

    \b
    Example:
        cleanclaim import claims old-system.837
    """
    click.echo(
        f"{_name(file)}: claims of another system are not taken over, since each claim here rests on a "
        "session and its charges. Bring in the sessions (`cleanclaim import sessions`); check the file "
        "with `cleanclaim edit`. [claims.import_refused]",
        err=True,
    )
    raise click.exceptions.Exit(UNREADABLE)


@import_.command("remits")
@file_argument
@as_json_option
def import_remits(file: str, as_json: bool) -> None:
    """Keep a remittance file (835) and read it.

    \b
    Example:
        cleanclaim import remits payer.835
    """
    _take([file], as_json)


import_.add_command(import_bank)


@click.command("receive")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, allow_dash=True, path_type=str))
@as_json_option
def receive(files: tuple[str, ...], as_json: bool) -> None:
    """Read these files, or fetch and read what the trading partners have put out.

    \b
    Example:
        cleanclaim receive
    """
    if files:
        _take(files, as_json)
        return
    now, practices = begin()
    from cleanclaim_server.clearinghouse.jobs import run_due
    from cleanclaim_server.cycle import worker

    agencies = sorted({practice.agency_id for practice in practices})
    kept = sum(worker.collect(agency_id, now=now, at_once=True) for agency_id in agencies)
    counts = run_due(now, {worker.PROCESS: worker.process_job})
    unreached = _unreached(agencies, now)
    answer = {
        "files": kept,
        "read": counts.done,
        "failed": counts.failed,
        "parked": counts.parked,
        "unreached": unreached,
    }
    for one in unreached:
        click.echo(f"{one['partner']}: {one['error']}", err=True)
    stopped = bool(counts.failed or counts.parked or unreached)
    _answer(answer, f"{kept} files fetched, {counts.done} read", as_json, stopped=stopped)


def _unreached(agencies, now) -> list[dict[str, str]]:
    """Trading partners that could not be reached, or not wholly, at this moment."""
    from cleanclaim_server.clearinghouse.models import TradingPartner
    from cleanclaim_server.tenancy.context import system_context

    found = []
    for agency_id in agencies:
        with system_context(agency_id):
            failed = TradingPartner.objects.filter(agency_id=agency_id, last_error_at=now).exclude(
                last_error=""
            )
            found += [{"partner": one.name, "error": one.last_error} for one in failed.order_by("name", "id")]
    return found


@click.command("send")
@click.option("--practice", "code", default="", help="Only this practice.")
@as_json_option
def send(code: str, as_json: bool) -> None:
    """Put claims that are ready into files, and hand the files over.

    \b
    Example:
        cleanclaim send --practice AA
    """
    now, practices = begin()
    from cleanclaim_server.cycle import sending
    from cleanclaim_server.tenancy.context import system_context

    results = []
    for practice in only(practices, code):
        with system_context(practice.agency_id):
            batches = sending.queue_ready(practice, now=now)
        for batch in batches:
            transfer = sending.deliver(batch.transfer_id, now=now, agency_id=practice.agency_id)
            results.append(
                {
                    "practice": practice.code,
                    "batch": batch.reference,
                    "claims": batch.claims_count,
                    "total_charge_cents": batch.total_charge_cents,
                    "state": transfer.state,
                    "error": transfer.error,
                }
            )
    words = "\n".join(
        f"{one['practice']} {one['batch']}: {one['claims']} claims, {one['state']} {one['error']}".rstrip()
        for one in results
    )
    stopped = any(one["state"] != "sent" for one in results)
    _answer({"batches": results}, words or "nothing is ready to send", as_json, stopped=stopped)


@click.command("post")
@click.option("--practice", "code", default="", help="Only this practice.")
@as_json_option
def post(code: str, as_json: bool) -> None:
    """Post every remittance that balances and is not posted yet.

    \b
    Example:
        cleanclaim post
    """
    now, practices = begin()
    from cleanclaim_server.cycle.posting import post_remittance
    from cleanclaim_server.remittances.models import Remittance, RemittanceState
    from cleanclaim_server.tenancy.context import system_context

    states: Counter[str] = Counter()
    for practice in only(practices, code):
        with system_context(practice.agency_id):
            ready = Remittance.objects.filter(practice=practice, state=RemittanceState.READY).order_by("id")
            keys = list(ready.values_list("id", flat=True))
        for key in keys:
            with system_context(practice.agency_id):  # one transaction each: one bad payment stops no other
                states[str(post_remittance(key, now=now).state)] += 1
    stopped = any(state != RemittanceState.POSTED for state in states)
    words = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    _answer({"remittances": dict(states)}, words or "nothing waits to be posted", as_json, stopped=stopped)


def _take(files, as_json: bool) -> None:
    now, practices = begin()
    from cleanclaim_server.clearinghouse.separate_notes import refused_bytes
    from cleanclaim_server.cycle.receiving import receive_file
    from cleanclaim_server.tenancy.context import system_context

    agencies = sorted({practice.agency_id for practice in practices})
    if len(agencies) != 1:
        raise click.UsageError("files are brought in where there is exactly one agency with practices")
    results = []
    for file in files:
        data = _bytes(file)
        if refusal := refused_bytes(data):  # kept nowhere; the other files go on
            told = {"code": refusal.code, "message": refusal.message, "remedy": refusal.remedy}
            results.append({"file": _name(file), "kind": "note", "state": "refused", "findings": [told]})
            continue
        with system_context(agencies[0]):
            kept = receive_file(agencies[0], name=_name(file), data=data, now=now)
            kept.refresh_from_db()
            results.append(
                {"file": _name(file), "kind": kept.kind, "state": kept.state, "findings": kept.findings}
            )
    words = "\n".join(f"{one['file']}: {one['kind']}, {one['state']}" for one in results)
    stopped = any(one["state"] in {"findings", "unreadable", "refused"} for one in results)
    _answer({"files": results}, words, as_json, stopped=stopped)


def begin():
    """Set up, refuse an installation that is not whole, and say when it is and which practices there are."""
    from cleanclaim_cli.commands.operate import _ready_or_stop

    _ready_or_stop()
    from django.utils import timezone

    from cleanclaim_server.practice.models import Agency, Practice
    from cleanclaim_server.tenancy.context import system_context

    practices = []
    for agency_id in Agency.objects.order_by("id").values_list("id", flat=True):
        with system_context(agency_id):
            found = Practice.objects.filter(agency_id=agency_id).select_related("agency").order_by("code")
            practices += list(found)
    return timezone.now(), practices


def today_of(agency, now) -> date:
    """The calendar day in the agency's zone."""
    from django.utils import timezone

    return timezone.localdate(now, ZoneInfo(agency.timezone))


def only(practices, code: str):
    """The practices of that code, all when none is named.

    Raises:
        UsageError: There is none.
    """
    found = [practice for practice in practices if not code or practice.code == code.upper()]
    if not found:
        raise click.UsageError(f"no practice has the code {code!r}" if code else "there is no practice yet")
    return found


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read ({type(error).__name__})") from None


def _let_in(data: bytes) -> bytes:
    """The bytes, unless they are a note that must not be kept."""
    from cleanclaim_server.clearinghouse.separate_notes import refused_bytes

    if refusal := refused_bytes(data):
        raise click.ClickException(f"{refusal.message} {refusal.remedy} [{refusal.code}]")
    return data


def _name(file: str) -> str:
    return "stdin" if file == "-" else Path(file).name


def _answer(document: dict, words: str, as_json: bool, *, stopped: bool, code: int | None = None) -> NoReturn:
    click.echo(json.dumps(document, default=str) if as_json else words)
    raise click.exceptions.Exit(code if code is not None else STOPPED if stopped else CLEAN)


COMMANDS = _Commands({"import": import_, "send": send, "receive": receive, "post": post})
