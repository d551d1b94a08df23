import cleanclaim_server.tenancy.models
import cleanclaim_server.tenancy.sealing
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("clearinghouse", "0001_initial")]

    initial = True

    dependencies = [
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="TradingPartner",
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
                ("name", models.CharField(max_length=80)),
                (
                    "transport",
                    models.CharField(default="folder", help_text="folder, sftp, simulator", max_length=10),
                ),
                (
                    "config",
                    cleanclaim_server.tenancy.sealing.SealedField(
                        default=dict, help_text="Paths, host, port, user, key: per transport", kind="json"
                    ),
                ),
                ("receiver_id", models.CharField(help_text="ISA08 and 1000B NM109", max_length=15)),
                ("receiver_qualifier", models.CharField(default="ZZ", max_length=2)),
                ("receiver_name", models.CharField(blank=True, max_length=60)),
                (
                    "usage",
                    models.CharField(default="P", help_text="ISA15: P production, T test", max_length=1),
                ),
                ("wants_ta1", models.BooleanField(default=True)),
                ("is_active", models.BooleanField(default=True)),
                ("last_received_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("last_error_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ControlNumber",
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
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clearinghouse.tradingpartner",
                    ),
                ),
                ("kind", models.CharField(help_text="isa, gs, st", max_length=4)),
                ("next_number", models.PositiveBigIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agency", "partner", "kind"), name="control_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredFile",
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
                ("name", models.CharField(max_length=200)),
                ("direction", models.CharField(help_text="in, out", max_length=3)),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="clearinghouse.tradingpartner",
                    ),
                ),
                ("content", cleanclaim_server.tenancy.sealing.SealedField(kind="bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("unknown", "Not recognised"),
                            ("837", "Claims (837)"),
                            ("835", "Remittance (835)"),
                            ("ta1", "Interchange acknowledgment (TA1)"),
                            ("999", "Acknowledgment (999)"),
                            ("277ca", "Claim acknowledgment (277CA)"),
                            ("277", "Claim status (277)"),
                            ("sessions", "Sessions (CSV)"),
                            ("mixed", "Several kinds"),
                            ("other", "Another transaction set"),
                        ],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("stored", "Kept, not read yet"),
                            ("read", "Read"),
                            ("findings", "Read, with findings"),
                            ("unreadable", "Could not be read"),
                            ("duplicate", "Same bytes as an earlier file"),
                        ],
                        default="stored",
                        max_length=12,
                    ),
                ),
                (
                    "practice_ids",
                    models.JSONField(default=list, help_text="Practices whose data it holds, once known"),
                ),
                ("transactions", models.PositiveIntegerField(default=0)),
                (
                    "findings",
                    models.JSONField(default=list, help_text="File-level findings, without patient data"),
                ),
                ("received_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("stored_by", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["agency", "-received_at"], name="file_by_time"),
                    models.Index(fields=["agency", "sha256"], name="file_by_hash"),
                    models.Index(fields=["agency", "name"], name="file_by_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
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
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="clearinghouse.tradingpartner",
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer",
                        to="clearinghouse.storedfile",
                    ),
                ),
                ("remote_name", models.CharField(max_length=120)),
                ("interchange_control_number", models.CharField(max_length=9)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting to leave"),
                            ("sending", "Leaving"),
                            ("sent", "Sent"),
                            ("unsure", "Unsure whether it left"),
                            ("failed", "Did not leave"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("queued_at", models.DateTimeField()),
                ("sending_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "proof",
                    models.CharField(
                        blank=True,
                        help_text="How we know: remote listing with size, 999, person",
                        max_length=200,
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "queued_at"], name="transfer_due")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agency", "partner", "interchange_control_number"), name="interchange_once"
                    ),
                    models.UniqueConstraint(
                        fields=("agency", "partner", "remote_name"), name="remote_name_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Job",
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
                ("kind", models.CharField(max_length=40)),
                (
                    "event_key",
                    models.CharField(
                        help_text="Names the effect: the same key twice is one job", max_length=120
                    ),
                ),
                ("subject_id", models.UUIDField(blank=True, help_text="Ids only; never data", null=True)),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(default="due", help_text="due, leased, done, parked", max_length=8),
                ),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("leased_by", models.CharField(blank=True, max_length=60)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "error",
                    models.CharField(
                        blank=True, help_text="Type of the error and place; no values", max_length=300
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("progress", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "due_at"], name="job_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("agency", "kind", "event_key"), name="job_once")
                ],
            },
        ),
    ]
