"""Channels, and the states of dues, receipts and declarations."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DueState(models.TextChoices):
    """Where a due stands on its way to the treasury."""

    OPEN = "open", _("待缴")
    COLLECTED = "collected", _("已收款")
    DECLARED = "declared", _("已申报")
    CLEARED = "cleared", _("已到账")


class Channel(models.TextChoices):
    """How money comes in (PJ-4.1, PJ-4.2, BN-4.3)."""

    WECHAT = "wechat", _("微信")
    ALIPAY = "alipay", _("支付宝")
    YUKUAIBAN = "yukuaiban", _("渝快办")
    UNIONPAY = "unionpay_quickpass", _("云闪付")
    ETAX = "etax", _("电子税务局")
    POS = "pos", _("POS机")
    CASH = "cash", _("现金")


class LineKind(models.TextChoices):
    """What a part of a payment paid for."""

    DUE = "due", _("应缴")
    SURPLUS = "surplus", _("重复缴费待退")


class ReceiptState(models.TextChoices):
    """BN-4.3.3b."""

    ISSUED = "issued", _("已开具")
    VOID = "void", _("作废")


class DeclarationKind(models.TextChoices):
    """Cash that was collected, or enrolments that owe nothing (PJ-5.2.2)."""

    CASH = "cash", _("现金申报")
    ZERO = "zero", _("零申报")


# Money of these channels reaches the treasury by the channel's own settlement; cash has custody steps of its own.
CLEARING_CHANNELS = frozenset(Channel.values) - {Channel.CASH}
