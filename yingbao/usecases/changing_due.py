"""The step three journeys share: one person's due, found, held until commit and told apart by its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection.kinds import DueState
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry.institutions import queries as institutions
from yingbao.storage.fields import Json

if TYPE_CHECKING:
    from datetime import datetime

    from yingbao.collection.models import Due


def lock_due(actor: Actor, due_id: int, *, year: int) -> Due:
    """Return a standing due of the year in the actor's divisions, held until commit. Raises NotFound.

    A resident's: of the own household, and enrolled online; raises Refused for what an office or institution did.
    """
    due = next(iter(collection.lock_dues([due_id])), None)
    if due is None or due.enrolment.state != "standing" or due.enrolment.year != year:
        raise NotFound(say(N_("没有找到这笔应缴，或已经取消。")), todo=say(N_("请刷新本户页面后重试。")))
    if actor.may(Right.PAY_ONLINE):
        _must_be_own(actor, due)
    else:
        actor.must_reach(due.division_id)
    return due


def _must_be_own(actor: Actor, due: Due) -> None:
    person = registry.resident(actor, due.enrolment.resident_id)  # raises NotFound for who is not of the own household
    if not enrolment.made_online([due.enrolment_id]) or institutions.of_household(person.household_id):
        raise Refused(
            say(N_("这项登记不是在网上办的，或由单位统一缴费，不能在网上更改。")),
            todo=say(N_("请到登记的村（社区）、镇街社保所或单位办理。")),
        )


def must_enrol(actor: Actor) -> None:
    """Raise Forbidden unless the actor enrols people: staff in their divisions, residents their own household."""
    if not actor.may(Right.PAY_ONLINE):
        actor.must(Right.ENROL)


def must_be_open(due: Due) -> None:
    """Raise Refused where money was taken, or the due declared: from then on only a refund undoes it."""
    if due.state != DueState.OPEN:
        raise Refused(
            say(N_("这个人本年度已经缴费或申报，不能直接更改。")),
            fact=say(N_("应缴状态：{state}。"), state=DueState(due.state).label),
            todo=say(N_("请先申请退费；批准后可重新参保登记。")),
        )


def tell(actor: Actor, action: str, due: Due, *, at: datetime, key: str, detail: Json) -> None:
    """Tell the audit trail what was done with a person's due."""
    audit.record(
        actor,
        action,
        subject=("resident", due.enrolment.resident_id),
        division_code=due.division_id,
        at=at,
        detail=detail,
        request_key=key,
    )
