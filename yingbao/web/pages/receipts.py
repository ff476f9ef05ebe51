"""Receipt stock (BN-4.3.3b): who holds which numbers, one book with its forms, the office's seal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.collection.receipts import queries as stock
from yingbao.divisions import queries as divisions
from yingbao.usecases.receipts import (
    hand_receipts,
    hand_receipts_to_town,
    register_receipts,
    return_receipts,
    set_seal,
)
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, read_key, read_number, read_text

HANDED_AT_ONCE = 50  # the run a form suggests
HOLDERS = {"agents", "offices"}


@shows(Right.SEE_MONEY)
def receipts(request: WebRequest) -> HttpResponse:
    """List the runs and who holds them; whoever keeps stock registers, hands out and takes back here."""
    actor = request.actor
    holder = request.GET.get("holder", "")
    found = stock.books(actor)
    if holder in HOLDERS:
        found = found.filter(agent__isnull=holder == "offices")
    page = paginate(request, found)
    context = {
        "page": page,
        "runs": stock.with_gaps(page),
        "holder": holder,
        "seals": stock.seals(actor),
        "in_use": stock.seal_on(actor.division_code or 0, read_today())
        if actor.role in (Role.TOWN, Role.VILLAGE)
        else "",
        "tab": "stock",
        **_counts(actor),
        **_handing_out(actor),
        "keys": {name: new_key() for name in ("register", "hand", "seal")},
    }
    return render(request, "web/receipts.html", context)


def _counts(actor: Actor) -> dict[str, Any]:
    return {"waiting": stock.to_review(actor).count()}


def _handing_out(actor: Actor) -> dict[str, Any]:
    """Return what the forms of who keeps stock offer: to whom, and the next free numbers."""
    if not (actor.may(Right.HAND_RECEIPTS) or actor.may(Right.STOCK_RECEIPTS)):
        return {}
    own = stock.own_stock(actor)
    first, last = own[0].free[0] if own else (0, 0)
    return {
        "own_stock": own,
        "next": {"series": own[0].book.series, "first": first, "last": min(last, first + HANDED_AT_ONCE - 1)}
        if own
        else {},
        "agents": accounts.collectors(actor) if actor.may(Right.HAND_RECEIPTS) else [],
        "towns": divisions.towns(actor.scope) if actor.may(Right.STOCK_RECEIPTS) else [],
    }


@changes(Right.STOCK_RECEIPTS)
def register(request: WebRequest) -> HttpResponse:
    """Take a printed run into stock."""
    register_receipts(request.actor, **_run(request))
    messages.success(request, _("收据已登记入库。"))
    return redirect("receipts")


@changes(Right.STOCK_RECEIPTS)
def hand_to_town(request: WebRequest) -> HttpResponse:
    """Hand a run to a town's office."""
    key = read_key(request)
    hand_receipts_to_town(request.actor, town=read_number(request, "town"), **{**_run(request), "key": key})
    messages.success(request, _("收据已发往镇街。"))
    return redirect("receipts")


@changes(Right.HAND_RECEIPTS)
def hand(request: WebRequest) -> HttpResponse:
    """Hand a numbered run to an agent."""
    hand_receipts(request.actor, agent=read_text(request, "agent"), **_run(request))
    messages.success(request, _("收据已发放。"))
    return redirect("receipts")


def _run(request: WebRequest) -> dict[str, Any]:
    return {
        "series": read_text(request, "series", limit=20),
        "first": read_number(request, "first"),
        "last": read_number(request, "last"),
        "on": read_today(),
        "key": read_key(request),
        "at": read_now(),
    }


@changes(Right.COLLECT, Right.HAND_RECEIPTS, Right.STOCK_RECEIPTS)
def give_back(request: WebRequest, book_id: int) -> HttpResponse:
    """Give the unused end of a run back to the office it came from."""
    told = return_receipts(request.actor, book_id=book_id, on=read_today(), key=read_key(request), at=read_now())
    messages.success(request, _("已交回 %(n)s 张未用收据。") % {"n": told["returned"]})
    return redirect("receipt-book", book_id=book_id)


@changes(Right.SET_SEAL)
def seal(request: WebRequest) -> HttpResponse:
    """Note the seal the office uses from today."""
    key = read_key(request)
    set_seal(request.actor, text=read_text(request, "text"), on=read_today(), key=key, at=read_now())
    messages.success(request, _("公章已登记，从今天起使用。"))
    return redirect("receipts")


@shows(Right.SEE_MONEY)
def book(request: WebRequest, book_id: int) -> HttpResponse:
    """Show one run: of an agent's the register of its forms, of an office's the parts it handed out."""
    actor = request.actor
    found = stock.book(actor, book_id)
    (run,) = stock.with_gaps([found])
    rows = stock.forms_of(actor, found).order_by("-number") if found.agent_id else stock.parts_of(actor, found)
    page = paginate(request, rows)  # of forms the last used first: it is the one somebody has just spoiled
    own = found.agent_id == actor.user_id if found.agent_id else found.division_id == actor.division_code
    above = Right.HAND_RECEIPTS if found.agent_id else Right.STOCK_RECEIPTS
    context = {
        "book": found,
        "run": run,
        "page": page,
        "parts": [] if found.agent_id else stock.with_gaps(page),
        "own": own,
        "may_end": bool(found.agent_id) and actor.may(Right.COLLECT) and (own or actor.may(Right.HAND_RECEIPTS)),
        "may_return": bool(found.parent_id)
        and bool(run.left)
        and ((own and actor.may(Right.COLLECT)) or actor.may(above)),
        "may_write_off": bool(found.agent_id) and not own and actor.may(Right.REVIEW_RECEIPTS),
        "may_review": bool(found.agent_id) and not own and actor.may(Right.REVIEW_RECEIPTS),
        "tab": "book",
        **_counts(actor),
        "keys": {name: new_key() for name in ("blanks", "return", "off", "review")},
    }
    return render(request, "web/receipt_book.html", context)
