from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('divisions', '0001_initial'),
        ('registry', '0006_fewer_checks_per_resident'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='resident',
            name='registry_resident_unlike_rest',
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(condition=models.Q(('state', 'present'), _negated=True), fields=['state', 'division', 'household', 'id'], name='registry_resident_gone'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(condition=models.Q(('eligibility', 'accepted'), _negated=True), fields=['eligibility', 'division', 'household', 'id'], name='registry_resident_doubtful'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(condition=models.Q(('population', 'resident'), _negated=True), fields=['population', 'division', 'household', 'id'], name='registry_resident_students'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(condition=models.Q(('on_platform', False)), fields=['division', 'household', 'id'], name='registry_resident_off_platform'),
        ),
    ]
