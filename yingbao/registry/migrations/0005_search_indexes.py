
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('divisions', '0001_initial'),
        ('registry', '0004_staging'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='resident',
            name='registry_resident_name',
        ),
        migrations.AlterField(
            model_name='resident',
            name='division',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='divisions.division'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['number'], name='registry_household_number'),
        ),
        migrations.AddIndex(
            model_name='identity',
            index=models.Index(fields=['code', 'resident'], name='registry_identity_holders'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(fields=['name', 'id'], name='registry_resident_name_bytes', opclasses=['varchar_pattern_ops', 'int8_ops']),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(fields=['division', 'household', 'id'], name='registry_resident_in_order'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(condition=models.Q(models.Q(('state', 'present'), _negated=True), ('on_platform', False), models.Q(('eligibility', 'accepted'), _negated=True), models.Q(('population', 'resident'), _negated=True), _connector='OR'), fields=['division', 'household', 'id'], name='registry_resident_unlike_rest'),
        ),
    ]
