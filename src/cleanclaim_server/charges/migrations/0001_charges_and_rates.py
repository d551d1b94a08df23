import cleanclaim_server.tenancy.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("charges", "0001_initial"), ("charges", "0002_initial")]

    initial = True

    dependencies = [
        ("authorizations", "0001_authorizations"),
        ("coverage", "0001_payers_and_coverage"),
        ("encounters", "0001_sessions"),
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChargeRate",
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
                ("code", models.CharField(max_length=12)),
                ("modifier", models.CharField(blank=True, default="", max_length=2)),
                ("amount_cents", models.BigIntegerField()),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "code", "modifier", "starts_on"), name="charge_rate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="charge_rate_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractRate",
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
                    "payer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="coverage.payer"
                    ),
                ),
                ("code", models.CharField(max_length=12)),
                (
                    "credential",
                    models.CharField(
                        blank=True, default="", help_text="Empty means any licence level", max_length=20
                    ),
                ),
                ("allowed_cents", models.BigIntegerField()),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "payer", "code", "credential", "starts_on"),
                        name="contract_rate_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Charge",
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
                    "encounter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="encounters.encounter",
                    ),
                ),
                (
                    "authorization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="authorizations.authorization",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(help_text="Order within the encounter, from 1")),
                ("code", models.CharField(max_length=12)),
                ("modifiers", models.JSONField(default=list)),
                ("units", models.PositiveIntegerField(default=1)),
                ("place_of_service", models.CharField(blank=True, max_length=2)),
                ("diagnosis_pointers", models.JSONField(default=list)),
                ("amount_cents", models.BigIntegerField(help_text="Price times units")),
                ("is_void", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "encounter", "number"), name="charge_once")
                ],
            },
        ),
    ]
