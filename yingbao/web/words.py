"""What the stable codes of actions and records are called on pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "enrol-household": _("参保登记"),
    "enrol-and-pay": _("参保登记并收款"),
    "receive-payment": _("收款"),
    "deposit-cash": _("缴存现金"),
    "declare-cash": _("现金申报"),
    "declare-zero": _("零申报"),
    "clear-declaration": _("申报到账"),
    "report-week": _("报送周进度"),
    "extract-settlement": _("提取资助清册"),
    "print-decision": _("打印决定书"),
    "take-settlement-list": _("下载资助清册"),
    "hand-receipts": _("发放收据"),
    "report-missing-receipt": _("报告票据遗失"),
    "draw-up-notice": _("编制公示"),
    "approve-notice": _("签批公示"),
    "close-work-item": _("关闭待办事项"),
    "check-file": _("上传并检查文件"),
    "accept-file": _("导入文件"),
    "discard-file": _("放弃文件"),
    "reassess-open": _("政策修订后重新测算"),
}

SUBJECTS = {
    "payment": _("缴费"),
    "household": _("户"),
    "resident": _("居民"),
    "deposit": _("缴存"),
    "declaration": _("申报"),
    "week": _("周进度"),
    "settlement": _("资助清册"),
    "notice": _("公示"),
    "work-item": _("待办事项"),
    "file": _("文件"),
    "agent": _("经办员"),
    "division": _("村（社区）"),
    "receipt-book": _("票据本"),
    "receipt": _("收据"),
}
