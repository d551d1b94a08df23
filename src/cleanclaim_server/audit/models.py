"""The audit trail: one row an event, written in the transaction of the event and never changed.

Rows name ids, not people; they hold no patient data and outlive what they name, hence no foreign
keys. One sealer chains them afterwards (`seal.py`): chaining inside the business transaction would
make every transaction wait for every other.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from cleanclaim_server.tenancy.models import Record


class AuditRow(Record):
    """Who did or saw what, when. Grain: one row per event and subject."""

    append_only = True
    row_security = "audit"  # by agency, and by practice where the row names one; see tenancy/guards

    agency_id = models.UUIDField(help_text="All zeros before an agency is known")
    practice_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField(default=timezone.now)
    actor_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=10, help_text="user, system, anonymous")
    actor_label = models.CharField(max_length=40, blank=True, help_text="Which part of the system acted")
    action = models.CharField(max_length=60, help_text="noun.verb, for instance claim.read")
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=160, blank=True)
    detail = models.JSONField(default=dict)
    request_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency_id", "occurred_at"], name="audit_by_time"),
            models.Index(fields=["agency_id", "subject_type", "subject_id"], name="audit_by_subject"),
            models.Index(fields=["agency_id", "actor_id", "occurred_at"], name="audit_by_actor"),
        ]


class AuditLink(Record):
    """One link of an agency's chain: the hash of a row, bound to all rows before it."""

    append_only = True
    row_security = "agency"

    agency_id = models.UUIDField(help_text="The chain; one per agency")
    sequence = models.BigIntegerField(help_text="1, 2, 3, ... without gaps")
    row_id = models.UUIDField(unique=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency_id", "sequence"], name="audit_link_in_order")]


class AuditCheckpoint(Record):
    """A point of a chain that was also written outside the database, where a rebuilt chain shows."""

    append_only = True
    row_security = "agency"

    agency_id = models.UUIDField()
    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency_id", "sequence"], name="audit_checkpoint_once")
        ]
