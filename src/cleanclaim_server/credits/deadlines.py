"""Until when a payer's overpayment is to be returned, by the rule book, and how long a look may take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from cleanclaim.rules import RuleNotEncoded, deadline, load_rule_book, rule_context
from cleanclaim_server.credits.models import CreditDecision, DecisionKind


class ReturnBy(msgspec.Struct, frozen=True):
    """The clock of one overpayment. `on` is None when no rule sets a day; `why` says so."""

    on: date | None
    enforceable: bool = False
    counted_from: date | None = None
    why: str = ""
    sources: tuple[str, ...] = ()
    suspended_until: date | None = None
    """While related payments are looked at, and no longer than the rule allows."""


class _Rule(msgspec.Struct, frozen=True):
    days: int
    enforceable: bool
    suspension_days: int
    sources: tuple[str, ...]


def return_by(
    known_on: date,
    payer_kind: str,
    *,
    filing_code: str = "",
    state: str = "",
    decisions: Sequence[CreditDecision] = (),
    today: date,
) -> ReturnBy:
    """When this overpayment must be reported and returned.

    Args:
        known_on: The day from which the practice could know. An earlier *identified* decision counts instead.
        payer_kind: As `coverage.Payer.kind`.
        decisions: Those about the claim, in any order.

    Source:
        Rules `overpayment.return`: 42 CFR 401.305 and 422.326 (Medicare), section 1128J(d) (Medicaid).
    """
    named = [one.on for one in decisions if one.kind == DecisionKind.IDENTIFIED]
    start = min([known_on, *named])
    rule = _rule(payer_kind, filing_code, state, start)
    if rule is None:
        return ReturnBy(None, counted_from=start, why="The contract or the state decides; no day is encoded.")
    base, until, why = start, None, f"{rule.days} days after it was known."
    looked = sorted(one.on for one in decisions if one.kind == DecisionKind.INVESTIGATING)
    if looked and rule.suspension_days:
        limit = looked[0] + timedelta(days=rule.suspension_days)
        over = sorted(
            one.on for one in decisions if one.kind == DecisionKind.CONCLUDED and one.on >= looked[0]
        )
        base = max(start, min(over[0] if over else limit, limit))
        until = base if not over and today <= limit else None
        most = rule.suspension_days
        why = f"{rule.days} days after the look at related payments, which may last {most} days."
    return ReturnBy(base + timedelta(days=rule.days), rule.enforceable, start, why, rule.sources, until)


@lru_cache(maxsize=1024)
def _rule(payer_kind: str, filing_code: str, state: str, on: date) -> _Rule | None:
    program = rule_context(payer_kind=payer_kind, claim_filing_code=filing_code)["program"]
    if payer_kind == "medicare" and not program:
        program = "medicare_ffs"
    word = "medicare" if program in ("medicare_ffs", "medicare_advantage") else payer_kind
    try:
        found = deadline(
            "overpayment_return", payer_kind=word, program=program, state=state, on=on, rules=load_rule_book()
        )
    except (RuleNotEncoded, LookupError, ValueError):
        return None
    return _Rule(
        found.value,
        found.enforceable,
        int(found.details.get("suspension_days", 0)),
        tuple(f"{source.id} {source.at}".strip() for source in found.sources),
    )
