"""Taking in what payers and clearinghouses send: kept first, then read, then acted on.

One bad part never stops the rest of a file, and no file makes an error page: what cannot be read is
kept and says why in plain words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.ledger import LedgerError
from cleanclaim.x12.index import Transaction, X12File, read_x12
from cleanclaim.x12.sets import read_typed, to_json
from cleanclaim.x12.sets.acknowledgments import read_ta1
from cleanclaim.x12.sets.eligibility import EligibilityAnswer
from cleanclaim.x12.sets.records import GroupAck, Remittance, StatusReport
from cleanclaim_server.audit.recording import AuditEvent, record_many
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.fail_points import reach
from cleanclaim_server.clearinghouse.files import read_bytes, store_file, store_files
from cleanclaim_server.clearinghouse.models import FileKind, FileState, StoredFile, TradingPartner
from cleanclaim_server.cycle.answers import NOT_OURS, PART_ERRORS, AnswerPart, part_failed, take_answers
from cleanclaim_server.cycle.answers.eligibility import NOBODYS, take_eligibility
from cleanclaim_server.cycle.banking import is_bank_file, look_for_money, take_lines
from cleanclaim_server.cycle.posting import (
    PostingRefused,
    ask_for_review,
    post_remittance,
    take_remittance,
    today_of,
)
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import InboxRemittance, RemittanceState
from cleanclaim_server.remittances.models import Remittance as KeptRemittance
from cleanclaim_server.tenancy.collector import collector_rests
from cleanclaim_server.work.bulk import chunks, update_rows

FINDINGS_KEPT = 200
KINDS = {
    "837": FileKind.CLAIMS,
    "835": FileKind.REMITTANCE,
    "999": FileKind.ACK_SYNTAX,
    "997": FileKind.ACK_SYNTAX,
}


@dataclass
class FileOutcome:
    """What became of one file. Counts are of payments (835) or of claims answered (the others)."""

    file_id: UUID
    kind: str = FileKind.UNKNOWN.value
    state: str = FileState.STORED.value
    transactions: int = 0
    posted: int = 0
    held: int = 0
    quarantined: int = 0
    duplicates: int = 0
    unassigned: int = 0
    claims_answered: int = 0
    claims_rejected: int = 0
    remittance_ids: list[UUID] = field(default_factory=list)
    practice_ids: list[str] = field(default_factory=list)
    """Whose data the file holds; empty while any part of it is nobody's that we know."""
    findings: list[Finding] = field(default_factory=list)


def receive_file(
    agency_id: UUID,
    *,
    name: str,
    data: bytes,
    partner: TradingPartner | None = None,
    now: datetime,
    actor_id: UUID | None = None,
) -> StoredFile:
    """Keep a file and read it.

    The bytes are kept whatever they are. Runs in a tenant context over all practices of the agency.
    """
    file = store_file(
        agency_id, name=name, data=data, direction="in", partner=partner, now=now, stored_by=actor_id
    )
    process_file(file.pk, now=now, actor_id=actor_id)
    file.refresh_from_db(fields=["kind", "state", "findings", "transactions", "read_at"])
    return file


def receive_files(
    agency_id: UUID,
    arrived: Sequence[tuple[str, bytes]],
    *,
    partner: TradingPartner | None = None,
    now: datetime,
    actor_id: UUID | None = None,
) -> list[FileOutcome]:
    """Keep all files of one pick-up, then read them: acknowledgments together, payments one by one.

    Args:
        arrived: (name, bytes) in the order in which they came.
    """
    files = store_files(agency_id, arrived, direction="in", partner=partner, now=now, stored_by=actor_id)
    data = dict(zip((file.pk for file in files), (data for _, data in arrived), strict=True))
    answers = [file for file in files if not _looks_like_payment(data[file.pk])]
    outcomes = {one.file_id: one for one in _process(answers, now, actor_id)}
    for file in files:
        if file.pk not in outcomes:
            outcomes[file.pk] = _process([file], now, actor_id)[0]
    return [outcomes[file.pk] for file in files]


def _looks_like_payment(data: bytes) -> bool:
    """Whether an 835 is in a file, without reading it; a wrong guess only costs time."""
    return b"ST" + data[3:4] + b"835" in data


def process_file(file_id: UUID, *, now: datetime, actor_id: UUID | None = None) -> FileOutcome:
    """Read a kept file and act on every part of it. A file that was read is not read again.

    Returns:
        What was done. Never raises on the content of a file.
    """
    with transaction.atomic():
        file = StoredFile.objects.select_for_update(of=("self",)).get(pk=file_id)
        return _process([file], now, actor_id)[0]


