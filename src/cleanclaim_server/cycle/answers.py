"""TA1, 999, 277CA and 277: what each says of our batches and claims, kept for ever and acted on once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import DatabaseError, OperationalError, transaction

from cleanclaim.codesets.claim_status import category as status_category
from cleanclaim.codesets.claim_status import status as status_meaning
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.ledger import LedgerError
from cleanclaim.x12.sets.records import ClaimStatus, GroupAck, InterchangeAck, StatusReport, TransactionAck
from cleanclaim_server.claims.actions.states import StateChange, StateWriter
from cleanclaim_server.claims.codes import REJECTED, ActorKind, EventKind
from cleanclaim_server.claims.models import Acknowledgment, Batch, BatchClaim, Claim, ClaimEvent
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.cycle.restating import BY_CLEARINGHOUSE, BY_PAYER, state_of_acknowledgment
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.work.actions import NewItem, open_items
from cleanclaim_server.work.bulk import chunks, create_rows, update_rows
from cleanclaim_server.work.models import Queue

REJECTING = frozenset({"R", "M", "W", "X"})
"""IK501 and AK901 values by which a set is not taken."""
NOT_OURS = "cycle.answer_without_batch"
"""The finding of an answer about something that we did not send."""
REJECTING_CATEGORIES = frozenset({"A3", "A4", "A5", "A6", "A7", "A8"})
ACCEPTING_CATEGORIES = frozenset({"A1", "A2"})
PART_ERRORS = (ValueError, KeyError, TypeError, LedgerError, DatabaseError)
"""What one part of a file may fail with; the rest of the file goes on."""
TITLES = {
    "accepted": "Accepted", "errors": "Accepted with errors", "rejected": "Rejected", "pending": "Pending",
    "information": "Status",
}  # fmt: skip


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
            _Taking(parts, agency_id, now).run()
    except OperationalError:  # a deadlock or a lost connection is not the file's fault: the job comes again
        raise
    except PART_ERRORS as error:
        for part in parts:
            part.done = Answers()
        if len(parts) == 1:
            parts[0].done.findings.append(part_failed(parts[0].file, _number(parts[0]), error))
            return
        for part in parts:
            take_answers([part], agency_id=agency_id, now=now)


def _number(part: AnswerPart) -> str:
    return part.transaction or "TA1"


@dataclass(frozen=True)
class _Word:
    """One answer about one claim."""

    claim: Claim
    result: str
    codes: str
    meaning: str
    on: date | None
    position: int = 0
    payer_control_number: str = ""
    batch_id: UUID | None = None


class _Known:
    """Our batches and claims that the answers name, read once; a claim is one object for all parts."""

    def __init__(self, parts: Sequence[AnswerPart], agency_id: UUID) -> None:
        self.practices = list(Practice.objects.filter(agency_id=agency_id).values_list("pk", flat=True))
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
                interchanges.update(_spellings(part.content.interchange_control_number))
            elif isinstance(part.content, GroupAck):
                groups.update(_spellings(part.content.group_control_number))
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


class _Taking:
    """Takes parts in order: every word is judged in memory, every row written at the end."""

    def __init__(self, parts: Sequence[AnswerPart], agency_id: UUID, now: datetime) -> None:
        self.parts, self.now = parts, now
        self.known = _Known(parts, agency_id)
        self.states = StateWriter()
        self.acks: list[Acknowledgment] = []
        self.events: list[ClaimEvent] = []
        self.items: dict[UUID, list[NewItem]] = {}
        self.answered: dict[UUID, Batch] = {}

    def run(self) -> None:
        for part in self.parts:
            content = part.content
            if isinstance(content, InterchangeAck):
                self._interchange_ack(part, content)
            elif isinstance(content, GroupAck):
                self._group_ack(part, content)
            else:
                self._status_report(part, content)
        create_rows(Acknowledgment, self.acks)
        self.states.write()
        create_rows(ClaimEvent, self.events)
        fields = ("ta1_result", "ack_result", "acknowledged_at", "accepted_count", "rejected_count")
        update_rows(
            Batch,
            [(row.pk, *(getattr(row, name) for name in fields)) for row in self.answered.values()],
            fields,
        )
        for practice_id, items in self.items.items():
            open_items(practice_id, items, now=self.now, today=self.now.date())

    def _interchange_ack(self, part: AnswerPart, ack: InterchangeAck) -> None:
        """A TA1. A refused interchange brings every claim of it back to us."""
        numbers = _spellings(ack.interchange_control_number)
        batches = [row for row in self._batches(part) if row.interchange_control_number in numbers]
        if not self._found(part, batches, "TA1", "an interchange that we did not send"):
            return
        result = "rejected" if ack.result == "R" else "errors" if ack.result == "E" else "accepted"
        for batch in batches:
            batch.ta1_result = ack.result[:1]
            self.answered[batch.pk] = batch
            meaning = "The interchange was refused" if result == "rejected" else "The interchange was taken"
            if result == "rejected":
                self._whole(part, batch, "TA1", result, ack.code, meaning, ack.position)
            else:
                self._keep_batch(part, batch, "TA1", result, ack.code, meaning, ack.position)

    def _group_ack(self, part: AnswerPart, ack: GroupAck) -> None:
        """A 999: one answer for each transaction set, or for the whole group when it names none."""
        numbers = _spellings(ack.group_control_number)
        batches = {
            row.transaction_control_number.lstrip("0"): row
            for row in self._batches(part)
            if row.group_control_number in numbers
        }
        if not self._found(part, batches, "999", "a group that we did not send"):
            return
        answers = ack.transactions or tuple(
            TransactionAck("837", number, ack.guide, ack.result, ack.codes) for number in batches
        )
        for answer in answers:
            batch = batches.get(answer.control_number.lstrip("0"))
            if batch is None:
                self._note(part, "999", "a transaction that we did not send")
                continue
            self._set_ack(part, batch, answer)

    def _set_ack(self, part: AnswerPart, batch: Batch, answer: TransactionAck) -> None:
        refused = answer.result in REJECTING
        result = "rejected" if refused else "errors" if answer.result == "E" else "accepted"
        meaning = "The claims were refused as a file" if refused else "The file was taken"
        if answer.errors:
            first = answer.errors[0]
            meaning += f"; segment {first.segment_id} at place {first.position}"
            meaning += f", code {first.code}" if first.code else ""
        batch.ack_result, batch.acknowledged_at = answer.result[:1], self.now
        if refused:
            batch.rejected_count = batch.claims_count
        self.answered[batch.pk] = batch
        self._whole(part, batch, "999", result, ":".join(answer.codes), meaning, 0)

    def _status_report(self, part: AnswerPart, report: StatusReport) -> None:
        """A 277CA or a 277: one answer for each claim, or for the batch above them."""
        kind = "277" if report.guide.startswith("005010X212") else "277CA"
        sender = (BY_PAYER if report.source_kind == "PR" else BY_CLEARINGHOUSE) + report.source_name
        batch = next(
            (
                row
                for row in self._batches(part)
                if report.batch_reference and row.reference == report.batch_reference
            ),
            None,
        )
        words, accepted, refused, unknown = [], 0, 0, 0
        lines = [one for one in report.statuses if one.level == "line"]
        names_claims = any(one.level == "claim" for one in report.statuses)
        for one in report.statuses:
            if one.level == "line":
                continue
            result = _result(one)
            if one.level != "claim":
                if result == "rejected" and batch is not None and not names_claims:
                    self._whole(part, batch, kind, result, _codes(one), _meaning(one), one.position, sender)
                continue
            claim = self.known.named(one)
            if claim is None:
                unknown += 1
                continue
            accepted, refused = accepted + (result == "accepted"), refused + (result == "rejected")
            below = [
                line for line in lines if line.claim_number == one.claim_number and _result(line) == result
            ]
            meaning = " ".join([_meaning(one), *(f"{line.code}: {_meaning(line)}" for line in below)]).strip()
            mine = batch is not None and batch.practice_id == claim.practice_id
            words.append(
                _Word(
                    claim, result, _codes(one), meaning, one.effective_on or report.created_on, one.position,
                    one.payer_control_number, batch.pk if batch and mine else None,
                )
            )  # fmt: skip
        self._take(part, words, kind, sender)
        if batch is not None and kind == "277CA":
            batch.accepted_count, batch.rejected_count = accepted, refused
            self.answered[batch.pk] = batch
        if unknown:
            self._note(part, kind, f"{unknown} claims that are not ours")

    def _batches(self, part: AnswerPart) -> list[Batch]:
        """Batches that the sender of a file can answer: those that left through the same partner."""
        partner_id = part.file.partner_id
        return [
            row for row in self.known.batches if partner_id is None or row.transfer.partner_id == partner_id
        ]

    def _found(self, part: AnswerPart, batches: Collection, kind: str, what: str) -> bool:
        if not batches:
            self._note(part, kind, what)
        return bool(batches)

    @staticmethod
    def _note(part: AnswerPart, kind: str, what: str) -> None:
        part.done.findings.append(
            Finding(
                NOT_OURS,
                Severity.TELL,
                f"The {kind} answers {what}.",
                remedy="Nothing was changed. Ask the sender, when the file was meant for us.",
            )
        )

    def _keep_batch(
        self,
        part: AnswerPart,
        batch: Batch,
        kind: str,
        result: str,
        codes: str,
        meaning: str,
        position: int,
    ) -> None:
        part.done.batches += 1
        part.done.practices.add(batch.practice_id)
        self.acks.append(
            Acknowledgment(
                practice_id=batch.practice_id, batch_id=batch.pk, kind=kind, file_id=part.file.pk,
                transaction=part.transaction, position=position, result=result, codes=codes[:120],
                meaning=meaning[:400], sender=BY_CLEARINGHOUSE, received_at=self.now,
            )
        )  # fmt: skip

    def _whole(
        self,
        part: AnswerPart,
        batch: Batch,
        kind: str,
        result: str,
        codes: str,
        meaning: str,
        position: int,
        sender: str = BY_CLEARINGHOUSE,
    ) -> None:
        """One answer for every claim that left in a batch."""
        part.done.batches += 1
        part.done.practices.add(batch.practice_id)
        members = self.known.members(batch, self.known.batches).values()
        self._take(
            part,
            [
                _Word(claim, result, codes, meaning, self.now.date(), position, batch_id=batch.pk)
                for claim in members
            ],
            kind,
            sender,
        )

    def _take(self, part: AnswerPart, words: Sequence[_Word], kind: str, sender: str) -> None:
        actor = ActorKind.PAYER if sender.startswith(BY_PAYER) else ActorKind.CLEARINGHOUSE
        name = sender.partition(": ")[2]
        changed: dict[UUID, _Word] = {}
        for word in words:
            claim = word.claim
            self.acks.append(
                Acknowledgment(
                    practice_id=claim.practice_id, batch_id=word.batch_id, claim_id=claim.pk, kind=kind,
                    file_id=part.file.pk, transaction=part.transaction, position=word.position,
                    result=word.result, codes=word.codes[:120], meaning=word.meaning[:400],
                    sender=sender[:60],
                    payer_control_number=word.payer_control_number[:50], received_at=self.now,
                )
            )  # fmt: skip
            rejected = word.result == "rejected"
            event = (
                EventKind.REJECTED
                if rejected
                else EventKind.STATUS
                if kind == "277"
                else EventKind.ACKNOWLEDGED
            )
            self.events.append(
                ClaimEvent(
                    practice_id=claim.practice_id, claim_id=claim.pk, kind=event, actor_kind=actor,
                    actor_name=name[:80], happened_at=self.now, title=f"{TITLES[word.result]} ({kind})",
                    detail=word.meaning[:400], file_id=part.file.pk, transaction=part.transaction,
                    position=word.position,
                )
            )  # fmt: skip
            state = state_of_acknowledgment(kind, word.result, sender)
            if state is not None and self.states.take(
                StateChange(claim, state, word.on, self.now, word.payer_control_number, word.meaning)
            ):
                changed[claim.pk] = word
        part.done.claims += len(words)
        part.done.practices.update(word.claim.practice_id for word in words)
        self._ask(part, changed)

    def _ask(self, part: AnswerPart, changed: dict[UUID, _Word]) -> None:
        rejected = [word for word in changed.values() if word.claim.payer_state in REJECTED]
        part.done.rejected += len(rejected)
        self.known.released(word.claim for word in rejected)
        for word in rejected:
            claim = word.claim
            self.items.setdefault(claim.practice_id, []).append(
                NewItem(
                    Queue.REJECTED, "claim", claim.pk, "Rejected: fix and send again", claim_id=claim.pk,
                    patient_id=claim.patient_id, detail=word.meaning, amount_cents=claim.total_charge_cents,
                    due_on=claim.filing_limit_on, due_enforceable=claim.filing_limit_enforceable,
                    due_kind="timely_filing" if claim.filing_limit_on else "",
                )
            )  # fmt: skip


def _spellings(number: str) -> list[str]:
    """A control number as it may be written: as sent, without zeros, padded to nine."""
    bare = number.strip().lstrip("0")
    return sorted({number.strip(), bare, bare.rjust(9, "0"), bare.rjust(4, "0")} - {""})


def _result(one: ClaimStatus) -> str:
    categories = {info.category for info in one.statuses}
    if one.action == "U" or categories & REJECTING_CATEGORIES:
        return "rejected"
    if categories & ACCEPTING_CATEGORIES or one.action == "WQ":
        return "accepted"
    if any(code[:1] in "PR" for code in categories if code):
        return "pending"
    return "information"


def _codes(one: ClaimStatus) -> str:
    parts = (
        ":".join(part for part in (info.category, info.status, info.entity) if part) for info in one.statuses
    )
    return " ".join(parts)


def _meaning(one: ClaimStatus) -> str:
    """The codes in our words; the sender's free text is left out, since it may name a patient."""
    words: list[str] = []
    for info in one.statuses:
        for look_up, code in ((status_category, info.category), (status_meaning, info.status)):
            try:
                words.append(look_up(code).meaning.rstrip("."))
            except CodeNotKnown:
                words.append(f"code {code}") if code else None
    return "; ".join(dict.fromkeys(words))
