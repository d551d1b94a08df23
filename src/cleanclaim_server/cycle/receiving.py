"""Taking in what payers and clearinghouses send: kept first, then read, then acted on.

One bad part never stops the rest of a file, and no file makes an error page: what cannot be read is
kept and says why in plain words.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import DatabaseError, OperationalError, connection, transaction

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.ledger import LedgerError
from cleanclaim.x12.index import Transaction, X12File, read_x12
from cleanclaim.x12.sets import read_typed, to_json
from cleanclaim.x12.sets.acknowledgments import read_ta1
from cleanclaim.x12.sets.records import GroupAck, Remittance, StatusReport
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.fail_points import reach
from cleanclaim_server.clearinghouse.files import read_bytes, store_file
from cleanclaim_server.clearinghouse.models import FileKind, FileState, StoredFile, TradingPartner
from cleanclaim_server.cycle.answers import Taker
from cleanclaim_server.cycle.posting import (
    PostingRefused,
    ask_for_review,
    post_remittance,
    take_remittance,
    today_of,
)
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import InboxRemittance, RemittanceState

FINDINGS_KEPT = 200
KINDS = {"837": FileKind.CLAIMS, "835": FileKind.REMITTANCE, "999": FileKind.ACK_SYNTAX, "997": FileKind.ACK_SYNTAX}


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


@transaction.atomic
def process_file(file_id: UUID, *, now: datetime, actor_id: UUID | None = None) -> FileOutcome:
    """Read a kept file and act on every part of it. A file that was read is not read again.

    Returns:
        What was done. Never raises on the content of a file.
    """
    file = StoredFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    outcome = FileOutcome(file.pk, file.kind, file.state)
    if file.state != FileState.STORED:
        return outcome
    earlier = StoredFile.objects.filter(
        agency_id=file.agency_id, direction="in", sha256=file.sha256, received_at__lte=file.received_at
    ).exclude(pk=file.pk).exclude(state=FileState.STORED)  # fmt: skip
    first = earlier.defer("content").order_by("received_at", "id").first()
    if first is not None:
        outcome.kind, outcome.state = first.kind, FileState.DUPLICATE.value
        outcome.findings.append(
            Finding("cycle.file_duplicate", Severity.TELL, "The same bytes were received before; nothing was done.")
        )
    else:
        _Reader(file, outcome, now, actor_id).read()
    StoredFile.objects.filter(pk=file.pk).update(
        kind=outcome.kind,
        state=outcome.state,
        transactions=outcome.transactions,
        findings=[msgspec.to_builtins(finding) for finding in outcome.findings[:FINDINGS_KEPT]],
        read_at=now,
    )
    record(
        "file.read", "file", file.pk, agency_id=file.agency_id, actor=actor_id, kind=outcome.kind,
        state=outcome.state, transactions=outcome.transactions, posted=outcome.posted, held=outcome.held,
        answered=outcome.claims_answered, rejected=outcome.claims_rejected,
    )  # fmt: skip
    return outcome


class _Reader:
    """Reads one file, part by part."""

    def __init__(self, file: StoredFile, outcome: FileOutcome, now: datetime, actor_id: UUID | None) -> None:
        self.file, self.outcome, self.now, self.actor_id = file, outcome, now, actor_id
        self.taker = Taker(file, now=now)
        self.ordinal = 0
        self.kinds: set[str] = set()

    def read(self) -> None:
        parsed = read_x12(read_bytes(self.file), file=self.file.name)
        outcome = self.outcome
        outcome.findings += parsed.all_findings()
        reach("parsed")
        if not parsed.interchanges:
            outcome.state = FileState.UNREADABLE.value
            return
        _one_at_a_time(self.file.agency_id, parsed)
        self._read_parts(parsed)
        outcome.findings += self.taker.done.findings
        outcome.claims_answered = self.taker.done.claims
        outcome.claims_rejected = self.taker.done.rejected
        outcome.kind = self.kinds.pop() if len(self.kinds) == 1 else (
            FileKind.MIXED.value if self.kinds else FileKind.UNKNOWN.value
        )  # fmt: skip
        outcome.state = (FileState.READ_WITH_FINDINGS if outcome.findings else FileState.READ).value

    def _read_parts(self, parsed: X12File) -> None:
        for interchange in parsed.interchanges:
            for segment in interchange.ta1s:
                self.kinds.add(FileKind.ACK_INTERCHANGE.value)
                self._guarded("TA1", lambda segment=segment: self.taker.take_interchange_ack(read_ta1(segment)))
            for group in interchange.groups:
                for part in group.transactions:
                    self.outcome.transactions += 1
                    self._guarded(part.control_number, lambda part=part: self._take(part))
                    part.forget()

    def _guarded(self, number: str, act) -> None:
        """One part in a savepoint of its own: what fails is told and undone, the rest goes on."""
        try:
            with transaction.atomic():
                act()
        except OperationalError:  # a deadlock or a lost connection is not the file's fault: the job comes again
            raise
        except (ValueError, KeyError, TypeError, LedgerError, DatabaseError) as error:
            self.outcome.findings.append(
                Finding(
                    "cycle.part_failed", Severity.STOP,
                    f"Transaction {number} could not be taken in ({type(error).__name__}); nothing of it was kept.",
                    Where(file=self.file.name, transaction=number),
                    remedy="The file is kept. Report this with the name of the file.",
                )
            )  # fmt: skip

    def _take(self, part: Transaction) -> None:
        typed = read_typed(part)
        if typed is None:
            self.kinds.add(KINDS.get(part.set_id, FileKind.OTHER).value)
            self._tell(part, "cycle.set_not_used", f"A {part.set_id} is kept and not used.")
            return
        content, findings = typed
        self.outcome.findings += findings
        if isinstance(content, Remittance):
            self.kinds.add(FileKind.REMITTANCE.value)
            self._remittance(content, (*part.findings, *findings))
        elif isinstance(content, GroupAck):
            self.kinds.add(FileKind.ACK_SYNTAX.value)
            self.taker.take_group_ack(content, part.control_number)
        elif isinstance(content, StatusReport):
            kind = FileKind.STATUS if content.guide.startswith("005010X212") else FileKind.ACK_CLAIMS
            self.kinds.add(kind.value)
            self.taker.take_status_report(content)
        else:
            self.kinds.add(FileKind.CLAIMS.value)
            self._tell(part, "cycle.claims_received", "A file of claims came in; claims are what we send. Nothing was done.")

    def _tell(self, part: Transaction, code: str, message: str) -> None:
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
            return
        remittance = take_remittance(inbox, content, practice, now=self.now, findings=findings)
        self.outcome.remittance_ids.append(remittance.pk)
        if remittance.state == RemittanceState.READY:
            try:
                with transaction.atomic():
                    post_remittance(remittance.pk, now=self.now, actor_id=self.actor_id)
                self.outcome.posted += 1
            except OperationalError:
                raise
            except (PostingRefused, LedgerError, DatabaseError) as error:
                code = getattr(error, "code", "cycle.posting_failed")
                where = Where(file=self.file.name, transaction=content.control_number)
                self.outcome.findings.append(
                    Finding(code, Severity.STOP, "A balanced payment could not be posted; it waits as ready.", where)
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
            Claim.objects.filter(practice__in=found, claim_number__in=numbers).values_list("practice_id", flat=True)
        )
        found = [one for one in found if one.pk in own]
    return found[0] if len(found) == 1 else None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