@collector_rests()
@transaction.atomic
def _process(files: Sequence[StoredFile], now: datetime, actor_id: UUID | None) -> list[FileOutcome]:
    """Read files of one agency that are locked, or that this transaction made."""
    earlier = _earlier(files)
    readers: list[_Reader] = []
    outcomes = []
    for file in files:
        outcome = FileOutcome(file.pk, file.kind, file.state)
        outcomes.append(outcome)
        if file.state != FileState.STORED:
            continue
        first = earlier.get(file.sha256)
        if first is not None and first[1] <= file.received_at:
            outcome.kind, outcome.state = first[0], FileState.DUPLICATE.value
            outcome.practice_ids = first[2]
            outcome.findings.append(
                Finding(
                    "cycle.file_duplicate",
                    Severity.TELL,
                    "The same bytes were received before; nothing was done.",
                )
            )
            continue
        reader = _Reader(file, outcome, now, actor_id)
        readers.append(reader)
        reader.read()
        earlier[file.sha256] = (outcome.kind, file.received_at, outcome.practice_ids)  # filled by `finish`
    if readers:
        parts = [part for reader in readers for part in reader.answers]
        take_answers(parts, agency_id=files[0].agency_id, now=now)
    for reader in readers:
        reader.finish()
    done = [
        (file, outcome)
        for file, outcome in zip(files, outcomes, strict=True)
        if file.state == FileState.STORED
    ]
    _close(done, now, actor_id)
    return outcomes


def _earlier(files: Sequence[StoredFile]) -> dict[str, tuple[str, datetime, list[str]]]:
    """Files of the same bytes that were read before: hash -> kind, time and practices of the first."""
    found: dict[str, tuple[str, datetime, list[str]]] = {}
    for part in chunks([file.sha256 for file in files]):
        rows = StoredFile.objects.filter(
            agency_id=files[0].agency_id, direction="in", sha256__in=part
        ).exclude(state=FileState.STORED)  # fmt: skip
        for sha256, *first in rows.order_by("received_at", "id").values_list(
            "sha256", "kind", "received_at", "practice_ids"
        ):
            found.setdefault(sha256, tuple(first))
    return found


def _close(done: Sequence[tuple[StoredFile, FileOutcome]], now: datetime, actor_id: UUID | None) -> None:
    """Write on each file what became of it, and tell the audit trail."""
    fields = ("kind", "state", "transactions", "practice_ids", "findings", "read_at")
    rows = []
    for file, outcome in done:
        findings = [msgspec.to_builtins(finding) for finding in outcome.findings[:FINDINGS_KEPT]]
        whose = outcome.practice_ids or file.practice_ids
        rows.append((file.pk, outcome.kind, outcome.state, outcome.transactions, whose, findings, now))
    update_rows(StoredFile, rows, fields)
    record_many(
        AuditEvent(
            "file.read", "file", file.pk, agency_id=file.agency_id, actor=actor_id,
            detail={
                "kind": outcome.kind, "state": outcome.state, "transactions": outcome.transactions,
                "posted": outcome.posted, "held": outcome.held, "answered": outcome.claims_answered,
                "rejected": outcome.claims_rejected,
            },
        )
        for file, outcome in done
    )  # fmt: skip


