import cleanclaim_server.tenancy.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clearinghouse", "0003_keyed_and_scanned_files"),
        ("practice", "0001_agency_and_practices"),
        ("remittances", "0003_moved"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClaimTransfer",
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
                ("transfer_id", models.UUIDField(help_text="The same on both sides")),
                ("is_out", models.BooleanField(help_text="The side whose deposit holds the money")),
                ("other_practice", models.UUIDField(help_text="practice.Practice of the other side")),
                ("other_remittance", models.UUIDField(help_text="remittances.Remittance of the other side")),
                (
                    "other_paid_cents",
                    models.BigIntegerField(help_text="Amount of the payment on the other side"),
                ),
                (
                    "amount_cents",
                    models.BigIntegerField(help_text="The claim payment; negative when the payer took back"),
                ),
                ("reason", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.UUIDField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("undone_by", models.UUIDField(blank=True, null=True)),
                ("undone_reason", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="inboxremittance",
            name="inbox_remittance_once",
        ),
        migrations.AddField(
            model_name="inboxremittance",
            name="part",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Place of the one claim payment taken out of it for another practice; 0 is all",
            ),
        ),
        migrations.AddField(
            model_name="remittance",
            name="part",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Of a claim payment that another practice's payment held: its place there. 0: a payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="inboxremittance",
            constraint=models.UniqueConstraint(
                fields=("agency", "file", "ordinal", "part"), name="inbox_part_once"
            ),
        ),
        migrations.AddField(
            model_name="claimtransfer",
            name="practice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
            ),
        ),
        migrations.AddField(
            model_name="claimtransfer",
            name="remittance",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfers",
                to="remittances.remittance",
            ),
        ),
        migrations.AddField(
            model_name="claimtransfer",
            name="remittance_claim",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfers",
                to="remittances.remittanceclaim",
            ),
        ),
        migrations.AddIndex(
            model_name="claimtransfer",
            index=models.Index(fields=["practice", "undone_at"], name="transfer_standing"),
        ),
        migrations.AddConstraint(
            model_name="claimtransfer",
            constraint=models.UniqueConstraint(
                fields=("practice", "transfer_id"), name="transfer_once_a_side"
            ),
        ),
    ]
