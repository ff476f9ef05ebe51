"""The agent's day: cash in hand, what was collected, deposits, declarations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.collection.custody import queries as custody
from yingbao.collection.declaring import queries as declaring
from yingbao.collection.kinds import ReceiptState
from yingbao.collection.receipts import queries as receipts
from yingbao.kernel.money import format_yuan
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.usecases.custody import working_days_after
from yingbao.usecases.declare import count_unconfirmed, covered_by, declare_cash, declare_zero, dues_of
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.watch_custody import DECLARE_WITHIN_WORKING_DAYS
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, new_key, read_fen, read_key, read_numbers, read_text
from yingbao.worklist import queries as worklist
from yingbao.worklist.kinds import Kind

RECENT = 8
ON_THE_TABLE = (ReceiptState.ISSUED, ReceiptState.TAKEN_BACK)
MY_PLACES = (AccountKind.AGENT_CASH, AccountKind.AGREEMENT, AccountKind.DECLARED)


@shows(Right.DEPOSIT)
def day(request: WebRequest) -> HttpResponse:
    """Show where the actor's own cash is and what is to be done with it today (BN-4.3.3d)."""
    actor, year, today = request.actor, policies.current().year, read_today()
    held = {kind: _held(actor, year, kind) for kind in MY_PLACES}
    undeclared = undeclared_of(actor, actor.user_id, year)
    zero = list(declaring.undeclared_zero(actor.scope, year=year))
    payments = collection.payments_of_agent(actor.user_id, on=today)
    shown = list(custody.deposits(actor, year=year).filter(agent_id=actor.user_id)[:RECENT])
    context = {
        "held": {kind.replace("-", "_"): fen for kind, fen in held.items()},
        "payments": payments,
        "collected_fen": sum(payment.amount_fen for payment in payments),
        "in_hand": custody.cash_in_hand(actor.user_id, actor.scope, year=year, held_fen=held[AccountKind.AGENT_CASH]),
        "undeclared": len({line.due_id for line in undeclared}),
        "undeclared_fen": sum(line.amount_fen for line in undeclared),
        **_deadline(undeclared, today),
        "zero": len(zero),
        "sent_back": _sent_back(undeclared, zero),
        "unconfirmed": count_unconfirmed([*dues_of(undeclared), *zero], year=year, on=today),
        "papers": _papers(actor, today),
        "books": receipts.books_of(actor.user_id),
        "lately": lately(shown, declaring.declarations(actor, year=year).filter(agent_id=actor.user_id)[:RECENT]),
        "late": custody.late_deposits(shown),
        "to_take_over": custody.to_take_over(actor.user_id, year=year),
        "keys": {"deposit": new_key(), "cash": new_key(), "zero": new_key(), "take": new_key()},
    }
    return render(request, "web/day.html", context)


def _papers(actor: Actor, today: date) -> list[Any]:
    """Return the forms an agent has to do with paper for: taken back and to be replaced, or replaced today.

    Each stands before the one that takes its place.
    """
    mine = worklist.open_items(actor).filter(kind=Kind.RECEIPT_TO_REISSUE, owner_id=actor.user_id)
    forms = receipts.forms(actor)
    printed = forms.filter(book__agent_id=actor.user_id, issued_on=today, stated__isnull=False)
    payments = {*mine.values_list("subject_id", flat=True), *printed.values_list("payment_id", flat=True)}
    return list(forms.filter(payment_id__in=payments, state__in=ON_THE_TABLE).order_by("payment_id", "pk"))


def lately(deposits: Iterable[Any], declarations: Iterable[Any]) -> list[tuple[date, Any, Any]]:
    """Return (day, deposit or None, declaration or None), the last first; of a day the declaration came second."""
    told: list[tuple[date, Any, Any]] = [(one.declared_on, None, one) for one in declarations]
    told += [(one.deposited_on, one, None) for one in deposits]
    return sorted(told, key=lambda one: one[0], reverse=True)[: 2 * RECENT]


