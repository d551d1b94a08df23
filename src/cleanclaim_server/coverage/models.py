"""Payers and plans (the agency's), and who is covered by them (the practice's)."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import AgencyRecord, PracticeRecord
from cleanclaim_server.tenancy.sealing import SealedField


class Payer(AgencyRecord):
    """A payer as claims address it (837P loop 2010BB)."""

    name = models.CharField(max_length=60)
    payer_id = models.CharField(max_length=20, help_text="NM109 of 2010BB; also how its 835 names itself")
    kind = models.CharField(max_length=12, help_text="medicare, medicaid, commercial, tricare")
    claim_filing_code = models.CharField(max_length=2, default="CI", help_text="SBR09")
    states = models.JSONField(default=list, blank=True)
    address = models.JSONField(default=dict, blank=True)
    trading_partner = models.ForeignKey(
        "clearinghouse.TradingPartner", null=True, blank=True, on_delete=models.PROTECT, related_name="payers"
    )
    profile = models.JSONField(
        default=dict,
        blank=True,
        help_text="Facts of the contract in the coding engine's vocabulary (av_mod, home_pos, …)",
    )
    usual_answer_days = models.PositiveSmallIntegerField(default=30)
    crosses_over_to_secondary = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "payer_id"], name="payer_id_once")]

    def __str__(self) -> str:
        return self.name


class Plan(AgencyRecord):
    """A product of a payer."""

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="plans")
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=2, blank=True)
    program = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.payer.name}, {self.name}"


class Coverage(PracticeRecord):
    """This person, this plan, these dates, this place in the order of benefits."""

    clinician_path = "patient__encounters__rendering_provider"

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="coverages")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="coverages")
    order = models.PositiveSmallIntegerField(default=1, help_text="1 primary, 2 secondary, 3 tertiary")
    member_id = SealedField()
    member_id_index = models.CharField(max_length=32, db_index=True)
    group_number = models.CharField(max_length=50, blank=True)
    relationship = models.CharField(max_length=2, default="18", help_text="Patient to subscriber; 18 is self")
    subscriber = SealedField(
        kind="json", default=dict, help_text="first_name, last_name, birth_date, sex, address when not self"
    )
    insurance_type = models.CharField(max_length=3, blank=True, help_text="SBR05, when Medicare is secondary")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    source = models.CharField(
        max_length=20, default="entered", help_text="entered, imported, 271, remittance"
    )

    class Meta:
        verbose_name_plural = "coverages"
        indexes = [models.Index(fields=["practice", "patient", "order"], name="coverage_order")]

    def in_force_on(self, day) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Consent(PracticeRecord):
    """What a patient lets a payer be told, or keeps from it. The claim edits read it."""

    append_only_except = frozenset({"ends_on", "ended_by", "ended_at"})
    clinician_path = "patient__encounters__rendering_provider"

    class Kind(models.TextChoices):
        DISCLOSURE = "disclosure", "Part 2 records may go to the payer"
        RESTRICTION = "restriction", "The payer must not be told (paid in full)"

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    payer = models.ForeignKey(
        Payer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: every payer",
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Its last day; empty is open")
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "patient"], name="consent_by_patient")]

    def in_force_on(self, day) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class EligibilityAnswer(PracticeRecord):
    """What a payer said of a policy when somebody asked. The newest answer speaks; none is ever changed."""

    append_only = True
    clinician_path = "coverage__patient__encounters__rendering_provider"

    class Said(models.TextChoices):
        ACTIVE = "active", "Active"
        INACTIVE = "inactive", "Not active"
        OTHER_PAYER = "other_payer", "Another payer is responsible"
        NOT_FOUND = "not_found", "The payer cannot find the patient"
        UNKNOWN = "unknown", "No clear answer"

    class Asked(models.TextChoices):
        PORTAL = "portal", "Payer's portal"
        PHONE = "phone", "Phone call"
        ANSWER_271 = "271", "Eligibility answer (271)"
        CARD = "letter", "Letter or fax of the payer"

    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="answers")
    said = models.CharField(max_length=12, choices=Said.choices)
    asked_for = models.DateField(help_text="The day of service that was asked about")
    answered_on = models.DateField(help_text="The day of the answer")
    ended_on = models.DateField(
        null=True, blank=True, help_text="Last day in force, when the payer named one"
    )
    source = models.CharField(max_length=8, choices=Asked.choices)
    reference = models.CharField(
        max_length=40, blank=True, help_text="The payer's number of the call or answer"
    )
    file = models.ForeignKey(
        "clearinghouse.StoredFile",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The 271 that says it",
    )
    transaction = models.CharField(max_length=9, blank=True, help_text="ST02 in that file")
    position = models.PositiveIntegerField(default=0, help_text="Segment that says it, from ST = 1")
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True, blank=True, help_text="Empty: taken from a file by itself")

    class Meta:
        indexes = [models.Index(fields=["practice", "coverage"], name="answer_by_coverage")]


class EligibilityReply(PracticeRecord):
    """What a 271 says of somebody that is not proved to be one of our policies: it waits for a person."""

    append_only_except = frozenset({"state", "answer", "decided_at", "decided_by"})

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for a person"
        TAKEN = "taken", "On file at a policy"
        ASIDE = "aside", "Set aside"

    file = models.ForeignKey("clearinghouse.StoredFile", on_delete=models.PROTECT, related_name="+")
    transaction = models.CharField(max_length=9)
    position = models.PositiveIntegerField()
    about = SealedField(
        kind="json", default=dict, help_text="member_id, first_name, last_name, birth_date, payer, payer_id"
    )
    said = models.CharField(max_length=12, choices=EligibilityAnswer.Said.choices)
    speaks_for = models.DateField()
    answered_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    primary_elsewhere = models.BooleanField(default=False)
    reference = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=300, help_text="Why nothing was done by itself; no patient data")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    answer = models.ForeignKey(
        EligibilityAnswer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "eligibility replies"
        indexes = [models.Index(fields=["practice", "state"], name="reply_by_state")]


class Enrollment(PracticeRecord):
    """A payer has taken a clinician, or the practice itself, from one day on.

    Payers and roles of which a practice keeps no row are not judged by the edits.
    """

    append_only_except = frozenset({"ends_on", "ended_by"})
    clinician_path = ""  # about no patient

    class Role(models.TextChoices):
        RENDERING = "rendering", "Renders services"
        BILLING = "billing", "Bills as the practice"
        CLAIMS = "claims", "Sends claims electronically (837)"
        REMITTANCES = "remittances", "Gets remittances electronically (835)"

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey(
        "practice.Provider",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: the practice itself",
    )
    role = models.CharField(max_length=12, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Its last day; empty is open")
    reference = models.CharField(max_length=40, blank=True, help_text="The payer's number of it")
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField()
    ended_by = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "payer"], name="enrollment_by_payer")]

    def in_force_on(self, day) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
