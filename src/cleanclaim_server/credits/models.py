"""What was decided about a credit, and the refunds that were asked for, approved, sent and taken back.

The credit itself is a balance of the ledger and stands nowhere else. A refund is asked for by one person
and approved by another; the database refuses one person for both.
"""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord


class DecisionKind(models.TextChoices):
    """What a person said about a payer's credit."""

    IDENTIFIED = "identified", "Known to be an overpayment"
    INVESTIGATING = "investigating", "Related payments are looked at"
    CONCLUDED = "concluded", "The look is over"
    OFFSET = "offset", "The payer takes it back itself"
    OFFSET_ENDED = "offset_ended", "The payer does not take it back"


class CreditDecision(PracticeRecord):
    """One decision about the payer's credit on one claim. Never changed; a later one says otherwise."""

    append_only = True

    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="credit_decisions")
    kind = models.CharField(max_length=16, choices=DecisionKind.choices)
    on = models.DateField(help_text="The day it is about: first knowledge, begin or end of the look")
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "claim"], name="credit_decision_by_claim")]


class RefundState(models.TextChoices):
    """Where a refund stands."""

    ASKED = "asked", "Waits for approval"
    SENT = "sent", "Sent"
    DECLINED = "declined", "Not approved"
    VOIDED = "voided", "Taken back"


class Refund(PracticeRecord):
    """Money that goes back to a patient or a payer. It is in the books from its approval on."""

    append_only_except = frozenset(
        {
            "state",
            "approved_at",
            "approved_by",
            "approved_by_name",
            "method",
            "reference",
            "ended_at",
            "ended_by",
            "ended_by_name",
            "ended_reason",
        }
    )

    number = models.PositiveIntegerField(help_text="From 1 in each practice; people say it")
    payee = models.CharField(max_length=8, choices=[("patient", "The patient"), ("payer", "The payer")])
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="refunds")
    payer_id = models.UUIDField(null=True, blank=True, help_text="coverage.Payer, when it goes to a payer")
    claim = models.ForeignKey(
        "claims.Claim",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="refunds",
        help_text="The visit whose credit it is; none for a patient's money that is on no visit",
    )
    amount_cents = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    request_key = models.CharField(
        max_length=60, help_text="Made by the form: the same key twice is one refund"
    )
    state = models.CharField(max_length=8, choices=RefundState.choices, default=RefundState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()
    asked_by_name = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.UUIDField(null=True, blank=True)
    approved_by_name = models.CharField(max_length=80, blank=True)
    method = models.CharField(max_length=10, blank=True, help_text="check, card, other")
    reference = models.CharField(max_length=40, blank=True, help_text="Check number; never a card number")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Declined, or taken back")
    ended_by = models.UUIDField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=80, blank=True)
    ended_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "request_key"], name="refund_once"),
            models.UniqueConstraint(fields=["practice", "number"], name="refund_number_once"),
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="refund_positive"),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("asked_by")),
                name="refund_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("asked", "declined")) | models.Q(approved_by__isnull=False),
                name="refund_sent_is_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(payee="patient") | models.Q(payer_id__isnull=False, claim__isnull=False),
                name="refund_names_its_payer",
            ),
        ]
        indexes = [models.Index(fields=["practice", "state"], name="refund_by_state")]

    @property
    def key(self) -> str:
        """The idempotency key of its entry."""
        return f"refund:{self.pk}"
