"""``cleanclaim import bank`` and ``cleanclaim report bank``: bank files in, the bank by month out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import click
import msgspec

from cleanclaim_cli.commands.shared import as_json_option

UNREADABLE = 2


@click.command("bank")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=str))
@click.option("--practice", "code", default="", help="Two-letter code; needed where there are several.")
@click.option("--account", "last_four", default="", help="Last four of the account, when the file is silent.")
@click.option("--new-account", "new_name", default="", help="Name of --account, to put it on file first.")
@as_json_option
def import_bank(file: str, code: str, last_four: str, new_name: str, as_json: bool) -> None:
    """Keep a bank file (CSV, BAI2, CAMT.053), take its lines and match them with remittances.

    The same file is taken once; lines that came before are not taken twice. Exit code 1 when a row was not
    taken, 2 when nothing could be taken; the file is kept all the same.

    \b
    Example:
        cleanclaim import bank march.csv --practice AA --account 4321
    """
    from cleanclaim_cli.commands import cycle

    now, practices = cycle.begin()
    from cleanclaim_server.cycle.banking import take_bank_file
    from cleanclaim_server.tenancy.context import system_context

    chosen = cycle.only(practices, code)
    agencies = {practice.agency_id for practice in chosen}
    if len(agencies) != 1:
        raise click.UsageError("there are several agencies here; name a practice with --practice")
    data, name = cycle._let_in(cycle._bytes(file)), cycle._name(file)
    with system_context(chosen[0].agency_id):
        account = _account(chosen, last_four, new_name, now) if last_four else None
        done = take_bank_file(
            chosen[0].agency_id,
            name=name,
            data=data,
            practice_ids=[practice.pk for practice in chosen],
            now=now,
            today=cycle.today_of(chosen[0].agency, now),
            account=account,
        )
    for finding in done.findings:
        click.echo(finding.text(), err=True)
    answer = {
        "file": name,
        "state": done.state,
        "format": done.format,
        "accounts": done.accounts,
        "lines": done.lines_total,
        "new": done.lines_new,
        "matched": done.tied,
        "matched_cents": done.tied_cents,
        "to_confirm": done.proposed,
        "set_aside": done.set_aside,
        "findings": [msgspec.to_builtins(finding) for finding in done.findings],
    }
    words = (
        f"{name}: {done.state}; {done.lines_new} new of {done.lines_total} lines, {done.tied} matched, "
        f"{done.proposed} to confirm, {done.set_aside} set aside"
    )
    stopped = any(finding.severity.stops for finding in done.findings)
    failed = UNREADABLE if done.state == "unreadable" else None
    cycle._answer(answer, words, as_json, stopped=stopped, code=failed)


def _account(practices: Sequence[Any], last_four: str, new_name: str, now: Any) -> Any:
    from cleanclaim_server.bank.actions import BankRefused, Decider, add_account
    from cleanclaim_server.bank.models import BankAccount

    found = list(BankAccount.objects.filter(practice__in=practices, last_four=last_four))
    if len(found) == 1:
        return found[0]
    if found:
        raise click.UsageError(f"several practices have an account ending in {last_four}; name one")
    if not new_name:
        raise click.UsageError(
            f"no account ending in {last_four} is on file; add it on the page Bank or with --new-account NAME"
        )
    if len(practices) != 1:
        raise click.UsageError("name the practice of the new account with --practice")
    try:
        return add_account(practices[0], name=new_name, last_four=last_four, by=Decider(), now=now)
    except BankRefused as error:
        raise click.UsageError(f"{error} [{error.code}]") from None


def bank_rows(practices: Sequence[Any], starts: date, ends: date) -> list[dict[str, Any]]:
    """One row per account and month of booking: what came, what of it is matched, set aside, open."""
    from cleanclaim_server.audit.recording import record
    from cleanclaim_server.bank.months import reconciliation
    from cleanclaim_server.tenancy.context import tenant_context

    with tenant_context(practices[0].agency_id, [practice.id for practice in practices]):
        found = reconciliation([practice.id for practice in practices], starts, ends)
        record("report.read", "report", actor="command line", report="bank", first=starts.isoformat())
        return [
            {
                "month": f"{one.month:%Y-%m}",
                "practice": one.account.practice.code,
                "account": str(one.account),
                "credits_cents": one.credits,
                "debits_cents": one.debits,
                "matched_cents": one.tied,
                "set_aside_cents": one.aside,
                "open_cents": one.open,
                "open_lines": one.open_lines,
                "difference_cents": one.difference,
            }
            for one in found
        ]
