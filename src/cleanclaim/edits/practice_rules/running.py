"""Running rules over claims: repairs first, then what is to be said of the repaired claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from cleanclaim.claim import Claim
from cleanclaim.edits.practice_rules import model
from cleanclaim.edits.practice_rules.actions import SETTABLE
from cleanclaim.edits.practice_rules.compiling import MOST_MODIFIERS, CompiledRule, View
from cleanclaim.edits.practice_rules.model import REPAIRS, Change, Judged, PracticeRule, RuleInvalid
from cleanclaim.edits.practice_rules.sentence import sentence
from cleanclaim.findings import Finding, Severity, Source
from cleanclaim.frames import frames_from_claims

ROUNDS = 3
_POLICY = (Source("cleanclaim_policy", "rules of the practice"),)
_SEVERITY = {model.STOP: Severity.STOP, model.ASK: Severity.OVERRIDE, model.WARN: Severity.TELL}

Keyed = tuple[str, PracticeRule]
"""A rule with the caller's key; findings are called ``practice_rules.<key>``."""


def judge_claims(claims: Sequence[Claim], rules: Sequence[Keyed], *, today: date) -> list[Judged]:
    """Apply rules to claims that have not left.

    Repairs run first, all of a round on the same claims, until nothing changes any more. Rules that undo each
    other, or set one field to two values, repair nothing: the claim asks for a person. A rule that cannot be
    understood asks for a person on every claim; it is never passed over in silence. The other rules look at
    the repaired claims.

    Args:
        claims: Claims of one practice; never ones that were sent.
        rules: The practice's rules in force, in order.
        today: The day of the check.

    Returns:
        One per claim, in order.
    """
    if not rules or not claims:
        return [Judged(claim) for claim in claims]
    compiled, unread = _compile(rules)
    repaired, changes, troubles = _repair(claims, [one for one in compiled if _repairs(one)], today)
    said: list[list[Finding]] = [list(unread) for _ in claims]
    routes, holds = [""] * len(claims), [""] * len(claims)
    for row, mine in enumerate(changes):
        said[row] += [repair_finding(change) for change in mine]
    for row, finding in troubles:
        said[row].append(finding)
    view = View(frames_from_claims(repaired), today)
    for key, rule in compiled:
        if _repairs((key, rule)):
            continue
        for row, line in rule.fired(view).iter_rows():
            _say(key, rule.rule, row, line, repaired, today, said, routes, holds)
    return [
        Judged(
            claim=claim,
            changes=tuple(changes[row]),
            findings=tuple(
                msgspec.structs.replace(finding, subject_id=claim.claim_number)
                for finding in _distinct(said[row])
            ),
            route_to=routes[row],
            held_until=holds[row],
        )
        for row, claim in enumerate(repaired)
    ]


def _distinct(findings: list[Finding]) -> list[Finding]:
    """Findings without repeats; they hold dictionaries, so compare as JSON."""
    seen: dict[bytes, Finding] = {}
    for finding in findings:
        seen.setdefault(msgspec.json.encode(finding), finding)
    return list(seen.values())


def _compile(rules: Sequence[Keyed]) -> tuple[list[tuple[str, CompiledRule]], list[Finding]]:
    compiled, unread = [], []
    for key, rule in rules:
        try:
            compiled.append((key, CompiledRule(rule)))
        except RuleInvalid as error:
            unread.append(unreadable(key, str(error)))
    return compiled, unread


def unreadable(key: str, why: str) -> Finding:
    """What a claim says when a rule in force cannot be understood."""
    return Finding(
        code=f"practice_rules.{key}.unreadable",
        severity=Severity.OVERRIDE,
        message=f"Rule {key} cannot be understood, so it is not known what it would do here. {why}",
        remedy="Correct the rule or turn it off; then check the claims again.",
        sources=_POLICY,
    )


def _repairs(keyed: tuple[str, CompiledRule]) -> bool:
    return keyed[1].rule.action.kind in REPAIRS


Wishes = dict[tuple[int, int, str], dict[str, str]]
"""(claim row, line, field) -> wanted value -> rule key."""


def _repair(
    claims: Sequence[Claim], repairs: list[tuple[str, CompiledRule]], today: date
) -> tuple[list[Claim], list[list[Change]], list[tuple[int, Finding]]]:
    now = list(claims)
    changes: list[list[Change]] = [[] for _ in claims]
    troubles: list[tuple[int, Finding]] = []
    spoiled: set[int] = set()
    for _ in range(ROUNDS if repairs else 0):
        view = View(frames_from_claims(now), today)
        wishes: Wishes = {}
        for key, rule in repairs:
            action = rule.rule.action
            field = action.field if action.kind == model.SET else f"modifier {action.value}"
            for row, line in rule.changing(view).iter_rows():
                if row not in spoiled:
                    place = (row, (line or 0) if rule.acts_on_line else 0, field)
                    wishes.setdefault(place, {}).setdefault(action.value, key)
        if not wishes:
            return now, changes, troubles
        for (row, line, field), wanted in sorted(wishes.items()):
            if len(wanted) > 1:
                spoiled.add(row)
                troubles.append((row, _disagree(field, sorted(wanted.values()))))
                continue
            value, key = next(iter(wanted.items()))
            now[row], change = _apply(now[row], key, field, value, line)
            if change is not None:
                changes[row].append(change)
        for row in spoiled:
            now[row], changes[row] = claims[row], []
    for row in {row for row, mine in enumerate(changes) if mine and _unsettled(now[row], repairs, today)}:
        keys = sorted({change.rule_key for change in changes[row]})
        now[row], changes[row] = claims[row], []
        troubles.append((row, _disagree("the claim", keys)))
    return now, changes, troubles


