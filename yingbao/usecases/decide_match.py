"""Somebody says whom a row of a list means, or that it means nobody of ours; the answer is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.kernel.errors import BadInput, Conflict, Refused
from yingbao.kernel.messages import N_, say
from yingbao.registry import facts
from yingbao.registry.kinds import ResidentState
from yingbao.registry.recognising import questions
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind

if TYPE_CHECKING:
    from yingbao.registry.models import MatchQuestion

ALL_DECIDED = "名单人员已全部认定"  # kept in the record, whatever language the reader's page is in


def decide_match(
    actor: Actor, *, question_id: int, resident_id: int | None, reason: str, key: str, at: datetime
) -> Json:
    """Answer an open question, and every open one of the same number and name; None means nobody of ours.

    A file that waits is judged with the answer when it is accepted. Whoever looks after a part of the district knows
    nobody beyond it: their "nobody" answers the files of that part and is not remembered for others.
    Returns ``{"question": id, "answered": n, "resident": id or None}``. Raises BadInput without a reason, NotFound
    outside the actor's scope, Conflict where somebody has answered meanwhile, Refused for a merged record.
    """

    def effect(question: MatchQuestion, alike: list[MatchQuestion]) -> list[MatchQuestion]:
        if question.answered_at is not None:
            raise Conflict(
                say(N_("这一行刚刚已由别人认定，您的选择没有保存。")),
                todo=say(N_("请到“已认定”中查看；如认定有误，可在那里更正。")),
            )
        return [one for one in alike if one.answered_at is None]

    return _decide(actor, "decide-match", effect, question_id, resident_id, reason, key, at)


def revise_match(
    actor: Actor, *, question_id: int, resident_id: int | None, reason: str, key: str, at: datetime
) -> Json:
    """Change what was decided of a number and name, for all files that come. What files have done stays done.

    Returns and raises as ``decide_match``; Refused where the question is still open.
    """

    def effect(question: MatchQuestion, alike: list[MatchQuestion]) -> list[MatchQuestion]:
        if question.answered_at is None:
            raise Refused(say(N_("这一行还没有认定过，不能更正。")), todo=say(N_("请在“待认定”中认定。")))
        return alike

    return _decide(actor, "revise-match", effect, question_id, resident_id, reason, key, at)


def _decide(
    actor: Actor,
    use_case: str,
    choose: Callable[[MatchQuestion, list[MatchQuestion]], list[MatchQuestion]],
    question_id: int,
    resident_id: int | None,
    reason: str,
    key: str,
    at: datetime,
) -> Json:
    actor.must(Right.DECIDE_MATCH)
    reason = _needed(reason)

    def effect() -> Json:
        question, alike = questions.lock_alike(actor, question_id)
        chosen = _reach(actor, choose(question, alike), resident_id)
        _must_be_ours(actor, resident_id, at)
        before = question.resident_id
        questions.answer(actor, chosen, resident_id, at=at)
        if resident_id is not None or _sees_all(actor):
            questions.remember(actor, bytes(question.key), resident_id, reason=reason, at=at)
        elif before is not None:
            questions.forget(bytes(question.key))
        _close_items(actor, chosen, at)
        detail = {"resident": resident_id, "before": before, "rows": len(chosen), "file": question.file_id}
        subject = ("match-question", question_id)
        division = question.file.division_id
        audit.record(actor, use_case, subject=subject, division_code=division, at=at, detail=detail, request_key=key)
        return {"question": question_id, "answered": len(chosen), "resident": resident_id}

    inputs = {"question": question_id, "resident": resident_id, "reason": reason}
    return once(actor, key=key, use_case=use_case, inputs=inputs, at=at, effect=effect)


def _needed(reason: str) -> str:
    if not reason.strip():
        raise BadInput(say(N_("认定必须写明依据。")), todo=say(N_("请填写依据（如：已电话核实）后再提交。")))
    return reason.strip()[:200]


def _sees_all(actor: Actor) -> bool:
    return actor.role == Role.BUREAU


def _reach(actor: Actor, chosen: list[MatchQuestion], resident_id: int | None) -> list[MatchQuestion]:
    """Return the questions an answer is for: somebody's "nobody" is nobody of their own divisions only."""
    if resident_id is not None or _sees_all(actor):
        return chosen
    return [one for one in chosen if one.file.division_id in actor.scope]


def _must_be_ours(actor: Actor, resident_id: int | None, at: datetime) -> None:
    if resident_id is None:
        return
    found = facts.of_residents([resident_id], on=timezone.localdate(at)).get(resident_id)
    actor.must_reach(found.division_code if found else 0)
    if found and found.state == ResidentState.MERGED:
        raise Refused(say(N_("这条记录已并入另一条记录。")), todo=say(N_("请选择保留下来的那条记录。")))


def _close_items(actor: Actor, chosen: list[MatchQuestion], at: datetime) -> None:
    done = questions.files_done({one.file_id for one in chosen})
    worklist.close_about(Kind.MATCH_TO_DECIDE, "file", done, by_id=actor.user_id, reason=ALL_DECIDED, at=at)
