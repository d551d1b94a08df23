"""The books: double entry, append-only, sealed per entry.

Legs are written first and the entry last: the entry is the seal. Triggers refuse an entry whose
legs do not sum to zero, a leg that comes after its entry, and any update or delete. See
`tenancy/guards` and RELIABILITY L1, L2, L9.
"""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord


class Entry(PracticeRecord):
    """One balanced entry: what happened, when, when we learned it, from which source, by whom."""

    append_only = True

    kind = models.CharField(max_length=40, help_text="Reason code of cleanclaim.ledger, closed list")
    happened_on = models.DateField(help_text="Accounting date, in the agency's zone")
    belongs_on = models.DateField(
        null=True, blank=True, help_text="The day it is about, when that month was closed before it came"
    )
    learned_at = models.DateTimeField()
    source_file = models.ForeignKey(
        "clearinghouse.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source_hash = models.CharField(max_length=64, blank=True)
    source_transaction = models.CharField(max_length=9, blank=True)
    source_position = models.PositiveIntegerField(default=0)
    remittance_id = models.UUIDField(
        null=True,
        blank=True,
        db_index=True,
        help_text="remittances.Remittance; a later stage, so no foreign key",
    )
    actor_id = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    idempotency_key = models.CharField(max_length=120)
    input_hash = models.CharField(max_length=64)
    reverses = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by"
    )

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["practice", "idempotency_key"], name="entry_once"),
            models.CheckConstraint(
                condition=~models.Q(source_hash="") | models.Q(actor_id__isnull=False) | ~models.Q(reason=""),
                name="entry_names_its_source",
            ),
        ]
        indexes = [models.Index(fields=["practice", "happened_on"], name="entry_by_date")]


class Leg(PracticeRecord):
    """One side of an entry. Debits positive."""

    append_only = True
    guarded_references = {"claim_id": "claims.Claim", "patient_id": "patients.Patient"}

    entry_id = models.UUIDField(
        help_text="ledger_entry.id, inserted after its legs; deferred reference by SQL"
    )
    number = models.PositiveIntegerField()
    account = models.CharField(max_length=40, help_text="Closed list of cleanclaim.ledger.accounts")
    amount_cents = models.BigIntegerField()
    claim_id = models.UUIDField(null=True, blank=True)
    claim_line_id = models.UUIDField(null=True, blank=True)
    encounter_id = models.UUIDField(null=True, blank=True)
    patient_id = models.UUIDField(null=True, blank=True)
    payer_id = models.UUIDField(null=True, blank=True)
    group = models.CharField(
        max_length=2, blank=True, help_text="CAS group, when the leg comes from an adjustment"
    )
    reason = models.CharField(max_length=5, blank=True, help_text="CARC")
    source_position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry_id", "number"], name="leg_once"),
            models.CheckConstraint(condition=~models.Q(amount_cents=0), name="leg_not_zero"),
        ]
        indexes = [
            models.Index(fields=["practice", "claim_id"], name="leg_by_claim"),
            models.Index(fields=["practice", "account"], name="leg_by_account"),
            models.Index(fields=["practice", "patient_id"], name="leg_by_patient"),
        ]


class Balance(PracticeRecord):
    """Cached balance of an account for one claim, raised in the transaction of its legs (L12)."""

    claim_id = models.UUIDField()
    account = models.CharField(max_length=40)
    amount_cents = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "claim_id", "account"], name="balance_once")
        ]
        indexes = [models.Index(fields=["practice", "account", "amount_cents"], name="balance_by_account")]


class Period(PracticeRecord):
    """A closed accounting month, frozen: what its books were, who closed it, and what was left open.

    A row is a close. There is no reopening: what comes later is booked in the open month.
    """

    append_only = True

    month = models.DateField(help_text="First day")
    closed_through = models.DateField(help_text="Its last day: nothing is booked on it or before it any more")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.UUIDField(null=True, blank=True)
    closed_by_name = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was closed with things open")
    left_open = models.JSONField(
        default=list, help_text="[{code, count, cents, severity}] of what was open at the close; no ids"
    )
    entries = models.PositiveIntegerField(default=0)
    movements = models.JSONField(default=dict, help_text="Cents by account in the month, debits positive")
    closing_balances = models.JSONField(default=dict, help_text="Cents by account at its end")
    entries_hash = models.CharField(max_length=64, blank=True)
    trial_balance_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "month"], name="period_once")]
        indexes = [models.Index(fields=["practice", "closed_through"], name="period_by_end")]
