"""``cleanclaim rules replay``: what a rule would have done to the claims of the last months."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import msgspec

from cleanclaim.edits.practice_rules import OUTCOMES, PracticeRule, Replay, RuleInvalid, read_rule, sentence
from cleanclaim.money import dollars
from cleanclaim_cli.commands.shared import STOPPED, UNREADABLE, as_json_option, leave, print_json

_SAVED = re.compile(r"([A-Za-z0-9]{2})-(\d{1,6})")


class Months(click.ParamType):
    """A number of months, as ``12mo`` or ``12``."""

    name = "months"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,3})(?:mo)?", str(value).strip().lower())
        if found is None or not 1 <= int(found[1]) <= 120:
            self.fail(f"{value!r} is not a number of months; write it like 12mo", param, ctx)
        return int(found[1])


@click.command("replay")
@click.argument("rule_or_file", metavar="RULE_OR_FILE")
@click.option("--last", "months", type=Months(), default="12mo", show_default=True, help="How far back.")
@click.option("--practice", "code", default="", help="Two letters; all practices when none is named.")
@as_json_option
def replay(rule_or_file: str, months: int, code: str, as_json: bool) -> None:
    """Try a rule on the claims of the last months: claims, dollars, and what became of those claims.

    RULE_OR_FILE is a saved rule such as AA-3 (practice AA, rule 3), or a file with a rule as JSON
    (docs/concepts/practice-rules.md); - reads standard input. Nothing is changed. Exit code 1 when the rule
    would have changed a claim, 2 when it cannot be read.

    \b
    Example:
        cleanclaim rules replay AA-3 --last 12mo
    """
    from cleanclaim_cli.commands.cycle import begin, only, today_of

    saved = None if Path(rule_or_file).exists() else _SAVED.fullmatch(rule_or_file)
    document = None if saved else _read(rule_or_file)
    now, practices = begin()
    from cleanclaim_server.claimrules.replaying import try_rule
    from cleanclaim_server.tenancy.context import system_context

    chosen = only(practices, saved[1] if saved else code)
    answers = []
    for agency in dict.fromkeys(practice.agency for practice in chosen):
        mine = [practice for practice in chosen if practice.agency_id == agency.pk]
        with system_context(agency.pk):
            rule = _saved(mine[0], int(saved[2])) if saved else document
            assert rule is not None
            found, _ = try_rule(rule, [one.pk for one in mine], today=today_of(agency, now), months=months)
        answers.append(_document(rule, found, months, [practice.code for practice in mine]))
    if as_json:
        print_json(answers[0] if len(answers) == 1 else answers)
    else:
        click.echo("\n\n".join(_text(answer) for answer in answers))
    leave(STOPPED if any(answer["changed"] for answer in answers) else 0)


def _read(name: str) -> PracticeRule:
    try:
        with click.open_file(name, "rb") as file:
            data = file.read()
    except OSError as error:
        raise click.UsageError(
            f"{name} is neither a saved rule such as AA-3 nor a file ({type(error).__name__})"
        ) from None
    try:
        return read_rule(data)
    except RuleInvalid as error:
        for finding in error.findings:
            click.echo(finding.text(), err=True)
        leave(UNREADABLE)
        raise AssertionError from None


def _saved(practice: Any, number: int) -> PracticeRule:
    from cleanclaim_server.claimrules.models import RuleVersion

    row = RuleVersion.objects.filter(practice=practice, rule__number=number).order_by("-number").first()
    if row is None:
        raise click.UsageError(f"practice {practice.code} has no rule {number}")
    try:
        return read_rule(row.document)
    except RuleInvalid as error:
        click.echo(str(error), err=True)
        leave(UNREADABLE)
        raise AssertionError from None


def _document(rule: PracticeRule, found: Replay, months: int, codes: list[str]) -> dict[str, Any]:
    plain = json.loads(msgspec.json.encode(found))
    for example in plain["examples"]:
        del example["claim_row"]
    return {"rule": rule.name, "sentence": sentence(rule), "practices": codes, "months": months} | {
        "by_month" if key == "months" else key: value for key, value in plain.items()
    }


def _text(answer: dict[str, Any]) -> str:
    lines = [
        answer["sentence"],
        f"Last {answer['months']} months of {', '.join(answer['practices'])}: {answer['looked_at']} claims, "
        f"{answer['matched']} meet the conditions, {answer['changed']} would have been changed or held.",
    ]
    if answer["changed"]:
        lines.append(
            f"Billed ${dollars(answer['charge_cents'])}, in fact paid ${dollars(answer['paid_cents'])}, "
            f"{answer['unanswered']} not answered."
        )
    for share in answer["outcomes"]:
        billed, paid = dollars(share["charge_cents"]), dollars(share["paid_cents"])
        word = OUTCOMES[share["label"]]
        lines.append(f"    {word:20} {share['claims']:6} claims  billed {billed:>14}  paid {paid:>14}")
    return "\n".join(lines)
