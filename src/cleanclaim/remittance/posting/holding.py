"""Which lines policy keeps from posting, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cleanclaim.remittance.policies import RuleTable
from cleanclaim.remittance.policy import Automation, Effect, PostingPolicy
from cleanclaim.remittance.posting.adjustments import REVERSAL, Ruling, needs_a_person
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine

Ruled = tuple[int, Cas, tuple[str, ...], Ruling]
"""Line number (0 = claim level), adjustment, remarks, ruling."""


def is_downcoded(line: RemitLine, policy: PostingPolicy) -> bool:
    """Whether the payer adjudicated another code than we sent, other than by bundling."""
    return (
        bool(line.submitted_code)
        and line.submitted_code != line.code
        and not any(item.reason in policy.bundling for item in line.adjustments)
    )


class Hold(NamedTuple):
    """Why a line waits."""

    reason: str
    rule_id: str = ""


class Look(NamedTuple):
    """Why somebody should look at a line that posts."""

    line: int
    carc: str
    reason: str
    rule_id: str
    position: int


def held_lines(
    claim: RemitClaim, ruled: list[Ruled], rules: RuleTable, policy: PostingPolicy
) -> tuple[dict[int, Hold], list[Look]]:
    """Decide what waits.

    Returns:
        Line number -> why it waits, where 0 means the whole CLP; and what posts but should be looked at.
    """
    if policy.automation is Automation.OFF:
        return {0: Hold("automatic posting is off")}, []
    careful = policy.automation is Automation.SAFE_LINES
    if not careful and not rules.is_general and not any(item[1].reason in rules.codes for item in ruled):
        return {}, []
    if careful and claim.status == REVERSAL and not _may_reverse(rules):
        return {0: Hold("a reversal needs a person")}, []
    held: dict[int, Hold] = {}
    looks: list[Look] = []
    if careful:
        for number, line in enumerate(claim.lines, start=1):
            if is_downcoded(line, policy):
                held[number] = Hold("the payer changed the code")
    for number, group, carc, remarks, ruling, position in _questions(claim, ruled):
        rule = rules.find(group, carc, remarks, claim.status)
        if rule is None:
            if careful and ruling is not None and needs_a_person(ruling):
                held.setdefault(number, Hold(f"{group}-{carc} needs a decision"))
        elif rule.effect is Effect.HOLD:
            held.setdefault(number, Hold(rule.reason, rule.id))
        elif rule.effect is Effect.POST_AND_QUEUE:
            code = f"{group}-{carc}" if carc else ""
            looks.append(Look(number, code, rule.reason, rule.id, position))
    if 0 in held:
        return held, []
    return held, [look for look in looks if look.line not in held]


def _may_reverse(rules: RuleTable) -> bool:
    """A rule that names reversals and lets them post."""
    rule = rules.find("", "", (), REVERSAL)
    return rule is not None and rule.status == REVERSAL and rule.effect is not Effect.HOLD


def _questions(
    claim: RemitClaim, ruled: list[Ruled]
) -> Iterator[tuple[int, str, str, tuple[str, ...], Ruling | None, int]]:
    """Every adjustment; and each line, or claim, that has none, with empty codes."""
    for number, cas, remarks, ruling in ruled:
        yield number, cas.group, cas.reason, remarks, ruling, cas.position
    spoken = {number for number, *_ in ruled}
    for number, line in enumerate(claim.lines, start=1):
        if number not in spoken:
            yield number, "", "", line.remarks + claim.remarks, None, line.position
    if not claim.lines and 0 not in spoken:
        yield 0, "", "", claim.remarks, None, claim.position
