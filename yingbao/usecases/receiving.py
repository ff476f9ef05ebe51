"""The step two journeys share: take money for dues, write the receipt, and clear what clears at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Role
from yingbao.collection import operations as collection
from yingbao.collection.kinds import CLEARING_CHANNELS, COUNTER_CHANNELS, Channel, DueState, LineKind
from yingbao.collection.operations import Line
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.kernel.periods import DAY
from yingbao.kernel.texts import clean
from yingbao.ledger.operations import Move, Place, post
from yingbao.policy import Policy
from yingbao.registry.facts import Facts
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, places, receipting, where_to_enrol
from yingbao.usecases.clearing import clear
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import Due, Payment
    from yingbao.enrolment.models import Enrolment

LONGEST_TERMINAL, LONGEST_REFERENCE = 20, 64


@dataclass(frozen=True, slots=True)
class Taking:
    """One taking of money: from which household, by which channel, how much, when.

    ``reference`` is the channel's own number of it, or the POS voucher's with the ``terminal`` that printed it.
    """

    household_id: int
    channel: str
    amount_fen: int
    collected_on: date
    at: datetime
    reference: str = ""
    terminal: str = ""


def receive(
    actor: Actor,
    taking: Taking,
    dues: Sequence[Due],
    facts: Mapping[int, Facts],
    *,
    policy: Policy,
    owed: Sequence[Move] = (),
) -> Json:
    """Take ``taking`` for ``dues`` (locked by the caller) and post it with the ``owed`` moves in one entry.

    Returns ids: payment, receipt (or None), surplus in fen. Raises BadInput where the amount is not what is owed,
    Refused where a due is paid already or someone cannot pay by this channel.
    """
    check_platform(dues, facts)
    if taking.channel in COUNTER_CHANNELS:
        check_may_pay(dues, facts, on=taking.collected_on)
        where_to_enrol.check_dues(actor, policy, dues)
    check_village(dues)
    lines = _lines(actor, taking, dues)
    return book(actor, taking, lines, dues, facts, policy=policy, division_code=dues[0].division_id, owed=owed)


def book(
    actor: Actor,
    taking: Taking,
    lines: Sequence[Line],
    dues: Sequence[Due],
    facts: Mapping[int, Facts],
    *,
    policy: Policy,
    division_code: int,
    owed: Sequence[Move] = (),
    surplus_kind: str = Kind.DUPLICATE_PAYMENT.value,
) -> Json:
    """Write a taking down as the caller has shared it out in ``lines``: payment, receipt, clearing, posting.

    Returns what ``receive`` returns. A surplus becomes a work item of ``surplus_kind``. Raises BadInput for POS money
    without its voucher.
    """
    _check_voucher(taking)
    payment = _record(actor, taking, lines, division_code=division_code, year=policy.year)
    receipt_id = None
    if taking.channel in COUNTER_CHANNELS:
        receipt_id = receipting.issue(actor, payment, lines, dues).pk
    moves = [*owed, *_taken(actor, payment, lines), *_settled(policy, taking, payment, dues, lines, facts)]
    post(moves, on=taking.collected_on, at=taking.at, user_id=actor.user_id, source=("payment", payment.pk))
    surplus = sum(line.amount_fen for line in lines if line.due_id is None)
    if surplus:
        _flag_surplus(payment, surplus, surplus_kind)
    return {"payment": payment.pk, "receipt": receipt_id, "surplus_fen": surplus}


def _record(actor: Actor, taking: Taking, lines: Sequence[Line], *, division_code: int, year: int) -> Payment:
    try:
        return collection.record_payment(
            lines,
            household_id=taking.household_id,
            division_code=division_code,
            year=year,
            channel=taking.channel,
            collected_on=taking.collected_on,
            user_id=actor.user_id,
            at=taking.at,
            reference=taking.reference,
            terminal=taking.terminal,
        )
    except IntegrityError as error:
        # A channel's own word said twice is its caller's to tell; a voucher has only the person at the counter.
        if taking.channel != Channel.POS:
            raise
        raise Refused(
            say(N_("这张POS凭证已经登记过一笔缴费，没有重复收款。")),
            fact=say(N_("终端号{terminal}，凭证号{reference}。"), terminal=taking.terminal, reference=taking.reference),
            todo=say(N_("请核对签购单上的终端号和凭证号。")),
        ) from error


def _check_voucher(taking: Taking) -> None:
    """BN-4.3.2: the stub filed later is found by terminal and number, and the same slip cannot be booked twice."""
    if taking.channel != Channel.POS:
        return
    if not (clean(taking.terminal, limit=LONGEST_TERMINAL) and clean(taking.reference, limit=LONGEST_REFERENCE)):
        raise BadInput(
            say(N_("POS缴费没有填写终端号或凭证号，没有收款。")),
            todo=say(N_("请按签购单填写终端号和凭证号（小票上的流水号）后重新提交。")),
        )


def check_platform(dues: Sequence[Due], facts: Mapping[int, Facts]) -> None:
    """PJ-4.3: who is not registered on the national platform pays neither online nor at a counter before that."""
    waiting = sum(not facts[due.enrolment.resident_id].on_platform for due in dues)
    if waiting:
        raise Refused(
            say(N_("其中{n}人尚未在国家医疗保障信息平台登记，没有收款。"), n=waiting),
            todo=say(N_("请先到镇街社保所办理国家平台登记，再缴费；线上、窗口都是如此。")),
        )


def check_may_pay(dues: Sequence[Due], facts: Mapping[int, Facts], *, on: date) -> None:
    """Raise Refused where somebody enrolled has died or is covered elsewhere; what a channel has taken is kept."""
    why = [deciding.why_not(facts[due.enrolment.resident_id], on=on) for due in dues]
    reasons = {reason.template: reason for reason in why if reason is not None}
    if reasons:
        raise Refused(
            say(N_("登记参保后情况有变，没有收款：{why}。"), why=deciding.join(reasons.values())),
            todo=say(N_("请先核实，取消这些人员的参保登记后再收其他人的款。")),
        )


def check_village(dues: Sequence[Due]) -> None:
    """A payment and its money belong to one village; who has moved since enrolling owes where they enrolled."""
    if len({due.division_id for due in dues}) > 1:
        raise Refused(
            say(N_("这些应缴分属不同的村（社区），不能一次收款。")),
            todo=say(N_("有人登记后迁移过：请按登记时的村（社区）分别收款。")),
        )


def _lines(actor: Actor, taking: Taking, dues: Sequence[Due]) -> list[Line]:
    """Return what each due takes. At a counter a paid due is refused; what came online is kept and flagged."""
    paid = [due for due in dues if due.state != DueState.OPEN]
    if paid and actor.role != Role.CHANNEL:
        raise Refused(
            say(N_("其中{n}人本年度已经缴费，没有收款。"), n=len(paid)),
            todo=say(N_("请刷新本户页面，只为未缴费的人员收款。")),
        )
    lines = [_line(due) for due in dues if due.amount_fen]
    owed = sum(line.amount_fen for line in lines)
    if owed != taking.amount_fen:
        raise BadInput(
            say(N_("收款金额与应缴金额不符，没有收款。")),
            fact=say(N_("应缴{owed}元，收款{given}元。"), owed=format_yuan(owed), given=format_yuan(taking.amount_fen)),
            todo=say(N_("请按应缴金额收款；如应缴金额刚刚变化，请刷新本户页面查看原因。")),
        )
    if not owed:
        raise BadInput(say(N_("本次没有需要缴纳的金额。")), todo=say(N_("个人应缴为零的，由镇街办理零申报。")))
    return lines


def _line(due: Due) -> Line:
    if due.state == DueState.OPEN:
        return Line(due.enrolment.resident_id, due.pk, due.amount_fen, decided=as_decided(due.enrolment))
    return Line(due.enrolment.resident_id, None, due.amount_fen, LineKind.SURPLUS)


def as_decided(enrolment: Enrolment) -> Json:
    """Return the decision a person pays by, as a payment's line keeps it."""
    return {
        "tier": enrolment.tier,
        "rate_fen": enrolment.rate_fen,
        "subsidy_fen": enrolment.subsidy_fen,
        "identity": enrolment.subsidy_identity,
        "payable_fen": enrolment.payable_fen,
        "policy": enrolment.policy,
    }


