from django.db import migrations

from yingbao.storage.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = (("collection", "0003_fill"),)
    operations = (
        AppendOnly("Payment"),
        AppendOnly("PaymentLine"),
    )
