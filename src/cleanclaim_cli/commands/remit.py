"""``cleanclaim remit``: do remittances balance, and what would posting them do? Needs no database."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from cleanclaim.bank import ExpectedPayment, Reconciliation, match_deposits, read_statement
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.money import dollars
from cleanclaim.remittance.cases import CaseError, plan_case, read_cases, write_json
from cleanclaim.remittance.check import check_document
from cleanclaim.remittance.policies import load_policy_book, resolve_rule
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.remittance_835 import read_835

CLEAN, STOPPED, UNREADABLE = 0, 1, 2


@click.group("remit")
def remit() -> None:
    """Check remittances and plan their posting.

    \b
    Example:
        cleanclaim remit check october.835
    """


COMMANDS = {"remit": remit}


def _bytes_of(name: str) -> bytes | None:
    """The content of a file or of standard input; None, with a message, when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        click.echo(f"{name}: {error.strerror or 'cannot be read'}", err=True)
        return None


def check_file(data: bytes, *, file: str) -> tuple[list[dict[str, Any]], list[Finding]]:
    """One document per payment of a file, in file order, and the findings about the file as a whole."""
    index = read_x12(data, file=file)
    whole = list(index.findings)
    payments = []
    for transaction in index.transactions():
        if transaction.set_id != "835":
            whole.append(
                Finding(
                    "remittance.not_a_remittance",
                    Severity.TELL,
                    f"Transaction {transaction.control_number} is a {transaction.set_id}, not a remittance; "
                    "it was passed over.",
                    Where(file=file, transaction=transaction.control_number),
                )
            )
            continue
        remittance, findings = read_835(transaction)
        payments.append(check_document(remittance, file=file, reading=[*transaction.findings, *findings]))
    if not payments and not any(finding.severity.stops for finding in whole):
        whole.append(
            Finding(
                "remittance.no_remittance_in_file",
                Severity.STOP,
                "The file holds no remittance.",
                Where(file=file),
                remedy="Give files with 835 remittances (005010X221A1).",
            )
        )
    return payments, whole


@remit.command("check")
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document: a list with every payment.")
def check_command(files: tuple[str, ...], as_json: bool) -> None:
    """Balance each service line, claim and payment of FILES; say what would post and what is work.

    `-` reads standard input. Exit code 1 when a payment would be held, 2 when a file cannot be read.

    \b
    Example:
        cleanclaim remit check remits/*.835 --json
    """
    worst = CLEAN
    documents: list[dict[str, Any]] = []
    for name in files:
        data = _bytes_of(name)
        if data is None:
            worst = UNREADABLE
            continue
        payments, whole = check_file(data, file=name)
        for finding in whole:
            click.echo(finding.text(), err=True)
        if not payments:
            worst = UNREADABLE
        if any(finding.severity.stops for finding in whole) or not all(item["posts"] for item in payments):
            worst = max(worst, STOPPED)
        documents += payments
        if not as_json:
            for payment in payments:
                click.echo("\n".join(_payment_text(payment)))
    if as_json:
        click.echo(json.dumps(documents, indent=1))
    raise SystemExit(worst)


def _payment_text(payment: dict[str, Any]) -> list[str]:
    verdict = "balances" if payment["balanced"] else "does not balance"
    lines = [
        f"{payment['file']}: payment {payment['trace_number']} of {payment['payer'] or 'an unnamed payer'}, "
        f"{dollars(payment['paid_cents'])} by {payment['method']}: {verdict}",
        f"    {payment['claims']} claims, {payment['lines']} lines, {payment['reversals']} reversals, "
        f"{payment['denied_claims']} with denied money; claims paid {dollars(payment['claim_paid_cents'])}, "
        f"provider adjustments {dollars(payment['plb_cents'])}",
    ]
    if payment["posts"]:
        lines += [f"    {kind:<22}{dollars(cents):>16}" for kind, cents in payment["would_post"].items()]
    lines += [
        f"    PLB {item['code']:<16}{dollars(item['amount_cents']):>18}  {item['meaning']}"
        for item in payment["plb"]
    ]
    lines += [
        f"    to work: {category} {item['count']} x, {dollars(item['amount_cents'])}"
        for category, item in payment["to_work"].items()
    ]
    for finding in payment["findings"]:
        lines.append(f"    {finding['severity'].replace('_', ' ')}: {finding['message']} [{finding['code']}]")
        lines += [f"        {line}" for line in finding.get("remedy", "").splitlines()]
    return lines


