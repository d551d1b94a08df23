"""``cleanclaim deadline`` and ``cleanclaim rules``: what the rule book answers, with sources and trace."""

from __future__ import annotations

import difflib
from datetime import date
from typing import Any

import click

from cleanclaim import rules as book
from cleanclaim_cli.commands.rule_replay import replay
from cleanclaim_cli.commands.shared import (
    DAY,
    STOPPED,
    as_json_option,
    leave,
    pairs,
    print_json,
    today,
)

REFUSALS = (book.RuleNotEncoded, book.AnchorMissing, book.UnitNotCountable)


@click.command("deadline")
@click.argument("kind", type=click.Choice(list(book.KINDS)))
@click.option("--from", "on", type=DAY, required=True, help="The date that the period is counted from.")
@click.option("--payer-kind", required=True, help="commercial, medicaid_mco, medicare, self_funded, ...")
@click.option("--state", default="", help="Two letters.")
@click.option(
    "--program", default="", help="For example insured_plan; otherwise follows from the payer kind."
)
@click.option("--medium", type=click.Choice(["electronic", "paper"]), default="electronic", show_default=True)
@click.option("--plan", default="", help="Plan id, payer id or payer name, when the payer has its own rule.")
@click.option(
    "--fact", "facts", multiple=True, metavar="K=V", help="A further date or fact; may be repeated."
)
@as_json_option
def deadline(
    kind: str,
    on: date,
    payer_kind: str,
    state: str,
    program: str,
    medium: str,
    plan: str,
    facts: tuple[str, ...],
    as_json: bool,
) -> None:
    """The last day to pay, file, correct, appeal, dispute or take back, with its rule and source.

    Exit code 1 when no rule answers: the rule book does not guess, and says what it knows nearby.

    \b
    Example:
        cleanclaim deadline prompt_pay --state TX --payer-kind commercial --from 2026-03-02
    """
    try:
        found = book.deadline(
            kind,
            payer_kind=payer_kind,
            on=on,
            rules=book.load_rule_book(),
            state=state.upper(),
            program=program,
            medium=medium,
            plan=plan,
            facts=pairs(facts),
        )
    except book.UnknownQuestion as error:
        raise click.UsageError(str(error)) from None
    except REFUSALS as refusal:
        _refuse(refusal, as_json)
        return
    if as_json:
        print_json(
            {
                "due": found.day,
                "enforceable": found.enforceable,
                "kind": kind,
                "rule_id": found.rule_id,
                "value": found.value,
                "unit": found.unit,
                "anchor": found.anchored_at,
                "anchor_date": found.anchor,
                "remedy": found.remedy,
                "sources": found.sources,
                "confidence": found.confidence,
                "steps": found.steps,
                "assumes": found.assumes,
                "note": found.note,
            }
        )
        return
    click.echo(f"{found.day.isoformat()}  {book.KINDS[kind]}")
    for step in dict.fromkeys((*found.assumes, *found.steps)):
        click.echo(f"  {step}")
    for source in found.sources:
        click.echo(f"  source: {source.id}, {source.at}" if source.at else f"  source: {source.id}")
    if not found.enforceable:
        click.echo("  This informs; it is not enforceable until someone reads it in its source.")


@click.group("rules")
def rules() -> None:
    """The rule book: list rules, show one, explain which one answers.

    \b
    Example:
        cleanclaim rules list --state TX
    """


@rules.command("list")
@click.option("--state", default="", help="Rules of this state, and rules that name no state.")
@click.option("--payer", default="", help="Rules of this payer id or name, and rules that name no payer.")
@click.option("--topic", default="", help="Topics that begin like this.")
@click.option("--on", type=DAY, help="Only rules that have a value on this date.")
@as_json_option
def list_command(state: str, payer: str, topic: str, on: date | None, as_json: bool) -> None:
    """Rules that can apply, ordered by id.

    \b
    Example:
        cleanclaim rules list --state TX --topic prompt_pay --on 2026-11-02
    """
    found = [
        rule
        for rule in book.load_rule_book().rules
        if rule.topic.startswith(topic)
        and _names(rule, ("state",), state.upper())
        and _names(rule, ("plan_id", "payer_id", "payer"), payer)
        and (on is None or any(value.covers(on) for value in rule.values))
    ]
    if as_json:
        print_json(found)
        return
    for rule in found:
        click.echo(f"{rule.id}: {_value_text(rule, on)}  {rule.title}")
    click.echo(f"{len(found)} rules", err=True)


