"""What patients paid. Statements themselves come with patient billing."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord


class PatientPayment(PracticeRecord):
    """Money from a patient, and where it went. Equal payments on one day stay two payments."""

    append_only_except = frozenset({"undone_at", "undone_by", "undone_reason"})

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="payments")
    amount_cents = models.BigIntegerField()
    method = models.CharField(max_length=10, help_text="cash, check, card, other")
    reference = models.CharField(max_length=40, blank=True)
    received_on = models.DateField()
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    request_key = models.CharField(
        max_length=60, help_text="Made by the form: the same key twice is one payment"
    )
    allocations = models.JSONField(
        default=list, help_text="[{claim_id, amount_cents}]; the rest is patient credit"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.UUIDField(null=True, blank=True)
    undone_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "request_key"], name="patient_payment_once"),
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="patient_payment_positive"),
        ]
