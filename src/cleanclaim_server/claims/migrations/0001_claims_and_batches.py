import cleanclaim_server.tenancy.models
import cleanclaim_server.tenancy.sealing
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("claims", "0001_initial"),
        ("claims", "0002_initial"),
        ("claims", "0003_initial"),
        ("claims", "0004_initial"),
        ("claims", "0005_numbers_are_unique_in_a_practice"),
    ]

    initial = True

    dependencies = [
        ("charges", "0001_charges_and_rates"),
        ("clearinghouse", "0001_partners_files_and_jobs"),
        ("coverage", "0001_payers_and_coverage"),
        ("encounters", "0001_sessions"),
        ("patients", "0001_patients"),
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClaimFamily",
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
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claim_family",
                        to="encounters.encounter",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claim_families",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "claim families",
            },
        ),
        migrations.CreateModel(
            name="ClaimNumber",
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
                ("practice_code", models.CharField(max_length=2)),
                ("next_number", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agency", "practice_code"), name="claim_number_series_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Claim",
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
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="claims.claimfamily",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="patients.patient",
                    ),
                ),
                (
                    "coverage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="coverage.coverage",
                    ),
                ),
                (
                    "payer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="coverage.payer",
                    ),
                ),
                (
                    "claim_number",
                    models.CharField(help_text="CLM01; unique in the agency for ever", max_length=17),
                ),
                ("sequence", models.CharField(default="P", max_length=1)),
                ("frequency", models.CharField(default="1", max_length=1)),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="claims.claim",
                    ),
                ),
                (
                    "lifecycle",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("held", "Held"),
                            ("ready", "Ready to send"),
                            ("queued", "In a batch"),
                            ("sent", "Sent"),
                            ("unsure", "Unsure whether it left"),
                            ("closed", "Closed"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "payer_state",
                    models.CharField(
                        choices=[
                            ("none", "Not sent"),
                            ("waiting", "No answer yet"),
                            ("file_accepted", "File accepted"),
                            ("rejected_file", "Rejected: file"),
                            ("accepted_clearinghouse", "Accepted by the clearinghouse"),
                            ("rejected_clearinghouse", "Rejected by the clearinghouse"),
                            ("accepted_payer", "Accepted by the payer"),
                            ("rejected_payer", "Rejected by the payer"),
                            ("pending", "Pending at the payer"),
                            ("paid", "Paid"),
                            ("partly_paid", "Partly paid"),
                            ("denied", "Denied"),
                            ("patient_share", "Patient share only"),
                            ("reversed", "Reversed"),
                        ],
                        default="none",
                        max_length=24,
                    ),
                ),
                ("payer_state_on", models.DateField(blank=True, null=True)),
                ("date_of_service", models.DateField()),
                ("date_of_service_end", models.DateField()),
                (
                    "rendering_provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.provider"
                    ),
                ),
                ("place_of_service", models.CharField(max_length=2)),
                ("rule_state", models.CharField(help_text="State whose rules govern", max_length=2)),
                ("total_charge_cents", models.BigIntegerField()),
                (
                    "expected_cents",
                    models.BigIntegerField(blank=True, help_text="None is unknown", null=True),
                ),
                ("codes", models.CharField(help_text="Codes of the lines, for lists", max_length=120)),
                ("frozen", cleanclaim_server.tenancy.sealing.SealedField(kind="bytes")),
                ("frozen_hash", models.CharField(max_length=64)),
                (
                    "payer_control_number",
                    models.CharField(blank=True, help_text="The newest the payer gave", max_length=50),
                ),
                ("first_sent_at", models.DateTimeField(blank=True, null=True)),
                ("first_ready_at", models.DateTimeField(blank=True, null=True)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("adjudicated_on", models.DateField(blank=True, null=True)),
                ("filing_limit_on", models.DateField(blank=True, null=True)),
                ("filing_limit_enforceable", models.BooleanField(default=False)),
                (
                    "was_clean",
                    models.BooleanField(
                        help_text="True: passed edits untouched and was never rejected", null=True
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1, help_text="Raised with every change; a stale writer is told"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "lifecycle", "id"], name="claim_lifecycle"),
                    models.Index(fields=["practice", "payer_state", "id"], name="claim_payer_state"),
                    models.Index(fields=["practice", "-date_of_service", "id"], name="claim_by_date"),
                    models.Index(fields=["practice", "patient", "-date_of_service"], name="claim_by_patient"),
                    models.Index(fields=["practice", "payer", "-date_of_service"], name="claim_by_payer"),
                    models.Index(fields=["payer_control_number"], name="claim_by_control_number"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("total_charge_cents__gte", 0)), name="claim_charge_not_negative"
                    ),
                    models.UniqueConstraint(fields=("practice", "claim_number"), name="claim_number_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClaimLine",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="claims.claim"
                    ),
                ),
                (
                    "charge",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claim_lines",
                        to="charges.charge",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("control_number", models.CharField(help_text="REF*6R", max_length=30)),
                ("code", models.CharField(max_length=12)),
                ("modifiers", models.CharField(blank=True, max_length=20)),
                ("units", models.PositiveIntegerField(default=1)),
                ("date_of_service", models.DateField()),
                ("charge_cents", models.BigIntegerField()),
                ("expected_cents", models.BigIntegerField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "claim", "number"), name="claim_line_once"),
                    models.UniqueConstraint(
                        fields=("practice", "control_number"), name="line_control_number_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClaimHold",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="claims.claim"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("unsigned_note", "The note is not signed"),
                            ("edit", "Stopped by an edit"),
                            ("override", "An edit asks for a person's reason"),
                            ("no_price", "No price for a code"),
                            ("no_coverage", "No coverage on the date of service"),
                            ("manual", "Held by a person"),
                            ("rejected", "Rejected, not yet fixed"),
                            ("primary_pending", "Waits for the primary payer"),
                            ("crossover", "The primary payer forwards it"),
                        ],
                        max_length=20,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("owner_role", models.CharField(default="biller", max_length=20)),
                ("opened_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("released_by", models.UUIDField(blank=True, null=True)),
                ("release_reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [models.Index(fields=["practice", "claim", "released_at"], name="hold_open")],
            },
        ),
        migrations.CreateModel(
            name="ClaimFinding",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="claims.claim",
                    ),
                ),
                ("code", models.CharField(max_length=80)),
                ("severity", models.CharField(max_length=24)),
                ("line_number", models.PositiveSmallIntegerField(default=0)),
                ("message", models.CharField(max_length=400)),
                ("remedy", models.CharField(blank=True, max_length=400)),
                ("facts", models.JSONField(default=dict)),
                ("sources", models.JSONField(default=list)),
                ("found_at", models.DateTimeField()),
                ("overridden_by", models.UUIDField(blank=True, null=True)),
                ("overridden_at", models.DateTimeField(blank=True, null=True)),
                ("override_reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [models.Index(fields=["practice", "claim"], name="finding_by_claim")],
            },
        ),
        migrations.CreateModel(
            name="ClaimEvent",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="claims.claim"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("built", "Claim built"),
                            ("edited", "Edits ran"),
                            ("held", "Held"),
                            ("released", "Hold released"),
                            ("queued", "Put in a batch"),
                            ("sent", "Sent"),
                            ("unsure", "Unsure whether it left"),
                            ("acknowledged", "Acknowledged"),
                            ("rejected", "Rejected"),
                            ("status", "Status"),
                            ("adjudicated", "Adjudicated"),
                            ("posted", "Posted"),
                            ("undone", "Posting undone"),
                            ("next_payer", "Next payer billed"),
                            ("corrected", "Corrected claim built"),
                            ("patient_paid", "Patient paid"),
                            ("note", "Note"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("rule", "Rule"),
                            ("payer", "Payer"),
                            ("clearinghouse", "Clearinghouse"),
                            ("bank", "Bank"),
                        ],
                        max_length=16,
                    ),
                ),
                ("actor_id", models.UUIDField(blank=True, null=True)),
                ("actor_name", models.CharField(blank=True, max_length=80)),
                ("happened_at", models.DateTimeField()),
                ("title", models.CharField(max_length=160)),
                ("detail", models.CharField(blank=True, max_length=400)),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clearinghouse.storedfile",
                    ),
                ),
                ("transaction", models.CharField(blank=True, help_text="ST02 inside the file", max_length=9)),
                ("position", models.PositiveIntegerField(default=0, help_text="Segment counted from ST = 1")),
                ("position_end", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "claim", "happened_at"], name="claim_event_order")
                ],
            },
        ),
        migrations.CreateModel(
            name="Batch",
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
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch",
                        to="clearinghouse.transfer",
                    ),
                ),
                ("reference", models.CharField(help_text="BHT03; comes back in the 277CA", max_length=30)),
                ("interchange_control_number", models.CharField(max_length=9)),
                ("group_control_number", models.CharField(max_length=9)),
                ("transaction_control_number", models.CharField(max_length=9)),
                ("claims_count", models.PositiveIntegerField()),
                ("total_charge_cents", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.UUIDField(blank=True, null=True)),
                ("ta1_result", models.CharField(blank=True, max_length=1)),
                ("ack_result", models.CharField(blank=True, help_text="IK501 of the 999", max_length=1)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("accepted_count", models.PositiveIntegerField(default=0)),
                ("rejected_count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "batches",
                "indexes": [models.Index(fields=["practice", "-created_at"], name="batch_by_time")],
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "reference"), name="batch_reference_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchClaim",
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
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_claims",
                        to="claims.batch",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_claims",
                        to="claims.claim",
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(help_text="Segment of its CLM, counted from ST = 1"),
                ),
                ("position_end", models.PositiveIntegerField()),
                (
                    "is_live",
                    models.BooleanField(
                        default=True,
                        help_text="False once the batch was rejected whole: the claim may leave again",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_live", True)),
                        fields=("practice", "claim"),
                        name="claim_leaves_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Acknowledgment",
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
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acknowledgments",
                        to="claims.batch",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acknowledgments",
                        to="claims.claim",
                    ),
                ),
                ("kind", models.CharField(help_text="TA1, 999, 277CA, 277", max_length=6)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clearinghouse.storedfile",
                    ),
                ),
                ("transaction", models.CharField(blank=True, max_length=9)),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "result",
                    models.CharField(
                        help_text="accepted, rejected, errors, pending, information", max_length=12
                    ),
                ),
                (
                    "codes",
                    models.CharField(blank=True, help_text="A7:562:85, IK5 codes, TA105", max_length=120),
                ),
                ("meaning", models.CharField(blank=True, max_length=400)),
                ("sender", models.CharField(blank=True, max_length=60)),
                ("payer_control_number", models.CharField(blank=True, max_length=50)),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
