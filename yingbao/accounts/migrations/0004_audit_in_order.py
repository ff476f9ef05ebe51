from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("accounts", "0003_no_truncate"),)
    operations = (
        migrations.AddIndex("AuditEntry", models.Index(fields=["at", "id"], name="accounts_audit_at")),
        migrations.AddIndex("AuditEntry", models.Index(fields=["action", "at", "id"], name="accounts_audit_action")),
        migrations.AddIndex("AuditEntry", models.Index(fields=["user", "at", "id"], name="accounts_audit_user")),
    )
