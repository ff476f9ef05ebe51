"""What can go wrong or fall due."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What has gone wrong or is due."""

    DUPLICATE_PAYMENT = "duplicate-payment", _("同一人重复缴费")
    LATE_DEPOSIT = "late-deposit", _("现金未当日缴存")
    LATE_DECLARATION = "late-declaration", _("缴存后逾期未申报")
    REGISTERED_TWICE = "registered-twice", _("疑似重复登记")
    PAID_BUT_COVERED_ELSEWHERE = "paid-but-covered-elsewhere", _("已在别处参保、服刑或服役仍参保")
    PAID_BUT_DEAD = "paid-but-dead", _("死亡人员缴费")
    SUBSIDISED_NOT_ENROLLED = "subsidised-not-enrolled", _("享受资助人员未参保")
    PAID_TOO_LITTLE = "paid-too-little", _("到账时应缴金额已变化，少收")
    PAID_TOO_MUCH = "paid-too-much", _("到账时应缴金额已变化，多收待退")
    RECEIPT_MISSING = "receipt-missing", _("票据缺号")
    NOTICE_SILENT = "notice-silent", _("文件未规定")
    WRONG_TIER = "wrong-tier", _("档次与身份不符")
    REGISTER_TO_MEND = "register-to-mend", _("台账资料待完善")
    ELIGIBILITY_TO_REVIEW = "eligibility-to-review", _("参保资格待审核")
    MATCH_TO_DECIDE = "match-to-decide", _("名单人员待认定")
    IDENTITY_OBJECTED = "identity-objected", _("镇街对身份有异议")
    REFUND_TO_DECIDE = "refund-to-decide", _("退费待审批")
    REFUND_TO_PAY = "refund-to-pay", _("已批准待退款")
    BILLED_AND_REFUNDED = "billed-and-refunded", _("已列入资助清册后退费或取消")
    DECLARATION_REFUSED = "declaration-refused", _("申报被税务客户端退回")
    CASH_MISMATCH = "cash-mismatch", _("现金盘点与账面不符")
    DECLARATION_TO_CORRECT = "declaration-to-correct", _("已申报的参保取消，须更正申报")
    RECEIPT_TO_REISSUE = "receipt-to-reissue", _("退费后待补开收据")
    RECEIPT_TO_REVIEW = "receipt-to-review", _("作废、收回票据待复核")
    STUB_NOT_FILED = "stub-not-filed", _("POS存根未归档")
    ORDER_UNMATCHED = "order-unmatched", _("渠道到款对不上应缴")