@remit.command("plan")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Answer in the form of the cases' `expected`.")
def plan_command(file: str, as_json: bool) -> None:
    """Dry run: what would posting these remittances do to these balances?

    FILE is a JSON document of cases: the whole document, a list, or one case; `-` reads standard input.
    A list comes back as a list, one case as one object. Exit code 1 when a remittance does not balance.

    \b
    Example:
        cleanclaim remit plan posting_cases.json --json
    """
    data = _bytes_of(file)
    if data is None:
        raise SystemExit(UNREADABLE)
    try:
        cases = read_cases(data)
    except CaseError as error:
        click.echo(f"{file}: {error}", err=True)
        raise SystemExit(UNREADABLE) from None
    worst = CLEAN
    answers: list[dict[str, Any]] = []
    for case in cases:
        try:
            answers.append(plan_case(case))
            worst = max(worst, CLEAN if answers[-1]["balanced"] else STOPPED)
        except CaseError as error:
            click.echo(f"{file}: {error}", err=True)
            answers.append({"id": str(case.get("id") or ""), "errors": [str(error)]})
            worst = UNREADABLE
    if as_json:
        one = len(answers) == 1 and _is_one_case(data)
        click.echo(write_json(answers[0] if one else answers))
    else:
        for answer in answers:
            click.echo("\n".join(_plan_text(answer)))
    raise SystemExit(worst)


def _is_one_case(data: bytes) -> bool:
    document = json.loads(data)
    return isinstance(document, dict) and "cases" not in document


def _plan_text(answer: dict[str, Any]) -> list[str]:
    if "balanced" not in answer:
        return [f"{answer['id']}: {answer['errors'][0]}"]
    flags = f" ({', '.join(answer['flags'])})" if answer["flags"] else ""
    lines = [f"{answer['id'] or 'case'}: {answer['next_action']}{flags}, deposit {answer['bank_deposit']}"]
    for posting in answer["postings"]:
        where = posting["claim"] or posting.get("clp01") or posting.get("reference") or ""
        line = f" line {posting['line']}" if "line" in posting else ""
        what = " ".join(posting[key] for key in ("carc", "sub", "category") if key in posting)
        lines.append(f"    {posting['type']:<24}{posting['amount']:>12}  {where}{line} {what}".rstrip())
    for number, state in answer["claims_after"].items():
        lines.append(
            f"    {number}: insurance {state['insurance_balance']}, patient {state['patient_balance']}, "
            f"denied {state['denied_open']}"
        )
    return lines + [f"    {error}" for error in answer["errors"]]


@remit.command("policy")
@click.argument("adjustment")
@click.option("--payer", "payers", multiple=True, help="A number of the payer: TRN03, N104 or tax id.")
@click.option("--remark", "remarks", multiple=True, help="A remark code beside the adjustment.")
@click.option("--status", default="", help="CLP02 of the claim payment.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def policy_command(
    adjustment: str, payers: tuple[str, ...], remarks: tuple[str, ...], status: str, as_json: bool
) -> None:
    """Say what the product's posting policy does to an ADJUSTMENT, such as CO-192, and which rows spoke.

    \b
    Example:
        cleanclaim remit policy CO-192 --payer 1999999999
    """
    group, dash, carc = adjustment.upper().partition("-")
    if not dash or not group or not carc:
        raise click.BadParameter("give group and reason code, such as CO-45", param_hint="ADJUSTMENT")
    found = resolve_rule(load_policy_book().rules, payers, group, carc, remarks, status)
    effect = str(found.rule.effect) if found.rule else "post"
    document = {
        "adjustment": adjustment.upper(),
        "effect": effect,
        "rule": found.rule.id if found.rule else None,
        "reason": found.rule.reason if found.rule else "no row speaks of it",
        "trace": msgspec.to_builtins(found.trace),
    }
    if as_json:
        click.echo(json.dumps(document, indent=1))
        return
    click.echo(f"{document['adjustment']}: {effect.replace('_', ' ')} ({document['reason']})")
    for step in found.trace:
        click.echo(f"    {'wins' if step.wins else 'loses':<6}{step.row_id}: {step.says}, {step.why}")


