"""Writes to rules: a new rule, a new version, on and off. Nothing is edited; each is a row more."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from django.db.models import Max

from cleanclaim.edits.practice_rules import PracticeRule, rule_hash, sentence
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claimrules.access import practices_to_write
from cleanclaim_server.claimrules.models import BillingRule, RuleState, RuleVersion
from cleanclaim_server.claimrules.replaying import summary, try_rule
from cleanclaim_server.identity.models import User
from cleanclaim_server.practice.models import Practice


class RuleRefused(Exception):
    """A rule that was not saved, with the reason for people."""


def save_rule(
    document: PracticeRule,
    practice: Practice,
    *,
    tried: str,
    acting_user: User,
    now: datetime,
    today: date,
    rule: BillingRule | None = None,
    based_on: int = 0,
) -> RuleVersion:
    """Save a rule, or a new version of one, after it was tried on the last 12 months.

    Args:
        document: The rule; already read, so inside the closed lists.
        tried: The hash of the rule as it was tried (`Replay.rule_hash`).
        rule: The rule that gets a version; None makes a new rule.
        based_on: The version that the author saw; another author's newer one refuses.

    Raises:
        RuleRefused: The person may not write rules there, the rule was changed after it was tried, or
            somebody else saved a version in between.
    """
    _may_write(acting_user, practice)
    if tried != rule_hash(document):
        raise RuleRefused("Try the rule on the last 12 months first: it was changed since it was tried.")
    replay, _ = try_rule(document, [practice.pk], today=today)
    if rule is None:
        last = BillingRule.objects.filter(practice=practice).aggregate(last=Max("number"))["last"] or 0
        rule = BillingRule.objects.create(
            practice=practice, number=last + 1, created_at=now, created_by=acting_user.pk
        )
    elif _last(rule) != based_on:
        raise RuleRefused("Somebody saved this rule in the meantime. Look at their version first.")
    return _version(rule, document, RuleState.ON, summary(replay), acting_user, now)


def switch_rule(rule: BillingRule, state: RuleState, *, acting_user: User, now: datetime) -> RuleVersion:
    """Turn a rule on or off: a new version that says the same, so no new trial.

    Raises:
        RuleRefused: The person may not write rules there, or the rule is so already.
    """
    _may_write(acting_user, rule.practice)
    newest = RuleVersion.objects.filter(rule=rule, practice_id=rule.practice_id).order_by("-number").first()
    if newest is None or newest.state == state:
        raise RuleRefused(f"The rule is {RuleState(state).label.lower()} already.")
    document = msgspec.convert(newest.document, type=PracticeRule)
    return _version(rule, document, state, newest.replay, acting_user, now)


def _may_write(user: User, practice: Practice) -> None:
    if practice.pk not in practices_to_write(user):
        raise RuleRefused("Rules of this practice are written by its billers and managers.")


def _last(rule: BillingRule) -> int:
    rows = RuleVersion.objects.filter(rule=rule, practice_id=rule.practice_id)
    return rows.aggregate(last=Max("number"))["last"] or 0


def _version(
    rule: BillingRule, document: PracticeRule, state: RuleState, replay: dict, user: User, now: datetime
) -> RuleVersion:
    version = RuleVersion.objects.create(
        practice_id=rule.practice_id,
        rule=rule,
        number=_last(rule) + 1,
        state=state,
        name=document.name,
        document=msgspec.to_builtins(document),
        sentence=sentence(document),
        replay=replay,
        made_at=now,
        made_by=user.pk,
        made_by_name=user.display_name,
    )
    record(
        "rule.saved",
        "billing_rule",
        rule.pk,
        practice_id=rule.practice_id,
        actor=user.pk,
        version=version.number,
        state=str(state),
    )
    return version
