"""The form a department fills in: the annex's own (BN-A) or the monthly full list, closed with a password (BN-4.2.1b).

Filled with the department's own people of a month it is a proposal: sent back unchanged it changes nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import SIZES
from yingbao.divisions.kinds import Level
from yingbao.kernel.errors import BadInput, Forbidden
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy, get_policy
from yingbao.registry.places import Places
from yingbao.registry.rosters import held
from yingbao.registry.rosters.held import Holder
from yingbao.sheets import Layout, sheet_of, xlsx_bytes
from yingbao.sheets.layouts import MONTHLY_FULL, ROSTER
from yingbao.storage.transactions import unit_of_work

SHORTEST_PASSWORD = 8
ADDED = "新增"  # a word of the annex, whatever language the reader's page is in
Cells = dict[str, str | int | date | None]


class Form(StrEnum):
    """Which of the two forms."""

    CHANGES = "changes"
    FULL = "full"


LAYOUTS: dict[str, Layout] = {Form.CHANGES: ROSTER, Form.FULL: MONTHLY_FULL}


def write_template(
    actor: Actor,
    *,
    form: str,
    password: str,
    password_again: str,
    policy_name: str,
    at: datetime,
    month: date | None = None,
) -> bytes:
    """Return the form as a closed .xlsx, empty or with those who hold the department's identities in a month.

    ``month`` is its first day. Filled, it holds whole certificate numbers of the department's own people and nobody
    else's, no phone and no address, and the audit trail says so. Raises Forbidden, BadInput for a password shorter
    than eight characters or not typed twice alike.
    """
    actor.must(Right.UPLOAD_ROSTER)
    _check(form, password, password_again)
    policy = get_policy(policy_name)
    holders = _holders(actor, month)
    with unit_of_work():
        detail = {"form": form, "month": month.isoformat() if month else None, "rows": len(holders)}
        audit.record(
            actor,
            "take-roster-template",
            subject=("division", actor.division_code),
            division_code=actor.division_code,
            at=at,
            detail=detail,
        )
    department = policy.vocabulary.departments.get(actor.department)
    above = [ROSTER.heading + (department.zh if department else "")] if form == Form.CHANGES else []
    rows = _rows(holders, actor, policy, form)
    return xlsx_bytes(sheets=[sheet_of(LAYOUTS[form], rows, above=above)], password=password)


def _check(form: str, password: str, password_again: str) -> None:
    if form not in LAYOUTS:
        raise BadInput(say(N_("请选择要下载哪一种表。")))
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(
            say(N_("密码至少 {shortest} 个字符。"), shortest=SHORTEST_PASSWORD),
            todo=say(N_("请设一个较长的密码，并另行告知收件人，不要写在同一封邮件里。")),
        )
    if password != password_again:
        raise BadInput(say(N_("两次填写的密码不一样。")), todo=say(N_("请重新填写。")))


def _holders(actor: Actor, month: date | None) -> list[Holder]:
    if month is None:
        return []
    if actor.division_code is None or not actor.department:
        raise Forbidden(say(N_("您没有所属的部门，不能下载已填的花名册。")))
    return held.holders_of(actor.department, actor.scope, on=month)


def _rows(holders: list[Holder], actor: Actor, policy: Policy, form: str) -> list[Cells]:
    villages, towns = Places(actor.scope).names, Places(actor.scope, Level.TOWN).names
    return [
        _cells(number, one, policy, form, villages.get(one.village, ""), towns.get(_town_of(one.village), ""))
        for number, one in enumerate(holders, 1)
    ]


def _town_of(village: int) -> int:
    return village - village % SIZES["town"]


def _cells(number: int, one: Holder, policy: Policy, form: str, village: str, town: str) -> Cells:
    cells: Cells = {"name": one.name, "cert_number": one.number, "town": town, "village": village}
    cells["identity"] = policy.identity(one.code).zh
    if form == Form.FULL:
        return cells | {"number": str(number), "subsidised_from": one.begin_on}
    return cells | {"change": ADDED}
