from django.db import migrations

from yingbao.storage.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = (("registry", "0002_the_whole_register"),)
    operations = (AppendOnly("RecordChange"),)
