"""Take back an accepted list of people covered elsewhere or dead: what it changed is as before, and a corrected list
of the same month may come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import override

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry import deaths, elsewhere, operations, queries
from yingbao.registry.history import Why
from yingbao.registry.kinds import Action, FileKind, FileState, WithdrawReason
from yingbao.storage.fields import Json
from yingbao.usecases import files_in
from yingbao.usecases.once import once
from yingbao.usecases.watch_register import watch_within

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile

CLOSED = "名单已撤回：{reason}"  # kept in the record, whatever language the reader's page is in


def withdraw_file(
    actor: Actor, *, file_id: int, kind: FileKind, reason: str, policy_name: str, key: str, at: datetime
) -> Json:
    """Undo an accepted list: spans it opened last no day, those it ended go on, the dead are back as they were.

    ``reason`` is a WithdrawReason. Work items whose cause is gone are closed with it. Returns the counts of what was
    undone. Raises Forbidden, NotFound outside the actor's scope, BadInput without a reason, Refused where the file
    is not in the books or a later list rests on it.
    """
    actor.must(Right.IMPORT_ELSEWHERE)
    if kind not in UNDO:
        raise BadInput(say(N_("这种文件不能撤回。")))
    if reason not in WithdrawReason.values:
        raise BadInput(say(N_("请选择撤回的原因。")))
    queries.file(actor, file_id, kind)
    year = get_policy(policy_name).year

    def effect() -> Json:
        operations.take_turns()
        file = operations.lock_file(actor, file_id, kind)
        _must_be_last(file)
        why = WithdrawReason(reason)
        with override(None):
            said = str(why.label)
        undone = UNDO[kind](actor, file, said, at, key)
        operations.withdraw_file(actor, file, reason=why.value, at=at)
        scope = divisions.get(file.division_id).scope
        gone = CLOSED.format(reason=said)
        watched = watch_within(actor, scope, year=year, on=files_in.today(at), at=at, gone=gone)
        answer = {"file_id": file_id, **undone, **watched}
        audit.record(
            actor,
            "withdraw-file",
            subject=("file", file.pk),
            division_code=file.division_id,
            at=at,
            detail={"kind": kind.value, "reason": reason, **undone, **watched},
            request_key=key,
        )
        return answer

    inputs = {"file": file_id, "reason": reason}
    return once(actor, key=key, use_case=f"withdraw-{kind.value}", inputs=inputs, at=at, effect=effect)


def _must_be_last(file: ImportedFile) -> None:
    if file.state != FileState.ACCEPTED:
        raise Refused(say(N_("只有已导入的名单可以撤回。")))
    later = queries.accepted_after(file)
    if later is not None:
        raise Refused(
            say(N_("之后还导入过同类名单（文件 {later}），它以这份名单为基础。"), later=later.pk),
            todo=say(N_("请先撤回较晚的名单，再撤回这一份；或者导入一份更正后的名单。")),
        )


def _undo_elsewhere(actor: Actor, file: ImportedFile, reason: str, at: datetime, key: str) -> dict[str, int]:
    return elsewhere.undo_list(file)


def _undo_deaths(actor: Actor, file: ImportedFile, reason: str, at: datetime, key: str) -> dict[str, int]:
    return deaths.undo_deaths(file, why=Why(actor, Action.RESTORED, at, reason=reason, file=file, key=key))


UNDO: dict[str, Callable[..., dict[str, int]]] = {
    FileKind.ELSEWHERE: _undo_elsewhere,
    FileKind.DEATHS: _undo_deaths,
}
