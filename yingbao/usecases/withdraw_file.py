"""Take back an accepted list of people covered elsewhere or dead: what it changed is as before, and a corrected list
of the same month may come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import override

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry import queries
from yingbao.registry.editing.history import Why
from yingbao.registry.elsewhere import deaths, spans
from yingbao.registry.kinds import Action, FileKind, WithdrawReason
from yingbao.storage.fields import Json
from yingbao.usecases import files_in
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
    with override(None):  # the words kept in the record, whatever language the page is in
        said = str(WithdrawReason(reason).label)
    year = get_policy(policy_name).year

    def effect(file: ImportedFile) -> Json:
        _must_be_last(file)
        undone = UNDO[kind](actor, file, said, at, key)
        scope, on = divisions.get(file.division_id).scope, files_in.today(at)
        gone = CLOSED.format(reason=said)
        return undone | watch_within(actor, scope, year=year, on=on, at=at, gone=gone)

    told = {"policy": policy_name}
    return files_in.withdraw(actor, file_id=file_id, kind=kind, reason=reason, told=told, key=key, at=at, effect=effect)


def _must_be_last(file: ImportedFile) -> None:
    later = queries.accepted_after(file)
    if later is not None:
        raise Refused(
            say(N_("之后还导入过同类名单（文件 {later}），它以这份名单为基础。"), later=later.pk),
            todo=say(N_("请先撤回较晚的名单，再撤回这一份；或者导入一份更正后的名单。")),
        )


def _undo_elsewhere(actor: Actor, file: ImportedFile, reason: str, at: datetime, key: str) -> dict[str, int]:
    return spans.undo_list(file)


def _undo_deaths(actor: Actor, file: ImportedFile, reason: str, at: datetime, key: str) -> dict[str, int]:
    return deaths.undo_deaths(file, why=Why(actor, Action.RESTORED, at, reason=reason, file=file, key=key))


UNDO: dict[str, Callable[..., dict[str, int]]] = {
    FileKind.ELSEWHERE: _undo_elsewhere,
    FileKind.DEATHS: _undo_deaths,
}
