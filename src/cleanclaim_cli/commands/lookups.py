"""``cleanclaim icd|code-info|npi``: look-ups by date. Need no database and no set-up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import click
import msgspec

from cleanclaim import codesets
from cleanclaim.codesets import CodeNotKnown, diagnoses, icd10cm, mue, procedures
from cleanclaim.edits.prepare import npi_is_valid
from cleanclaim_cli.commands.shared import DAY, STOPPED, as_json_option, leave, print_json, today

on_option = click.option("--on", type=DAY, help="Date of service; default: today.")


@click.command("icd")
@click.argument("code")
@on_option
@as_json_option
def icd(code: str, on: date | None, as_json: bool) -> None:
    """A diagnosis code (ICD-10-CM) on a date: what it is, and whether it can be billed.

    The whole classification is known. Exit code 1 when the code is a header, or when no fiscal year that is
    loaded has it on that date.

    \b
    Example:
        cleanclaim icd F33.1 --on 2026-11-02
    """
    day = on or today()
    name = diagnoses.normalize(code)
    try:
        found = icd10cm.lookup(name, day)
    except CodeNotKnown:
        message = _not_known(name, day)
        if as_json:
            print_json({"code": name, "on": day, "known": False, "message": message})
        else:
            click.echo(message, err=True)
        leave(STOPPED)
        return
    document = msgspec.to_builtins(found) | icd10cm.provenance()
    if as_json:
        print_json({"on": day, "known": True, **document})
    else:
        click.echo(f"{found.code}  {found.description}")
        click.echo("  can be billed" if found.billable else "  a header: it needs more characters")
        click.echo(f"  {_dates(found)}; source: {document['source']} ({document['confidence']})")
    if not found.billable:
        leave(STOPPED)


def _not_known(code: str, on: date) -> str:
    """Why a code has no row: dates of another time, or in no loaded fiscal year at all."""
    known = icd10cm.history(code)
    if not known:
        return f"{code} is in none of the loaded fiscal years of ICD-10-CM."
    spans = ", ".join(_dates(row) for row in known)
    return f"{code} is not in ICD-10-CM on {on.isoformat()}; it is {spans}."


@click.command("code-info")
@click.argument("code")
@on_option
@as_json_option
def code_info(code: str, on: date | None, as_json: bool) -> None:
    """What a code of claims and remittances means on a date, in every code set that has it.

    Procedure codes, modifiers, places of service, CARC, RARC, PLB reasons, claim status codes and
    categories, provider taxonomy. A group code may stand before a CARC: CO-45. Exit code 1 when no set
    has it.

    \b
    Example:
        cleanclaim code-info 90837 --on 2026-11-02
    """
    day = on or today()
    found = _facts(code.strip().upper(), day)
    if as_json:
        print_json({"code": code, "on": day, "known": bool(found), "found": found})
    else:
        for one in found:
            click.echo(
                f"{one['table'].replace('_', ' ')} {one['code']}: {one.get('label') or one['meaning']}"
            )
            for key, value in one.items():
                if key not in {"table", "code", "label", "meaning"} and value not in (None, "", [], ()):
                    click.echo(f"    {key.replace('_', ' ')}: {_plain(value)}")
        if not found:
            click.echo(f"{code} is in none of our code sets on {day.isoformat()}.", err=True)
    if not found:
        leave(STOPPED)


@click.command("npi")
@click.argument("number")
@as_json_option
def npi(number: str, as_json: bool) -> None:
    """Whether a number can be an NPI: ten digits, begins with 1 or 2, check digit right.

    Who holds it stands in the public registry, which is not asked. Exit code 1 when it cannot be one.

    \b
    Example:
        cleanclaim npi 1234567893
    """
    plain = number.strip()
    valid = npi_is_valid(plain)
    reason = "" if valid else _npi_fault(plain)
    if as_json:
        print_json({"npi": plain, "valid": valid, "reason": reason})
    else:
        click.echo(f"{plain}: " + ("can be an NPI" if valid else f"is not an NPI: {reason}"))
    if not valid:
        leave(STOPPED)


def _npi_fault(number: str) -> str:
    if not (number.isascii() and number.isdecimal() and len(number) == 10):
        return "it is not ten digits"
    if number[0] not in "12":
        return "it does not begin with 1 or 2"
    return "its check digit is wrong; digits were mistyped or swapped"


def _facts(code: str, on: date) -> list[dict[str, Any]]:
    """One document per code set that has the code, in the order of the sets."""
    carc = code.split("-", 1)[1] if code[:3] in {"CO-", "PR-", "OA-", "PI-"} else code
    asked: list[tuple[str, Callable[[], Any]]] = [
        ("procedure", lambda: procedures.lookup(code, on)),
        ("modifier", lambda: codesets.modifiers.lookup(code, on)),
        ("place_of_service", lambda: codesets.places_of_service.lookup(code, on)),
        ("carc", lambda: codesets.carc(carc)),
        ("rarc", lambda: codesets.rarc(code)),
        ("plb", lambda: codesets.plb(code)),
        ("claim_status_category", lambda: codesets.claim_status.category(code)),
        ("claim_status", lambda: codesets.claim_status.status(code)),
        ("taxonomy", lambda: codesets.taxonomy(code, on)),
    ]
    found = []
    for table, ask in asked:
        try:
            document = {"table": table, **msgspec.to_builtins(ask())}
        except CodeNotKnown:
            continue
        if table == "procedure":
            document |= _around(code, on)
        found.append(document)
    return found


def _around(code: str, on: date) -> dict[str, Any]:
    """What other lists say about a procedure code."""
    limit = mue.lookup(code, on)
    return {
        "telehealth_listed": procedures.on_medicare_telehealth_list(code, on),
        "units_a_day": msgspec.to_builtins(limit) if limit else None,
        "added_to": sorted(codesets.addon_pairs.bases(code, on))
        if codesets.addon_pairs.has_bases(code)
        else [],
    }


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_plain(one)}" for key, one in value.items() if one)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _dates(row: Any) -> str:
    starts = row.effective_from.isoformat() if row.effective_from else "before our data begins"
    return f"in force from {starts}" + (f" to {row.effective_to.isoformat()}" if row.effective_to else "")


COMMANDS = {"icd": icd, "code-info": code_info, "npi": npi}
