"""Kinds of account."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountKind(models.TextChoices):
    """Where a fen can be. A balance is debits less credits."""

    RESIDENT_DUE = "resident-due", _("居民应缴")
    AGENT_CASH = "agent-cash", _("经办员手中现金")
    AGREEMENT = "agreement", _("三方协议账户")
    CHANNEL = "channel", _("渠道待清算")
    DECLARED = "declared", _("已申报待入库")
    TREASURY = "treasury", _("国库")
    DEPARTMENT_DUE = "department-due", _("部门资助应收")
    FISCAL_DUE = "fiscal-due", _("财政补助应收")
    REFUND_PAYABLE = "refund-payable", _("应退款")
    CONTRIBUTION = "contribution", _("保费收入")
