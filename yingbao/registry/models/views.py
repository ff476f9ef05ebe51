"""What a user looks for again and again."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User


class SavedFilter(models.Model):
    """A filter of the residents' page by a name of the user's own. It holds codes and words, never a name or number."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    filter = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "name"], name="registry_filter_name_once"),)
