"""A channel says that it has taken money. That is never refused: it pays what is open, or waits to go back.

Exactly one enrolment stands whoever was first; money that pays for nothing any more stands as a surplus in the name
of the people it came for, as a work item, and can be refunded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection import queries as collected
from yingbao.collection.kinds import ONLINE_CHANNELS, DueState, LineKind
from yingbao.collection.operations import Line
from yingbao.collection.orders import operations as orders
from yingbao.collection.orders import queries
from yingbao.kernel.errors import BadInput, Conflict
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.ledger.operations import Move
from yingbao.policy import Policy, get_policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.registry.finding import numbers
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, receiving
from yingbao.usecases.once import once
from yingbao.usecases.receive_payment import check_channel
from yingbao.usecases.receiving import Taking
from yingbao.usecases.redeciding import decide_dues, keep
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import Due

LONGEST_REFERENCE = 60
MOST_PEOPLE = 20
CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Word:
    """What a channel says: its own number of the payment, how much, when, and for which order or which people.

    ``people`` are whole certificate numbers, for what was paid without an order of ours.
    """

    channel: str
    reference: str
    amount_fen: int
    paid_at: datetime
    order: str = ""
    people: tuple[str, ...] = ()


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


def take_word(actor: Actor, word: Word, *, policy_name: str, at: datetime) -> Json:
    """Take in what a channel says; the same word again gets the same answer, by the channel's own number.

    Returns ``{"payment": id or None, "paid": dues paid, "surplus_fen": …, "unmatched": bool}``: no payment where
    neither order nor people are known; then the whole sum stands in a work item. Raises Forbidden, BadInput for what
    is no word at all, Conflict where that number came with something else.
    """
    actor.must(Right.COLLECT)
    check_word(word, at=at)
    check_channel(actor, word.channel)
    inputs = {
        "channel": word.channel,
        "reference": word.reference,
        "amount": word.amount_fen,
        "paid_at": word.paid_at,
        "order": word.order,
        "people": word.people,
    }

    def effect() -> Json:
        if collected.has_reference(word.channel, word.reference):
            raise Conflict(say(N_("这个渠道流水号已经登记过一笔缴费。")))
        policy = get_policy(policy_name)
        addressed = _address(word, year=policy.year)
        if addressed is None:
            return _keep_for_nobody(actor, word, at=at)
        return _take(actor, word, addressed, policy=policy, at=at)

    key = f"{word.channel}:{word.reference}"
    return once(actor, key=key, use_case="take-word", inputs=inputs, at=at, effect=effect)


def check_word(word: Word, *, at: datetime) -> None:
    """Raise BadInput for a word that cannot be meant: no such channel, no number, no money, or from tomorrow."""
    good = (
        word.channel in ONLINE_CHANNELS
        and 0 < len(word.reference) <= LONGEST_REFERENCE
        and 0 < word.amount_fen < 10**12
        and len(word.people) <= MOST_PEOPLE
        and word.paid_at <= at + CLOCKS_DIFFER
    )
    if not good:
        raise BadInput(
            say(N_("渠道、流水号、金额或支付时间不正确。")),
            todo=say(N_("请按接口说明（docs/channels.md）核对后重发。")),
        )


def _address(word: Word, *, year: int) -> Addressed | None:
    order = queries.find(word.order) if word.order else None
    if order is not None:
        asks = [Ask(line.due.enrolment.resident_id, line.due_id, line.amount_fen) for line in order.lines.all()]
        return Addressed(order.household_id, order.division_id, order.pk, asks)
    people = numbers.find_present(word.people)
    if not people:
        return None
    dues = collected.dues_of([one.resident_id for one in people], year=year)
    facts = registry.of_residents([people[0].resident_id], on=timezone.localdate(word.paid_at))
    asks = [_ask(one.resident_id, dues.get(one.resident_id)) for one in people]
    return Addressed(facts[people[0].resident_id].household_id, people[0].division_code, None, asks)


def _ask(resident_id: int, due: Due | None) -> Ask:
    return Ask(resident_id, due.pk, due.amount_fen) if due else Ask(resident_id, None, 0)


def _take(actor: Actor, word: Word, addressed: Addressed, *, policy: Policy, at: datetime) -> Json:
    on = timezone.localdate(word.paid_at)
    dues = collection.lock_dues(ask.due_id for ask in addressed.asks if ask.due_id)
    order = orders.lock_order(addressed.order_id) if addressed.order_id else None
    facts = registry.of_residents([ask.resident_id for ask in addressed.asks], on=on)
    takable, moves = _bring_to(policy, dues, facts, addressed.division_code, on=on)
    lines = share_out(word.amount_fen, addressed.asks, takable)
    taking = Taking(addressed.household_id, word.channel, word.amount_fen, on, at, word.reference)
    answer = receiving.book(
        actor,
        taking,
        lines,
        list(takable.values()),
        facts,
        policy=policy,
        division_code=addressed.division_code,
        owed=moves,
        surplus_kind=_why_too_much(dues, takable),
    )
    paid = [line.due_id for line in lines if line.due_id is not None]
    orders.close_asking(paid, but=addressed.order_id)
    if order is not None and order.payment_id is None:
        orders.pay_order(order, payment_id=answer["payment"], noted_by_id=actor.user_id)
    audit.record(
        actor,
        "take-word",
        subject=("payment", answer["payment"]),
        division_code=addressed.division_code,
        at=at,
        detail={"household": addressed.household_id, "channel": word.channel, "fen": word.amount_fen},
    )
    unmatched = answer["surplus_fen"] == word.amount_fen
    return {
        "payment": answer["payment"],
        "paid": len(paid),
        "surplus_fen": answer["surplus_fen"],
        "unmatched": unmatched,
    }


def _bring_to(
    policy: Policy, dues: Sequence[Due], facts: Mapping[int, Facts], division_code: int, *, on: date
) -> tuple[dict[int, Due], list[Move]]:
    """Return the dues the money may pay, brought to what holds the day it was paid, and the moves for that."""
    waiting = [
        due
        for due in dues
        if due.state == DueState.OPEN
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
    moves = keep(policy, decided, on=on)
    return {due.pk: due for due, _decision in decided if due.amount_fen}, moves


def share_out(amount_fen: int, asks: Sequence[Ask], takable: Mapping[int, Due]) -> list[Line]:
    """Share money out: dues in their order as long as it pays one whole, the rest to whom it came for, to go back."""
    left, lines, beside = amount_fen, [], []
    for ask in asks:
        due = takable.get(ask.due_id or 0)
        if due is not None and due.amount_fen <= left:
            lines.append(Line(ask.resident_id, due.pk, due.amount_fen))
            left -= due.amount_fen
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


def _why_too_much(dues: Sequence[Due], takable: Mapping[int, Due]) -> str:
    """Return which work item money that is left over becomes: paid already, or matching nothing that is owed."""
    paid = any(due.state not in (DueState.OPEN, DueState.CANCELLED) and due.pk not in takable for due in dues)
    return (Kind.DUPLICATE_PAYMENT if paid else Kind.ORDER_UNMATCHED).value


def _keep_for_nobody(actor: Actor, word: Word, *, at: datetime) -> Json:
    """Keep what came for nobody we know as a work item of the bureau: the sum, the channel and its number."""
    division = actor.division_code or 0
    owner = accounts.owner_for(division)
    detail = {"channel": word.channel, "reference": word.reference, "fen": word.amount_fen}
    audit.record(
        actor,
        "take-word",
        subject=("channel", actor.user_id),
        division_code=division,
        at=at,
        detail=detail | {"paid_on": timezone.localdate(word.paid_at).isoformat(), "unmatched": True},
    )
    if owner is not None:
        finding = Finding(
            kind=Kind.ORDER_UNMATCHED,
            division_code=division,
            owner_id=owner.pk,
            subject=("channel-notice", _notice_number(word)),
            due_on=timezone.localdate(at) + 7 * DAY,
            detail=detail,
        )
        worklist.open_items([finding], on=timezone.localdate(at))
    return {"payment": None, "paid": 0, "surplus_fen": word.amount_fen, "unmatched": True}


def _notice_number(word: Word) -> int:
    """Return a number of a channel's notice, so that each has a work item of its own."""
    return int.from_bytes(sha256(f"{word.channel}:{word.reference}".encode()).digest()[:7], "big")
