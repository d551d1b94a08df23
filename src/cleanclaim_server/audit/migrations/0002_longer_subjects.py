from django.db import migrations, models


class Migration(migrations.Migration):
    """Ids of rules are longer than 64 characters; PostgreSQL refused the row that says who read one."""

    dependencies = [("audit", "0001_trail_and_chain")]

    operations = [
        migrations.AlterField(
            model_name="auditrow",
            name="subject_id",
            field=models.CharField(blank=True, max_length=160),
        ),
    ]
