"""Money kept for nobody yet is settled: taken for somebody found later, or sent back, asked by one, paid by another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.collection.keeping import operations as keeping
from yingbao.collection.keeping.queries import GONE
from yingbao.collection.kinds import KEPT_MONEY, KeptState
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.kernel.texts import clean
from yingbao.ledger.operations import Move, post, reverse
from yingbao.policy import get_policy
from yingbao.registry import facts as registry
from yingbao.storage.fields import Json
from yingbao.usecases import channel_money, places
from yingbao.usecases.cancel_enrolment import read_reason
from yingbao.usecases.once import once
from yingbao.usecases.receiving import Taking
from yingbao.usecases.take_word import MOST_PEOPLE
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import KeptMoney

RETURN_WITHIN = 7 * DAY
LONGEST_REFERENCE = 64
# Kept in the record, whatever language the reader's page is in.
TAKEN, RETURNED, KEPT_ON = "已认领入账", "已退回", "不退回，继续认领"


def take_kept(
    actor: Actor, *, kept_id: int, resident_ids: Sequence[int], policy_name: str, key: str, at: datetime
) -> Json:
    """Book kept money as the payment it is, for people of one household who have been found, as of the day it was paid.

    It pays what they owe as a channel's word would; the channel's number is the payment's. Returns ``{"payment": id,
    "paid": dues paid, "surplus_fen": …}``. Raises Forbidden, NotFound, BadInput for nobody, too many or people of
    several households, Refused where it is settled, on its way back, or of another year.
    """
    actor.must(Right.SETTLE_KEPT)
    ids = sorted(set(resident_ids))
    policy = get_policy(policy_name)

    def effect() -> Json:
        kept = lock(actor, kept_id, KeptState.KEPT)
        if kept.order is not None:
            raise Refused(
                say(N_("这是单位的对公转账，不能为某个人认领。")),
                todo=say(N_("登记错的，请在通知单上撤销；确实转错的，请退回单位，由单位按通知单金额重新转账。")),
            )
        if kept.year != policy.year:
            raise Refused(
                say(N_("这笔钱属于{year}年度，现在不能认领。"), year=kept.year), todo=say(N_("请退回缴费人。"))
            )
        on = timezone.localdate(kept.paid_at)
        _check_people(actor, ids, on=on)
        addressed = channel_money.of_people(ids, year=policy.year, on=on)
        reverse((KEPT_MONEY, kept.pk), at=at, user_id=actor.user_id)
        taking = Taking(addressed.household_id, kept.channel, kept.amount_fen, on, at, kept.reference)
        answer = channel_money.take(actor, taking, addressed, policy=policy)
        keeping.take(kept, payment_id=answer["payment"], by_id=actor.user_id, at=at)
        close_items(actor, kept, TAKEN, at=at)
        told = answer | {"fen": kept.amount_fen, "household": addressed.household_id, "residents": ids}
        _tell(actor, "take-kept", kept, told, at=at, key=key)
        return answer

    inputs = {"kept": kept_id, "residents": ids, "policy": policy_name}
    return once(actor, key=key, use_case="take-kept", inputs=inputs, at=at, effect=effect)


def ask_return(actor: Actor, *, kept_id: int, reason: str, key: str, at: datetime) -> Json:
    """Ask that kept money go back through its channel, for a reason; the tax officer pays it back.

    Returns ``{"kept": id}``. Raises Forbidden, NotFound, BadInput without a reason, Refused where it waits no more.
    """
    actor.must(Right.SETTLE_KEPT)
    reason = read_reason(reason)

    def effect() -> Json:
        kept = lock(actor, kept_id, KeptState.KEPT)
        keeping.ask_return(kept, reason=reason, by_id=actor.user_id, at=at)
        _tell_payer(kept, at=at)
        _tell(actor, "ask-return", kept, {"fen": kept.amount_fen}, at=at, key=key)
        return {"kept": kept.pk}

    return once(actor, key=key, use_case="ask-return", inputs={"kept": kept_id, "reason": reason}, at=at, effect=effect)


def keep_on(actor: Actor, *, kept_id: int, key: str, at: datetime) -> Json:
    """Take back that kept money should go back: somebody was found after all. Returns ``{"kept": id}``.

    Raises Forbidden, NotFound, Refused where nobody has asked for that, or it has gone back.
    """
    actor.must(Right.SETTLE_KEPT)

    def effect() -> Json:
        kept = lock(actor, kept_id, KeptState.RETURNING)
        keeping.keep_on(kept)
        about: Json = {"by_id": actor.user_id, "reason": KEPT_ON, "at": at}
        worklist.close_about(Kind.REFUND_TO_PAY, KEPT_MONEY, [kept.pk], **about)
        _tell(actor, "keep-on", kept, {"fen": kept.amount_fen}, at=at, key=key)
        return {"kept": kept.pk}

    return once(actor, key=key, use_case="keep-on", inputs={"kept": kept_id}, at=at, effect=effect)


def give_back(
    actor: Actor, *, kept_id: int, reference: str, returned_on: date, on: date, key: str, at: datetime
) -> Json:
    """Note that kept money has gone back through its channel: the channel's number of the return, and the day.

    It lies with the channel or the bank, which only the tax office can have pay it back. Returns ``{"kept": id,
    "amount_fen": …}``. Raises Forbidden (who asked, or noted it, does not pay), NotFound, BadInput without a number or
    for a day it cannot have been, Refused where nobody has asked for it or it is settled.
    """
    actor.must(Right.PAY_REFUND)
    if not may_pay_back(actor):
        raise Forbidden(
            say(N_("渠道和银行的到款，由区税务局退回。")), todo=say(N_("请通知区税务局按原渠道退款并登记。"))
        )
    reference = clean(reference, limit=LONGEST_REFERENCE)
    if not reference:
        raise BadInput(say(N_("请填写渠道的退款流水号。")), todo=say(N_("请按渠道的退款凭证填写。")))

    def effect() -> Json:
        kept = lock(actor, kept_id, KeptState.RETURNING)
        if actor.user_id in (kept.asked_by_id, kept.noted_by_id):
            raise Forbidden(
                say(N_("登记或申请退回的人不能自己登记退回。")), todo=say(N_("请由另一位有退款权限的人员登记。"))
            )
        if not timezone.localdate(kept.paid_at) <= returned_on <= on:
            raise BadInput(say(N_("退回日期应在支付日期和今天之间。")), todo=say(N_("请按渠道的退款凭证填写。")))
        keeping.give_back(kept, reference=reference, on=returned_on, by_id=actor.user_id, at=at)
        division, year = kept.division_id, kept.year
        move = Move(
            places.refund_payable(division, year), places.channel(kept.channel, division, year), kept.amount_fen
        )
        post([move], on=returned_on, at=at, user_id=actor.user_id, source=(KEPT_MONEY, kept.pk))
        close_items(actor, kept, RETURNED, at=at)
        _tell(actor, "give-back", kept, {"fen": kept.amount_fen}, at=at, key=key)
        return {"kept": kept.pk, "amount_fen": kept.amount_fen}

    inputs = {"kept": kept_id, "reference": reference, "returned_on": returned_on, "on": on}
    return once(actor, key=key, use_case="give-back", inputs=inputs, at=at, effect=effect)


def may_pay_back(actor: Actor) -> bool:
    """Return whether somebody may note that kept money has gone back: an agent's PAY_REFUND is for cash in hand."""
    return actor.role == Role.TAX and actor.may(Right.PAY_REFUND)


