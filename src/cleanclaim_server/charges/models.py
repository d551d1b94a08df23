"""What a session costs, captured."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord


class ChargeRate(PracticeRecord):
    """One price of the charge master. A code without a price on the date refuses; nothing is borrowed."""

    code = models.CharField(max_length=12)
    modifier = models.CharField(max_length=2, blank=True, default="")
    amount_cents = models.BigIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "code", "modifier", "starts_on"], name="charge_rate_once"
            ),
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="charge_rate_positive"),
        ]


class ContractRate(PracticeRecord):
    """What a payer agreed to allow for a code; thin here, deepened by contracts."""

    payer = models.ForeignKey("coverage.Payer", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=12)
    credential = models.CharField(
        max_length=20, blank=True, default="", help_text="Empty means any licence level"
    )
    allowed_cents = models.BigIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "payer", "code", "credential", "starts_on"], name="contract_rate_once"
            )
        ]


class Charge(PracticeRecord):
    """One code of one encounter, priced: what becomes a service line."""

    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.PROTECT, related_name="charges")
    authorization = models.ForeignKey(
        "authorizations.Authorization",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="charges",
    )
    number = models.PositiveSmallIntegerField(help_text="Order within the encounter, from 1")
    code = models.CharField(max_length=12)
    modifiers = models.JSONField(default=list)
    units = models.PositiveIntegerField(default=1)
    place_of_service = models.CharField(max_length=2, blank=True)
    diagnosis_pointers = models.JSONField(default=list)
    amount_cents = models.BigIntegerField(help_text="Price times units")
    is_void = models.BooleanField(default=False)
    service_on = models.DateField(
        null=True, blank=True, help_text="Day of the service where the encounter holds several"
    )
    revenue_code = models.CharField(
        max_length=4, blank=True, default="", db_default="", help_text="Institutional only"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "encounter", "number"], name="charge_once")
        ]
