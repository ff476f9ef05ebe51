"""Take the residents a search finds away as .xlsx: masked for whoever may, whole only with a reason and a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry.finding import exports, listing
from yingbao.registry.finding.listing import Search
from yingbao.sheets import Column, sheet_of, xlsx_bytes
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.groups import bases

MOST_ROWS = 200_000
SHORTEST_PASSWORD = 8


@dataclass(frozen=True, slots=True)
class Whole:
    """What it takes to have numbers and phones unmasked: why, and the password that closes the file."""

    reason: str
    password: str


def export_residents(
    actor: Actor, *, search: Search, columns: Sequence[str], policy_name: str, at: datetime, whole: Whole | None = None
) -> bytes:
    """Return an .xlsx of everybody a search finds, in the register's layout, village by village.

    Numbers and phones are masked unless ``whole`` is given: that needs SEE_FULL_NUMBERS, and such a file with every
    needed column can be imported again. The audit trail keeps counts, columns and the reason. Raises Forbidden,
    BadInput for a column nobody knows, no reason or a short password, Refused for nobody or past 200,000.
    """
    actor.must(Right.EXPORT_RESIDENTS)
    if whole is not None:
        actor.must(Right.SEE_FULL_NUMBERS)
        _check(whole)
    layout = exports.layout_of(_known(columns))
    policy = get_policy(policy_name)
    found = listing.in_order(listing.find(actor, search)).select_related("household")
    with unit_of_work():
        rows = found.count()
        _check_size(rows)
        people = exports.rows_of(
            found.iterator(chunk_size=exports.CHUNK),
            whole=whole is not None,
            on=search.on,
            year=policy.year,
            words=exports.words_of(bases(policy)),
            scope=actor.scope,
        )
        content = xlsx_bytes(sheets=[sheet_of(layout, people)], password=whole.password if whole else None)
        _tell(actor, search, layout.columns, rows, whole, at)
    return content


def _known(columns: Sequence[str]) -> list[str]:
    known = {column.key for column in exports.COLUMNS}
    if not columns or not set(columns) <= known:
        raise BadInput(say(N_("请至少选择一列导出。")))
    return list(columns)


def _check(whole: Whole) -> None:
    if not whole.reason.strip():
        raise BadInput(say(N_("导出完整号码必须写明用途。")), todo=say(N_("用途会记入操作记录。")))
    if len(whole.password) < SHORTEST_PASSWORD:
        raise BadInput(
            say(N_("打开密码至少 {shortest} 位。"), shortest=SHORTEST_PASSWORD),
            todo=say(N_("含完整号码的文件必须加密；密码请另行告知接收人。")),
        )


def _check_size(rows: int) -> None:
    if not rows:
        raise Refused(say(N_("没有可导出的居民。")), todo=say(N_("请返回修改筛选条件。")))
    if rows > MOST_ROWS:
        raise Refused(
            say(N_("一次最多导出 {most} 人，现在查到 {rows} 人。"), most=MOST_ROWS, rows=rows),
            todo=say(N_("请按镇街分批导出。")),
        )


def _tell(
    actor: Actor, search: Search, columns: Sequence[Column], rows: int, whole: Whole | None, at: datetime
) -> None:
    # Of the search only its codes: the text may be somebody's name. The reason is the officer's own sentence.
    detail: Json = {
        "rows": rows,
        "columns": [column.key for column in columns],
        "filter": search.filter.codes(),
        "searched": bool(search.text),
        "whole_numbers": whole is not None,
    }
    if whole is not None:
        detail["reason"] = whole.reason.strip()
    subject = ("division", actor.division_code)
    audit.record(actor, "export-residents", subject=subject, division_code=actor.division_code, at=at, detail=detail)
