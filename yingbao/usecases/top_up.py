"""Pay what is missing of a due whose deadline passed between collection and clearing (PJ-7.2e)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection.kinds import COUNTER_CHANNELS, Channel, DueState, LineKind
from yingbao.collection.operations import Line
from yingbao.collection.orders import operations as orders
from yingbao.collection.refunding import queries as refunding
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.ledger.operations import Move, post
from yingbao.policy import Policy, get_policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, receiving, where_to_enrol
from yingbao.usecases.changing_due import lock_due, tell
from yingbao.usecases.clearing import clear
from yingbao.usecases.once import once
from yingbao.usecases.receive_payment import check_channel
from yingbao.usecases.receiving import Taking
from yingbao.usecases.redeciding import decide_dues, keep
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind

if TYPE_CHECKING:
    from yingbao.collection.models import Due

PAID_UP = "已补缴"  # kept in the record, whatever language the reader's page is in


def top_up(
    actor: Actor,
    *,
    due_id: int,
    channel: str,
    amount_fen: int,
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
    reference: str = "",
    terminal: str = "",
) -> Json:
    """Take what a short due lacks by today's rules: by POS and online it clears at once, cash waits to be declared.

    Where nothing is missing any more (0 fen: an identity has come in since) it clears with what is in the treasury.
    Returns ``{"payment": id or None, "receipt": id or None, "amount_fen": …, "state": the due's}``. Raises Forbidden,
    NotFound, BadInput for another amount than is missing, Refused where the due is not short, is being refunded, or
    no money can be taken for it today.
    """
    actor.must(Right.COLLECT)
    check_channel(actor, channel)
    policy = get_policy(policy_name)

    def effect() -> Json:
        due = lock_due(actor, due_id, year=policy.year)
        must_be_short(due)
        facts = registry.of_residents([due.enrolment.resident_id], on=on)
        taking = Taking(_household(due, facts), channel, amount_fen, on, at, reference, terminal)
        moves = _owe(actor, policy, due, facts, taking)
        answer = _take(actor, policy, due, facts, taking, moves)
        orders.close_asking([due.pk])
        about: Json = {"by_id": actor.user_id, "reason": PAID_UP, "at": at}
        worklist.close_about(Kind.PAID_TOO_LITTLE, "resident", [due.enrolment.resident_id], **about)
        told = {"due": due.pk, "payment": answer["payment"], "fen": amount_fen, "channel": channel}
        tell(actor, "top-up", due, at=at, key=key, detail=told)
        return answer

    inputs = {"due": due_id, "channel": channel, "amount": amount_fen, "policy": policy_name, "on": on}
    inputs |= {"reference": reference, "terminal": terminal}
    return once(actor, key=key, use_case="top-up", inputs=inputs, at=at, effect=effect)


@dataclass(frozen=True, slots=True)
class Missing:
    """What a short due lacks on a day, at least 0, None where no money is taken for it then; and the rules of that."""

    fen: int | None
    rules: tuple[str, ...]


def missing_of(policy: Policy, dues: Sequence[Due], facts: Mapping[int, Facts], *, on: date) -> dict[int, Missing]:
    """Return due id → what it lacks on a day, for those of some dues that are short."""
    short = [due for due in dues if due.state == DueState.SHORT]
    found: dict[int, Missing] = {}
    for due, decision in decide_dues(policy, short, facts, on=on):
        taken = decision.status in deciding.TAKEN and decision.payable_fen is not None
        fen = max(0, (decision.payable_fen or 0) - due.amount_fen) if taken else None
        found[due.pk] = Missing(fen, tuple(decision.reasons))
    return found


def must_be_short(due: Due) -> None:
    """Raise Refused where a due does not lack anything, or its money has been asked back."""
    if due.state != DueState.SHORT:
        raise Refused(
            say(N_("这笔应缴不是“少缴待补”，不能补缴。")),
            fact=say(N_("应缴状态：{state}。"), state=DueState(due.state).label),
            todo=say(N_("请刷新本户页面，查看是否已经补缴或退费。")),
        )
    if refunding.asked_back([due.pk]):
        raise Refused(
            say(N_("这笔应缴已申请退费，尚未审批，不能补缴。")), todo=say(N_("请先由审批人批准或不批准这笔退费。"))
        )


def _household(due: Due, facts: Mapping[int, Facts]) -> int:
    return facts[due.enrolment.resident_id].household_id


def _owe(actor: Actor, policy: Policy, due: Due, facts: Mapping[int, Facts], taking: Taking) -> list[Move]:
    """Bring the due to what it costs today; what is taken must be the difference."""
    if taking.channel in COUNTER_CHANNELS:
        receiving.check_may_pay([due], facts, on=taking.collected_on)
    ((_, decision),) = decide_dues(policy, [due], facts, on=taking.collected_on)
    deciding.must_be_taken(due.enrolment.resident_id, decision)
    missing = max(0, (decision.payable_fen or 0) - due.amount_fen)
    if missing != taking.amount_fen:
        raise BadInput(
            say(N_("补缴金额与应补金额不符，没有收款。")),
            fact=say(
                N_("应补{owed}元，收款{given}元。"), owed=format_yuan(missing), given=format_yuan(taking.amount_fen)
            ),
            todo=say(N_("请按应补金额收款；如金额刚刚变化，请刷新本户页面查看原因。")),
        )
    if not missing:
        return []
    moves = keep(policy, [(due, decision)], on=taking.collected_on)
    where_to_enrol.check_dues(actor, policy, [due])
    return moves


def _take(
    actor: Actor, policy: Policy, due: Due, facts: Mapping[int, Facts], taking: Taking, moves: Sequence[Move]
) -> Json:
    if not taking.amount_fen:
        cleared = clear(policy, [due], facts, cleared_on=taking.collected_on, at=taking.at)
        source = ("household", taking.household_id)
        post(cleared.moves, on=taking.collected_on, at=taking.at, user_id=actor.user_id, source=source)
        return {"payment": None, "receipt": None, "amount_fen": 0, "state": DueState.CLEARED.value}
    decided = receiving.as_decided(due.enrolment)
    line = Line(due.enrolment.resident_id, due.pk, taking.amount_fen, LineKind.TOP_UP, decided=decided)
    answer = receiving.book(
        actor, taking, [line], [due], facts, policy=policy, division_code=due.division_id, owed=moves
    )
    by_cash = taking.channel == Channel.CASH
    if by_cash:
        collection.mark_topped_up(due)
    state = DueState.COLLECTED if by_cash else DueState.CLEARED
    return {**_ids(answer), "amount_fen": taking.amount_fen, "state": state.value}


def _ids(answer: Json) -> Json:
    return {name: answer[name] for name in ("payment", "receipt")}
