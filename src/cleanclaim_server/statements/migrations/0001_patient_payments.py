import cleanclaim_server.tenancy.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("statements", "0001_initial")]

    initial = True

    dependencies = [
        ("patients", "0001_patients"),
        ("practice", "0001_agency_and_practices"),
    ]

    operations = [
        migrations.CreateModel(
            name="PatientPayment",
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
                        related_name="payments",
                        to="patients.patient",
                    ),
                ),
                ("amount_cents", models.BigIntegerField()),
                ("method", models.CharField(help_text="cash, check, card, other", max_length=10)),
                ("reference", models.CharField(blank=True, max_length=40)),
                ("received_on", models.DateField()),
                ("recorded_by", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "request_key",
                    models.CharField(
                        help_text="Made by the form: the same key twice is one payment", max_length=60
                    ),
                ),
                (
                    "allocations",
                    models.JSONField(
                        default=list, help_text="[{claim_id, amount_cents}]; the rest is patient credit"
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("undone_by", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "request_key"), name="patient_payment_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="patient_payment_positive"
                    ),
                ],
            },
        ),
    ]
