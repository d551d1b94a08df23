import cleanclaim_server.tenancy.models
import cleanclaim_server.tenancy.sealing
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("remittances", "0001_initial")]

    initial = True

    dependencies = [
        ("claims", "0001_claims_and_batches"),
        ("clearinghouse", "0001_partners_files_and_jobs"),
        ("coverage", "0001_payers_and_coverage"),
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="InboxRemittance",
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
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remittances",
                        to="clearinghouse.storedfile",
                    ),
                ),
                ("transaction", models.CharField(max_length=9)),
                ("ordinal", models.PositiveIntegerField(help_text="Order inside the file, from 1")),
                (
                    "practice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.practice",
                    ),
                ),
                ("payee_npi", models.CharField(blank=True, max_length=20)),
                ("payer_name", models.CharField(blank=True, max_length=80)),
                ("trace_number", models.CharField(blank=True, max_length=50)),
                ("paid_cents", models.BigIntegerField(default=0)),
                ("paid_on", models.DateField(blank=True, null=True)),
                ("claims_count", models.PositiveIntegerField(default=0)),
                (
                    "content",
                    cleanclaim_server.tenancy.sealing.SealedField(
                        help_text="cleanclaim.x12.sets.records.Remittance as JSON", kind="bytes"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        default="unassigned",
                        help_text="unassigned, taken, duplicate, not_ours",
                        max_length=12,
                    ),
                ),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["agency", "state"], name="inbox_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agency", "file", "ordinal"), name="inbox_remittance_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Remittance",
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
                    "inbox",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="remittances.inboxremittance",
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
                ("transaction", models.CharField(max_length=9)),
                (
                    "payer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remittances",
                        to="coverage.payer",
                    ),
                ),
                ("payer_name", models.CharField(max_length=80)),
                ("trace_number", models.CharField(max_length=50)),
                ("trace_payer_id", models.CharField(max_length=30)),
                ("paid_cents", models.BigIntegerField()),
                ("paid_on", models.DateField(blank=True, null=True)),
                ("method", models.CharField(blank=True, max_length=3)),
                ("claims_count", models.PositiveIntegerField(default=0)),
                ("claims_paid_cents", models.BigIntegerField(default=0)),
                ("plb_cents", models.BigIntegerField(default=0)),
                ("content_hash", models.CharField(max_length=64)),
                ("difference_cents", models.BigIntegerField(default=0)),
                ("findings", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unassigned", "No practice of ours"),
                            ("held", "Held: does not balance"),
                            ("quarantined", "Same payment, other content"),
                            ("ready", "Balanced, not posted"),
                            ("posted", "Posted"),
                            ("undone", "Posting undone"),
                            ("duplicate", "Already posted"),
                        ],
                        max_length=12,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("posted_at", models.DateTimeField(blank=True, null=True)),
                ("posted_by", models.UUIDField(blank=True, null=True)),
                (
                    "posting_number",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Raised by each posting; undo and post again"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "state", "-received_at"], name="remittance_by_state"),
                    models.Index(fields=["practice", "trace_number"], name="remittance_by_trace"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RemittanceIdentity",
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
                    "identity_key",
                    models.CharField(
                        help_text="Hash of practice, payer, TRN02, TRN03, BPR02, BPR16", max_length=64
                    ),
                ),
                ("content_hash", models.CharField(max_length=64)),
                (
                    "remittance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identities",
                        to="remittances.remittance",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "identity_key", "is_active"), name="one_active_posting"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RemittanceClaim",
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
                    "remittance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="remittances.remittance",
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="Order in the remittance, from 1")),
                (
                    "claim",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remittance_claims",
                        to="claims.claim",
                    ),
                ),
                (
                    "matched_by",
                    models.CharField(
                        blank=True,
                        help_text="line_control, claim_number, payer_control, facts, person",
                        max_length=24,
                    ),
                ),
                ("match_why", models.CharField(blank=True, max_length=200)),
                ("claim_number", models.CharField(help_text="CLP01", max_length=40)),
                ("status", models.CharField(max_length=3)),
                ("charge_cents", models.BigIntegerField()),
                ("paid_cents", models.BigIntegerField()),
                ("patient_cents", models.BigIntegerField(blank=True, null=True)),
                ("payer_control_number", models.CharField(blank=True, max_length=50)),
                (
                    "patient_name",
                    cleanclaim_server.tenancy.sealing.SealedField(
                        blank=True,
                        default="",
                        help_text="As the payer spelled it; shown when a person matches by hand",
                    ),
                ),
                ("remarks", models.JSONField(default=list)),
                ("crossover_to", models.CharField(blank=True, max_length=80)),
                ("next_action", models.CharField(blank=True, max_length=60)),
                ("position", models.PositiveIntegerField(default=0)),
                ("position_end", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["practice", "claim"], name="remittance_claim_by_claim")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "remittance", "number"), name="remittance_claim_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RemittanceLine",
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
                    "remittance_claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="remittances.remittanceclaim",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "claim_line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remittance_lines",
                        to="claims.claimline",
                    ),
                ),
                ("code", models.CharField(max_length=12)),
                ("modifiers", models.CharField(blank=True, max_length=20)),
                ("submitted_code", models.CharField(blank=True, max_length=12)),
                ("units", models.CharField(blank=True, max_length=10)),
                ("service_on", models.DateField(blank=True, null=True)),
                ("charge_cents", models.BigIntegerField()),
                ("paid_cents", models.BigIntegerField()),
                ("allowed_cents", models.BigIntegerField(blank=True, null=True)),
                ("remarks", models.JSONField(default=list)),
                ("position", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "remittance_claim", "number"), name="remittance_line_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RemittanceAdjustment",
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
                    "remittance_claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="remittances.remittanceclaim",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="remittances.remittanceline",
                    ),
                ),
                ("group", models.CharField(max_length=2)),
                ("reason", models.CharField(max_length=5)),
                ("amount_cents", models.BigIntegerField()),
                ("quantity", models.CharField(blank=True, max_length=15)),
                ("position", models.PositiveIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProviderAdjustment",
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
                    "remittance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="provider_adjustments",
                        to="remittances.remittance",
                    ),
                ),
                ("code", models.CharField(max_length=2)),
                ("reference", models.CharField(blank=True, max_length=50)),
                (
                    "amount_cents",
                    models.BigIntegerField(help_text="The 835's own sign: positive takes from us"),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        blank=True,
                        help_text="The claim a take-back names; money never posts to it",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
