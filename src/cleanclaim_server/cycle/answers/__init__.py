"""TA1, 999, 277CA and 277: what each says of our batches and claims, kept for ever and acted on once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, OperationalError, transaction

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.ledger import LedgerError
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.cycle.answers.records import AnswerPart, Answers
from cleanclaim_server.cycle.answers.taking import NOT_OURS, Taking

__all__ = ["NOT_OURS", "PART_ERRORS", "AnswerPart", "part_failed", "take_answers"]

PART_ERRORS = (ValueError, KeyError, TypeError, LedgerError, DatabaseError)
"""What one part of a file may fail with; the rest of the file goes on."""


def part_failed(file: StoredFile, number: str, error: Exception) -> Finding:
    """What is told of a part that could not be taken in."""
    return Finding(
        "cycle.part_failed",
        Severity.STOP,
        f"Transaction {number} could not be taken in ({type(error).__name__}); nothing of it was kept.",
        Where(file=file.name, transaction=number),
        remedy="The file is kept. Report this with the name of the file.",
    )


def take_answers(parts: Sequence[AnswerPart], *, agency_id: UUID, now: datetime) -> None:
    """Take the answers of one file or of a whole pick-up, in order, with a handful of statements.

    Should the database refuse anything, every part is taken alone in a savepoint of its own, so that what
    fails is told and undone and the rest goes on.
    """
    if not parts:
        return
    try:
        with transaction.atomic():
            Taking(parts, agency_id, now).run()
    except OperationalError:  # a deadlock or a lost connection is not the file's fault: the job comes again
        raise
    except PART_ERRORS as error:
        for part in parts:
            part.done = Answers()
        if len(parts) == 1:
            parts[0].done.findings.append(part_failed(parts[0].file, number_of(parts[0]), error))
            return
        for part in parts:
            take_answers([part], agency_id=agency_id, now=now)


def number_of(part: AnswerPart) -> str:
    return part.transaction or "TA1"
