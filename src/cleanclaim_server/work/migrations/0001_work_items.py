import cleanclaim_server.tenancy.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("work", "0001_initial")]

    initial = True

    dependencies = [
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkItem",
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
                    "queue",
                    models.CharField(
                        choices=[
                            ("unsigned", "Sessions without a signed note"),
                            ("session", "Sessions to complete"),
                            ("ready", "Ready to send"),
                            ("stopped", "Stopped by an edit"),
                            ("rejected", "Rejected, not yet fixed"),
                            ("silent", "Payer silent too long"),
                            ("remittance", "Remittances held"),
                            ("unmatched", "Payments that match nothing"),
                            ("denied", "Denied, waiting for us"),
                            ("patient", "Patients to bill"),
                            ("unsure", "Unsure whether it left"),
                            ("credit", "Credit balances"),
                            ("file", "Files that could not be read"),
                            ("underpaid", "Paid below contract"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "subject_type",
                    models.CharField(
                        help_text="claim, encounter, remittance, denial, transfer, file", max_length=20
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("claim_id", models.UUIDField(blank=True, null=True)),
                ("patient_id", models.UUIDField(blank=True, null=True)),
                (
                    "title",
                    models.CharField(help_text="What it needs, in the first words; no name", max_length=200),
                ),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("amount_cents", models.BigIntegerField(default=0, help_text="Dollars that depend on it")),
                ("due_on", models.DateField(blank=True, null=True)),
                (
                    "due_enforceable",
                    models.BooleanField(default=False, help_text="The rule book can prove the date"),
                ),
                (
                    "due_kind",
                    models.CharField(
                        blank=True, help_text="timely_filing, appeal, records, …", max_length=24
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("opened_on", models.DateField()),
                (
                    "is_open",
                    models.BooleanField(
                        default=True, help_text="Null once closed, so that the unique key lets go", null=True
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_by", models.UUIDField(blank=True, null=True)),
                ("closed_reason", models.CharField(blank=True, max_length=200)),
                ("assigned_to", models.UUIDField(blank=True, null=True)),
                ("snoozed_until", models.DateField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "is_open", "queue"], name="work_by_queue"),
                    models.Index(fields=["practice", "is_open", "due_on"], name="work_by_due"),
                    models.Index(fields=["practice", "claim_id"], name="work_by_claim"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "queue", "subject_id", "is_open"), name="one_open_item"
                    )
                ],
            },
        ),
    ]
