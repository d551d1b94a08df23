"""What payers agreed to pay, as versions; and the papers that say so. Nothing here is ever changed."""

from __future__ import annotations

import msgspec
from django.db import models
from django.db.models import TextChoices

from cleanclaim.pricing.contracts import Contract
from cleanclaim_server.tenancy.models import PracticeRecord
from cleanclaim_server.tenancy.sealing import SealedField


class How(TextChoices):
    """Where a version came from."""

    STARTED = "started", "Started"
    TYPED = "typed", "Typed"
    IMPORTED = "imported", "Imported"
    LEARNT = "learnt", "Learnt and confirmed"


class PayerContract(PracticeRecord):
    """What one payer owes one practice; what it says stands in its versions, the newest of which counts.

    Rates may name a plan, so one contract holds all plans of a payer.
    """

    append_only = True
    clinician_path = ""  # about no patient

    payer = models.ForeignKey("coverage.Payer", on_delete=models.PROTECT, related_name="contracts")
    created_at = models.DateTimeField()
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "payer"], name="payer_contract_once")]


class ContractDocument(PracticeRecord):
    """A contract, amendment or fee schedule as it came: sealed bytes and their hash."""

    append_only = True
    clinician_path = ""

    name = models.CharField(max_length=200)
    content = SealedField(kind="bytes")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    kept_at = models.DateTimeField()
    kept_by = models.UUIDField(null=True, blank=True)


class ContractVersion(PracticeRecord):
    """A contract as it was known from a moment on: the whole grid, by whom, why, from which paper.

    Rates carry their own dates of service; so the newest version also prices what was done years ago.
    """

    append_only = True
    clinician_path = ""

    contract = models.ForeignKey(PayerContract, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="From 1 in each contract")
    how = models.CharField(max_length=10, choices=How.choices)
    document = models.JSONField(help_text="cleanclaim.pricing.contracts.Contract")
    effective_on = models.DateField(
        null=True, blank=True, help_text="First date of service that this version prices anew"
    )
    note = models.CharField(max_length=300, blank=True, help_text="Why, in the author's words")
    source = models.ForeignKey(
        ContractDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="versions"
    )
    rates_count = models.PositiveIntegerField(default=0)
    changes_count = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True, blank=True)
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "contract", "number"], name="contract_version_once")
        ]

    @property
    def value(self) -> Contract:
        """The contract as the core prices by it; its id is this version's."""
        held = msgspec.convert(self.document, type=Contract)
        return msgspec.structs.replace(held, id=str(self.pk), practice_id=str(self.practice_id))


class RateDismissed(PracticeRecord):
    """A learnt rate that a person said is none of the contract's: it is not proposed again at that amount."""

    append_only = True
    clinician_path = ""

    contract = models.ForeignKey(PayerContract, on_delete=models.PROTECT, related_name="dismissed")
    key = models.CharField(max_length=200, help_text="What it is for and its amount; see contracts.actions")
    name = models.CharField(max_length=200, help_text="In words, with the amount")
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True, blank=True)
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "contract", "key"], name="rate_dismissed_once")
        ]