@rules.command("show")
@click.argument("rule_id", metavar="ID")
@as_json_option
def show_command(rule_id: str, as_json: bool) -> None:
    """One rule whole: to whom it applies, its dated values, where each is written.

    \b
    Example:
        cleanclaim rules show federal.medicare.timely_filing.original_claim
    """
    rule = _find(rule_id)
    if as_json:
        print_json(rule)
        return
    click.echo(
        f"{rule.id}\n  {rule.title}\n  answers {rule.topic}, dated by {rule.dated_by.replace('_', ' ')}"
    )
    click.echo(
        "  applies to " + ", ".join(f"{key} {_plain(value)}" for key, value in rule.applies_to.items())
    )
    for value in rule.values:
        ends = f" to {value.ends.isoformat()}" if value.ends else ""
        given = (
            f"{value.value} {rule.unit}" if value.value is not None else f"not encoded: {value.not_encoded}"
        )
        click.echo(f"  from {value.starts.isoformat()}{ends}: {given} ({value.confidence})")
        for source in value.sources:
            click.echo(f"    source: {source.id}, {source.at}" if source.at else f"    source: {source.id}")
        if value.note:
            click.echo(f"    {value.note}")
    for item in rule.exceptions_not_encoded:
        click.echo(f"  not encoded: {item.what}")


@rules.command("explain")
@click.option("--rule", "rule_id", required=True, help="A rule id; its topic is asked.")
@click.option(
    "--payer", default="", help="A kind of payer (commercial, medicaid_mco, ...), payer id or name."
)
@click.option("--state", default="", help="Two letters.")
@click.option("--on", type=DAY, help="The date the rule is dated by; default: today.")
@as_json_option
def explain_command(rule_id: str, payer: str, state: str, on: date | None, as_json: bool) -> None:
    """Which rule answers this rule's question for that payer, state and date, and why.

    What is not given is taken from the rule itself. Exit code 1 when nothing answers.

    \b
    Example:
        cleanclaim rules explain --rule federal.medicare.timely_filing.original_claim --on 2026-11-02
    """
    rule = _find(rule_id)
    context = {key: value if isinstance(value, str) else value[0] for key, value in rule.applies_to.items()}
    if payer in book.PAYER_WORDS:
        named = book.context_for(payer)
        context |= {key: named[key] for key in ("payer_kind", "program") if named[key]}
    elif payer:
        context |= {"payer": payer, "payer_id": payer, "plan_id": payer}
    if state:
        context["state"] = state.upper()
    day = on or today()
    try:
        found = book.load_rule_book().resolve(rule.topic, context, day)
    except book.RuleNotEncoded as refusal:
        _refuse(refusal, as_json)
        return
    if as_json:
        asked = {"rule": rule.id, "topic": rule.topic, "context": context, "on": day}
        print_json(asked | {"is_this_rule": found.rule_id == rule.id, "answer": found})
        return
    click.echo(f"{found.value} {_words(found.unit)}  {found.rule_id}")
    for step in found.steps:
        click.echo(f"  {step}")
    if found.rule_id != rule.id:
        click.echo(f"  {rule.id} does not decide here.")
    for source in found.sources:
        click.echo(f"  source: {source.id}, {source.at}" if source.at else f"  source: {source.id}")


def _find(rule_id: str) -> book.Rule:
    try:
        return book.load_rule_book().find(rule_id)
    except KeyError:
        known = [rule.id for rule in book.load_rule_book().rules]
        near = difflib.get_close_matches(rule_id, known, n=3, cutoff=0.5)
        hint = f"; near: {', '.join(near)}" if near else "; see `cleanclaim rules list`"
        raise click.UsageError(f"no rule has the id {rule_id!r}{hint}") from None


def _names(rule: book.Rule, keys: tuple[str, ...], wanted: str) -> bool:
    """Whether the rule names the wanted value under one of the keys, or names none of the keys."""
    if not wanted:
        return True
    given = [rule.applies_to[key] for key in keys if key in rule.applies_to]
    return not given or any(wanted in ([one] if isinstance(one, str) else one) for one in given)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _plain(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " or ".join(value)


def _value_text(rule: book.Rule, on: date | None) -> str:
    fitting = [value for value in rule.values if on is None or value.covers(on)]
    value = fitting[-1] if fitting else rule.values[-1]
    return "not encoded" if value.value is None else f"{value.value} {_words(rule.unit)}"


def _refuse(refusal: Exception, as_json: bool) -> None:
    document: dict[str, Any] = {"error": type(refusal).__name__, "message": str(refusal)}
    if isinstance(refusal, book.RuleNotEncoded):
        document |= {
            "topic": refusal.topic,
            "context": {key: value for key, value in refusal.context.items() if value},
            "on": refusal.on,
            "nearby": [{"rule_id": rule_id, "why": why} for rule_id, why in refusal.nearby],
        }
    if as_json:
        print_json(document)
    else:
        click.echo(f"{document['error']}: {refusal}", err=True)
    leave(STOPPED)


rules.add_command(replay)

COMMANDS = {"deadline": deadline, "rules": rules}
