import django.db.models.deletion
from django.db import migrations, models

import yingbao.storage.encrypted


def take_off_the_log(apps, schema_editor):
    """What a crash of the server loses here must be uploaded and checked again; logging it would cost as much again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE registry_stagedperson SET UNLOGGED")


class Migration(migrations.Migration):

    dependencies = [
        ('divisions', '0001_initial'),
        ('registry', '0003_history_append_only'),
    ]

    operations = [
        migrations.DeleteModel(name='StagedPerson'),
        migrations.CreateModel(
            name='StagedPerson',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('row', models.PositiveIntegerField()),
                ('is_sound', models.BooleanField()),
                ('is_held', models.BooleanField(default=False)),
                ('resident_id', models.BigIntegerField(null=True)),
                ('unsaid', models.CharField(max_length=300)),
                ('division_code', models.BigIntegerField()),
                ('household_no', models.CharField(max_length=30)),
                ('address', models.CharField(max_length=120)),
                ('relation', models.CharField(max_length=12)),
                ('name', models.CharField(max_length=60)),
                ('certificate_kind', models.CharField(max_length=6)),
                ('certificate_number', yingbao.storage.encrypted.SealedTextField()),
                ('certificate_index', models.BinaryField(max_length=16)),
                ('birth_on', models.DateField()),
                ('sex', models.CharField(max_length=1)),
                ('phone', yingbao.storage.encrypted.SealedTextField(null=True)),
                ('hukou', models.CharField(max_length=60)),
                ('basis', models.CharField(max_length=30)),
                ('population', models.CharField(max_length=20)),
                ('graduating', models.BooleanField()),
                ('on_platform', models.BooleanField()),
                ('elsewhere', models.CharField(max_length=60)),
            ],
        ),
        migrations.RunPython(take_off_the_log, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='household',
            name='division',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='divisions.division'),
        ),
        migrations.AlterField(
            model_name='resident',
            name='merged_into',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='registry.resident'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='registry_resident_merged'),
        ),
    ]
