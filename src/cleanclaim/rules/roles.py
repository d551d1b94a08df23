"""Who does what for one coverage: pays the claim, authorizes the care, decides as a delegate.

The three can be three entities (in Connecticut the state's agent pays, an organisation for behavioral
health authorizes), and they change on a date: a claim for an older service still goes to the older payer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from cleanclaim.findings import Source
from cleanclaim.rules.book import RuleBook


class Roles(msgspec.Struct, frozen=True, omit_defaults=True):
    """Split roles on a date.

    Attributes:
        claims_payer: Who pays the claim.
        authorization_payer: Who authorizes; the claims payer unless the rule names another.
        delegate: Organisation that decides on behavioral health for it, '' for none.
        population: Whom the arrangement covers, in words.
    """

    claims_payer: str
    authorization_payer: str
    delegate: str
    population: str
    rule_id: str
    enforceable: bool
    sources: tuple[Source, ...]
    steps: tuple[str, ...]
    note: str = ""


def payer_roles(programme: str, context: Mapping[str, str], on: date, *, rules: RuleBook) -> Roles:
    """Who pays, authorizes and decides for a Medicaid programme's plan on a date of service.

    Args:
        programme: Topic word of the plan: see the rules under ``medicaid_program``.
        context: From `rule_context`; the state decides.

    Raises:
        RuleNotEncoded: The plan is not encoded for that date.
    """
    found = rules.resolve(f"medicaid_program.{programme}", context, on)
    payer = str(found.value)
    details = found.details
    return Roles(
        claims_payer=details.get("claims_payer", payer),
        authorization_payer=details.get("authorization_payer", details.get("claims_payer", payer)),
        delegate=details.get("delegate", ""),
        population=details.get("population", ""),
        rule_id=found.rule_id,
        enforceable=found.enforceable,
        sources=found.sources,
        steps=found.steps,
        note=found.note,
    )
