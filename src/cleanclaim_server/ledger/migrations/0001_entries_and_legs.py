import cleanclaim_server.tenancy.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("ledger", "0001_initial")]

    initial = True

    dependencies = [
        ("clearinghouse", "0001_partners_files_and_jobs"),
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
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
                    "kind",
                    models.CharField(
                        help_text="Reason code of cleanclaim.ledger, closed list", max_length=40
                    ),
                ),
                ("happened_on", models.DateField(help_text="Accounting date, in the agency's zone")),
                ("learned_at", models.DateTimeField()),
                (
                    "source_file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clearinghouse.storedfile",
                    ),
                ),
                ("source_hash", models.CharField(blank=True, max_length=64)),
                ("source_transaction", models.CharField(blank=True, max_length=9)),
                ("source_position", models.PositiveIntegerField(default=0)),
                (
                    "remittance_id",
                    models.UUIDField(
                        blank=True,
                        db_index=True,
                        help_text="remittances.Remittance; a later stage, so no foreign key",
                        null=True,
                    ),
                ),
                ("actor_id", models.UUIDField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("idempotency_key", models.CharField(max_length=120)),
                ("input_hash", models.CharField(max_length=64)),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="ledger.entry",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
                "indexes": [models.Index(fields=["practice", "happened_on"], name="entry_by_date")],
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "idempotency_key"), name="entry_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source_hash", ""), _negated=True),
                            ("actor_id__isnull", False),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="entry_names_its_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leg",
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
                    "entry_id",
                    models.UUIDField(
                        help_text="ledger_entry.id, inserted after its legs; deferred reference by SQL"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "account",
                    models.CharField(help_text="Closed list of cleanclaim.ledger.accounts", max_length=40),
                ),
                ("amount_cents", models.BigIntegerField()),
                ("claim_id", models.UUIDField(blank=True, null=True)),
                ("claim_line_id", models.UUIDField(blank=True, null=True)),
                ("encounter_id", models.UUIDField(blank=True, null=True)),
                ("patient_id", models.UUIDField(blank=True, null=True)),
                ("payer_id", models.UUIDField(blank=True, null=True)),
                (
                    "group",
                    models.CharField(
                        blank=True, help_text="CAS group, when the leg comes from an adjustment", max_length=2
                    ),
                ),
                ("reason", models.CharField(blank=True, help_text="CARC", max_length=5)),
                ("source_position", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "claim_id"], name="leg_by_claim"),
                    models.Index(fields=["practice", "account"], name="leg_by_account"),
                    models.Index(fields=["practice", "patient_id"], name="leg_by_patient"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("entry_id", "number"), name="leg_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents", 0), _negated=True), name="leg_not_zero"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Balance",
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
                ("claim_id", models.UUIDField()),
                ("account", models.CharField(max_length=40)),
                ("amount_cents", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "account", "amount_cents"], name="balance_by_account")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "claim_id", "account"), name="balance_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Period",
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
                ("month", models.DateField(help_text="First day")),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_by", models.UUIDField(blank=True, null=True)),
                ("trial_balance_hash", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("practice", "month"), name="period_once")],
            },
        ),
    ]
