from django.db import migrations

from yingbao.storage.append_only import RefuseTruncate


class Migration(migrations.Migration):
    dependencies = (("accounts", "0002_append_only"),)
    operations = (
        RefuseTruncate("AuditEntry"),
        RefuseTruncate("AnsweredRequest"),
    )
