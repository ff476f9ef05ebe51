"""Work items: what is to be seen to, by whom, until when; each closes only with a reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.collection.kinds import KEPT_MONEY, Channel
from yingbao.collection.receipts import queries as receipts
from yingbao.kernel.messages import Message
from yingbao.registry import queries as registry
from yingbao.storage.fields import Json
from yingbao.usecases.close_work_item import close_work_item
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.money_work import reasons_of, told
from yingbao.web.requests import WebRequest, new_key, paginate, read_key, read_text
from yingbao.web.work_places import address_of, objections_of, refund_of
from yingbao.worklist import queries as worklist
from yingbao.worklist.kinds import Kind

STATES = ("open", "overdue", "closed")


@shows(Right.SEE_WORK_ITEMS)
def work(request: WebRequest) -> HttpResponse:
    """List work items by kind and state, most urgent first."""
    actor, today = request.actor, read_today()
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "open")
    found = worklist.items(actor).order_by("-closed_at", "-id") if state == "closed" else worklist.open_items(actor)
    if state == "closed":
        found = found.filter(closed_at__isnull=False)
    if state == "overdue":
        found = found.filter(due_on__lt=today)
    if kind in Kind.values:
        found = found.filter(kind=kind)
    if request.GET.get("mine"):
        found = found.filter(owner_id=actor.user_id)
    page = paginate(request, found)
    names, reasons, objections = names_of_subjects(actor, page), reasons_of(page), objections_of(page, today)
    context = {
        "page": page,
        "rows": [
            row_of(actor, item, reasons, objections) | {"name": names.get((item.subject_kind, item.subject_id))}
            for item in page
        ],
        "kinds": Kind.choices,
        "kind": kind,
        "state": state if state in STATES else "open",
        "mine": bool(request.GET.get("mine")),
        "counts": worklist.count_open(actor, today=today),
        "key": new_key(),
    }
    return render(request, "web/work.html", context)


def row_of(
    actor: Actor, item: Any, reasons: Mapping[int, str], objections: Mapping[int, Sequence[Message]]
) -> dict[str, Any]:
    """Return a work item with the page of what it is about, the figures it holds, what bars its refund."""
    barred = objections.get(item.pk, ())
    return {
        "item": item,
        "address": address_of(actor, item),
        "told": told(item, reasons),
        "refund": "" if barred else refund_of(item),
        "barred": barred,
        "settled_there": item.subject_kind == KEPT_MONEY,  # it closes when the money is taken or returned
        "fen": next((value for name, value in item.detail.items() if name.endswith("fen")), None),
    }


def names_of_subjects(actor: Actor, items: Iterable[Any]) -> dict[tuple[str, int], str]:
    """Return (kind, id) → whom or what each item is about, by the name on paper; nobody's for who sees no residents."""
    ids: dict[str, set[int]] = defaultdict(set)
    names: dict[tuple[str, int], str] = {}
    for item in items:
        ids[item.subject_kind].add(item.subject_id)
        if item.subject_kind in ("division", "mending"):
            names[item.subject_kind, item.subject_id] = item.division.name
        if item.subject_kind == KEPT_MONEY:
            names[item.subject_kind, item.subject_id] = _notice(item.detail)
    names |= {("agent", id_): name for id_, name in accounts.names_of(ids["agent"]).items()}
    if ids["receipt"] and actor.may(Right.SEE_MONEY):
        forms = receipts.forms(actor).filter(pk__in=ids["receipt"])
        names |= {("receipt", one.pk): f"{one.book.series}-{one.number}" for one in forms}
    if not actor.may(Right.SEE_RESIDENTS):
        return names
    people = registry.residents_seen(actor).filter(pk__in=ids["resident"])
    names |= {("resident", one.pk): one.name for one in people}
    if ids["payment"] and actor.may(Right.SEE_MONEY):
        payments = collection.payments(actor, year=policies.current().year).filter(pk__in=ids["payment"])
        payers = defaultdict(list)
        for payment, name in payments.values_list("pk", "lines__resident__name").order_by("lines__id"):
            payers[payment].append(name)
        names |= {("payment", payment): "、".join(filter(None, them)) for payment, them in payers.items()}
    return names


def _notice(held: Json) -> str:
    """Return a channel's name and its number for money that fits no due."""
    return f"{dict(Channel.choices).get(held['channel'], held['channel'])} {held['reference']}"


@changes(Right.CLOSE_WORK_ITEM)
def close(request: WebRequest, item_id: int) -> HttpResponse:
    """Close one with a reason."""
    close_work_item(
        request.actor, item_id=item_id, reason=read_text(request, "reason"), key=read_key(request), at=read_now()
    )
    messages.success(request, _("事项已关闭，处理结果已记录。"))
    return redirect(f"{reverse('work')}?{request.GET.urlencode()}")  # to the list as it was filtered
