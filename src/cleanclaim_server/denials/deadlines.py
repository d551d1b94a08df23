"""Until when a denial can be answered by a corrected claim, from the rule book."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from cleanclaim.rules import RuleBook, RuleNotEncoded, rule_context, timely_filing_day
from cleanclaim_server.claims.models import Claim


class AnswerBy(NamedTuple):
    """A last day, whether the rule book can prove it, and which limit it is."""

    on: date | None
    enforceable: bool = False
    kind: str = ""


def answer_by(claim: Claim, denied_on: date, rules: RuleBook) -> AnswerBy:
    """The payer's limit for corrected claims; else the limit of the first filing, without force.

    A corrected claim that arrives inside the first filing limit is never late, so that date may be shown.
    It proves nothing about the payer's own limit for corrections or appeals: it is never enforceable.
    """
    payer = claim.payer
    found = _corrected(
        rules,
        payer.kind,
        payer.payer_id,
        claim.rule_state,
        payer.claim_filing_code,
        claim.date_of_service,
        denied_on,
    )
    if found is not None:
        return AnswerBy(found[0], found[1], "corrected_claim")
    if claim.filing_limit_on:
        return AnswerBy(claim.filing_limit_on, False, "timely_filing")
    return AnswerBy(None)


@lru_cache(maxsize=4096)
def _corrected(
    rules: RuleBook, kind: str, payer_id: str, state: str, filing_code: str, served_on: date, denied_on: date
) -> tuple[date, bool] | None:
    context = rule_context(payer_kind=kind, payer_id=payer_id, state=state, claim_filing_code=filing_code)
    dates = {
        "payment": denied_on,
        "primary_adjudication": denied_on,
        "denial": denied_on,
        "remittance": denied_on,
    }
    try:
        deadline = timely_filing_day(
            served_on, context, rules=rules, submission="corrected_claim", other_dates=dates
        )
    except (RuleNotEncoded, LookupError, ValueError):  # not encoded, no anchor, no calendar
        return None
    return deadline.day, deadline.enforceable