def _unsettled(claim: Claim, repairs: list[tuple[str, CompiledRule]], today: date) -> bool:
    view = View(frames_from_claims([claim]), today)
    return any(rule.changing(view).height for _, rule in repairs)


def _apply(claim: Claim, key: str, field: str, value: str, line_number: int) -> tuple[Claim, Change | None]:
    """One repair on one claim. Frozen values: a new claim comes back, the old one is untouched."""
    if field.startswith("modifier "):
        line = next(line for line in claim.lines if line.number == line_number)
        if value in line.modifiers or len(line.modifiers) >= MOST_MODIFIERS:
            return claim, None
        after = (*line.modifiers, value)
        lines = tuple(
            msgspec.structs.replace(one, modifiers=after) if one.number == line_number else one
            for one in claim.lines
        )
        change = Change(key, "modifiers", " ".join(line.modifiers), " ".join(after), line_number)
        return msgspec.structs.replace(claim, lines=lines), change
    if field == "line_note":
        line = next(line for line in claim.lines if line.number == line_number)
        lines = tuple(
            msgspec.structs.replace(one, note=value) if one.number == line_number else one
            for one in claim.lines
        )
        return msgspec.structs.replace(claim, lines=lines), Change(key, field, line.note, value, line_number)
    needs_person = SETTABLE[field].needs_person
    if field == "claim_filing_code":
        before = claim.payer.claim_filing_code
        payer = msgspec.structs.replace(claim.payer, claim_filing_code=value)
        return msgspec.structs.replace(claim, payer=payer), Change(key, field, before, value, 0, needs_person)
    before = str(getattr(claim, field))
    return msgspec.structs.replace(claim, **{field: value}), Change(
        key, field, before, value, 0, needs_person
    )


def repair_finding(change: Change) -> Finding:
    """What a claim says of a repair: the diff, and whose rule it was."""
    what = "modifiers" if change.field == "modifiers" else SETTABLE[change.field].label
    where = f"Line {change.line_number}: " if change.line_number else ""
    person = " This may change the payment, so a named person confirms it." if change.needs_person else ""
    return Finding(
        code=f"practice_rules.{change.rule_key}",
        severity=Severity.OVERRIDE if change.needs_person else Severity.TELL,
        message=f"{where}{what} changed from {change.before or 'none'} to {change.after or 'none'} "
        f"by rule {change.rule_key}.{person}",
        facts={
            "field": change.field,
            "before": change.before,
            "after": change.after,
            "line_number": change.line_number,
        },
        remedy="Turn the rule off, or correct the claim, if this is not right.",
        sources=_POLICY,
    )


def _disagree(field: str, keys: list[str]) -> Finding:
    named = " and ".join(keys)
    return Finding(
        code=f"practice_rules.{keys[0]}.disagree",
        severity=Severity.OVERRIDE,
        message=f"Rules {named} want different things for {field.replace('_', ' ')}; nothing was changed.",
        remedy="Change one of the rules; then check the claim again.",
        sources=_POLICY,
    )


def _say(
    key: str,
    rule: PracticeRule,
    row: int,
    line: int | None,
    claims: Sequence[Claim],
    today: date,
    said: list[list[Finding]],
    routes: list[str],
    holds: list[str],
) -> None:
    action = rule.action
    facts = {"line": line, "line_number": line} if line else {}
    severity, message = _SEVERITY.get(action.kind, Severity.OVERRIDE), action.message or rule.name
    remedy = rule.reason or sentence(rule)
    if action.kind == model.ROUTE:
        routes[row] = action.role
        message = f"For the {action.role.replace('_', ' ')}: {message}"
        facts["route_to"] = action.role  # type: ignore[assignment]
    elif action.kind == model.HOLD_UNTIL:
        until = _held_until(rule, claims[row])
        if until is None or until <= today:
            return
        holds[row] = max(holds[row], until.isoformat())
        message = f"Held until {until.isoformat()}: {message}"
        facts["until"] = until.isoformat()  # type: ignore[assignment]
    said[row].append(
        Finding(
            code=f"practice_rules.{key}",
            severity=severity,
            message=message if message.endswith((".", "!", "?")) else message + ".",
            facts=facts,
            remedy=remedy,
            sources=_POLICY,
        )
    )


def _held_until(rule: PracticeRule, claim: Claim) -> date | None:
    if rule.action.until:
        return date.fromisoformat(rule.action.until)
    days = [line.date_of_service_end or line.date_of_service for line in claim.lines]
    if not days or rule.action.days_after_service is None:
        return None
    return max(days) + timedelta(days=rule.action.days_after_service)
