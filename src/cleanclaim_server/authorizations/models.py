"""The plan's permission for services, and what is left of it."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord


class Authorization(PracticeRecord):
    """One authorization: a number, codes, a count of units, dates.

    Units used are counted from charges that name it (`charges.Charge.authorization`), never stored.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="authorizations")
    coverage = models.ForeignKey("coverage.Coverage", on_delete=models.PROTECT, related_name="authorizations")
    number = models.CharField(max_length=50)
    codes = models.JSONField(default=list, help_text="Codes covered; empty means any")
    units = models.PositiveIntegerField(help_text="Visits or units allowed")
    starts_on = models.DateField()
    ends_on = models.DateField()
    provider = models.ForeignKey(
        "practice.Provider", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "coverage", "number"], name="authorization_once")
        ]