def announced(files: tuple[str, ...]) -> tuple[list[ExpectedPayment], list[str]]:
    """The payments that remittance files announce, and the names of files that cannot be read."""
    payments: list[ExpectedPayment] = []
    broken: list[str] = []
    for name in files:
        data = _bytes_of(name)
        index = read_x12(data, file=name) if data is not None else None
        if index is None or any(finding.severity.stops for finding in index.findings):
            broken.append(name)
            continue
        for transaction in index.transactions():
            if transaction.set_id != "835":
                continue
            one, _ = read_835(transaction)
            if one.paid_on is None:
                broken.append(name)
                continue
            key = f"{one.trace_number or 'no trace'} ({name} {one.control_number})"
            payments.append(
                ExpectedPayment(
                    key, one.paid_cents, one.paid_on, one.trace_number, one.method,
                    one.trace_payer_id or one.payer.id, one.payer.name,
                )
            )  # fmt: skip
    return payments, broken


@remit.command("deposits")
@click.argument("statement")
@click.argument("remittances", nargs=-1, required=True)
@click.option(
    "--on", "today", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day to judge lateness by."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def deposits_command(statement: str, remittances: tuple[str, ...], today: datetime, as_json: bool) -> None:
    """Match a bank STATEMENT (CSV, BAI2 or CAMT.053) with the payments of REMITTANCES (835 files).

    Exit code 1 when something needs a person, 2 when a file cannot be read.

    \b
    Example:
        cleanclaim remit deposits march.bai remits/*.835 --on 2026-04-01
    """
    data = _bytes_of(statement)
    if data is None:
        raise SystemExit(UNREADABLE)
    bank = read_statement(data, file=statement)
    for finding in bank.findings:
        click.echo(finding.text(), err=True)
    payments, broken = announced(remittances)
    for name in broken:
        click.echo(f"{name}: not a readable remittance", err=True)
    if broken or (not bank.lines and bank.findings):
        raise SystemExit(UNREADABLE)
    names = {payment.payer_name for payment in payments}
    found = match_deposits(bank.lines, payments, today=today.date(), payer_names=names)
    where = {line.key: f"line {line.position}" for line in bank.lines}
    click.echo(
        json.dumps(_deposits(found, where), indent=1) if as_json else "\n".join(_deposit_text(found, where))
    )
    raise SystemExit(STOPPED if any(one.needs_a_person for one in found.exceptions) else CLEAN)


def _deposits(found: Reconciliation, where: dict[str, str]) -> dict[str, Any]:
    return {
        "bank_cents": found.bank_cents,
        "announced_cents": found.announced_cents,
        "matched_cents": found.matched_cents,
        "unexplained_cents": found.unexplained_cents,
        "matches": [
            {
                "lines": [where[key] for key in one.lines],
                "payments": list(one.payments),
                "amount_cents": one.amount_cents,
                "kind": str(one.kind),
                "is_certain": one.is_certain,
                "why": one.why,
            }
            for one in found.matches
        ],
        "exceptions": [
            {
                "kind": str(one.kind),
                "line": where.get(one.line, ""),
                "payment": one.payment,
                "line_cents": one.line_cents,
                "payment_cents": one.payment_cents,
                "age_days": one.age_days,
                "why": one.why,
            }
            for one in found.exceptions
        ],
        "without_money": list(found.without_money),
    }


def _deposit_text(found: Reconciliation, where: dict[str, str]) -> list[str]:
    lines = [
        f"bank {dollars(found.bank_cents)}, announced {dollars(found.announced_cents)}, "
        f"matched {dollars(found.matched_cents)}, unexplained {dollars(found.unexplained_cents)}"
    ]
    for match in found.matches:
        places = ", ".join(where[key] for key in match.lines)
        sure = "" if match.is_certain else " (look once)"
        what = f"{places} = {', '.join(match.payments)}"
        lines.append(f"    {dollars(match.amount_cents):>14}  {what}: {match.why}{sure}")
    for one in found.exceptions:
        what = where.get(one.line) or one.payment
        cents = one.line_cents if one.line else one.payment_cents
        lines.append(f"    {dollars(cents):>14}  {what}: {str(one.kind).replace('_', ' ')}, {one.why}")
    return lines
