from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("services", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="service",
            name="providers",
            field=models.JSONField(
                db_default={},
                default=dict,
                help_text="By channel, the only provider that its messages go through",
            ),
        ),
    ]
