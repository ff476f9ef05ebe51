"""What a work item about cash and declarations says beside its kind: which day, how much, which batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from yingbao.collection.declaring import queries as declaring
from yingbao.collection.kinds import KEPT_MONEY
from yingbao.kernel.money import format_yuan
from yingbao.worklist.kinds import Kind


def reasons_of(items: Iterable[Any]) -> dict[int, str]:
    """Return line → why it was refused. The items do not keep it: what an office wrote may name somebody."""
    lines = [item.detail["line"] for item in items if item.kind == Kind.DECLARATION_REFUSED]
    return declaring.reasons_of(lines) if lines else {}


def told(item: Any, reasons: Mapping[int, str]) -> str:
    """Return the item's own sentence in the reader's language; empty for kinds that have none."""
    held = item.detail
    if item.kind == Kind.LATE_DEPOSIT:
        return _("%(day)s 结束时手中还有现金") % {"day": held.get("on", "")}
    if item.kind == Kind.LATE_DECLARATION:
        return _("%(day)s 收的款，过了两个工作日没有申报") % {"day": held.get("collected_on", "")}
    if item.kind == Kind.DECLARATION_REFUSED:
        words = {"batch": held.get("declaration", ""), "reason": reasons.get(held.get("line", 0), "")}
        return _("第 %(batch)s 批申报的一行被退回：%(reason)s。更正后在“我的收款”重新申报") % words
    if item.kind == Kind.DECLARATION_TO_CORRECT:
        words = {"batch": held.get("declaration", "")}
        return _("第 %(batch)s 批申报中的这个人已取消参保，请在税务客户端更正") % words
    if item.kind == Kind.RECEIPT_TO_REISSUE:
        return _("旧收据已收回，用您的下一号给留下的人补开")
    if item.kind == Kind.STUB_NOT_FILED:
        return _("%(day)s 的POS缴费，过了五个工作日存根没有归档") % {"day": held.get("collected_on", "")}
    if item.subject_kind == KEPT_MONEY:
        whose = item.kind == Kind.ORDER_UNMATCHED
        if whose and "order" in held:
            return _("到账金额与通知单不符：登记有误的由登记人撤销，确实如此的退回单位")
        return _("按渠道的号码查清是谁缴的，认领或退回") if whose else _("按原渠道退回后登记")
    if item.kind == Kind.ORDER_UNMATCHED:
        return _("查清多付的原因，申请退费")
    if item.kind == Kind.CASH_MISMATCH:
        counted = {
            "day": held.get("on", ""),
            "expected": format_yuan(held.get("expected_fen", 0)),
            "counted": format_yuan(held.get("counted_fen", 0)),
        }
        return _("%(day)s 盘点：账面 %(expected)s 元，清点 %(counted)s 元") % counted
    return ""