class _Reader:
    """Reads one file: acknowledgments are collected, payments are posted when it finishes."""

    def __init__(self, file: StoredFile, outcome: FileOutcome, now: datetime, actor_id: UUID | None) -> None:
        self.file, self.outcome, self.now, self.actor_id = file, outcome, now, actor_id
        self.answers: list[AnswerPart] = []
        self.eligibility: list[EligibilityAnswer] = []
        self.payments: list[Transaction] = []
        self.practices: set[UUID] = set()
        self.is_whole = True  # every part so far is known to be of one of our practices
        self.ordinal = 0

    def read(self) -> None:
        """Read the file and collect its parts. Nothing is acted on."""
        data, outcome = read_bytes(self.file), self.outcome
        if self.actor_id is None and self._bank_file(data):
            return
        parsed = read_x12(data, file=self.file.name)
        outcome.findings += parsed.all_findings()
        self.is_whole = not any(finding.severity.stops for finding in outcome.findings)
        reach("parsed")
        if not parsed.interchanges:
            outcome.state = FileState.UNREADABLE.value
            return
        outcome.state = FileState.READ.value
        _one_at_a_time(self.file.agency_id, parsed)
        kinds: set[str] = set()
        for interchange in parsed.interchanges:
            for segment in interchange.ta1s:
                kinds.add(FileKind.ACK_INTERCHANGE.value)
                self._guarded(
                    "TA1",
                    lambda segment=segment: self.answers.append(AnswerPart(self.file, read_ta1(segment))),
                )
            for group in interchange.groups:
                for part in group.transactions:
                    outcome.transactions += 1
                    if part.set_id == "835":
                        kinds.add(FileKind.REMITTANCE.value)
                        self.payments.append(part)
                    else:
                        self._guarded(part.control_number, lambda part=part: kinds.add(self._collect(part)))
                        part.forget()
        kind = kinds.pop() if len(kinds) == 1 else FileKind.MIXED.value if kinds else FileKind.UNKNOWN.value
        outcome.kind = kind

    def _bank_file(self, data: bytes) -> bool:
        """Take a bank file that lay in a partner's folder; False when it is none.

        What a person brings in has a door of its own, since not everybody may bring lines into every account.
        """
        if not is_bank_file(self.file.agency_id, data):
            return False
        practices = Practice.objects.filter(agency_id=self.file.agency_id)
        today = timezone.localdate(self.now, ZoneInfo(self.file.agency.timezone))
        taken = take_lines(
            self.file,
            data,
            practice_ids=list(practices.values_list("id", flat=True)),
            now=self.now,
            today=today,
        )
        outcome, self.is_whole = self.outcome, False
        outcome.kind, outcome.state, outcome.transactions = (
            FileKind.BANK.value,
            taken.state,
            taken.lines_total,
        )
        outcome.practice_ids, outcome.findings = taken.practice_ids, taken.findings
        return True

    def finish(self) -> None:
        """Post the payments, look for their money at the bank, and add up what the acknowledgments did."""
        for part in self.payments:
            self._guarded(part.control_number, lambda part=part: self._payment(part))
            part.forget()
        if self.payments:
            self._guarded("bank", self._look_at_the_bank)
        for content in self.eligibility:
            self._guarded(content.control_number, lambda content=content: self._eligibility(content))
        outcome = self.outcome
        for answer in self.answers:
            outcome.findings += answer.done.findings
            outcome.claims_answered += answer.done.claims
            outcome.claims_rejected += answer.done.rejected
            self.practices |= answer.done.practices
            if not answer.done.practices or any(one.code == NOT_OURS for one in answer.done.findings):
                self.is_whole = False
        if self.is_whole:
            outcome.practice_ids += sorted(map(str, self.practices))
        if outcome.state == FileState.READ and outcome.findings:
            outcome.state = FileState.READ_WITH_FINDINGS.value

    def _guarded(self, number: str, act) -> None:
        """One part in a savepoint of its own: what fails is told and undone, the rest goes on."""
        try:
            with transaction.atomic():
                act()
        except (
            OperationalError
        ):  # a deadlock or a lost connection is not the file's fault: the job comes again
            raise
        except PART_ERRORS as error:
            self.is_whole = False
            self.outcome.findings.append(part_failed(self.file, number, error))

    def _collect(self, part: Transaction) -> str:
        """Understand one part that is no payment; returns its kind."""
        typed = read_typed(part)
        if typed is None:
            self._tell(part, "cycle.set_not_used", f"A {part.set_id} is kept and not used.")
            return KINDS.get(part.set_id, FileKind.OTHER).value
        content, findings = typed
        self.outcome.findings += findings
        if isinstance(content, GroupAck):
            self.answers.append(AnswerPart(self.file, content, part.control_number))
            return FileKind.ACK_SYNTAX.value
        if isinstance(content, StatusReport):
            self.answers.append(AnswerPart(self.file, content, content.control_number))
            is_status = content.guide.startswith("005010X212")
            return (FileKind.STATUS if is_status else FileKind.ACK_CLAIMS).value
        if isinstance(content, EligibilityAnswer):
            self.eligibility.append(content)
            return FileKind.ELIGIBILITY.value
        if part.set_id != "837":
            self._tell(part, "cycle.set_not_used", f"A {part.set_id} is kept and not used.")
            return KINDS.get(part.set_id, FileKind.OTHER).value
        self._tell(
            part,
            "cycle.claims_received",
            "A file of claims came in; claims are what we send. Nothing was done.",
        )
        return FileKind.CLAIMS.value

    def _payment(self, part: Transaction) -> None:
        typed = read_typed(part)
        if typed is None:
            self._tell(part, "cycle.set_not_used", "An 835 of another guide is kept and not used.")
            return
        content, findings = typed
        self.outcome.findings += findings
        self._remittance(content, (*part.findings, *findings))

    def _eligibility(self, content: EligibilityAnswer) -> None:
        today = timezone.localdate(self.now, ZoneInfo(self.file.agency.timezone))
        taken = take_eligibility(self.file, content, now=self.now, today=today)
        self.practices |= taken.practices
        self.outcome.findings += taken.findings
        if not taken.practices or any(one.code == NOBODYS for one in taken.findings):
            self.is_whole = False

    def _look_at_the_bank(self) -> None:
        """What these payments announce may lie at the bank already."""
        came = list(KeptRemittance.objects.filter(pk__in=self.outcome.remittance_ids))
        for practice in (
            Practice.objects.filter(pk__in=self.practices).select_related("agency").order_by("pk")
        ):
            look_for_money(practice, [row for row in came if row.practice_id == practice.pk], now=self.now)

    def _tell(self, part: Transaction, code: str, message: str) -> None:
        """Say that a part is kept and not used; whose it is was not looked at."""
        self.is_whole = False
        where = Where(file=self.file.name, transaction=part.control_number)
        self.outcome.findings.append(Finding(code, Severity.TELL, message, where))

    def _remittance(self, content: Remittance, findings: tuple[Finding, ...]) -> None:
        self.ordinal += 1
        inbox = InboxRemittance.objects.create(
            agency_id=self.file.agency_id,
            file=self.file,
            transaction=content.control_number[:9],
            ordinal=self.ordinal,
            payee_npi=(content.payee.id if content.payee.id_qualifier == "XX" else "")[:20],
            payer_name=content.payer.name[:80],
            trace_number=content.trace_number[:50],
            paid_cents=content.paid_cents,
            paid_on=content.paid_on,
            claims_count=len(content.claims),
            content=to_json(content),
            received_at=self.now,
        )
        practice = find_practice(self.file.agency_id, content)
        if practice is None:
            self.outcome.unassigned += 1
            self.is_whole = False
            return
        self.practices.add(practice.pk)
        remittance = take_remittance(inbox, content, practice, now=self.now, findings=findings)
        self.outcome.remittance_ids.append(remittance.pk)
        if remittance.state == RemittanceState.READY:
            try:
                with transaction.atomic():
                    post_remittance(remittance.pk, now=self.now, actor_id=self.actor_id, content=content)
                self.outcome.posted += 1
            except OperationalError:
                raise
            except (PostingRefused, LedgerError, DatabaseError) as error:
                code = getattr(error, "code", "cycle.posting_failed")
                where = Where(file=self.file.name, transaction=content.control_number)
                self.outcome.findings.append(
                    Finding(
                        code,
                        Severity.STOP,
                        "A balanced payment could not be posted; it waits as ready.",
                        where,
                    )
                )
                ask_for_review(
                    remittance, now=self.now, today=today_of(practice, self.now),
                    why="A balanced payment could not be posted",
                )  # fmt: skip
        self.outcome.held += remittance.state == RemittanceState.HELD
        self.outcome.quarantined += remittance.state == RemittanceState.QUARANTINED
        self.outcome.duplicates += remittance.state == RemittanceState.DUPLICATE


