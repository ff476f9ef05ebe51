from django.db import migrations

from yingbao.storage.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = (("accounts", "0001_initial"),)
    operations = (
        AppendOnly("AuditEntry"),
        AppendOnly("AnsweredRequest"),
    )
