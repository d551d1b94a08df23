"""Taking answers in order: every word is judged in memory, every row written at the end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.records import GroupAck, InterchangeAck, StatusReport, TransactionAck
from cleanclaim_server.claims.actions.states import StateChange, StateWriter
from cleanclaim_server.claims.codes import REJECTED, ActorKind, EventKind
from cleanclaim_server.claims.models import Acknowledgment, Batch, ClaimEvent
from cleanclaim_server.cycle.answers.known import Known
from cleanclaim_server.cycle.answers.records import AnswerPart, Word
from cleanclaim_server.cycle.answers.words import codes_of, meaning_of, result_of, spellings
from cleanclaim_server.cycle.restating import BY_CLEARINGHOUSE, BY_PAYER, state_of_acknowledgment
from cleanclaim_server.work.actions import NewItem, open_items
from cleanclaim_server.work.bulk import create_rows, update_rows
from cleanclaim_server.work.models import Queue

REJECTING = frozenset({"R", "M", "W", "X"})
"""IK501 and AK901 values by which a set is not taken."""
NOT_OURS = "cycle.answer_without_batch"
"""The finding of an answer about something that we did not send."""
TITLES = {
    "accepted": "Accepted", "errors": "Accepted with errors", "rejected": "Rejected", "pending": "Pending",
    "information": "Status",
}  # fmt: skip


class Taking:
    """Takes parts in order: every word is judged in memory, every row written at the end."""

    def __init__(self, parts: Sequence[AnswerPart], agency_id: UUID, now: datetime) -> None:
        self.parts, self.now = parts, now
        self.known = Known(parts, agency_id)
        self.today = now.astimezone(self.known.zone).date()
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
            open_items(practice_id, items, now=self.now, today=self.today)

    def _interchange_ack(self, part: AnswerPart, ack: InterchangeAck) -> None:
        """A TA1. A refused interchange brings every claim of it back to us."""
        numbers = spellings(ack.interchange_control_number)
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
        numbers = spellings(ack.group_control_number)
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
            result = result_of(one)
            if one.level != "claim":
                if result == "rejected" and batch is not None and not names_claims:
                    self._whole(
                        part, batch, kind, result, codes_of(one), meaning_of(one), one.position, sender
                    )
                continue
            claim = self.known.named(one)
            if claim is None:
                unknown += 1
                continue
            accepted, refused = accepted + (result == "accepted"), refused + (result == "rejected")
            below = [
                line for line in lines if line.claim_number == one.claim_number and result_of(line) == result
            ]
            meaning = " ".join(
                [meaning_of(one), *(f"{line.code}: {meaning_of(line)}" for line in below)]
            ).strip()
            mine = batch is not None and batch.practice_id == claim.practice_id
            words.append(
                Word(
                    claim, result, codes_of(one), meaning, one.effective_on or report.created_on,
                    one.position, one.payer_control_number, batch.pk if batch and mine else None,
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
                Word(claim, result, codes, meaning, self.today, position, batch_id=batch.pk)
                for claim in members
            ],
            kind,
            sender,
        )

    def _take(self, part: AnswerPart, words: Sequence[Word], kind: str, sender: str) -> None:
        actor = ActorKind.PAYER if sender.startswith(BY_PAYER) else ActorKind.CLEARINGHOUSE
        name = sender.partition(": ")[2]
        changed: dict[UUID, Word] = {}
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

    def _ask(self, part: AnswerPart, changed: dict[UUID, Word]) -> None:
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
