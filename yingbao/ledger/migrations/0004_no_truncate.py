from django.db import migrations

from yingbao.storage.append_only import RefuseTruncate


class Migration(migrations.Migration):
    dependencies = (("ledger", "0003_accounts_append_only"),)
    operations = (
        RefuseTruncate("Transfer"),
        RefuseTruncate("Account"),
    )
