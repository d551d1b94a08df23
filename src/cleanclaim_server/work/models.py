"""What needs a person."""

from __future__ import annotations

from django.db import models
from django.db.models import TextChoices

from cleanclaim_server.tenancy.models import PracticeRecord


class Queue(TextChoices):
    """The queues of Today, in its order."""

    UNSIGNED = "unsigned", "Sessions without a signed note"
    SESSION = "session", "Sessions to complete"
    READY = "ready", "Ready to send"
    STOPPED = "stopped", "Stopped by an edit"
    REJECTED = "rejected", "Rejected, not yet fixed"
    SILENT = "silent", "Payer silent too long"
    REMITTANCE = "remittance", "Remittances held"
    UNMATCHED = "unmatched", "Payments that match nothing"
    DENIED = "denied", "Denied, waiting for us"
    PATIENT = "patient", "Patients to bill"
    UNSURE = "unsure", "Unsure whether it left"
    CREDIT = "credit", "Credit balances"
    FILE = "file", "Files that could not be read"
    UNDERPAID = "underpaid", "Paid below contract"
    BANK = "bank", "Bank and remittances that differ"
    ELIGIBILITY = "eligibility", "Eligibility answers to place"


class WorkItem(PracticeRecord):
    """One thing for one person to do, about one subject. At most one open item per subject and queue."""

    queue = models.CharField(max_length=12, choices=Queue.choices)
    subject_type = models.CharField(
        max_length=20, help_text="claim, encounter, remittance, denial, transfer, file"
    )
    subject_id = models.UUIDField()
    claim_id = models.UUIDField(null=True, blank=True)
    patient_id = models.UUIDField(null=True, blank=True)
    title = models.CharField(max_length=200, help_text="What it needs, in the first words; no name")
    detail = models.CharField(max_length=300, blank=True)
    amount_cents = models.BigIntegerField(default=0, help_text="Dollars that depend on it")
    due_on = models.DateField(null=True, blank=True)
    due_enforceable = models.BooleanField(default=False, help_text="The rule book can prove the date")
    due_kind = models.CharField(max_length=24, blank=True, help_text="timely_filing, appeal, records, …")
    opened_at = models.DateTimeField()
    opened_on = models.DateField()
    is_open = models.BooleanField(
        null=True, default=True, help_text="Null once closed, so that the unique key lets go"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.UUIDField(null=True, blank=True)
    closed_reason = models.CharField(max_length=200, blank=True)
    assigned_to = models.UUIDField(null=True, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "queue", "subject_id", "is_open"], name="one_open_item"
            )
        ]
        indexes = [
            models.Index(fields=["practice", "is_open", "queue"], name="work_by_queue"),
            models.Index(fields=["practice", "is_open", "due_on"], name="work_by_due"),
            models.Index(fields=["practice", "claim_id"], name="work_by_claim"),
        ]
