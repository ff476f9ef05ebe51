"""Refunds: what was asked back and by whom, deciding, paying out, the slip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.collection.kinds import LineKind, ReceiptState, RefundReason, RefundState
from yingbao.collection.refunding import queries as refunding
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.ledger import queries as ledger
from yingbao.registry import queries as registry
from yingbao.usecases import refund_facts, refund_places
from yingbao.usecases.ask_refund import ask_refund
from yingbao.usecases.decide_refund import approve_refund, refuse_refund
from yingbao.usecases.pay_refund import pay_refund
from yingbao.usecases.print_refund import print_refund
from yingbao.usecases.refund_facts import ON_A_LIST, verified
from yingbao.usecases.refund_outlook import objections
from yingbao.usecases.refund_rules import BEFORE_COVER, LATE_ROSTER, NEVER_COVERED, SILENT, readings
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import PDF, attach, changes, shows
from yingbao.web.pages.payments import find
from yingbao.web.requests import (
    WebRequest,
    filter_number,
    new_key,
    paginate,
    read_key,
    read_number,
    read_numbers,
    read_text,
)
from yingbao.worklist.kinds import Kind

GROUNDS = (SILENT, BEFORE_COVER, NEVER_COVERED, LATE_ROSTER)
# By what somebody was found insured or kept elsewhere whom no list of ours names.
BASES = {"document": say(N_("本人的书面材料")), "answer": say(N_("主管部门答复")), "query": say(N_("在经办系统查询"))}
# What a work item found suggests as the reason.
REASON_OF: dict[str, str] = {
    Kind.DUPLICATE_PAYMENT: RefundReason.PAID_TWICE,
    Kind.PAID_TOO_MUCH: RefundReason.TOO_MUCH,
    Kind.PAID_BUT_DEAD: RefundReason.DEATH,
    Kind.PAID_BUT_COVERED_ELSEWHERE: RefundReason.EMPLOYEE,
    Kind.WRONG_TIER: RefundReason.WRONG_TIER,
    Kind.ORDER_UNMATCHED: RefundReason.WRONG_PERSON,
    Kind.PAID_TOO_LITTLE: "",
}


@shows(Right.SEE_MONEY)
def refunds(request: WebRequest) -> HttpResponse:
    """List what was asked back, newest first, by state."""
    actor, state = request.actor, request.GET.get("state", "")
    found = refunding.refunds(actor, year=policies.current().year)
    if state in RefundState.values:
        found = found.filter(state=state)
    page = paginate(request, refunding.cases(found))
    heads = refunding.heads(row["first"] for row in page)
    context = {
        "page": page,
        "rows": [row | {"refund": heads[row["first"]]} for row in page],
        "states": RefundState.choices,
        "state": state,
        "mine": _mine(actor),
    }
    return render(request, "web/refunds.html", context)


def _mine(actor: Actor) -> list[tuple[str, Any, int]]:
    """Return (state, what to do, cases) of what waits for somebody of the actor's kind."""
    found = refunding.refunds(actor, year=policies.current().year)
    wanted = ((Right.DECIDE_REFUND, RefundState.ASKED), (Right.PAY_REFUND, RefundState.APPROVED))
    states = [state for right, state in wanted if actor.may(right)]
    counts = {state: refunding.cases(found.filter(state=state)).count() for state in states}
    return [(state.value, state.label, count) for state, count in counts.items() if count]


@shows(Right.SEE_MONEY)
def refund(request: WebRequest, refund_id: int) -> HttpResponse:
    """Show what was asked for together: facts, rules, decision, and the money's way."""
    actor = request.actor
    case = refunding.case_of(actor, refund_id)
    first, groups = case[0], refund_places.groups(case)
    about = _about(actor, case)
    context = {
        "first": first,
        "case": case,
        "amount_fen": sum(one.amount_fen for one in case),
        "state": _state(case),
        "about": about,
        "unlisted": first.reason in ON_A_LIST and any(one.against for _person, one in about),
        "bases": BASES.items(),
        "rules": readings(first.rules),
        "groups": [_group(actor, group) for group in groups],
        "decides": actor.may(Right.DECIDE_REFUND) and first.state == RefundState.ASKED,
        "own": first.asked_by_id == actor.user_id,
        "transfers": [row for one in case for row in ledger.of_source(actor, kind="refund", source_id=one.pk)],
        "papers": _papers(first, groups),
        "asked": first.state == RefundState.ASKED,
        "owing": [row.payment for row in groups if row.payment.owes_receipt],
        "keys": {"approve": new_key(), "refuse": new_key(), "reissue": new_key()},
    }
    return render(request, "web/refund.html", context)


