"""Keep a filter of the residents' page under a name, rename it, forget it. What was searched for is never kept."""

from __future__ import annotations

from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.registry.finding import saved
from yingbao.registry.finding.listing import Filter
from yingbao.storage.fields import Json
from yingbao.usecases.once import once

LONGEST_NAME, MOST_FILTERS = 40, 50


def save_filter(actor: Actor, *, name: str, wanted: Filter, key: str, at: datetime) -> Json:
    """Keep a filter under a name of the actor's own; the one of that name is replaced.

    Returns ``{"filter": id}``. Raises BadInput without a name or with an empty filter, Refused past 50 filters.
    """
    actor.must(Right.SEE_RESIDENTS)
    name = _read_name(name)
    if not wanted.codes():
        raise BadInput(say(N_("没有筛选条件，不必保存。")), todo=say(N_("请先选择筛选条件；查找的文字不会保存。")))

    def effect() -> Json:
        held = {one.name for one in saved.filters_of(actor)}
        if len(held) >= MOST_FILTERS and name not in held:
            raise Refused(
                say(N_("最多保存 {most} 个筛选方案。"), most=MOST_FILTERS), todo=say(N_("请先删除不用的方案。"))
            )
        kept = saved.keep(actor, name=name, codes=wanted.codes())
        _tell(actor, "save-filter", kept, at, key)
        return {"filter": kept}

    inputs = {"name": name, "filter": wanted.codes()}
    return once(actor, key=key, use_case="save-filter", inputs=inputs, at=at, effect=effect)


def rename_filter(actor: Actor, *, filter_id: int, name: str, key: str, at: datetime) -> Json:
    """Give one of the actor's filters another name. Raises BadInput, NotFound, Refused where the name is taken."""
    actor.must(Right.SEE_RESIDENTS)
    name = _read_name(name)

    def effect() -> Json:
        if not saved.rename(actor, filter_id, name=name):
            raise Refused(say(N_("您已有同名的筛选方案。")), todo=say(N_("请换一个名称。")))
        _tell(actor, "rename-filter", filter_id, at, key)
        return {"filter": filter_id}

    inputs = {"filter": filter_id, "name": name}
    return once(actor, key=key, use_case="rename-filter", inputs=inputs, at=at, effect=effect)


def delete_filter(actor: Actor, *, filter_id: int, key: str, at: datetime) -> Json:
    """Forget one of the actor's filters. Raises NotFound."""
    actor.must(Right.SEE_RESIDENTS)

    def effect() -> Json:
        saved.forget(actor, filter_id)
        _tell(actor, "delete-filter", filter_id, at, key)
        return {"filter": filter_id}

    return once(actor, key=key, use_case="delete-filter", inputs={"filter": filter_id}, at=at, effect=effect)


def _read_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(say(N_("请给筛选方案起一个名称（最多 {most} 字）。"), most=LONGEST_NAME))
    if sum(character.isdigit() for character in name) > 5:
        # A name is kept as it is typed: no certificate number, phone or household number may slip in.
        raise BadInput(say(N_("名称里不要写证件号码、电话等个人信息。")))
    return name


def _tell(actor: Actor, action: str, filter_id: int, at: datetime, key: str) -> None:
    subject = ("filter", filter_id)
    audit.record(actor, action, subject=subject, division_code=actor.division_code, at=at, request_key=key)
