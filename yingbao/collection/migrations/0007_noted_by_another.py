from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Old orders keep no word of who noted the money; new ones do, and never who opened them."""

    dependencies = (
        ("collection", "0006_no_truncate"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    )
    operations = (
        migrations.AddField(
            "paymentorder",
            "noted_by",
            models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            "paymentorder",
            models.CheckConstraint(
                condition=models.Q(noted_by__isnull=True) | ~models.Q(noted_by=models.F("opened_by")),
                name="collection_order_noted_by_another",
            ),
        ),
    )
