"""An order to pay by phone: its code, whether it is paid by now, and in the demo the phone that pays it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yingbao.accounts.roles import Right
from yingbao.collection.kinds import ONLINE_CHANNELS, Channel
from yingbao.collection.orders import queries
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry import queries as registry
from yingbao.usecases.channels import machine_of
from yingbao.usecases.open_order import close_order
from yingbao.usecases.take_word import Word, take_word
from yingbao.web.clock import read_now
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, new_key, read_key, read_text


@shows(Right.COLLECT, Right.PAY_ONLINE, Right.SEE_MONEY)
def order(request: WebRequest, number: str) -> HttpResponse:
    """Show an order: the code while it waits, asked again every two seconds; then what became of it."""
    found = queries.order(request.actor, number)
    state = queries.state_of(found, at=read_now())
    own = found.opened_by_id == request.actor.user_id and request.actor.may(Right.PAY_ONLINE)
    context: dict[str, Any] = {
        "order": found,
        "state": state,
        "code": draw_code(code_of(request, number)) if state == "open" else "",
        "key": new_key(),
        "own": own,
        "names": request.actor.may(Right.SEE_RESIDENTS) or (own and _is_at_home(request, found)),
        "phone": settings.YINGBAO_DEMO and state == "open",
        "surplus": any(line.kind == "surplus" for line in found.payment.lines.all()) if found.payment else False,
    }
    template = "web/parts/order_state.html" if request.htmx else "web/order.html"
    return render(request, template, context)


def _is_at_home(request: WebRequest, found: Any) -> bool:
    """Tell whether a resident's order is for their own household: who pays for another reads no names."""
    return bool(registry.households(request.actor, [found.household_id]))


def code_of(request: HttpRequest, number: str) -> str:
    """Return what the code says: the order's number, for a channel to bring back; in the demo the phone's address."""
    return request.build_absolute_uri(reverse("phone", args=[number])) if settings.YINGBAO_DEMO else number


def draw_code(text: str) -> SafeString:
    """Return a QR code as SVG, black on white whatever the page's colours: phones read nothing else well."""
    return mark_safe(segno.make(text, error="m").svg_inline(border=2, omitsize=True))  # drawn by us, of our own text


@changes(Right.COLLECT, Right.PAY_ONLINE)
def close(request: WebRequest, number: str) -> HttpResponse:
    """Close an order nobody will pay; back to its household."""
    key = read_key(request)
    found = queries.order(request.actor, number)
    closed = close_order(request.actor, number=number, key=key, at=read_now())["closed"]
    told = _("订单已关闭，不要再付款；已登记的人员仍待缴。") if closed else _("订单已经付款或关闭，没有变化。")
    messages.success(request, told)
    if request.actor.may(Right.COLLECT):
        return redirect("counter-household", household_id=found.household_id)
    return redirect("online")


# --- the payer's phone, in the demo only ----------------------------------------------------------------------------


@require_GET
def phone(request: HttpRequest, number: str) -> HttpResponse:
    """Show what the payer's phone would: the sum and the ways to pay. Only in the demo; elsewhere it is not there."""
    found = _at_the_phone(number)
    ways = [(value, Channel(value).label) for value in Channel.values if value in ONLINE_CHANNELS]
    context = {"order": found, "state": queries.state_of(found, at=read_now()), "ways": ways}
    return render(request, "web/phone.html", context)


@require_POST
def phone_pay(request: HttpRequest, number: str) -> HttpResponse:
    """Pay it: the channel says so, through the same use case that a real one's word goes through."""
    found = _at_the_phone(number)
    channel, now = read_text(request, "channel", limit=20), read_now()
    word = Word(channel, f"DEMO{uuid4().hex[:20]}", found.amount_fen, now, order=number)
    policy = settings.YINGBAO_POLICY
    take_word(machine_of(channel, get_policy(policy)), word, policy_name=policy, at=now)
    return redirect("phone", number=number)


def _at_the_phone(number: str) -> Any:
    found = queries.find(number) if settings.YINGBAO_DEMO else None
    if found is None:
        raise NotFound(say(N_("没有找到这张缴费订单，或不在您的管理范围内。")))
    return found
