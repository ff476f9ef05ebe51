from django.db import migrations

from yingbao.storage.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = (("ledger", "0002_append_only"),)
    operations = (AppendOnly("Account"),)
