"""An institution's bills: drawn up, printed, taken back, and the transfer that pays one, or does not match it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.collection.institutional import queries as institutional
from yingbao.collection.keeping import queries as keeping
from yingbao.collection.kinds import KeptState, OrderState
from yingbao.collection.orders.queries import state_of
from yingbao.registry.institutions.queries import SEES
from yingbao.usecases.bill_institution import close_bill, find_bill, open_bill
from yingbao.usecases.bill_parts import parts_of
from yingbao.usecases.note_transfer import Arrived, is_exact, may_note, note_transfer
from yingbao.usecases.print_bill import print_bill
from yingbao.usecases.withdraw_transfer import withdraw_transfer
from yingbao.web.clock import read_now
from yingbao.web.doors import PDF, attach, changes, shows
from yingbao.web.requests import (
    WebRequest,
    new_key,
    paginate,
    read_date,
    read_fen,
    read_key,
    read_numbers,
    read_text,
)


@changes(Right.ENROL_INSTITUTION)
def open_one(request: WebRequest, institution_id: int) -> HttpResponse:
    """Draw up a bill for whom was ticked, or for everybody who can be paid for now."""
    key = read_key(request)
    answer = open_bill(
        request.actor,
        institution_id=institution_id,
        due_ids=None if read_text(request, "all") else read_numbers(request, "due"),
        policy_name=settings.YINGBAO_POLICY,
        key=key,
        at=read_now(),
    )
    if answer["no_cover"]:
        told = _("另有 %(count)s 人今天缴费已没有可享受的日子，没有列入；请向医保局请示，或取消其参保登记。")
        messages.warning(request, told % {"count": answer["no_cover"]})
    return redirect("bill", order_id=answer["order"])


@shows(*SEES)
def bill(request: WebRequest, order_id: int) -> HttpResponse:
    """Show a bill: what it comes to by tier, for whom, and whether it is paid."""
    return _page(request, order_id)


def _page(request: WebRequest, order_id: int, *, asked: Arrived | None = None) -> HttpResponse:
    """``asked``: what was typed of a transfer and is not what the bill asks; the page asks whether it is so."""
    order, institution = find_bill(request.actor, order_id)
    now, sees_people = read_now(), request.actor.may(Right.ENROL_INSTITUTION)
    context = {
        "order": order,
        "institution": institution,
        "state": state_of(order, at=now),
        "parts": parts_of(order_id),
        "page": paginate(request, institutional.lines_of_bill(order_id)) if sees_people else None,
        "closes": sees_people and order.state == OrderState.OPEN,
        "notes": may_note(request.actor) and order.state != OrderState.PAID,
        "own": order.opened_by_id == request.actor.user_id,
        "kept": [
            {"one": one, "withdraws": one.state == KeptState.KEPT and one.noted_by_id == request.actor.user_id}
            for one in keeping.of_bill(order_id)
        ],
        "asked": asked,
        "key": new_key(),
    }
    return render(request, "web/bill.html", context)


@shows(Right.ENROL_INSTITUTION)
def bill_pdf(request: WebRequest, order_id: int) -> HttpResponse:
    """Give a bill as PDF."""
    content = print_bill(request.actor, order_id=order_id, at=read_now())
    return attach(content, name=f"bill-{order_id}.pdf", kind=PDF)


@changes(Right.ENROL_INSTITUTION)
def close(request: WebRequest, order_id: int) -> HttpResponse:
    """Take a bill back."""
    close_bill(request.actor, order_id=order_id, key=read_key(request), at=read_now())
    messages.success(request, _("通知单已作废，其中的人员可以重新开单。"))
    return redirect("bill", order_id=order_id)


@changes(Right.CLEAR, Right.MANAGE_INSTITUTIONS)
def transfer(request: WebRequest, order_id: int) -> HttpResponse:
    """Note that the transfer for a bill has arrived; one of another sum only when that has been asked and answered."""
    arrived = Arrived(
        *(read_fen(request, "amount"), read_date(request, "on"), read_text(request, "reference")),
        looked_again=read_text(request, "looked_again") == read_text(request, "amount"),
    )
    order, _institution = find_bill(request.actor, order_id)
    if not arrived.looked_again and order.opened_by_id != request.actor.user_id and not is_exact(order, arrived):
        return _page(request, order_id, asked=arrived)
    answer = note_transfer(
        request.actor,
        order_id=order_id,
        arrived=arrived,
        policy_name=settings.YINGBAO_POLICY,
        key=read_key(request),
        at=read_now(),
    )
    if answer["matched"]:
        messages.success(request, _("已登记到账，%(count)s 人缴清。") % {"count": answer["cleared"]})
    else:
        messages.warning(request, _("到账金额与通知单不符：整笔留待退回单位，已转为待办事项。登记有误的，可以撤销。"))
    if answer["matched"] and (answer["surplus_fen"] or answer["short"]):
        messages.warning(request, _("其中有人已另行缴费或金额已变化，已转为待办事项。"))
    return redirect("bill", order_id=order_id)


@changes(Right.CLEAR, Right.MANAGE_INSTITUTIONS)
def withdraw(request: WebRequest, kept_id: int) -> HttpResponse:
    """Take back one's own note of a transfer that is not what its bill asks."""
    answer = withdraw_transfer(request.actor, kept_id=kept_id, key=read_key(request), at=read_now())
    messages.success(request, _("已撤销这笔登记，银行流水号可以重新登记。"))
    return redirect("bill", order_id=answer["order"])
