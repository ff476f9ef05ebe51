"""Institutions are founded, renamed and closed, and logins given to act for them, by town and bureau."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.texts import clean
from yingbao.registry.editing import records
from yingbao.registry.editing.history import Why
from yingbao.registry.institutions import operations, queries
from yingbao.registry.kinds import Action, InstitutionKind
from yingbao.storage.fields import Json
from yingbao.usecases.once import once

CODE = re.compile(r"[0-9A-Za-z-]{2,20}")
LONGEST_NAME = 80


def add_institution(
    actor: Actor, *, code: str, name: str, kind: str, division_code: int, key: str, at: datetime
) -> Json:
    """Found an institution at a place of the actor's, with its collective household.

    Returns ``{"institution": id}``. Raises Forbidden, NotFound for a place of others, BadInput, Refused where the
    code is taken.
    """
    actor.must(Right.MANAGE_INSTITUTIONS)
    actor.must_reach(division_code)
    place = divisions.get(division_code)
    if place.level not in ("town", "village"):
        raise BadInput(say(N_("单位所在地应是镇街或村（社区）。")))
    if not CODE.fullmatch(code):
        raise BadInput(say(N_("单位代码应是2至20位字母、数字。")))
    if kind not in InstitutionKind.values:
        raise BadInput(say(N_("请选择单位种类。")))
    name = _name(name)

    def effect() -> Json:
        made = operations.found(code=code, name=name, kind=kind, division_code=division_code)
        _tell(actor, "add-institution", made.pk, division_code, {"kind": kind}, at=at, key=key)
        return {"institution": made.pk}

    inputs = {"code": code, "name": name, "kind": kind, "division": division_code}
    try:
        return once(actor, key=key, use_case="add-institution", inputs=inputs, at=at, effect=effect)
    except IntegrityError as error:
        raise Refused(
            say(N_("这个单位代码已经使用。")), todo=say(N_("请换一个代码，或在列表中查找这个单位。"))
        ) from error


def change_institution(actor: Actor, *, institution_id: int, name: str, active: bool, key: str, at: datetime) -> Json:
    """Rename an institution, close it, or open it again. Raises Forbidden, NotFound, BadInput."""
    actor.must(Right.MANAGE_INSTITUTIONS)
    queries.institution(actor, institution_id)
    name = _name(name)

    def effect() -> Json:
        held = operations.lock(institution_id)
        operations.rename(held, name)
        operations.set_active(held, active=active)
        _tell(actor, "change-institution", held.pk, held.division_id, {"active": active}, at=at, key=key)
        return {"institution": institution_id}

    inputs = {"institution": institution_id, "name": name, "active": active}
    return once(actor, key=key, use_case="change-institution", inputs=inputs, at=at, effect=effect)


def give_login(actor: Actor, *, institution_id: int, username: str, key: str, at: datetime) -> Json:
    """Let a user of the role act for an institution, and for no other any more.

    Raises Forbidden, NotFound, BadInput where there is no such user for institutions whose place reaches this one.
    """
    actor.must(Right.MANAGE_INSTITUTIONS)
    institution = queries.institution(actor, institution_id)

    def effect() -> Json:
        user = accounts.institution_user(actor, username.strip())
        if user is None or user.division is None or institution.division_id not in user.division.scope:
            raise BadInput(
                say(N_("没有这个单位经办员账号，或账号所属区划不含单位所在地。")),
                todo=say(N_("请由系统管理员先开好“学校、福利机构经办员”账号。")),
            )
        operations.link(institution, user.pk)
        _tell(actor, "give-login", institution_id, institution.division_id, {"user": user.pk}, at=at, key=key)
        return {"institution": institution_id, "user": user.pk}

    inputs = {"institution": institution_id, "username": username}
    return once(actor, key=key, use_case="give-login", inputs=inputs, at=at, effect=effect)


def register_members_on_platform(actor: Actor, *, institution_id: int, year: int, key: str, at: datetime) -> Json:
    """Note that all of an institution's people of a year are registered on the national platform (PJ-4.3).

    Those of the actor's divisions: whoever is registered in another town is that town's. Returns ``{"registered":
    n, "elsewhere": n}``. Raises Forbidden, NotFound, Refused where nobody waits.
    """
    actor.must(Right.EDIT_REGISTER)
    institution = queries.institution(actor, institution_id)

    def effect() -> Json:
        waiting = queries.members(institution, year=year).filter(resident__on_platform=False)
        places = dict(waiting.values_list("resident_id", "resident__division_id"))
        ids = [pk for pk, code in places.items() if code in actor.scope]
        if not ids:
            raise Refused(say(N_("没有等待登记国家平台的人员。")))
        registered = records.register_on_platform(ids, why=Why(actor, Action.PLATFORM, at, key=key))
        detail = {"registered": len(registered)}
        _tell(actor, "register-on-platform", institution_id, institution.division_id, detail, at=at, key=key)
        return {"registered": len(registered), "elsewhere": len(places) - len(ids)}

    inputs = {"institution": institution_id, "year": year}
    return once(actor, key=key, use_case="members-on-platform", inputs=inputs, at=at, effect=effect)


def _name(name: str) -> str:
    name = clean(name, limit=LONGEST_NAME)
    if not name:
        raise BadInput(say(N_("请填写单位名称（最多80个字）。")))
    return name


def _tell(
    actor: Actor, action: str, institution_id: int, division_code: int, detail: Json, *, at: datetime, key: str
) -> None:
    audit.record(
        actor,
        action,
        subject=("institution", institution_id),
        division_code=division_code,
        at=at,
        detail=detail,
        request_key=key,
    )
