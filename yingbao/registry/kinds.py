"""The register's fixed vocabularies."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """What an imported file is."""

    TARGETS = "targets", _("目标任务表")
    REGISTER = "register", _("全员信息台账")
    ROSTER = "roster", _("资助对象花名册")


class FileState(models.TextChoices):
    """Checked first; in the books only by a second word."""

    CHECKED = "checked", _("已检查待确认")
    ACCEPTED = "accepted", _("已导入")
    DISCARDED = "discarded", _("已放弃")


class Sex(models.TextChoices):
    """As GB/T 2261.1."""

    MALE = "1", _("男")
    FEMALE = "2", _("女")


class Relation(models.TextChoices):
    """To the head of the household."""

    HEAD = "head", _("户主")
    SPOUSE = "spouse", _("配偶")
    CHILD = "child", _("子女")
    PARENT = "parent", _("父母")
    GRANDCHILD = "grandchild", _("孙子女")
    OTHER = "other", _("其他")


class Population(models.TextChoices):
    """Whose rate and calendar apply."""

    RESIDENT = "resident", _("城乡居民")
    STUDENT = "university_student", _("大学生")


class ResidentState(models.TextChoices):
    """Whether the person is still of this register."""

    PRESENT = "present", _("在册")
    DEAD = "dead", _("死亡")
    MOVED_OUT = "moved_out", _("迁出")


class ElsewhereKind(models.TextChoices):
    """Why somebody of the register is not to be enrolled here."""

    EMPLOYEE = "employee", _("参加职工医保")
    OTHER_PLACE = "other_place", _("异地参保")
    PRISON = "prison", _("服刑")
    ARMY = "army", _("服役")
