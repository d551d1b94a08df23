"""The rules of a practice on claims that have not left: repairs before the edits run, words beside theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import Frequency
from cleanclaim.edits.practice_rules import (
    Change,
    Judged,
    PracticeRule,
    RuleInvalid,
    judge_claims,
    read_rule,
    repair_finding,
    unreadable,
)
from cleanclaim.findings import Finding
from cleanclaim_server.claimrules.models import RuleRepair, RuleVersion
from cleanclaim_server.claimrules.queries import versions_in_force
from cleanclaim_server.claims.codes import ActorKind, EventKind, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimLine
from cleanclaim_server.cycle.intake.building import freeze
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.tenancy.bulk import chunks, create_rows

WAITING = (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY)
Group = tuple[Masters, Sequence[Claim], Sequence[ClaimValue]]


@dataclass
class Ruled:
    """What the rules did: the groups with repaired values, and by claim what to say and who is to look."""

    groups: list[Group]
    findings: dict[UUID, tuple[Finding, ...]] = field(default_factory=dict)
    owners: dict[UUID, str] = field(default_factory=dict)

    def said(self, claim: Claim) -> tuple[Finding, ...]:
        """The findings of the rules for one claim."""
        return self.findings.get(claim.pk, ())

    def owner(self, claim: Claim) -> str:
        """The role that is to look at it: the one a rule names, else the biller."""
        return self.owners.get(claim.pk, "biller")


def apply_rules(groups: Sequence[Group], *, now: datetime, today: date, new: bool = False) -> Ruled:
    """Run the rules in force over claims, and write the repairs with their diff.

    A claim that was ever sent is left alone. What a repair changed stays told at every later check, as long
    as the claim still has it.

    Args:
        groups: Masters, claims and their values, by practice.
        new: The claims were built in this transaction.
    """
    in_force = versions_in_force([masters.practice.pk for masters, _, _ in groups])
    if not in_force:
        return Ruled(list(groups))
    ruled = Ruled([])
    for masters, claims, values in groups:
        versions = {version.key: version for version in in_force.get(masters.practice.pk, ())}
        if not versions:
            ruled.groups.append((masters, claims, values))
            continue
        rules, broken = _read(versions)
        # A void leaves as the claim was paid: a rule that changed it would void something else.
        open_rows = [
            row for row, claim in enumerate(claims) if is_open(claim) and claim.frequency != Frequency.VOID
        ]
        judged = judge_claims([values[row] for row in open_rows], rules, today=today)
        earlier = {} if new else _repairs_of([claims[row] for row in open_rows])
        after = list(values)
        written: list[tuple[Claim, Judged]] = []
        for row, mine in zip(open_rows, judged, strict=True):
            claim = claims[row]
            after[row] = mine.claim
            ruled.findings[claim.pk] = (
                *broken,
                *_still_so(earlier.get(claim.pk, ()), mine),
                *mine.findings,
            )
            if mine.route_to:
                ruled.owners[claim.pk] = mine.route_to
            if mine.changes:
                written.append((claim, mine))
        _write(written, versions, now)
        ruled.groups.append((masters, claims, after))
    return ruled


def is_open(claim: Claim) -> bool:
    """Whether rules may touch a claim: it waits with us and has never left."""
    return claim.first_sent_at is None and claim.lifecycle in WAITING


def _read(versions: dict[str, RuleVersion]) -> tuple[list[tuple[str, PracticeRule]], tuple[Finding, ...]]:
    """Rules to run, and a finding for each that this release cannot understand."""
    rules, broken = [], []
    for key, version in versions.items():
        try:
            rules.append((key, read_rule(version.document)))
        except RuleInvalid as error:
            broken.append(unreadable(key, str(error)))
    return rules, tuple(broken)


def _repairs_of(claims: Sequence[Claim]) -> dict[UUID, list[RuleRepair]]:
    found: dict[UUID, list[RuleRepair]] = {}
    for ids in chunks([claim.pk for claim in claims]):
        rows = RuleRepair.objects.filter(claim_id__in=ids).select_related("version__rule")
        for row in rows.order_by("made_at", "id"):
            found.setdefault(row.claim_id, []).append(row)
    return found


def _still_so(repairs: Sequence[RuleRepair], judged: Judged) -> list[Finding]:
    """Notices of earlier repairs whose result still stands on the claim."""
    told = {(change.field, change.line_number): change for change in judged.changes}
    newest = {(repair.field, repair.line_number): repair for repair in repairs}
    return [
        msgspec.structs.replace(
            repair_finding(
                Change(
                    repair.version.key,
                    repair.field,
                    repair.before,
                    repair.after,
                    repair.line_number,
                    repair.needs_person,
                )
            ),
            subject_id=judged.claim.claim_number,
        )
        for place, repair in newest.items()
        if place not in told and _now(judged.claim, *place) == repair.after
    ]


def _now(value: ClaimValue, name: str, line_number: int) -> str:
    """A field of the claim as repairs write it."""
    if line_number:
        line = next((line for line in value.lines if line.number == line_number), None)
        if line is None:
            return ""
        return " ".join(line.modifiers) if name == "modifiers" else line.note
    return value.payer.claim_filing_code if name == "claim_filing_code" else str(getattr(value, name))


def _write(written: Sequence[tuple[Claim, Judged]], versions: dict[str, RuleVersion], now: datetime) -> None:
    """Freeze repaired claims anew, keep the diffs, and tell them on the timeline."""
    repairs, events = [], []
    for claim, judged in written:
        freeze(claim, judged.claim)
        claim.save(update_fields=["frozen", "frozen_hash", "place_of_service"])
        for line in judged.claim.lines:
            if any(change.line_number == line.number for change in judged.changes):
                ClaimLine.objects.filter(
                    practice_id=claim.practice_id, claim_id=claim.pk, number=line.number
                ).update(modifiers=" ".join(line.modifiers))
        for change in judged.changes:
            version = versions[change.rule_key]
            repairs.append(
                RuleRepair(
                    practice_id=claim.practice_id,
                    version=version,
                    claim=claim,
                    field=change.field,
                    line_number=change.line_number,
                    before=change.before[:80],
                    after=change.after[:80],
                    needs_person=change.needs_person,
                    made_at=now,
                )
            )
            where = f"line {change.line_number}, " if change.line_number else ""
            what = change.field.replace("_", " ")
            events.append(
                ClaimEvent(
                    practice_id=claim.practice_id,
                    claim=claim,
                    kind=EventKind.EDITED,
                    actor_kind=ActorKind.RULE,
                    happened_at=now,
                    title=f"Rule {version.rule.number}: {version.name}"[:160],
                    detail=f"{where}{what}: {change.before or 'none'} → {change.after or 'none'}"[:400],
                )
            )
    create_rows(RuleRepair, repairs)
    create_rows(ClaimEvent, events)