def _holding(actor: Actor, payment: Payment) -> Place:
    if payment.channel == Channel.CASH:
        return places.agent_cash(actor.user_id, payment.division_id, payment.year)
    return places.channel(payment.channel, payment.division_id, payment.year)


def _taken(actor: Actor, payment: Payment, lines: Sequence[Line]) -> list[Move]:
    holding = _holding(actor, payment)
    owed = sum(line.amount_fen for line in lines if line.due_id is not None)
    village, year = payment.division_id, payment.year
    return [
        Move(holding, places.resident_due(village, year), owed),
        Move(holding, places.refund_payable(village, year), payment.amount_fen - owed),
    ]


def _settled(
    policy: Policy,
    taking: Taking,
    payment: Payment,
    dues: Sequence[Due],
    lines: Sequence[Line],
    facts: Mapping[int, Facts],
) -> list[Move]:
    """Channels and POS clear on the day of payment; cash clears when its declaration does."""
    taken = {line.due_id for line in lines if line.due_id is not None}
    if taking.channel not in CLEARING_CHANNELS:
        collection.mark_collected(taken, on=taking.collected_on)
        return []
    cleared = clear(
        policy, [due for due in dues if due.pk in taken], facts, cleared_on=taking.collected_on, at=taking.at
    )
    village, year = payment.division_id, payment.year
    settled = Move(places.treasury(village, year), places.channel(payment.channel, village, year), payment.amount_fen)
    return [settled, *cleared.moves]


def _flag_surplus(payment: Payment, surplus_fen: int, kind: str) -> None:
    owner = accounts.owner_for(payment.division_id)
    if owner is None:
        return
    finding = Finding(
        kind=kind,
        division_code=payment.division_id,
        owner_id=owner.pk,
        subject=("payment", payment.pk),
        due_on=payment.collected_on + 7 * DAY,
        detail={"surplus_fen": surplus_fen, "household": payment.household_id},
    )
    worklist.open_items([finding], on=payment.collected_on)
