"""The register's fixed vocabularies."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """What an imported file is."""

    TARGETS = "targets", _("目标任务表")
    REGISTER = "register", _("全员信息台账")
    ROSTER = "roster", _("资助对象花名册")
    ELSEWHERE = "elsewhere", _("在别处参保等名单")
    DEATHS = "deaths", _("死亡人员名单")
    RESULT = "result", _("税务客户端回执")
    MEMBERS = "members", _("单位参保名单")


class FileState(models.TextChoices):
    """Checked first; in the books only by a second word."""

    CHECKED = "checked", _("已检查待确认")
    ACCEPTED = "accepted", _("已导入")
    DISCARDED = "discarded", _("已放弃")
    WITHDRAWN = "withdrawn", _("已撤回")  # was accepted; what it changed has been put back


class WithdrawReason(models.TextChoices):
    """Why an accepted list is taken back: fixed words, so that no name comes into the audit trail."""

    CORRECTED = "corrected", _("来源单位更正了名单")
    WRONG_FILE = "wrong-file", _("传错了文件")
    WRONG_TERMS = "wrong-terms", _("种类、月份或完整/增减选错")


class InstitutionKind(models.TextChoices):
    """What an institution is: whose rate its people take, and which group of the notice they are."""

    UNIVERSITY = "university", _("高校")
    SCHOOL = "school", _("中小学、幼儿园")
    WELFARE = "welfare", _("福利机构")


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
    MERGED = "merged", _("已并入另一条记录")  # the same person under two numbers; ``merged_into`` says which


class ElsewhereKind(models.TextChoices):
    """Why somebody of the register is not to be enrolled here."""

    EMPLOYEE = "employee", _("参加职工医保")
    OTHER_PLACE = "other_place", _("异地参保")
    PRISON = "prison", _("服刑")
    ARMY = "army", _("服役")


class HouseholdState(models.TextChoices):
    """A household that was joined to another keeps its number and its past."""

    PRESENT = "present", _("在册")
    DISSOLVED = "dissolved", _("已并户或销户")


class Eligibility(models.TextChoices):
    """Whether the town office has found somebody to be of a group that may enrol (BN-2, PJ-2, PJ-8.3.1)."""

    ACCEPTED = "accepted", _("符合参保条件")
    PENDING = "pending", _("待审核")
    REFUSED = "refused", _("不符合参保条件")


class Evidence(models.TextChoices):
    """What shows that somebody is of a group; the words of a pack's ``evidence``."""

    HOUSEHOLD_BOOKLET = "household_booklet", _("户口簿")
    RESIDENCE_PERMIT = "residence_permit", _("居住证")
    SCHOOL_REGISTER = "school_register", _("学籍证明")
    BIRTH_CERTIFICATE = "birth_certificate", _("出生医学证明")
    PERMANENT_RESIDENCE_CARD = "permanent_residence_card", _("外国人永久居留身份证")
    RESIDENCE_PERMIT_HMT = "residence_permit_hmt", _("港澳台居民居住证")
    TALENT_LETTER = "talent_letter", _("人才引进证明")


class Action(models.TextChoices):
    """What was done to a record of the register: the word its history shows."""

    REGISTERED = "registered", _("登记")
    IMPORTED = "imported", _("按导入文件更新")
    EDITED = "edited", _("修改资料")
    CERTIFICATE = "certificate", _("更换证件")
    MOVED = "moved", _("迁移")
    SPLIT = "split", _("分户")
    JOINED = "joined", _("并户")
    HEAD = "head", _("变更户主")
    DEATH = "death", _("登记死亡")
    LEFT = "left", _("户籍迁出")
    RESTORED = "restored", _("恢复在册")
    MERGED = "merged", _("合并重复人员")
    PLATFORM = "platform", _("国家平台登记")
    ELIGIBILITY = "eligibility", _("参保资格审核")


class AliasSource(models.TextChoices):
    """Whose name of an identity it is: the same one has three (DOMAIN, files)."""

    BUREAU = "bureau", _("医保局导出名称")
    TAX = "tax", _("税务客户端名称")
    NATIONAL = "national", _("国家字典名称")
    OTHER = "other", _("部门习惯名称")
