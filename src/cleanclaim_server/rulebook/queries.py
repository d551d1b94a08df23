"""The rule book of an agency: the one that ships, with what its people confirmed."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from cleanclaim.rules import Confirmation, Confirmed, RuleBook, load_rule_book, with_confirmations
from cleanclaim_server.rulebook.models import Act, RuleConfirmation


def confirmations(agency_id: UUID) -> tuple[Confirmation, ...]:
    """What stands: the newest word for each value, where it is a confirmation; by rule and value."""
    newest: dict[tuple[str, str], tuple] = {}
    rows = RuleConfirmation.objects.filter(agency_id=agency_id).order_by("id")
    for row in rows.values_list("rule_id", "fingerprint", "act", "made_by_name", "read_on", "source"):
        newest[row[:2]] = row
    return tuple(
        Confirmation(rule_id, mark, Confirmed(by, on, source))
        for (rule_id, mark), (_, _, act, by, on, source) in sorted(newest.items())
        if act == Act.CONFIRMED
    )


def book_of(agency_id: UUID) -> RuleBook:
    """The rule book that holds for an agency. One query; books are kept by what was confirmed."""
    return _book(confirmations(agency_id))


@lru_cache(maxsize=32)
def _book(standing: tuple[Confirmation, ...]) -> RuleBook:
    return with_confirmations(load_rule_book(), standing)


def history(agency_id: UUID, rule_id: str) -> list[RuleConfirmation]:
    """Every word about a rule, newest first."""
    return list(RuleConfirmation.objects.filter(agency_id=agency_id, rule_id=rule_id).order_by("-id"))
