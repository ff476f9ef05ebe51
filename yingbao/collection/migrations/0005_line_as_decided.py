from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("collection", "0004_append_only"),)
    operations = (migrations.AddField("paymentline", "decided", models.JSONField(null=True)),)
