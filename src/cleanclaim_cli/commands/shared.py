"""What commands share: exit codes, dates, JSON."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, NoReturn

import click
import msgspec

CLEAN, STOPPED, UNREADABLE = 0, 1, 2

as_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


class Day(click.ParamType):
    """A calendar date, yyyy-mm-dd."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date; write it like 2026-11-02", param, ctx)


DAY = Day()


def today() -> date:
    """Today where this machine stands: for commands without a database."""
    return datetime.now().astimezone().date()


def print_json(document: Any) -> None:
    """One JSON document on standard output; dates are ISO, money is whole cents."""
    click.echo(json.dumps(msgspec.to_builtins(document), default=str, ensure_ascii=False, indent=1))


def leave(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise click.exceptions.Exit(code)


def pairs(values: tuple[str, ...]) -> dict[str, str]:
    """``("a=1", "b=2")`` as a mapping.

    Raises:
        UsageError: An entry has no equals sign.
    """
    found = {}
    for value in values:
        key, equals, given = value.partition("=")
        if not equals or not key.strip():
            raise click.UsageError(f"--fact takes name=value, not {value!r}")
        found[key.strip()] = given.strip()
    return found
