"""Channels, and the states of dues, receipts, declarations, orders, refunds and money kept for nobody yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DueState(models.TextChoices):
    """Where a due stands on its way to the treasury."""

    OPEN = "open", _("待缴")
    COLLECTED = "collected", _("已收款")
    DECLARED = "declared", _("已申报")
    SHORT = "short", _("少缴待补")
    CLEARED = "cleared", _("已到账")
    CANCELLED = "cancelled", _("已取消")


class Channel(models.TextChoices):
    """How money comes in (PJ-4.1, PJ-4.2, BN-4.3)."""

    WECHAT = "wechat", _("微信")
    ALIPAY = "alipay", _("支付宝")
    YUKUAIBAN = "yukuaiban", _("渝快办")
    UNIONPAY = "unionpay_quickpass", _("云闪付")
    ETAX = "etax", _("电子税务局")
    POS = "pos", _("POS机")
    CASH = "cash", _("现金")
    TRANSFER = "transfer", _("对公转账")  # an institution pays for its people in one sum (BN-3.2.2)


class LineKind(models.TextChoices):
    """What a part of a payment paid for."""

    DUE = "due", _("应缴")
    TOP_UP = "top-up", _("补缴")
    SURPLUS = "surplus", _("重复缴费待退")


class ReceiptState(models.TextChoices):
    """BN-4.3.3b. A void, returned or lost form keeps its number; its book is whole only with all of them."""

    ISSUED = "issued", _("已开具")
    VOID = "void", _("作废")
    TAKEN_BACK = "taken-back", _("已收回")
    LOST = "lost", _("遗失")


class BookState(models.TextChoices):
    """A run of receipts is in somebody's hands until it comes back, and is written off once all of it is seen."""

    HELD = "held", _("在用")
    RETURNED = "returned", _("已交回")
    WRITTEN_OFF = "written-off", _("已核销")


class DeclarationKind(models.TextChoices):
    """Cash that was collected, or enrolments that owe nothing (PJ-5.2.2)."""

    CASH = "cash", _("现金申报")
    ZERO = "zero", _("零申报")


class AnswerState(models.TextChoices):
    """What the tax client said of one line of a declaration."""

    SENT = "sent", _("待回执")
    ACCEPTED = "accepted", _("已受理到账")
    SHORT = "short", _("已到账，少缴")
    REFUSED = "refused", _("被退回")


class OrderState(models.TextChoices):
    """An order to pay by one's phone: shown as a code, paid by a channel, or over."""

    OPEN = "open", _("待支付")
    PAID = "paid", _("已支付")
    CLOSED = "closed", _("已关闭")


class KeptState(models.TextChoices):
    """Money a channel reports for nobody we know: it waits for its payer's name, or goes back (maker ≠ checker)."""

    KEPT = "kept", _("待认领")
    RETURNING = "returning", _("待退回")
    TAKEN = "taken", _("已认领")
    RETURNED = "returned", _("已退回")
    WITHDRAWN = "withdrawn", _("误登已撤销")  # a bank transfer that never came so: who noted it had mistyped


class RefundReason(models.TextChoices):
    """Why money goes back."""

    PAID_TWICE = "paid-twice", _("重复缴费")
    TOO_MUCH = "too-much", _("多缴")
    EMPLOYEE = "employee", _("参加职工医保")
    OTHER_PLACE = "other-place", _("异地参保")
    DEATH = "death", _("死亡")
    MOVED = "moved", _("户籍迁出")
    SENTENCED = "sentenced", _("服刑")
    SUBSIDISED = "subsidised", _("应享受资助而已缴费")
    WRONG_TIER = "wrong-tier", _("档次选错")
    WRONG_YEAR = "wrong-year", _("缴错年度")
    WRONG_PERSON = "wrong-person", _("缴错人")


class RefundState(models.TextChoices):
    """Asked for by one, decided by another, then paid out where money goes back (maker ≠ checker)."""

    ASKED = "asked", _("待审批")
    APPROVED = "approved", _("已批准待退款")
    REFUSED = "refused", _("未批准")
    PAID = "paid", _("已退款")
    ENDED = "ended", _("已取消参保")  # of an enrolment nobody had paid for: there is nothing to pay out


class RefundWay(models.TextChoices):
    """By the way the money came."""

    CASH = "cash", _("退现金")
    CHANNEL = "channel", _("原渠道退回")
    TRANSFER = "transfer", _("银行转账")


class LayoutKind(models.TextChoices):
    """Which file of the exchange with the tax client a mapping of columns is for."""

    DECLARATION = "declaration", _("申报文件")
    RESULT = "result", _("回执文件")


# Money of these channels reaches the treasury by the channel's own settlement; cash has custody steps of its own.
CLEARING_CHANNELS = frozenset(Channel.values) - {Channel.CASH}
ONLINE_CHANNELS = CLEARING_CHANNELS - {Channel.POS, Channel.TRANSFER}  # the payer's phone pays, the channel tells us
KEPT_MONEY = "kept-money"  # what postings, work items and the audit trail call it
STILL_KEPT = (KeptState.KEPT, KeptState.RETURNING)  # owed back in the books until it is settled
COUNTER_CHANNELS = frozenset({Channel.CASH, Channel.POS})  # these ask for a numbered receipt
PAYING_LINES = (LineKind.DUE, LineKind.TOP_UP)
# A form that says of a payment that it was made. A void one was replaced; a lost one did say so.
STANDING_FORMS = (ReceiptState.ISSUED, ReceiptState.TAKEN_BACK, ReceiptState.LOST)
