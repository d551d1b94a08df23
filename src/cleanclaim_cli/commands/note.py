"""`cleanclaim note audit`: a progress note against the codes billed for it."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import click
import msgspec

from cleanclaim.coding import SessionFacts
from cleanclaim.coding.notes import NoteAudit, OtherNote, audit_note, spans_of

_LISTS = {"service", "participants", "ic_factors", "minutes"}
_OURS = {"codes", "state", "class", "released"}
_EXAMPLE = "dos=2026-11-09 service='individual psychotherapy' credential=LCSW payer_kind=medicare codes=90837"


def read_facts(pairs: tuple[str, ...]) -> tuple[SessionFacts, list[str], dict[str, str]]:
    """Session facts from ``key=value`` words; lists are joined by ``;``, codes by ``+``.

    Raises:
        click.UsageError: A word without ``=``, an unknown key, a value of the wrong kind, a missing fact.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{pair!r} is not key=value. Example: {_EXAMPLE}")
        values[key.strip()] = value.strip()
    ours = {key: values.pop(key) for key in list(values) if key in _OURS}
    known = {field.name for field in msgspec.structs.fields(SessionFacts)}
    if unknown := sorted(set(values) - known):
        raise click.UsageError(
            f"{unknown[0]!r} is no fact of a session; known: {', '.join(sorted(known | _OURS))}"
        )
    facts: dict[str, Any] = {"setting": "office", **values}
    for key in _LISTS & set(facts):
        facts[key] = [part.strip() or None for part in facts[key].split(";")]
    for key in ("start_time", "stop_time"):
        if len(facts.get(key, "")) == 5:
            facts[key] += ":00"
    for key in ("with_em", "crisis", "patient_at_home"):
        if key in facts:
            facts[key] = facts[key].lower() in ("yes", "true", "1")
    for key in ("payer_profile", "other_inputs"):
        if key in facts:
            facts[key] = dict(part.split("=", 1) for part in facts[key].split(";") if "=" in part)
    codes = [code for code in ours.pop("codes", "").split("+") if code]
    if not codes:
        raise click.UsageError(f"codes=... is missing. Example: {_EXAMPLE}")
    try:
        return msgspec.convert(facts, SessionFacts, strict=False), codes, ours
    except msgspec.ValidationError as error:
        raise click.UsageError(f"{error}. Example: {_EXAMPLE}") from None


def document(audit: NoteAudit, file: str) -> dict[str, Any]:
    """The audit as the JSON of this command."""
    return {"file": file, **msgspec.to_builtins(audit, order="deterministic")}


def _text(audit: NoteAudit, text: str, quote: bool) -> list[str]:
    lines = [f"{audit.result}: {len(audit.findings)} findings"]
    for finding in audit.findings:
        lines.append(f"    {finding.severity.value.replace('_', ' ')}: {finding.message} [{finding.code}]")
        lines.append(f"        {finding.remedy}")
        asked = "; ".join(f"{source.id} {source.at}".strip() for source in finding.sources)
        if asked:
            lines.append(f"        Asked for by: {asked}")
        for first, last in spans_of(finding):
            words = (
                f": {' '.join(text[first:last].split())[:80]}" if quote and audit.result != "refused" else ""
            )
            lines.append(f"        characters {first}-{last}{words}")
    return lines + [f"    not checked: {topic}" for topic in audit.not_checked]


@click.group("note")
def note() -> None:
    """Check notes against what is billed for them."""


@note.command("audit")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--facts", "facts", multiple=True, help="Facts of the session, key=value; may be repeated.")
@click.argument("more", nargs=-1)
@click.option(
    "--other",
    "others",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another note to compare with for copied text; may be repeated.",
)
@click.option("--quote", is_flag=True, help="Print the words of the note that a finding rests on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def audit(
    file: TextIO,
    facts: tuple[str, ...],
    more: tuple[str, ...],
    others: tuple[Path, ...],
    quote: bool,
    as_json: bool,
) -> None:
    """Say what a progress note does not show that its codes ask for.

    Facts are those of a session file (docs/errors/coding.md), and codes=90837+90785, state=OH. Psychotherapy
    notes and SUD counseling notes are refused unread. Nothing is kept. `-` reads standard input. Exit code 1
    when something stops, 2 when the call is wrong or the file cannot be read.

    \b
    Example:
      cleanclaim note audit note.txt --facts dos=2026-11-09 service="individual psychotherapy" \\
        credential=LCSW payer_kind=medicare minutes=53 codes=90837
    """
    session, codes, ours = read_facts((*facts, *more))
    try:
        text = file.read()
        other_notes = [OtherNote(path.name, path.read_text(encoding="utf-8")) for path in others]
    except UnicodeDecodeError:
        click.echo("The file is not UTF-8 text; give the note as plain text.", err=True)
        sys.exit(2)
    found = audit_note(
        text,
        session,
        codes,
        state=ours.get("state", ""),
        other_notes=other_notes,
        declared=ours.get("class", ""),
        released_by_clinician=ours.get("released", "").lower() in ("yes", "true", "1"),
    )
    name = getattr(file, "name", "-")
    if as_json:
        json.dump(
            document(found, "-" if name == "<stdin>" else name),
            sys.stdout,
            ensure_ascii=False,
            indent=1,
            default=_plain,
        )
        click.echo()
    else:
        click.echo("\n".join(_text(found, text, quote)))
    if any(finding.severity.stops for finding in found.findings):
        sys.exit(1)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


COMMANDS = {"note": note}
