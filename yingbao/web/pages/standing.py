"""What a household's page lets do with an enrolment that stands: another tier, cancelling, topping up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.collection.kinds import DueState
from yingbao.collection.refunding import queries as refunding
from yingbao.enrolment.queries import made_online
from yingbao.kernel.money import format_yuan
from yingbao.registry.facts import of_residents
from yingbao.usecases.cancel_enrolment import cancel_enrolment
from yingbao.usecases.change_tier import change_tier
from yingbao.usecases.open_order import open_order
from yingbao.usecases.top_up import Missing, missing_of, top_up
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes
from yingbao.web.pages.counter import read_voucher
from yingbao.web.requests import WebRequest, new_key, read_key, read_number, read_text


def acts_of(request: WebRequest, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the members' open and short dues with what can be done: other tiers, what is missing today.

    Residents change and cancel what was enrolled online and is open; what is missing they pay online.
    """
    own = request.actor.may(Right.PAY_ONLINE)
    due_rows = [row for row in rows if row["due"] and (own or row["due"].division_id in request.actor.scope)]
    if own:
        online = made_online(row["due"].enrolment_id for row in due_rows)
        due_rows = [row for row in due_rows if row["due"].enrolment_id in online]
    short = [row["due"] for row in due_rows if row["due"].state == DueState.SHORT]
    missing: dict[int, Missing] = {}
    if short:
        facts = of_residents([due.enrolment.resident_id for due in short], on=read_today())
        missing = missing_of(policies.current(), short, facts, on=read_today())
    tiers = policies.current().tiers
    endings = refunding.endings_of([row["due"].pk for row in due_rows if _owes_nothing(row["due"])])
    return [
        {
            "person": row["person"],
            "due": row["due"],
            "tiers": [tier for tier in tiers if tier != row["due"].enrolment.tier],
            "missing": missing.get(row["due"].pk),
            "ending": endings.get(row["due"].pk),
            "keys": {"tier": new_key(), "cancel": new_key(), "top": new_key()},
        }
        for row in due_rows
        if row["due"].state == DueState.OPEN
        or (not own and (row["due"].state == DueState.SHORT or _owes_nothing(row["due"])))
    ]


def _owes_nothing(due: Any) -> bool:
    """Return whether a due was declared or cleared with nothing to pay: what ends it is no refund of money."""
    return due.state in (DueState.DECLARED, DueState.CLEARED) and not due.amount_fen


@changes(Right.ENROL, Right.PAY_ONLINE)
def tier(request: WebRequest, due_id: int) -> HttpResponse:
    """Change the tier of an open due."""
    household = read_number(request, "household")
    answer = change_tier(
        request.actor,
        due_id=due_id,
        tier=read_number(request, "tier"),
        policy_name=settings.YINGBAO_POLICY,
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    words = {"before": format_yuan(answer["before_fen"]), "after": format_yuan(answer["amount_fen"])}
    messages.success(request, _("档次已改：应缴由 %(before)s 元变为 %(after)s 元。") % words)
    return redirect("household", household_id=household)


@changes(Right.ENROL, Right.PAY_ONLINE)
def cancel(request: WebRequest, due_id: int) -> HttpResponse:
    """Cancel an enrolment nobody has paid for."""
    household = read_number(request, "household")
    cancel_enrolment(
        request.actor,
        due_id=due_id,
        reason=read_text(request, "reason", limit=200),
        year=policies.current().year,
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("参保登记已取消，可重新登记。"))
    return redirect("household", household_id=household)


@changes(Right.COLLECT)
def top(request: WebRequest, due_id: int) -> HttpResponse:
    """Take what a short due lacks."""
    household = read_number(request, "household")
    answer = top_up(
        request.actor,
        due_id=due_id,
        channel=read_text(request, "channel"),
        amount_fen=read_number(request, "amount_fen"),
        policy_name=settings.YINGBAO_POLICY,
        on=read_today(),
        key=read_key(request),
        at=read_now(),
        **read_voucher(request),
    )
    if answer["payment"] is None:
        messages.success(request, _("已不缺款，按今天到账。"))
        return redirect("household", household_id=household)
    messages.success(request, _("已收补缴款。请打印收据交缴费人。"))
    return redirect("payment", payment_id=answer["payment"])


@changes(Right.COLLECT)
def scan(request: WebRequest, due_id: int) -> HttpResponse:
    """Open an order for what a short due lacks: the payer scans it."""
    answer = open_order(
        request.actor,
        household_id=read_number(request, "household"),
        tiers={},
        due_ids=[due_id],
        amount_fen=read_number(request, "amount_fen"),
        policy_name=settings.YINGBAO_POLICY,
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    return redirect("order", number=answer["order"])
