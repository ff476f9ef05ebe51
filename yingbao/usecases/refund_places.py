"""Where the money of a refund is, and so who pays it out and how: by the way it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Role
from yingbao.collection.custody import queries as custody
from yingbao.collection.kinds import AnswerState, Channel, RefundState, RefundWay
from yingbao.collection.refunding import queries as refunding
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import BadInput, Forbidden, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.ledger import operations as ledger
from yingbao.ledger import queries as balances
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.operations import Place
from yingbao.usecases import places

if TYPE_CHECKING:
    from yingbao.collection.models import Payment, PaymentLine, Refund


class Whereabouts(StrEnum):
    """Where a part of a payment is: with its agent (in hand or deposited), with the tax client, in the treasury."""

    AGENT = "agent"
    DECLARED = "declared"
    TREASURY = "treasury"


@dataclass(frozen=True, slots=True)
class Group:
    """Refunds of one payment whose money is in one place: paid out together."""

    payment: Payment
    whereabouts: Whereabouts
    refunds: tuple[Refund, ...]

    @property
    def amount_fen(self) -> int:
        """What they come to."""
        return sum(one.amount_fen for one in self.refunds)

    @property
    def ways(self) -> tuple[RefundWay, ...]:
        """How it may be paid out: cash or transfer by the agent, through the channel, else to the payer's account."""
        if self.whereabouts == Whereabouts.AGENT:
            return (RefundWay.CASH, RefundWay.TRANSFER)
        return (RefundWay.TRANSFER if self.payment.channel == Channel.CASH else RefundWay.CHANNEL,)

    def may_be_paid_by(self, actor: Actor) -> bool:
        """Return whether the actor's role may pay it out; an agent's cash is for that agent, or who took it over."""
        if self.whereabouts == Whereabouts.TREASURY:
            return actor.role == Role.TAX
        return self.whereabouts == Whereabouts.AGENT and actor.role in (Role.VILLAGE, Role.TOWN)


def groups(refunds: Sequence[Refund]) -> list[Group]:
    """Return refunds by payment and place of the money, in order; what ends without money is in no place."""
    lines = [(one, one.line) for one in refunds if one.line is not None]
    answers = refunding.answers_to(line.pk for _one, line in lines)
    payments = {line.payment_id: line.payment for _one, line in lines}
    found: dict[tuple[int, Whereabouts], list[Refund]] = {}
    for one, line in lines:
        found.setdefault((line.payment_id, _whereabouts(line, answers.get(line.pk))), []).append(one)
    return [Group(payments[payment], where, tuple(of_it)) for (payment, where), of_it in found.items()]


def unpaid(refunds: Iterable[Refund]) -> list[Refund]:
    """Return those that are approved and wait to be paid out."""
    return [one for one in refunds if one.state == RefundState.APPROVED]


def hold(actor: Actor, group: Group, *, way: str, reference: str) -> Place:
    """Return the account a group is paid from, held until commit and covering it.

    Raises Refused where the money is with the tax client or not enough is there, Forbidden for who may not pay it
    out, BadInput for a way it did not come by, or no reference where money leaves an account.
    """
    if group.whereabouts == Whereabouts.DECLARED:
        raise Refused(
            say(N_("这笔钱已申报，税务客户端尚未回执，现在不能退款。")), todo=say(N_("请等回执导入后再退款。"))
        )
    if way not in group.ways:
        names = "、".join(str(one.label) for one in group.ways)
        raise BadInput(say(N_("这笔钱只能按来路退回：{ways}。"), ways=names))
    if not group.may_be_paid_by(actor):
        raise Forbidden(
            say(N_("这笔退款不由您支付。")),
            fact=say(N_("已入国库的由区税务局退，仍在经办员处的由收款的经办员退。")),
        )
    if way != RefundWay.CASH and not reference:
        raise BadInput(say(N_("请填写退款的流水号或凭证号。")))
    if group.whereabouts == Whereabouts.TREASURY:
        return places.treasury(group.payment.division_id, group.payment.year)
    return _of_the_agent(actor, group, in_cash=way == RefundWay.CASH)


def _whereabouts(line: PaymentLine, answer: str | None) -> Whereabouts:
    if line.payment.channel != Channel.CASH or answer in (AnswerState.ACCEPTED, AnswerState.SHORT):
        return Whereabouts.TREASURY
    return Whereabouts.DECLARED if answer == AnswerState.SENT else Whereabouts.AGENT


def _of_the_agent(actor: Actor, group: Group, *, in_cash: bool) -> Place:
    """Return the agent's account that covers a group, or that of whoever the cash was handed over to."""
    payment = group.payment
    village, year, holder = payment.division_id, payment.year, payment.collected_by_id
    took_over = holder in custody.handed_over_to(actor.user_id, year=year)
    if in_cash and not took_over:
        raise Forbidden(
            say(N_("现金只能由收款的经办员退。")),
            fact=say(N_("每个人只动用自己手中的现金；交接过现金的，由接收人退。")),
            todo=say(N_("已缴存的，可选“银行转账”从三方协议账户退。")),
        )
    if in_cash:
        return _covering([places.agent_cash(actor.user_id, village, year)], group.amount_fen)
    holders = dict.fromkeys([holder, actor.user_id] if took_over else [holder])
    return _covering([places.agreement(one, village, year) for one in holders], group.amount_fen)


def _covering(candidates: Sequence[Place], amount_fen: int) -> Place:
    """Return the first of some accounts of a kind that holds an amount, held until commit. Raises Refused for none."""
    first = candidates[0]
    scope, holders = Scope(first.division_code, first.division_code + 1), [one.holder for one in candidates]
    ledger.lock_held(scope, year=first.year, kind=first.kind, holders=holders)
    held = balances.by_holder(scope, year=first.year, kind=first.kind, holders=holders)
    found = {place: held.get((place.holder, place.division_code), 0) for place in candidates}
    enough = [place for place, fen in found.items() if fen >= amount_fen]
    if not enough:
        raise _not_enough(first.kind, max(found.values()), amount_fen)
    return enough[0]


def _not_enough(kind: str, held_fen: int, owed_fen: int) -> Refused:
    in_hand = kind == AccountKind.AGENT_CASH
    return Refused(
        say(N_("手中现金不够退款，没有退款。") if in_hand else N_("三方协议账户中没有这么多未申报的钱，没有退款。")),
        fact=say(N_("现有{held}元，应退{owed}元。"), held=format_yuan(max(held_fen, 0)), owed=format_yuan(owed_fen)),
        todo=say(
            N_("现金已缴存的，请选“银行转账”从三方协议账户退。")
            if in_hand
            else N_("现金还在手中的，请选“退现金”；一部分在手中的，请先缴存。")
        ),
    )
