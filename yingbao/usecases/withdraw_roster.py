"""An accepted roster that was wrong is taken back as long as nothing rests on it (BN-4.2.1, PJ-5.2.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry import queries
from yingbao.registry.editing.history import Why
from yingbao.registry.kinds import Action, FileKind
from yingbao.registry.rosters import identities
from yingbao.storage.fields import Json
from yingbao.usecases import files_in
from yingbao.usecases.deciding import join

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile

LEAVE = N_("请先撤回在它之后导入的名单；已缴清享受资助的，资助已锁定，请改用增减名单从以后月份减少。")


def withdraw_roster(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Put back what an accepted roster opened, closed and told of disabilities; the file stays, marked as withdrawn.

    Returns ``{"file_id", "opened": n, "closed": n}``, the identities taken back. Raises Forbidden, NotFound outside
    the actor's scope, Refused where the actor brought the file, it is not in the books, or something rests on it:
    a later roster closed or opened again what it marked, or somebody has paid with a subsidy by its word.
    """
    actor.must(Right.ACCEPT_ROSTER)
    if queries.file(actor, file_id, FileKind.ROSTER).uploaded_by_id == actor.user_id:
        raise Refused(say(N_("报送花名册的人不能自己撤回它。")), todo=say(N_("请由区医保局另一位经办人员撤回。")))

    def effect(file: ImportedFile) -> Json:
        in_the_way = list(_in_the_way(file))
        if in_the_way:
            raise Refused(join([say(N_("这份花名册不能撤回：")), *in_the_way]), todo=say(LEAVE))
        why = Why(actor=actor, action=Action.RESTORED, at=at, file=file, key=key)
        opened, closed = identities.take_back(file, why=why)
        return {"opened": opened, "closed": closed}

    return files_in.withdraw(actor, file_id=file_id, kind=FileKind.ROSTER, key=key, at=at, effect=effect)


def _in_the_way(file: ImportedFile) -> Iterator[Message]:
    closed_since, opened_since = identities.built_upon(file)
    if closed_since:
        yield say(N_("它新增的身份中有 {count} 个已被后来的名单取消；"), count=closed_since)
    if opened_since:
        yield say(N_("它取消的身份中有 {count} 个已被后来的名单重新新增；"), count=opened_since)
    paid = _count_locked(file)
    if paid:
        yield say(N_("有 {count} 人已凭它新增的身份享受资助并缴清。"), count=paid)


def _count_locked(file: ImportedFile) -> int:
    """Return how many people's locked subsidies rest on an identity the file opened."""
    spans = defaultdict(list)
    for one in identities.opened_by(file):
        spans[one.resident_id, one.code].append((one.begin_on, one.end_on))
    locked = enrolment.locked_of(resident_id for resident_id, _code in spans)
    return len(
        {
            resident_id
            for resident_id, code, on in locked
            if any(begin <= on and (end is None or on < end) for begin, end in spans.get((resident_id, code), ()))
        }
    )
