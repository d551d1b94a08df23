"""What happened in a session."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from cleanclaim_server.tenancy.models import PracticeRecord
from cleanclaim_server.tenancy.sealing import SealedField


class SessionImport(PracticeRecord):
    """One CSV of sessions: the bytes kept, each row's fate counted."""

    file = models.ForeignKey("clearinghouse.StoredFile", on_delete=models.PROTECT, related_name="+")
    imported_by = models.UUIDField(null=True, blank=True)
    imported_at = models.DateTimeField(auto_now_add=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_taken = models.PositiveIntegerField(default=0)
    rows_repeated = models.PositiveIntegerField(
        default=0, help_text="Rows already imported before; nothing done"
    )
    findings = models.JSONField(default=list, help_text="One per faulty row, without patient data")


class Encounter(PracticeRecord):
    """One visit of one patient with one clinician.

    `facts` holds the inputs of the coding engine in its own vocabulary; `coding` what it answered.
    A session in state `not_billable` keeps there who said so, when and why, until it is coded again.
    """

    clinician_path = "rendering_provider"

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="encounters")
    coverage = models.ForeignKey(
        "coverage.Coverage",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="encounters",
        help_text="The policy in force on the date of service; empty is self-pay or unknown",
    )
    rendering_provider = models.ForeignKey("practice.Provider", on_delete=models.PROTECT, related_name="+")
    supervising_provider = models.ForeignKey(
        "practice.Provider", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    location = models.ForeignKey("practice.Location", on_delete=models.PROTECT, related_name="+")
    authorization = models.ForeignKey(
        "authorizations.Authorization", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    external_id = models.CharField(
        max_length=60, help_text="The source's own key; the same key twice is the same session"
    )
    date_of_service = models.DateField()
    starts_at = models.TimeField(null=True, blank=True, help_text="Local time of the location")
    stops_at = models.TimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    service = models.CharField(max_length=120)
    modality = models.CharField(max_length=12, default="in_person")
    setting = models.CharField(max_length=24, default="office")
    patient_at_home = models.BooleanField(default=False)
    participants = models.CharField(max_length=80, default="patient")
    facts = models.JSONField(default=dict)
    diagnoses = models.JSONField(default=list)
    note_reference = models.CharField(
        max_length=80, blank=True, help_text="Where the note is kept; never its text"
    )
    note_signed_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, default="open", help_text="open, coded, refused, charged, void")
    coding = models.JSONField(
        default=dict, help_text="CodingResult: codes, why, the minute that would change it"
    )
    source = models.CharField(max_length=12, default="form", help_text="form, csv, api, demo")
    session_import = models.ForeignKey(
        SessionImport, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    private_note = SealedField(
        blank=True, default="", help_text="Billing remark; psychotherapy notes are refused"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "external_id"], name="encounter_once")]
        indexes = [
            models.Index(fields=["practice", "-date_of_service", "id"], name="encounter_by_date"),
            models.Index(fields=["practice", "patient", "date_of_service"], name="encounter_by_patient"),
            models.Index(
                fields=["practice", "rendering_provider", "date_of_service"], name="encounter_by_clinician"
            ),
            models.Index(fields=["practice", "state"], name="encounter_by_state"),
        ]

    @property
    def is_signed(self) -> bool:
        return self.note_signed_at is not None


class NoteReading(PracticeRecord):
    """What the audit of a session's note found. The text itself is never kept.

    `text_mark` is a keyed hash: whether the same text was audited before can be told, what it said cannot.
    `sketch` is a keyed sample of its runs of words (`cleanclaim.coding.notes.sketch`): a later note that
    copies it is found, what it said is not.
    `findings` hold our words, codes and character offsets, no word of the note.
    """

    append_only = True
    clinician_path = "encounter__rendering_provider"

    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="note_readings")
    text_mark = models.CharField(max_length=32)
    result = models.CharField(max_length=8, help_text="clean, warn, stop")
    codes = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    not_checked = models.JSONField(default=list)
    sketch = SealedField(kind="bytes", default=b"", help_text="Empty where the note was too short")
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["practice", "encounter", "-made_at"], name="note_reading_newest")]
