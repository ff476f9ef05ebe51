"""States of an enrolment."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EnrolmentState(models.TextChoices):
    """One person, one year, one standing enrolment."""

    STANDING = "standing", _("有效")
    CANCELLED = "cancelled", _("已取消")
