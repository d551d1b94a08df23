"""Taking a bank file: the bytes are kept first, then read, then told apart by account, then matched.

The same file is taken once for each account; a line that an earlier file told of is not taken twice. A file
that cannot be read, or whose account nobody knows, says so and stays kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db import transaction

from cleanclaim.bank import BankLine, Statement, read_statement
from cleanclaim.bank.records import with_keys
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim_server.audit.recording import record
from cleanclaim_server.bank.actions import keep_lines, lock_desk, new_lines
from cleanclaim_server.bank.models import BankAccount, BankFile
from cleanclaim_server.clearinghouse.files import read_bytes, store_file
from cleanclaim_server.clearinghouse.models import FileKind, FileState, StoredFile
from cleanclaim_server.cycle.banking.running import RunOutcome, run_matching

FINDINGS_KEPT = 200
LARGEST = 32 * 1024 * 1024


@dataclass
class BankOutcome:
    """What became of one bank file."""

    file_id: UUID
    state: str = FileState.STORED.value
    format: str = ""
    lines_total: int = 0
    lines_new: int = 0
    tied: int = 0
    tied_cents: int = 0
    proposed: int = 0
    set_aside: int = 0
    alone: int = 0
    accounts: list[str] = field(default_factory=list)
    practice_ids: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_taken(self) -> bool:
        return self.state in (FileState.READ, FileState.READ_WITH_FINDINGS)


def is_bank_file(agency_id: UUID, data: bytes) -> bool:
    """Whether bytes are a bank file beyond doubt: BAI2, CAMT, or a CSV that names accounts on file."""
    head = data[:2048].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"01,") or (head.startswith(b"<") and b"camt.05" in head):
        return True
    if head.startswith(b"ISA") or not set(b",;\t|") & set(head):
        return False
    rows = BankAccount.objects.filter(practice__agency_id=agency_id, is_active=True)
    known = set(rows.values_list("last_four", flat=True))
    if not known or len(data) > LARGEST:
        return False
    ends = {line.account for line in read_statement(data).lines}
    return bool(ends) and ends <= known


def keep_bank_file(
    agency_id: UUID,
    *,
    name: str,
    data: bytes,
    now: datetime,
    account: BankAccount | None = None,
    actor_id: UUID | None = None,
) -> StoredFile:
    """Keep the bytes as they came."""
    file = store_file(
        agency_id,
        name=name,
        data=data,
        direction="in",
        now=now,
        stored_by=actor_id,
        kind=FileKind.BANK,
        partner=None,
        practice_ids=[account.practice_id] if account else (),
    )
    record("file.received", "file", file.pk, actor=actor_id, size=len(data), kind="bank")
    return file


def take_bank_file(
    agency_id: UUID,
    *,
    name: str,
    data: bytes,
    practice_ids: Collection[UUID],
    now: datetime,
    today: date,
    account: BankAccount | None = None,
    actor_id: UUID | None = None,
) -> BankOutcome:
    """Keep a file and read it. Runs in a tenant context over the practices.

    Args:
        practice_ids: Practices into whose accounts the person may bring lines.
        account: The account that the file is of; None when the file says so itself.
    """
    file = keep_bank_file(agency_id, name=name, data=data, now=now, account=account, actor_id=actor_id)
    return read_bank_file(
        file, practice_ids=practice_ids, now=now, today=today, account=account, actor_id=actor_id
    )


@transaction.atomic
def read_bank_file(
    file: StoredFile,
    *,
    practice_ids: Collection[UUID],
    now: datetime,
    today: date,
    account: BankAccount | None = None,
    actor_id: UUID | None = None,
) -> BankOutcome:
    """Read a kept file, take its lines and match them. Never raises on the content of a file."""
    outcome = take_lines(
        file,
        read_bytes(file),
        practice_ids=practice_ids,
        now=now,
        today=today,
        account=account,
        actor_id=actor_id,
    )
    file.kind, file.state, file.read_at = FileKind.BANK, outcome.state, now
    file.transactions = outcome.lines_total
    file.findings = [msgspec.to_builtins(finding) for finding in outcome.findings[:FINDINGS_KEPT]]
    file.practice_ids = outcome.practice_ids or file.practice_ids
    file.save(update_fields=["kind", "state", "transactions", "practice_ids", "findings", "read_at"])
    return outcome


def take_lines(
    file: StoredFile,
    data: bytes,
    *,
    practice_ids: Collection[UUID],
    now: datetime,
    today: date,
    account: BankAccount | None = None,
    actor_id: UUID | None = None,
) -> BankOutcome:
    """What `read_bank_file` does, but for the file's own row: whoever reads it writes that."""
    outcome = BankOutcome(file.pk)
    if len(data) > LARGEST:
        outcome.findings.append(_stop(file, "bank.file_too_large", "The file is larger than 32 MB."))
        outcome.state = FileState.UNREADABLE.value
        return outcome
    statement = read_statement(data, file=file.name)
    outcome.format, outcome.lines_total = statement.format, len(statement.lines)
    outcome.findings += statement.findings
    if not statement.lines:
        if not any(finding.severity.stops for finding in statement.findings):
            outcome.findings.append(
                _stop(file, "bank.no_lines", "The file was read and holds no booked line.")
            )
        outcome.state = FileState.UNREADABLE.value
        return outcome
    known = list(
        BankAccount.objects.filter(practice_id__in=list(practice_ids), is_active=True).select_related(
            "practice"
        )
    )
    parts = _by_account(file, statement, known, account, outcome.findings)
    repeated = 0
    for one, lines in parts.items():
        repeated += not _take_account(file, one, statement, lines, outcome, now, actor_id)
    outcome.practice_ids = sorted({str(one.practice_id) for one in parts})
    if not parts:
        outcome.state = FileState.UNREADABLE.value
    elif repeated == len(parts):
        outcome.state = FileState.DUPLICATE.value
        outcome.findings.append(
            Finding(
                "bank.file_duplicate", Severity.TELL, "The same bytes were taken before; nothing was done."
            )
        )
    else:
        outcome.state = (FileState.READ_WITH_FINDINGS if outcome.findings else FileState.READ).value
        for practice_id in sorted({one.practice_id for one in parts}):
            _add(outcome, run_matching(practice_id, now=now, today=today))
    record(
        "bank.file_read",
        "file",
        file.pk,
        actor=actor_id or "system:bank",
        state=outcome.state,
        lines=outcome.lines_total,
        new=outcome.lines_new,
        tied=outcome.tied,
    )
    return outcome


