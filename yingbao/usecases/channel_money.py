"""The step two journeys share: book what a channel has taken for people we know. It pays what is open, or goes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.collection import operations as collection
from yingbao.collection import queries as collected
from yingbao.collection.kinds import DueState, LineKind
from yingbao.collection.operations import Line
from yingbao.collection.orders import operations as orders
from yingbao.collection.refunding import queries as refunding
from yingbao.ledger.operations import Move
from yingbao.policy import Decision, Policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, receiving
from yingbao.usecases.receiving import Taking
from yingbao.usecases.redeciding import decide_dues, keep
from yingbao.usecases.top_up import PAID_UP
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind

if TYPE_CHECKING:
    from yingbao.collection.models import Due


@dataclass(frozen=True, slots=True)
class Ask:
    """For whom the money came, and what for: their due, where they have one, and what it asked when it was shown."""

    resident_id: int
    due_id: int | None
    shown_fen: int


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whose household the money came for, and what it was to pay."""

    household_id: int
    division_code: int
    order_id: int | None
    asks: Sequence[Ask]


@dataclass(frozen=True, slots=True)
class Takable:
    """Dues the money may pay, each with what it asks on the day of payment: the whole, or the rest of a short one.

    ``short`` are decided but not kept: only who pays the rest owes it in the books. ``moves`` are for open ones.
    """

    dues: Mapping[int, Due]
    fen: Mapping[int, int]
    short: Mapping[int, Decision]
    moves: Sequence[Move]


def of_people(resident_ids: Sequence[int], *, year: int, on: date) -> Addressed:
    """Return what money for some residents was to pay; it is booked with the household of the first."""
    dues = collected.dues_of(resident_ids, year=year)
    first = registry.of_residents(resident_ids[:1], on=on)[resident_ids[0]]
    asks = [_ask(one, dues.get(one)) for one in resident_ids]
    return Addressed(first.household_id, first.division_code, None, asks)


def _ask(resident_id: int, due: Due | None) -> Ask:
    return Ask(resident_id, due.pk, due.amount_fen) if due else Ask(resident_id, None, 0)


def take(actor: Actor, taking: Taking, addressed: Addressed, *, policy: Policy) -> Json:
    """Book a taking for whom it came: dues first, whole ones only, what is left over to go back.

    Returns ``{"payment": id, "paid": dues paid, "surplus_fen": …}``.
    """
    on = taking.collected_on
    dues = collection.lock_dues(ask.due_id for ask in addressed.asks if ask.due_id)
    order = orders.lock_order(addressed.order_id) if addressed.order_id else None
    facts = registry.of_residents([ask.resident_id for ask in addressed.asks], on=on)
    takable = _bring_to(policy, dues, facts, addressed.division_code, on=on)
    lines = share_out(taking.amount_fen, addressed.asks, takable.fen, short=takable.short.keys())
    moves = [*takable.moves, *_owe_the_rest(policy, takable, lines, on=on)]
    answer = receiving.book(
        actor,
        taking,
        [_as_decided(line, takable) for line in lines],
        list(takable.dues.values()),
        facts,
        policy=policy,
        division_code=addressed.division_code,
        owed=moves,
        surplus_kind=_why_too_much(dues, takable.fen),
    )
    paid = [line.due_id for line in lines if line.due_id is not None]
    orders.close_asking(paid, but=addressed.order_id)
    if order is not None and order.payment_id is None:
        orders.pay_order(order, payment_id=answer["payment"], noted_by_id=actor.user_id)
    _close_short(actor, lines, at=taking.at)
    return {"payment": answer["payment"], "paid": len(paid), "surplus_fen": answer["surplus_fen"]}


def _bring_to(
    policy: Policy, dues: Sequence[Due], facts: Mapping[int, Facts], division_code: int, *, on: date
) -> Takable:
    """Return what the money may pay: open dues brought to what holds the day it was paid, and what short ones lack."""
    asked_back = refunding.asked_back(due.pk for due in dues if due.state == DueState.SHORT)
    waiting = [
        due
        for due in dues
        if due.state in (DueState.OPEN, DueState.SHORT)
        and due.pk not in asked_back
        and due.enrolment.state == "standing"
        and due.enrolment.year == policy.year
        and due.division_id == division_code
        and facts[due.enrolment.resident_id].on_platform
    ]
    decided = [
        (due, decision)
        for due, decision in decide_dues(policy, waiting, facts, on=on)
        if decision.status in deciding.TAKEN and decision.payable_fen is not None
    ]
    moves = keep(policy, [(due, decision) for due, decision in decided if due.state == DueState.OPEN], on=on)
    short = {due.pk: decision for due, decision in decided if due.state == DueState.SHORT}
    fen = {
        due.pk: (decision.payable_fen or 0) - due.amount_fen if due.pk in short else due.amount_fen
        for due, decision in decided
    }
    fen = {pk: asks for pk, asks in fen.items() if asks > 0}
    return Takable({due.pk: due for due, _decision in decided if due.pk in fen}, fen, short, moves)


def _owe_the_rest(policy: Policy, takable: Takable, lines: Sequence[Line], *, on: date) -> list[Move]:
    """Bring the short dues that are paid up to what they cost, as ``top_up`` does; return the moves."""
    topped = [line.due_id for line in lines if line.due_id is not None and line.kind == LineKind.TOP_UP]
    return keep(policy, [(takable.dues[due_id], takable.short[due_id]) for due_id in topped], on=on)


def _as_decided(line: Line, takable: Takable) -> Line:
    if line.due_id is None:
        return line
    return replace(line, decided=receiving.as_decided(takable.dues[line.due_id].enrolment))


def share_out(
    amount_fen: int, asks: Sequence[Ask], takable: Mapping[int, int], *, short: Collection[int] = ()
) -> list[Line]:
    """Share money out: dues in their order as long as it pays one whole, the rest to whom it came for, to go back.

    ``takable``: due id → fen it asks; of ``short`` ones that is the rest.
    """
    left, lines, beside = amount_fen, [], []
    for ask in asks:
        fen = takable.get(ask.due_id or 0)
        if fen is not None and fen <= left:
            kind = LineKind.TOP_UP if ask.due_id in short else LineKind.DUE
            lines.append(Line(ask.resident_id, ask.due_id, fen, kind.value))
            left -= fen
        else:
            beside.append(ask)
    surplus: dict[int, int] = {}
    for ask in beside:
        surplus[ask.resident_id] = min(ask.shown_fen, left)
        left -= surplus[ask.resident_id]
    if left:
        first = (beside or asks)[0].resident_id
        surplus[first] = surplus.get(first, 0) + left
    return lines + [Line(one, None, fen, LineKind.SURPLUS.value) for one, fen in surplus.items() if fen]


def _why_too_much(dues: Sequence[Due], takable: Mapping[int, int]) -> str:
    """Return which work item money that is left over becomes: paid already, or matching nothing that is owed."""
    paid = any(due.state not in (DueState.OPEN, DueState.CANCELLED) and due.pk not in takable for due in dues)
    return (Kind.DUPLICATE_PAYMENT if paid else Kind.ORDER_UNMATCHED).value


def _close_short(actor: Actor, lines: Sequence[Line], *, at: datetime) -> None:
    """Close what said that somebody had paid too little."""
    topped = [line.resident_id for line in lines if line.kind == LineKind.TOP_UP]
    if topped:
        worklist.close_about(Kind.PAID_TOO_LITTLE, "resident", topped, by_id=actor.user_id, reason=PAID_UP, at=at)
