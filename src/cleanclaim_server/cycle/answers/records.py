"""What an answer is while it is taken in: the part of a file, what became of it, one word on one claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from cleanclaim.findings import Finding
from cleanclaim.x12.sets.records import GroupAck, InterchangeAck, StatusReport
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.models import StoredFile


@dataclass
class Answers:
    """What one part of a file did."""

    claims: int = 0
    rejected: int = 0
    batches: int = 0
    practices: set[UUID] = field(default_factory=set)
    """Whose claims and batches it is about."""
    findings: list[Finding] = field(default_factory=list)


@dataclass
class AnswerPart:
    """One TA1, 999, 277CA or 277 of a kept file. `done` says afterwards what became of it."""

    file: StoredFile
    content: InterchangeAck | GroupAck | StatusReport
    transaction: str = ""
    done: Answers = field(default_factory=Answers)


@dataclass(frozen=True)
class Word:
    """One answer about one claim."""

    claim: Claim
    result: str
    codes: str
    meaning: str
    on: date | None
    position: int = 0
    payer_control_number: str = ""
    batch_id: UUID | None = None
