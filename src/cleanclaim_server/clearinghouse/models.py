"""Trading partners, files kept byte for byte, transfers, and the jobs that are due."""

from __future__ import annotations

from django.db import models
from django.db.models import TextChoices

from cleanclaim_server.tenancy.models import AgencyRecord
from cleanclaim_server.tenancy.sealing import SealedField


class TradingPartner(AgencyRecord):
    """Who carries our files: a clearinghouse or a payer, and how to reach it."""

    name = models.CharField(max_length=80)
    transport = models.CharField(max_length=10, default="folder", help_text="folder, sftp, simulator")
    config = SealedField(kind="json", default=dict, help_text="Paths, host, port, user, key: per transport")
    receiver_id = models.CharField(max_length=15, help_text="ISA08 and 1000B NM109")
    receiver_qualifier = models.CharField(max_length=2, default="ZZ")
    receiver_name = models.CharField(max_length=60, blank=True)
    usage = models.CharField(max_length=1, default="P", help_text="ISA15: P production, T test")
    wants_ta1 = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    last_received_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class ControlNumber(AgencyRecord):
    """Counters of ISA13, GS06 and ST02 per trading partner. Never reused."""

    partner = models.ForeignKey(TradingPartner, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, help_text="isa, gs, st")
    next_number = models.PositiveBigIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "partner", "kind"], name="control_number_once")
        ]


class FileKind(TextChoices):
    UNKNOWN = "unknown", "Not recognised"
    CLAIMS = "837", "Claims (837)"
    REMITTANCE = "835", "Remittance (835)"
    ACK_INTERCHANGE = "ta1", "Interchange acknowledgment (TA1)"
    ACK_SYNTAX = "999", "Acknowledgment (999)"
    ACK_CLAIMS = "277ca", "Claim acknowledgment (277CA)"
    STATUS = "277", "Claim status (277)"
    ELIGIBILITY = "271", "Eligibility answer (271)"
    SESSIONS = "sessions", "Sessions (CSV)"
    EOB = "eob", "Paper explanation, keyed in"
    SCAN = "scan", "Scanned paper"
    BANK = "bank", "Bank file"
    MIXED = "mixed", "Several kinds"
    OTHER = "other", "Another transaction set"


class FileState(TextChoices):
    STORED = "stored", "Kept, not read yet"
    READ = "read", "Read"
    READ_WITH_FINDINGS = "findings", "Read, with findings"
    UNREADABLE = "unreadable", "Could not be read"
    DUPLICATE = "duplicate", "Same bytes as an earlier file"


class StoredFile(AgencyRecord):
    """A file exactly as it came or left: sealed bytes, hash, name. Never changed, never deleted."""

    append_only_except = frozenset({"kind", "state", "findings", "transactions", "practice_ids", "read_at"})

    name = models.CharField(max_length=200)
    direction = models.CharField(max_length=3, help_text="in, out")
    partner = models.ForeignKey(
        TradingPartner, null=True, blank=True, on_delete=models.PROTECT, related_name="files"
    )
    content = SealedField(kind="bytes")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10, choices=FileKind.choices, default=FileKind.UNKNOWN)
    state = models.CharField(max_length=12, choices=FileState.choices, default=FileState.STORED)
    practice_ids = models.JSONField(default=list, help_text="Practices whose data it holds, once known")
    transactions = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list, help_text="File-level findings, without patient data")
    received_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    stored_by = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "-received_at"], name="file_by_time"),
            models.Index(fields=["agency", "sha256"], name="file_by_hash"),
            models.Index(fields=["agency", "name"], name="file_by_name"),
        ]


class TransferState(TextChoices):
    QUEUED = "queued", "Waiting to leave"
    SENDING = "sending", "Leaving"
    SENT = "sent", "Sent"
    UNSURE = "unsure", "Unsure whether it left"
    FAILED = "failed", "Did not leave"


class Transfer(AgencyRecord):
    """One outgoing file: leaves exactly once, or is visibly unsure.

    `sending` is committed before the first byte leaves. A worker that dies in between leaves the
    transfer in `sending`; it is then resolved by listing the remote folder for `remote_name`, which
    is unique and written by rename, or by the 999 that answers its control number; only a proof of
    absence queues it again.
    """

    partner = models.ForeignKey(TradingPartner, on_delete=models.PROTECT, related_name="transfers")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="transfer")
    remote_name = models.CharField(max_length=120)
    interchange_control_number = models.CharField(max_length=9)
    state = models.CharField(max_length=8, choices=TransferState.choices, default=TransferState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(
        max_length=200, blank=True, help_text="How we know: remote listing with size, 999, person"
    )
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "partner", "interchange_control_number"], name="interchange_once"
            ),
            models.UniqueConstraint(fields=["agency", "partner", "remote_name"], name="remote_name_once"),
        ]
        indexes = [models.Index(fields=["state", "queued_at"], name="transfer_due")]


class Job(AgencyRecord):
    """Something that is due, with a lease. Written in the transaction of the data it is about.

    The worker takes a lease, does the work (idempotent by `event_key`), and deletes nothing: a done
    job keeps its time. After five attempts a job is parked and shown.
    """

    kind = models.CharField(max_length=40)
    event_key = models.CharField(max_length=120, help_text="Names the effect: the same key twice is one job")
    subject_id = models.UUIDField(null=True, blank=True, help_text="Ids only; never data")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="due", help_text="due, leased, done, parked")
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, help_text="Type of the error and place; no values")
    done_at = models.DateTimeField(null=True, blank=True)
    progress = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "kind", "event_key"], name="job_once")]
        indexes = [models.Index(fields=["state", "due_at"], name="job_due")]
