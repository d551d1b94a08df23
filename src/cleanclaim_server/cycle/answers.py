"""TA1, 999, 277CA and 277: what each says of our batches and claims, kept for ever and acted on once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from cleanclaim.codesets.claim_status import category as status_category
from cleanclaim.codesets.claim_status import status as status_meaning
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.records import ClaimStatus, GroupAck, InterchangeAck, StatusReport, TransactionAck
from cleanclaim_server.claims.actions.states import StateChange, set_payer_states
from cleanclaim_server.claims.codes import REJECTED, ActorKind, EventKind
from cleanclaim_server.claims.models import Acknowledgment, Batch, BatchClaim, Claim, ClaimEvent
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.cycle.restating import BY_CLEARINGHOUSE, BY_PAYER, state_of_acknowledgment
from cleanclaim_server.work.actions import NewItem, open_items
from cleanclaim_server.work.bulk import chunks, create_rows
from cleanclaim_server.work.models import Queue

REJECTING = frozenset({"R", "M", "W", "X"})
"""IK501 and AK901 values by which a set is not taken."""
REJECTING_CATEGORIES = frozenset({"A3", "A4", "A5", "A6", "A7", "A8"})
ACCEPTING_CATEGORIES = frozenset({"A1", "A2"})
TITLES = {"accepted": "Accepted", "errors": "Accepted with errors", "rejected": "Rejected", "pending": "Pending",
          "information": "Status"}  # fmt: skip


@dataclass
class Answers:
    """What the answers of one file did."""

    claims: int = 0
    rejected: int = 0
    batches: int = 0
    findings: list[Finding] = field(default_factory=list)


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


class Taker:
    """Takes the answers of one file for an agency."""

    def __init__(self, file: StoredFile, *, now: datetime) -> None:
        self.file, self.now, self.done = file, now, Answers()

    def take_interchange_ack(self, ack: InterchangeAck) -> None:
        """A TA1. A refused interchange brings every claim of it back to us."""
        batches = self._batches().filter(
            interchange_control_number__in=_spellings(ack.interchange_control_number)
        )
        if not self._found(batches, "TA1", "an interchange that we did not send"):
            return
        result = "rejected" if ack.result == "R" else "errors" if ack.result == "E" else "accepted"
        for batch in batches:
            Batch.objects.filter(pk=batch.pk).update(ta1_result=ack.result[:1])
            meaning = "The interchange was refused" if result == "rejected" else "The interchange was taken"
            if result == "rejected":
                self._whole(batch, "TA1", result, ack.code, meaning, "", ack.position)
            else:
                self._keep_batch(batch, "TA1", result, ack.code, meaning, "", ack.position)

    def take_group_ack(self, ack: GroupAck, transaction: str) -> None:
        """A 999: one answer for each transaction set, or for the whole group when it names none."""
        batches = {
            batch.transaction_control_number.lstrip("0"): batch
            for batch in self._batches().filter(group_control_number__in=_spellings(ack.group_control_number))
        }
        if not self._found(batches, "999", "a group that we did not send"):
            return
        answers = ack.transactions or tuple(
            TransactionAck("837", number, ack.guide, ack.result, ack.codes) for number in batches
        )
        for answer in answers:
            batch = batches.get(answer.control_number.lstrip("0"))
            if batch is None:
                self._note("999", "a transaction that we did not send")
                continue
            self._set_ack(batch, answer, transaction)

    def _set_ack(self, batch: Batch, answer: TransactionAck, transaction: str) -> None:
        refused = answer.result in REJECTING
        result = "rejected" if refused else "errors" if answer.result == "E" else "accepted"
        codes = ":".join(answer.codes)
        meaning = "The claims were refused as a file" if refused else "The file was taken"
        if answer.errors:
            first = answer.errors[0]
            meaning += f"; segment {first.segment_id} at place {first.position}" + (f", code {first.code}" if first.code else "")
        counted = {"rejected_count": batch.claims_count} if refused else {}
        Batch.objects.filter(pk=batch.pk).update(ack_result=answer.result[:1], acknowledged_at=self.now, **counted)
        self._whole(batch, "999", result, codes, meaning, transaction, 0)

    def take_status_report(self, report: StatusReport) -> None:
        """A 277CA or a 277: one answer for each claim, or for the batch above them."""
        kind = "277" if report.guide.startswith("005010X212") else "277CA"
        sender = (BY_PAYER if report.source_kind == "PR" else BY_CLEARINGHOUSE) + report.source_name
        batch = self._batches().filter(reference=report.batch_reference).first() if report.batch_reference else None
        ours = self._claims(report.statuses)
        words, accepted, refused, unknown = [], 0, 0, 0
        lines = [one for one in report.statuses if one.level == "line"]
        for one in report.statuses:
            if one.level == "line":
                continue
            result = _result(one)
            if one.level != "claim":
                if result == "rejected" and batch is not None and not any(
                    other.level == "claim" for other in report.statuses
                ):
                    self._whole(batch, kind, result, _codes(one), _meaning(one), report.control_number, one.position, sender)
                continue
            claim = ours.get(one.claim_number.strip().upper()) or ours.get(one.payer_control_number.strip())
            if claim is None:
                unknown += 1
                continue
            accepted, refused = accepted + (result == "accepted"), refused + (result == "rejected")
            below = [line for line in lines if line.claim_number == one.claim_number and _result(line) == result]
            meaning = " ".join([_meaning(one), *(f"{line.code}: {_meaning(line)}" for line in below)]).strip()
            words.append(
                _Word(claim, result, _codes(one), meaning, one.effective_on or report.created_on, one.position,
                      one.payer_control_number, batch.pk if batch and batch.practice_id == claim.practice_id else None)
            )  # fmt: skip
        self._take(words, kind, sender, report.control_number)
        if batch is not None and kind == "277CA":
            Batch.objects.filter(pk=batch.pk).update(accepted_count=accepted, rejected_count=refused)
        if unknown:
            self._note(kind, f"{unknown} claims that are not ours")

    def _claims(self, statuses: Iterable[ClaimStatus]) -> dict[str, Claim]:
        rows = Claim.objects.filter(practice__agency_id=self.file.agency_id).defer("frozen")
        found: dict[str, Claim] = {}
        named = [one for one in statuses if one.level == "claim"]
        controls = sorted({one.payer_control_number.strip() for one in named if not one.claim_number.strip()} - {""})
        for part in chunks(controls):
            found.update({claim.payer_control_number: claim for claim in rows.filter(payer_control_number__in=part)})
        for part in chunks(sorted({one.claim_number.strip().upper() for one in named} - {""})):
            found.update({claim.claim_number: claim for claim in rows.filter(claim_number__in=part)})
        return found

    def _batches(self):
        rows = Batch.objects.filter(practice__agency_id=self.file.agency_id)
        return rows.filter(transfer__partner_id=self.file.partner_id) if self.file.partner_id else rows

    def _found(self, batches, kind: str, what: str) -> bool:
        if batches:
            return True
        self._note(kind, what)
        return False

    def _note(self, kind: str, what: str) -> None:
        self.done.findings.append(
            Finding(
                "cycle.answer_without_batch", Severity.TELL, f"The {kind} answers {what}.",
                remedy="Nothing was changed. Ask the sender, when the file was meant for us.",
            )
        )  # fmt: skip

    def _keep_batch(
        self, batch: Batch, kind: str, result: str, codes: str, meaning: str, transaction: str, position: int
    ) -> None:
        self.done.batches += 1
        Acknowledgment.objects.create(
            practice_id=batch.practice_id, batch=batch, kind=kind, file=self.file, transaction=transaction,
            position=position, result=result, codes=codes[:120], meaning=meaning[:400], sender=BY_CLEARINGHOUSE,
            received_at=self.now,
        )  # fmt: skip

    def _whole(
        self, batch: Batch, kind: str, result: str, codes: str, meaning: str, transaction: str, position: int,
        sender: str = BY_CLEARINGHOUSE,
    ) -> None:  # fmt: skip
        """One answer for every claim that left in a batch."""
        self.done.batches += 1
        rows = BatchClaim.objects.filter(batch=batch, is_live=True).select_related("claim").defer("claim__frozen")
        words = [
            _Word(row.claim, result, codes, meaning, self.now.date(), position, batch_id=batch.pk) for row in rows
        ]
        self._take(words, kind, sender, transaction)

    def _take(self, words: Sequence[_Word], kind: str, sender: str, transaction: str) -> None:
        acks, events, changes = [], [], []
        actor = ActorKind.PAYER if sender.startswith(BY_PAYER) else ActorKind.CLEARINGHOUSE
        name = sender.partition(": ")[2]
        for word in words:
            acks.append(
                Acknowledgment(
                    practice_id=word.claim.practice_id, batch_id=word.batch_id, claim=word.claim, kind=kind,
                    file=self.file, transaction=transaction, position=word.position, result=word.result,
                    codes=word.codes[:120], meaning=word.meaning[:400], sender=sender[:60],
                    payer_control_number=word.payer_control_number[:50], received_at=self.now,
                )
            )  # fmt: skip
            rejected = word.result == "rejected"
            event = EventKind.REJECTED if rejected else EventKind.STATUS if kind == "277" else EventKind.ACKNOWLEDGED
            events.append(
                ClaimEvent(
                    practice_id=word.claim.practice_id, claim=word.claim, kind=event, actor_kind=actor,
                    actor_name=name[:80], happened_at=self.now, title=f"{TITLES[word.result]} ({kind})",
                    detail=word.meaning[:400], file=self.file, transaction=transaction, position=word.position,
                )
            )  # fmt: skip
            state = state_of_acknowledgment(kind, word.result, sender)
            if state is not None:
                changes.append(
                    StateChange(word.claim, state, word.on, self.now, word.payer_control_number, word.meaning)
                )
        create_rows(Acknowledgment, acks)
        changed = set_payer_states(changes)
        create_rows(ClaimEvent, events)
        self.done.claims += len(words)
        self._ask(changed, {word.claim.pk: word for word in words})

    def _ask(self, changed: Sequence[Claim], words: dict[UUID, _Word]) -> None:
        rejected: dict[UUID, list[NewItem]] = {}
        for claim in changed:
            if claim.payer_state in REJECTED:
                self.done.rejected += 1
                rejected.setdefault(claim.practice_id, []).append(
                    NewItem(
                        Queue.REJECTED, "claim", claim.pk, "Rejected: fix and send again", claim_id=claim.pk,
                        patient_id=claim.patient_id, detail=words[claim.pk].meaning,
                        amount_cents=claim.total_charge_cents, due_on=claim.filing_limit_on,
                        due_enforceable=claim.filing_limit_enforceable,
                        due_kind="timely_filing" if claim.filing_limit_on else "",
                    )
                )  # fmt: skip
        for practice_id, items in rejected.items():
            open_items(practice_id, items, now=self.now, today=self.now.date())


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
    parts = (":".join(part for part in (info.category, info.status, info.entity) if part) for info in one.statuses)
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
