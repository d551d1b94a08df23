import cleanclaim_server.tenancy.models
import cleanclaim_server.tenancy.sealing
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("encounters", "0001_initial"), ("encounters", "0002_initial")]

    initial = True

    dependencies = [
        ("authorizations", "0001_authorizations"),
        ("clearinghouse", "0001_partners_files_and_jobs"),
        ("coverage", "0001_payers_and_coverage"),
        ("patients", "0001_patients"),
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="SessionImport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=cleanclaim_server.tenancy.models.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clearinghouse.storedfile",
                    ),
                ),
                ("imported_by", models.UUIDField(blank=True, null=True)),
                ("imported_at", models.DateTimeField(auto_now_add=True)),
                ("rows_total", models.PositiveIntegerField(default=0)),
                ("rows_taken", models.PositiveIntegerField(default=0)),
                (
                    "rows_repeated",
                    models.PositiveIntegerField(
                        default=0, help_text="Rows already imported before; nothing done"
                    ),
                ),
                (
                    "findings",
                    models.JSONField(default=list, help_text="One per faulty row, without patient data"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Encounter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=cleanclaim_server.tenancy.models.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="encounters",
                        to="patients.patient",
                    ),
                ),
                (
                    "coverage",
                    models.ForeignKey(
                        blank=True,
                        help_text="The policy in force on the date of service; empty is self-pay or unknown",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="encounters",
                        to="coverage.coverage",
                    ),
                ),
                (
                    "rendering_provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.provider"
                    ),
                ),
                (
                    "supervising_provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.provider",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.location"
                    ),
                ),
                (
                    "authorization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="authorizations.authorization",
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        help_text="The source's own key; the same key twice is the same session",
                        max_length=60,
                    ),
                ),
                ("date_of_service", models.DateField()),
                (
                    "starts_at",
                    models.TimeField(blank=True, help_text="Local time of the location", null=True),
                ),
                ("stops_at", models.TimeField(blank=True, null=True)),
                ("minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("service", models.CharField(max_length=120)),
                ("modality", models.CharField(default="in_person", max_length=12)),
                ("setting", models.CharField(default="office", max_length=24)),
                ("patient_at_home", models.BooleanField(default=False)),
                ("participants", models.CharField(default="patient", max_length=80)),
                ("facts", models.JSONField(default=dict)),
                ("diagnoses", models.JSONField(default=list)),
                (
                    "note_reference",
                    models.CharField(
                        blank=True, help_text="Where the note is kept; never its text", max_length=80
                    ),
                ),
                ("note_signed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        default="open", help_text="open, coded, refused, charged, void", max_length=12
                    ),
                ),
                (
                    "coding",
                    models.JSONField(
                        default=dict, help_text="CodingResult: codes, why, the minute that would change it"
                    ),
                ),
                ("source", models.CharField(default="form", help_text="form, csv, api, demo", max_length=12)),
                (
                    "session_import",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="encounters.sessionimport",
                    ),
                ),
                (
                    "private_note",
                    cleanclaim_server.tenancy.sealing.SealedField(
                        blank=True, default="", help_text="Billing remark; psychotherapy notes are refused"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "-date_of_service", "id"], name="encounter_by_date"),
                    models.Index(
                        fields=["practice", "patient", "date_of_service"], name="encounter_by_patient"
                    ),
                    models.Index(
                        fields=["practice", "rendering_provider", "date_of_service"],
                        name="encounter_by_clinician",
                    ),
                    models.Index(fields=["practice", "state"], name="encounter_by_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "external_id"), name="encounter_once")
                ],
            },
        ),
    ]
