"""Rules of a practice as versions, and the repairs that they made. Nothing here is ever changed."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord


class RuleState(models.TextChoices):
    """Whether a version applies."""

    ON = "on", "On"
    OFF = "off", "Off"


class BillingRule(PracticeRecord):
    """One rule of one practice; what it says stands in its versions, the newest of which is in force."""

    append_only = True
    clinician_path = ""  # about no patient

    number = models.PositiveIntegerField(help_text="From 1 in each practice; people say it")
    created_at = models.DateTimeField()
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="billing_rule_number_once")
        ]


class RuleVersion(PracticeRecord):
    """What a rule says from a moment on: by whom, why, and what it would have done to the past."""

    append_only = True
    clinician_path = ""

    rule = models.ForeignKey(BillingRule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="From 1 in each rule")
    state = models.CharField(max_length=3, choices=RuleState.choices)
    name = models.CharField(max_length=120)
    document = models.JSONField(help_text="cleanclaim.edits.practice_rules.PracticeRule")
    sentence = models.TextField(help_text="The rule as it was read when it was saved")
    replay = models.JSONField(default=dict, help_text="Counts and cents of the trial before saving; no ids")
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True, blank=True)
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "rule", "number"], name="rule_version_once")
        ]

    @property
    def key(self) -> str:
        """By which findings and repairs name this version: ``12.3`` is rule 12, version 3."""
        return f"{self.rule.number}.{self.number}"


class RuleRepair(PracticeRecord):
    """One change that a rule made to a claim that had not left: the diff, kept."""

    append_only = True
    clinician_path = "claim__rendering_provider"

    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="repairs")
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="rule_repairs")
    field = models.CharField(max_length=40)
    line_number = models.PositiveSmallIntegerField(default=0)
    before = models.CharField(max_length=80, blank=True)
    after = models.CharField(max_length=80, blank=True)
    needs_person = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["practice", "claim"], name="rule_repair_by_claim")]