def _papers(first: Any, groups: Sequence[refund_places.Group]) -> list[Any]:
    """Return the receipts a refund that ends enrolments is about: which come back, which is printed for who stays."""
    if not first.ends_enrolment or first.state == RefundState.REFUSED:
        return []
    payments = {row.payment.pk: row.payment for row in groups}.values()
    forms = [one for payment in payments for one in payment.receipts.select_related("book").order_by("pk")]
    shown = {ReceiptState.ISSUED} | ({ReceiptState.TAKEN_BACK} if first.state != RefundState.ASKED else set())
    return [one for one in forms if one.state in shown]


def _state(case: Sequence[Any]) -> RefundState:
    """Return the state a case is in: approved until all of it is paid out."""
    states = {one.state for one in case}
    return RefundState.APPROVED if len(states) > 1 else RefundState(states.pop())


def _about(actor: Actor, case: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Return (person, what the register says) for who sees residents."""
    if not actor.may(Right.SEE_RESIDENTS):
        return []
    people = {one.person.pk: one.person for one in case}
    found = refund_facts.about(policies.current(), case, on=read_today())
    return [(people[one.facts.resident_id], one) for one in found]


def _group(actor: Actor, group: refund_places.Group) -> dict[str, Any]:
    waiting = refund_places.unpaid(group.refunds)
    may = actor.may(Right.PAY_REFUND) and group.may_be_paid_by(actor)
    return {"group": group, "waiting": waiting, "may": may and bool(waiting), "key": new_key()}


@shows(Right.ASK_REFUND)
def ask(request: WebRequest) -> HttpResponse:
    """Show what of a payment can be asked back; a person's own payment where only they are named.

    Who owed nothing and was declared has no payment: their enrolment is asked to end.
    """
    payment_id = _payment_id(request)
    if payment_id is None:
        return _ask_ending(request)
    payment = find(request.actor, payment_id)
    gone = refunding.going_back([line.pk for line in payment.lines.all()])
    chosen, resident = set(request.GET.getlist("line")), request.GET.get("resident", "")
    rows = [_row(line, gone.get(line.pk, 0), chosen, resident) for line in payment.lines.all()]
    context = {
        "payment": payment,
        "rows": rows,
        "bars": _bar(rows),
        "reasons": RefundReason.choices,
        "reason": REASON_OF.get(request.GET.get("kind", ""), request.GET.get("reason", "")),
        "silent": [said for _rule, said in readings(GROUNDS)],
        "key": new_key(),
    }
    return render(request, "web/ask_refund.html", context)


def _row(line: Any, gone: int, chosen: set[str], resident: str) -> dict[str, Any]:
    """Return a line, what of it has not gone back, and whether it is ticked: named, or a surplus where none is."""
    left = line.amount_fen - gone
    named = str(line.pk) in chosen or str(line.resident_id) == resident
    named = named or (not chosen and not resident and line.kind == LineKind.SURPLUS)
    return {"line": line, "left": left, "chosen": named and left > 0}


def _bar(rows: Sequence[dict[str, Any]]) -> list[tuple[str, Sequence[Message]]]:
    """Note in the rows whose due cannot be asked back whole; return (names, why and what to do), each reason once."""
    bought = [row for row in rows if row["line"].due_id is not None and row["left"] > 0]
    found = objections(policies.current(), {row["line"].resident_id for row in bought}, on=read_today())
    bars: dict[str, tuple[list[str], Sequence[Message]]] = {}
    for row in bought:
        row["objection"] = found.get(row["line"].resident_id, ())
        if row["objection"]:
            names, _said = bars.setdefault(str(row["objection"]), ([], row["objection"]))
            names.append(row["line"].resident.name)
    return [("、".join(dict.fromkeys(names)), said) for names, said in bars.values()]


def _payment_id(request: WebRequest) -> int | None:
    """Return the payment that was named, or the one that paid for a person who was; None where there is none."""
    named, resident = filter_number(request, "payment"), filter_number(request, "resident")
    if named is not None or resident is None:
        return named
    person = registry.resident(request.actor, resident)
    return next(iter(refunding.payments_of_due(person.pk, year=policies.current().year)), None)


def _ask_ending(request: WebRequest) -> HttpResponse:
    """Go to the page on which a declared enrolment is asked to end. Raises NotFound where there is none."""
    resident = filter_number(request, "resident")
    due = collection.dues_of([resident], year=policies.current().year).get(resident) if resident else None
    if due is None or due.amount_fen:
        raise NotFound(say(N_("没有找到可退费的缴费。")), todo=say(N_("请从户页面的缴费记录进入，选择要退的那一笔。")))
    reason = REASON_OF.get(request.GET.get("kind", ""), request.GET.get("reason", ""))
    return redirect(f"{reverse('ask-ending', args=[due.pk])}?{urlencode({'reason': reason})}")


@changes(Right.ASK_REFUND)
def save(request: WebRequest) -> HttpResponse:
    """Ask for it."""
    answer = ask_refund(
        request.actor,
        payment_id=read_number(request, "payment"),
        line_ids=read_numbers(request, "line"),
        reason=read_text(request, "reason"),
        note=read_text(request, "note", limit=200),
        policy_name=settings.YINGBAO_POLICY,
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    words = {"yuan": format_yuan(answer["amount_fen"])}
    messages.success(request, _("已申请退费 %(yuan)s 元，待另一位有审批权的人员审批。") % words)
    return redirect("refund", refund_id=answer["refund"])


@changes(Right.DECIDE_REFUND)
def approve(request: WebRequest, refund_id: int) -> HttpResponse:
    """Approve it."""
    answer = approve_refund(
        request.actor,
        refund_id=refund_id,
        why=_verified(request),
        policy_name=settings.YINGBAO_POLICY,
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    words = {"yuan": format_yuan(answer["amount_fen"]), "ended": answer["ended"]}
    if answer["amount_fen"]:
        messages.success(request, _("已批准退费 %(yuan)s 元；取消参保 %(ended)s 人。") % words)
    else:
        messages.success(request, _("已取消参保；已作的申报转为更正事项。"))
    return redirect("refund", refund_id=refund_id)


def _verified(request: WebRequest) -> str:
    """Return what the decider has verified, and by what where the form asked; kept in Chinese, as all records are."""
    return verified(read_text(request, "why", limit=160), request.POST.get("basis", ""))


@changes(Right.DECIDE_REFUND)
def refuse(request: WebRequest, refund_id: int) -> HttpResponse:
    """Refuse it."""
    refuse_refund(
        request.actor,
        refund_id=refund_id,
        why=read_text(request, "why", limit=200),
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("未批准，原因已记录。"))
    return redirect("refund", refund_id=refund_id)


@changes(Right.PAY_REFUND)
def pay(request: WebRequest, refund_id: int) -> HttpResponse:
    """Pay a part of it out: the refunds the form names, whose money is in one place."""
    answer = pay_refund(
        request.actor,
        refund_ids=read_numbers(request, "refund"),
        way=read_text(request, "way"),
        reference=read_text(request, "reference", limit=64),
        on=read_today(),
        key=read_key(request),
        at=read_now(),
    )
    messages.success(request, _("已退款 %(yuan)s 元。") % {"yuan": format_yuan(answer["amount_fen"])})
    return redirect("refund", refund_id=refund_id)


@shows(Right.SEE_RESIDENTS)
def slip(request: WebRequest, refund_id: int) -> HttpResponse:
    """Give the refund slip as PDF."""
    return attach(print_refund(request.actor, refund_id=refund_id), name=f"refund-{refund_id}.pdf", kind=PDF)
