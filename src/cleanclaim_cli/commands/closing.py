"""``cleanclaim close``: what is open in a month, closing it for ever, and whether a closed one has moved."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click

from cleanclaim.money import dollars
from cleanclaim_cli.commands.cycle import CLEAN, STOPPED, as_json_option, begin, only, today_of


class Month(click.ParamType):
    """A calendar month, as its first day."""

    name = "yyyy-mm"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        try:
            return date.fromisoformat(f"{value}-01")
        except ValueError:
            self.fail(f"{value!r} is no month; write one such as 2026-10", param, ctx)


@click.command("close")
@click.argument("month", type=Month())
@click.option("--practice", "code", required=True, help="Two-letter code of the practice.")
@click.option("--by", "email", default="", help="E-mail of who closes it; without it nothing is closed.")
@click.option("--reason", default="", help="Why it closes although money of the month is not in its books.")
@as_json_option
def close(month: date, code: str, email: str, reason: str, as_json: bool) -> None:
    """Show what is open in a month; with --by, close it for ever.

    A closed month has a frozen hash of its books. Nothing is booked in it any more; what comes later is
    booked in the open month and says which day it is about. Called again for a closed month, it checks the
    hash.
    Exit code 1 when something stops the close, needs a reason, or a closed month has moved.

    \b
    Example:
        cleanclaim close 2026-10 --practice AA
        cleanclaim close 2026-10 --practice AA --by owner@example.org
    """
    now, practices = begin()
    from cleanclaim_server.cycle.closing import CloseRefused, close_books, standing_of
    from cleanclaim_server.tenancy.context import system_context

    practice = only(practices, code)[0]
    person = _person(practice, email) if email else None
    with system_context(practice.agency_id):
        today = today_of(practice.agency, now)
        refusal = ""
        if person is not None:
            try:
                close_books(
                    practice.pk,
                    month,
                    now=now,
                    today=today,
                    actor_id=person.pk,
                    actor_name=person.display_name,
                    reason=reason,
                )
            except CloseRefused as error:
                refusal = f"{error} [{error.code}]"
        standing = standing_of([practice.pk], month, today=today)[practice.pk]
        answer = _document(practice.code, standing, refusal)
    closed = standing.period is not None and not answer["moved"]
    stopped = bool(refusal) or not (
        closed or standing.is_closed or not (standing.refusal or standing.needs_reason)
    )
    click.echo(json.dumps(answer, default=str) if as_json else _words(answer))
    raise click.exceptions.Exit(STOPPED if stopped or answer["moved"] else CLEAN)


def _person(practice: Any, email: str) -> Any:
    """Whoever may close this practice's months, by e-mail.

    Raises:
        UsageError: Nobody here may, by that address.
    """
    from cleanclaim_server.identity.access import allowed
    from cleanclaim_server.identity.models import User
    from cleanclaim_server.identity.roles import Access, DataClass
    from cleanclaim_server.tenancy.context import system_context

    with system_context(practice.agency_id):
        found = User.objects.filter(agency_id=practice.agency_id, email__iexact=email, is_active=True).first()
        if found is None or not allowed(found, practice.pk, DataClass.APPROVALS, Access.FULL):
            raise click.UsageError(f"{email} may not close months of practice {practice.code}")
    return found


def _document(code: str, standing: Any, refusal: str) -> dict[str, Any]:
    from cleanclaim_server.ledger.closing import has_moved

    period = standing.period
    return {
        "practice": code,
        "month": f"{standing.month:%Y-%m}",
        "closed": standing.is_closed,
        "closed_at": period.closed_at if period else None,
        "closed_by": period.closed_by_name if period else None,
        "entries": period.entries if period else None,
        "entries_hash": period.entries_hash if period else None,
        "trial_balance_hash": period.trial_balance_hash if period else None,
        "moved": has_moved(period) if period else False,
        "refused": refusal or ("" if standing.is_closed else standing.refusal),
        "needs_reason": not standing.is_closed and standing.needs_reason,
        "open": []
        if standing.is_closed
        else [one.facts() | {"words": one.check.words} for one in standing.things],
    }


def _words(answer: dict[str, Any]) -> str:
    head = f"{answer['practice']} {answer['month']}"
    lines = [f"{head}: {answer['refused']}"] if answer["refused"] else []
    if answer["trial_balance_hash"]:
        state = "HAS MOVED since it was closed" if answer["moved"] else "as it was closed"
        lines.append(f"{head}: closed by {answer['closed_by']}, {answer['entries']} entries, {state}")
        lines.append(f"trial balance {answer['trial_balance_hash']}")
    elif answer["closed"] and not answer["refused"]:
        lines.append(f"{head}: closed with a later month")
    for one in answer["open"]:
        money = f"{dollars(one['cents']):>14}" if one["count"] else " " * 14
        mark = (
            {"stop_unless_overridden": "needs a reason", "tell": "tell"}[one["severity"]]
            if one["count"]
            else ""
        )
        lines.append(f"{one['count']:>6}  {money}  {one['words']}{f'  ({mark})' if mark else ''}")
    if answer["open"] and not answer["refused"]:
        lines.append(
            "To close it for ever: --by EMAIL" + (" --reason TEXT" if answer["needs_reason"] else "")
        )
    return "\n".join(lines)


COMMANDS = {"close": close}
