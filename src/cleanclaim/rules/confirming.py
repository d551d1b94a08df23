"""Values that a named person confirmed: a rule book that may stop claims by them.

What ships as *known* or *uncertain* informs and does not stop a claim. When a person has read the value in a
source, an agency's book takes it as good. A confirmation names exactly what was read: it holds for one dated
value of one rule, and no longer once a release changes what that value says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from cleanclaim.rules.book import RuleBook
from cleanclaim.rules.model import Confirmed, Rule, RuleValue

_ENCODER = msgspec.json.Encoder(order="deterministic")
_NOT_SAID = {"title", "values", "verified"}
_NOT_VALUE = {"sources", "confidence", "starts_basis", "note", "confirmed", "disputed"}


class Confirmation(msgspec.Struct, frozen=True):
    """One value confirmed: `fingerprint` is that of the value when it was read."""

    rule_id: str
    fingerprint: str
    confirmed: Confirmed


def fingerprint(rule: Rule, value: RuleValue) -> str:
    """What a value says, to whom and how it is counted, as a hash; wording, notes and sources do not count.

    Examples:
        >>> one = RuleValue(starts=__import__("datetime").date(2026, 1, 1), value=90)
        >>> rule = Rule("a.b", "A", "t", {"state": "TX"}, "date_of_service", "days", (one,))
        >>> fingerprint(rule, one) == fingerprint(rule, msgspec.structs.replace(one, note="read again"))
        True
    """
    said = {name: getattr(rule, name) for name in rule.__struct_fields__ if name not in _NOT_SAID}
    mine = {name: getattr(value, name) for name in value.__struct_fields__ if name not in _NOT_VALUE}
    return hashlib.sha256(_ENCODER.encode([said, mine])).hexdigest()


def may_confirm(rule: Rule, value: RuleValue) -> bool:
    """Whether a confirmation would change anything: a value is there and nothing vouches for it yet."""
    return value.value is not None and not rule.is_enforceable(value)


def with_confirmations(book: RuleBook, confirmations: Iterable[Confirmation]) -> RuleBook:
    """The book with what people confirmed. What no longer fits any value is left out, see `outdated`.

    Args:
        book: The book that ships.
        confirmations: Those that stand; of two for one value, the later of the sequence.
    """
    wanted = {(one.rule_id, one.fingerprint): one.confirmed for one in confirmations}
    if not wanted:
        return book
    named = {rule_id for rule_id, _ in wanted}
    return RuleBook(_confirmed(rule, wanted) if rule.id in named else rule for rule in book.rules)


def outdated(book: RuleBook, confirmations: Iterable[Confirmation]) -> tuple[Confirmation, ...]:
    """Confirmations whose value a release has changed or taken away: to be read again."""
    marks = {(rule.id, fingerprint(rule, value)) for rule in book.rules for value in rule.values}
    return tuple(one for one in confirmations if (one.rule_id, one.fingerprint) not in marks)


def _confirmed(rule: Rule, wanted: dict[tuple[str, str], Confirmed]) -> Rule:
    values = tuple(
        msgspec.structs.replace(value, confirmed=found)
        if value.value is not None and (found := wanted.get((rule.id, fingerprint(rule, value))))
        else value
        for value in rule.values
    )
    return msgspec.structs.replace(rule, values=values)
