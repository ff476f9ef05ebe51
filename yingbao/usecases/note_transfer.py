"""A bank transfer of an institution has arrived (对公转账): one payment that clears everybody on its bill that day.

One of another sum than the bill asks is nobody's payment: it is kept for the institution, after a second look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection.institutional import queries as institutional
from yingbao.collection.keeping import operations as keeping
from yingbao.collection.kinds import KEPT_MONEY, Channel, DueState, LineKind, OrderState
from yingbao.collection.operations import Line
from yingbao.collection.orders import operations as orders
from yingbao.kernel.errors import BadInput, Forbidden, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.kernel.periods import DAY
from yingbao.kernel.texts import clean
from yingbao.ledger.operations import Move, post
from yingbao.policy import Policy, get_policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.storage import transactions
from yingbao.storage.fields import Json
from yingbao.usecases import files_in, places
from yingbao.usecases.bill_institution import find_bill
from yingbao.usecases.once import once
from yingbao.usecases.receiving import Taking, as_decided, book
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import Due, OrderLine, PaymentOrder

LONGEST_REFERENCE = 64


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the bank's statement says: how much came, on which day, under which number of the bank's.

    ``looked_again``: the sum is not what the bill asks, and who notes it has seen on the statement that it is so.
    """

    amount_fen: int
    on: date
    reference: str
    looked_again: bool = False


def may_note(actor: Actor) -> bool:
    """Return whether the actor may say that a transfer arrived: who reads the bank's statement, never the payer.

    That is the tax office, the bureau, or the town's; there another person than who drew the bill up.
    """
    return actor.may(Right.CLEAR) or actor.may(Right.MANAGE_INSTITUTIONS)


def note_transfer(actor: Actor, *, order_id: int, arrived: Arrived, policy_name: str, key: str, at: datetime) -> Json:
    """Take in what an institution has transferred for a bill.

    The exact amount clears everybody on it who has not paid otherwise, with cover from that day's decision; what was
    paid otherwise meanwhile is kept as a surplus. Any other amount, or a second one for the same bill, must have been
    looked at again; then it is kept whole for the institution and becomes a work item. Returns ``{"payment": id or
    None, "kept": id or None, "cleared": n, "short": n, "surplus_fen": …, "matched": bool}``. Raises Forbidden, also for
    who drew the bill up (maker ≠ checker), NotFound, BadInput for a day, amount or reference that cannot be, Refused
    where this reference is noted already or another amount was not looked at again.
    """
    if not may_note(actor):
        raise Forbidden(say(N_("只有区税务局、区医保局或镇街社保所可以登记到账。")))
    order, _institution = find_bill(actor, order_id)
    _must_be_another(actor, order)
    _check(arrived, order, today=files_in.today(at))

    def effect() -> Json:
        transactions.take_turns(f"yingbao-transfer-{arrived.reference}")
        if institutional.is_noted(arrived.reference):
            raise Refused(say(N_("这笔转账（银行流水号相同）已经登记过。")), todo=say(N_("请核对银行流水号。")))
        policy = get_policy(policy_name)
        lines = list(institutional.lines_of_bill(order_id))
        dues = collection.lock_dues(line.due_id for line in lines)
        locked = orders.lock_order(order_id)
        if is_exact(locked, arrived):
            answer = _settle(actor, locked, arrived, lines, dues, policy=policy, at=at)
        else:
            _must_have_looked_again(locked, arrived)
            answer = _keep(actor, locked, arrived, at=at)
        _tell(actor, locked, arrived, answer, at=at, key=key)
        return answer

    inputs = {
        **{"order": order_id, "fen": arrived.amount_fen, "on": arrived.on, "reference": arrived.reference},
        **{"policy": policy_name, "looked_again": arrived.looked_again},
    }
    return once(actor, key=key, use_case="note-transfer", inputs=inputs, at=at, effect=effect)


def is_exact(order: PaymentOrder, arrived: Arrived) -> bool:
    """Return whether a transfer is what its bill still asks."""
    return order.state != OrderState.PAID and arrived.amount_fen == order.amount_fen


def _must_have_looked_again(order: PaymentOrder, arrived: Arrived) -> None:
    """Two figures changed places in typing must not become money that the bank never received."""
    if not arrived.looked_again:
        asked, came = format_yuan(order.amount_fen), format_yuan(arrived.amount_fen)
        is_paid = order.state == OrderState.PAID
        raise Refused(
            say(N_("这张通知单已经缴清，没有登记。") if is_paid else N_("到账金额与通知单不符，没有登记。")),
            fact=say(N_("通知单{asked}元，填写的到账金额{came}元。"), asked=asked, came=came),
            todo=say(N_("请再看一遍银行流水：填错的改正后登记；确实如此的，确认后登记，整笔留待退回单位。")),
        )