def lock(actor: Actor, kept_id: int, wanted: KeptState) -> KeptMoney:
    """Return kept money in a state, held until commit, before any due. Raises NotFound, and Refused in another."""
    kept = keeping.lock(kept_id)
    if kept is None or kept.division_id not in actor.scope:
        raise NotFound(say(GONE))
    if kept.state != wanted:
        raise Refused(
            say(N_("这笔到款不在“{wanted}”状态，没有办理。"), wanted=wanted.label),
            fact=say(N_("现在的状态：{state}。"), state=KeptState(kept.state).label),
            todo=say(N_("请刷新页面查看；正在退回的，先撤回退回申请再认领。")),
        )
    return kept


def _check_people(actor: Actor, ids: Sequence[int], *, on: date) -> None:
    if not 0 < len(ids) <= MOST_PEOPLE:
        raise BadInput(say(N_("请勾选这笔钱是为谁缴的，最多{n}人。"), n=MOST_PEOPLE))
    facts = registry.of_residents(ids, on=on)
    if len(facts) != len(ids) or any(one.division_code not in actor.scope for one in facts.values()):
        raise NotFound(say(N_("没有找到所选的人员，或不在您的管理范围内。")))
    if len({one.household_id for one in facts.values()}) > 1:
        raise BadInput(say(N_("所选人员不在同一户，没有入账。")), todo=say(N_("请只勾选同一户的人员。")))


def _tell_payer(kept: KeptMoney, *, at: datetime) -> None:
    """Tell the tax officer to have it paid back."""
    officer = accounts.tax_officer_for(kept.division_id)
    if officer is not None:
        today = timezone.localdate(at)
        detail = {"channel": kept.channel, "reference": kept.reference, "fen": kept.amount_fen}
        subject = (KEPT_MONEY, kept.pk)
        found = Finding(Kind.REFUND_TO_PAY, kept.division_id, officer.pk, subject, today + RETURN_WITHIN, detail)
        worklist.open_items([found], on=today)


def close_items(actor: Actor, kept: KeptMoney, reason: str, *, at: datetime) -> None:
    """Close what the work list says of it."""
    for kind in (Kind.ORDER_UNMATCHED, Kind.REFUND_TO_PAY):
        worklist.close_about(kind, KEPT_MONEY, [kept.pk], by_id=actor.user_id, reason=reason, at=at)


def _tell(actor: Actor, action: str, kept: KeptMoney, detail: Json, *, at: datetime, key: str) -> None:
    audit.record(
        actor,
        action,
        subject=(KEPT_MONEY, kept.pk),
        division_code=kept.division_id,
        at=at,
        detail=detail,
        request_key=key,
    )
