"""Drawing up and approving public notices."""

from __future__ import annotations

from datetime import date, datetime

from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.publicity.models import PublicNotice
from yingbao.storage.transactions import operation


@operation
def draw_up(
    *,
    division_code: int,
    year: int,
    begin_on: date,
    end_on: date,
    payments: int,
    amount_fen: int,
    handler_id: int,
    at: datetime,
) -> PublicNotice:
    """Write a notice of a payment point's cash payments in [begin_on, end_on), signed by its handler."""
    return PublicNotice.objects.create(
        division_id=division_code,
        year=year,
        begin_on=begin_on,
        end_on=end_on,
        payments=payments,
        amount_fen=amount_fen,
        handler_id=handler_id,
        drawn_up_at=at,
    )


@operation
def approve(notice_id: int, *, scope: Scope, leader_id: int, at: datetime) -> PublicNotice:
    """Sign a notice of a scope as leader. Raises NotFound, or Refused for the handler's own or an approved one."""
    within = PublicNotice.objects.filter(division_id__gte=scope.low, division_id__lt=scope.high)
    notice = within.select_for_update().filter(pk=notice_id).first()
    if notice is None:
        raise NotFound(say(N_("没有找到这份公示。")))
    if notice.leader_id is not None:
        raise Refused(say(N_("这份公示已经签批。")))
    if notice.handler_id == leader_id:
        raise Refused(say(N_("经办人不能签批自己的公示。")), todo=say(N_("请由相关领导签批。")))
    notice.leader_id, notice.approved_at = leader_id, at
    notice.save(update_fields=["leader", "approved_at"])
    return notice
