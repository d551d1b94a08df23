import cleanclaim_server.tenancy.models
import cleanclaim_server.tenancy.sealing
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("patients", "0001_initial")]

    initial = True

    dependencies = [
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Patient",
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
                ("chart_number", models.CharField(help_text="The practice's own number", max_length=20)),
                ("first_name", models.CharField(max_length=40)),
                ("middle_name", models.CharField(blank=True, max_length=40)),
                ("last_name", models.CharField(max_length=60)),
                ("suffix", models.CharField(blank=True, max_length=10)),
                (
                    "sex",
                    models.CharField(
                        default="U", help_text="F, M or U, as the payer has it on file", max_length=1
                    ),
                ),
                ("birth_date_sealed", cleanclaim_server.tenancy.sealing.SealedField(help_text="ISO date")),
                ("birth_date_index", models.CharField(blank=True, db_index=True, max_length=32)),
                (
                    "contact",
                    cleanclaim_server.tenancy.sealing.SealedField(
                        default=dict,
                        help_text="line1, line2, city, state, postal_code, phone, email",
                        kind="json",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True, help_text="Home state, readable because rules depend on it", max_length=2
                    ),
                ),
                ("is_part2", models.BooleanField(default=False, help_text="Has records under 42 CFR Part 2")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "last_name", "first_name"], name="patient_name")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "chart_number"), name="chart_number_once")
                ],
            },
        ),
    ]
