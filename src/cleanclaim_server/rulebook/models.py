"""Confirmations of rule values by named persons of an agency. Rows are added, never changed."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import AgencyRecord


class Act(models.TextChoices):
    """What a row says: the value was read and is right, or that word is taken back."""

    CONFIRMED = "confirmed", "Confirmed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class RuleConfirmation(AgencyRecord):
    """One person's word about one dated value of one rule; the newest for a value is the one that stands.

    `fingerprint` is `cleanclaim.rules.fingerprint` of the value as it was read: when a release changes what
    the value says, the word no longer holds and the value is to be read again.
    """

    append_only = True

    rule_id = models.CharField(max_length=160, help_text="Id of the rule book, with dots")
    fingerprint = models.CharField(max_length=64)
    value_starts = models.DateField(help_text="First day of the value, for people")
    value_text = models.CharField(max_length=200, help_text="The value as it was shown")
    act = models.CharField(max_length=9, choices=Act.choices)
    source = models.CharField(max_length=300, help_text="Where it was read; why it is taken back")
    read_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=80)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "rule_id", "fingerprint", "id"], name="confirmation_newest")
        ]
