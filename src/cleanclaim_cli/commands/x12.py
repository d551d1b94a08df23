"""``cleanclaim x12``: check, show, answer and write X12 files. Needs no database and no set-up."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

import click

from cleanclaim.x12 import ack as acks
from cleanclaim.x12.documents import show_document, write_document
from cleanclaim.x12.index import DEFAULT_LIMITS, X12File, open_x12, read_x12
from cleanclaim.x12.report import envelope_findings, is_readable, report_text
from cleanclaim.x12.validate import TransactionReport, load_profile, profile_names, validate_each
from cleanclaim.x12.writer import WriteRefused, write_x12

CLEAN, STOPPED, UNREADABLE = 0, 1, 2


@click.group("x12")
def x12() -> None:
    """Check, show, answer and write X12 files.

    \b
    Example:
        cleanclaim x12 validate claims.837
    """


COMMANDS = {"x12": x12}


@x12.command("validate")
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document a file, one a line.")
@click.option("--profile", type=click.Choice(profile_names()), help="What is relaxed or tightened.")
def validate_command(files: tuple[str, ...], as_json: bool, profile: str | None) -> None:
    """Check envelope, structure, usage, codes and balance of every transaction in FILES.

    Files are read piece by piece, so that memory does not depend on their size; standard input is held whole.

    \b
    Example:
        cleanclaim x12 validate --json claims.837 remits/*.835
    """
    worst = CLEAN
    for name in files:
        with _opened(name) as file:
            if file is None:
                worst = UNREADABLE
                continue
            seen = _Seen(is_readable(file))
            reports = seen.pass_on(validate_each(file, profile=load_profile(profile) if profile else None))
            if as_json:
                for piece in report_text(file, reports, values=True):
                    click.echo(piece, nl=False)
                click.echo()
            else:
                for line in _report_lines(file, reports):
                    click.echo(line)
            worst = max(worst, _code(file, seen.valid))
    raise click.exceptions.Exit(worst)


@x12.command("show")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="JSON in one document.")
@click.option(
    "--segments", is_flag=True, help="Add the segments even where the typed content says all of them."
)
def show_command(file: str, as_json: bool, segments: bool) -> None:
    """Show the content of FILE, one object a transaction: typed where the set is known, else segments.

    \b
    Example:
        cleanclaim x12 show --json remit.835
    """
    with _opened(file) as opened:
        index = _readable(opened)
        if as_json:
            click.echo(json.dumps(show_document(index, segments=segments)))
        else:
            for line in _show_lines(index):
                click.echo(line)
        stops = any(finding.severity.stops for finding in index.all_findings())
    raise click.exceptions.Exit(STOPPED if stops else CLEAN)


@x12.command("ack")
@click.argument("file")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where to write; default: standard output."
)
@click.option("--ta1", type=click.Choice(["always", "asked", "never"]), default="asked", show_default=True)
@click.option(
    "--control-number", type=click.IntRange(1, 999_999_999), help="ISA13; default: made from the clock."
)
def ack_command(file: str, output: Path | None, ta1: str, control_number: int | None) -> None:
    """Write the 999 (and TA1) that a careful receiver of FILE would send.

    Exits with 1 when the answer rejects anything.

    \b
    Example:
        cleanclaim x12 ack claims.837 -o answer.999 --ta1 always
    """
    policy = acks.AckPolicy(ta1=ta1)  # type: ignore[arg-type]
    now = datetime.now().astimezone()
    number = control_number or int(f"{now:%j%H%M%S}")
    with _opened(file) as opened:
        index = _readable(opened)
        answer, rejected = _answer(index, policy, now, number)
    _write_out(answer, output)
    raise click.exceptions.Exit(STOPPED if rejected else CLEAN)


@x12.command("write")
@click.argument("file")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where to write; default: standard output."
)
def write_command(file: str, output: Path | None) -> None:
    """Write X12 from the JSON that `x12 show --json` gives, with values changed or not.

    \b
    Example:
        cleanclaim x12 show --json claims.837 | cleanclaim x12 write - -o again.837
    """
    data = _bytes_of(file)
    if data is None:
        raise click.exceptions.Exit(UNREADABLE)
    try:
        answer, told = write_document(json.loads(data))
        if not answer:
            raise ValueError("no interchange")
    except WriteRefused as refused:
        for finding in refused.findings:
            click.echo(finding.text(), err=True)
        other = any(finding.code == "x12.write.shape" for finding in refused.findings)
        raise click.exceptions.Exit(UNREADABLE if other else STOPPED) from None
    except (ValueError, RecursionError):
        click.echo(
            "This is not the JSON that `cleanclaim x12 show --json` prints. [x12.write.shape]", err=True
        )
        raise click.exceptions.Exit(UNREADABLE) from None
    for finding in told:
        click.echo(finding.text(), err=True)
    _write_out(answer, output)


@x12.command("tables")
@click.argument("files", nargs=-1, required=True)
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), help="Where to write.")
@click.option("--format", "kind", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The number of rows of each table as JSON.")
def tables_command(
    files: tuple[str, ...], folder: Path, kind: Literal["parquet", "csv"], as_json: bool
) -> None:
    """Write the claims, lines, adjustments and all else of FILES as one table a kind, in bounded memory.

    \b
    Example:
        cleanclaim x12 tables remits/*.835 claims/*.837 --out tables --format parquet
    """
    from cleanclaim.x12.columns import write_tables

    try:
        sources, strange = _sources(files)
        rows = write_tables(sources, folder, format=kind)
    except OSError as error:
        raise _unreadable(error) from None
    if as_json:
        click.echo(json.dumps(rows))
    else:
        click.echo("\n".join(f"{name:22}{count:10d}" for name, count in rows.items() if count))
    if rows["problems"]:
        click.echo(f"{rows['problems']} values could not be read; see problems.{kind}.", err=True)
    raise click.exceptions.Exit(UNREADABLE if strange else STOPPED if rows["problems"] else CLEAN)


@x12.command("sql")
@click.argument("question")
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--format", "kind", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json: one row a line.")
def sql_command(question: str, files: tuple[str, ...], kind: str, as_json: bool) -> None:
    """Ask the tables of FILES in SQL.

    \b
    Example:
        cleanclaim x12 sql "SELECT reason, SUM(amount_cents) AS cents FROM adjustments GROUP BY reason" *.835
    """
    import polars as pl

    from cleanclaim.x12.columns import query

    try:
        sources, strange = _sources(files)
        found = query(question, sources)
    except OSError as error:
        raise _unreadable(error) from None
    except pl.exceptions.PolarsError as error:
        click.echo(f"The question cannot be answered: {error}. [x12.sql.question]", err=True)
        raise click.exceptions.Exit(UNREADABLE) from None
    if as_json or kind == "json":
        for row in found.iter_rows(named=True):
            click.echo(json.dumps(row, default=str))
    elif kind == "csv":
        click.echo(found.write_csv(), nl=False)
    else:
        with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=1000, tbl_hide_column_data_types=True):
            click.echo(str(found))
    raise click.exceptions.Exit(UNREADABLE if strange else CLEAN)


def _sources(files: tuple[str, ...]) -> tuple[list[str | bytes | Path], bool]:
    """What to read tables from, and whether any of it is no X12, which is said."""
    from cleanclaim.x12.columns.slices import NotReadable, slices

    sources: list[str | bytes | Path] = []
    strange = False
    for name in files:
        source = sys.stdin.buffer.read() if name == "-" else name
        sources.append(source)
        with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as stream:
            try:
                next(slices(stream), None)
            except NotReadable:
                strange = True
                click.echo(f"{_shown_name(name)}: this is not an X12 file. [x12.file.not_x12]", err=True)
    return sources, strange


def _unreadable(error: OSError) -> click.exceptions.Exit:
    click.echo(f"{error.filename}: {error.strerror}. [x12.file.unreadable]", err=True)
    return click.exceptions.Exit(UNREADABLE)


# -- reading and writing -----------------------------------------------------------------------------


@contextmanager
def _opened(name: str) -> Iterator[X12File | None]:
    """A file, read from the disk piece by piece; None, with a message, when it cannot be read."""
    if name == "-":
        # Nothing of standard input is put on the disk, so no more is read than may be held.
        data = sys.stdin.buffer.read(DEFAULT_LIMITS.file_bytes + 1)
        yield read_x12(data, file=_shown_name(name))
        return
    try:
        source = open_x12(name, file=_shown_name(name))
        file = source.__enter__()
    except OSError as error:
        click.echo(f"{name}: cannot be read: {error.strerror}. [x12.file.unreadable]", err=True)
        yield None
        return
    try:
        yield file
    finally:
        source.__exit__(None, None, None)


def _readable(index: X12File | None) -> X12File:
    """The file, or the end of the command with what is wrong when it has no interchange."""
    if index is None or not index.interchanges:
        if index is not None:
            _tell(index)
        raise click.exceptions.Exit(UNREADABLE)
    return index


def _bytes_of(name: str) -> bytes | None:
    """The bytes of a file or of standard input; None, with a message, when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        click.echo(f"{name}: cannot be read: {error.strerror}. [x12.file.unreadable]", err=True)
        return None


def _shown_name(name: str) -> str:
    return "standard input" if name == "-" else name


def _write_out(data: bytes, output: Path | None) -> None:
    if output is None or str(output) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise click.ClickException(f"{output}: cannot be written: {error.strerror}.") from None


def _tell(index: X12File) -> None:
    for finding in index.findings:
        click.echo(finding.text(), err=True)


def _code(file: X12File, valid: bool) -> int:
    if not file.interchanges:
        return UNREADABLE
    return CLEAN if valid else STOPPED


# -- acknowledgments ---------------------------------------------------------------------------------------


def _answer(index: X12File, policy: acks.AckPolicy, now: datetime, number: int) -> tuple[bytes, bool]:
    """One answering interchange for each one received, and whether anything is rejected."""
    from cleanclaim.x12.sets.acknowledgments import ta1_segment, write_999

    parts = []
    rejected = False
    for interchange in index.interchanges:
        one = X12File(name=index.name, size=index.size, sha256=index.sha256)
        one.interchanges = [interchange]
        groups = acks.stream_answers(one, validate_each(one), policy)
        ta1s = acks.acknowledge_interchanges(one, policy)
        rejected = rejected or any(group.result in ("R", "P") for group, _ in groups)
        rejected = rejected or acks.interchange_code(interchange) != "000"
        if not groups and not ta1s:
            continue
        bodies = [
            write_999(group, control_number=f"{at:04d}", answers=answers)
            for at, (group, answers) in enumerate(groups, 1)
        ]
        envelope = acks.answering_envelope(interchange, number, now)
        parts.append(write_x12(envelope, bodies, ta1s=[ta1_segment(ta1) for ta1 in ta1s]))
        number = number % 999_999_999 + 1
    return b"".join(parts), rejected


# -- text for people ---------------------------------------------------------------------------------------


class _Seen:
    """Whether all that was validated is valid; the reports pass through, and none is kept."""

    def __init__(self, valid: bool) -> None:
        self.valid = valid

    def pass_on(self, reports: Iterator[TransactionReport]) -> Iterator[TransactionReport]:
        for report in reports:
            self.valid = self.valid and report.valid
            yield report


def _report_lines(file: X12File, reports: Iterator[TransactionReport]) -> Iterator[str]:
    for finding in envelope_findings(file):
        yield finding.text().replace("\n", "\n    ")
    report = None
    for report in reports:
        transaction = report.transaction
        verdict = "not checked" if not report.supported else "valid" if report.valid else "NOT VALID"
        claims = f", {report.claims} claims" if report.claims else ""
        yield (
            f"{file.name}: {transaction.set_id} {transaction.control_number} "
            f"{transaction.guide}: {verdict}{claims}"
        )
        yield from ("    " + finding.text().replace("\n", "\n    ") for finding in report.findings)
    if report is None and file.interchanges:
        count = sum(len(interchange.ta1s) for interchange in file.interchanges)
        yield f"{file.name}: no transactions, {count} TA1"


def _show_lines(index: X12File) -> Iterator[str]:
    for interchange in index.interchanges:
        yield (
            f"Interchange {interchange.control_number} "
            f"from {interchange.sender[1]} to {interchange.receiver[1]}"
        )
        yield from (f"  {ta1.text()}" for ta1 in interchange.ta1s)
        for group in interchange.groups:
            yield f"  Group {group.control_number} {group.functional_id} {group.guide}"
            for transaction in group.transactions:
                yield f"    {transaction.set_id} {transaction.control_number}"
                yield from (f"{segment.position:7d}  {segment.text()}" for segment in transaction.segments)
                transaction.forget()
