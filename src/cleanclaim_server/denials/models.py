"""Denied money: adjudicated, not paid, for a reason that is not neutral."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord


class Denial(PracticeRecord):
    """One denied line (or whole claim) of one remittance, with its cause."""

    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="denials")
    claim_line = models.ForeignKey(
        "claims.ClaimLine", null=True, blank=True, on_delete=models.PROTECT, related_name="denials"
    )
    remittance_claim = models.ForeignKey(
        "remittances.RemittanceClaim", on_delete=models.PROTECT, related_name="denials"
    )
    group = models.CharField(max_length=2)
    reason = models.CharField(max_length=5)
    remarks = models.JSONField(default=list)
    amount_cents = models.BigIntegerField()
    category = models.CharField(max_length=40)
    cause = models.CharField(max_length=300, help_text="In plain words")
    action_code = models.CharField(max_length=40, blank=True)
    steps = models.JSONField(default=list, help_text="Likeliest next steps, from the playbook, with sources")
    state = models.CharField(
        max_length=12, default="open", help_text="open, working, won, lost, written_off, reversed"
    )
    denied_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    due_enforceable = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "state", "due_on"], name="denial_by_state")]
