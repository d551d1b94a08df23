import cleanclaim_server.tenancy.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("authorizations", "0001_initial"),
        ("authorizations", "0002_initial"),
        ("authorizations", "0003_initial"),
    ]

    initial = True

    dependencies = [
        ("coverage", "0001_payers_and_coverage"),
        ("patients", "0001_patients"),
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authorization",
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
                        related_name="authorizations",
                        to="patients.patient",
                    ),
                ),
                (
                    "coverage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorizations",
                        to="coverage.coverage",
                    ),
                ),
                ("number", models.CharField(max_length=50)),
                ("codes", models.JSONField(default=list, help_text="Codes covered; empty means any")),
                ("units", models.PositiveIntegerField(help_text="Visits or units allowed")),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.provider",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "coverage", "number"), name="authorization_once"
                    )
                ],
            },
        ),
    ]
