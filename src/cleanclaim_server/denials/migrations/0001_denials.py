import cleanclaim_server.tenancy.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("denials", "0001_initial"), ("denials", "0002_initial")]

    initial = True

    dependencies = [
        ("claims", "0001_claims_and_batches"),
        ("practice", "0001_agency_and_practices"),
        ("remittances", "0001_remittances"),
    ]

    operations = [
        migrations.CreateModel(
            name="Denial",
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
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="denials", to="claims.claim"
                    ),
                ),
                (
                    "claim_line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="denials",
                        to="claims.claimline",
                    ),
                ),
                (
                    "remittance_claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="denials",
                        to="remittances.remittanceclaim",
                    ),
                ),
                ("group", models.CharField(max_length=2)),
                ("reason", models.CharField(max_length=5)),
                ("remarks", models.JSONField(default=list)),
                ("amount_cents", models.BigIntegerField()),
                ("category", models.CharField(max_length=40)),
                ("cause", models.CharField(help_text="In plain words", max_length=300)),
                ("action_code", models.CharField(blank=True, max_length=40)),
                (
                    "steps",
                    models.JSONField(
                        default=list, help_text="Likeliest next steps, from the playbook, with sources"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        default="open",
                        help_text="open, working, won, lost, written_off, reversed",
                        max_length=12,
                    ),
                ),
                ("denied_on", models.DateField()),
                ("due_on", models.DateField(blank=True, null=True)),
                ("due_enforceable", models.BooleanField(default=False)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [models.Index(fields=["practice", "state", "due_on"], name="denial_by_state")],
            },
        ),
    ]
