from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0001_claims_and_batches"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(
                fields=["practice", "interchange_control_number"], name="batch_by_interchange"
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["practice", "group_control_number"], name="batch_by_group"),
        ),
        migrations.AddIndex(
            model_name="claimline",
            index=models.Index(fields=["practice", "date_of_service"], name="claim_line_by_date"),
        ),
        migrations.RemoveIndex(model_name="claim", name="claim_lifecycle"),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["practice", "lifecycle", "date_of_service", "id"], name="claim_by_lifecycle"
            ),
        ),
    ]