def undeclared_of(actor: Actor, agent_id: int, year: int) -> list[Any]:
    """Return what an agent of the actor's divisions is to declare, oldest first.

    Their own, and of whoever handed their cash over to them, as much as they have in hand or deposited: what
    went into another's hands is the other's to declare.
    """
    agents = custody.handed_over_to(agent_id, year=year)
    held: Counter[tuple[int, int]] = Counter()
    for kind in (AccountKind.AGENT_CASH, AccountKind.AGREEMENT):
        for (holder, village), fen in ledger.by_holder(
            actor.scope, year=year, kind=kind, holders=[str(agent_id)]
        ).items():
            held[int(holder), village] += fen
    return covered_by(held, declaring.with_papers(declaring.undeclared_cash(agents, actor.scope, year=year)))


def _deadline(undeclared: Sequence[Any], today: date) -> dict[str, Any]:
    """Return the oldest collection, the day it must be declared by, and the working days left until then."""
    if not undeclared:
        return {"oldest": None}
    oldest = undeclared[0].payment.collected_on
    last = working_days_after(oldest, DECLARE_WITHIN_WORKING_DAYS)
    return {"oldest": oldest, "declare_by": last, "is_late": last < today, "days_left": (last - today).days}


def _sent_back(undeclared: Sequence[Any], zero: Sequence[Any]) -> list[Any]:
    """Return the last refusals of what waits to be declared again."""
    waiting = [*(line.due_id for line in undeclared), *(due.pk for due in zero)]
    return list(declaring.sent_back(waiting).values())


def _held(actor: Actor, year: int, kind: str) -> int:
    return ledger.balance_of(actor.scope, year=year, kind=kind, holder=str(actor.user_id))


@changes(Right.DEPOSIT)
def deposit(request: WebRequest) -> HttpResponse:
    """Note a deposit slip."""
    fen = read_fen(request, "amount")
    deposit_cash(
        request.actor,
        amount_fen=fen,
        slip_number=read_text(request, "slip", limit=40),
        year=policies.current().year,
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("已登记缴存 %(yuan)s 元。") % {"yuan": format_yuan(fen)})
    return redirect("day")


@changes(Right.DECLARE)
def declare_cash_now(request: WebRequest) -> HttpResponse:
    """Declare what has been deposited, but for what was sent back and is not ticked as mended."""
    year, key = policies.current().year, read_key(request)
    waiting = _sent_back(undeclared_of(request.actor, request.actor.user_id, year), [])
    told = declare_cash(
        request.actor, year=year, on=read_today(), key=key, at=read_now(), left_out=_not_mended(request, waiting)
    )
    _say_declared(request, told)
    return redirect("day")


@changes(Right.DECLARE)
def declare_zero_now(request: WebRequest) -> HttpResponse:
    """Declare those who owe nothing (PJ-5.2.2), but for who was sent back and is not ticked as mended."""
    year, key = policies.current().year, read_key(request)
    waiting = _sent_back([], list(declaring.undeclared_zero(request.actor.scope, year=year)))
    told = declare_zero(
        request.actor, year=year, on=read_today(), key=key, at=read_now(), left_out=_not_mended(request, waiting)
    )
    _say_declared(request, told)
    return redirect("day")


def _not_mended(request: WebRequest, waiting: Sequence[Any]) -> set[int]:
    mended = set(read_numbers(request, "mended"))
    return {line.due_id for line in waiting} - mended


def _say_declared(request: WebRequest, told: Mapping[str, Any]) -> None:
    words = {"persons": told["persons"], "yuan": format_yuan(told["amount_fen"])}
    messages.success(request, _("已申报 %(persons)s 人，%(yuan)s 元。") % words)
    if told.get("unconfirmed"):
        words = {"count": told["unconfirmed"]}
        messages.warning(
            request, _("其中 %(count)s 名享受资助人员的身份还没有经镇街确认，请及时确认。") % words, extra_tags="warn"
        )
