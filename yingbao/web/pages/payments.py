"""Payments and their receipts."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.collection.institutional import queries as institutional
from yingbao.collection.kinds import Channel
from yingbao.collection.refunding import queries as refunding
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.ledger import queries as ledger
from yingbao.registry import queries as registry
from yingbao.registry.institutions import queries as institutions
from yingbao.usecases.money_lists import write_payments
from yingbao.usecases.print_receipts import print_receipt, print_receipt_slip, print_voucher
from yingbao.web import policies
from yingbao.web.clock import read_today
from yingbao.web.doors import PDF, XLSX, attach, shows
from yingbao.web.requests import WebRequest, filter_number, new_key, paginate


@shows(Right.SEE_MONEY)
def payments(request: WebRequest) -> HttpResponse:
    """List payments, newest first, by channel."""
    found = collection.payments(request.actor, year=policies.current().year)
    channel = read_channel(request)
    if channel:
        found = found.filter(channel=channel)
    context = {"page": paginate(request, found), "channels": Channel.choices, "channel": channel}
    return render(request, "web/payments.html", context)


@shows(Right.SEE_MONEY)
def payments_file(request: WebRequest) -> HttpResponse:
    """Give the payments the list is filtered to as .xlsx."""
    year, channel = policies.current().year, read_channel(request)
    content = write_payments(request.actor, year=year, channel=channel, language=policies.language())
    return attach(content, name=f"payments{channel and '-'}{channel}-{read_today()}.xlsx", kind=XLSX)


def read_channel(request: WebRequest) -> str:
    """Return the channel asked for; "" where none is or there is no such channel."""
    channel = request.GET.get("channel", "")
    return channel if channel in Channel.values else ""


@shows(Right.SEE_MONEY, Right.SEE_OWN_HOUSEHOLD)
def payment(request: WebRequest, payment_id: int) -> HttpResponse:
    """Show one payment: for whom, which receipt, and its way through the ledger."""
    found = find(request.actor, payment_id)
    lines = lines_seen(request.actor, found)
    context: dict[str, Any] = {
        "payment": found,
        "page": paginate(request, lines),
        # Of an institution's payment a resident reads their own part, not what thousands of others have paid.
        "seen_fen": institutional.total_of(lines),
        "institution": institutions.of_household(found.household_id),
        "refunds": refunds_seen(request.actor, found),
        "key": new_key(),
    }
    if request.actor.may(Right.SEE_MONEY):
        context["transfers"] = ledger.of_source(request.actor, kind="payment", source_id=payment_id)
    return render(request, "web/payment.html", context)


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def receipt_pdf(request: WebRequest, payment_id: int) -> HttpResponse:
    """Give the household's receipt as PDF; ``?form=`` asks for one of its void forms."""
    form = filter_number(request, "form")
    made = print_receipt(request.actor, payment_id=payment_id, receipt_id=form)
    return attach(made, name=f"receipt-{payment_id}.pdf", kind=PDF)


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def receipt_slip(request: WebRequest, payment_id: int) -> HttpResponse:
    """Give the receipt for a thermal printer."""
    form = filter_number(request, "form")
    made = print_receipt_slip(request.actor, payment_id=payment_id, receipt_id=form)
    return attach(made, name=f"receipt-80mm-{payment_id}.pdf", kind=PDF)


@shows(Right.SEE_RESIDENTS, Right.SEE_OWN_HOUSEHOLD)
def voucher(request: WebRequest, payment_id: int) -> HttpResponse:
    """Give the voucher of a POS payment and its stub (BN-4.3.2)."""
    return attach(print_voucher(request.actor, payment_id=payment_id), name=f"pos-{payment_id}.pdf", kind=PDF)


def find(actor: Actor, payment_id: int) -> Any:
    """Return a payment the actor may see: staff by division, a resident by own household. Raises NotFound."""
    found = collection.payment_alone(payment_id)
    if found is None:
        raise NotFound(say(N_("没有找到这笔缴费，或不在您的管理范围内。")))
    if actor.may(Right.SEE_MONEY):
        actor.must_reach(found.division_id)
    else:
        _must_own(actor, found)
    return found


def lines_seen(actor: Actor, payment: Any) -> Any:
    """Return the parts of a payment the actor may see: of an institution's, a resident sees their own alone."""
    lines = institutional.paid_lines(payment.pk)
    if actor.may(Right.SEE_MONEY) or institutions.of_household(payment.household_id) is None:
        return lines
    own = registry.own_household(actor).members.all()
    return lines.filter(resident_id__in=[one.pk for one in own])


def refunds_seen(actor: Actor, payment: Any) -> list[Any]:
    """Return a payment's refunds; a resident sees those of their own household alone."""
    own = None
    if not actor.may(Right.SEE_MONEY):
        own = [one.pk for one in registry.own_household(actor).members.all()]
    return list(refunding.of_payments([payment.pk], residents=own).get(payment.pk, ()))


def _must_own(actor: Actor, payment: Any) -> None:
    """Raise NotFound unless a payment is of the actor's household, or an institution's and paid for somebody of it."""
    if institutions.of_household(payment.household_id) is None:
        registry.household(actor, payment.household_id)
    elif not lines_seen(actor, payment).exists():
        raise institutions.not_found()
