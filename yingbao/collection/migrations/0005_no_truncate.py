from django.db import migrations

from yingbao.storage.append_only import RefuseTruncate


class Migration(migrations.Migration):
    dependencies = (("collection", "0004_append_only"),)
    operations = (
        RefuseTruncate("Payment"),
        RefuseTruncate("PaymentLine"),
    )