def _add(outcome: BankOutcome, run: RunOutcome) -> None:
    outcome.tied += run.tied
    outcome.tied_cents += run.tied_cents
    outcome.proposed += run.proposed
    outcome.set_aside += run.set_aside
    outcome.alone += run.alone


def _by_account(
    file: StoredFile,
    statement: Statement,
    known: Sequence[BankAccount],
    chosen: BankAccount | None,
    findings: list[Finding],
) -> dict[BankAccount, list[BankLine]]:
    """Lines by the account that they are of; a finding for each account that is none of ours."""
    found: dict[BankAccount, list[BankLine]] = {}
    by_end: dict[str, list[BankLine]] = {}
    for line in statement.lines:
        by_end.setdefault(line.account, []).append(line)
    for end, lines in by_end.items():
        one = _account(file, end, lines, known, chosen, findings)
        if one is not None:
            found.setdefault(one, []).extend(lines)
    return found


def _account(
    file: StoredFile,
    end: str,
    lines: Sequence[BankLine],
    known: Sequence[BankAccount],
    chosen: BankAccount | None,
    findings: list[Finding],
) -> BankAccount | None:
    said = f"{len(lines)} lines" if len(lines) != 1 else "1 line"
    if chosen is not None:
        if end in ("", chosen.last_four):
            return chosen
        message = (
            f"{said} are of an account ending in {end}, not of the chosen one ending in {chosen.last_four}."
        )
        findings.append(_stop(file, "bank.other_account", message, "Choose the account that the file is of."))
        return None
    if end:
        fits = [one for one in known if one.last_four == end]
        if len(fits) == 1:
            return fits[0]
        if fits:
            message = f"{len(fits)} practices have an account ending in {end}."
            findings.append(
                _stop(file, "bank.account_ambiguous", message, "Choose the account and bring the file again.")
            )
        else:
            message = f"{said} are of an account ending in {end}, which none of your practices has on file."
            findings.append(
                _stop(file, "bank.account_unknown", message, "Add the account and bring the file again.")
            )
        return None
    if len(known) == 1:
        return known[0]
    message = "The file does not say which account it is of."
    remedy = "Choose the account and bring the file again." if known else "Add the account first."
    findings.append(_stop(file, "bank.account_not_said", message, remedy))
    return None


def _take_account(
    file: StoredFile,
    account: BankAccount,
    statement: Statement,
    lines: Iterable[BankLine],
    outcome: BankOutcome,
    now: datetime,
    actor_id: UUID | None,
) -> bool:
    """Take the lines of one account; False when the same bytes were taken for it before."""
    lock_desk(account.practice_id)
    same = BankFile.objects.filter(practice_id=account.practice_id, account=account, sha256=file.sha256)
    outcome.accounts.append(str(account))
    if same.exists():
        return False
    # The key of a line names its account as on file, so that a CSV without one and another with it agree.
    mine = with_keys(msgspec.structs.replace(line, account=account.last_four) for line in lines)
    days = [line.booked_on for line in mine]
    wanted = [line for line in mine if line.amount_cents]
    new = new_lines(account, wanted)
    row = BankFile.objects.create(
        practice_id=account.practice_id,
        account=account,
        file=file,
        format=statement.format,
        sha256=file.sha256,
        lines_total=len(wanted),
        lines_new=len(new),
        total_cents=sum(line.amount_cents for line in wanted),
        first_on=min(days),
        last_on=max(days),
        taken_at=now,
        taken_by=actor_id,
    )
    keep_lines(row, new)
    outcome.lines_new += len(new)
    return True


def _stop(file: StoredFile, code: str, message: str, remedy: str = "") -> Finding:
    return Finding(code, Severity.STOP, message, Where(file=file.name), remedy=remedy)