def _must_be_another(actor: Actor, order: PaymentOrder) -> None:
    """Whoever says what is owed does not say, too, that it has come: nobody would look at the bank's statement."""
    if order.opened_by_id == actor.user_id:
        raise Forbidden(
            say(N_("这张通知单是您开的，不能由您登记到账。")),
            fact=say(N_("开单和登记到账不能是同一人。")),
            todo=say(N_("请由区税务局、区医保局或镇街社保所的另一位人员对照银行流水登记。")),
        )


def _check(arrived: Arrived, order: PaymentOrder, *, today: date) -> None:
    if arrived.amount_fen <= 0:
        raise BadInput(say(N_("到账金额应大于零。")))
    if not clean(arrived.reference, limit=LONGEST_REFERENCE):
        raise BadInput(say(N_("请填写银行流水号。")))
    if arrived.on > today:
        raise BadInput(say(N_("到账日期晚于今天。")))
    if arrived.on < files_in.today(order.opened_at):
        raise BadInput(say(N_("到账日期早于开出通知单的日期。")), todo=say(N_("请核对到账日期和通知单号。")))


def _settle(
    actor: Actor,
    order: PaymentOrder,
    arrived: Arrived,
    lines: Sequence[OrderLine],
    dues: Sequence[Due],
    *,
    policy: Policy,
    at: datetime,
) -> Json:
    """Pay and clear a bill in as many statements for thousands as for one, but in batches."""
    by_id = {due.pk: due for due in dues}
    parts = [part for line in lines for part in _parts(by_id[line.due_id], line.amount_fen)]
    taken = [by_id[part.due_id] for part in parts if part.due_id is not None]
    facts = registry.of_residents((due.enrolment.resident_id for due in taken), on=arrived.on)
    booked = _book(actor, order, arrived, parts, taken, facts, policy=policy, at=at)
    orders.pay_order(order, payment_id=booked["payment"], noted_by_id=actor.user_id)
    short = institutional.count_short(booked["payment"])
    told = {"payment": booked["payment"], "kept": None, "surplus_fen": booked["surplus_fen"]}
    return told | {"cleared": len(taken) - short, "short": short, "matched": True}


def _keep(actor: Actor, order: PaymentOrder, arrived: Arrived, *, at: datetime) -> Json:
    """Keep what does not match the bill whole, for the institution: it is none of its people's."""
    paid_at = datetime.combine(arrived.on, time(), tzinfo=at.tzinfo)
    came: Json = {"reference": arrived.reference, "amount_fen": arrived.amount_fen, "paid_at": paid_at}
    kept = keeping.keep_transfer(order, **came, at=at, noted_by_id=actor.user_id)
    village, year, subject = order.division_id, order.year, (KEPT_MONEY, kept.pk)
    move = Move(
        places.channel(Channel.TRANSFER.value, village, year), places.refund_payable(village, year), arrived.amount_fen
    )
    post([move], on=arrived.on, at=at, user_id=actor.user_id, source=subject)
    owner = accounts.owner_for(village)
    if owner is not None:
        detail = {"channel": kept.channel, "reference": kept.reference, "fen": kept.amount_fen, "order": order.pk}
        found = Finding(Kind.ORDER_UNMATCHED, village, owner.pk, subject, arrived.on + 7 * DAY, detail)
        worklist.open_items([found], on=arrived.on)
    left = {"payment": None, "kept": kept.pk, "surplus_fen": arrived.amount_fen}
    return left | {"cleared": 0, "short": 0, "matched": False}


def _parts(due: Due, fen: int) -> list[Line]:
    """Return what a bill's line pays: the due, as far as it is still open and no dearer; the rest is too much."""
    resident_id = due.enrolment.resident_id
    is_open = due.state == DueState.OPEN and due.enrolment.state == "standing"
    if not is_open or not 0 < due.amount_fen <= fen:
        return [Line(resident_id, None, fen, LineKind.SURPLUS)]
    paid = [Line(resident_id, due.pk, due.amount_fen, decided=as_decided(due.enrolment))]
    return [*paid, Line(resident_id, None, fen - due.amount_fen, LineKind.SURPLUS)] if fen > due.amount_fen else paid


def _book(
    actor: Actor,
    order: PaymentOrder,
    arrived: Arrived,
    parts: Sequence[Line],
    taken: Sequence[Due],
    facts: Mapping[int, Facts],
    *,
    policy: Policy,
    at: datetime,
) -> Json:
    taking = Taking(
        order.household_id, Channel.TRANSFER.value, arrived.amount_fen, arrived.on, at, reference=arrived.reference
    )
    return book(actor, taking, parts, taken, facts, policy=policy, division_code=order.division_id)


def _tell(actor: Actor, order: PaymentOrder, arrived: Arrived, answer: Json, *, at: datetime, key: str) -> None:
    audit.record(
        actor,
        "note-transfer",
        subject=("payment", answer["payment"]) if answer["matched"] else (KEPT_MONEY, answer["kept"]),
        division_code=order.division_id,
        at=at,
        detail={"order": order.pk, "fen": arrived.amount_fen, **{n: answer[n] for n in ("cleared", "surplus_fen")}},
        request_key=key,
    )
