"""Episodes of a programme, and their days. The days of a statement period become one encounter and claim."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord


class Episode(PracticeRecord):
    """A patient's time in one programme, from admission to discharge.

    What every bill of the episode says alike stands here; a bill says its own period, its place among the
    bills, and how the patient stands at its end.
    """

    clinician_path = "attending"

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="episodes")
    attending = models.ForeignKey("practice.Provider", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey("practice.Location", on_delete=models.PROTECT, related_name="+")
    authorization = models.ForeignKey(
        "authorizations.Authorization", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    external_id = models.CharField(max_length=60, help_text="The source's own key; once in a practice")
    program = models.CharField(max_length=40, help_text="The service word of the coding engine")
    admitted_on = models.DateField()
    admitted_clock = models.CharField(max_length=4, blank=True, help_text="hhmm; empty is not known")
    admission_type = models.CharField(max_length=1)
    admission_source = models.CharField(max_length=1)
    ended_on = models.DateField(null=True, blank=True)
    end_status = models.CharField(max_length=2, blank=True, help_text="CL103 at discharge")
    diagnoses = models.JSONField(default=list)
    conditions = models.JSONField(default=list, help_text="Condition codes of every bill")
    plan_hours_week = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "external_id"], name="episode_once"),
        ]
        indexes = [
            models.Index(fields=["practice", "-admitted_on", "id"], name="episode_by_admission"),
            models.Index(fields=["practice", "patient"], name="episode_by_patient"),
        ]

    @property
    def is_open(self) -> bool:
        return self.ended_on is None


class ProgrammeDay(PracticeRecord):
    """One day that the patient attended. Once it is on a bill it no longer changes."""

    clinician_path = "episode__attending"

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="days")
    encounter = models.ForeignKey(
        "encounters.Encounter",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="programme_days",
        help_text="The bill that carries it; empty: not billed yet",
    )
    external_id = models.CharField(max_length=60)
    on = models.DateField()
    minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty is unknown")
    services = models.JSONField(default=list, help_text="What was attended, in the practice's own words")
    note_reference = models.CharField(max_length=80, blank=True)
    note_signed_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=12, default="form", help_text="form, csv, demo")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "episode", "on"], name="programme_day_once"),
            models.UniqueConstraint(fields=["practice", "external_id"], name="programme_day_key_once"),
        ]
        indexes = [models.Index(fields=["practice", "encounter"], name="programme_day_by_bill")]
