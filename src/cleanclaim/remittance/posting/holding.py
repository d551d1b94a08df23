"""Which lines policy keeps from posting, and why."""

from __future__ import annotations

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


def held_lines(
    claim: RemitClaim, ruled: list[Ruled], payer_ids: tuple[str, ...], policy: PostingPolicy
) -> tuple[dict[int, str], list[str]]:
    """Decide what waits.

    Returns:
        Line number -> reason, where 0 means the whole CLP; and the reasons of rules that post and queue.
    """
    if policy.automation is Automation.OFF:
        return {0: "automatic posting is off"}, []
    if policy.automation is Automation.ALL and not policy.rules:
        return {}, []
    held: dict[int, str] = {}
    queued: list[str] = []
    careful = policy.automation is Automation.SAFE_LINES
    if careful and claim.status == REVERSAL:
        return {0: "a reversal needs a person"}, []
    if careful:
        for number, line in enumerate(claim.lines, start=1):
            if is_downcoded(line, policy):
                held[number] = "the payer changed the code"
    for number, cas, remarks, ruling in ruled:
        rule = next(
            (rule for rule in policy.rules if rule.fits(payer_ids, cas.group, cas.reason, remarks)), None
        )
        if rule is None:
            if careful and needs_a_person(ruling):
                held.setdefault(number, f"{cas.group}-{cas.reason} needs a decision")
        elif rule.effect is Effect.HOLD:
            held.setdefault(number, rule.reason)
        elif rule.effect is Effect.POST_AND_QUEUE:
            queued.append(rule.reason)
    return held, queued