def _one_at_a_time(agency_id: UUID, parsed: X12File) -> None:
    """Wait until nobody else takes in one of these payments, so that a second receipt sees the first.

    The locks end with the transaction. They are taken in one order, so that two files with the same
    payments never wait for each other in a ring. SQLite has one writer as it is.
    """
    if connection.vendor != "postgresql":
        return
    keys = set()
    for part in parsed.transactions():
        if part.set_id == "835":
            trace = next((segment.get(2) for segment in part.segments if segment.id == "TRN"), "")
            digest = hashlib.sha256(f"{agency_id}:{trace.strip().upper()}".encode()).digest()
            keys.add(int.from_bytes(digest[:8], "big", signed=True))
            part.forget()
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def find_practice(agency_id: UUID, content: Remittance) -> Practice | None:
    """The practice that a payment is for: by payee NPI, then tax id; several: the one whose claims it names.

    Returns:
        None when nothing or more than one fits: the payment stays unassigned until a person says.
    """
    practices = list(Practice.objects.filter(agency_id=agency_id).order_by("code"))
    payee = content.payee
    found = [one for one in practices if payee.id_qualifier == "XX" and payee.id and one.npi == payee.id]
    tax_id = payee.tax_id or (payee.id if payee.id_qualifier == "FI" else "")
    if not found and tax_id:
        found = [one for one in practices if _digits(one.tax_id) == _digits(tax_id)]
    if len(found) > 1:
        numbers = [claim.claim_number.strip().upper() for claim in content.claims[:500]]
        own = set(
            Claim.objects.filter(practice__in=found, claim_number__in=numbers).values_list(
                "practice_id", flat=True
            )
        )
        found = [one for one in found if one.pk in own]
    return found[0] if len(found) == 1 else None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())
