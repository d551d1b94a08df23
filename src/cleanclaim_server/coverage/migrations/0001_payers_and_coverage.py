import cleanclaim_server.tenancy.models
import cleanclaim_server.tenancy.sealing
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("coverage", "0001_initial"), ("coverage", "0002_initial")]

    initial = True

    dependencies = [
        ("clearinghouse", "0001_partners_files_and_jobs"),
        ("patients", "0001_patients"),
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Payer",
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
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.agency"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "payer_id",
                    models.CharField(
                        help_text="NM109 of 2010BB; also how its 835 names itself", max_length=20
                    ),
                ),
                (
                    "kind",
                    models.CharField(help_text="medicare, medicaid, commercial, tricare", max_length=12),
                ),
                ("claim_filing_code", models.CharField(default="CI", help_text="SBR09", max_length=2)),
                ("states", models.JSONField(blank=True, default=list)),
                ("address", models.JSONField(blank=True, default=dict)),
                (
                    "trading_partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payers",
                        to="clearinghouse.tradingpartner",
                    ),
                ),
                (
                    "profile",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Facts of the contract in the coding engine's vocabulary (av_mod, home_pos, …)",
                    ),
                ),
                ("usual_answer_days", models.PositiveSmallIntegerField(default=30)),
                ("crosses_over_to_secondary", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("agency", "payer_id"), name="payer_id_once")],
            },
        ),
        migrations.CreateModel(
            name="Plan",
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
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.agency"
                    ),
                ),
                (
                    "payer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="coverage.payer"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("state", models.CharField(blank=True, max_length=2)),
                ("program", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Coverage",
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
                        related_name="coverages",
                        to="patients.patient",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coverages",
                        to="coverage.plan",
                    ),
                ),
                (
                    "order",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="1 primary, 2 secondary, 3 tertiary"
                    ),
                ),
                ("member_id", cleanclaim_server.tenancy.sealing.SealedField()),
                ("member_id_index", models.CharField(db_index=True, max_length=32)),
                ("group_number", models.CharField(blank=True, max_length=50)),
                (
                    "relationship",
                    models.CharField(
                        default="18", help_text="Patient to subscriber; 18 is self", max_length=2
                    ),
                ),
                (
                    "subscriber",
                    cleanclaim_server.tenancy.sealing.SealedField(
                        default=dict,
                        help_text="first_name, last_name, birth_date, sex, address when not self",
                        kind="json",
                    ),
                ),
                (
                    "insurance_type",
                    models.CharField(blank=True, help_text="SBR05, when Medicare is secondary", max_length=3),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "source",
                    models.CharField(
                        default="entered", help_text="entered, imported, 271, remittance", max_length=20
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "coverages",
                "indexes": [models.Index(fields=["practice", "patient", "order"], name="coverage_order")],
            },
        ),
    ]
