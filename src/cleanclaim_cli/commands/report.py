"""``cleanclaim report``: the measures of the month as rows, from claims and the ledger."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from cleanclaim_cli.commands.bank import bank_rows
from cleanclaim_cli.commands.cycle import begin, only, today_of
from cleanclaim_cli.commands.shared import CLEAN, DAY, leave, print_json

SPREADSHEETS = "openpyxl"
Row = dict[str, Any]


@click.command("report")
@click.argument("name", type=click.Choice(["measures", "receivables", "practices", "bank"]))
@click.option("--from", "starts", type=DAY, required=True, help="First day, inside.")
@click.option("--to", "ends", type=DAY, required=True, help="Last day, inside.")
@click.option("--practice", "code", default="", help="Only this practice.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "json", "xlsx"]), default="csv", show_default=True
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
)
def report(name: str, starts: date, ends: date, code: str, form: str, output: Path | None) -> None:
    """Figures of a period, computed from claims and the ledger when asked.

    measures: every measure of the month's page. receivables: what is owed, by age. practices: the main
    measures, one row per practice. bank: each account by month, what came and what of it is matched, set
    aside and open. Money is whole cents; percent and days have four decimals.

    \b
    Example:
        cleanclaim report measures --from 2026-10-01 --to 2026-10-31 --format csv
    """
    if ends < starts:
        raise click.UsageError(f"--to {ends} lies before --from {starts}")
    if form == "xlsx" and find_spec(SPREADSHEETS) is None:
        raise click.UsageError(
            f"this installation has no {SPREADSHEETS}, which writes spreadsheets; use --format csv, "
            "which every spreadsheet opens"
        )
    rows = _rows(name, starts, ends, code)
    if form == "json":
        document = {"report": name, "from": starts, "to": ends, "rows": rows}
        if output is None:
            print_json(document)
        else:
            _write(output, _json_bytes(document))
    else:
        data = _spreadsheet(name, rows) if form == "xlsx" else _csv(rows).encode()
        if output is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            _write(output, data)
    leave(CLEAN)


def _rows(name: str, starts: date, ends: date, code: str) -> list[Row]:
    now, practices = begin()
    from cleanclaim import kpi
    from cleanclaim_server.audit.recording import record
    from cleanclaim_server.reporting.queries import kpi_facts
    from cleanclaim_server.tenancy.context import tenant_context

    chosen = only(practices, code)
    rows: list[Row] = []
    agencies = sorted({practice.agency_id for practice in chosen})
    if len(agencies) > 1:
        raise click.UsageError("there are several agencies here; name a practice with --practice")
    if name == "bank":
        return bank_rows(chosen, starts, ends)
    groups = [[practice] for practice in chosen] if name == "practices" else [chosen]
    for group in groups:
        with tenant_context(agencies[0], [practice.id for practice in group]) as tenant:
            facts = kpi_facts(tenant)
            record("report.read", "report", actor="command line", report=name, first=starts.isoformat())
        as_of = min(ends, today_of(chosen[0].agency, now))
        rows += _of_group(name, facts, as_of, kpi.Window(starts, ends), group)
    return rows


def _of_group(name: str, facts: Any, as_of: date, window: Any, group: list[Any]) -> Iterable[Row]:
    from cleanclaim import kpi
    from cleanclaim_server.reporting.measures import DEFINITIONS

    if name == "receivables":
        return [_row(one) for one in kpi.receivables_by_age(facts, as_of=as_of)]
    if name == "measures":
        return [_row(one.compute(facts, as_of, window)) for one in DEFINITIONS.values()]
    wanted = ("charges", "payments", "ar", "E1", "C1", "C2", "D1c")
    row: Row = {"practice": group[0].code, "name": group[0].name}
    for key in wanted:
        measure = DEFINITIONS[key].compute(facts, as_of, window)
        row[f"{measure.name.lower().replace('/', '').replace(' ', '_')}_{measure.unit}"] = _number(measure)
    return [row]


def _row(measure: Any) -> Row:
    return {
        "code": measure.code,
        "name": measure.name,
        "unit": str(measure.unit),
        "value": _number(measure),
        "numerator": measure.numerator,
        "denominator": measure.denominator,
        "claims": len(measure.family_ids),
        "no_value_because": measure.reason,
        "formula": measure.formula,
    }


def _number(measure: Any) -> int | str | None:
    """Cents and counts are whole numbers; rates keep their decimals as text, never as a float."""
    if measure.value is None:
        return None
    return int(measure.value) if str(measure.unit) in {"cents", "count"} else str(measure.value)


def _safe(value: Any) -> Any:
    """A cell that a spreadsheet would run as a formula is told to be text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value[:1] else value


def _csv(rows: list[Row]) -> str:
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: _safe(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _json_bytes(document: Any) -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _spreadsheet(name: str, rows: list[Row]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = name
    sheet.append(list(rows[0]) if rows else [])
    for row in rows:
        sheet.append([_safe(value) for value in row.values()])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written ({error.strerror})") from None


COMMANDS: dict[str, Callable[..., Any]] = {"report": report}
