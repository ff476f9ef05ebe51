import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('divisions', '0001_initial'),
        ('registry', '0005_search_indexes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='resident',
            name='division',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='divisions.division'),
        ),
        migrations.AlterField(
            model_name='resident',
            name='file',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.importedfile'),
        ),
    ]
