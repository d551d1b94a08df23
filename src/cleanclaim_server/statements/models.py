"""What patients paid, and the statements that asked them to. A statement is frozen as it was sent."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord
from cleanclaim_server.tenancy.sealing import SealedField


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


class StatementRun(PracticeRecord):
    """Statements that one person made at one time, under the policy in force then."""

    append_only = True

    number = models.PositiveIntegerField(help_text="From 1 in each practice; people say it")
    made_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=80, blank=True)
    policy = models.JSONField(default=dict, help_text="cleanclaim.ledger.patient_balance.StatementPolicy")
    count = models.PositiveIntegerField()
    total_cents = models.BigIntegerField()
    request_key = models.CharField(max_length=60, help_text="Made by the form: the same key twice is one run")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="statement_run_number_once"),
            models.UniqueConstraint(fields=["practice", "request_key"], name="statement_run_once"),
        ]


class PatientStatement(PracticeRecord):
    """What one patient was asked for, as it stood on the sheet."""

    append_only = True

    run = models.ForeignKey(StatementRun, on_delete=models.PROTECT, related_name="statements")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="statements")
    number = models.CharField(max_length=20, help_text="Practice, run and place: AA-12-3")
    made_on = models.DateField()
    total_cents = models.BigIntegerField()
    credit_cents = models.BigIntegerField(default=0)
    claims = models.JSONField(default=list, help_text="[{claim_id, cents}] that were asked for")
    sheet = SealedField(kind="json", default=dict, help_text="Names, addresses and visits as printed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "run", "patient"], name="statement_once_a_run"),
            models.CheckConstraint(
                condition=models.Q(total_cents__gt=0), name="statement_asks_for_something"
            ),
        ]
        indexes = [models.Index(fields=["practice", "patient", "-made_on"], name="statement_by_patient")]


class PatientDeposit(PracticeRecord):
    """A bank line, or what is left of one, counted by patient payments: a deposit slip or a card settlement.

    The line's side is a `bank.SetAside` (no insurance money) of `amount_cents`; the payments are that amount
    and the processor's fee together.
    """

    append_only_except = frozenset({"undone_at", "undone_by", "undone_reason"})

    aside = models.ForeignKey("bank.SetAside", on_delete=models.PROTECT, related_name="patient_deposits")
    amount_cents = models.BigIntegerField(help_text="What the bank shows of it")
    fee_cents = models.BigIntegerField(default=0, help_text="Kept by the card processor")
    why = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=80, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.UUIDField(null=True, blank=True)
    undone_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_cents__gt=0, fee_cents__gte=0), name="patient_deposit_amounts"
            ),
        ]


class PatientDepositPart(PracticeRecord):
    """One patient payment of a deposit, whole."""

    append_only = True

    deposit = models.ForeignKey(PatientDeposit, on_delete=models.PROTECT, related_name="parts")
    payment = models.ForeignKey(PatientPayment, on_delete=models.PROTECT, related_name="deposit_parts")
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "deposit", "payment"], name="patient_deposit_part_once"
            ),
        ]
