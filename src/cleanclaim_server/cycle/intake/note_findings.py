"""What the last audit of a session's note says of its claims, beside what the edits say."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.coding.notes import requirements
from cleanclaim.findings import Finding, Severity, Source
from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.encounters.models import NoteReading
from cleanclaim_server.encounters.note_policy import Holds, note_policy
from cleanclaim_server.tenancy.bulk import chunks

WAITING = (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY)
Group = tuple[Masters, Sequence[Claim], Sequence[ClaimValue]]


def note_findings(groups: Sequence[Group]) -> dict[UUID, tuple[Finding, ...]]:
    """Findings of notes that hold claims, by claim: of the newest audit, by each practice's policy.

    Only claims to the first payer that have never left. Every one may be overridden by a named person: the
    audit reads words, and a note may say the thing in others.
    """
    found: dict[UUID, tuple[Finding, ...]] = {}
    for masters, claims, _ in groups:
        policy = note_policy(masters.practice)
        if policy.holds is Holds.NOTHING:
            continue
        by_family: dict[UUID, list[Claim]] = {}
        for claim in claims:
            if claim.sequence == "P" and claim.first_sent_at is None and claim.lifecycle in WAITING:
                by_family.setdefault(claim.family_id, []).append(claim)
        for ids in chunks(list(by_family)):
            newest = _newest(masters.practice.pk, ids)
            for family_id, rows in newest.items():
                holding = [row for row in rows if row["severity"] in policy.holds.severities]
                for claim in by_family[family_id]:
                    found[claim.pk] = tuple(_finding(row, claim.claim_number) for row in holding)
    return found


def _newest(practice_id: UUID, family_ids: Sequence[UUID]) -> dict[UUID, list[dict]]:
    """The findings of each family's last audit."""
    rows = NoteReading.objects.filter(practice_id=practice_id, encounter__claim_family__in=family_ids)
    return dict(rows.order_by("made_at", "id").values_list("encounter__claim_family", "findings"))


def _finding(row: dict, claim_number: str) -> Finding:
    requirement = requirements().get(row["code"])  # an earlier release may have had others
    sources = requirement.sources if requirement else ()
    return Finding(
        code=row["code"],
        severity=Severity.OVERRIDE,
        message=row["message"],
        subject_id=claim_number,
        remedy=row["remedy"],
        sources=tuple(Source(source.id, source.at) for source in sources),
    )
