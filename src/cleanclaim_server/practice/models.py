"""The agency, the practices it serves, their places and people."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord, Record
from cleanclaim_server.tenancy.sealing import SealedField


class Agency(Record):
    """The tenant root: a billing agency, or a practice that bills for itself."""

    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="America/New_York")
    is_demo = models.BooleanField(default=False)
    submitter_id = models.CharField(max_length=15, help_text="ETIN, 1000A NM109 and ISA06")
    contact_name = models.CharField(max_length=60, blank=True)
    contact_phone = models.CharField(max_length=20, blank=True)
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class Practice(Record):
    """A practice: the billing provider of its claims (837P loop 2010AA)."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="practices")
    code = models.CharField(
        max_length=2, help_text="Two letters, unique in the agency; starts every claim number"
    )
    name = models.CharField(max_length=120)
    hue = models.PositiveSmallIntegerField(default=1, help_text="1 to 8: the practice's identity colour")
    npi = models.CharField(max_length=10)
    taxonomy = models.CharField(max_length=10)
    tax_id = SealedField(help_text="EIN or SSN of the billing provider")
    tax_id_kind = models.CharField(max_length=2, default="EI")
    is_person = models.BooleanField(default=False, help_text="A solo clinician bills as a person")
    first_name = models.CharField(max_length=40, blank=True)
    address_line1 = models.CharField(max_length=55)
    address_line2 = models.CharField(max_length=55, blank=True)
    city = models.CharField(max_length=40)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=9)
    phone = models.CharField(max_length=20, blank=True)
    timezone = models.CharField(max_length=64, default="America/New_York")
    settings = models.JSONField(
        default=dict, blank=True, help_text="Policies of the practice, by documented key"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "code"], name="practice_code_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def practice_id(self):  # sealing binds to the practice; for a practice that is itself
        return self.id


class Location(PracticeRecord):
    """A place where sessions are held (837P loop 2310C when it differs from the billing address)."""

    clinician_path = ""

    name = models.CharField(max_length=80)
    npi = models.CharField(max_length=10, blank=True)
    place_of_service = models.CharField(max_length=2, default="11")
    address_line1 = models.CharField(max_length=55)
    address_line2 = models.CharField(max_length=55, blank=True)
    city = models.CharField(max_length=40)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=9)
    timezone = models.CharField(max_length=64, default="America/New_York")
    is_billing_address = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Provider(PracticeRecord):
    """A clinician who renders or supervises."""

    clinician_path = ""

    first_name = models.CharField(max_length=40)
    last_name = models.CharField(max_length=60)
    npi = models.CharField(max_length=10)
    taxonomy = models.CharField(max_length=10)
    credential = models.CharField(max_length=20, help_text="In the coding engine's vocabulary: PhD, LCSW, …")
    supervisor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supervisees"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "npi"], name="provider_npi_once")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}, {self.credential}"

    @property
    def short_name(self) -> str:
        return f"{self.first_name[:1]}. {self.last_name}"


class License(PracticeRecord):
    """A clinician's licence in one state."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="licenses")
    state = models.CharField(max_length=2)
    number = models.CharField(max_length=30, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "provider", "state", "number"], name="license_once")
        ]
