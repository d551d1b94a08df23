"""What of ours the answers of a file name: batches and claims, read once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from cleanclaim.x12.sets.records import ClaimStatus, GroupAck, InterchangeAck, StatusReport
from cleanclaim_server.claims.models import Batch, BatchClaim, Claim
from cleanclaim_server.cycle.answers.records import AnswerPart
from cleanclaim_server.cycle.answers.words import spellings
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.work.bulk import chunks


class Known:
    """Our batches and claims that the answers name, read once; a claim is one object for all parts."""

    def __init__(self, parts: Sequence[AnswerPart], agency_id: UUID) -> None:
        practices = Practice.objects.filter(agency_id=agency_id).values_list("pk", "agency__timezone")
        self.practices = [key for key, _ in practices]
        self.zone = ZoneInfo(next((zone for _, zone in practices), "UTC"))
        self.claims: dict[UUID, Claim] = {}
        self.by_number: dict[str, Claim] = {}
        self.by_control: dict[str, Claim] = {}
        self.live: dict[UUID, dict[UUID, Claim]] = {}
        self.batches = self._read_batches(parts)
        self._read_claims([one.content for one in parts if isinstance(one.content, StatusReport)])

    def _read_batches(self, parts: Sequence[AnswerPart]) -> list[Batch]:
        interchanges, groups, references = set(), set(), set()
        for part in parts:
            if isinstance(part.content, InterchangeAck):
                interchanges.update(spellings(part.content.interchange_control_number))
            elif isinstance(part.content, GroupAck):
                groups.update(spellings(part.content.group_control_number))
            elif part.content.batch_reference:
                references.add(part.content.batch_reference)
        found: dict[UUID, Batch] = {}
        for name, values in (
            ("interchange_control_number", interchanges),
            ("group_control_number", groups),
            ("reference", references),
        ):
            for some in chunks(sorted(values)):
                rows = Batch.objects.filter(practice_id__in=self.practices, **{f"{name}__in": some})
                found.update({row.pk: row for row in rows.select_related("transfer")})
        return sorted(found.values(), key=lambda row: (row.created_at, row.pk))

    def _read_claims(self, reports: Sequence[StatusReport]) -> None:
        named = [one for report in reports for one in report.statuses if one.level == "claim"]
        controls = {one.payer_control_number.strip() for one in named if not one.claim_number.strip()} - {""}
        numbers = {one.claim_number.strip().upper() for one in named} - {""}
        rows = Claim.objects.filter(practice_id__in=self.practices).defer("frozen")
        for some in chunks(sorted(controls)):
            for claim in rows.filter(payer_control_number__in=some).order_by("id"):
                self.by_control[claim.payer_control_number] = self._one(claim)
        for some in chunks(sorted(numbers)):
            for claim in rows.filter(claim_number__in=some).order_by("id"):
                self.by_number[claim.claim_number] = self._one(claim)

    def _one(self, claim: Claim) -> Claim:
        return self.claims.setdefault(claim.pk, claim)

    def named(self, one: ClaimStatus) -> Claim | None:
        """The claim of ours that a status is about."""
        number = one.claim_number.strip().upper()
        return self.by_number.get(number) if number else self.by_control.get(one.payer_control_number.strip())

    def members(self, batch: Batch, wanted: Sequence[Batch]) -> dict[UUID, Claim]:
        """The claims that left in a batch and were not taken back; read for all of `wanted` at once."""
        if batch.pk not in self.live:
            missing = [row.pk for row in wanted if row.pk not in self.live]
            self.live.update({key: {} for key in missing})
            for some in chunks(missing):
                rows = BatchClaim.objects.filter(batch_id__in=some, is_live=True).select_related("claim")
                for row in rows.defer("claim__frozen").order_by("batch_id", "position", "id"):
                    self.live[row.batch_id][row.claim_id] = self._one(row.claim)
        return self.live[batch.pk]

    def released(self, claims: Iterable[Claim]) -> None:
        """Forget claims that a rejection took out of their batches."""
        for claim in claims:
            for members in self.live.values():
                members.pop(claim.pk, None)
