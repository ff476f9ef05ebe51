"""The public notice of who paid cash at a payment point (BN-4.2.2c): drawn up by the handler, approved by a leader."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Count, Sum

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.publicity import operations
from yingbao.storage.fields import Json
from yingbao.usecases.once import once


def draw_up_notice(actor: Actor, *, year: int, begin_on: date, end_on: date, key: str, at: datetime) -> Json:
    """Draw up the notice of the agent's village for the cash collected in [begin_on, end_on).

    Returns ``{"notice": id, "payments": n, "amount_fen": …}``. Raises BadInput where there was no cash to publish.
    """
    actor.must(Right.PUBLISH_NOTICE)
    village = actor.division_code or 0

    def effect() -> Json:
        point = Scope(village, village + 1)
        paid = collection.cash_payments(point, year=year, begin_on=begin_on, end_on=end_on, known_at=at)
        sums = paid.order_by().aggregate(payments=Count("id"), amount_fen=Sum("amount_fen"))
        if not sums["payments"]:
            raise BadInput(say(N_("这段时间没有现金缴费，不需要公示。")))
        notice = operations.draw_up(
            division_code=village,
            year=year,
            begin_on=begin_on,
            end_on=end_on,
            handler_id=actor.user_id,
            at=at,
            **sums,
        )
        _tell(actor, "draw-up-notice", notice.pk, village, at=at, key=key)
        return {"notice": notice.pk, **sums}

    inputs = {"year": year, "begin": begin_on, "end": end_on}
    return once(actor, key=key, use_case="draw-up-notice", inputs=inputs, at=at, effect=effect)


def approve_notice(actor: Actor, *, notice_id: int, key: str, at: datetime) -> Json:
    """Approve a village's notice as the leader who signs it; the handler cannot (maker ≠ checker)."""
    actor.must(Right.APPROVE_NOTICE)

    def effect() -> Json:
        notice = operations.approve(notice_id, scope=actor.scope, leader_id=actor.user_id, at=at)
        _tell(actor, "approve-notice", notice.pk, notice.division_id, at=at, key=key)
        return {"notice": notice.pk}

    return once(actor, key=key, use_case="approve-notice", inputs={"notice": notice_id}, at=at, effect=effect)


def _tell(actor: Actor, action: str, notice_id: int, village: int, *, at: datetime, key: str) -> None:
    audit.record(actor, action, subject=("notice", notice_id), division_code=village, at=at, request_key=key)
