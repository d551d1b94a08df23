"""Writes: a named person confirms a value that was not seen in its source, or takes that back."""

from __future__ import annotations

from datetime import date, datetime

from cleanclaim.rules import Rule, RuleValue, fingerprint, load_rule_book
from cleanclaim_server.audit.recording import record
from cleanclaim_server.identity.access import tenant_for
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.rulebook.models import Act, RuleConfirmation
from cleanclaim_server.rulebook.queries import book_of

LEAST_SOURCE = 10


class ConfirmationRefused(Exception):
    """A word that was not taken, with the reason for people."""


def may_confirm_for(user: User) -> bool:
    """Whether a person may speak for the agency: the right to write rules in every practice of it."""
    everyone = set(Practice.objects.filter(agency_id=user.agency_id).values_list("id", flat=True))
    return bool(everyone) and everyone <= tenant_for(user, DataClass.RULES, Access.FULL).practice_ids


def confirm_value(
    rule_id: str, starts: date, mark: str, *, source: str, read_on: date, acting_user: User,
    now: datetime, today: date,
) -> RuleConfirmation:  # fmt: skip
    """A person says that they read a value in a source; from now on it may stop claims of the agency.

    Args:
        mark: Fingerprint of the value that the person saw; another one refuses.
        source: The document and the place in it, a few words at least.
        read_on: The day of reading; not after today.

    Raises:
        ConfirmationRefused: Not for this person, no such value, it needs no confirmation, or what is given is
            incomplete.
    """
    rule, value = _value(rule_id, starts, mark, acting_user)
    if value.value is None:
        raise ConfirmationRefused("No value is encoded here: there is nothing to confirm.")
    if _standing(rule, starts, acting_user).confirmed is not None:
        raise ConfirmationRefused("This value is confirmed already.")
    if rule.is_enforceable(value):
        raise ConfirmationRefused("This value was seen in its source: it needs no confirmation.")
    text = _text(source, "Say in which document you read it, and where.")
    if read_on > today:
        raise ConfirmationRefused("The day of reading lies in the future.")
    return _write(rule, value, Act.CONFIRMED, text, read_on, acting_user, now)


def withdraw_value(
    rule_id: str, starts: date, mark: str, *, reason: str, acting_user: User, now: datetime, today: date
) -> RuleConfirmation:
    """Take a confirmation back: the value informs again and stops nothing.

    Raises:
        ConfirmationRefused: Not for this person, nothing stands, or no reason is given.
    """
    rule, value = _value(rule_id, starts, mark, acting_user)
    if _standing(rule, starts, acting_user).confirmed is None:
        raise ConfirmationRefused("Nobody has confirmed this value.")
    text = _text(reason, "Say in a few words why it is taken back.")
    return _write(rule, value, Act.WITHDRAWN, text, today, acting_user, now)


def _value(rule_id: str, starts: date, mark: str, user: User) -> tuple[Rule, RuleValue]:
    if not may_confirm_for(user):
        raise ConfirmationRefused("Rules are confirmed by those who write rules in every practice.")
    try:
        rule = load_rule_book().find(rule_id)
    except KeyError:
        raise ConfirmationRefused("There is no such rule in the book.") from None
    value = next((one for one in rule.values if one.starts == starts), None)
    if value is None or fingerprint(rule, value) != mark:
        raise ConfirmationRefused("The value was changed by a release meanwhile. Look at it again.")
    return rule, value


def _standing(rule: Rule, starts: date, user: User) -> RuleValue:
    values = book_of(user.agency_id).find(rule.id).values
    return next(one for one in values if one.starts == starts)


def _text(text: str, missing: str) -> str:
    text = " ".join(text.split())[:300]
    if len(text) < LEAST_SOURCE:
        raise ConfirmationRefused(missing)
    return text


def _write(
    rule: Rule, value: RuleValue, act: Act, source: str, read_on: date, user: User, now: datetime
) -> RuleConfirmation:
    row = RuleConfirmation.objects.create(
        agency_id=user.agency_id,
        rule_id=rule.id,
        fingerprint=fingerprint(rule, value),
        value_starts=value.starts,
        value_text=(str(value.value) if rule.unit == "text" else f"{value.value} {rule.unit}")[:200],
        act=act,
        source=source,
        read_on=read_on,
        made_at=now,
        made_by=user.pk,
        made_by_name=user.display_name,
    )
    record(
        f"rulebook.{act}", "rule", rule.id, agency_id=user.agency_id, actor=user.pk,
        value_starts=value.starts.isoformat(), read_on=read_on.isoformat(),
    )  # fmt: skip
    return row
