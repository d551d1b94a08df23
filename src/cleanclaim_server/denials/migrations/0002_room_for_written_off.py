from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("denials", "0001_denials"),
    ]

    operations = [
        migrations.AlterField(
            model_name="denial",
            name="state",
            field=models.CharField(
                default="open", help_text="open, working, won, lost, written_off, reversed", max_length=12
            ),
        ),
    ]
