"""The bill an institution pays for its people in one sum (缴费通知单, BN-3.2.2): drawn up, and taken back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection.institutional import queries as institutional
from yingbao.collection.kinds import OrderState
from yingbao.collection.orders import operations as orders
from yingbao.kernel.errors import BadInput, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.ledger.operations import post
from yingbao.policy import get_policy
from yingbao.policy.explaining.cover import TOO_LATE
from yingbao.registry import facts as registry
from yingbao.registry.institutions import operations as institutions
from yingbao.registry.institutions import queries
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, files_in
from yingbao.usecases.once import once
from yingbao.usecases.redeciding import decide_dues, keep

if TYPE_CHECKING:
    from yingbao.collection.models import Due, PaymentOrder
    from yingbao.registry.models import Institution

GOOD_FOR = timedelta(days=30)


def open_bill(
    actor: Actor,
    *,
    institution_id: int,
    policy_name: str,
    key: str,
    at: datetime,
    due_ids: Collection[int] | None = None,
) -> Json:
    """Draw up a bill for the named dues of an institution's people, or for all that can be paid now (None).

    What each owes is brought to what holds today. Whom the money would buy no day of cover is on no bill. Returns
    ``{"order": id, "number": …, "persons": n, "amount_fen": …, "no_cover": n left out}``. Raises Forbidden, NotFound
    for dues of others, Refused where one of the named cannot be paid now or nobody can.
    """
    actor.must(Right.ENROL_INSTITUTION)
    institution = queries.institution(actor, institution_id)
    policy, on = get_policy(policy_name), files_in.today(at)

    def effect() -> Json:
        institutions.lock(institution.pk)  # two who draw up bills at once would put somebody on both
        dues = collection.lock_dues(_chosen(institution, policy.year, due_ids, at=at))
        facts = registry.of_residents((due.enrolment.resident_id for due in dues), on=on)
        decided = decide_dues(policy, dues, facts, on=on)
        taken = [
            (due, decision)
            for due, decision in decided
            if decision.status in deciding.TAKEN
            and decision.payable_fen is not None
            and TOO_LATE not in decision.reasons
        ]
        no_cover = sum(TOO_LATE in decision.reasons for _due, decision in decided)
        if no_cover and (due_ids is not None or not taken):
            raise _without_cover(no_cover)
        if not taken:
            raise Refused(
                say(N_("现在没有可以缴纳的人员。")), todo=say(N_("请查看各人状态：今天可能不在参保缴费时段内。"))
            )
        changed = keep(policy, taken, on=on)
        order = _open(actor, institution, [due for due, _decision in taken], year=policy.year, at=at)
        post(changed, on=on, at=at, user_id=actor.user_id, source=("order", order.pk))
        _tell(actor, "open-bill", order, at=at, key=key, persons=len(taken))
        drawn = {"order": order.pk, "number": order.number, "persons": len(taken), "amount_fen": order.amount_fen}
        return drawn | {"no_cover": no_cover}

    named = None if due_ids is None else sorted(set(due_ids))
    inputs = {"institution": institution_id, "dues": named, "policy": policy_name}
    return once(actor, key=key, use_case="open-bill", inputs=inputs, at=at, effect=effect)


def _without_cover(persons: int) -> Refused:
    """A window may be open whose cover begins after it ends (PJ-7.2d, students); nobody should pay for that unasked."""
    return Refused(
        say(N_("其中{n}人今天缴费，待遇起始日已晚于待遇截止日，本年度没有可享受的日子，没有开单。"), n=persons),
        todo=say(N_("请向医保局请示；不再参保的，取消这些人员的参保登记。")),
    )


def close_bill(actor: Actor, *, order_id: int, key: str, at: datetime) -> Json:
    """Take back a bill that is not paid; its people may be put on another. Raises Forbidden, NotFound, Refused."""
    actor.must(Right.ENROL_INSTITUTION)
    find_bill(actor, order_id)

    def effect() -> Json:
        order = orders.lock_order(order_id)
        if order.state != OrderState.OPEN:
            raise Refused(say(N_("这张通知单已经缴清或作废。")))
        orders.close_order(order)
        _tell(actor, "close-bill", order, at=at, key=key)
        return {"order": order_id}

    return once(actor, key=key, use_case="close-bill", inputs={"order": order_id}, at=at, effect=effect)


def find_bill(actor: Actor, order_id: int) -> tuple[PaymentOrder, Institution]:
    """Return a bill and its institution, where the actor may see that. Raises Forbidden, NotFound."""
    order = institutional.find_bill(order_id)
    institution = queries.institutions(actor).filter(household_id=order.household_id).first() if order else None
    if order is None or institution is None:
        raise queries.not_found()
    return order, institution


def _chosen(institution: Institution, year: int, due_ids: Collection[int] | None, *, at: datetime) -> list[int]:
    found = institutional.dues(institution, year=year)
    ready = institutional.in_state(found, institutional.OWED, institution, at=at)
    payable = set(ready.values_list("pk", flat=True))
    if due_ids is None:
        if not payable:
            raise Refused(
                say(N_("没有待缴的人员。")), todo=say(N_("已在通知单上、未登记国家平台或应缴为零的，不在其内。"))
            )
        return sorted(payable)
    named = set(due_ids)
    if not named:
        raise BadInput(say(N_("没有选择任何人。")), todo=say(N_("请勾选要缴费的人员。")))
    if named - payable:
        if named - set(found.values_list("pk", flat=True)):
            raise NotFound(say(N_("所选人员中有人不在本单位名单内。")), todo=say(N_("请刷新页面后重新选择。")))
        raise Refused(
            say(N_("所选人员中有{n}人现在不能缴费。"), n=len(named - payable)),
            fact=say(N_("已缴费、已在另一张通知单上、未登记国家平台（PJ-4.3）或应缴为零的，不能开通知单。")),
            todo=say(N_("请刷新页面后重新选择。")),
        )
    return sorted(named)


def _open(actor: Actor, institution: Institution, dues: list[Due], *, year: int, at: datetime) -> PaymentOrder:
    return orders.open_order(
        [(due, due.amount_fen) for due in dues],
        household_id=institution.household_id,
        year=year,
        opened_by_id=actor.user_id,
        at=at,
        expires_at=at + GOOD_FOR,
    )


def _tell(actor: Actor, action: str, order: PaymentOrder, *, at: datetime, key: str, persons: int = 0) -> None:
    detail = {"fen": order.amount_fen} | ({"persons": persons} if persons else {})
    audit.record(
        actor,
        action,
        subject=("order", order.pk),
        division_code=order.division_id,
        at=at,
        detail=detail,
        request_key=key,
    )
