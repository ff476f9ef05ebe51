from django.db import migrations

from yingbao.storage.append_only import RefuseTruncate


class Migration(migrations.Migration):
    dependencies = (("collection", "0005_line_as_decided"),)
    operations = (
        RefuseTruncate("Payment"),
        RefuseTruncate("PaymentLine"),
    )
