"""The counter's two acts: enrol people of a household (and take their money), and take money already owed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.receive_payment import receive_payment
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes
from yingbao.web.requests import WebRequest, parse_number, read_key, read_number, read_numbers, read_text

PREFIX = "tier_"


@changes(Right.ENROL)
def enrol(request: WebRequest, household_id: int) -> HttpResponse:
    """Enrol the chosen people; with ``act=pay`` take their money too. Then show the receipt or the household."""
    tiers, key, amount = read_tiers(request), read_key(request), read_number(request, "amount_fen")
    policy, today, now = settings.YINGBAO_POLICY, read_today(), read_now()
    if request.POST.get("act") == "pay" and amount:
        answer = enrol_and_pay(
            request.actor,
            household_id=household_id,
            tiers=tiers,
            channel=read_text(request, "channel"),
            amount_fen=amount,
            **read_voucher(request),
            policy_name=policy,
            on=today,
            key=key,
            at=now,
        )
        messages.success(request, _("已登记并收款。请打印收据交缴费人。"))
        return redirect("payment", payment_id=answer["payment"])
    answer = enrol_household(
        request.actor, household_id=household_id, tiers=tiers, policy_name=policy, on=today, key=key, at=now
    )
    owed = sum(row["amount_fen"] for row in answer["dues"].values())
    told = (
        _("已登记，待缴{yuan}元。").format(yuan=format_yuan(owed))
        if owed
        else _("已登记。个人应缴为零，请办理零申报。")
    )
    messages.success(request, told)
    return redirect("household", household_id=household_id)


@changes(Right.COLLECT)
def pay(request: WebRequest, household_id: int) -> HttpResponse:
    """Take money for dues the household already has, and show the receipt."""
    answer = receive_payment(
        request.actor,
        household_id=household_id,
        due_ids=read_numbers(request, "due"),
        channel=read_text(request, "channel"),
        amount_fen=read_number(request, "amount_fen"),
        **read_voucher(request),
        policy_name=settings.YINGBAO_POLICY,
        collected_on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("已收款。请打印收据交缴费人。"))
    return redirect("payment", payment_id=answer["payment"])


def read_voucher(request: WebRequest) -> dict[str, Any]:
    """Return the POS voucher's number and its terminal; both empty for cash."""
    return {
        "reference": read_text(request, "reference", limit=64),
        "terminal": read_text(request, "terminal", limit=20),
    }


def read_tiers(request: WebRequest) -> dict[int, int]:
    """Return resident id → tier of the form. Raises BadInput where nobody was chosen."""
    sent = {name: request.POST.get(name, "") for name in request.POST if name.startswith(PREFIX)}
    tiers = {
        parse_number(name.removeprefix(PREFIX)): parse_number(tier)
        for name, tier in sent.items()
        if tier not in ("", "0")
    }
    if not tiers:
        raise BadInput(say(N_("没有选择任何人。")), todo=say(N_("请为要参保的成员选择档次，再提交。")))
    return tiers
